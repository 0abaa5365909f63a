use async_trait::async_trait;

use super::{Consent, PhoneRecord, ReceivedSms, Texted};
use crate::text::Phone;
use crate::{ConversationId, Duration, Page, PageRequest, PracticeId, ReceivedSmsId, StoreError, Timestamp};

/// A text message, ready to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsMessage {
    /// Our own id for it, the same for each attempt: an idempotency key for providers that take one.
    pub id: String,
    /// To which number.
    pub to: Phone,
    /// What it says.
    pub text: String,
    /// Where the provider tells how it went, if it can and we can be reached.
    pub status_url: Option<String>,
}

/// Why a provider did not take a text message, or is not known to have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmsError {
    /// It certainly did not leave; trying again may help.
    #[error("not sent yet: {0}")]
    NotSent(String),
    /// The provider refused it for good.
    #[error("refused: {0}")]
    Refused(String),
    /// The provider refused it because the recipient told it that they want no more.
    #[error("refused: the recipient opted out ({0})")]
    OptedOut(String),
    /// The request left and no clear answer came: it may have been sent, so it must not be sent again.
    #[error("it is not known whether it was sent: {0}")]
    Unknown(String),
}

/// Sends text messages.
#[async_trait]
pub trait SmsSender: Send + Sync {
    /// Hands `message` to a provider, which answers with its own id for it, or [the ids of its
    /// parts](super::joined_ids) where it sends several. `Ok` means that the provider took it.
    async fn send(&self, message: &SmsMessage) -> Result<String, SmsError>;

    /// The provider's name in the addresses of callbacks, in kebab-case.
    fn name(&self) -> &'static str;

    /// Whether the provider takes [`SmsMessage::id`] as an idempotency key, so that a message whose outcome is unknown may be
    /// sent again.
    fn repeats_safely(&self) -> bool {
        false
    }
}

/// How a message that a provider took went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsProgress {
    /// It is on its way.
    Sent,
    /// The telephone has it.
    Delivered,
    /// It will not arrive.
    Failed {
        /// Why, in the provider's words or code.
        why: String,
        /// Whether it is because the recipient opted out.
        opted_out: bool,
    },
}

/// What a provider tells of a message that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsReport {
    /// The provider's id of the message.
    pub provider_id: String,
    /// How it went on.
    pub progress: SmsProgress,
}

/// A text message that somebody sent to us.
#[derive(Clone, PartialEq, Eq)]
pub struct InboundSms {
    /// The provider's id of it.
    pub provider_id: String,
    /// From which number; what is no number in E.164 form (a short code, a name) cannot be answered.
    pub from: Phone,
    /// To which of our numbers, as the provider writes it.
    pub to: String,
    /// What it says.
    pub text: String,
    /// Whether it is one part of a longer message, which the provider did not put together: then a word that stands alone in it is
    /// no keyword.
    pub is_part: bool,
}

impl std::fmt::Debug for InboundSms {
    /// Without its text, which is somebody's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InboundSms")
            .field("provider_id", &self.provider_id)
            .finish_non_exhaustive()
    }
}

/// A request that claims to come from a provider.
#[derive(Debug, Clone, Copy)]
pub struct Callback<'a> {
    /// The address that the provider was told, query included.
    pub url: &'a str,
    /// Its headers, names in lower case.
    pub headers: &'a [(&'a str, &'a str)],
    /// Its body.
    pub body: &'a [u8],
    /// When it arrived.
    pub at: Timestamp,
}

impl<'a> Callback<'a> {
    /// How far the time in a signed callback may be from now.
    pub const TOLERANCE: Duration = Duration::minutes(5);

    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let found = self.headers.iter().find(|(header, _)| *header == name);
        found.map(|(_, value)| *value)
    }

    /// Whether a time in seconds since 1970 is near enough to now.
    #[must_use]
    pub fn is_recent(&self, unix: i64) -> bool {
        let tolerance = Self::TOLERANCE.whole_seconds();
        self.at.unix().abs_diff(unix) <= tolerance.unsigned_abs()
    }
}

/// Why a callback is not believed, or not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// Its signature is missing or wrong.
    #[error("the signature is missing or wrong")]
    Signature,
    /// It was signed too long ago, or in the future.
    #[error("the signature's time is more than five minutes off")]
    Stale,
    /// It is signed, but says nothing that we understand.
    #[error("not understood: {0}")]
    Malformed(&'static str),
}

/// Reads what a provider tells us. Nothing is believed whose signature is not right.
pub trait SmsCallbacks: Send + Sync {
    /// What became of a message; `None` for news that changes nothing.
    fn report(&self, callback: &Callback<'_>) -> Result<Option<SmsReport>, CallbackError>;
    /// A message that somebody sent to us.
    fn inbound(&self, callback: &Callback<'_>) -> Result<InboundSms, CallbackError>;
}

/// Which received messages are wanted. All that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReceivedFilter {
    /// Only those from this number.
    pub from: Option<Phone>,
    /// Only those that came into this conversation.
    pub conversation: Option<ConversationId>,
    /// Only those that arrived later than this.
    pub after: Option<Timestamp>,
}

impl ReceivedFilter {
    /// Those that came into a conversation.
    #[must_use]
    pub fn of(conversation: ConversationId) -> Self {
        Self {
            conversation: Some(conversation),
            ..Self::default()
        }
    }
}

/// Reads what is on record about text messages beside the history of those that were sent.
#[async_trait]
pub trait TextMessages: Send + Sync {
    /// What is on record about a number.
    async fn phone_record(
        &self,
        practice: PracticeId,
        phone: &Phone,
    ) -> Result<Option<PhoneRecord>, StoreError>;
    /// What is on record about these numbers, in any order.
    async fn phone_records(
        &self,
        practice: PracticeId,
        phones: &[Phone],
    ) -> Result<Vec<PhoneRecord>, StoreError>;
    /// What was said about text messages to a number, the newest first (cursor key: `created_at`).
    async fn consents(
        &self,
        practice: PracticeId,
        phone: &Phone,
        page: &PageRequest,
    ) -> Result<Page<Consent>, StoreError>;
    /// One message that was received.
    async fn received_sms(
        &self,
        practice: PracticeId,
        id: ReceivedSmsId,
    ) -> Result<Option<ReceivedSms>, StoreError>;
    /// The messages that were received, the newest first (cursor key: `received_at`).
    async fn received(
        &self,
        practice: PracticeId,
        filter: &ReceivedFilter,
        page: &PageRequest,
    ) -> Result<Page<ReceivedSms>, StoreError>;
    /// The practices that texted a number, or tried to: those with a message to it that was tried (`tried_at`), in any
    /// order, each once. A message left when it was taken (`sent_at`), or may have when it was tried, unless it failed.
    ///
    /// One of the few reads that serve all practices: who writes to a number that practices share cannot say to whom.
    async fn who_texted(&self, phone: &Phone) -> Result<Vec<Texted>, StoreError>;
}
