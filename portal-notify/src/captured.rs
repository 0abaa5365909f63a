use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use portal_core::notify::{EmailMessage, Mailer, SendError};
use portal_core::sms::{InboundSms, SmsError, SmsMessage, SmsSender};
use portal_core::text::{Email, Phone};

/// Keeps mails in memory instead of sending them: the newest few, the rest is forgotten.
///
/// It is for a demo and for tests: whoever can read it can sign in as anybody who was sent a link.
#[derive(Debug, Clone)]
pub struct CapturedMailer(Arc<Shelf<EmailMessage>>);

/// A mail that was kept.
#[derive(Clone)]
pub struct CapturedMail {
    /// Its place in the order of arrival, from 1.
    pub number: u64,
    /// The mail.
    pub message: Arc<EmailMessage>,
}

impl fmt::Debug for CapturedMail {
    /// Without its content, which may hold a way in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CapturedMail")
            .field("number", &self.number)
            .field("to", &self.message.to)
            .finish_non_exhaustive()
    }
}

impl CapturedMailer {
    /// Keeps the newest `most` mails, at least one.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Shelf::new(most)))
    }

    /// The mails that are kept, the newest first.
    #[must_use]
    pub fn list(&self) -> Vec<CapturedMail> {
        self.0.filtered(|_| true).map(captured_mail).collect()
    }

    /// The mail with this number, while it is kept.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<CapturedMail> {
        self.0.get(number).map(captured_mail)
    }

    /// The mails to an address that are kept, the newest first. Case does not matter.
    #[must_use]
    pub fn to(&self, address: &Email) -> Vec<CapturedMail> {
        let key = address.key();
        self.0
            .filtered(|message| message.to.key() == key)
            .map(captured_mail)
            .collect()
    }
}

impl Default for CapturedMailer {
    fn default() -> Self {
        Self::new(500)
    }
}

fn captured_mail((number, message): (u64, Arc<EmailMessage>)) -> CapturedMail {
    CapturedMail { number, message }
}

#[async_trait]
impl Mailer for CapturedMailer {
    async fn send(&self, message: &EmailMessage) -> Result<(), SendError> {
        self.0.put(message.clone());
        Ok(())
    }

    async fn check(&self) -> Result<(), SendError> {
        Ok(())
    }
}

/// Keeps text messages in memory instead of sending them: the newest few, the rest is forgotten. What is written on the
/// telephones that got them can be kept beside them.
#[derive(Debug, Clone)]
pub struct CapturedSms {
    sent: Arc<Shelf<SmsMessage>>,
    written: Arc<Shelf<(u64, InboundSms)>>,
}

/// A text message that was kept.
#[derive(Clone)]
pub struct CapturedText {
    /// Its place in the order of arrival, from 1.
    pub number: u64,
    /// The text message.
    pub message: Arc<SmsMessage>,
}

impl fmt::Debug for CapturedText {
    /// Without its content, which may hold a code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CapturedText")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl CapturedText {
    /// The id that a provider would have given it: what a report about it must name.
    #[must_use]
    pub fn provider_id(&self) -> String {
        provider_id(self.number)
    }
}

/// A text message that was written on one of the telephones.
#[derive(Clone)]
pub struct WrittenText {
    /// Its place among those that were written, from 1.
    pub number: u64,
    /// The newest captured message when it was written, 0 when there was none.
    pub after: u64,
    /// The text message.
    pub message: InboundSms,
}

impl fmt::Debug for WrittenText {
    /// Without its content, which is somebody's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrittenText")
            .field("number", &self.number)
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}

impl CapturedSms {
    /// Keeps the newest `most` text messages, at least one.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            sent: Arc::new(Shelf::new(most)),
            written: Arc::new(Shelf::new(most)),
        }
    }

    /// Keeps what somebody wrote on one of the telephones.
    pub fn write(&self, message: InboundSms) {
        self.written.put((self.sent.arrived(), message));
    }

    /// What was written, the newest first.
    #[must_use]
    pub fn written(&self) -> Vec<WrittenText> {
        let written = |(number, kept): (u64, Arc<(u64, InboundSms)>)| WrittenText {
            number,
            after: kept.0,
            message: kept.1.clone(),
        };
        self.written.filtered(|_| true).map(written).collect()
    }

    /// The text messages that are kept, the newest first.
    #[must_use]
    pub fn list(&self) -> Vec<CapturedText> {
        self.sent.filtered(|_| true).map(captured_text).collect()
    }

    /// The text message with this number, while it is kept.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<CapturedText> {
        self.sent.get(number).map(captured_text)
    }

    /// The text messages to a telephone that are kept, the newest first.
    #[must_use]
    pub fn to(&self, phone: &Phone) -> Vec<CapturedText> {
        self.sent
            .filtered(|message| message.to == *phone)
            .map(captured_text)
            .collect()
    }
}

impl Default for CapturedSms {
    fn default() -> Self {
        Self::new(500)
    }
}

fn provider_id(number: u64) -> String {
    format!("captured-{number}")
}

fn captured_text((number, message): (u64, Arc<SmsMessage>)) -> CapturedText {
    CapturedText { number, message }
}

#[async_trait]
impl SmsSender for CapturedSms {
    fn name(&self) -> &'static str {
        "captured"
    }

    async fn send(&self, message: &SmsMessage) -> Result<String, SmsError> {
        Ok(provider_id(self.sent.put(message.clone())))
    }
}

/// The newest few of what arrived, numbered from 1 in the order of arrival.
struct Shelf<T> {
    most: usize,
    kept: Mutex<Kept<T>>,
}

struct Kept<T> {
    arrived: u64,
    items: VecDeque<(u64, Arc<T>)>,
}

impl<T> fmt::Debug for Shelf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf")
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

impl<T> Shelf<T> {
    fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            kept: Mutex::new(Kept {
                arrived: 0,
                items: VecDeque::new(),
            }),
        }
    }

    fn put(&self, item: T) -> u64 {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.arrived += 1;
        let number = kept.arrived;
        kept.items.push_front((number, Arc::new(item)));
        kept.items.truncate(self.most);
        number
    }

    fn arrived(&self) -> u64 {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).arrived
    }

    fn get(&self, number: u64) -> Option<(u64, Arc<T>)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.items.iter().find(|(its, _)| *its == number).cloned()
    }

    fn filtered(&self, wanted: impl Fn(&T) -> bool) -> impl Iterator<Item = (u64, Arc<T>)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found: Vec<_> = kept
            .items
            .iter()
            .filter(|(_, item)| wanted(item))
            .cloned()
            .collect();
        found.into_iter()
    }
}
