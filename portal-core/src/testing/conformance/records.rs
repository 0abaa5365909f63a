//! Every kind of record comes back as it was saved.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::read_back::must_have;
use super::world::{World, got, put};
use crate::access::{Ask, LinkUse};
use crate::checklist::RequestSource;
use crate::conversation::{Conversation, ReadUpTo};
use crate::document::{Confidentiality, FileName, Placement, UploadTarget, Uploader};
use crate::identity::{Person, SessionEnd};
use crate::matter::{MatterState, Part};
use crate::notify::{Cause, DeliveryState, Letter, NotificationKind, Recipient, SendError};
use crate::stage::Rereading;
use crate::testing::strategies;
use crate::upload::{Upload, UploadState};
use crate::{Duration, Event, EventKind, EventState, Record, Store, Timestamp};

/// `count` values of a strategy, the same in each run.
pub(super) fn sampled<S: Strategy>(strategy: S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..count)
        .map(|_| {
            let tree = strategy.new_tree(&mut runner);
            tree.expect("the strategy gives values").current()
        })
        .collect()
}

/// One record of each kind but events, then what it becomes: all with ordinary values.
fn ordinary(world: &World) -> Vec<Record> {
    let World { samples: s, .. } = world;
    let later = s.at + Duration::seconds(1);
    let link = s.link(&world.anna_access);
    let session = s.session(Person::Client(world.anna.id));
    let share = s.share(&world.document, &world.ben_access);
    let notification = s.notification(&world.owner, &world.case);
    let delivery = s.delivery(&s.event(&world.case, &world.owner), &world.case, &world.anna);
    let mut practice = world.practice.clone();
    practice.version.bump();
    practice.sender_name = None;
    practice.brand_colour = None;
    practice.settings.link_minutes = 10;
    let mut staff = world.owner.clone();
    staff.version.bump();
    (staff.role, staff.password_hash, staff.active) = (crate::policy::Role::Admin, None, false);
    let mut client = world.anna.clone();
    client.version.bump();
    (client.reference, client.email, client.phone) = (None, None, None);
    (client.date_of_birth, client.nationality) = (None, None);
    (client.language, client.time_zone) = (None, None);
    client.passport = crate::client::Passport::default();
    client.active = false;
    let mut part = world.anna_part.clone();
    part.version.bump();
    (part.part, part.removed) = (Part::Contact, true);
    let mut seat = world.seat.clone();
    seat.version.bump();
    seat.removed = true;
    let entry = s.stage_entry(&world.case, 1);
    let (book, workflow) = (s.rulebook(), s.workflow());
    let mut asked = s.request(&world.case, &world.anna);
    asked.source = RequestSource::Workflow {
        workflow: workflow.id,
        key: "passport".into(),
    };
    let retired = asked
        .clone()
        .retire(crate::document::DocumentCounts::default(), later);
    let bare = crate::stage::StageEntry {
        canonical: None,
        why: crate::stage::StageWhy::Found,
        ..s.stage_entry(&world.case, 2)
    };
    let mut template = world.template.clone();
    template.version.bump();
    (template.archived, template.description) = (true, String::new());
    template.groups.truncate(1);
    let mut used = link.clone();
    used.version.bump();
    (used.used, used.browser, used.invitation) = (LinkUse::Used(later), None, true);
    let replaced = world.document.clone().replace(
        s.id(),
        s.file("r\u{e9}sum\u{e9} 2.pdf"),
        Uploader::Client(world.anna.id),
        later,
    );
    let (replaced, second) = replaced.expect("what waits for review can be replaced");
    vec![
        practice.into(),
        staff.into(),
        client.into(),
        world.case.clone().with_state(MatterState::Closed, later).into(),
        part.into(),
        seat.into(),
        world.anna_access.clone().invited(later).into(),
        template.into(),
        world.request.clone().withdraw(later).expect("it is open").into(),
        replaced.into(),
        second.into(),
        entry.clone().into(),
        entry.leave(later).into(),
        bare.into(),
        book.clone().into(),
        book.touched(later).into(),
        workflow.clone().into(),
        workflow.remove(later).into(),
        asked.into(),
        retired.expect("nobody touched it").into(),
        link.into(),
        used.into(),
        session.clone().into(),
        session.end(SessionEnd::Replaced, later).into(),
        share.clone().into(),
        share.with_removed(true).into(),
        notification.clone().into(),
        notification.read(later).expect("it is unread").into(),
        delivery.clone().into(),
        delivery.clone().sending(s.at, later).into(),
        s.phone_record().into(),
        s.received_sms().into(),
        delivery
            .sending(s.at, later)
            .failed(&SendError::Unavailable("451 try later".into()), later, 9)
            .into(),
    ]
}

/// A conversation, and the same once it was read.
fn read(world: &World) -> [Record; 3] {
    let unread = world.samples.conversation();
    let at = world.samples.at + Duration::hours(1);
    let read = ReadUpTo {
        staff: Some(world.owner.id),
        up_to: at,
        left: 0,
        at,
    };
    let read = unread.clone().read(read).expect("it is unread");
    let mut joined = Conversation::of_number(world.id(), world.samples.phone(), at);
    joined.phone = crate::text::Phone::try_from("+61491570199".to_owned()).ok();
    let joined = Conversation {
        id: world.samples.id(),
        client_id: Some(world.anna.id),
        linked_by: Some(world.owner.id),
        linked_at: Some(at),
        version: crate::Version::FIRST,
        ..joined
    };
    [unread.into(), read.into(), joined.into()]
}

/// Tasks and consents.
fn set_and_said(world: &World) -> Vec<Record> {
    let World { samples: s, .. } = world;
    let task = s.task(&world.case, &world.owner);
    let bare = crate::task::Task {
        assignee_id: None,
        due_on: None,
        note: String::new(),
        ..s.automated_task(&world.case, &world.owner)
    };
    let done = task.clone().finish(world.owner.id, s.at + Duration::seconds(1));
    vec![
        task.into(),
        done.expect("it is open").into(),
        s.automated_task(&world.case, &world.member).into(),
        bare.into(),
        s.consent(&world.anna, &world.owner).into(),
        crate::sms::Consent::heard(s.id(), &s.phone_record()).into(),
    ]
}

pub(super) async fn every_record_comes_back_as_it_was_saved(store: &dyn Store) {
    let world = World::in_store(store, 1).await;
    for record in world.records() {
        must_have(store, &record).await;
    }
    let more = read(&world).into_iter().chain(set_and_said(&world));
    for record in ordinary(&world).into_iter().chain(more) {
        put(store, [record.clone()]).await;
        must_have(store, &record).await;
    }
    for record in super::approvals::variants(&world) {
        put(store, [record.clone()]).await;
        must_have(store, &record).await;
    }
    for record in variants(&world) {
        put(store, [record.clone()]).await;
        must_have(store, &record).await;
    }
}

/// Records in every variant that their types have.
fn variants(world: &World) -> Vec<Record> {
    let World { samples: s, .. } = world;
    let (staff, client, access) = (world.owner.id, world.anna.id, world.anna_access.id);
    let mut records: Vec<Record> = Vec::new();
    for person in [
        Person::Staff(staff),
        Person::Client(client),
        Person::Preview {
            staff,
            client,
            access,
        },
    ] {
        records.extend(
            sampled(strategies::session(s, person), 12)
                .into_iter()
                .map(Record::from),
        );
    }
    for kind in [
        NotificationKind::DocumentUploaded {
            document: world.document.id,
            request: None,
            file_name: "a \u{201c}scan\u{201d}.pdf".into(),
        },
        NotificationKind::DocumentUploaded {
            document: world.document.id,
            request: Some(world.request.id),
            file_name: "b.pdf".into(),
        },
        NotificationKind::ClientSignedIn,
        NotificationKind::TaskGiven { task: s.id() },
        NotificationKind::ApprovalAnswered { approval: s.id() },
        NotificationKind::ApprovalExpired { approval: s.id() },
        NotificationKind::TextReceived { conversation: s.id() },
    ] {
        let mut notification = s.notification(&world.owner, &world.case);
        if matches!(kind, NotificationKind::TextReceived { .. }) {
            notification.matter_id = None;
        }
        notification.kind = kind;
        notification.client_id = Some(client);
        records.push(notification.into());
    }
    for letter in letters(world) {
        for state in [
            DeliveryState::Queued,
            DeliveryState::Sending,
            DeliveryState::Sent,
            DeliveryState::Delivered,
            DeliveryState::Failed,
            DeliveryState::Unknown,
            DeliveryState::Held,
        ] {
            let mut delivery = s.delivery(&s.event(&world.case, &world.owner), &world.case, &world.anna);
            delivery.letter = letter.clone();
            if let Letter::Automated { cause, .. } = &mut delivery.letter {
                cause.entry = s.id();
                delivery.to = s.phone().into();
                delivery.provider_id = Some("SM\u{e9}1".into());
            }
            delivery.state = state;
            delivery.sent_at = (state == DeliveryState::Sent).then_some(s.at);
            delivery.tried_at = (state != DeliveryState::Held).then_some(s.at - Duration::seconds(1));
            delivery.in_doubt = matches!(state, DeliveryState::Queued | DeliveryState::Unknown);
            if state == DeliveryState::Failed {
                delivery.recipient = Recipient::Staff(staff);
                delivery.matter_id = None;
                delivery.attempts = 12;
                delivery.last_error = Some("550 5.1.1 no such mailbox \u{2014} \u{1f4ea}".into());
            }
            records.push(delivery.into());
        }
    }
    let placement = Placement {
        matter: world.case.id,
        client: None,
        request: None,
        confidentiality: Confidentiality::StaffOnly,
    };
    let mut filed = s.document(placement, Uploader::Staff(staff)).0;
    filed.current.size = u64::try_from(i64::MAX).unwrap_or_default();
    filed.versions = 65_536;
    records.push(filed.into());
    records.extend(uploads(world).into_iter().map(Record::from));
    records
}

fn uploads(world: &World) -> Vec<Upload> {
    let World { samples: s, .. } = world;
    let largest = u64::try_from(i64::MAX).unwrap_or_default();
    let to_matter = |client, confidentiality| UploadTarget::Matter {
        matter: world.case.id,
        client,
        confidentiality,
        replaces: None,
    };
    let begun = s.begun_upload(&world.request, largest);
    let replacing = Upload {
        id: s.id(),
        target: UploadTarget::Request {
            request: world.request.id,
            replaces: Some(world.document.id),
        },
        received: largest,
        metadata: String::new(),
        ..begun.clone()
    };
    let filing = Upload {
        id: s.id(),
        target: to_matter(Some(world.anna.id), Confidentiality::Participants),
        by: Uploader::Staff(world.owner.id),
        name: FileName::sanitise("r\u{e9}sum\u{e9} \u{4e2d}.pdf"),
        metadata: "k ".repeat(2_000),
        state: UploadState::Ended,
        ..begun.clone()
    };
    let finished = Upload {
        id: s.id(),
        target: to_matter(None, Confidentiality::StaffOnly),
        received: largest,
        state: UploadState::Finished(world.document.id),
        expires_at: s.at + Duration::microseconds(1),
        ..begun.clone()
    };
    let went_on = begun.clone().receive(7, s.at).expect("it waits");
    vec![begun, replacing, filing, finished, went_on]
}

fn letters(world: &World) -> Vec<Letter> {
    let World { samples: s, .. } = world;
    let about = || s.about(&world.case, "Anna \u{1f469}\u{200d}\u{1f680} Berg");
    let (link, expires_at, minutes) = (s.id(), s.at, 2_880);
    vec![
        Letter::SignIn {
            link,
            about: about(),
            expires_at,
            minutes,
        },
        Letter::Invitation {
            link,
            about: about(),
            expires_at,
            minutes,
        },
        Letter::RequestsAdded {
            about: about(),
            requests: vec![("Passport".into(), None), ("Payslips".into(), Some(s.at.date()))],
        },
        Letter::DocumentReturned {
            about: about(),
            request_title: None,
            file_name: "scan.pdf".into(),
            reason: "Two\nlines".into(),
        },
        Letter::ApprovalWithdrawn {
            about: about(),
            title: "The \u{201c}draft\u{201d}".into(),
            reason: "Two\nlines".into(),
        },
        Letter::ApprovalAsked {
            about: about(),
            approval: Some(s.id()),
            title: "The \u{201c}draft\u{201d}".into(),
            files: vec!["r\u{e9}sum\u{e9}.pdf".into()],
            due_on: Some(s.at.date()),
            why: crate::notify::AskedNow::Changed,
        },
        Letter::Automated {
            about: about(),
            subject: "\u{201c}Filing\u{201d}".into(),
            text: "Two\nlines \u{1f4e8}".into(),
            cause: Cause {
                workflow: s.id(),
                version: crate::Version(7),
                entry: s.id(),
                channel: crate::workflow::Channel::Email,
                not_before: s.at,
                gives_portal: true,
                quiet_hours: Some(crate::workflow::QuietHours { from: 21, until: 8 }),
            },
        },
        Letter::StaffNotice {
            about: about(),
            headline: "Anna uploaded \u{201c}scan.pdf\u{201d}".into(),
            opens: crate::notify::Opens::Task,
        },
    ]
}

pub(super) async fn odd_records_come_back_as_they_were_saved(store: &dyn Store) {
    let world = World::in_store(store, 2).await;
    let World { samples: s, .. } = &world;
    let mut records: Vec<Record> = Vec::new();
    let placements = strategies::placement(world.case.id, world.anna.id, world.request.id);
    records.extend(
        sampled(strategies::staff_member(s), 40)
            .into_iter()
            .map(Record::from),
    );
    records.extend(sampled(strategies::client(s), 60).into_iter().map(Record::from));
    records.extend(
        sampled(strategies::matter(s, &world.owner), 60)
            .into_iter()
            .map(Record::from),
    );
    records.extend(sampled(strategies::template(s), 20).into_iter().map(Record::from));
    for placement in sampled(placements, 40) {
        let odd = strategies::document(s, placement, world.owner.id, world.anna.id);
        records.extend(sampled(odd, 1).into_iter().map(Record::from));
    }
    let mut requests = sampled(strategies::request(s, &world.case, &world.anna), 60);
    for request in &mut requests {
        if let crate::checklist::RequestSource::Template { template, .. } = &mut request.source {
            *template = world.template.id;
        }
    }
    requests.dedup_by(|a, b| a.source == b.source && a.source != crate::checklist::RequestSource::Hand);
    records.extend(requests.into_iter().map(Record::from));
    put(store, records.clone()).await;
    for record in &records {
        must_have(store, record).await;
    }
    // Texts as long as the rules allow, and longer than a page of any database.
    let mut long = s.request(&world.case, &world.anna);
    long.title = "\u{1f4c4}".repeat(160);
    long.help = "\u{e9}\n".repeat(500);
    let mut wide = s.matter(&world.owner);
    wide.attributes = (0..50)
        .map(|n| (format!("{n} {}", "\u{42f}".repeat(50)), "\u{4e2d}".repeat(200)))
        .collect();
    let bare = crate::client::Client {
        given_names: "X".into(),
        reference: None,
        email: None,
        phone: None,
        date_of_birth: None,
        nationality: None,
        passport: crate::client::Passport::default(),
        language: None,
        time_zone: None,
        ..s.client("X", "")
    };
    for record in [Record::from(long), wide.into(), bare.into()] {
        put(store, [record.clone()]).await;
        must_have(store, &record).await;
    }
}

/// What is told of workflows.
fn events_of_workflows(world: &World) -> [EventKind; 6] {
    let World { samples: s, .. } = world;
    let (matter, client) = (world.case.id, world.anna.id);
    [
        EventKind::WorkflowsMatched {
            matter,
            entry: s.id(),
            workflows: (1..4)
                .map(|version| crate::stage::MatchedWorkflow {
                    workflow: s.id(),
                    version: crate::Version(version),
                })
                .collect(),
            client: None,
        },
        EventKind::WorkflowsMatched {
            matter,
            entry: s.id(),
            workflows: Vec::new(),
            client: Some(client),
        },
        EventKind::RulesChanged {
            after: None,
            which: Rereading::Every,
            send: false,
        },
        EventKind::RulesChanged {
            after: Some(matter),
            which: Rereading::Carrying {
                dimension: "Case stage".into(),
                raw: "\u{201c}Fileing\u{201d}".into(),
                since: crate::Version(7),
            },
            send: true,
        },
        EventKind::RulesChanged {
            after: Some(matter),
            which: Rereading::Changed {
                since: crate::Version(8),
            },
            send: false,
        },
        EventKind::RulesChanged {
            after: None,
            which: Rereading::Matching { workflow: s.id() },
            send: true,
        },
    ]
}

pub(super) async fn every_event_comes_back_as_it_was_saved(store: &dyn Store) {
    let world = World::in_store(store, 3).await;
    let World { samples: s, .. } = &world;
    let (matter, client, document) = (world.case.id, world.anna.id, world.document.id);
    let ask = Ask {
        access: world.anna_access.id,
        browser: Some(s.digest()),
        origin: s.origin(),
    };
    let mut kinds = vec![
        EventKind::SignInLinkAsked(ask.clone()),
        EventKind::SignInLinkAsked(Ask {
            browser: None,
            origin: crate::Origin::default(),
            ..ask
        }),
        EventKind::SignInLinkIssued {
            link: s.id(),
            invitation: true,
        },
        EventKind::RequestsAdded {
            matter,
            client,
            requests: (0..40).map(|_| s.id()).collect(),
        },
        EventKind::DocumentReturned {
            document,
            request: Some(world.request.id),
        },
        EventKind::DocumentReturned {
            document,
            request: None,
        },
        EventKind::DocumentUploaded { document, client },
        EventKind::TaskGiven {
            task: s.id(),
            staff: world.member.id,
        },
        EventKind::ClientSignedIn {
            access: world.anna_access.id,
            client,
        },
        EventKind::StaffAssigned {
            matter,
            staff: world.owner.id,
        },
        EventKind::TextReceived { conversation: s.id() },
        EventKind::ApprovalAsked {
            approval: s.id(),
            client,
        },
        EventKind::ApprovalAnswered {
            approval: s.id(),
            client,
        },
        EventKind::ApprovalReminderDue {
            approval: s.id(),
            number: 7,
        },
        EventKind::ApprovalWithdrawn { approval: s.id() },
        EventKind::ApprovalOver { approval: s.id() },
    ];
    kinds.extend(events_of_workflows(&world));
    let mut saved: Vec<Event> = kinds
        .into_iter()
        .map(|kind| Event::new(s.id(), world.id(), kind, s.at))
        .collect();
    put(store, saved.clone()).await;
    let lease = s.at + Duration::minutes(5);
    let mut claimed = got(store.claim_events(world.id(), s.at, lease, 100).await);
    claimed.sort_by_key(|event| event.id);
    for event in &mut saved {
        event.version.bump();
        event.attempts += 1;
        event.due_at = lease;
    }
    assert_eq!(claimed, saved, "events after their first claim");
    // What a worker writes after it failed comes back with the next claim.
    let failed: Vec<Event> = claimed
        .into_iter()
        .map(|event| event.failed("template \u{201c}x\u{201d} is broken".into(), s.at, 200))
        .collect();
    put(store, failed.clone()).await;
    let much_later = s.at + Duration::hours(1);
    let mut again = got(store.claim_events(world.id(), much_later, much_later, 100).await);
    again.sort_by_key(|event| event.id);
    let texts: Vec<_> = again.iter().map(|event| event.last_error.clone()).collect();
    let expected: Vec<_> = failed.iter().map(|event| event.last_error.clone()).collect();
    assert_eq!(texts, expected, "why events failed");
    assert!(
        again
            .iter()
            .all(|event| event.state == EventState::Pending && event.attempts == 2)
    );
}

pub(super) async fn times_keep_their_microseconds(store: &dyn Store) {
    let world = World::in_store(store, 4).await;
    let edge = |text: &str| text.parse::<Timestamp>().expect("a time");
    let mut times = vec![
        Timestamp::UNIX_EPOCH,
        edge("1969-12-31T23:59:59.999999Z"),
        edge("2026-11-20T20:59:25.642066Z"),
        edge("2026-11-20T20:59:25.642060Z"),
        edge("2026-11-20T20:59:25.100000Z"),
        edge("2026-11-20T20:59:25.000001Z"),
        edge("2026-02-28T23:59:59.999999Z"),
        edge("2024-02-29T00:00:00.000000Z"),
        edge("0001-01-01T00:00:00.000000Z"),
        edge("9999-12-31T23:59:59.999999Z"),
    ];
    times.extend(sampled(strategies::timestamp(), 60));
    let mut matters = Vec::new();
    for at in &times {
        let mut matter = world.samples.at(*at).matter(&world.owner);
        matter.updated_at = *at;
        matters.push(matter);
    }
    put(store, matters.clone()).await;
    for matter in matters {
        must_have(store, &matter.into()).await;
    }
}
