//! What a database has to offer, and where the two differ.

use std::future::Future;
use std::path::Path;

use async_trait::async_trait;
use portal_core::StoreError;
use sqlx::Database;

use crate::statement::{Statement, Step, Written};

/// The few words in which the databases' SQL differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Many writers at once: rows are locked.
    Postgres,
    /// One writer at a time: there is nothing to lock.
    Sqlite,
}

impl Dialect {
    /// Follows a `SELECT` of rows that must stay as they are until the end of the transaction.
    pub(crate) const fn hold(self) -> &'static str {
        match self {
            Self::Postgres => " FOR SHARE",
            Self::Sqlite => "",
        }
    }

    /// Follows a `SELECT` of rows to claim: those that another claim holds are passed over.
    pub(crate) const fn claim(self) -> &'static str {
        match self {
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
            Self::Sqlite => "",
        }
    }

    /// Holds for the rows to claim, whose ids are in `due`.
    pub(crate) const fn is_due(self) -> &'static str {
        match self {
            Self::Postgres => "id = ANY(ARRAY(SELECT due.id FROM due))",
            Self::Sqlite => "id IN (SELECT due.id FROM due)",
        }
    }
}

/// A connection to a database: it runs statements and knows nothing of what they mean.
#[async_trait]
pub trait Driver: Send + Sync + 'static {
    /// The database's driver in sqlx.
    type Db: Database;

    /// Which words its SQL uses.
    const DIALECT: Dialect;

    /// Runs a reading statement.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be reached, `Failed` for anything else.
    async fn fetch(&self, statement: Statement) -> Result<Vec<<Self::Db as Database>::Row>, StoreError>;

    /// Runs one writing statement in a transaction of its own, to its end even if the caller goes away.
    ///
    /// # Errors
    /// As [`Driver::apply`].
    async fn write(&self, statement: Statement) -> Result<Written<<Self::Db as Database>::Row>, StoreError>;

    /// Runs all steps in one transaction, to its end even if the caller goes away.
    ///
    /// # Errors
    /// `Stale` when a step did not do what it must, `Conflict` when a unique rule broke, `Unavailable` when nothing
    /// could be written. Nothing was changed then. `InDoubt` when nobody knows whether it was.
    async fn apply(&self, steps: Vec<Step>) -> Result<(), StoreError>;

    /// Brings the schema up to date.
    async fn migrate(&self) -> Result<(), StoreError>;

    /// The migrations that are not applied yet, by name.
    ///
    /// # Errors
    /// `Failed` when the schema is newer than this build or was changed by other hands.
    async fn pending(&self) -> Result<Vec<String>, StoreError>;

    /// Finishes what was begun and closes all connections. Everything after that is `Unavailable`.
    async fn close(&self);
}

/// A driver of databases that are files.
pub trait FileDriver: Driver + Sized {
    /// What can be set.
    type Options: Default + Send;

    /// Opens the database in the file at `path`, which is created if need be.
    fn open(path: &Path, options: Self::Options) -> impl Future<Output = Result<Self, StoreError>> + Send;

    /// Opens a new database that nobody else sees and that goes when it is dropped.
    fn in_memory() -> impl Future<Output = Result<Self, StoreError>> + Send;
}

/// A driver of databases that are servers.
pub trait ServerDriver: Driver + Sized {
    /// What can be set.
    type Options: Default + Send;

    /// Connects to the database at `url`.
    fn connect(url: &str, options: Self::Options) -> impl Future<Output = Result<Self, StoreError>> + Send;
}
