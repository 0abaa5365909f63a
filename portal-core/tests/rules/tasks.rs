//! Tasks: what they say, when they are due, and what tells one from another.

use std::collections::BTreeMap;

use portal_core::policy::Role;
use portal_core::task::{Task, TaskCause, TaskDraft, TaskSource, words};
use portal_core::testing::Samples;
use portal_core::workflow::{Assignee, Automation, Channel, Field, Fields};
use portal_core::{Date, Duration, StaffId, StageEntryId, Timestamp, Version, WorkflowId};
use proptest::prelude::*;
use uuid::Uuid;

fn task() -> Task {
    let samples = Samples::new(7);
    let owner = samples.staff(Role::Owner);
    samples.task(&samples.matter(&owner), &owner)
}

fn automation(title: &str, note: &str) -> Automation {
    let words = |text: &str| BTreeMap::from([("en".to_owned(), text.to_owned())]);
    Automation {
        subject: words(title),
        text: if note.is_empty() {
            BTreeMap::new()
        } else {
            words(note)
        },
        ..Automation::new(Channel::Task)
    }
}

/// The task as its form would save it again.
fn resaved(words: &portal_core::task::Words) -> Task {
    let draft = TaskDraft {
        title: words.title.clone(),
        note: words.note.clone(),
        ..TaskDraft::default()
    };
    task().revise(&draft, Timestamp::UNIX_EPOCH).unwrap()
}

#[test]
fn a_task_speaks_in_the_practices_language() {
    let mut call = automation("Call {{ client.first_name }}", "About {{ matter.reference }}.");
    call.subject
        .insert("de".to_owned(), "Rufen Sie {{ client.first_name }} an".to_owned());
    let fields = Fields::new()
        .with(Field::ClientFirstName, "Amina")
        .with(Field::MatterReference, "HM-1");
    let german = words(&call, "Filing", "de-AT", &fields);
    assert_eq!(
        (german.title.as_str(), german.note.as_str()),
        ("Rufen Sie Amina an", "About HM-1.")
    );
    assert_eq!(words(&call, "Filing", "fr", &fields).title, "Rufen Sie Amina an");
    assert_eq!(words(&call, "Filing", "en-AU", &fields).title, "Call Amina");
}

#[test]
fn a_task_is_not_lost_for_its_words() {
    let nobody = Fields::new();
    let empty = automation("{{ client.name }}", "");
    assert_eq!(
        words(&empty, "T-Visa, filing", "en", &nobody).title,
        "T-Visa, filing"
    );
    assert_eq!(words(&empty, " \u{202e} ", "en", &nobody).title, "Task");
    // Only what was saved before a rule of templates came can fail.
    let broken = automation("Call {{ client.nobody }}", "Soon");
    let said = words(&broken, "Filing", "en", &nobody);
    assert_eq!(said.title, "Filing");
    assert!(
        said.note
            .starts_with("Soon\nIts template failed: There is no client.nobody"),
        "{}",
        said.note
    );
}

#[test]
fn who_was_first_to_do_it_stays_on_record() {
    let (first, second) = (StaffId(Uuid::from_u128(1)), StaffId(Uuid::from_u128(2)));
    let at = Timestamp::UNIX_EPOCH;
    let open = task();
    let done = open.clone().finish(first, at).unwrap();
    assert_eq!(done.version, Version(2));
    assert_eq!(done.clone().finish(second, at), None);
    assert_eq!(open.clone().reopen(at), None);
    let again = done.reopen(at).unwrap();
    assert_eq!((again.done, again.version), (None, Version(3)));
}

#[test]
fn it_is_late_from_the_day_after() {
    let day = |ordinal| Date::from_ordinal_date(2026, ordinal).unwrap();
    let mut task = task();
    task.due_on = Some(day(100));
    assert!(!task.is_overdue(day(100)));
    assert!(task.is_overdue(day(101)));
    assert!(
        !task
            .clone()
            .finish(StaffId(Uuid::nil()), task.created_at)
            .unwrap()
            .is_overdue(day(101))
    );
    task.due_on = None;
    assert!(!task.is_overdue(Date::MAX));
}

#[test]
fn drafts_are_checked() {
    let field = |change: fn(&mut TaskDraft)| {
        let mut draft = task().draft();
        change(&mut draft);
        let errors = task()
            .revise(&draft, Timestamp::UNIX_EPOCH)
            .err()
            .map(|invalid| invalid.errors);
        errors.map(|errors| (errors[0].field.clone(), errors[0].code))
    };
    assert_eq!(field(|_| ()), None);
    assert_eq!(
        field(|draft| draft.title = " ".into()),
        Some(("title".into(), "required"))
    );
    assert_eq!(field(|draft| draft.title = "x".repeat(200)), None);
    assert_eq!(
        field(|draft| draft.title = "x".repeat(201)),
        Some(("title".into(), "too-long"))
    );
    assert_eq!(
        field(|draft| draft.note = "x".repeat(2_001)),
        Some(("note".into(), "too-long"))
    );
    assert_eq!(
        field(|draft| draft.due_on = Date::from_ordinal_date(2201, 1).ok()),
        Some(("due_on".into(), "out-of-range"))
    );
}

#[test]
fn assignees_are_written_as_one_word() {
    let staff = Assignee::Staff(StaffId(Uuid::from_u128(7)));
    for (assignee, text) in [
        (Assignee::Owner, "owner"),
        (Assignee::Anyone, "anyone"),
        (staff, "00000000-0000-0000-0000-000000000007"),
    ] {
        assert_eq!(assignee.to_string(), text);
        assert_eq!(text.parse(), Ok(assignee));
        let own = Automation {
            assignee,
            ..Automation::new(Channel::Task)
        };
        let json = serde_json::to_value(&own).unwrap();
        assert_eq!(json.get("assignee").is_none(), assignee == Assignee::Owner);
        assert_eq!(serde_json::from_value::<Automation>(json).unwrap(), own);
    }
    assert!("Owner".parse::<Assignee>().is_err() && "".parse::<Assignee>().is_err());
    let owner = StaffId(Uuid::from_u128(9));
    assert_eq!(Assignee::Owner.on_matter_of(owner), Some(owner));
    assert_eq!(Assignee::Anyone.on_matter_of(owner), None);
    assert_eq!(staff.on_matter_of(owner), Some(StaffId(Uuid::from_u128(7))));
}

fn cause() -> impl Strategy<Value = TaskCause> {
    let assignee = prop_oneof![
        Just(Assignee::Owner),
        Just(Assignee::Anyone),
        (0_u128..2).prop_map(|id| Assignee::Staff(StaffId(Uuid::from_u128(id)))),
    ];
    (0_u128..2, 1_i64..3, 0_u128..2, assignee).prop_map(|(workflow, version, entry, assignee)| TaskCause {
        workflow: WorkflowId(Uuid::from_u128(workflow)),
        version: Version(version),
        entry: StageEntryId(Uuid::from_u128(entry)),
        assignee,
    })
}

proptest! {
    #[test]
    fn whatever_a_template_gives_can_be_kept_and_saved_again(
        title in ".{0,300}",
        note in "(?s).{0,2500}",
        name in ".{0,400}",
        workflow in "\\PC{0,20}",
    ) {
        // Braces are the template's own; everything else may stand in a field.
        let fields = Fields::new().with(Field::ClientName, &name).with(Field::MatterTitle, &title);
        let plain = note.replace(['{', '}'], "");
        let said = words(
            &automation("{{ client.name }} {{ matter.title }}", &plain),
            &workflow,
            "en",
            &fields,
        );
        let length = said.title.chars().count();
        prop_assert!((1..=Task::LONGEST_TITLE).contains(&length), "{length} characters");
        prop_assert!(said.note.chars().count() <= Task::LONGEST_NOTE);
        let kept = resaved(&said);
        prop_assert_eq!((kept.title, kept.note), (said.title, said.note));
    }

    #[test]
    fn two_causes_have_one_key_only_if_they_are_one(a in cause(), b in cause()) {
        let key = |cause| Task { source: TaskSource::Workflow(cause), ..task() }.once_key();
        prop_assert_eq!(key(a) == key(b), a == b);
        prop_assert!(key(a).is_some());
    }

    #[test]
    fn due_keys_sort_as_days_do_and_none_last(a in proptest::option::of(1_u16..=365), b in proptest::option::of(1_u16..=365), years in 1900_i32..2200) {
        let of = |day: Option<u16>| Task {
            due_on: day.map(|day| Date::from_ordinal_date(years, day).unwrap()),
            ..task()
        };
        let rank = |task: &Task| (task.due_on.is_none(), task.due_on);
        let (a, b) = (of(a), of(b));
        prop_assert_eq!(a.due_key().cmp(&b.due_key()), rank(&a).cmp(&rank(&b)));
    }

    #[test]
    fn a_day_more_is_a_day_later_wherever_it_is(
        seconds in 0_i64..4_000_000_000,
        days in 0_u32..3_650,
        zone in proptest::sample::select(vec!["UTC", "Australia/Sydney", "Pacific/Apia", "America/Santiago", "nowhere"]),
    ) {
        let starts = Timestamp::from_unix(seconds).unwrap();
        let due = |days| Automation { due_in_days: Some(days), ..Automation::new(Channel::Task) }.due_on(starts, zone).unwrap();
        // The first day is that on which it begins there, at most a day off from UTC's.
        let off = (due(0) - starts.date()).whole_days();
        prop_assert!((-1..=1).contains(&off), "{off}");
        prop_assert_eq!(due(days) - due(0), Duration::days(days.into()));
        prop_assert_eq!(Automation::new(Channel::Task).due_on(starts, zone), None);
    }
}
