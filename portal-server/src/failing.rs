//! How a test makes a running server fail, die, or live in another time. Only in builds with the feature `failpoints`.
//!
//! | variable | what it does |
//! | --- | --- |
//! | `FAILPOINTS` | what happens at which point, in the words of the crate `fail`: `blobs::before-rename=sleep(20)` |
//! | `PORTAL_DIE_AT` | `POINT=N` or `POINT=N+MS`: the process dies at once when the point is reached for the Nth time, or MS milliseconds later |
//! | `PORTAL_CLOCK_AHEAD` | a file with the number of seconds that the server's clock is ahead; read whenever the time is asked for |

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use portal_core::notify::{EmailMessage, Mailer, SendError};
use portal_core::sms::{SmsError, SmsMessage, SmsSender};
use portal_core::{Clock, SystemClock, Timestamp};

/// Arms the points that the environment names, for as long as the answer lives.
pub(crate) fn arm() -> fail::FailScenario<'static> {
    let scenario = fail::FailScenario::setup();
    if let Some((point, nth, delay)) = std::env::var("PORTAL_DIE_AT").ok().as_deref().and_then(parse) {
        let reached = AtomicU64::new(0);
        let die = move || {
            if reached.fetch_add(1, Ordering::SeqCst) + 1 == nth {
                if !delay.is_zero() {
                    // The other tasks of this thread go on elsewhere, so that what was told them in time gets out.
                    tokio::task::block_in_place(|| std::thread::sleep(delay));
                }
                // Nothing is unwound, flushed or closed, as with SIGKILL.
                std::process::abort();
            }
        };
        if let Err(error) = fail::cfg_callback(point, die) {
            tracing::error!(error, "PORTAL_DIE_AT");
        }
    }
    scenario
}

fn parse(text: &str) -> Option<(&str, u64, Duration)> {
    let (point, when) = text.split_once('=')?;
    let (nth, delay) = when.split_once('+').unwrap_or((when, "0"));
    Some((
        point,
        nth.parse().ok()?,
        Duration::from_millis(delay.parse().ok()?),
    ))
}

/// Sends mail with a point before and one after: between the attempt on record and the send, and between the send and
/// its outcome on record.
pub(crate) struct Mailing(Arc<dyn Mailer>);

impl Mailing {
    pub(crate) fn new(mailer: Arc<dyn Mailer>) -> Self {
        Self(mailer)
    }

    /// Whether a test wants this server to lie: to record a mail as sent that was never handed over.
    fn settles_early() -> bool {
        fail::fail_point!("mail::settles-early", |_| true);
        false
    }
}

#[async_trait]
impl Mailer for Mailing {
    async fn send(&self, message: &EmailMessage) -> Result<(), SendError> {
        if Self::settles_early() {
            let (mailer, message) = (Arc::clone(&self.0), message.clone());
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                mailer.send(&message).await
            });
            return Ok(());
        }
        fail::fail_point!("mail::before-send");
        let sent = self.0.send(message).await;
        fail::fail_point!("mail::after-send");
        sent
    }

    async fn check(&self) -> Result<(), SendError> {
        self.0.check().await
    }
}

/// Sends text messages with a point before and one after, as [`Mailing`] does.
pub(crate) struct Texting(Arc<dyn SmsSender>);

impl Texting {
    pub(crate) fn new(sender: Arc<dyn SmsSender>) -> Self {
        Self(sender)
    }

    /// Whether a test wants a message to be recorded as sent that was never handed over.
    fn settles_early() -> bool {
        fail::fail_point!("sms::settles-early", |_| true);
        false
    }

    /// Whether a test wants every message to leave twice.
    fn sends_twice() -> bool {
        fail::fail_point!("sms::sends-twice", |_| true);
        false
    }
}

#[async_trait]
impl SmsSender for Texting {
    async fn send(&self, message: &SmsMessage) -> Result<String, SmsError> {
        if Self::settles_early() {
            return Ok("never handed over".into());
        }
        if Self::sends_twice() {
            let _ = self.0.send(message).await;
        }
        fail::fail_point!("sms::before-send");
        let sent = self.0.send(message).await;
        fail::fail_point!("sms::after-send");
        sent
    }

    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn repeats_safely(&self) -> bool {
        self.0.repeats_safely()
    }
}

/// The computer's clock, moved by as much as a file says.
#[derive(Debug)]
pub(crate) struct MovedClock(Option<PathBuf>);

impl Default for MovedClock {
    fn default() -> Self {
        Self(std::env::var_os("PORTAL_CLOCK_AHEAD").map(PathBuf::from))
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let seconds = self
            .0
            .as_ref()
            .and_then(|file| std::fs::read_to_string(file).ok())
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0);
        SystemClock.now() + portal_core::Duration::seconds(seconds)
    }
}
