//! Text messages that a provider with idempotency keys did not answer: they are repeated, and where that does not come about, nobody
//! says that they were not sent.

use portal_core::notify::{Delivery, DeliveryState, Told};
use portal_core::sms::{InboundSms, SmsError, SmsProgress, SmsReport};
use portal_core::text::Phone;
use portal_core::workflow::{Again, Automation};
use portal_core::{Change, Duration};

use crate::automations::{enter, history, sms, texts, with_phone, workflow};
use crate::world::World;

/// What comes between the attempt that was not answered and the next.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Turn {
    Stop,
    NotNowAndStop,
    OtherNumber,
    SwitchedOff,
    Refused,
    OptedOut,
    NeverAgain,
    OtherProvider,
}

impl Turn {
    const ALL: [Self; 8] = [
        Self::Stop,
        Self::NotNowAndStop,
        Self::OtherNumber,
        Self::SwitchedOff,
        Self::Refused,
        Self::OptedOut,
        Self::NeverAgain,
        Self::OtherProvider,
    ];
}

struct Unanswered {
    world: World,
    workflow: portal_core::rulebook::KeptWorkflow,
}

impl Unanswered {
    /// A message, once per matter, that left and was not answered.
    async fn new() -> Self {
        let world = World::new().await;
        with_phone(&world, "0412 345 678").await;
        let once = Automation {
            again: Again::Once,
            ..sms()
        };
        let workflow = workflow(&world, once).await;
        world.fakes.sms.repeat_safely(true);
        let fault = SmsError::Unknown("no answer in time".into());
        world.fakes.sms.fail_with(Some(fault));
        enter(&world, "Filing").await;
        world.fakes.sms.fail_with(None);
        let this = Self { world, workflow };
        let waits = this.only().await;
        assert_eq!((waits.state, waits.attempts), (DeliveryState::Queued, 1));
        this
    }

    async fn only(&self) -> Delivery {
        let [only] = <[Delivery; 1]>::try_from(history(&self.world).await).expect("one message");
        only
    }

    async fn texts_us(&self, id: &str, text: &str) {
        let inbound = InboundSms {
            provider_id: id.into(),
            from: Phone::parse("from", "+61 412 345 678", "AU").unwrap(),
            to: "+61480000000".into(),
            text: text.into(),
            is_part: false,
        };
        let practice = self.world.practice.id;
        self.world
            .portal
            .receive_sms(practice, "fake", inbound)
            .await
            .unwrap();
    }

    async fn switch(&self, enabled: bool) {
        let mut draft = self.workflow.draft.clone();
        draft.enabled = enabled;
        let (portal, owner) = (&self.world.portal, &self.world.owner);
        let saved = portal.update_workflow(owner, self.workflow.id, None, &draft);
        saved.await.unwrap();
    }

    async fn try_again(&self) {
        self.world.fakes.clock.advance(Duration::hours(8));
        self.world.portal.drain().await.unwrap();
    }

    async fn take(&self, turn: Turn) {
        let sms = &self.world.fakes.sms;
        match turn {
            Turn::Stop => self.texts_us("1", "STOP").await,
            Turn::NotNowAndStop => {
                sms.fail_with(Some(SmsError::NotSent("429".into())));
                self.try_again().await;
                assert_eq!(self.only().await.state, DeliveryState::Queued);
                sms.fail_with(None);
                self.texts_us("1", "STOP").await;
            }
            Turn::OtherNumber => {
                with_phone(&self.world, "0412 345 679").await;
            }
            Turn::SwitchedOff => self.switch(false).await,
            Turn::Refused => sms.fail_with(Some(SmsError::Refused("30003".into()))),
            Turn::OptedOut => sms.fail_with(Some(SmsError::OptedOut("21610".into()))),
            Turn::NeverAgain => {
                sms.fail_with(Some(SmsError::NotSent("429".into())));
                for _ in 2..Delivery::MOST_ATTEMPTS {
                    self.try_again().await;
                    assert_eq!(self.only().await.state, DeliveryState::Queued);
                }
            }
            Turn::OtherProvider => sms.repeat_safely(false),
        }
        self.try_again().await;
        sms.fail_with(None);
        match turn {
            Turn::Stop | Turn::NotNowAndStop => self.texts_us("2", "START").await,
            Turn::SwitchedOff => self.switch(true).await,
            _ => {}
        }
    }

    async fn enter_again(&self) {
        enter(&self.world, "Decision").await;
        enter(&self.world, "Filing").await;
    }
}

#[tokio::test]
async fn what_was_not_answered_is_unknown_whatever_keeps_it_from_being_repeated() {
    for turn in Turn::ALL {
        let case = Unanswered::new().await;
        case.take(turn).await;
        let unknown = case.only().await;
        assert_eq!(unknown.state, DeliveryState::Unknown, "{turn:?}: {unknown:?}");
        assert!(unknown.last_error.is_some(), "{turn:?}");
        assert!(texts(&case.world).is_empty(), "{turn:?}");
        case.enter_again().await;
        assert_eq!(
            case.only().await.id,
            unknown.id,
            "{turn:?}: once, and that may have been it"
        );
        // The telephone had it all the time.
        let report = SmsReport {
            provider_id: "gateway-1".into(),
            progress: SmsProgress::Delivered,
        };
        let practice = case.world.practice.id;
        let told = case.world.portal.note_sms_report(practice, unknown.id, &report);
        assert_eq!(told.await.unwrap(), Told::Changed, "{turn:?}");
        let delivered = case.only().await;
        assert_eq!(
            (delivered.state, delivered.in_doubt),
            (DeliveryState::Delivered, false),
            "{turn:?}"
        );
        case.enter_again().await;
        assert_eq!(case.only().await.state, DeliveryState::Delivered, "{turn:?}");
    }
}

#[tokio::test]
async fn an_answer_to_the_repeat_settles_it() {
    let case = Unanswered::new().await;
    case.try_again().await;
    let sent = case.only().await;
    assert_eq!(
        (sent.state, sent.in_doubt, sent.last_error),
        (DeliveryState::Sent, false, None)
    );
    assert_eq!(texts(&case.world).len(), 1);
}

#[tokio::test]
async fn an_attempt_that_was_cut_off_is_in_doubt_too() {
    let case = Unanswered::new().await;
    let practice = case.world.practice.id;
    let waiting = Delivery {
        in_doubt: false,
        ..case.only().await
    };
    // The server died between the record of the attempt and its answer.
    let on_record = waiting.clone().sending(case.world.portal.now(), waiting.due_at);
    let change = Change::unaudited(practice, "as a worker does it").save(on_record);
    case.world.portal.commit(change).await.unwrap();
    case.take(Turn::Stop).await;
    assert_eq!(case.only().await.state, DeliveryState::Unknown);
}

#[tokio::test]
async fn what_certainly_did_not_leave_is_held() {
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    let workflow = workflow(&world, sms()).await;
    world.fakes.sms.repeat_safely(true);
    world.fakes.sms.fail_with(Some(SmsError::NotSent("429".into())));
    enter(&world, "Filing").await;
    let case = Unanswered { world, workflow };
    case.take(Turn::SwitchedOff).await;
    assert_eq!(case.only().await.state, DeliveryState::Held);
}
