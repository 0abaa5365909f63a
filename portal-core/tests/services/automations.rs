//! Messages of automations: each once, its attempt on record, and nothing to whom it must not go.

use portal_core::client::{Client, ClientDraft};
use portal_core::notify::{Delivery, DeliveryFilter, DeliveryState, Told};
use portal_core::practice::{PracticeDraft, PracticeSettings};
use portal_core::rulebook::KeptWorkflow;
use portal_core::sms::{InboundSms, Keyword, ReceivedFilter, SmsError, SmsProgress, SmsReport, TextMessages};
use portal_core::text::Phone;
use portal_core::workflow::{
    Again, Agreement, Automation, Channel, Criterion, DimensionDraft, QuietHours, STAGE, TaxonomyDraft,
    WorkflowDraft,
};
use portal_core::{Duration, PageRequest, RecordKind};

use crate::world::{World, client_draft, matter_draft};

const TEXT: &str = "Hello {{ client.first_name }}, {{ matter.reference }} is at {{ matter.stage }}.";

pub async fn with_phone(world: &World, phone: &str) -> Client {
    let draft = ClientDraft {
        phone: phone.into(),
        ..client_draft("Amina", "amina@mail.test")
    };
    world
        .portal
        .update_client(&world.owner, world.amina.id, None, &draft)
        .await
        .unwrap()
}

pub fn sms() -> Automation {
    Automation::new(Channel::Sms).saying("en", TEXT)
}

pub async fn workflow(world: &World, automation: Automation) -> KeptWorkflow {
    let stages = DimensionDraft::new(STAGE)
        .value("Filing")
        .alias("FILING (USCIS)")
        .value("Decision");
    let taxonomy = TaxonomyDraft {
        dimensions: vec![stages],
    };
    world
        .portal
        .save_taxonomy(&world.owner, None, &taxonomy)
        .await
        .unwrap();
    let draft = WorkflowDraft {
        name: "Filing".into(),
        criteria: vec![Criterion::one_of(STAGE, ["Filing"])],
        automations: vec![automation],
        ..WorkflowDraft::default()
    };
    let workflow = world.portal.add_workflow(&world.owner, &draft).await.unwrap();
    world.portal.drain().await.unwrap();
    workflow
}

pub async fn enter(world: &World, stage: &str) {
    let mut draft = matter_draft("HM-1", world.owner_id);
    draft.stage = stage.into();
    world
        .portal
        .update_matter(&world.owner, world.matter.id, None, &draft)
        .await
        .unwrap();
    world.portal.drain().await.unwrap();
}

pub async fn history(world: &World) -> Vec<Delivery> {
    let filter = DeliveryFilter {
        matter: Some(world.matter.id),
        ..DeliveryFilter::default()
    };
    let page = PageRequest::first(200);
    let mut all = world
        .portal
        .deliveries(&world.owner, &filter, &page)
        .await
        .unwrap()
        .items;
    all.retain(|delivery| delivery.letter.cause().is_some());
    all.reverse();
    all
}

pub fn texts(world: &World) -> Vec<String> {
    world.fakes.sms.sent().into_iter().map(|sms| sms.text).collect()
}

fn report(id: &str, progress: SmsProgress) -> SmsReport {
    SmsReport {
        provider_id: id.into(),
        progress,
    }
}

fn inbound(id: &str, text: &str) -> InboundSms {
    InboundSms {
        provider_id: id.into(),
        from: Phone::parse("from", "+61 412 345 678", "AU").unwrap(),
        to: "+61480000000".into(),
        text: text.into(),
        is_part: false,
    }
}

#[tokio::test]
async fn entering_a_stage_texts_whoever_takes_the_part() {
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    workflow(&world, sms()).await;
    enter(&world, "filing (uscis)").await;
    assert_eq!(
        texts(&world),
        ["Hello Amina, HM-1 is at Filing."],
        "the principal only, in clean words"
    );
    let [sent] = <[Delivery; 1]>::try_from(history(&world).await).unwrap();
    assert_eq!(sent.state, DeliveryState::Sent);
    assert_eq!(sent.provider_id.as_deref(), Some("sms-1"));
    assert_eq!(sent.to.as_str(), "+61412345678");
    let message = &world.fakes.sms.sent()[0];
    assert_eq!(message.id, sent.id.to_string(), "the same for each try");
    let status = message.status_url.as_deref().unwrap();
    assert!(
        status.starts_with("https://portal.test/hooks/sms/fake/status?message="),
        "{status}"
    );
}

#[tokio::test]
async fn an_entry_texts_once_and_a_later_one_as_the_workflow_says() {
    for (again, expected) in [(Again::Always, 3), (Again::Once, 1), (Again::AfterDays(7), 2)] {
        let world = World::new().await;
        with_phone(&world, "0412 345 678").await;
        workflow(&world, Automation { again, ..sms() }).await;
        enter(&world, "Filing").await;
        enter(&world, "FILING").await;
        assert_eq!(
            texts(&world).len(),
            1,
            "the same stage in other letters is no new entry"
        );
        for _ in 0..2 {
            enter(&world, "Decision").await;
            world.fakes.clock.advance(Duration::days(4));
            enter(&world, "Filing").await;
        }
        assert_eq!(texts(&world).len(), expected, "{again:?}");
        world.portal.apply_workflows(&world.owner, true).await.unwrap();
        world.portal.drain().await.unwrap();
        assert_eq!(
            texts(&world).len(),
            expected,
            "applying the workflows again texts nobody twice"
        );
    }
}

#[tokio::test]
async fn another_name_texts_nobody_again_and_other_words_do() {
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    let kept = workflow(&world, sms()).await;
    enter(&world, "Filing").await;
    assert_eq!(texts(&world).len(), 1);
    let portal = &world.portal;
    let mut draft = kept.draft;
    let save = async |draft: &WorkflowDraft| {
        let saved = portal
            .update_workflow(&world.owner, kept.id, None, draft)
            .await
            .unwrap();
        portal.apply_workflows(&world.owner, true).await.unwrap();
        portal.drain().await.unwrap();
        (saved.version.0, saved.editions, texts(&world).len())
    };
    let version = |number| portal_core::Version(number);
    draft.name = "Filed".into();
    draft.priority = 7;
    assert_eq!(save(&draft).await, (2, vec![version(1)], 1), "renamed");
    draft.criteria.push(Criterion::any(STAGE));
    draft.automations[0].delay_minutes = 1;
    assert_eq!(
        save(&draft).await,
        (3, vec![version(1)], 1),
        "other criteria, another delay"
    );
    draft.enabled = false;
    assert_eq!(save(&draft).await.2, 1, "off");
    draft.enabled = true;
    assert_eq!(save(&draft).await, (5, vec![version(1)], 1), "and on");
    let mut mail = Automation::new(Channel::Email).saying("en", TEXT);
    mail.subject.insert("en".into(), "News".into());
    let mails = world.fakes.mail.sent().len();
    draft.automations.insert(0, mail);
    assert_eq!(
        save(&draft).await,
        (6, vec![version(6), version(1)], 1),
        "a mail beside it"
    );
    assert_eq!(world.fakes.mail.sent().len(), mails + 1, "which is new");
    draft.automations[1].delay_minutes = 0;
    draft.automations[1]
        .text
        .insert("en".into(), "Other words.".into());
    assert_eq!(
        save(&draft).await,
        (7, vec![version(6), version(7)], 2),
        "other words"
    );
    assert_eq!(world.fakes.mail.sent().len(), mails + 1);
}

#[tokio::test]
async fn a_delay_and_the_night_are_waited_out() {
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    let quiet = QuietHours { from: 0, until: 23 };
    workflow(
        &world,
        Automation {
            delay_minutes: 60,
            quiet_hours: Some(quiet),
            ..sms()
        },
    )
    .await;
    enter(&world, "Filing").await;
    assert_eq!(texts(&world).len(), 0);
    let waiting = history(&world).await.remove(0);
    assert_eq!(waiting.state, DeliveryState::Queued);
    assert_eq!(
        waiting.due_at,
        quiet.over(world.portal.now() + Duration::hours(1), "UTC")
    );
    // Somebody else's message does not wait behind it.
    let at = waiting.due_at - world.portal.now();
    world.fakes.clock.advance(at - Duration::seconds(1));
    world.portal.drain().await.unwrap();
    assert_eq!(texts(&world).len(), 0);
    world.fakes.clock.advance(Duration::seconds(1));
    world.portal.drain().await.unwrap();
    assert_eq!(texts(&world).len(), 1);
}

#[tokio::test]
async fn whoever_cannot_be_texted_is_in_the_history_with_the_reason() {
    let held = async |world: &World, automation| {
        workflow(world, automation).await;
        enter(world, "Filing").await;
        let [held] = <[Delivery; 1]>::try_from(history(world).await).unwrap();
        assert_eq!(held.state, DeliveryState::Held);
        assert!(world.fakes.sms.sent().is_empty());
        held.last_error.unwrap()
    };
    let world = World::new().await;
    assert!(held(&world, sms()).await.contains("no telephone number"));

    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    let link = Automation::new(Channel::Sms).saying("en", "See {{ portal.url }}");
    assert!(held(&world, link).await.contains("may not enter"));

    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    world
        .portal
        .receive_sms(world.practice.id, "fake", inbound("1", "Stop."))
        .await
        .unwrap();
    assert!(held(&world, sms()).await.contains("asked for no more"));

    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
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
    assert!(held(&world, sms()).await.contains("did not agree"));
    world
        .portal
        .receive_sms(world.practice.id, "fake", inbound("2", "START"))
        .await
        .unwrap();
    enter(&world, "Decision").await;
    enter(&world, "Filing").await;
    assert_eq!(texts(&world).len(), 1, "now they agreed");
}

#[tokio::test]
async fn what_may_have_been_sent_is_never_sent_again() {
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    workflow(&world, sms()).await;
    world
        .fakes
        .sms
        .fail_with(Some(SmsError::Unknown("no answer in time".into())));
    enter(&world, "Filing").await;
    world.fakes.sms.fail_with(None);
    for _ in 0..10 {
        world.fakes.clock.advance(Duration::hours(12));
        world.portal.drain().await.unwrap();
    }
    assert_eq!(texts(&world).len(), 0);
    let unknown = history(&world).await.remove(0);
    assert_eq!((unknown.state, unknown.attempts), (DeliveryState::Unknown, 1));
    assert!(
        unknown
            .last_error
            .as_deref()
            .unwrap()
            .contains("no answer in time")
    );
    // The provider tells later what became of it.
    let delivered = report("sms-9", SmsProgress::Delivered);
    let told = world
        .portal
        .note_sms_report(world.practice.id, unknown.id, &delivered)
        .await;
    assert_eq!(told.unwrap(), Told::Changed);
    assert_eq!(history(&world).await[0].state, DeliveryState::Delivered);
}

#[tokio::test]
async fn an_attempt_that_a_crash_cut_off_is_unknown_or_repeated_under_its_key() {
    for repeats_safely in [false, true] {
        let world = World::new().await;
        with_phone(&world, "0412 345 678").await;
        workflow(
            &world,
            Automation {
                delay_minutes: 5,
                ..sms()
            },
        )
        .await;
        world.fakes.sms.repeat_safely(repeats_safely);
        enter(&world, "Filing").await;
        // The attempt is on record, and nothing else is: as if the server had died then.
        let waiting = history(&world).await.remove(0);
        let on_record = waiting.clone().sending(world.portal.now(), waiting.due_at);
        let change = portal_core::Change::unaudited(world.practice.id, "as a worker does it").save(on_record);
        world.portal.commit(change).await.unwrap();
        world.fakes.clock.advance(Duration::minutes(20));
        world.portal.drain().await.unwrap();
        let after = history(&world).await.remove(0);
        if repeats_safely {
            assert_eq!((texts(&world).len(), after.state), (1, DeliveryState::Sent));
            assert_eq!(world.fakes.sms.sent()[0].id, waiting.id.to_string());
        } else {
            assert_eq!((texts(&world).len(), after.state), (0, DeliveryState::Unknown));
        }
    }
}

#[tokio::test]
async fn a_provider_that_took_nothing_is_tried_again_and_a_refusal_is_final() {
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    workflow(&world, sms()).await;
    world.fakes.sms.fail_with(Some(SmsError::NotSent("429".into())));
    enter(&world, "Filing").await;
    assert_eq!(history(&world).await[0].state, DeliveryState::Queued);
    world.fakes.sms.fail_with(None);
    world.fakes.clock.advance(Duration::minutes(1));
    world.portal.drain().await.unwrap();
    assert_eq!(history(&world).await[0].state, DeliveryState::Sent);

    world
        .fakes
        .sms
        .fail_with(Some(SmsError::OptedOut("21610".into())));
    enter(&world, "Decision").await;
    enter(&world, "Filing").await;
    let refused = history(&world).await.remove(1);
    assert_eq!((refused.state, refused.attempts), (DeliveryState::Failed, 1));
    let phone = Phone::parse("phone", "0412 345 678", "AU").unwrap();
    let record = world
        .store
        .phone_record(world.practice.id, &phone)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        record.agreement,
        Agreement::OptedOut,
        "the provider's word is kept"
    );
    world.fakes.sms.fail_with(None);
    enter(&world, "Decision").await;
    enter(&world, "Filing").await;
    assert_eq!(history(&world).await[2].state, DeliveryState::Held);
    assert_eq!(texts(&world).len(), 1);
}

#[tokio::test]
async fn whoever_opts_out_while_a_message_waits_does_not_get_it() {
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    workflow(
        &world,
        Automation {
            delay_minutes: 60,
            ..sms()
        },
    )
    .await;
    enter(&world, "Filing").await;
    let (told, keyword) = world
        .portal
        .receive_sms(world.practice.id, "fake", inbound("1", "STOP"))
        .await
        .unwrap();
    assert_eq!((told, keyword), (Told::Changed, Some(Keyword::Stop)));
    world.fakes.clock.advance(Duration::hours(2));
    world.portal.drain().await.unwrap();
    assert_eq!(texts(&world).len(), 0);
    assert_eq!(history(&world).await[0].state, DeliveryState::Held);
}

#[tokio::test]
async fn news_moves_a_message_forward_only_and_repeated_changes_nothing() {
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    workflow(&world, sms()).await;
    enter(&world, "Filing").await;
    let id = history(&world).await[0].id;
    let failed = SmsProgress::Failed {
        why: "30003".into(),
        opted_out: false,
    };
    for (progress, told, state) in [
        (SmsProgress::Sent, Told::Known, DeliveryState::Sent),
        (SmsProgress::Delivered, Told::Changed, DeliveryState::Delivered),
        (SmsProgress::Sent, Told::Known, DeliveryState::Delivered),
        (failed, Told::Known, DeliveryState::Delivered),
    ] {
        for round in 0..2 {
            let report = report("sms-1", progress.clone());
            let found = world
                .portal
                .note_sms_report(world.practice.id, id, &report)
                .await
                .unwrap();
            assert_eq!(found, if round == 0 { told } else { Told::Known }, "{progress:?}");
            assert_eq!(history(&world).await[0].state, state);
        }
    }
    let other = report("sms-2", SmsProgress::Delivered);
    let found = world
        .portal
        .note_sms_report(world.practice.id, id, &other)
        .await
        .unwrap();
    assert_eq!(found, Told::NoSuchMessage, "another message's news");
    let nobody = uuid::Uuid::from_u128(7).into();
    let found = world
        .portal
        .note_sms_report(world.practice.id, nobody, &other)
        .await
        .unwrap();
    assert_eq!(found, Told::NoSuchMessage);
}

#[tokio::test]
async fn a_message_from_outside_is_kept_once_and_in_its_practice() {
    let world = World::new().await;
    for round in 0..100 {
        let text = if round == 0 { "STOP" } else { "START" };
        let (told, _) = world
            .portal
            .receive_sms(world.practice.id, "fake", inbound("1", text))
            .await
            .unwrap();
        assert_eq!(told == Told::Changed, round == 0);
    }
    let page = PageRequest::first(10).with_total();
    let kept = world
        .store
        .received(world.practice.id, &ReceivedFilter::default(), &page)
        .await
        .unwrap();
    assert_eq!((kept.total, kept.items[0].text.as_str()), (Some(1), "STOP"));
    let from = kept.items[0].from.clone();
    let record = world
        .store
        .phone_record(world.practice.id, &from)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        record.agreement,
        Agreement::OptedOut,
        "a replay starts nothing again"
    );
    let elsewhere = portal_core::PracticeId(uuid::Uuid::from_u128(9));
    assert!(
        world
            .store
            .phone_record(elsewhere, &from)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn an_automation_by_mail_goes_out_as_a_letter() {
    let world = World::new().await;
    let mut mail = Automation::new(Channel::Email).saying("en", TEXT);
    mail.subject
        .insert("en".into(), "{{ matter.reference }}: {{ matter.stage }}".into());
    workflow(&world, mail).await;
    enter(&world, "Filing").await;
    let mails: Vec<_> = world.fakes.mail.sent();
    let mail = mails.last().unwrap();
    assert_eq!(mail.content.subject, "HM-1: Filing");
    assert!(
        mail.content.text.contains("Hello Amina, HM-1 is at Filing."),
        "{}",
        mail.content.text
    );
    assert_eq!(history(&world).await[0].state, DeliveryState::Sent);
}

#[tokio::test]
async fn a_second_message_for_one_cause_is_impossible() {
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    workflow(
        &world,
        Automation {
            delay_minutes: 60,
            ..sms()
        },
    )
    .await;
    enter(&world, "Filing").await;
    let first = history(&world).await.remove(0);
    let second = Delivery {
        id: uuid::Uuid::from_u128(1).into(),
        version: portal_core::Version::FIRST,
        ..first.clone()
    };
    let change = portal_core::Change::unaudited(world.practice.id, "a worker that went astray").save(second);
    let refused = world.portal.commit(change).await.unwrap_err();
    assert!(refused.to_string().contains("automation_once"), "{refused}");
    let held = portal_core::Change::unaudited(world.practice.id, "it is still there").while_unchanged(
        RecordKind::Delivery,
        first.id,
        first.version,
    );
    world.portal.commit(held).await.unwrap();
}
