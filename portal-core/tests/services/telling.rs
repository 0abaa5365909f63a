//! Who is told of what comes to match: what the person chose who accepted a text or switched a workflow on, whoever reads the
//! matter first.

use std::collections::BTreeSet;

use portal_core::PageRequest;
use portal_core::Version;
use portal_core::checklist::{Request, RequestFilter};
use portal_core::matter::{MatterDraft, Part};
use portal_core::notify::{DeliveryFilter, Letter, Outbox};
use portal_core::rulebook::{KeptWorkflow, Rulebooks};
use portal_core::text::Address;
use portal_core::workflow::{
    Automation, Channel, Criterion, DimensionDraft, PRACTICE_AREA, Requirement, STAGE, TaxonomyDraft,
    WorkflowDraft,
};

use crate::world::{World, client_draft, matter_draft};

const AREA: (&str, &str, &str) = (PRACTICE_AREA, "T-Visa", "Tea visa");
const PLACE: (&str, &str, &str) = (STAGE, "Filing", "Phileing");

fn taxonomy() -> TaxonomyDraft {
    TaxonomyDraft {
        dimensions: vec![
            DimensionDraft::new(PRACTICE_AREA)
                .value("T-Visa")
                .value("Family law"),
            DimensionDraft::new(STAGE).value("Filing").value("Decision"),
            DimensionDraft::new("Office").value("Sydney").value("Perth"),
        ],
    }
}

/// A workflow that asks the principal for one thing and mails them.
fn draft(name: &str, criteria: Vec<Criterion>) -> WorkflowDraft {
    let mut mail = Automation::new(Channel::Email).saying("en", name);
    mail.subject.insert("en".into(), name.into());
    WorkflowDraft {
        name: name.into(),
        criteria,
        requirements: vec![Requirement::new(format!("What {name} needs"))],
        automations: vec![mail],
        ..WorkflowDraft::default()
    }
}

struct Office {
    world: World,
    workflow: KeptWorkflow,
}

impl Office {
    /// The matter says "Tea visa" and "Phileing", which the taxonomy does not know; with both known, the workflow matches.
    async fn new() -> Self {
        let world = World::new().await;
        let (portal, owner) = (&world.portal, &world.owner);
        portal.save_taxonomy(owner, None, &taxonomy()).await.unwrap();
        let both = vec![
            Criterion::one_of(PRACTICE_AREA, ["T-Visa"]),
            Criterion::one_of(STAGE, ["Filing"]),
        ];
        let workflow = portal.add_workflow(owner, &draft("Both", both)).await.unwrap();
        portal
            .enable_access(owner, world.matter.id, world.amina.id, false)
            .await
            .unwrap();
        let office = Self { world, workflow };
        office.write("Sydney").await;
        office.world.portal.drain().await.unwrap();
        assert_eq!(office.mails().await, Vec::<String>::new());
        office
    }

    /// What the system of record says, with this office.
    async fn write(&self, office: &str) {
        let draft = MatterDraft {
            practice_area: AREA.2.into(),
            stage: PLACE.2.into(),
            attributes: [("Office".to_owned(), office.to_owned())].into(),
            ..matter_draft("HM-1", self.world.owner_id)
        };
        let matter = self.world.matter.id;
        self.world
            .portal
            .update_matter(&self.world.owner, matter, None, &draft)
            .await
            .unwrap();
    }

    async fn accept(&self, names: (&str, &str, &str), send: bool) {
        self.world
            .portal
            .accept_value(&self.world.owner, names, send)
            .await
            .unwrap();
    }

    /// To whom an automation's mail or one about requests was written, and which, after all that is due was done.
    async fn mails(&self) -> Vec<String> {
        self.world.portal.drain().await.unwrap();
        let page = PageRequest::first(200);
        let all = self
            .world
            .portal
            .deliveries(&self.world.owner, &DeliveryFilter::default(), &page)
            .await
            .unwrap();
        let mut mails: Vec<String> = all
            .items
            .into_iter()
            .filter_map(|own| match &own.letter {
                Letter::Automated { text, .. } => Some(format!("{text} to {}", own.to.as_str())),
                Letter::RequestsAdded { requests, .. } => {
                    Some(format!("{} asked of {}", requests.len(), own.to.as_str()))
                }
                _ => None,
            })
            .collect();
        mails.sort();
        mails
    }

    /// Whether the workflow asked, and that nothing is left of the choices once all is read.
    async fn is_done(&self) {
        let world = &self.world;
        let filter = RequestFilter {
            matter: Some(world.matter.id),
            ..RequestFilter::default()
        };
        let asked = world
            .portal
            .requests(&world.owner, &filter, &PageRequest::first(200))
            .await
            .unwrap();
        let of_amina = |own: &&Request| own.client_id == world.amina.id && own.requirement().is_some();
        assert_eq!(
            asked.items.iter().filter(of_amina).count(),
            1,
            "it is asked, told or not"
        );
        let book = world.store.rulebook(world.practice.id).await.unwrap().unwrap();
        assert_eq!(book.accepting, []);
    }
}

const TOLD: [&str; 2] = ["1 asked of amina@mail.test", "Both to amina@mail.test"];
const NOBODY: [&str; 0] = [];

#[tokio::test]
async fn two_texts_are_accepted_one_after_the_other_as_each_was_chosen() {
    for (first, second) in [(false, true), (true, false), (true, true), (false, false)] {
        for has_worked_between in [false, true] {
            let office = Office::new().await;
            office.accept(AREA, first).await;
            if has_worked_between {
                office.world.portal.drain().await.unwrap();
            }
            office.accept(PLACE, second).await;
            // The second makes it match, so its choice counts.
            let expected = if second { &TOLD[..] } else { &NOBODY[..] };
            assert_eq!(
                office.mails().await,
                expected,
                "{first} {second} {has_worked_between}"
            );
            office.is_done().await;
        }
    }
}

#[tokio::test]
async fn a_choice_holds_though_the_system_of_record_writes_in_between() {
    for send in [false, true] {
        let office = Office::new().await;
        office.accept(AREA, !send).await;
        office.accept(PLACE, send).await;
        office.write("Perth").await;
        let expected = if send { &TOLD[..] } else { &NOBODY[..] };
        assert_eq!(office.mails().await, expected, "{send}");
        office.is_done().await;
    }
}

#[tokio::test]
async fn a_choice_holds_though_the_system_of_record_mends_its_spelling_in_between() {
    for (area, stage) in [(AREA.1, PLACE.1), (AREA.2, PLACE.1), (AREA.1, PLACE.2)] {
        for send in [false, true] {
            let office = Office::new().await;
            office.accept(AREA, !send).await;
            office.accept(PLACE, send).await;
            let matter = office.world.matter.id;
            let draft = MatterDraft {
                practice_area: area.into(),
                stage: stage.into(),
                ..matter_draft("HM-1", office.world.owner_id)
            };
            let portal = &office.world.portal;
            portal
                .update_matter(&office.world.owner, matter, None, &draft)
                .await
                .unwrap();
            let expected = if send { &TOLD[..] } else { &NOBODY[..] };
            assert_eq!(office.mails().await, expected, "{area} {stage} {send}");
            office.is_done().await;
            let page = PageRequest::default();
            let stays = portal.stages(&office.world.owner, matter, &page).await.unwrap();
            let filing = stays
                .items
                .iter()
                .filter(|own| own.canonical.as_deref() == Some("Filing"));
            assert_eq!(filing.count(), 1, "it is the same stage");
        }
    }
}

#[tokio::test]
async fn the_last_word_on_a_text_is_the_one_that_counts() {
    for (first, last) in [(false, true), (true, false)] {
        let office = Office::new().await;
        let (world, portal) = (&office.world, &office.world.portal);
        office.accept(AREA, false).await;
        portal.drain().await.unwrap();
        let family = draft("Family", vec![Criterion::one_of(STAGE, ["Decision"])]);
        portal.add_workflow(&world.owner, &family).await.unwrap();
        // It was a mistake: the whole taxonomy is saved without it, or with it below another value.
        office.accept(PLACE, first).await;
        let mut taxonomy = portal.taxonomy(&world.owner).await.unwrap().draft;
        taxonomy.dimensions[1].values[0].aliases.clear();
        portal.save_taxonomy(&world.owner, None, &taxonomy).await.unwrap();
        office.accept((STAGE, "Decision", PLACE.2), last).await;
        let told = ["1 asked of amina@mail.test", "Family to amina@mail.test"];
        let expected = if last { &told[..] } else { &NOBODY[..] };
        assert_eq!(office.mails().await, expected, "{first} {last}");
        office.is_done().await;
    }
    let office = Office::new().await;
    let (world, portal) = (&office.world, &office.world.portal);
    let family = draft("Family", vec![Criterion::one_of(STAGE, ["Decision"])]);
    portal.add_workflow(&world.owner, &family).await.unwrap();
    office.accept(PLACE, true).await;
    let mut taxonomy = portal.taxonomy(&world.owner).await.unwrap().draft;
    taxonomy.dimensions[1].values[0].aliases.clear();
    taxonomy.dimensions[1].values[1].aliases.push(PLACE.2.into());
    portal.save_taxonomy(&world.owner, None, &taxonomy).await.unwrap();
    assert_eq!(office.mails().await, NOBODY, "nobody chose that");
    office.is_done().await;
}

#[tokio::test]
async fn what_only_asks_for_documents_fires_nothing() {
    let office = Office::new().await;
    let (world, portal) = (&office.world, &office.world.portal);
    let silent = WorkflowDraft {
        automations: Vec::new(),
        ..draft("Silent", vec![Criterion::one_of(STAGE, ["Filing"])])
    };
    portal.add_workflow(&world.owner, &silent).await.unwrap();
    let tried = portal.try_accepting(&world.owner, PLACE).await.unwrap();
    assert_eq!((tried.gaining, tried.firing), (1, 0));
    office.accept(PLACE, false).await;
    portal.drain().await.unwrap();
    let tried = portal.try_accepting(&world.owner, AREA).await.unwrap();
    assert_eq!((tried.gaining, tried.firing), (1, 1));
}

#[tokio::test]
async fn a_choice_holds_though_the_whole_taxonomy_is_replaced_in_between() {
    let office = Office::new().await;
    let (world, portal) = (&office.world, &office.world.portal);
    office.accept(AREA, false).await;
    office.accept(PLACE, true).await;
    let mut draft = portal.taxonomy(&world.owner).await.unwrap().draft;
    draft.dimensions.push(DimensionDraft::new("Colour").value("Blue"));
    portal.save_taxonomy(&world.owner, None, &draft).await.unwrap();
    assert_eq!(office.mails().await, TOLD);
    office.is_done().await;
}

#[tokio::test]
async fn what_a_new_taxonomy_brings_is_told_to_nobody_though_the_system_of_record_writes_first() {
    let office = Office::new().await;
    let (world, portal) = (&office.world, &office.world.portal);
    let mut draft = portal.taxonomy(&world.owner).await.unwrap().draft;
    draft.dimensions[0].values[0].aliases.push(AREA.2.into());
    draft.dimensions[1].values[0].aliases.push(PLACE.2.into());
    portal.save_taxonomy(&world.owner, None, &draft).await.unwrap();
    office.write("Perth").await;
    assert_eq!(office.mails().await, NOBODY);
    office.is_done().await;
}

#[tokio::test]
async fn who_joins_meanwhile_takes_nobody_s_message_away() {
    for send in [true, false] {
        let office = Office::new().await;
        let (world, portal) = (&office.world, &office.world.portal);
        let lea = portal
            .add_client(&world.owner, &client_draft("Lea", "lea@mail.test"))
            .await
            .unwrap();
        office.accept(AREA, false).await;
        office.accept(PLACE, send).await;
        portal
            .put_participant(&world.owner, world.matter.id, lea.id, Part::Principal)
            .await
            .unwrap();
        // Who joins gets what everybody got before them, as if they had joined later.
        let mut expected = vec!["Both to lea@mail.test"];
        if send {
            expected.extend(TOLD);
        }
        expected.sort_unstable();
        assert_eq!(office.mails().await, expected, "{send}");
        office.is_done().await;
    }
}

#[tokio::test]
async fn a_new_stage_fires_whatever_was_accepted_quietly() {
    let office = Office::new().await;
    office.accept(AREA, false).await;
    let draft = MatterDraft {
        practice_area: AREA.2.into(),
        stage: "Filing".into(),
        ..matter_draft("HM-1", office.world.owner_id)
    };
    let matter = office.world.matter.id;
    office
        .world
        .portal
        .update_matter(&office.world.owner, matter, None, &draft)
        .await
        .unwrap();
    assert_eq!(office.mails().await, TOLD);
}

/// One workflow was left as it was when it was switched on; another is switched on later, and applied.
#[tokio::test]
async fn what_is_applied_is_the_one_workflow_whose_dry_run_was_seen() {
    for apply in [Some(true), Some(false), None] {
        let office = Office::new().await;
        let (world, portal) = (&office.world, &office.world.portal);
        office.accept(AREA, false).await;
        office.accept(PLACE, false).await;
        assert_eq!(office.mails().await, NOBODY, "the first is on, and told nobody");
        let other = WorkflowDraft {
            enabled: false,
            ..draft("Sydney", vec![Criterion::one_of("Office", ["Sydney"])])
        };
        let other = portal.add_workflow(&world.owner, &other).await.unwrap();
        let run = portal
            .dry_run(&world.owner, Some(other.id), None, &PageRequest::default())
            .await
            .unwrap();
        let [item] = &run.page.items[..] else {
            panic!("one matter: {run:?}")
        };
        let mut said: Vec<String> = item
            .effects
            .sends
            .iter()
            .map(|own| format!("{} to {}", own.text, own.address.as_str()))
            .collect();
        for notice in &item.effects.notices {
            let to = notice.to.as_ref().map(Address::as_str);
            said.push(format!("{} asked of {}", notice.requests, to.unwrap()));
        }
        said.sort();
        assert_eq!(said, ["1 asked of amina@mail.test", "Sydney to amina@mail.test"]);
        let switched = portal
            .switch_workflow(&world.owner, other.id, Some(other.version), true, apply)
            .await;
        assert!(switched.unwrap().draft.enabled);
        let expected = if apply == Some(true) { said } else { Vec::new() };
        assert_eq!(office.mails().await, expected, "{apply:?}");
        let is_on = portal.workflow(&world.owner, office.workflow.id).await.unwrap();
        assert_eq!(is_on.version, Version::FIRST);
    }
}

#[tokio::test]
async fn one_that_is_off_is_not_applied() {
    let office = Office::new().await;
    let (world, portal, id) = (&office.world, &office.world.portal, office.workflow.id);
    portal
        .switch_workflow(&world.owner, id, None, false, Some(true))
        .await
        .unwrap();
    let refused = portal.apply_workflow(&world.owner, id, true).await;
    assert!(matches!(
        refused,
        Err(portal_core::Error::Rule(
            portal_core::rulebook::RulebookRule::NotOn
        ))
    ));
    let store = &world.store;
    let now = portal.now();
    let lease = now + portal_core::Duration::minutes(1);
    let events = store
        .claim_events(world.practice.id, now, lease, 100)
        .await
        .unwrap();
    let kinds: BTreeSet<&str> = events.iter().map(|event| event.kind.name()).collect();
    assert!(
        !kinds.contains("rules.changed"),
        "switching off applies nothing: {kinds:?}"
    );
}
