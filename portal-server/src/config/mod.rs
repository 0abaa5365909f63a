//! What an installation sets: `portal.toml`, then the environment (`PORTAL__DATABASE__URL`), then flags; later
//! ones win.
//!
//! Reading tells *all* that is wrong at once, each with the key's name and the way on. A key that does not exist
//! is wrong too: a misspelt limit would otherwise be no limit.

mod audit;
mod public_url;
mod reader;
mod sms;
mod text;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use config::builder::DefaultState;
use config::{ConfigBuilder, Environment, File, FileFormat};
use portal_core::Keys;

pub use audit::AuditConfig;
pub use public_url::{NotAPublicUrl, PublicUrl};
pub use sms::{SmsConfig, SmsProvider};
pub use text::{DatabaseUrl, Hidden, KeyId, LogFormat, MasterKey, Network, OlderKey, Sender, SigningSecret};

use reader::Reader;

/// The whole configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Section `[server]`.
    pub server: ServerConfig,
    /// Section `[database]`.
    pub database: DatabaseConfig,
    /// Section `[smtp]`; without it, mail is captured and readable at `/dev/outbox`, which production refuses.
    pub smtp: Option<SmtpConfig>,
    /// Section `[sms]`; without it, text messages are captured, and in production refused.
    pub sms: Option<SmsConfig>,
    /// Sections `[secrets]` and `[audit]`: the master key, and which keys sign the audit trail's checkpoints.
    pub keys: Keys,
    /// Section `[audit]`.
    pub audit: AuditConfig,
    /// Section `[certificate]`.
    pub certificate: CertificateConfig,
    /// Section `[limits]`.
    pub limits: Limits,
    /// Section `[log]`.
    pub log: LogConfig,
}

/// Where the server listens and what it is called from outside.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Address and port to listen on. Default `127.0.0.1:8080`; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address that people reach the portal under; links are built from nothing else. Outside production it
    /// defaults to `http://` and `listen`.
    pub public_url: Option<PublicUrl>,
    /// Where files' bytes and an SQLite database lie. Default `./portal-data`.
    pub data_dir: PathBuf,
    /// Address and port that `/metrics` answers on. Default: none.
    pub metrics_listen: Option<SocketAddr>,
    /// The proxies whose `X-Forwarded-For` is believed, as addresses or networks (`10.0.0.0/8`). Default: none.
    pub trusted_proxies: Vec<Network>,
    /// Whether real people's records are in it: refuses to start with a demo key, without mail, or with a public
    /// address that is missing or unencrypted. Default `true`.
    pub production: bool,
}

/// The database.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// `postgres://USER:PASSWORD@HOST/NAME`, or `sqlite:PATH`. Default: `portal.db` in the data folder.
    pub url: DatabaseUrl,
    /// The most connections to PostgreSQL. Default 16.
    pub max_connections: u32,
}

/// The mail server.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// `smtps://USER:PASSWORD@HOST` (implicit TLS), `smtp://USER:PASSWORD@HOST:587?tls=required` (STARTTLS) or
    /// `smtp://localhost:25` (unencrypted).
    pub url: Hidden,
    /// The address that mail comes from.
    pub from: Sender,
}

/// The certificates of approvals.
#[derive(Debug, Clone, Default)]
pub struct CertificateConfig {
    /// Font files for scripts beyond Latin, Greek and Cyrillic, like `/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf`; the first one that has a
    /// character is taken. Other fonts make other certificates of the same answers. Default: none.
    pub fonts: Vec<PathBuf>,
}

/// What one server takes at once. Everything beyond is refused quickly instead of being queued to death.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Open connections. Default 10,000.
    pub connections: usize,
    /// Requests under way; further ones get 503 with `Retry-After`. Default 512.
    pub requests: usize,
    /// Uploads and downloads under way. Default 256.
    pub transfers: usize,
    /// The most of these places that one session may take, in percent; at least 8 places. Default 25.
    pub session_share: usize,
    /// The most of these places that one network may take, in percent; at least 8 places. Behind a proxy, networks can
    /// be told apart only with `server.trusted_proxies`. Default 50.
    pub network_share: usize,
    /// The largest request body that is no upload, in bytes. Default 1 MiB.
    pub body_bytes: usize,
    /// How long a request's header may take. Default 10 seconds.
    pub header_time: Duration,
    /// How long a request that is no upload or download may take. Default 30 seconds.
    pub request_time: Duration,
    /// How long an upload may stand still. Default 60 seconds.
    pub idle_upload_time: Duration,
    /// How long whoever asked may read nothing of an answer before their connection is closed. Default 60 seconds.
    pub idle_answer_time: Duration,
    /// How long requests under way may take to end when the server is told to stop. Default 25 seconds.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            requests: 512,
            transfers: 256,
            session_share: 25,
            network_share: 50,
            body_bytes: 1 << 20,
            header_time: Duration::from_secs(10),
            request_time: Duration::from_secs(30),
            idle_upload_time: Duration::from_mins(1),
            idle_answer_time: Duration::from_mins(1),
            drain_time: Duration::from_secs(25),
        }
    }
}

/// The log, which goes to standard error.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// `text` or `json`. Default `text`.
    pub format: LogFormat,
    /// What is logged: `info`, or `portal_server=debug,sqlx=warn`. Default `info`.
    pub level: String,
}

/// All that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigProblems(pub Vec<String>);

impl fmt::Display for ConfigProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(
            f,
            "the configuration has {count} problem{}:",
            if count == 1 { "" } else { "s" }
        )?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))
    }
}

/// Where a configuration is read from.
#[derive(Debug, Default)]
pub struct Sources {
    builder: ConfigBuilder<DefaultState>,
    problems: Vec<String>,
}

impl Sources {
    /// `file` when it is given, else `portal.toml` if there is one; then the process's environment.
    #[must_use]
    pub fn standard(file: Option<&Path>) -> Self {
        let path = file.unwrap_or_else(|| Path::new("portal.toml"));
        let source = File::from(path).format(FileFormat::Toml).required(file.is_some());
        let environment = Environment::with_prefix("PORTAL")
            .prefix_separator("__")
            .separator("__");
        Self {
            builder: config::Config::builder()
                .add_source(source)
                .add_source(environment),
            problems: Vec::new(),
        }
    }

    /// The text of a `portal.toml`, and nothing else.
    #[must_use]
    pub fn text(toml: &str) -> Self {
        Self {
            builder: config::Config::builder().add_source(File::from_str(toml, FileFormat::Toml)),
            problems: Vec::new(),
        }
    }

    /// A flag of the command line, which wins over everything else.
    #[must_use]
    pub fn flag(mut self, key: &str, value: Option<impl ToString>) -> Self {
        let value = value.map(|value| value.to_string());
        match self.builder.clone().set_override_option(key, value) {
            Ok(builder) => self.builder = builder,
            Err(error) => self.problems.push(format!("{key}: {error}")),
        }
        self
    }

    /// Reads the configuration, or tells all that is wrong with it.
    pub fn read(self) -> Result<Config, ConfigProblems> {
        let values = self.builder.build().and_then(config::Config::try_deserialize);
        let mut reader = match values {
            Ok(values) => Reader::new(values, self.problems),
            Err(error) => return Err(ConfigProblems(vec![error.to_string()])),
        };
        let config = Config::from_reader(&mut reader);
        match (config, reader.finish()) {
            (Some(config), problems) if problems.is_empty() => Ok(config),
            (_, problems) => Err(ConfigProblems(problems)),
        }
    }
}

impl Config {
    fn from_reader(read: &mut Reader) -> Option<Self> {
        let server = ServerConfig::from_reader(read);
        let limits = Limits::from_reader(read);
        let log = LogConfig {
            format: read.or("log", "format", LogFormat::Text),
            level: read.or("log", "level", "info".to_owned()),
        };
        let default_url = DatabaseUrl::Sqlite(server.data_dir.join("portal.db"));
        let database = DatabaseConfig {
            url: read.or("database", "url", default_url),
            max_connections: read.at_least_one("database", "max_connections", 16),
        };
        let smtp = read_smtp(read, server.production);
        let sms = sms::read_sms(read);
        let master = read.required::<MasterKey>(
            "secrets",
            "master_key",
            "generate one with `openssl rand -hex 32` and keep it safe: sessions and links depend on it",
        )?;
        if server.production && master.is_demo {
            read.problem(
                "secrets.master_key",
                "this key belongs to a demo; generate a new one for production",
            );
        }
        let key_id = read.or("audit", "key_id", KeyId("1".to_owned()));
        let secret = read.optional::<SigningSecret>("audit", "signing_secret");
        let older = read.list::<OlderKey>("audit", "previous_keys");
        let audit = AuditConfig::from_reader(read);
        let certificate = CertificateConfig {
            fonts: read.list("certificate", "fonts"),
        };
        Some(Self {
            server,
            database,
            smtp,
            sms,
            keys: master
                .keys
                .with_audit_key(&key_id.0, secret.map(|secret| secret.0))
                .with_previous_audit_keys(older.into_iter().map(|older| older.0)),
            audit,
            certificate,
            limits,
            log,
        })
    }

    /// The address that people reach the portal under, when it is reached at `listen` for want of a better one.
    #[must_use]
    pub fn public_url(&self, listen: SocketAddr) -> PublicUrl {
        self.server
            .public_url
            .clone()
            .unwrap_or_else(|| PublicUrl::of(listen))
    }
}

impl ServerConfig {
    fn from_reader(read: &mut Reader) -> Self {
        let server = Self {
            listen: read.or("server", "listen", SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))),
            public_url: read.optional("server", "public_url"),
            data_dir: read.or("server", "data_dir", PathBuf::from("portal-data")),
            metrics_listen: read.optional("server", "metrics_listen"),
            trusted_proxies: read.list("server", "trusted_proxies"),
            production: read.or("server", "production", true),
        };
        if server.production {
            match &server.public_url {
                None if !read.failed("server.public_url") => read.problem(
                    "server.public_url",
                    "set the address that people reach the portal under, like https://portal.example.com",
                ),
                Some(url) if !url.is_secure() && !url.is_loopback() => read.problem(
                    "server.public_url",
                    "must begin with https:// in production; set `server.production = false` to try things out",
                ),
                _ => {}
            }
        }
        server
    }

    /// Whether an address is a proxy whose word is believed.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|network| network.contains(address))
    }
}

impl Limits {
    fn from_reader(read: &mut Reader) -> Self {
        let usual = Self::default();
        let mut seconds = |key: &str, usual: Duration| {
            Duration::from_secs(read.at_least_one("limits", key, usual.as_secs()))
        };
        let (header_time, request_time, idle_upload_time, idle_answer_time, drain_time) = (
            seconds("header_seconds", usual.header_time),
            seconds("request_seconds", usual.request_time),
            seconds("idle_upload_seconds", usual.idle_upload_time),
            seconds("idle_answer_seconds", usual.idle_answer_time),
            seconds("drain_seconds", usual.drain_time),
        );
        Self {
            connections: read.at_least_one("limits", "connections", usual.connections),
            requests: read.at_least_one("limits", "requests", usual.requests),
            transfers: read.at_least_one("limits", "transfers", usual.transfers),
            session_share: read.at_least_one("limits", "session_share", usual.session_share),
            network_share: read.at_least_one("limits", "network_share", usual.network_share),
            body_bytes: read.at_least_one("limits", "body_bytes", usual.body_bytes),
            header_time,
            request_time,
            idle_upload_time,
            idle_answer_time,
            drain_time,
        }
    }
}

fn read_smtp(read: &mut Reader, production: bool) -> Option<SmtpConfig> {
    let url = read.optional::<Hidden>("smtp", "url");
    let from = read.optional("smtp", "from");
    match (url, from) {
        (Some(url), Some(from)) => Some(SmtpConfig { url, from }),
        (None, Some(_)) => {
            read.problem(
                "smtp.url",
                "set it too, like smtps://USER:PASSWORD@mail.example.com",
            );
            None
        }
        (Some(_), None) => {
            if !read.failed("smtp.from") {
                read.problem(
                    "smtp.from",
                    "set the address that mail comes from, like portal@example.com",
                );
            }
            None
        }
        (None, None) => {
            if production && !read.failed("smtp.from") {
                read.problem("smtp.url", "set the mail server; without mail nobody can sign in");
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [server]
        public_url = "https://portal.example.com"
        trusted_proxies = ["10.0.0.0/8", "::1"]
        [database]
        url = "postgres://portal:secret@db/portal"
        [smtp]
        url = "smtps://portal:secret@mail.example.com"
        from = "portal@example.com"
        [secrets]
        master_key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    "#;

    fn problems(toml: &str) -> Vec<String> {
        Sources::text(toml)
            .read()
            .map_or_else(|problems| problems.0, |_| Vec::new())
    }

    #[test]
    fn a_good_configuration_is_read_with_safe_defaults() {
        let config = Sources::text(GOOD).read().unwrap();
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
        assert!(config.server.production);
        assert!(config.server.trusts("10.20.30.40".parse().unwrap()));
        assert!(!config.server.trusts("11.0.0.1".parse().unwrap()));
        assert_eq!(config.limits.body_bytes, 1 << 20);
        assert!(config.server.metrics_listen.is_none());
    }

    #[test]
    fn secrets_are_not_printed() {
        let printed = format!("{:?}", Sources::text(GOOD).read().unwrap());
        assert!(
            !printed.contains("secret@") && !printed.contains("0001020304"),
            "{printed}"
        );
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_by_name() {
        let problems = problems(
            r#"
            colour = "blue"
            [server]
            listen = "here"
            lsiten = "127.0.0.1:1"
            public_url = "ftp://example.com"
            trusted_proxies = ["10.0.0.0/99"]
            [databse]
            url = "x"
            [smtp]
            url = "smtp://mail"
            [secrets]
            master_key = "short"
            [limits]
            requests = 0
            body_bytes = "many"
            [log]
            format = "xml"
        "#,
        );
        for key in [
            "colour",
            "server.listen",
            "server.lsiten",
            "server.public_url",
            "server.trusted_proxies",
            "databse",
            "smtp.from",
            "secrets.master_key",
            "limits.requests",
            "limits.body_bytes",
            "log.format",
        ] {
            assert!(
                problems
                    .iter()
                    .any(|problem| problem.starts_with(&format!("{key}:"))),
                "{key} is not named in {problems:#?}"
            );
        }
        assert_eq!(problems.len(), 11, "{problems:#?}");
    }

    #[test]
    fn production_refuses_what_is_good_for_trying_out_only() {
        let found = problems(
            r#"
            [secrets]
            master_key = "demo-000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        "#,
        );
        assert_eq!(found.len(), 3, "{found:#?}");
        let found = problems(&GOOD.replace("https://portal", "http://portal"));
        assert!(found.len() == 1 && found[0].contains("https://"), "{found:#?}");
        assert_eq!(
            problems(&GOOD.replace("https://portal.example.com", "http://localhost:8080")),
            [] as [&str; 0]
        );
    }

    #[test]
    fn keys_that_signed_before_are_names_or_public_keys() {
        let with = |audit: &str| format!("{GOOD}\n[audit]\n{audit}");
        let practice = portal_core::PracticeId(uuid::Uuid::from_u128(7));
        let verifiers = |audit: &str, origin: &str| {
            let config = Sources::text(&with(audit)).read().unwrap();
            config.keys.audit_verifiers(practice, origin)
        };
        let old = verifiers("key_id = \"2025\"", "a/audit").remove(0);
        let named = "key_id = \"2026\"\nprevious_keys = [\"2024\", \"2025\", \"2025\"]";
        assert_eq!(verifiers(named, "a/audit").len(), 3);
        assert_eq!(verifiers(named, "a/audit")[2], old);
        let public = format!("key_id = \"2026\"\nprevious_keys = \"{old}\"");
        assert_eq!(verifiers(&public, "a/audit")[1], old);
        assert_eq!(
            verifiers(&public, "b/audit").len(),
            1,
            "it is a key of another tree"
        );
        for wrong in [
            "two words",
            "a+b",
            "a/audit+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        ] {
            let found = problems(&with(&format!("previous_keys = [\"1\", \"{wrong}\"]")));
            assert!(
                found.len() == 1 && found[0].starts_with("audit.previous_keys: "),
                "{wrong}: {found:?}"
            );
        }
    }

    #[test]
    fn checkpoints_are_sent_where_a_configuration_says() {
        let with = |audit: &str| format!("{GOOD}\n[audit]\n{audit}");
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let whole = format!(
            "checkpoint_webhook = \"https://hooks.example.com/a\"\ncheckpoint_webhook_secret = \"{secret}\"\n\
             checkpoint_mail = [\"notary@example.com\", \"auditor@example.com\"]"
        );
        let config = Sources::text(&with(&whole)).read().unwrap();
        let printed = format!("{config:?}");
        assert!(
            !printed.contains("MfKQ") && !printed.contains("49, 242, 144"),
            "{printed}"
        );
        let elsewhere = config.audit.elsewhere();
        assert_eq!((elsewhere.webhook.is_some(), elsewhere.mail.len()), (true, 2));
        for (audit, wrong) in [
            (
                "checkpoint_webhook = \"https://a.example\"".to_owned(),
                "audit.checkpoint_webhook_secret",
            ),
            (
                format!("checkpoint_webhook_secret = \"{secret}\""),
                "audit.checkpoint_webhook",
            ),
            (whole.replace("https:", "http:"), "audit.checkpoint_webhook"),
            (whole.replace("LaSw", ""), "audit.checkpoint_webhook"),
            (whole.replace("notary@", "notary"), "audit.checkpoint_mail"),
        ] {
            let found = problems(&with(&audit));
            let named = found
                .iter()
                .all(|problem| problem.starts_with(&format!("{wrong}: ")));
            assert!(named && found.len() == 1, "{audit}: {found:#?}");
        }
    }

    #[test]
    fn a_provider_of_text_messages_needs_all_of_its_account() {
        let with = |sms: &str| format!("{GOOD}\n[sms]\n{sms}");
        let twilio = "provider = \"twilio\"\naccount = \"AC1\"\nsecret = \"hush\"\nfrom = \"+15005550006\"";
        let config = Sources::text(&with(twilio)).read().unwrap();
        let printed = format!("{config:?}");
        assert!(printed.contains("AC1") && !printed.contains("hush"), "{printed}");
        let sms = config.sms.unwrap();
        assert_eq!((sms.per_second.get(), sms.price_per_segment), (1, None));
        let priced = format!("{twilio}\nprice_per_segment = \"0.0079 USD\"");
        let price = Sources::text(&with(&priced))
            .read()
            .unwrap()
            .sms
            .unwrap()
            .price_per_segment;
        assert_eq!(price.unwrap().to_string(), "0.0079 USD");
        for (sms, wrong) in [
            ("provider = \"pigeon\"", vec!["sms.provider"]),
            ("secret = \"hush\"", vec!["sms.provider"]),
            (
                "provider = \"twilio\"",
                vec!["sms.account", "sms.from", "sms.secret"],
            ),
            (
                "provider = \"vonage\"\naccount = \"a\"\nsecret = \"b\"\nfrom = \"c\"",
                vec!["sms.signature_secret"],
            ),
            ("provider = \"gateway\"\nsecret = \"b\"", vec!["sms.url"]),
            (
                "provider = \"gateway\"\nurl = \"https://x\"\nsecret = \"b\"\nper_second = 0",
                vec!["sms.per_second"],
            ),
            (
                "provider = \"gateway\"\nurl = \"https://x\"\nsecret = \"b\"\nprice_per_segment = \"8 cents\"",
                vec!["sms.price_per_segment"],
            ),
            ("price_per_segment = \"0.08 AUD\"", vec!["sms.provider"]),
        ] {
            let found = problems(&with(sms));
            assert_eq!(found.len(), wrong.len(), "{found:#?}");
            for key in wrong {
                assert!(
                    found
                        .iter()
                        .any(|problem| problem.starts_with(&format!("{key}:"))),
                    "{key} in {found:#?}"
                );
            }
        }
    }

    #[test]
    fn trying_out_needs_a_key_only() {
        let config = Sources::text(
            "[server]\nproduction = false\n[secrets]\nmaster_key = \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"",
        )
        .flag("server.listen", Some("127.0.0.1:9"))
        .read()
        .unwrap();
        assert_eq!(
            config.public_url(config.server.listen).as_str(),
            "http://127.0.0.1:9"
        );
        assert!(config.smtp.is_none());
    }

    #[test]
    fn a_file_that_was_named_must_be_there() {
        assert!(
            Sources::standard(Some(Path::new("/nowhere/portal.toml")))
                .read()
                .is_err()
        );
    }
}
