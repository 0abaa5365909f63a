use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use portal_core::notify::SendError;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::settings::{SmtpSecurity, SmtpSettings, SmtpSettingsError};

/// Servers hang up on who says nothing for minutes (RFC 5321, section 4.5.3.2.7); we are gone before.
const IDLE: Duration = Duration::from_mins(1);

/// The longest part of a server's answer that is worth keeping.
const MOST_ANSWER: usize = 300;

/// Connections to one mail server, kept open between mails.
///
/// lettre has a pool of its own, which takes a connection back when a mail is given up half-way (on a time-out,
/// say): the server's late answer would then be read as the answer to the next mail. Here a connection is kept
/// only after a mail that went through from start to end.
pub(super) struct Connections {
    host: String,
    port: u16,
    address: String,
    security: SmtpSecurity,
    tls: Option<TlsParameters>,
    hello: ClientId,
    credentials: Option<(Credentials, SecretString)>,
    connect_limit: Duration,
    most: usize,
    parked: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("address", &self.address)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

impl Connections {
    pub(super) fn new(settings: &SmtpSettings) -> Result<Self, SmtpSettingsError> {
        settings.check()?;
        let tls = match settings.security {
            SmtpSecurity::None => None,
            SmtpSecurity::StartTls | SmtpSecurity::Tls => Some(tls_parameters(settings)?),
        };
        Ok(Self {
            host: settings.host.clone(),
            port: settings.port,
            address: settings.address(),
            security: settings.security,
            tls,
            hello: settings
                .hello_name
                .clone()
                .map_or_else(ClientId::default, ClientId::Domain),
            credentials: settings.credentials.as_ref().map(|(name, password)| {
                let both = Credentials::new(name.clone(), password.expose_secret().to_owned());
                (both, password.clone())
            }),
            connect_limit: settings.time_limit,
            most: settings.most_connections.get(),
            parked: Mutex::default(),
        })
    }

    /// Hands one mail over.
    pub(super) async fn send(&self, envelope: &Envelope, bytes: &[u8]) -> Result<(), SendError> {
        let mut connection = self.ready().await?;
        connection
            .send(envelope, bytes)
            .await
            .map_err(|error| self.outcome(&error))?;
        self.park(connection);
        Ok(())
    }

    /// Whether the server answers and lets us in.
    pub(super) async fn check(&self) -> Result<(), SendError> {
        let mut connection = self.connect().await?;
        if connection.test_connected().await {
            self.park(connection);
            Ok(())
        } else {
            Err(SendError::Unavailable(format!(
                "the mail server {} hung up",
                self.address
            )))
        }
    }

    /// A connection that just answered: a parked one, or a new one.
    async fn ready(&self) -> Result<AsyncSmtpConnection, SendError> {
        while let Some((mut connection, since)) = self.unpark() {
            if since.elapsed() < IDLE && connection.test_connected().await {
                return Ok(connection);
            }
        }
        self.connect().await
    }

    fn unpark(&self) -> Option<(AsyncSmtpConnection, Instant)> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn park(&self, connection: AsyncSmtpConnection) {
        let mut parked = self.parked.lock().unwrap_or_else(PoisonError::into_inner);
        parked.retain(|(_, since)| since.elapsed() < IDLE);
        if !connection.has_broken() && parked.len() < self.most {
            parked.push((connection, Instant::now()));
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let from_the_start = self.tls.clone().filter(|_| self.security == SmtpSecurity::Tls);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            (self.host.as_str(), self.port),
            Some(self.connect_limit),
            &self.hello,
            from_the_start,
            None,
        )
        .await
        .map_err(|error| self.unavailable("cannot be reached", &error))?;
        if let (SmtpSecurity::StartTls, Some(tls)) = (self.security, &self.tls) {
            connection
                .starttls(tls.clone(), &self.hello)
                .await
                .map_err(|error| self.unavailable("does not start TLS", &error))?;
        }
        if let Some((credentials, _)) = &self.credentials {
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], credentials)
                .await
                .map_err(|error| self.unavailable("does not take our user name and password", &error))?;
        }
        Ok(connection)
    }

    /// What an error after the greeting means for the mail.
    fn outcome(&self, error: &Error) -> SendError {
        // 530 and 535 speak of us (RFC 4954, section 6), not of the mail.
        let of_us = error
            .status()
            .is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538));
        if error.is_permanent() && !of_us {
            SendError::Refused(self.text("refused the mail", error))
        } else {
            SendError::Unavailable(self.text("did not take the mail", error))
        }
    }

    fn unavailable(&self, what: &str, error: &Error) -> SendError {
        SendError::Unavailable(self.text(what, error))
    }

    /// One line for staff: what did not work and what the server said, without our password.
    fn text(&self, what: &str, error: &Error) -> String {
        let code = error.status().map(|code| code.to_string());
        let said = std::error::Error::source(error).map(ToString::to_string);
        let parts: Vec<String> = code.into_iter().chain(said).collect();
        let mut said = if parts.is_empty() {
            error.to_string()
        } else {
            parts.join(" ")
        };
        if let Some((_, password)) = &self.credentials
            && !password.expose_secret().is_empty()
        {
            said = said.replace(password.expose_secret(), "***");
        }
        let said: String = said
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(MOST_ANSWER)
            .collect();
        format!("the mail server {} {what}: {}", self.address, said.trim())
    }
}

fn tls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, SmtpSettingsError> {
    let wrong = |error: Error| SmtpSettingsError::Tls(error.to_string());
    let mut parameters = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.extra_root {
        parameters = parameters.add_root_certificate(Certificate::from_pem(pem.as_bytes()).map_err(wrong)?);
    }
    parameters.build().map_err(wrong)
}
