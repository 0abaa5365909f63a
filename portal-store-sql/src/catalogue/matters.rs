use portal_core::StoreError;
use portal_core::matter::{MatterFilter, MatterSort, MatterState};

use super::{CLIENT, Catalogue, ID, MATTER, PRACTICE, STAFF, TIME_KEY};
use crate::matter;
use crate::table::Selects;

pub(super) fn matters(it: &mut Catalogue) -> Result<(), StoreError> {
    it.hot("matter", matter::MatterRow::by_id(PRACTICE, MATTER));
    it.hot(
        "matter by reference",
        matter::matter_by_reference(PRACTICE, "M-1"),
    );
    it.hot("matters by id", matter::matters_by_id(PRACTICE, &[ID; 3]));
    it.hot("ancestors", matter::ancestors(PRACTICE, MATTER));
    it.hot("practice areas", matter::words("practice_area", PRACTICE));
    it.hot("stages", matter::words("stage", PRACTICE));
    it.hot("participants", matter::participants(PRACTICE, MATTER));
    it.hot(
        "participants of matters",
        matter::participants_on(PRACTICE, &[ID; 3]),
    );
    it.hot("participations", matter::participations(PRACTICE, CLIENT));
    it.hot("team", matter::team(PRACTICE, MATTER));
    it.hot("is on team", matter::is_on_team(PRACTICE, MATTER, STAFF));
    it.hot("beside matters", matter::beside(PRACTICE, &[ID; 50]));
    let sorts = [
        (MatterSort::Updated, TIME_KEY),
        (MatterSort::Reference, "m-1"),
        (MatterSort::Title, "visa"),
    ];
    for (name, filter) in &matter_filters() {
        for (sort, key) in sorts {
            let count = (sort == MatterSort::Updated).then(|| matter::matters_count(PRACTICE, filter));
            let name = format!("matters {name}, {sort:?}");
            it.list(
                &name,
                key,
                |page| matter::matters(PRACTICE, filter, sort, page),
                count,
            )?;
        }
    }
    Ok(())
}

fn matter_filters() -> [(&'static str, MatterFilter); 11] {
    let none = MatterFilter::default();
    [
        ("all", none.clone()),
        (
            "by words",
            MatterFilter {
                q: Some("visa ann".into()),
                ..none.clone()
            },
        ),
        (
            "by state",
            MatterFilter {
                state: Some(MatterState::Open),
                ..none.clone()
            },
        ),
        (
            "by owner",
            MatterFilter {
                owner: Some(STAFF),
                ..none.clone()
            },
        ),
        (
            "visible to",
            MatterFilter {
                visible_to: Some(STAFF),
                ..none.clone()
            },
        ),
        (
            "by area",
            MatterFilter {
                practice_area: Some("Visas".into()),
                ..none.clone()
            },
        ),
        (
            "by stage",
            MatterFilter {
                stage: Some("Open".into()),
                ..none.clone()
            },
        ),
        (
            "by client",
            MatterFilter {
                client: Some(CLIENT),
                ..none.clone()
            },
        ),
        (
            "by parent",
            MatterFilter {
                parent: Some(MATTER),
                ..none.clone()
            },
        ),
        (
            "to review",
            MatterFilter {
                to_review: true,
                ..none
            },
        ),
        (
            "by everything",
            MatterFilter {
                q: Some("visa ann".into()),
                state: Some(MatterState::Closed),
                owner: Some(STAFF),
                visible_to: Some(STAFF),
                practice_area: Some("Visas".into()),
                stage: Some("Open".into()),
                client: Some(CLIENT),
                parent: Some(MATTER),
                to_review: true,
            },
        ),
    ]
}
