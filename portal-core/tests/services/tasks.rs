//! Tasks: set by automations, each once; added by hand; seen and done by whom they concern.

use std::collections::BTreeMap;

use portal_core::audit::AuditFilter;
use portal_core::identity::{NewStaffMember, Password, StaffMember};
use portal_core::notify::{NotificationKind, Notifications};
use portal_core::policy::Role;
use portal_core::rulebook::KeptWorkflow;
use portal_core::stage::{Addressee, MatchedWorkflow};
use portal_core::task::{Assigned, Task, TaskDraft, TaskFilter, TaskItem, TaskRule};
use portal_core::testing::save;
use portal_core::workflow::{
    Again, Assignee, Automation, Channel, Criterion, DimensionDraft, QuietHours, STAGE, TaxonomyDraft,
    WorkflowDraft,
};
use portal_core::{
    Context, Duration, Error, ErrorKind, Event, EventKind, Origin, PageRequest, StaffId, StoreError, Version,
};

use crate::world::{PASSWORD, World, matter_draft};

fn call() -> Automation {
    Automation {
        subject: BTreeMap::from([(
            "en".into(),
            "Call {{ client.first_name }} about {{ matter.stage }}".into(),
        )]),
        due_in_days: Some(2),
        ..Automation::new(Channel::Task)
    }
}

async fn workflow(world: &World, automations: Vec<Automation>) -> KeptWorkflow {
    let stages = DimensionDraft::new(STAGE).value("Filing").value("Decision");
    let taxonomy = TaxonomyDraft {
        dimensions: vec![stages],
    };
    let saved = world.portal.save_taxonomy(&world.owner, None, &taxonomy).await;
    saved.unwrap();
    let draft = WorkflowDraft {
        name: "Filing".into(),
        criteria: vec![Criterion::one_of(STAGE, ["Filing"])],
        automations,
        ..WorkflowDraft::default()
    };
    let workflow = world.portal.add_workflow(&world.owner, &draft).await.unwrap();
    world.portal.drain().await.unwrap();
    workflow
}

async fn move_to(world: &World, stage: &str) -> portal_core::stage::MatterChange {
    let mut draft = matter_draft("HM-1", world.owner_id);
    draft.stage = stage.into();
    let moved = world
        .portal
        .update_matter_with_effects(&world.owner, world.matter.id, None, &draft)
        .await
        .unwrap();
    world.portal.drain().await.unwrap();
    moved
}

async fn open(world: &World) -> Vec<TaskItem> {
    let page = PageRequest::first(200);
    let tasks = world
        .portal
        .tasks(&world.owner, &TaskFilter::default(), &page)
        .await;
    tasks.unwrap().items
}

/// Somebody who works for the practice, signed in.
async fn colleague(world: &World, role: Role) -> (StaffMember, Context) {
    let email = format!("{role}@harbour.test");
    let new = NewStaffMember {
        name: format!("Some {role}"),
        email: email.clone(),
        role,
        password: PASSWORD.into(),
    };
    let staff = world.portal.add_staff(&world.owner, new).await.unwrap();
    let password = Password::typed(PASSWORD.into());
    let token = world
        .portal
        .sign_in_staff(world.practice.id, &email, password, Origin::default())
        .await
        .unwrap()
        .token;
    let ctx = world.ctx(&token).await.unwrap();
    (staff, ctx)
}

async fn let_go(world: &World, staff: &StaffMember) {
    let gone = world
        .portal
        .update_staff(&world.owner, staff.id, None, (staff.role, false))
        .await;
    gone.unwrap();
}

fn draft(title: &str, assignee: Option<StaffId>) -> TaskDraft {
    TaskDraft {
        title: title.into(),
        assignee_id: assignee,
        ..TaskDraft::default()
    }
}

#[tokio::test]
async fn entering_a_stage_sets_a_task_once() {
    let world = World::new().await;
    let workflow = workflow(&world, vec![call()]).await;
    let moved = move_to(&world, "Filing").await;
    assert_eq!(moved.effects.sends.len(), 1);
    assert_eq!(moved.effects.sends[0].to, Addressee::Staff(world.owner_id));
    let [item] = <[TaskItem; 1]>::try_from(open(&world).await).unwrap();
    assert_eq!(
        item.task.title, "Call Amina about Filing",
        "of the principal, in clean words"
    );
    assert_eq!(item.task.assignee_id, Some(world.owner_id));
    assert_eq!(
        item.task.due_on,
        call().due_on(item.task.created_at, &world.practice.time_zone)
    );
    let cause = item.task.cause().unwrap();
    assert_eq!((cause.workflow, cause.version), (workflow.id, workflow.version));
    // Its assignee is told, and nobody else.
    let mails = world.fakes.mail.sent();
    assert_eq!(
        mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(),
        ["sam@harbour.test"]
    );
    assert!(world.fakes.sms.sent().is_empty());
    let filter = AuditFilter {
        subject: Some(item.task.id.0),
        ..AuditFilter::default()
    };
    let entries = world
        .portal
        .audit_entries(&world.owner, &filter, &PageRequest::first(10))
        .await
        .unwrap();
    assert_eq!(entries.items[0].action, "task.added");
    assert_eq!(entries.items[0].matter_id, Some(world.matter.id));
    assert_eq!(entries.items[0].detail["workflow"], "Filing");

    // The same event planned again, as after a crash, sets nothing.
    let kind = EventKind::WorkflowsMatched {
        matter: world.matter.id,
        entry: cause.entry,
        workflows: vec![MatchedWorkflow {
            workflow: cause.workflow,
            version: cause.version,
        }],
        client: None,
    };
    let again = Event::new(
        world.fakes.ids.id(),
        world.practice.id,
        kind,
        world.fakes.clock.time(),
    );
    save(&*world.store, [again]).await.unwrap();
    let worked = world.portal.drain().await.unwrap();
    assert_eq!((worked.planned, worked.failed), (1, 0));
    assert_eq!(open(&world).await.len(), 1);
}

#[tokio::test]
async fn a_second_entry_sets_another_as_the_automation_says() {
    for (again, expected) in [(Again::Always, 3), (Again::Once, 1), (Again::AfterDays(7), 2)] {
        let world = World::new().await;
        workflow(&world, vec![Automation { again, ..call() }]).await;
        for pause in [0, 2, 6] {
            world.fakes.clock.advance(Duration::days(pause));
            move_to(&world, "Filing").await;
            move_to(&world, "Decision").await;
        }
        assert_eq!(open(&world).await.len(), expected, "{again:?}");
    }
}

#[tokio::test]
async fn each_of_three_people_gets_their_own() {
    let world = World::new().await;
    let (member, ctx) = colleague(&world, Role::Member).await;
    let to = |assignee| Automation { assignee, ..call() };
    let all = vec![
        to(Assignee::Owner),
        to(Assignee::Anyone),
        to(Assignee::Staff(member.id)),
        // The owner by name: two tasks, since a matter may change hands.
        to(Assignee::Staff(world.owner_id)),
    ];
    workflow(&world, all).await;
    let moved = move_to(&world, "Filing").await;
    let whom: Vec<_> = moved.effects.sends.iter().map(|sending| sending.to).collect();
    assert_eq!(
        whom,
        [
            Addressee::Staff(world.owner_id),
            Addressee::AnyStaff,
            Addressee::Staff(member.id),
            Addressee::Staff(world.owner_id)
        ]
    );
    let mut assignees: Vec<_> = open(&world)
        .await
        .iter()
        .map(|item| item.task.assignee_id)
        .collect();
    assignees.sort_unstable();
    let mut expected = [None, Some(world.owner_id), Some(world.owner_id), Some(member.id)];
    expected.sort_unstable();
    assert_eq!(assignees, expected);

    // The member is not on the matter: they see and do their own, and nothing else.
    let page = PageRequest::first(10).with_total();
    let seen = world
        .portal
        .tasks(&ctx, &TaskFilter::default(), &page)
        .await
        .unwrap();
    assert_eq!(seen.total, Some(1));
    let own = &seen.items[0].task;
    assert!(matches!(
        world.portal.matter(&ctx, world.matter.id).await,
        Err(Error::NotFound(_))
    ));
    let done = world
        .portal
        .set_task_done(&ctx, own.id, Some(own.version), true)
        .await
        .unwrap();
    assert_eq!(done.task.done.map(|done| done.by), Some(member.id));
    assert_eq!(done.done_by.as_deref(), Some("Some member"));
    for item in open(&world).await {
        let refused = world.portal.set_task_done(&ctx, item.task.id, None, true).await;
        assert!(matches!(refused, Err(Error::NotFound("task"))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_delay_shows_it_later_and_due_days_count_from_then() {
    let world = World::new().await;
    let delayed = Automation {
        delay_minutes: 3 * 24 * 60,
        ..call()
    };
    workflow(&world, vec![delayed]).await;
    move_to(&world, "Filing").await;
    let begun = |world: &World| TaskFilter {
        begun_at: Some(world.fakes.clock.time()),
        ..TaskFilter::default()
    };
    let task = open(&world).await.remove(0).task;
    assert_eq!(task.starts_at, task.created_at + Duration::days(3));
    assert_eq!(
        task.due_on,
        call().due_on(task.starts_at, &world.practice.time_zone)
    );
    assert_eq!(
        world
            .portal
            .task_count(&world.owner, &begun(&world))
            .await
            .unwrap(),
        0
    );
    world.fakes.clock.advance(Duration::days(3));
    assert_eq!(
        world
            .portal
            .task_count(&world.owner, &begun(&world))
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn whoever_left_keeps_a_task_that_every_list_points_at() {
    let world = World::new().await;
    let (member, _) = colleague(&world, Role::Member).await;
    let to = Automation {
        assignee: Assignee::Staff(member.id),
        ..call()
    };
    workflow(&world, vec![to]).await;
    let_go(&world, &member).await;
    move_to(&world, "Filing").await;
    let [item] = <[TaskItem; 1]>::try_from(open(&world).await).unwrap();
    assert!(item.is_left_behind());
    assert_eq!(
        item.assignee
            .as_ref()
            .map(|person| (person.name.as_str(), person.active)),
        Some(("Some member", false))
    );
    let left = TaskFilter {
        assigned: Some(Assigned::Left),
        ..TaskFilter::default()
    };
    assert_eq!(world.portal.task_count(&world.owner, &left).await.unwrap(), 1);
    // Its words can be mended while it waits for somebody; it cannot be given to somebody else who left.
    let again = draft("Call today", Some(member.id));
    let kept = world
        .portal
        .update_task(&world.owner, item.task.id, None, (Some(&again), None))
        .await
        .unwrap();
    assert_eq!(kept.task.title, "Call today");
    let taken = draft("Call today", Some(world.owner_id));
    let taken = world
        .portal
        .update_task(&world.owner, item.task.id, None, (Some(&taken), None))
        .await
        .unwrap();
    assert!(!taken.is_left_behind());
    let back = world
        .portal
        .update_task(&world.owner, item.task.id, None, (Some(&again), None))
        .await;
    assert!(
        matches!(back, Err(Error::Rule(TaskRule::NoSuchAssignee))),
        "{back:?}"
    );
    assert_eq!(world.portal.task_count(&world.owner, &left).await.unwrap(), 0);
}

#[tokio::test]
async fn a_workflow_names_only_people_who_could_do_it() {
    let world = World::new().await;
    let (auditor, _) = colleague(&world, Role::Auditor).await;
    let good = workflow(&world, vec![call()]).await;
    let refused = async |automation: Automation| {
        let mut wrong = good.draft.clone();
        wrong.automations = vec![automation];
        let refused = world
            .portal
            .update_workflow(&world.owner, good.id, None, &wrong)
            .await;
        let Err(Error::Invalid(invalid)) = refused else {
            panic!("{refused:?}");
        };
        let error = invalid.errors.into_iter().next().unwrap();
        (error.field, error.code)
    };
    let to = |staff| Automation {
        assignee: Assignee::Staff(staff),
        ..call()
    };
    let nobody = StaffId(uuid::Uuid::max());
    assert_eq!(
        refused(to(nobody)).await,
        ("automations.0.assignee".into(), "no-such-assignee")
    );
    assert_eq!(
        refused(to(auditor.id)).await,
        ("automations.0.assignee".into(), "assignee-only-reads")
    );
    let mut titled = call();
    titled.subject.insert("en".into(), "See {{ portal.url }}".into());
    assert_eq!(
        refused(titled).await,
        ("automations.0.subject.en".into(), "unused")
    );
    let quiet = Automation {
        quiet_hours: Some(QuietHours { from: 21, until: 8 }),
        ..call()
    };
    assert_eq!(
        refused(quiet).await,
        ("automations.0.quiet_hours".into(), "unused")
    );
}

#[tokio::test]
async fn staff_add_change_and_do_tasks_by_hand() {
    let world = World::new().await;
    let (auditor, reads) = colleague(&world, Role::Auditor).await;
    let added = world
        .portal
        .add_task(&world.owner, world.matter.id, &draft("Order the file", None))
        .await
        .unwrap();
    let id = added.task.id;
    assert_eq!((added.task.assignee_id, added.task.cause()), (None, None));
    let nobody = draft("X", Some(StaffId(uuid::Uuid::max())));
    for (wrong, rule) in [
        (nobody, TaskRule::NoSuchAssignee),
        (draft("X", Some(auditor.id)), TaskRule::AssigneeOnlyReads),
    ] {
        let refused = world.portal.add_task(&world.owner, world.matter.id, &wrong).await;
        assert!(
            matches!(&refused, Err(Error::Rule(broken)) if *broken == rule),
            "{refused:?}"
        );
    }
    let denied = world
        .portal
        .add_task(&reads, world.matter.id, &draft("X", None))
        .await;
    assert_eq!(denied.unwrap_err().kind(), ErrorKind::Denied);
    assert!(
        world.portal.task(&reads, id).await.is_ok(),
        "an auditor reads everything"
    );
    let denied = world.portal.set_task_done(&reads, id, None, true).await;
    assert_eq!(denied.unwrap_err().kind(), ErrorKind::Denied);

    // Two at one: the second is told.
    let words = draft("Order the file today", Some(world.owner_id));
    let update = async |expected: i64| {
        world
            .portal
            .update_task(
                &world.owner,
                id,
                Some(Version(expected)),
                (Some(&words), Some(true)),
            )
            .await
    };
    let changed = update(1).await.unwrap();
    assert_eq!(
        (changed.task.version, changed.task.done.is_some()),
        (Version(2), true)
    );
    assert!(matches!(update(1).await, Err(Error::Store(StoreError::Stale))));
    // What is done already is done, and saved no more.
    let same = world
        .portal
        .set_task_done(&world.owner, id, None, true)
        .await
        .unwrap();
    assert_eq!(same.task.version, Version(2));
    let open = world
        .portal
        .set_task_done(&world.owner, id, None, false)
        .await
        .unwrap();
    assert_eq!((open.task.version, open.task.done), (Version(3), None));
    let filter = AuditFilter {
        subject: Some(id.0),
        ..AuditFilter::default()
    };
    let entries = world
        .portal
        .audit_entries(&world.owner, &filter, &PageRequest::first(10))
        .await
        .unwrap();
    let mut actions: Vec<_> = entries.items.iter().map(|entry| entry.action.as_str()).collect();
    actions.sort_unstable();
    assert_eq!(
        actions,
        ["task.added", "task.changed", "task.done", "task.reopened"]
    );
}

#[tokio::test]
async fn clients_have_nothing_to_do_with_tasks() {
    let world = World::new().await;
    let (_, _, client) = world.enter(&world.amina).await;
    let task: Task = world
        .portal
        .add_task(&world.owner, world.matter.id, &draft("Order the file", None))
        .await
        .unwrap()
        .task;
    let page = PageRequest::first(10);
    assert_eq!(
        world
            .portal
            .tasks(&client, &TaskFilter::default(), &page)
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::Denied
    );
    assert!(matches!(
        world.portal.task(&client, task.id).await,
        Err(Error::NotFound("task"))
    ));
    let of_matter = TaskFilter {
        matter: Some(world.matter.id),
        ..TaskFilter::default()
    };
    assert!(matches!(
        world.portal.tasks(&client, &of_matter, &page).await,
        Err(Error::NotFound(_))
    ));
}

#[tokio::test]
async fn whoever_is_given_a_task_is_told_once_and_when_it_begins() {
    let world = World::new().await;
    let portal = &world.portal;
    let (member, _) = colleague(&world, Role::Member).await;
    portal.drain().await.unwrap();
    let mails = |to: &str| world.fakes.mail.sent_to(to).len();
    let told = async |staff: StaffId| {
        let page = PageRequest::first(50);
        let told = world
            .store
            .notifications(world.practice.id, staff, false, &page)
            .await;
        let about_tasks = told.unwrap().items.into_iter();
        about_tasks
            .filter(|told| matches!(told.kind, NotificationKind::TaskGiven { .. }))
            .map(|told| told.headline)
            .collect::<Vec<_>>()
    };
    let (own, theirs) = ("sam@harbour.test", "member@harbour.test");
    let before = (mails(own), mails(theirs));
    // By hand: for oneself nobody is told, for somebody else they are, with the task's address.
    let draft = |title: &str, to| TaskDraft {
        title: title.into(),
        assignee_id: Some(to),
        ..TaskDraft::default()
    };
    let taken = portal
        .add_task(&world.owner, world.matter.id, &draft("Mine", world.owner_id))
        .await;
    taken.unwrap();
    let given = portal
        .add_task(&world.owner, world.matter.id, &draft("Call Amina", member.id))
        .await;
    let given = given.unwrap().task;
    portal.drain().await.unwrap();
    assert_eq!(told(world.owner_id).await, [] as [&str; 0]);
    assert_eq!(told(member.id).await, ["You have a task: Call Amina."]);
    assert_eq!((mails(own), mails(theirs)), (before.0, before.1 + 1));
    let mail = world.fakes.mail.sent_to(theirs).pop().unwrap();
    assert!(mail.content.text.contains("Call Amina"), "{}", mail.content.text);
    // Changed in another way nobody is told again; given to somebody else they are.
    let change = async |draft: TaskDraft| {
        portal
            .update_task(&world.owner, given.id, None, (Some(&draft), None))
            .await
            .unwrap();
        portal.drain().await.unwrap();
    };
    change(draft("Call Amina again", member.id)).await;
    assert_eq!(told(member.id).await.len(), 1);
    change(draft("Call Amina again", world.owner_id)).await;
    change(draft("Call Amina again", member.id)).await;
    assert_eq!(
        (told(member.id).await.len(), told(world.owner_id).await.len()),
        (2, 0)
    );
    // By an automation, when it may be begun, and not of what is done by then.
    workflow(
        &world,
        vec![Automation {
            delay_minutes: 120,
            assignee: Assignee::Staff(member.id),
            ..call()
        }],
    )
    .await;
    move_to(&world, "Filing").await;
    assert_eq!(told(member.id).await.len(), 2, "not before it begins");
    world.fakes.clock.advance(Duration::hours(2));
    portal.drain().await.unwrap();
    let last = told(member.id).await.remove(0);
    assert!(
        last.starts_with("You have a task: Call Amina about Filing, due on "),
        "{last}"
    );
    move_to(&world, "Decision").await;
    move_to(&world, "Filing").await;
    let waiting = open(&world)
        .await
        .into_iter()
        .find(|item| item.task.starts_at > world.portal.now());
    let waiting = waiting.unwrap().task;
    portal
        .set_task_done(&world.owner, waiting.id, None, true)
        .await
        .unwrap();
    world.fakes.clock.advance(Duration::hours(3));
    portal.drain().await.unwrap();
    assert_eq!(told(member.id).await.len(), 3, "it was done before it began");
}

#[tokio::test]
async fn of_many_tasks_at_once_all_stand_in_the_app_and_one_mail_goes_out() {
    let world = World::new().await;
    let portal = &world.portal;
    let (member, _) = colleague(&world, Role::Member).await;
    portal.drain().await.unwrap();
    let mails = || world.fakes.mail.sent_to("member@harbour.test").len();
    let before = mails();
    let give = async |number: u32| {
        let draft = TaskDraft {
            title: format!("Task {number}"),
            assignee_id: Some(member.id),
            ..TaskDraft::default()
        };
        let added = portal.add_task(&world.owner, world.matter.id, &draft).await;
        added.unwrap();
    };
    for number in 0..30 {
        give(number).await;
    }
    portal.drain().await.unwrap();
    let page = PageRequest::first(50).with_total();
    let told = world
        .store
        .notifications(world.practice.id, member.id, false, &page)
        .await;
    let told = told
        .unwrap()
        .items
        .into_iter()
        .filter(|it| matches!(it.kind, NotificationKind::TaskGiven { .. }));
    assert_eq!((told.count(), mails() - before), (30, 1));
    world.fakes.clock.advance(Duration::minutes(10));
    give(30).await;
    portal.drain().await.unwrap();
    assert_eq!(mails() - before, 2);
}

#[tokio::test]
async fn what_is_handed_on_and_back_before_it_begins_is_told_once() {
    let world = World::new().await;
    let portal = &world.portal;
    let (member, _) = colleague(&world, Role::Member).await;
    let later = Automation {
        delay_minutes: 120,
        assignee: Assignee::Staff(member.id),
        ..call()
    };
    workflow(&world, vec![later]).await;
    move_to(&world, "Filing").await;
    let task = open(&world).await.remove(0).task;
    for to in [world.owner_id, member.id] {
        world.fakes.clock.advance(Duration::minutes(10));
        let draft = TaskDraft {
            assignee_id: Some(to),
            ..task.draft()
        };
        let handed = portal.update_task(&world.owner, task.id, None, (Some(&draft), None));
        handed.await.unwrap();
        portal.drain().await.unwrap();
    }
    world.fakes.clock.advance(Duration::hours(2));
    portal.drain().await.unwrap();
    let page = PageRequest::first(50);
    let told = world
        .store
        .notifications(world.practice.id, member.id, false, &page)
        .await;
    let of_it =
        |it: &portal_core::notify::Notification| it.kind == NotificationKind::TaskGiven { task: task.id };
    assert_eq!(told.unwrap().items.iter().filter(|it| of_it(it)).count(), 1);
}
