//! Consent to text messages: recorded by staff with its history, and never against what somebody said themselves.

use std::collections::BTreeMap;

use portal_core::audit::AuditFilter;
use portal_core::client::{Client, ClientDraft};
use portal_core::practice::{PracticeDraft, PracticeSettings};
use portal_core::sms::{
    Consent, ConsentDraft, ConsentHow, ConsentRule, Heard, InboundSms, PhoneRecord, TextConsent, TextMessages,
};
use portal_core::text::Phone;
use portal_core::workflow::{
    Agreement, Automation, Channel, Criterion, DimensionDraft, Held, STAGE, TaxonomyDraft, WorkflowDraft,
};
use portal_core::{Date, Error, PageRequest, Timestamp};
use proptest::prelude::*;

use crate::world::{World, client_draft, matter_draft};

const NUMBER: &str = "+61412345678";

async fn with_phone(world: &World, phone: &str) -> Client {
    let draft = ClientDraft {
        phone: phone.into(),
        ..client_draft("Amina", "amina@mail.test")
    };
    let changed = world
        .portal
        .update_client(&world.owner, world.amina.id, None, &draft)
        .await;
    changed.unwrap()
}

/// The practice texts only who agreed.
async fn wants_consent(world: &World) {
    let draft = PracticeDraft {
        settings: PracticeSettings {
            text_consent_needed: true,
            ..PracticeSettings::default()
        },
        ..world.practice.draft()
    };
    world
        .portal
        .update_practice(&world.owner, None, &draft)
        .await
        .unwrap();
}

fn said(agreed: bool) -> ConsentDraft {
    ConsentDraft {
        agreed,
        how: ConsentHow::Spoken,
        said_on: Date::from_ordinal_date(2026, 10).unwrap(),
        note: "On the telephone".into(),
    }
}

async fn record(world: &World, agreed: bool) -> Result<TextConsent, Error<ConsentRule>> {
    world
        .portal
        .record_consent(&world.owner, world.amina.id, &said(agreed))
        .await
}

async fn they_text(world: &World, id: &str, text: &str) {
    let inbound = InboundSms {
        provider_id: id.into(),
        from: Phone::parse("from", NUMBER, "AU").unwrap(),
        to: "+61480000000".into(),
        text: text.into(),
        is_part: false,
    };
    world
        .portal
        .receive_sms(world.practice.id, "fake", inbound)
        .await
        .unwrap();
}

async fn consent(world: &World) -> TextConsent {
    world
        .portal
        .text_consent(&world.owner, world.amina.id)
        .await
        .unwrap()
}

/// A stage that texts, entered as often as wished.
async fn enter(world: &World, stage: &str) {
    let mut draft = matter_draft("HM-1", world.owner_id);
    draft.stage = stage.into();
    let moved = world
        .portal
        .update_matter(&world.owner, world.matter.id, None, &draft)
        .await;
    moved.unwrap();
    world.portal.drain().await.unwrap();
}

async fn with_texts(world: &World) {
    let taxonomy = TaxonomyDraft {
        dimensions: vec![DimensionDraft::new(STAGE).value("Filing").value("Decision")],
    };
    world
        .portal
        .save_taxonomy(&world.owner, None, &taxonomy)
        .await
        .unwrap();
    let draft = WorkflowDraft {
        name: "Filing".into(),
        criteria: vec![Criterion::one_of(STAGE, ["Filing"])],
        automations: vec![Automation {
            text: BTreeMap::from([("en".into(), "Hello".into())]),
            ..Automation::new(Channel::Sms)
        }],
        ..WorkflowDraft::default()
    };
    world.portal.add_workflow(&world.owner, &draft).await.unwrap();
    world.portal.drain().await.unwrap();
}

#[tokio::test]
async fn what_staff_record_lets_messages_through_or_stops_them() {
    let world = World::new().await;
    with_phone(&world, NUMBER).await;
    wants_consent(&world).await;
    with_texts(&world).await;
    enter(&world, "Filing").await;
    assert_eq!(world.fakes.sms.sent().len(), 0);
    assert_eq!(consent(&world).await.held, Some(Held::NoConsent));
    let held = world
        .portal
        .held_texts(&world.owner, world.amina.id)
        .await
        .unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!(
        held[0].last_error.as_deref(),
        Some("they did not agree to text messages")
    );

    let agreed = record(&world, true).await.unwrap();
    assert_eq!((agreed.held, agreed.history.len()), (None, 1));
    enter(&world, "Decision").await;
    enter(&world, "Filing").await;
    assert_eq!(world.fakes.sms.sent().len(), 1);

    world.fakes.clock.advance(portal_core::Duration::days(1));
    let declined = record(&world, false).await.unwrap();
    assert_eq!(declined.held, Some(Held::OptedOut));
    assert!(
        !declined.is_stopped_by_them(),
        "staff may take back what staff recorded"
    );
    enter(&world, "Decision").await;
    enter(&world, "Filing").await;
    assert_eq!(world.fakes.sms.sent().len(), 1);
    world.fakes.clock.advance(portal_core::Duration::days(1));
    let again = record(&world, true).await.unwrap();
    let history: Vec<_> = again.history.iter().map(|entry| entry.agreement).collect();
    assert_eq!(
        history,
        [Agreement::Agreed, Agreement::OptedOut, Agreement::Agreed],
        "the newest first"
    );
    let newest = &again.history[0];
    assert_eq!(
        (newest.how, newest.note.as_str()),
        (Some(ConsentHow::Spoken), "On the telephone")
    );
    assert_eq!(
        (newest.staff_id, newest.client_id),
        (Some(world.owner_id), Some(world.amina.id))
    );

    let filter = AuditFilter {
        subject: Some(world.amina.id.0),
        ..AuditFilter::default()
    };
    let entries = world
        .portal
        .audit_entries(&world.owner, &filter, &PageRequest::first(3))
        .await
        .unwrap();
    let actions: Vec<_> = entries.items.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "client.texts-agreed",
            "client.texts-declined",
            "client.texts-agreed"
        ]
    );
    // Another number begins anew.
    with_phone(&world, "+61491570156").await;
    let other = consent(&world).await;
    assert_eq!(
        (other.record, other.history.len(), other.held),
        (None, 0, Some(Held::NoConsent))
    );
}

#[tokio::test]
async fn only_they_take_back_their_own_stop() {
    let world = World::new().await;
    with_phone(&world, NUMBER).await;
    // Recorded by staff first: their own STOP counts more.
    record(&world, false).await.unwrap();
    world.fakes.clock.advance(portal_core::Duration::days(1));
    they_text(&world, "1", "Stop.").await;
    let stopped = consent(&world).await;
    assert!(stopped.is_stopped_by_them());
    assert_eq!(stopped.history.len(), 2, "the STOP stands in the history too");
    assert_eq!(stopped.history[0].heard, Heard::ByKeyword);
    let refused = record(&world, true).await;
    assert!(
        matches!(refused, Err(Error::Rule(ConsentRule::StoppedByThem))),
        "{refused:?}"
    );
    assert_eq!(consent(&world).await, stopped, "nothing was recorded");
    // That they said it too is worth recording, and takes nothing from what they texted.
    assert!(record(&world, false).await.unwrap().is_stopped_by_them());
    world.fakes.clock.advance(portal_core::Duration::days(1));
    they_text(&world, "2", "START").await;
    let started = consent(&world).await;
    assert_eq!(
        (started.held, started.record.unwrap().heard),
        (None, Heard::ByKeyword)
    );
    assert_eq!(started.history.len(), 4);
    let kept = world
        .store
        .phone_record(world.practice.id, &Phone::try_from(NUMBER.to_owned()).unwrap())
        .await;
    assert_eq!(kept.unwrap().unwrap().agreement, Agreement::Agreed);
}

/// What was said about a number, the oldest first: `a`greed or `d`eclined, recorded by staff, `A`greed or `S`topped by a word.
fn history(said: &str) -> (Option<PhoneRecord>, Vec<Consent>) {
    let phone = Phone::try_from(NUMBER.to_owned()).unwrap();
    let (mut record, mut entries) = (None::<PhoneRecord>, Vec::new());
    for (number, said) in said.chars().enumerate() {
        let heard = match said {
            'a' => (Agreement::Agreed, Heard::ByStaff),
            'd' => (Agreement::OptedOut, Heard::ByStaff),
            'A' => (Agreement::Agreed, Heard::ByKeyword),
            _ => (Agreement::OptedOut, Heard::ByKeyword),
        };
        let at = Timestamp::UNIX_EPOCH + portal_core::Duration::days(i64::try_from(number).unwrap());
        let practice = portal_core::PracticeId(uuid::Uuid::nil());
        let Some(next) = PhoneRecord::hearing(record.as_ref(), practice, &phone, heard, at) else {
            continue;
        };
        entries.insert(
            0,
            Consent::heard(uuid::Uuid::from_u128(number as u128).into(), &next),
        );
        record = Some(next);
    }
    (record, entries)
}

#[test]
fn a_start_that_answers_another_practice_takes_back_the_stop_and_agrees_to_nothing() {
    let now = Timestamp::UNIX_EPOCH + portal_core::Duration::days(99);
    let holds = |said: &str| {
        let (record, entries) = history(said);
        let started = record.unwrap().started_elsewhere(&entries, now);
        started.map(|record| (record.agreement, record.heard))
    };
    assert_eq!(holds("S"), Some((Agreement::Unknown, Heard::ByKeyword)));
    assert_eq!(holds("aS"), Some((Agreement::Agreed, Heard::ByStaff)));
    assert_eq!(holds("AS"), Some((Agreement::Agreed, Heard::ByKeyword)));
    assert_eq!(
        holds("adS"),
        Some((Agreement::OptedOut, Heard::ByStaff)),
        "they told staff too"
    );
    assert_eq!(holds("SAS"), Some((Agreement::Agreed, Heard::ByKeyword)));
    for nothing in ["a", "d", "A", "SA", "da"] {
        assert_eq!(holds(nothing), None, "{nothing}: they stopped nothing");
    }
}

#[tokio::test]
async fn what_cannot_be_recorded_is_told() {
    let world = World::new().await;
    let nothing = record(&world, true).await;
    assert!(
        matches!(nothing, Err(Error::Rule(ConsentRule::NoPhone))),
        "{nothing:?}"
    );
    assert_eq!(consent(&world).await.held, Some(Held::NoPhone));
    with_phone(&world, NUMBER).await;
    let today = world.fakes.clock.time().date();
    let wrong = |change: fn(&mut ConsentDraft, Date)| {
        let mut draft = said(true);
        change(&mut draft, today);
        draft
    };
    for (draft, field) in [
        (
            wrong(|draft, today| draft.said_on = today + portal_core::Duration::days(2)),
            "said_on",
        ),
        (
            wrong(|draft, _| draft.said_on = Date::from_ordinal_date(1989, 365).unwrap()),
            "said_on",
        ),
        (wrong(|draft, _| draft.note = "x".repeat(501)), "note"),
    ] {
        let refused = world
            .portal
            .record_consent(&world.owner, world.amina.id, &draft)
            .await;
        let Err(Error::Invalid(invalid)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(invalid.errors[0].field, field);
    }
    assert_eq!(consent(&world).await.history, []);
    let (_, _, client) = world.enter(&world.amina).await;
    let theirs = world.portal.text_consent(&client, world.amina.id).await;
    assert!(matches!(theirs, Err(Error::Denied(_))), "{theirs:?}");
    let theirs = world
        .portal
        .record_consent(&client, world.amina.id, &said(true))
        .await;
    assert!(matches!(theirs, Err(Error::Denied(_))), "{theirs:?}");
}

/// Something that is said of a number.
#[derive(Debug, Clone, Copy)]
enum Word {
    Staff(bool),
    Them(bool),
    Provider,
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        any::<bool>().prop_map(Word::Staff),
        any::<bool>().prop_map(Word::Them),
        Just(Word::Provider),
    ]
}

proptest! {
    /// Whatever is said in whatever order: after their own STOP nothing but their own START lets a message through.
    #[test]
    fn a_stop_holds_until_they_start(words in proptest::collection::vec(word(), 0..12)) {
        let samples = portal_core::testing::Samples::new(5);
        let client = Client { phone: Some(samples.phone()), ..samples.client("Anna", "Berg") };
        let phone = samples.phone();
        let mut record: Option<PhoneRecord> = None;
        let mut stopped = false;
        for word in words {
            let heard = |agreement, heard| {
                PhoneRecord::hearing(record.as_ref(), samples.practice, &phone, (agreement, heard), samples.at)
            };
            let next = match word {
                Word::Them(true) => { stopped = false; heard(Agreement::Agreed, Heard::ByKeyword) }
                Word::Them(false) => { stopped = true; heard(Agreement::OptedOut, Heard::ByKeyword) }
                Word::Provider => { stopped = true; heard(Agreement::OptedOut, Heard::ByProvider) }
                Word::Staff(agreed) => {
                    let consent = said(agreed).recorded(samples.id(), (&client, &phone), None, samples.at).unwrap();
                    let applied = consent.apply(record.as_ref());
                    prop_assert_eq!(applied.is_err(), agreed && stopped);
                    applied.unwrap_or_default()
                }
            };
            if let Some(next) = next {
                prop_assert_eq!(next.version.0, record.as_ref().map_or(0, |record| record.version.0) + 1);
                record = Some(next);
            }
            let by_them = record.as_ref().is_some_and(PhoneRecord::is_stopped_by_them);
            prop_assert_eq!(by_them, stopped);
        }
    }
}
