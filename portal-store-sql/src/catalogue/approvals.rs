use portal_core::approval::{ApprovalFilter, ApprovalKind, ApprovalState};
use portal_core::{ApprovalId, PageRequest, StoreError};

use super::{CLIENT, Catalogue, ID, MATTER, NOW, PRACTICE, STAFF, TIME_KEY};
use crate::approval::{self, Search};
use crate::driver::Dialect;
use crate::table::Selects;

pub(super) fn approvals(it: &mut Catalogue, dialect: Dialect) -> Result<(), StoreError> {
    it.hot("approval", approval::ApprovalRow::by_id(PRACTICE, ApprovalId(ID)));
    it.hot(
        "evidence of an approval",
        approval::evidence(PRACTICE, ApprovalId(ID)),
    );
    for (name, filter) in filters() {
        let ways = [("", Search::Reading), (", by parts", Search::ByParts(dialect))];
        for (way, search) in ways.into_iter().take(if filter.q.is_some() { 2 } else { 1 }) {
            let count = approval::approval_count(PRACTICE, &filter, search);
            let list = |page: &PageRequest| approval::approvals(PRACTICE, &filter, page, search);
            it.list(&format!("approvals {name}{way}"), TIME_KEY, list, Some(count))?;
        }
        let oldest = |page: &PageRequest| approval::search::oldest_of_newest(PRACTICE, &filter, page);
        it.list(
            &format!("oldest of the newest approvals {name}"),
            TIME_KEY,
            oldest,
            None,
        )?;
    }
    Ok(())
}

fn filters() -> [(&'static str, ApprovalFilter); 11] {
    let none = ApprovalFilter::default;
    [
        ("all", none()),
        (
            "on a matter",
            ApprovalFilter {
                matter: Some(MATTER),
                ..none()
            },
        ),
        (
            "open on a matter",
            ApprovalFilter {
                matter: Some(MATTER),
                state: Some(ApprovalState::Open),
                ..none()
            },
        ),
        (
            "in a state",
            ApprovalFilter {
                state: Some(ApprovalState::Open),
                ..none()
            },
        ),
        (
            "of a person",
            ApprovalFilter {
                client: Some(CLIENT),
                ..none()
            },
        ),
        (
            "shown to a person on a matter",
            ApprovalFilter {
                matter: Some(MATTER),
                shown_to: Some(CLIENT),
                ..none()
            },
        ),
        (
            "of a kind",
            ApprovalFilter {
                kind: Some(ApprovalKind::Invoice),
                ..none()
            },
        ),
        (
            "with words",
            ApprovalFilter {
                q: Some("partner visa".into()),
                ..none()
            },
        ),
        (
            "in a span of time",
            ApprovalFilter {
                since: Some(NOW),
                before: Some(NOW),
                ..none()
            },
        ),
        (
            "visible to",
            ApprovalFilter {
                visible_to: Some(STAFF),
                ..none()
            },
        ),
        (
            "by everything",
            ApprovalFilter {
                matter: Some(MATTER),
                client: Some(CLIENT),
                shown_to: Some(CLIENT),
                state: Some(ApprovalState::Approved),
                kind: Some(ApprovalKind::Draft),
                q: Some("partner visa".into()),
                since: Some(NOW),
                before: Some(NOW),
                visible_to: Some(STAFF),
            },
        ),
    ]
}
