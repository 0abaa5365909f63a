use uuid::Uuid;

use super::{Consent, InboundSms};
use crate::text::Phone;
use crate::workflow::Agreement;
use crate::{ConversationId, Digest, PhoneRecordId, PracticeId, ReceivedSmsId, Timestamp, Version};

/// How we know what somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heard {
    /// They wrote it: STOP or START.
    ByKeyword,
    /// Their provider refused a message for it.
    ByProvider,
    /// Staff recorded it.
    ByStaff,
}

/// What is on record about a telephone number: whether text messages may be sent to it. A number has one record in a practice,
/// whoever it belongs to, so a STOP holds for everybody who shares it; and it holds at each number of whoever it belongs to: see
/// [`agreement_at`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneRecord {
    /// Made of the number: [`PhoneRecord::id_of`].
    pub id: PhoneRecordId,
    /// The practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// The number.
    pub phone: Phone,
    /// What they want.
    pub agreement: Agreement,
    /// How we know.
    pub heard: Heard,
    /// Since when.
    pub since: Timestamp,
}

impl PhoneRecord {
    /// The id of a number's record: so there can be only one.
    #[must_use]
    pub fn id_of(phone: &Phone) -> PhoneRecordId {
        PhoneRecordId(derived(&["phone", phone.as_str()]))
    }

    /// Whether they asked for no more themselves, or their provider says so: staff cannot take that back.
    #[must_use]
    pub fn is_stopped_by_them(&self) -> bool {
        self.agreement == Agreement::OptedOut && self.heard != Heard::ByStaff
    }

    /// What becomes of the record of `phone`, `before`, when somebody says what they want; `None` when it says so already. What
    /// staff recorded makes way for what they say themselves.
    #[must_use]
    pub fn hearing(
        before: Option<&Self>,
        practice: PracticeId,
        phone: &Phone,
        (agreement, heard): (Agreement, Heard),
        at: Timestamp,
    ) -> Option<Self> {
        let version = match before {
            Some(same)
                if same.agreement == agreement
                    && (same.heard != Heard::ByStaff || heard == Heard::ByStaff) =>
            {
                return None;
            }
            Some(other) => other.version.next(),
            None => Version::FIRST,
        };
        Some(Self {
            id: Self::id_of(phone),
            practice_id: practice,
            version,
            phone: phone.clone(),
            agreement,
            heard,
            since: at,
        })
    }
}

/// What somebody wants of text messages to one of their numbers. A STOP is theirs, not the telephone's: as long as it holds at one of
/// their numbers it holds at all of them. An agreement is one to texts at that number.
///
/// `number` is on record about the number, `others` about those of their other numbers that anything is on record about.
#[must_use]
pub fn agreement_at(number: Option<&PhoneRecord>, others: &[PhoneRecord]) -> Agreement {
    let is_stopped = |record: &PhoneRecord| record.agreement == Agreement::OptedOut;
    if others.iter().any(is_stopped) {
        Agreement::OptedOut
    } else {
        number.map(|record| record.agreement).unwrap_or_default()
    }
}

impl PhoneRecord {
    /// They texted START to the number that practices share, in answer to another practice: their STOP holds no longer, and what
    /// was on record before it holds again. It is no agreement, which they gave to the other one. `None` when they stopped nothing
    /// here. `history` is what was said about the number, the newest first.
    #[must_use]
    pub fn started_elsewhere(&self, history: &[Consent], at: Timestamp) -> Option<Self> {
        let is_stop = |entry: &&Consent| {
            entry.agreement == Agreement::Unknown
                || (entry.agreement == Agreement::OptedOut && entry.heard != Heard::ByStaff)
        };
        let before = history.iter().find(|entry| !is_stop(entry));
        self.is_stopped_by_them().then(|| Self {
            version: self.version.next(),
            agreement: before.map(|entry| entry.agreement).unwrap_or_default(),
            heard: before.map_or(Heard::ByKeyword, |entry| entry.heard),
            since: at,
            ..self.clone()
        })
    }
}

/// A text message that somebody sent to us. It is kept once, however often its provider tells of it.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceivedSms {
    /// Made of the provider and its id: [`ReceivedSms::id_of`].
    pub id: ReceivedSmsId,
    /// The practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// The provider's name.
    pub provider: String,
    /// The provider's id of it.
    pub provider_id: String,
    /// From which number.
    pub from: Phone,
    /// To which of our numbers, as the provider writes it.
    pub to: String,
    /// What it says.
    pub text: String,
    /// The conversation that it came into, where it stays.
    pub conversation_id: ConversationId,
    /// When it arrived.
    pub received_at: Timestamp,
}

impl std::fmt::Debug for ReceivedSms {
    /// Without its text, which is somebody's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceivedSms")
            .field("id", &self.id)
            .field("provider", &self.provider)
            .field("provider_id", &self.provider_id)
            .finish_non_exhaustive()
    }
}

impl ReceivedSms {
    /// The longest text that is kept, in characters: more than networks carry.
    pub const LONGEST: usize = 10_000;

    /// The id of the message that `provider` calls `provider_id`.
    #[must_use]
    pub fn id_of(provider: &str, provider_id: &str) -> ReceivedSmsId {
        ReceivedSmsId(derived(&["received", provider, provider_id]))
    }

    /// A message that just arrived in a conversation. Characters that no text here has, NUL among them, are left out.
    #[must_use]
    pub fn new(
        practice: PracticeId,
        conversation: ConversationId,
        provider: &str,
        inbound: InboundSms,
        at: Timestamp,
    ) -> Self {
        let kept = |text: &str, most| {
            let shown = |c: &char| *c == '\n' || !c.is_control();
            text.chars().filter(shown).take(most).collect::<String>()
        };
        Self {
            id: Self::id_of(provider, &inbound.provider_id),
            practice_id: practice,
            version: Version::FIRST,
            provider: provider.to_owned(),
            provider_id: kept(&inbound.provider_id, 200),
            from: inbound.from,
            to: kept(&inbound.to, 200),
            text: kept(&inbound.text, Self::LONGEST),
            conversation_id: conversation,
            received_at: at,
        }
    }
}

/// An id made of names (RFC 9562, section 5.8): the same for the same names.
fn derived(names: &[&str]) -> Uuid {
    let mut text = String::new();
    for name in names {
        text.push_str(&name.len().to_string());
        text.push(':');
        text.push_str(name);
    }
    let Digest(hash) = Digest::of(text.as_bytes());
    let mut bytes = [0; 16];
    bytes
        .iter_mut()
        .zip(hash)
        .for_each(|(byte, hashed)| *byte = hashed);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
