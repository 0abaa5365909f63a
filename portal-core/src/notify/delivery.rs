use serde::{Deserialize, Serialize};

use super::{Letter, SendError};
use crate::sms::{SmsError, SmsLength, SmsProgress, SmsReport, parts};
use crate::text::Address;
use crate::workflow::Channel;
use crate::{ClientId, DeliveryId, Duration, EventId, MatterId, PracticeId, StaffId, Timestamp, Version};

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// Waits for its first or next try.
    Queued,
    /// An attempt is on record and may be under way.
    Sending,
    /// The mail server or provider took it.
    Sent,
    /// The telephone has it.
    Delivered,
    /// It failed for good; `last_error` says why.
    Failed,
    /// It may have been sent, and is not sent again; `last_error` says what is known.
    Unknown,
    /// It was held back and is not sent; `last_error` says why.
    Held,
}

impl DeliveryState {
    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Held => "held",
        }
    }
}

/// What a delivery queues up with. Each lane is sent by itself, so that nothing waits for what hangs or piles up in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Mails with sign-in links, whose readers wait for them now.
    Link,
    /// All other mails.
    Mail,
    /// Text messages.
    Text,
}

impl Lane {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Link, Self::Mail, Self::Text];

    /// Its name in stores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Mail => "mail",
            Self::Text => "text",
        }
    }
}

/// What waits to be worked off by a worker of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Events, to be planned.
    Events,
    /// Messages of a lane, to be sent.
    Messages(Lane),
}

impl Queue {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Events,
        Self::Messages(Lane::Link),
        Self::Messages(Lane::Mail),
        Self::Messages(Lane::Text),
    ];
}

/// Whom a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "kebab-case")]
pub enum Recipient {
    /// A client.
    Client(ClientId),
    /// A staff member.
    Staff(StaffId),
}

/// One message to one person: its history entry and the record of its attempts. It is written before anything
/// leaves, and holds no secret: a sign-in link's address and code are left out of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id; the mail's `Message-ID` is made of it, so that a mail sent twice after a crash is one mail to its reader.
    pub id: DeliveryId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved; each claim counts too.
    pub version: Version,
    /// The event that it tells of.
    pub event_id: EventId,
    /// The matter that it concerns.
    pub matter_id: Option<MatterId>,
    /// Whom it is for.
    pub recipient: Recipient,
    /// Their name at the time.
    pub to_name: String,
    /// Their address or number at the time.
    pub to: Address,
    /// What it says, as data.
    pub letter: Letter,
    /// Its subject.
    pub subject: String,
    /// Its text, without secrets.
    pub text: String,
    /// How far it has come.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// Not to be tried before: the next try, or the end of a claim's lease.
    pub due_at: Timestamp,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When an attempt to send it was begun last: it may be with its reader since.
    pub tried_at: Option<Timestamp>,
    /// When the mail server or provider took it.
    pub sent_at: Option<Timestamp>,
    /// The provider's id of a text message; those of its parts, see [`joined_ids`](crate::sms::joined_ids).
    pub provider_id: Option<String>,
    /// Whether an attempt at a text message may have reached its reader, because nothing answered it and nothing has since.
    pub in_doubt: bool,
}

impl Delivery {
    /// The most tries a delivery gets, over about two days.
    pub const MOST_ATTEMPTS: u32 = 20;

    /// What it queues up with.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        match (&self.to, self.letter.link()) {
            (Address::Phone(_), _) => Lane::Text,
            (Address::Email(_) | Address::Nowhere, Some(_)) => Lane::Link,
            (Address::Email(_) | Address::Nowhere, None) => Lane::Mail,
        }
    }

    /// An attempt is about to be made at `at`; on record before anything leaves. It is nobody else's until `lease_until`, however many
    /// were claimed together with it.
    #[must_use]
    pub fn sending(mut self, at: Timestamp, lease_until: Timestamp) -> Self {
        self.version.bump();
        self.state = DeliveryState::Sending;
        self.tried_at = Some(at);
        self.due_at = lease_until;
        self
    }

    /// Whoever claimed it does not get to it: it is due again at once, and its claim was no attempt.
    #[must_use]
    pub fn handed_back(mut self, at: Timestamp) -> Self {
        self.version.bump();
        self.attempts = self.attempts.saturating_sub(1);
        self.due_at = at;
        self
    }

    /// It is not to be sent before `until`, because its reader is not to be disturbed; its claim was no attempt. What was written
    /// to them later does not wait for it.
    #[must_use]
    pub fn put_off(mut self, until: Timestamp) -> Self {
        self = self.handed_back(until);
        if let Letter::Automated { cause, .. } = &mut self.letter {
            cause.not_before = until;
        }
        self
    }

    /// The mail server or provider took it.
    #[must_use]
    pub fn sent(mut self, at: Timestamp) -> Self {
        self.version.bump();
        self.state = DeliveryState::Sent;
        self.sent_at = Some(at);
        self.last_error = None;
        self.in_doubt = false;
        self
    }

    /// The attempt failed: try again later, or give up when that cannot help or was tried often enough.
    #[must_use]
    pub fn failed(mut self, why: &SendError, at: Timestamp, jitter: u8) -> Self {
        self.due_at = at + retry_after(self.attempts, jitter);
        let may_help = match why {
            SendError::Refused(_) => false,
            SendError::Unavailable(_) => self.attempts < Self::MOST_ATTEMPTS,
        };
        if !may_help {
            return self.ended(DeliveryState::Failed, &why.to_string());
        }
        self.version.bump();
        self.last_error = Some(why.to_string());
        self.state = DeliveryState::Queued;
        self
    }

    /// It is not tried any more, because of `why`. That it was not sent is said only if no attempt is in doubt.
    fn ended(mut self, state: DeliveryState, why: &str) -> Self {
        self.version.bump();
        (self.state, self.last_error) = if self.in_doubt {
            let why = format!(
                "an earlier attempt was not answered, so it may have been sent; not sent again: {why}"
            );
            (DeliveryState::Unknown, Some(why))
        } else {
            (state, Some(why.to_owned()))
        };
        self
    }

    /// Whether it is still on its way.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, DeliveryState::Queued | DeliveryState::Sending)
    }

    /// A provider took the text message.
    #[must_use]
    pub fn taken(self, provider_id: String, at: Timestamp) -> Self {
        let mut sent = self.sent(at);
        sent.provider_id = Some(provider_id);
        sent
    }

    /// A provider took it under these ids, and told of one of its parts before that was on record. `None` when it is on record.
    #[must_use]
    pub fn taken_already(mut self, provider_ids: &str) -> Option<Self> {
        let told = self.provider_id.clone()?;
        if told == provider_ids || told.contains('\n') || !parts::names(provider_ids, &told) {
            return None;
        }
        self.version.bump();
        self.provider_id = Some(provider_ids.to_owned());
        if self.state == DeliveryState::Delivered {
            self.state = DeliveryState::Sent;
            self.provider_id = Some(parts::delivered(provider_ids, &told).0);
        }
        Some(self)
    }

    /// A text message was not taken, or is not known to have been. What may have been sent is tried again only if the provider
    /// takes an idempotency key (`repeats_safely`); until that is answered, it stays in doubt.
    #[must_use]
    pub fn not_taken(self, why: &SmsError, repeats_safely: bool, at: Timestamp, jitter: u8) -> Self {
        let text = why.to_string();
        match why {
            SmsError::NotSent(_) => self.failed(&SendError::Unavailable(text), at, jitter),
            SmsError::Unknown(_) if repeats_safely && self.attempts < Self::MOST_ATTEMPTS => {
                let mut again = self.failed(&SendError::Unavailable(text), at, jitter);
                again.in_doubt = true;
                again
            }
            SmsError::Unknown(_) => self.unknown(&text),
            SmsError::Refused(_) | SmsError::OptedOut(_) => self.given_up(&text),
        }
    }

    /// An attempt was cut off, by a crash, say: nobody knows whether it was sent.
    #[must_use]
    pub fn unknown(mut self, why: &str) -> Self {
        self.version.bump();
        self.state = DeliveryState::Unknown;
        self.last_error = Some(why.to_owned());
        self
    }

    /// What a provider told of the text message. It only moves forward; `None` when that is no news.
    #[must_use]
    pub fn reported(mut self, report: &SmsReport, at: Timestamp) -> Option<Self> {
        use DeliveryState::{Delivered, Failed, Held, Queued, Sending, Sent, Unknown};
        let known = self.provider_id.as_deref().unwrap_or(&report.provider_id);
        let mut ids = known.to_owned();
        let state = match (&report.progress, self.state) {
            (_, Delivered | Failed | Held) | (SmsProgress::Sent, Sent) => return None,
            (SmsProgress::Sent, Queued | Sending | Unknown) => Sent,
            (SmsProgress::Delivered, before) => {
                let (now, is_whole) = parts::delivered(known, &report.provider_id);
                if !is_whole && before == Sent && now == known {
                    return None;
                }
                ids = now;
                if is_whole { Delivered } else { Sent }
            }
            (SmsProgress::Failed { .. }, _) => Failed,
        };
        self.version.bump();
        self.state = state;
        self.last_error = match &report.progress {
            SmsProgress::Failed { why, .. } => Some(why.clone()),
            SmsProgress::Sent | SmsProgress::Delivered => None,
        };
        if state != Failed {
            self.sent_at = self.sent_at.or(Some(at));
        }
        self.provider_id = Some(ids);
        self.in_doubt = false;
        Some(self)
    }

    /// Over what it goes: as its automation says, or else as its address is one.
    #[must_use]
    pub fn channel(&self) -> Channel {
        match (self.letter.cause(), &self.to) {
            (Some(cause), _) => cause.channel,
            (None, Address::Phone(_)) => Channel::Sms,
            (None, Address::Email(_) | Address::Nowhere) => Channel::Email,
        }
    }

    /// How many segments its provider charges for, as far as that is known: those of a text message that was taken, or may have
    /// been. What the provider could not deliver later was taken; what never left, and a mail, has none.
    #[must_use]
    pub fn segments(&self) -> u32 {
        let is_taken =
            self.sent_at.is_some() || self.provider_id.is_some() || self.state == DeliveryState::Unknown;
        match self.channel() {
            Channel::Sms if is_taken => SmsLength::of(&self.text).segments,
            Channel::Sms | Channel::Email | Channel::Task => 0,
        }
    }

    /// What no other delivery of the practice may have: the cause and the recipient of an automation's message.
    #[must_use]
    pub fn once_key(&self) -> Option<String> {
        let cause = self.letter.cause()?;
        let recipient = match self.recipient {
            Recipient::Client(id) => id.0,
            Recipient::Staff(id) => id.0,
        };
        let channel = cause.channel;
        Some(format!(
            "{} {} {} {channel} {recipient}",
            cause.workflow, cause.version.0, cause.entry
        ))
    }

    /// Whether `later` has to wait for this one at `now`: a reader gets what was written to them in the order it was written in,
    /// also when an attempt fails. What is not to be sent yet keeps nobody waiting.
    #[must_use]
    pub fn goes_before(&self, later: &Self, now: Timestamp) -> bool {
        self.is_open()
            && self.letter.cause().is_none_or(|cause| cause.not_before <= now)
            && self.letter.waits_its_turn()
            && later.letter.waits_its_turn()
            && self.to == later.to
            && (self.created_at, self.id) < (later.created_at, later.id)
    }

    /// It waits for `older`, which goes before it; its claim was no attempt. Looked at again when `older` is due, but within five
    /// minutes, and within 30 seconds while `older` is being sent: the end of its claim says little about when that is done.
    #[must_use]
    pub fn held_back(mut self, older: &Self, at: Timestamp) -> Self {
        self.version.bump();
        self.attempts = self.attempts.saturating_sub(1);
        let longest = match older.state {
            DeliveryState::Sending => Duration::seconds(30),
            _ => Duration::minutes(5),
        };
        self.due_at = older.due_at.clamp(at + Duration::seconds(1), at + longest);
        self
    }

    /// As whoever claims it takes it up: an attempt to send a text that was cut off is in doubt.
    #[must_use]
    pub fn taken_up(mut self) -> Self {
        let was_cut_off = matches!(
            (self.state, &self.to),
            (DeliveryState::Sending, Address::Phone(_))
        );
        self.in_doubt |= was_cut_off;
        self
    }

    /// Whether it may be with its reader already, and must not be sent again, because its provider would not know it again.
    #[must_use]
    pub const fn may_have_left(&self, repeats_safely: bool) -> bool {
        self.in_doubt && !repeats_safely
    }

    /// It was held back before it left: `why` is shown in the history. Unknown, when an attempt is in doubt.
    #[must_use]
    pub fn held(self, why: &str) -> Self {
        self.ended(DeliveryState::Held, why)
    }

    /// It does not need to be sent any more, or cannot be: `why` is shown in the history. Unknown, when an attempt is in doubt.
    #[must_use]
    pub fn given_up(self, why: &str) -> Self {
        self.ended(DeliveryState::Failed, why)
    }
}

/// How long to wait after the `attempts`-th try failed: 5 seconds doubling up to 6 hours, plus up to a quarter
/// of it by `jitter` (0 to 255), so that many that failed together do not come back together.
#[must_use]
pub fn retry_after(attempts: u32, jitter: u8) -> Duration {
    const MOST_SECONDS: i64 = 6 * 60 * 60;
    let doublings = attempts.saturating_sub(1).min(20);
    let seconds = (5_i64 << doublings).min(MOST_SECONDS);
    Duration::seconds(seconds) + Duration::milliseconds(seconds * 1_000 / 4 * i64::from(jitter) / 255)
}
