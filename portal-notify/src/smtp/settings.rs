use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use portal_core::text::Email;
use secrecy::SecretString;
use url::Url;

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// Not at all: for a mail server on the same machine, or in a test.
    None,
    /// Starts in the clear and must change over to TLS before anything else is said (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314): the best choice where the server offers it.
    Tls,
}

impl SmtpSecurity {
    const fn usual_port(self) -> u16 {
        match self {
            Self::None => 25,
            Self::StartTls => 587,
            Self::Tls => 465,
        }
    }
}

/// How to reach the mail server, and as whom.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// The server's name or address. Its certificate must be for it.
    pub host: String,
    /// Its port: usually 25, 587 with STARTTLS, 465 with TLS.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// The user name and password, where the server wants them. Never sent over an unprotected connection,
    /// except to this machine.
    pub credentials: Option<(String, SecretString)>,
    /// The address that mail comes from; its domain is that of each `Message-ID`.
    pub from_address: Email,
    /// How we introduce ourselves (`EHLO`); this machine's name when `None`.
    pub hello_name: Option<String>,
    /// The longest that sending one mail may take, from waiting for a connection to the server's last answer.
    pub time_limit: Duration,
    /// The most connections at a time.
    pub most_connections: NonZeroUsize,
    /// A certificate (PEM) to trust beside the public authorities: of a relay with one of its own making.
    pub extra_root: Option<String>,
}

impl SmtpSettings {
    /// One minute, unless told otherwise.
    pub const TIME_LIMIT: Duration = Duration::from_mins(1);
    /// Four connections, unless told otherwise.
    pub const MOST_CONNECTIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);

    /// Reads `smtp://`, `smtp+starttls://` or `smtps://`, then `[user:password@]host[:port]`. User name and
    /// password are percent-encoded where they hold `:`, `/`, `@`, `%` and the like.
    /// `smtp://host?tls=required` is another way to write `smtp+starttls://host`.
    ///
    /// # Errors
    /// Says what is wrong, without repeating the address, which may hold a password.
    pub fn from_url(url: &str, from_address: Email) -> Result<Self, SmtpSettingsError> {
        let url = Url::parse(url.trim()).map_err(|error| SmtpSettingsError::Url(error.to_string()))?;
        let security = match (url.scheme().parse()?, url.query()) {
            (SmtpSecurity::None | SmtpSecurity::StartTls, Some("tls=required")) => SmtpSecurity::StartTls,
            (security, None) => security,
            _ => return Err(SmtpSettingsError::Url(AFTER_THE_HOST.into())),
        };
        let host = url.host_str().unwrap_or_default();
        if host.is_empty() {
            return Err(SmtpSettingsError::Url("it names no host".into()));
        }
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(SmtpSettingsError::Url(AFTER_THE_HOST.into()));
        }
        let decoded = |text: &str| {
            percent_decode_str(text)
                .decode_utf8()
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| SmtpSettingsError::Url("its user name or password is not UTF-8".into()))
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (name, Some(password)) if !name.is_empty() => {
                Some((decoded(name)?, SecretString::from(decoded(password)?)))
            }
            _ => {
                return Err(SmtpSettingsError::Url(
                    "it needs both a user name and a password, or neither".into(),
                ));
            }
        };
        Ok(Self {
            // An IPv6 address stands in brackets in a URL, and nowhere else.
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(security.usual_port()),
            security,
            credentials,
            from_address,
            hello_name: None,
            time_limit: Self::TIME_LIMIT,
            most_connections: Self::MOST_CONNECTIONS,
            extra_root: None,
        })
    }

    /// The server's host and port, for people.
    #[must_use]
    pub fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    pub(super) fn check(&self) -> Result<(), SmtpSettingsError> {
        let in_the_clear = self.security == SmtpSecurity::None;
        if in_the_clear && self.credentials.is_some() && !is_this_machine(&self.host) {
            return Err(SmtpSettingsError::PasswordInTheClear);
        }
        if let Some(name) = &self.hello_name
            && (name.is_empty() || !name.bytes().all(|b| b.is_ascii_graphic()))
        {
            return Err(SmtpSettingsError::HelloName);
        }
        Ok(())
    }
}

const AFTER_THE_HOST: &str = "after the host and port only ?tls=required may follow, with smtp://; a / ? or # in the \
                              password is written as %2F, %3F or %23";

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl FromStr for SmtpSecurity {
    type Err = SmtpSettingsError;

    /// From the scheme of a URL.
    fn from_str(scheme: &str) -> Result<Self, Self::Err> {
        match scheme {
            "smtp" => Ok(Self::None),
            "smtp+starttls" => Ok(Self::StartTls),
            "smtps" => Ok(Self::Tls),
            _ => Err(SmtpSettingsError::Url(
                "it must start with smtps://, smtp+starttls:// or smtp://".into(),
            )),
        }
    }
}

/// What is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmtpSettingsError {
    /// The URL cannot be read.
    #[error("the mail server's address cannot be used: {0}")]
    Url(String),
    /// The password would travel unprotected.
    #[error("the password would be sent unencrypted; use smtps:// or smtp+starttls://")]
    PasswordInTheClear,
    /// The name for `EHLO` is no name.
    #[error("the name to introduce this server with must be a host name")]
    HelloName,
    /// The extra certificate, or the server's name, cannot be used.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn read(url: &str) -> Result<SmtpSettings, SmtpSettingsError> {
        SmtpSettings::from_url(url, Email::parse("from", "portal@example.com").unwrap())
    }

    #[test]
    fn each_scheme_has_its_usual_port() {
        let cases = [
            ("smtp://mail.example.com", SmtpSecurity::None, 25),
            ("smtp+starttls://mail.example.com/", SmtpSecurity::StartTls, 587),
            (" smtps://mail.example.com ", SmtpSecurity::Tls, 465),
            ("smtps://mail.example.com:2465", SmtpSecurity::Tls, 2465),
            (
                "smtp://mail.example.com?tls=required",
                SmtpSecurity::StartTls,
                587,
            ),
            (
                "smtp://mail.example.com:2587/?tls=required",
                SmtpSecurity::StartTls,
                2587,
            ),
        ];
        for (url, security, port) in cases {
            let settings = read(url).unwrap();
            assert_eq!((settings.security, settings.port), (security, port), "{url}");
            assert_eq!(settings.host, "mail.example.com");
            assert!(settings.credentials.is_none());
            settings.check().unwrap();
        }
    }

    #[test]
    fn credentials_are_decoded() {
        let settings = read("smtps://ann%40example.com:p%40ss%2F%C3%BC%25@mail.example.com").unwrap();
        let (name, password) = settings.credentials.unwrap();
        assert_eq!(
            (name.as_str(), password.expose_secret()),
            ("ann@example.com", "p@ss/ü%")
        );
    }

    #[test]
    fn addresses_may_be_numbers() {
        assert_eq!(read("smtp://127.0.0.1:2525").unwrap().address(), "127.0.0.1:2525");
        let six = read("smtp://[::1]:2525").unwrap();
        assert_eq!((six.host.as_str(), six.address().as_str()), ("::1", "[::1]:2525"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_without_repeating_it() {
        let cases = [
            "",
            "mail.example.com",
            "https://u:hunter2@mail.example.com",
            "smtps://",
            "smtps://u:hunter2@",
            "smtps://user@mail.example.com",
            "smtps://:hunter2@mail.example.com",
            "smtps://u:hunter2@mail.example.com:99999",
            "smtps://u:hunter2@mail.example.com/path",
            "smtps://u:hunter2@mail.example.com?tls=required",
            "smtp://u:hunter2@mail.example.com?tls=opportunistic",
            "smtps://u:hun/ter2@mail.example.com",
            "smtps://u:hunter2%FF@mail.example.com",
        ];
        for url in cases {
            let error = read(url).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{url}: {error}");
        }
    }

    #[test]
    fn a_password_does_not_leave_this_machine_unprotected() {
        assert_eq!(
            read("smtp://u:p@mail.example.com").unwrap().check(),
            Err(SmtpSettingsError::PasswordInTheClear)
        );
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            read(&format!("smtp://u:p@{host}")).unwrap().check().unwrap();
        }
    }

    #[test]
    fn the_name_we_give_cannot_carry_a_command() {
        let mut settings = read("smtp://localhost").unwrap();
        for name in ["", "a b", "a\r\nQUIT"] {
            settings.hello_name = Some(name.into());
            assert_eq!(settings.check(), Err(SmtpSettingsError::HelloName));
        }
    }
}
