use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use crate::sms::{SmsError, SmsMessage, SmsSender, joined_ids};
use crate::testing::lock;

/// An SMS provider that keeps every message for the test to read. Clones are the same provider.
#[derive(Debug, Clone, Default)]
pub struct CapturedSms(Arc<Mutex<Provider>>);

#[derive(Debug, Default)]
struct Provider {
    sent: Vec<SmsMessage>,
    fault: Option<SmsError>,
    repeats_safely: bool,
    in_two_parts: bool,
}

impl CapturedSms {
    /// The messages that the provider took, oldest first. The n-th had the id `sms-n`, from 1.
    #[must_use]
    pub fn sent(&self) -> Vec<SmsMessage> {
        lock(&self.0).sent.clone()
    }

    /// From now on it takes idempotency keys, or not.
    pub fn repeat_safely(&self, repeats_safely: bool) {
        lock(&self.0).repeats_safely = repeats_safely;
    }

    /// From now on it sends each message in two parts, or not. The n-th has the ids `sms-n` and `sms-n-2`.
    pub fn send_in_two_parts(&self, in_two_parts: bool) {
        lock(&self.0).in_two_parts = in_two_parts;
    }

    /// From now on it answers every message with `fault`; `None` mends it.
    pub fn fail_with(&self, fault: Option<SmsError>) {
        lock(&self.0).fault = fault;
    }
}

#[async_trait]
impl SmsSender for CapturedSms {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn repeats_safely(&self) -> bool {
        lock(&self.0).repeats_safely
    }

    async fn send(&self, message: &SmsMessage) -> Result<String, SmsError> {
        let mut provider = lock(&self.0);
        if let Some(fault) = &provider.fault {
            return Err(fault.clone());
        }
        provider.sent.push(message.clone());
        let id = format!("sms-{}", provider.sent.len());
        Ok(if provider.in_two_parts {
            joined_ids([id.as_str(), &format!("{id}-2")])
        } else {
            id
        })
    }
}
