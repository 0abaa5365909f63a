//! People join a matter while its stage changes, again and again: everybody is asked, once.

use std::collections::BTreeMap;
use std::sync::Arc;

use portal_core::checklist::{RequestFilter, RequestState};
use portal_core::client::ClientDraft;
use portal_core::matter::{MatterDraft, Part};
use portal_core::workflow::{Criterion, DimensionDraft, Requirement, STAGE, TaxonomyDraft, WorkflowDraft};
use portal_core::{ClientId, MatterId, PageRequest, Store};

use crate::portal::Desk;

const ROUNDS: usize = 8;
const PEOPLE: usize = 6;

pub(crate) async fn people_and_stages_that_change_at_once_lose_nothing(store: Arc<dyn Store>) {
    let desk = Desk::on(store).await;
    let owner = desk.owner().await;
    let stages = DimensionDraft::new(STAGE).value("Intake").value("Filing");
    let taxonomy = TaxonomyDraft {
        dimensions: vec![stages],
    };
    desk.portal.save_taxonomy(&owner, None, &taxonomy).await.unwrap();
    let workflow = WorkflowDraft {
        name: "Filing".into(),
        criteria: vec![Criterion::one_of(STAGE, ["Filing"])],
        requirements: vec![Requirement::new("Passport"), Requirement::new("Lease")],
        ..WorkflowDraft::default()
    };
    desk.portal.add_workflow(&owner, &workflow).await.unwrap();
    for round in 0..ROUNDS {
        let draft = MatterDraft {
            reference: format!("R-{round}"),
            title: "Visa".into(),
            practice_area: String::new(),
            stage: "Intake".into(),
            attributes: BTreeMap::new(),
            owner_id: desk.owner,
            parent_id: None,
        };
        let matter = desk.portal.open_matter(&owner, &draft).await.unwrap();
        let mut at_once = tokio::task::JoinSet::new();
        for number in 0..PEOPLE {
            let person = ClientDraft {
                given_names: format!("Person {number}"),
                ..ClientDraft::default()
            };
            let client = desk.portal.add_client(&owner, &person).await.unwrap();
            let (portal, ctx, id) = (desk.portal.clone(), owner.clone(), matter.id);
            at_once.spawn(async move {
                let part = Part::Principal;
                portal.put_participant(&ctx, id, client.id, part).await.unwrap();
            });
            let stage = match (round + number) % 4 {
                0 => "filing",
                1 => "Intake",
                2 => "FILING",
                _ => "Filing ",
            };
            let draft = MatterDraft {
                stage: stage.into(),
                ..draft.clone()
            };
            let (portal, ctx, id) = (desk.portal.clone(), owner.clone(), matter.id);
            at_once.spawn(async move {
                portal.update_matter(&ctx, id, None, &draft).await.unwrap();
            });
        }
        while let Some(done) = at_once.join_next().await {
            done.unwrap();
        }
        // Wherever it ended, the checklists are those of that stage.
        everything_fits(&desk, matter.id, &format!("round {round}")).await;
    }
}

async fn everything_fits(desk: &Desk, matter: MatterId, round: &str) {
    let (store, practice) = (desk.portal.store(), desk.practice.id);
    let matter = store.matter(practice, matter).await.unwrap().unwrap();
    let is_filing = matter
        .normalised
        .get(STAGE)
        .is_some_and(|stage| stage == "Filing");
    let filter = RequestFilter {
        matter: Some(matter.id),
        ..RequestFilter::default()
    };
    let requests = store
        .requests(practice, &filter, &PageRequest::first(200))
        .await
        .unwrap();
    let mut asked: BTreeMap<(ClientId, String), RequestState> = BTreeMap::new();
    for request in requests.items {
        let place = (request.client_id, request.title);
        assert_eq!(asked.insert(place, request.state), None, "{round}: asked twice");
    }
    let waiting = asked
        .values()
        .filter(|state| **state == RequestState::Outstanding)
        .count();
    let expected = if is_filing { 2 * PEOPLE } else { 0 };
    assert_eq!(
        waiting, expected,
        "{round}: everybody who is on it is asked: {asked:?}"
    );
    // Its history is whole: numbered, and only the last entry is not over.
    let entries = store
        .stage_entries(practice, matter.id, &PageRequest::first(200))
        .await
        .unwrap()
        .items;
    for (place, entry) in entries.iter().rev().enumerate() {
        assert_eq!(usize::try_from(entry.number).unwrap(), place + 1, "{round}");
        assert_eq!(entry.left_at.is_none(), place + 1 == entries.len(), "{round}");
    }
    assert_eq!(
        entries.first().and_then(|entry| entry.canonical.as_ref()),
        matter.normalised.get(STAGE)
    );
}
