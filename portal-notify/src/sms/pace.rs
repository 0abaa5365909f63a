use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use portal_core::sms::{SmsError, SmsMessage, SmsSender};
use tokio::time::Instant;

/// A sender that is given no more than so many messages a second by this process: providers queue or refuse what comes
/// faster. A message waits before it leaves, never after.
#[derive(Debug)]
pub struct Paced<S> {
    sender: S,
    gap: Duration,
    next: Mutex<Instant>,
}

impl<S> Paced<S> {
    /// At most `per_second` messages a second go to `sender`.
    pub fn new(sender: S, per_second: NonZeroU32) -> Self {
        Self {
            sender,
            gap: Duration::from_secs(1) / per_second.get(),
            next: Mutex::new(Instant::now()),
        }
    }

    /// When the next message may leave. Nobody else gets the same moment.
    fn turn(&self) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = Instant::now().max(*next);
        *next = turn + self.gap;
        turn
    }
}

#[async_trait]
impl<S: SmsSender> SmsSender for Paced<S> {
    async fn send(&self, message: &SmsMessage) -> Result<String, SmsError> {
        tokio::time::sleep_until(self.turn()).await;
        self.sender.send(message).await
    }

    fn name(&self) -> &'static str {
        self.sender.name()
    }

    fn repeats_safely(&self) -> bool {
        self.sender.repeats_safely()
    }
}
