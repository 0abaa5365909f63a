//! The worker: sends what was planned, outside any transaction.
//!
//! Everything is claimed with a lease first, so that several workers share the work and one that dies loses none.
//! A mail whose attempt was cut off is sent again under the same `Message-ID`; a text message is not, unless its provider takes
//! an idempotency key.

use super::{Delivery, DeliveryState, EmailMessage, Lane, LetterSecrets, Queue, SendError};
use crate::access::LinkUse;
use crate::text::{Address, Email};
use crate::{Change, Duration, Portal, PracticeId, StoreError, Timestamp};

/// How long a claim holds before another worker may take it over, and again each attempt: longer than any mail server may take.
const LEASE: Duration = Duration::minutes(5);
/// How many messages are claimed of one practice before the next has its turn.
const AT_ONCE: u32 = 50;
/// How many practices are served in one round.
pub(super) const PRACTICES_AT_ONCE: u32 = 100;

/// How many of a reader's mails that wait are looked at first to find one that goes before another.
const OLDEST: u32 = 10;

/// What a round of work did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Worked {
    /// Events planned.
    pub planned: u32,
    /// Messages that wait to be sent since events were planned.
    pub to_send: u32,
    /// Messages that a server took.
    pub sent: u32,
    /// Events and messages that failed, now or for good.
    pub failed: u32,
    /// Messages that wait for another to the same reader, or for the end of their reader's quiet hours.
    pub held_back: u32,
}

impl Worked {
    /// Whether there was nothing to do.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        *self == Self::default()
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            planned: self.planned + other.planned,
            to_send: self.to_send + other.to_send,
            sent: self.sent + other.sent,
            failed: self.failed + other.failed,
            held_back: self.held_back + other.held_back,
        }
    }
}

/// A round over practices: one whose rows cannot be read keeps no other waiting.
#[derive(Debug, Default)]
pub(super) struct Round {
    worked: Worked,
    trouble: Option<StoreError>,
}

impl Round {
    /// What was done for a practice. An error when the round is of no use any more.
    pub(super) fn add(&mut self, done: Result<Worked, StoreError>) -> Result<(), StoreError> {
        match done {
            Ok(done) => self.worked = self.worked.plus(done),
            Err(error @ StoreError::Failed(_)) => self.trouble = Some(error),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// What was done for all of them; an error when there was one.
    pub(super) fn end(self) -> Result<Worked, StoreError> {
        self.trouble.map_or(Ok(self.worked), Err)
    }
}

impl Portal {
    /// Sends what is due in a lane: one round over all practices. As soon as `is_over` says so, no attempt is begun any more, and
    /// what was claimed is handed back.
    pub async fn send_due(
        &self,
        lane: Lane,
        is_over: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<Worked, StoreError> {
        let mut round = Round::default();
        let due = self
            .store()
            .due_practices(Queue::Messages(lane), self.now(), PRACTICES_AT_ONCE);
        for practice in due.await? {
            if is_over() {
                break;
            }
            round.add(self.send_of(practice, lane, is_over).await)?;
        }
        round.end()
    }

    async fn send_of(
        &self,
        practice: PracticeId,
        lane: Lane,
        is_over: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<Worked, StoreError> {
        let mut worked = Worked::default();
        let now = self.now();
        let claimed = self
            .store()
            .claim_deliveries(practice, lane, now, now + LEASE, AT_ONCE)
            .await?;
        let mut claimed = claimed.into_iter();
        while let Some(delivery) = claimed.next() {
            let done = if is_over() {
                self.put_back(delivery.handed_back(now)).await
            } else {
                self.send(delivery).await
            };
            match done {
                Ok(done) => worked = worked.plus(done),
                Err(error) => {
                    // The others need not wait until their lease runs out, if the store lets go of them.
                    for rest in claimed {
                        let _ = self.put_back(rest.handed_back(now)).await;
                    }
                    return Err(error);
                }
            }
        }
        Ok(worked)
    }

    /// Plans and sends until nothing is due any more.
    pub async fn drain(&self) -> Result<Worked, StoreError> {
        let mut worked = Worked::default();
        loop {
            let mut round = self.plan_due().await?;
            for lane in Lane::ALL {
                round = round.plus(self.send_due(lane, &|| false).await?);
            }
            if round.is_idle() {
                return Ok(worked);
            }
            worked = worked.plus(round);
        }
    }

    /// When another worker may take over an attempt that begins now.
    pub(super) fn lease(&self) -> Timestamp {
        self.now() + LEASE
    }

    pub(super) fn jitter(&self) -> u8 {
        let [jitter, ..] = self.ids().random();
        jitter
    }

    pub(super) async fn settle(&self, delivery: Delivery) -> Result<Worked, StoreError> {
        let worked = match delivery.state {
            DeliveryState::Sent | DeliveryState::Delivered => Worked {
                sent: 1,
                ..Worked::default()
            },
            _ => Worked {
                failed: 1,
                ..Worked::default()
            },
        };
        let change =
            Change::unaudited(delivery.practice_id, "the delivery is its own history").save(delivery);
        match self.commit(change).await {
            Ok(()) | Err(StoreError::Stale) => Ok(worked),
            Err(error) => Err(error),
        }
    }

    async fn what_goes_before(&self, delivery: &Delivery) -> Result<Option<Delivery>, StoreError> {
        if !delivery.letter.waits_its_turn() {
            return Ok(None);
        }
        let mut limit = OLDEST;
        loop {
            let open = self
                .store()
                .open_deliveries(delivery.practice_id, &delivery.to, limit)
                .await?;
            let all = open.len() < usize::try_from(limit).unwrap_or(usize::MAX);
            let reached = all || open.iter().any(|other| other.id == delivery.id);
            match open
                .into_iter()
                .find(|older| older.goes_before(delivery, self.now()))
            {
                Some(older) => return Ok(Some(older)),
                None if reached => return Ok(None),
                // All of these are mails that nobody waits for.
                None => limit = limit.saturating_mul(10),
            }
        }
    }

    /// What has to be looked up first cannot be: as if its server had been away.
    pub(super) async fn not_yet(&self, delivery: Delivery, error: &StoreError) -> Result<Worked, StoreError> {
        let why = SendError::Unavailable(error.to_string());
        let failed = delivery.failed(&why, self.now(), self.jitter());
        self.settle(failed).await
    }

    /// It is not tried now, and comes again.
    async fn put_back(&self, delivery: Delivery) -> Result<Worked, StoreError> {
        self.settle(delivery).await?;
        Ok(Worked {
            held_back: 1,
            ..Worked::default()
        })
    }

    /// What is not sent now: it waits for its time, or came to its end.
    pub(super) async fn divert(&self, instead: Delivery) -> Result<Worked, StoreError> {
        if instead.is_open() {
            self.put_back(instead).await
        } else {
            self.settle(instead).await
        }
    }

    async fn send(&self, delivery: Delivery) -> Result<Worked, StoreError> {
        // Before anything is looked up: whatever fails then, it must not be tried again.
        let delivery = delivery.taken_up();
        if delivery.may_have_left(self.sms().repeats_safely()) {
            let why = "an attempt was cut off, or its answer did not come";
            return self.settle(delivery.unknown(why)).await;
        }
        let older = match self.what_goes_before(&delivery).await {
            Ok(older) => older,
            Err(error) => return self.not_yet(delivery, &error).await,
        };
        if let Some(older) = older {
            return self.put_back(delivery.held_back(&older, self.now())).await;
        }
        let to = match &delivery.to {
            Address::Email(email) => email.clone(),
            Address::Phone(phone) => {
                let phone = phone.clone();
                return self.send_text(delivery, phone).await;
            }
            Address::Nowhere => return self.settle(delivery.given_up("no address is known")).await,
        };
        let instead = match self.instead(&delivery).await {
            Ok(instead) => instead,
            Err(error) => return self.not_yet(delivery, &error).await,
        };
        if let Some(instead) = instead {
            return self.divert(instead).await;
        }
        let message = match self.message(&delivery, to).await {
            Ok(Some(message)) => message,
            Ok(None) => return self.settle(delivery.given_up("its link works no more")).await,
            Err(why) => {
                return self
                    .settle(delivery.failed(&SendError::Unavailable(why), self.now(), self.jitter()))
                    .await;
            }
        };
        let delivery = delivery.sending(self.now(), self.lease());
        let change =
            Change::unaudited(delivery.practice_id, "the delivery is its own history").save(delivery.clone());
        match self.commit(change).await {
            Ok(()) => {}
            Err(StoreError::Stale) => return Ok(Worked::default()),
            Err(error) => return Err(error),
        }
        let settled = match self.mailer().send(&message).await {
            Ok(()) => delivery.sent(self.now()),
            Err(error) => delivery.failed(&error, self.now(), self.jitter()),
        };
        self.settle(settled).await
    }

    /// The mail in full, with the secrets that its history entry leaves out. `None` when its link died meanwhile.
    async fn message(&self, delivery: &Delivery, to: Email) -> Result<Option<EmailMessage>, String> {
        let practice = delivery.practice_id;
        let secrets = match delivery.letter.link() {
            None => LetterSecrets::withheld(),
            Some(id) => {
                let link = self
                    .store()
                    .link(practice, id)
                    .await
                    .map_err(|error| error.to_string())?;
                let Some(link) = link else { return Ok(None) };
                let newest = self
                    .store()
                    .newest_link(practice, link.access_id)
                    .await
                    .map_err(|e| e.to_string())?;
                if link.used != LinkUse::Unused || newest != Some(id) || self.now() >= link.expires_at {
                    return Ok(None);
                }
                LetterSecrets {
                    url: self.url(&format!(
                        "/p/sign-in/{}",
                        self.keys().link_token(practice, id).reveal()
                    )),
                    code: self.keys().link_code(practice, id),
                }
            }
        };
        let practice = self.practice_record(practice).await?;
        let content = self.composer().compose(&practice, &delivery.letter, &secrets)?;
        Ok(Some(EmailMessage {
            message_id: delivery.id.to_string(),
            thread_id: delivery.matter_id.map(|matter| matter.to_string()),
            from_name: practice.sender().to_owned(),
            to_name: delivery.to_name.clone(),
            to,
            content,
        }))
    }

    async fn practice_record(&self, id: PracticeId) -> Result<crate::practice::Practice, String> {
        let practice = self
            .store()
            .practice(id)
            .await
            .map_err(|error| error.to_string())?;
        practice.ok_or_else(|| "the practice is gone".to_owned())
    }
}
