//! Workflows at work: what changes of matters bring about, whoever makes them.

use portal_core::checklist::{Request, RequestFilter, RequestState};
use portal_core::import::{Header, ImportOptions, RowKeys, Sheet};
use portal_core::matter::{MatterDraft, Part};
use portal_core::rulebook::{KeptWorkflow, Rulebooks};
use portal_core::stage::{StageWhy, Stages};
use portal_core::workflow::{
    Automation, Channel, Criterion, DimensionDraft, PRACTICE_AREA, Requirement, STAGE, TaxonomyDraft,
    WorkflowDraft,
};
use portal_core::{Context, Duration, EventKind, MatterId, PageRequest, Version};

use crate::world::{World, matter_draft};

fn taxonomy() -> TaxonomyDraft {
    let areas = DimensionDraft::new(PRACTICE_AREA).value("Immigration");
    let stages = DimensionDraft::new(STAGE)
        .value("Documents")
        .value("Filing")
        .alias("Filing (USCIS)")
        .value("Decision");
    let offices = DimensionDraft::new("Office").value("Sydney");
    TaxonomyDraft {
        dimensions: vec![areas, stages, offices],
    }
}

fn filing() -> WorkflowDraft {
    let mut mail = Automation::new(Channel::Email).saying("en", "We are filing.");
    mail.subject.insert("en".into(), "Filing".into());
    WorkflowDraft {
        name: "Filing".into(),
        criteria: vec![Criterion::one_of(STAGE, ["Filing"])],
        requirements: vec![
            Requirement::new("Passport"),
            Requirement {
                part: Part::Partner,
                ..Requirement::new("Marriage certificate")
            },
        ],
        automations: vec![mail],
        ..WorkflowDraft::default()
    }
}

/// A practice with rules, whose clerk knows only what the system of record says.
struct Office {
    world: World,
    workflow: KeptWorkflow,
}

impl Office {
    async fn new() -> Self {
        let world = World::new().await;
        let saved = world.portal.save_taxonomy(&world.owner, None, &taxonomy()).await;
        assert_eq!(saved.unwrap().version, Version::FIRST);
        let workflow = world.portal.add_workflow(&world.owner, &filing()).await.unwrap();
        world.portal.drain().await.unwrap();
        Self { world, workflow }
    }

    async fn set_stage(&self, stage: &str) -> portal_core::stage::Effects {
        let matter = self
            .world
            .portal
            .matter(&self.world.owner, self.world.matter.id)
            .await
            .unwrap();
        let draft = MatterDraft {
            stage: stage.into(),
            ..matter.draft()
        };
        let change = self
            .world
            .portal
            .update_matter_with_effects(&self.world.owner, matter.id, None, &draft)
            .await;
        change.unwrap().effects
    }

    async fn requests(&self, matter: MatterId) -> Vec<Request> {
        let filter = RequestFilter {
            matter: Some(matter),
            ..RequestFilter::default()
        };
        let page = PageRequest::first(200);
        let world = &self.world;
        world
            .portal
            .requests(&world.owner, &filter, &page)
            .await
            .unwrap()
            .items
    }

    /// What the outbox holds; it is gone afterwards.
    async fn events(&self) -> Vec<EventKind> {
        use portal_core::notify::Outbox;
        let (store, now) = (&self.world.store, self.world.portal.now());
        let lease = now + Duration::minutes(1);
        let events = store
            .claim_events(self.world.practice.id, now, lease, 100)
            .await
            .unwrap();
        let ended: Vec<_> = events.iter().cloned().map(portal_core::Event::done).collect();
        portal_core::testing::save(&**store, ended).await.unwrap();
        events.into_iter().map(|event| event.kind).collect()
    }
}

#[tokio::test]
async fn entering_a_stage_asks_everybody_for_their_part_and_is_told_once() {
    let office = Office::new().await;
    let world = &office.world;
    let effects = office.set_stage("FILING (uscis)").await;
    let asked: Vec<_> = effects
        .asked
        .iter()
        .map(|request| (request.client_id, request.title.as_str()))
        .collect();
    assert_eq!(
        asked,
        [
            (world.amina.id, "Passport"),
            (world.omar.id, "Marriage certificate")
        ]
    );
    assert_eq!(effects.sends.len(), 1, "the principal alone gets the mail");
    let entered = effects.entered.unwrap();
    assert_eq!(
        (entered.canonical.as_deref(), entered.number, entered.why),
        (Some("Filing"), 2, StageWhy::Changed)
    );
    let events = office.events().await;
    let matched: Vec<_> = events
        .iter()
        .filter(|kind| matches!(kind, EventKind::WorkflowsMatched { .. }))
        .collect();
    let [
        EventKind::WorkflowsMatched {
            entry,
            workflows,
            client,
            ..
        },
    ] = matched.as_slice()
    else {
        panic!("{matched:?}");
    };
    assert_eq!((*entry, *client), (entered.id, None));
    assert_eq!(
        workflows
            .iter()
            .map(|own| (own.workflow, own.version))
            .collect::<Vec<_>>(),
        [(office.workflow.id, office.workflow.version)]
    );
    let told = events
        .iter()
        .filter(|kind| matches!(kind, EventKind::RequestsAdded { .. }));
    assert_eq!(told.count(), 2, "each client of what they are asked");
    // Nothing more comes of saying it again.
    let again = office.set_stage("filing").await;
    assert!(again.entered.is_none() && again.asked.is_empty() && again.sends.is_empty());
    assert_eq!(office.events().await, []);
}

#[tokio::test]
async fn whoever_joins_alone_gets_what_is_sent() {
    let office = Office::new().await;
    let world = &office.world;
    office.set_stage("Filing").await;
    office.events().await;
    let lina = world
        .portal
        .add_client(
            &world.owner,
            &crate::world::client_draft("Lina", "lina@mail.test"),
        )
        .await
        .unwrap();
    world
        .portal
        .put_participant(&world.owner, world.matter.id, lina.id, Part::Principal)
        .await
        .unwrap();
    let events = office.events().await;
    assert!(
        events.iter().any(|kind| matches!(kind, EventKind::WorkflowsMatched { client: Some(client), .. } if *client == lina.id)),
        "{events:?}"
    );
    let own = async || {
        let requests = office.requests(world.matter.id).await.into_iter();
        requests
            .filter(|request| request.client_id == lina.id)
            .map(|request| (request.title, request.state))
            .collect::<Vec<_>>()
    };
    assert_eq!(own().await, [("Passport".into(), RequestState::Outstanding)]);
    // In another part they are asked for that, and not for the other any more.
    world
        .portal
        .put_participant(&world.owner, world.matter.id, lina.id, Part::Partner)
        .await
        .unwrap();
    assert_eq!(
        own().await,
        [
            ("Passport".into(), RequestState::Withdrawn),
            ("Marriage certificate".into(), RequestState::Outstanding)
        ]
    );
    world
        .portal
        .remove_participant(&world.owner, world.matter.id, lina.id)
        .await
        .unwrap();
    assert!(
        own()
            .await
            .iter()
            .all(|(_, state)| *state == RequestState::Withdrawn)
    );
}

#[tokio::test]
async fn a_closed_matter_keeps_its_history_and_catches_up_when_it_is_reopened() {
    let office = Office::new().await;
    let world = &office.world;
    world
        .portal
        .close_matter(&world.owner, world.matter.id)
        .await
        .unwrap();
    let effects = office.set_stage("Filing").await;
    assert!(effects.entered.is_some() && effects.asked.is_empty() && effects.sends.is_empty());
    assert_eq!(effects.matched.len(), 1);
    office.events().await;
    world
        .portal
        .reopen_matter(&world.owner, world.matter.id)
        .await
        .unwrap();
    let open = office.requests(world.matter.id).await;
    assert_eq!(
        open.iter()
            .filter(|request| request.state == RequestState::Outstanding)
            .count(),
        2
    );
    assert_eq!(office.events().await, [], "nobody is told");
}

#[tokio::test]
async fn an_import_does_what_a_change_by_hand_does() {
    let office = Office::new().await;
    let world = &office.world;
    let ctx = Context::system(world.practice.id, "import", world.portal.now());
    let columns = ["reference", "title", "practice_area", "stage", "attribute:Office"].map(str::to_owned);
    let header = Header::read(Sheet::Matters, &columns).unwrap();
    let import = async |values: [&str; 5], dry_run: bool| {
        let row = header
            .row(values.map(|value| Some(value.to_owned())).to_vec())
            .unwrap();
        let options = ImportOptions {
            dry_run,
            owner: Some(world.owner_id),
        };
        world
            .portal
            .import_row(&ctx, &row, &options, &RowKeys::default())
            .await
            .unwrap()
    };
    import(
        ["HM-1", "Partner visa", "immigration", " filing (USCIS)", "SYDNEY"],
        true,
    )
    .await;
    assert!(
        office.requests(world.matter.id).await.is_empty(),
        "a dry run writes nothing"
    );
    import(
        ["HM-1", "Partner visa", "immigration", " filing (USCIS)", "SYDNEY"],
        false,
    )
    .await;
    let matter = world.portal.matter(&world.owner, world.matter.id).await.unwrap();
    let names: Vec<_> = matter
        .normalised
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    assert_eq!(
        names,
        [
            "Case stage: Filing",
            "Office: Sydney",
            "Practice area: Immigration"
        ]
    );
    assert_eq!(office.requests(world.matter.id).await.len(), 2);
    import(["NEW-1", "Another", "Immigration", "Fileing", ""], false).await;
    let unknown = world
        .portal
        .unknown_values(&world.owner, &PageRequest::default())
        .await
        .unwrap();
    let told: Vec<_> = unknown
        .items
        .iter()
        .map(|value| (value.raw.as_str(), value.matters))
        .collect();
    assert_eq!(told, [("Fileing", 1)]);
    assert_eq!(unknown.items[0].suggestions[0].value.name(), "Filing");
}

#[tokio::test]
async fn what_many_matters_carry_is_accepted_once_for_all() {
    let office = Office::new().await;
    let world = &office.world;
    let mut matters = Vec::new();
    for number in 0..230 {
        let draft = MatterDraft {
            stage: ["Fileing", " FILEING", "fileing."][number % 3].into(),
            ..matter_draft(&format!("F-{number:03}"), world.owner_id)
        };
        let matter = world.portal.open_matter(&world.owner, &draft).await.unwrap();
        matters.push(matter.id);
    }
    world.portal.close_matter(&world.owner, matters[0]).await.unwrap();
    office.events().await;
    while !office.events().await.is_empty() {}
    let names = (STAGE, "Filing", "fileing");
    let tried = world.portal.try_accepting(&world.owner, names).await.unwrap();
    assert_eq!((tried.matters, tried.firing, tried.first.len()), (230, 229, 100));
    assert_eq!(tried.by_workflow.get(&office.workflow.id), Some(&229));
    let accepted = world
        .portal
        .accept_value(&world.owner, names, true)
        .await
        .unwrap();
    assert_eq!((accepted.matters, accepted.firing), (230, 229));
    assert_eq!(accepted.taxonomy.version, Version(2));
    // The worker goes through them, some for each event.
    let worked = world.portal.plan_due().await.unwrap();
    assert_eq!((worked.planned, worked.failed), (1, 0));
    world.portal.drain().await.unwrap();
    for id in &matters {
        let matter = world.portal.matter(&world.owner, *id).await.unwrap();
        assert_eq!(matter.normalised.get(STAGE).map(String::as_str), Some("Filing"));
        assert!(matter.unknown.is_empty());
        let entries = world
            .store
            .stage_entries(world.practice.id, *id, &PageRequest::default())
            .await
            .unwrap();
        assert_eq!(entries.items.len(), 1, "it was in that stage all the time");
        assert_eq!(entries.items[0].canonical.as_deref(), Some("Filing"));
    }
    assert!(
        world
            .portal
            .unknown_values(&world.owner, &PageRequest::default())
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[tokio::test]
async fn accepting_one_text_quietly_does_not_silence_another() {
    let office = Office::new().await;
    let world = &office.world;
    for (reference, stage) in [("Q-1", "Fileing"), ("S-1", "Phileing")] {
        let draft = MatterDraft {
            stage: stage.into(),
            ..matter_draft(reference, world.owner_id)
        };
        world.portal.open_matter(&world.owner, &draft).await.unwrap();
    }
    while !office.events().await.is_empty() {}
    world
        .portal
        .accept_value(&world.owner, (STAGE, "Filing", "Fileing"), false)
        .await
        .unwrap();
    world
        .portal
        .accept_value(&world.owner, (STAGE, "Filing", "Phileing"), true)
        .await
        .unwrap();
    world.portal.plan_due().await.unwrap();
    let fired: Vec<_> = office
        .events()
        .await
        .into_iter()
        .filter_map(|kind| match kind {
            EventKind::WorkflowsMatched { matter, .. } => Some(matter),
            _ => None,
        })
        .collect();
    let loud = portal_core::matter::Matters::matter_by_reference(&*world.store, world.practice.id, "S-1");
    assert_eq!(fired, [loud.await.unwrap().unwrap().id]);
}

#[tokio::test]
async fn a_taxonomy_that_comes_later_reads_the_matters_that_are_there() {
    let world = World::new().await;
    world
        .portal
        .save_taxonomy(&world.owner, None, &taxonomy())
        .await
        .unwrap();
    world.portal.add_workflow(&world.owner, &filing()).await.unwrap();
    let before = world.portal.matter(&world.owner, world.matter.id).await.unwrap();
    assert!(before.normalised.is_empty());
    world.portal.drain().await.unwrap();
    let after = world.portal.matter(&world.owner, world.matter.id).await.unwrap();
    assert_eq!(after.normalised.get(STAGE).map(String::as_str), Some("Documents"));
    let version = after.version;
    // The same taxonomy again changes nothing.
    world
        .portal
        .save_taxonomy(&world.owner, None, &taxonomy())
        .await
        .unwrap();
    world.portal.drain().await.unwrap();
    assert_eq!(
        world
            .portal
            .matter(&world.owner, world.matter.id)
            .await
            .unwrap()
            .version,
        version
    );
}

#[tokio::test]
async fn rules_that_another_server_changed_are_noticed() {
    let office = Office::new().await;
    let other = office.world.fakes.portal(office.world.store.clone());
    let owner = &office.world.owner;
    assert_eq!(office.set_stage("Filing").await.matched.len(), 1);
    let off = WorkflowDraft {
        enabled: false,
        ..filing()
    };
    other
        .update_workflow(owner, office.workflow.id, None, &off)
        .await
        .unwrap();
    let effects = office.set_stage("Decision").await;
    assert_eq!(effects.withdrawn.len(), 2);
    assert!(office.set_stage("Filing").await.matched.is_empty());
    other
        .update_workflow(owner, office.workflow.id, None, &filing())
        .await
        .unwrap();
    assert_eq!(office.set_stage("Decision").await.matched.len(), 0);
    assert_eq!(office.set_stage("Filing").await.matched.len(), 1);
    let book = office
        .world
        .store
        .rulebook(office.world.practice.id)
        .await
        .unwrap()
        .unwrap();
    // The taxonomy, that all was read by it, the workflow and its two changes.
    assert_eq!((book.version, book.taxonomy_version), (Version(5), Version(1)));
}
