//! Unique rules, told by name.

use futures_util::future::join_all;

use super::read_back::must_have;
use super::world::{World, got, put, winners};
use crate::approval::{Decision, Evidence};
use crate::checklist::RequestSource;
use crate::client::Client;
use crate::identity::Person;
use crate::matter::Matter;
use crate::notify::Delivery;
use crate::policy::Role;
use crate::task::Task;
use crate::{Record, Store, StoreError, unique};

/// For each rule: a record that is fine, and another that breaks the rule against it.
fn automated(world: &World) -> [Delivery; 2] {
    let World { samples: s, .. } = world;
    let event = s.event(&world.case, &world.owner);
    let first = s.automated(&event, &world.case, &world.anna);
    // Whatever it says, and whatever became of the first.
    let again = Delivery {
        id: s.id(),
        event_id: s.id(),
        text: "Otherwise".into(),
        state: crate::notify::DeliveryState::Held,
        ..first.clone()
    };
    [first, again]
}

/// The same for tasks.
fn set(world: &World) -> [Task; 2] {
    let World { samples: s, .. } = world;
    let set = s.automated_task(&world.case, &world.owner);
    // Whatever it says, whoever does it, and whatever became of the first.
    let set_again = Task {
        id: s.id(),
        title: "Otherwise".into(),
        assignee_id: Some(world.member.id),
        ..set.clone()
    };
    let set = Task {
        done: Some(crate::task::TaskDone {
            at: s.at,
            by: world.owner.id,
        }),
        ..set
    };
    [set, set_again]
}

/// The same for answers to approvals.
fn answers(world: &World) -> [Evidence; 2] {
    let answer = world.samples.evidence(&world.approval, &world.anna_access);
    let answer_again = Evidence {
        id: world.samples.id(),
        decision: Decision::Declined,
        ..answer.clone()
    };
    [answer, answer_again]
}

/// What is written, set and answered once.
fn once(world: &World) -> [(&'static str, Record, Record); 3] {
    let [automated, automated_again] = automated(world);
    let [set, set_again] = set(world);
    let [answer, answer_again] = answers(world);
    [
        (unique::AUTOMATION_ONCE, automated.into(), automated_again.into()),
        (unique::TASK_ONCE, set.into(), set_again.into()),
        (unique::APPROVAL_ANSWER_ONCE, answer.into(), answer_again.into()),
    ]
}

fn pairs(world: &World) -> Vec<(&'static str, Record, Record)> {
    let World { samples: s, .. } = world;
    let (mut staff, mut same_address) = (s.staff(Role::Member), s.staff(Role::Auditor));
    staff.email = s.email("Zoe.Quinn");
    same_address.email = s.email("zoe.quinn");
    same_address.active = false;
    let client = |reference: &str| Client {
        reference: Some(reference.into()),
        ..s.client("Dora", "Ek")
    };
    let matter = |reference: &str| Matter {
        reference: reference.into(),
        ..s.matter(&world.owner)
    };
    let mut part = s.participant(&world.case, &world.ben, crate::matter::Part::Contact);
    part.removed = true;
    let part_again = s.participant(&world.case, &world.ben, crate::matter::Part::Partner);
    let mut seat = s.team_member(&world.other, &world.member);
    seat.removed = true;
    let seat_again = s.team_member(&world.other, &world.member);
    let mut access = s.access(&world.case, &world.ben);
    access.state = crate::access::AccessState::Revoked;
    let access_again = s.access(&world.case, &world.ben);
    let (mut template, mut same_name) = (s.template(), s.template());
    template.name = "Partner visa: \u{c9}vidence".into();
    template.archived = true;
    same_name.name = "partner  VISA: Evidence".into();
    let item = |key: &str| {
        let mut request = s.request(&world.case, &world.anna);
        request.source = RequestSource::Template {
            template: world.template.id,
            key: key.into(),
        };
        request
    };
    let mut withdrawn = item("passport");
    withdrawn.state = crate::checklist::RequestState::Withdrawn;
    let required = |key: &str, workflow| {
        let mut request = s.request(&world.case, &world.anna);
        request.source = RequestSource::Workflow {
            workflow,
            key: key.into(),
        };
        request
    };
    let mut retired = required("lease", s.id());
    (retired.state, retired.obsolete) = (crate::checklist::RequestState::Withdrawn, true);
    let (mut workflow, mut same_workflow) = (s.workflow(), s.workflow());
    (workflow.draft.name, workflow.draft.enabled) = ("Partner visa: \u{c9}vidence".into(), false);
    same_workflow.draft.name = "partner  VISA: Evidence".into();
    let (entry, mut same_entry) = (s.stage_entry(&world.case, 7), s.stage_entry(&world.case, 7));
    same_entry.left_at = Some(s.at);
    let mut second = world.file.clone();
    (second.id, second.number) = (s.id(), 2);
    let mut second_again = second.clone();
    second_again.id = s.id();
    let mut share = s.share(&world.document, &world.ben_access);
    share.removed = true;
    let share_again = s.share(&world.document, &world.ben_access);
    let (link, mut same_token) = (s.link(&world.anna_access), s.link(&world.ben_access));
    same_token.token_digest = link.token_digest;
    let session = s.session(Person::Client(world.anna.id));
    let mut same_secret = s.session(Person::Staff(world.owner.id));
    same_secret.secret_digest = session.secret_digest;
    vec![
        (unique::STAFF_EMAIL, staff.into(), same_address.into()),
        (
            unique::CLIENT_REFERENCE,
            client("C-\u{e9} 7").into(),
            client("c-E  7").into(),
        ),
        (
            unique::MATTER_REFERENCE,
            matter("M/\u{c5} 7").into(),
            matter("m/a 7").into(),
        ),
        (unique::PARTICIPANT_ONCE, part.into(), part_again.into()),
        (unique::TEAM_MEMBER_ONCE, seat.into(), seat_again.into()),
        (unique::PORTAL_ACCESS_ONCE, access.into(), access_again.into()),
        (unique::TEMPLATE_NAME, template.into(), same_name.into()),
        (unique::REQUEST_SOURCE, withdrawn.into(), item("passport").into()),
        (
            unique::REQUEST_REQUIREMENT,
            retired.into(),
            required("lease", s.id()).into(),
        ),
        (unique::WORKFLOW_NAME, workflow.into(), same_workflow.into()),
        (unique::STAGE_ENTRY_NUMBER, entry.into(), same_entry.into()),
        (
            unique::DOCUMENT_VERSION_NUMBER,
            second.into(),
            second_again.into(),
        ),
        (unique::SHARE_ONCE, share.into(), share_again.into()),
        (unique::LINK_TOKEN, link.into(), same_token.into()),
        (unique::SESSION_SECRET, session.into(), same_secret.into()),
    ]
}

pub(super) async fn unique_rules_are_told_by_name(store: &dyn Store) {
    let world = World::in_store(store, 30).await;
    let mut pairs = pairs(&world);
    pairs.extend(once(&world));
    let named: Vec<_> = pairs.iter().map(|(rule, ..)| *rule).collect();
    assert_eq!(named, unique::ALL, "every rule is checked");
    for (rule, first, second) in pairs {
        put(store, [first.clone()]).await;
        let outcome = store.commit(world.change().save_all([second.clone()])).await;
        let conflict = Err(StoreError::Conflict(rule.into()));
        assert_eq!(outcome, conflict, "{rule}: one after the other");
        let together = world
            .change()
            .save_all([world.samples.client("With", "It").into(), second]);
        assert_eq!(
            store.commit(together).await,
            conflict,
            "{rule}: beside a good record"
        );
        must_have(store, &first).await;
    }
    // By a later save, too.
    let mut rename = world.samples.matter(&world.owner);
    put(store, [rename.clone()]).await;
    rename.version.bump();
    rename.reference = world.case.reference.to_uppercase();
    let outcome = store.commit(world.change().save(rename)).await;
    assert_eq!(
        outcome,
        Err(StoreError::Conflict(unique::MATTER_REFERENCE.into()))
    );
}

pub(super) async fn what_is_not_the_same_is_no_conflict(store: &dyn Store) {
    let world = World::in_store(store, 31).await;
    let World { samples: s, .. } = &world;
    let nameless = || Client {
        reference: None,
        ..s.client("No", "Reference")
    };
    put(store, [nameless(), nameless(), nameless()]).await;
    let by_hand = || s.request(&world.case, &world.anna);
    put(store, [by_hand(), by_hand()]).await;
    let item = |matter: &Matter, client: &Client, key: &str| {
        let mut request = s.request(matter, client);
        request.source = RequestSource::Template {
            template: world.template.id,
            key: key.into(),
        };
        request
    };
    let asked = [
        item(&world.case, &world.anna, "passport"),
        item(&world.case, &world.anna, "payslips"),
        item(&world.case, &world.ben, "passport"),
        item(&world.other, &world.anna, "passport"),
    ];
    put(store, asked).await;
    let workflow = s.id();
    let required = |matter: &Matter, client: &Client, key: &str| {
        let mut request = s.request(matter, client);
        let key = key.into();
        request.source = RequestSource::Workflow { workflow, key };
        request
    };
    let asked = [
        required(&world.case, &world.anna, "passport"),
        required(&world.case, &world.anna, "payslips"),
        required(&world.case, &world.ben, "passport"),
        required(&world.other, &world.anna, "passport"),
    ];
    put(store, asked).await;
    let event = s.event(&world.case, &world.owner);
    let automated = s.automated(&event, &world.case, &world.anna);
    let to_another = Delivery {
        id: s.id(),
        recipient: crate::notify::Recipient::Client(world.ben.id),
        ..automated.clone()
    };
    let mut next_version = Delivery {
        id: s.id(),
        ..automated.clone()
    };
    if let crate::notify::Letter::Automated { cause, .. } = &mut next_version.letter {
        cause.version.bump();
    }
    let plain = || s.delivery(&event, &world.case, &world.anna);
    put(store, [automated, to_another, next_version, plain(), plain()]).await;
    let entries = [
        s.stage_entry(&world.case, 1),
        s.stage_entry(&world.case, 2),
        s.stage_entry(&world.other, 1),
    ];
    put(store, entries).await;
    // A workflow that was removed has given up its name.
    let removed = s.workflow();
    put(store, [removed.clone()]).await;
    put(store, [removed.clone().remove(s.at)]).await;
    let mut successor = s.workflow();
    successor.draft.name.clone_from(&removed.draft.name);
    put(store, [successor]).await;
    // The same value in the record's own next version.
    let mut anna = world.anna.clone();
    anna.version.bump();
    put(store, [anna]).await;
    let mut access = world.anna_access.clone();
    access.version.bump();
    put(store, [access]).await;
}

pub(super) async fn a_value_that_was_given_up_can_be_taken(store: &dyn Store) {
    let world = World::in_store(store, 32).await;
    let World { samples: s, .. } = &world;
    let was = world.case.reference.clone();
    let mut renamed = world.case.clone();
    renamed.version.bump();
    renamed.reference = "Something else".into();
    let taker = Matter {
        reference: was,
        ..s.matter(&world.owner)
    };
    // In one change: given up first, then taken, in the order of the change.
    got(store
        .commit(world.change().save(renamed).save(taker.clone()))
        .await);
    must_have(store, &taker.into()).await;
    let session = s.session(Person::Client(world.anna.id));
    put(store, [session.clone()]).await;
    let rotated = session.clone().rotate(s.digest(), s.at);
    put(store, [rotated]).await;
    let mut taker = s.session(Person::Client(world.ben.id));
    taker.secret_digest = session.secret_digest;
    put(store, [taker]).await;
}

pub(super) async fn of_parallel_takers_of_a_unique_value_one_wins(store: &dyn Store) {
    let world = World::in_store(store, 33).await;
    let World { samples: s, .. } = &world;
    let takers: Vec<Matter> = (0..40)
        .map(|number| Matter {
            reference: if number % 2 == 0 { "Taken 1" } else { "TAKEN 1" }.into(),
            ..s.matter(&world.owner)
        })
        .collect();
    let commits = takers
        .iter()
        .map(|taker| store.commit(world.change().save(taker.clone())));
    let outcomes = join_all(commits).await;
    let conflict = StoreError::Conflict(unique::MATTER_REFERENCE.into());
    assert_eq!(winners(&outcomes, &conflict), 1, "of 40 takers of one reference");
    let accesses: Vec<_> = (0..40).map(|_| s.access(&world.case, &world.ben)).collect();
    let commits = accesses
        .iter()
        .map(|access| store.commit(world.change().save(access.clone())));
    let outcomes = join_all(commits).await;
    let conflict = StoreError::Conflict(unique::PORTAL_ACCESS_ONCE.into());
    assert_eq!(
        winners(&outcomes, &conflict),
        1,
        "of 40 workspaces of one client on one matter"
    );
}
