//! Mail over SMTP (RFC 5321), in the clear, with STARTTLS (RFC 3207) or inside TLS (RFC 8314).

mod connection;
mod message;
mod settings;

use std::time::Duration;

use async_trait::async_trait;
use portal_core::notify::{EmailMessage, Mailer, SendError};
use tokio::sync::Semaphore;
use tokio::time::timeout;

pub use settings::{SmtpSecurity, SmtpSettings, SmtpSettingsError};

use connection::Connections;

/// Hands mail to a mail server, over a few connections that it keeps open between mails.
///
/// What the server refuses for good because of the message or its reader (a 5xx answer, RFC 5321, section 4.2.1)
/// is [`SendError::Refused`]. Everything else is [`SendError::Unavailable`]: a 4xx answer, no connection, no
/// TLS, a time-out, and also a refused password, which is the fault of the configuration and not of the mail.
/// Where the connection breaks after the server may have taken the mail, the outcome is unknown; sent again under
/// the same `Message-ID`, it is still one mail to its reader.
#[derive(Debug)]
pub struct SmtpMailer {
    settings: SmtpSettings,
    connections: Connections,
    places: Semaphore,
}

impl SmtpMailer {
    /// A mailer with these settings. It connects when the first mail goes out.
    ///
    /// # Errors
    /// When the settings cannot work: no valid certificate, a password without encryption and the like.
    pub fn new(settings: SmtpSettings) -> Result<Self, SmtpSettingsError> {
        Ok(Self {
            connections: Connections::new(&settings)?,
            places: Semaphore::new(settings.most_connections.get()),
            settings,
        })
    }

    /// Does `work` within the time limit and with a place in the pool.
    async fn within_limits<T>(
        &self,
        work: impl Future<Output = Result<T, SendError>>,
    ) -> Result<T, SendError> {
        let limit = self.settings.time_limit;
        let attempt = async {
            // The semaphore is never closed, so the only way not to get a place is to wait too long.
            let _place = self.places.acquire().await;
            work.await
        };
        timeout(limit, attempt)
            .await
            .unwrap_or_else(|_| Err(self.too_slow(limit)))
    }

    fn too_slow(&self, limit: Duration) -> SendError {
        SendError::Unavailable(format!(
            "the mail server {} did not finish within {} s",
            self.settings.address(),
            limit.as_secs_f32()
        ))
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, message: &EmailMessage) -> Result<(), SendError> {
        let (envelope, bytes) = message::write(message, &self.settings.from_address)?;
        self.within_limits(self.connections.send(&envelope, &bytes)).await
    }

    async fn check(&self) -> Result<(), SendError> {
        self.within_limits(self.connections.check()).await
    }
}
