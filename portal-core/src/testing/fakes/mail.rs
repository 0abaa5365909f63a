use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use crate::notify::{EmailMessage, Mailer, SendError};
use crate::testing::lock;

/// A mail server that keeps every mail for the test to read. Clones are the same server.
#[derive(Debug, Clone, Default)]
pub struct CapturedMail(Arc<Mutex<Server>>);

#[derive(Debug, Default)]
struct Server {
    sent: Vec<EmailMessage>,
    tried: Vec<EmailMessage>,
    fault: Option<SendError>,
    refused: Vec<String>,
}

impl CapturedMail {
    /// The mails that the server took, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<EmailMessage> {
        lock(&self.0).sent.clone()
    }

    /// The mails that were handed to it, those that it did not take included.
    #[must_use]
    pub fn tried(&self) -> Vec<EmailMessage> {
        lock(&self.0).tried.clone()
    }

    /// The mails that it took to this address, in any case.
    #[must_use]
    pub fn sent_to(&self, address: &str) -> Vec<EmailMessage> {
        let sent = self.sent().into_iter();
        sent.filter(|mail| mail.to.as_str().eq_ignore_ascii_case(address))
            .collect()
    }

    /// Forgets the mails so far.
    pub fn clear(&self) {
        let mut server = lock(&self.0);
        server.sent.clear();
        server.tried.clear();
    }

    /// From now on it answers every mail with `fault`; `None` mends it.
    pub fn fail_with(&self, fault: Option<SendError>) {
        lock(&self.0).fault = fault;
    }

    /// From now on it refuses mail to this address for good.
    pub fn refuse(&self, address: &str) {
        lock(&self.0).refused.push(address.to_ascii_lowercase());
    }
}

#[async_trait]
impl Mailer for CapturedMail {
    async fn send(&self, message: &EmailMessage) -> Result<(), SendError> {
        let mut server = lock(&self.0);
        server.tried.push(message.clone());
        if let Some(fault) = &server.fault {
            return Err(fault.clone());
        }
        if server.refused.contains(&message.to.key()) {
            return Err(SendError::Refused("550 no such mailbox".into()));
        }
        server.sent.push(message.clone());
        Ok(())
    }

    async fn check(&self) -> Result<(), SendError> {
        lock(&self.0).fault.clone().map_or(Ok(()), Err)
    }
}
