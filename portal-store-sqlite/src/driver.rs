//! Connections to the file.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use portal_core::StoreError;
use portal_store_sql::{Dialect, Driver, FileDriver, Statement, Step, Written, arguments};
use sqlx::migrate::{Migrate, Migrator};
use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};

use crate::error::store_error;
use crate::writer::{self, Job};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How many jobs may wait for the writer before callers wait to hand in theirs.
const MOST_WAITING: usize = 1_024;
/// How many prepared statements each connection keeps.
const STATEMENTS_KEPT: usize = 400;

/// What can be set about a SQLite store.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// How many connections read at the same time (default 8).
    pub readers: u32,
    /// How long to wait for another process that writes (default 5 seconds).
    pub busy_timeout: Duration,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            readers: 8,
            busy_timeout: Duration::from_secs(5),
        }
    }
}

/// Drives one SQLite file.
pub struct SqliteDriver {
    readers: SqlitePool,
    jobs: mpsc::Sender<Job>,
    connect: SqliteConnectOptions,
    /// Deletes the files of a store that lives no longer than this.
    _temporary: Option<TempDir>,
}

/// How many pages the write-ahead log has before they are copied into the file: 32 MiB. What changes often is copied once for many
/// changes.
const WRITE_AHEAD: &str = "8192";
/// The most memory for pages that the writer keeps at hand, in KiB below zero: 16 MiB.
const WRITER_CACHE: &str = "-16384";

impl fmt::Debug for SqliteDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteDriver")
            .field("file", &self.connect.get_filename())
            .finish_non_exhaustive()
    }
}

impl SqliteDriver {
    async fn start(
        connect: SqliteConnectOptions,
        readers: u32,
        temporary: Option<TempDir>,
    ) -> Result<Self, StoreError> {
        // The writer connects first: it creates the file and turns the write-ahead log on.
        let writer = connect
            .clone()
            .pragma("wal_autocheckpoint", WRITE_AHEAD)
            .pragma("cache_size", WRITER_CACHE)
            .connect()
            .await
            .map_err(|error| store_error(&error))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(readers.max(1))
            .min_connections(0)
            // Nothing can break such a connection but the loss of the file.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(connect.clone().pragma("query_only", "ON"));
        let (jobs, waiting) = mpsc::channel(MOST_WAITING);
        tokio::spawn(writer::run(writer, waiting));
        Ok(Self {
            readers,
            jobs,
            connect,
            _temporary: temporary,
        })
    }

    /// Hands a job to the writer and waits for its answer. Once it is handed in, the job is done whatever becomes of
    /// the caller.
    async fn hand_in<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.jobs
            .send(job(answer))
            .await
            .map_err(|_| StoreError::Unavailable("the store is closed".to_owned()))?;
        // The writer answers everything that it takes in, unless it ends by a fault of its own.
        answered
            .await
            .map_err(|_| StoreError::InDoubt("the writer ended early".to_owned()))
    }
}

fn connect_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true)
        .statement_cache_capacity(STATEMENTS_KEPT)
        .disable_statement_logging()
}

/// The file holds personal data: nobody but its owner may read it. SQLite gives its companions the same mode.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let unavailable = |error: std::io::Error| StoreError::Unavailable(format!("{}: {error}", path.display()));
    if let Some(directory) = path
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty())
    {
        std::fs::create_dir_all(directory).map_err(unavailable)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(unavailable)
}

impl FileDriver for SqliteDriver {
    type Options = SqliteOptions;

    async fn open(path: &Path, options: SqliteOptions) -> Result<Self, StoreError> {
        create_private(path)?;
        let connect = connect_options(path)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(options.busy_timeout);
        Self::start(connect, options.readers, None).await
    }

    /// SQLite's memory databases are seen by one connection each, so this is a file in the system's temporary
    /// directory, never forced to disk, and deleted when it is dropped.
    async fn in_memory() -> Result<Self, StoreError> {
        let directory = tempfile::tempdir().map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let connect =
            connect_options(&directory.path().join("portal.sqlite")).synchronous(SqliteSynchronous::Off);
        Self::start(connect, SqliteOptions::default().readers, Some(directory)).await
    }
}

#[async_trait]
impl Driver for SqliteDriver {
    type Db = Sqlite;

    const DIALECT: Dialect = Dialect::Sqlite;

    async fn fetch(&self, statement: Statement) -> Result<Vec<SqliteRow>, StoreError> {
        let arguments = arguments::<Sqlite>(statement.args)?;
        sqlx::query_with(AssertSqlSafe(statement.sql), arguments)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| store_error(&error))
    }

    async fn write(&self, statement: Statement) -> Result<Written<SqliteRow>, StoreError> {
        self.hand_in(|answer| Job::Write { statement, answer }).await?
    }

    async fn apply(&self, steps: Vec<Step>) -> Result<(), StoreError> {
        self.hand_in(|answer| Job::Apply { steps, answer }).await?
    }

    /// All migrations go into one transaction that keeps other processes out.
    async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = self
            .connect
            .connect()
            .await
            .map_err(|error| store_error(&error))?;
        let mut transaction = connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|error| store_error(&error))?;
        MIGRATIONS
            .run_direct(None, &mut *transaction, false)
            .await
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        transaction.commit().await.map_err(|error| store_error(&error))?;
        connection.close().await.map_err(|error| store_error(&error))
    }

    async fn pending(&self) -> Result<Vec<String>, StoreError> {
        let mut connection = self
            .readers
            .acquire()
            .await
            .map_err(|error| store_error(&error))?;
        let begun: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema WHERE name = $1")
            .bind(MIGRATIONS.table_name.as_ref())
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| store_error(&error))?;
        let applied = if begun == 0 {
            Vec::new()
        } else {
            connection
                .list_applied_migrations(&MIGRATIONS.table_name)
                .await
                .map_err(|error| StoreError::Failed(error.to_string()))?
        };
        portal_store_sql::pending_migrations(&MIGRATIONS, &applied)
    }

    async fn close(&self) {
        // Readers first: the last connection to close is the one that may tidy up the write-ahead log.
        self.readers.close().await;
        let _ = self.hand_in(|answer| Job::Close { answer }).await;
    }
}
