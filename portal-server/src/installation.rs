//! Puts the adapters together that a configuration asks for.

use std::path::Path;
use std::sync::Arc;

#[cfg(not(feature = "failpoints"))]
use portal_core::SystemClock;
use portal_core::notify::Mailer;
#[cfg(feature = "failpoints")]
use portal_core::sms::SmsSender;
use portal_core::{Parts, Portal, RandomIds, Settings, Store, StoreError};
use portal_notify::{CapturedMailer, CapturedSms, Letters, SmtpMailer, SmtpSettings};
use portal_store_postgres::{PostgresOptions, PostgresStore};
use portal_store_sqlite::{SqliteOptions, SqliteStore};

use crate::blobs::FileBlobs;
use crate::certificate::CertificateFonts;
use crate::config::{Config, DatabaseConfig, DatabaseUrl, SmtpConfig};
use crate::hooks::SmsHooks;
use crate::passwords::Argon2Passwords;
use crate::texting::Texting;
use crate::workers::Wake;

/// Why an installation cannot be opened, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder for files or the database cannot be used.
    #[error(
        "the data folder {0} cannot be used: {1}. Check that it exists and that this user may write to it."
    )]
    Folder(String, std::io::Error),
    /// The database.
    #[error("the database cannot be opened: {0}. Check `database.url` and that the database is running.")]
    Database(#[from] StoreError),
    /// The mail server's address.
    #[error("smtp.url: {0}")]
    Smtp(String),
    /// The provider of text messages.
    #[error("sms: {0}. Check the section [sms].")]
    Sms(#[from] portal_notify::sms::HttpSetupError),
    /// A font that certificates are to be set in.
    #[error("{0}")]
    Font(String),
}

/// The store that a configuration asks for.
#[derive(Debug, Clone)]
pub enum Database {
    /// Embedded.
    Sqlite(Arc<SqliteStore>),
    /// A server's.
    Postgres(Arc<PostgresStore>),
}

impl Database {
    /// Opens the store; its schema is not touched.
    pub async fn open(config: &DatabaseConfig) -> Result<Self, OpenError> {
        Ok(match &config.url {
            DatabaseUrl::Sqlite(path) => {
                if let Some(folder) = path.parent() {
                    make_folder(folder)?;
                }
                Self::Sqlite(Arc::new(SqliteStore::open(path, SqliteOptions::default()).await?))
            }
            DatabaseUrl::Postgres(url) => {
                let options = PostgresOptions {
                    max_connections: config.max_connections,
                    ..PostgresOptions::default()
                };
                Self::Postgres(Arc::new(PostgresStore::connect(url.expose(), options).await?))
            }
        })
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => store.clone(),
            Self::Postgres(store) => store.clone(),
        }
    }

    /// The migrations that are not applied yet, by name.
    pub async fn pending(&self) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Sqlite(store) => store.pending().await,
            Self::Postgres(store) => store.pending().await,
        }
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.migrate().await,
            Self::Postgres(store) => store.migrate().await,
        }
    }

    /// Finishes what was begun and closes all connections.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
        }
    }
}

fn make_folder(path: &Path) -> Result<(), OpenError> {
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder
        .create(path)
        .map_err(|error| OpenError::Folder(path.display().to_string(), error))
}

/// All parts of a running portal.
#[derive(Debug)]
pub struct Installation {
    /// The store, for what only its adapter offers.
    pub database: Database,
    /// The portal.
    pub portal: Portal,
    /// What the portal was made of.
    pub parts: PartsOf,
    /// Wakes the workers.
    pub wake: Wake,
    /// Mail that is captured for want of a mail server.
    pub captured: Option<CapturedMailer>,
    /// Text messages that are captured for want of a provider.
    pub captured_sms: Option<CapturedSms>,
    /// The provider of text messages whose callbacks are believed.
    pub sms_hooks: Option<SmsHooks>,
    /// The fonts that certificates of approvals are set in.
    pub certificate_fonts: CertificateFonts,
}

/// The parts, which cannot be printed.
#[derive(Clone)]
pub struct PartsOf(pub Parts);

impl std::fmt::Debug for PartsOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PartsOf(..)")
    }
}

impl Installation {
    /// Opens everything that `config` names. The schema is not touched.
    pub async fn open(config: &Config, public_url: &str) -> Result<Self, OpenError> {
        let certificate_fonts =
            CertificateFonts::with_files(&config.certificate.fonts).map_err(OpenError::Font)?;
        let database = Database::open(&config.database).await?;
        let blobs = config.server.data_dir.join("blobs");
        let blobs = FileBlobs::open(&blobs)
            .await
            .map_err(|error| OpenError::Folder(blobs.display().to_string(), error))?;
        let (mailer, captured): (Arc<dyn Mailer>, _) = if let Some(smtp) = &config.smtp {
            (Arc::new(mail_server(smtp)?), None)
        } else {
            let captured = CapturedMailer::default();
            (Arc::new(captured.clone()), Some(captured))
        };
        #[cfg(feature = "failpoints")]
        let mailer: Arc<dyn Mailer> = Arc::new(crate::failing::Mailing::new(mailer));
        #[cfg(feature = "failpoints")]
        let clock = Arc::new(crate::failing::MovedClock::default());
        #[cfg(not(feature = "failpoints"))]
        let clock = Arc::new(SystemClock);
        let wake = Wake::default();
        let texting = Texting::open(config.sms.as_ref(), config.server.production)?;
        let sms = texting.sender;
        #[cfg(feature = "failpoints")]
        let sms: Arc<dyn SmsSender> = Arc::new(crate::failing::Texting::new(sms));
        let parts = Parts {
            store: database.store(),
            blobs: Arc::new(blobs),
            mailer,
            sms,
            composer: Arc::new(Letters),
            passwords: Arc::new(Argon2Passwords::new(Arc::new(RandomIds))),
            second_factor: None,
            clock,
            ids: Arc::new(RandomIds),
            hints: Arc::new(wake.clone()),
            settings: Settings {
                public_url: public_url.to_owned(),
                keys: config.keys.clone(),
            },
        };
        Ok(Self {
            database,
            portal: Portal::new(parts.clone()),
            parts: PartsOf(parts),
            wake,
            captured,
            captured_sms: texting.captured,
            sms_hooks: texting.hooks,
            certificate_fonts,
        })
    }
}

/// The mailer that a configuration asks for.
pub fn mail_server(smtp: &SmtpConfig) -> Result<SmtpMailer, OpenError> {
    let wrong = |error: portal_notify::smtp::SmtpSettingsError| OpenError::Smtp(error.to_string());
    let settings = SmtpSettings::from_url(smtp.url.expose(), smtp.from.0.clone()).map_err(wrong)?;
    SmtpMailer::new(settings).map_err(wrong)
}
