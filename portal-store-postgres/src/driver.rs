//! The pool of connections to the server.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use portal_core::StoreError;
use portal_store_sql::{Dialect, Driver, Must, ServerDriver, Statement, Step, Written, arguments};
use sqlx::migrate::{Migrate, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow, Postgres};
use sqlx::{AssertSqlSafe, ConnectOptions, Either, Executor, Row};

use crate::error::{is_worth_retrying, store_error};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How often a transaction is tried that PostgreSQL undid.
const TRIES: u32 = 3;
/// How many prepared statements each connection keeps.
const STATEMENTS_KEPT: usize = 400;

/// What can be set about a PostgreSQL store.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// The most connections to keep (default 20). All servers together must stay below `max_connections`.
    pub max_connections: u32,
    /// How long to wait for a connection before the store counts as unavailable (default 5 seconds).
    pub acquire_timeout: Duration,
    /// How long one statement may take before it is given up (default 30 seconds).
    pub statement_timeout: Duration,
    /// How long to wait for a row that somebody else is changing (default 10 seconds).
    pub lock_timeout: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            max_connections: 20,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(10),
        }
    }
}

/// Drives one PostgreSQL database.
#[derive(Clone)]
pub struct PostgresDriver {
    pool: PgPool,
}

impl fmt::Debug for PostgresDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresDriver")
            .field("connections", &self.pool.size())
            .field("idle", &self.pool.num_idle())
            .finish()
    }
}

impl PostgresDriver {
    /// The connections, for statements that are not the portal's.
    #[must_use]
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Runs `work` in a task of its own, which nobody can cancel.
    async fn to_its_end<T: Send + 'static>(
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        match tokio::spawn(work).await {
            Ok(result) => result,
            Err(error) => Err(StoreError::Failed(format!(
                "a transaction's task ended early: {error}"
            ))),
        }
    }
}

impl ServerDriver for PostgresDriver {
    type Options = PostgresOptions;

    async fn connect(url: &str, options: PostgresOptions) -> Result<Self, StoreError> {
        // The address may hold a password, so that no error repeats it.
        let wrong = |why: &str| StoreError::Failed(format!("this is no PostgreSQL address: {why}"));
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(wrong("it should begin with postgres://"));
        }
        let limits = [
            ("statement_timeout", milliseconds(options.statement_timeout)),
            ("lock_timeout", milliseconds(options.lock_timeout)),
        ];
        let connect = PgConnectOptions::from_str(url)
            .map_err(|error| wrong(&error.to_string()))?
            .application_name("portal")
            .statement_cache_capacity(STATEMENTS_KEPT)
            .options(limits)
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections.max(1))
            .acquire_timeout(options.acquire_timeout)
            // This look takes the place of the ping that sqlx would send.
            .test_before_acquire(false)
            .before_acquire(|connection, _| Box::pin(is_outside_transaction(connection)))
            .connect_with(connect)
            .await
            .map_err(|error| match store_error(&error) {
                StoreError::Failed(why) => StoreError::Unavailable(why),
                other => other,
            })?;
        Ok(Self { pool })
    }
}

/// A setting of the server's, whose 0 would mean no limit.
fn milliseconds(duration: Duration) -> String {
    duration.as_millis().max(1).to_string()
}

/// Whether the connection works and is in no transaction that somebody left open: in a transaction, `now()` is when it
/// began. One round trip; an answer of `false` or an error gives the connection up for another.
///
/// sqlx 0.9.0 can forget a transaction whose `begin` was cancelled (its issue 4393). Nothing here cancels one, but what
/// was acknowledged must not hang on that alone.
async fn is_outside_transaction(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let row = connection
        .fetch_one(sqlx::raw_sql("SELECT now() = statement_timestamp()"))
        .await?;
    row.try_get(0)
}

#[async_trait]
impl Driver for PostgresDriver {
    type Db = Postgres;

    const DIALECT: Dialect = Dialect::Postgres;

    async fn fetch(&self, statement: Statement) -> Result<Vec<PgRow>, StoreError> {
        let arguments = arguments::<Postgres>(statement.args)?;
        sqlx::query_with(AssertSqlSafe(statement.sql), arguments)
            .fetch_all(&self.pool)
            .await
            .map_err(|error| store_error(&error))
    }

    async fn write(&self, statement: Statement) -> Result<Written<PgRow>, StoreError> {
        let pool = self.pool.clone();
        Self::to_its_end(async move {
            let mut tries = 1;
            loop {
                let mut connection = pool.acquire().await.map_err(|error| store_error(&error))?;
                match run_one(&mut connection, statement.clone()).await {
                    Err(Trouble::Database(error)) if is_worth_retrying(&error) && tries < TRIES => tries += 1,
                    result => return result.map_err(Trouble::into_store_error),
                }
            }
        })
        .await
    }

    async fn apply(&self, steps: Vec<Step>) -> Result<(), StoreError> {
        let pool = self.pool.clone();
        Self::to_its_end(async move {
            let mut tries = 1;
            loop {
                match transact(&pool, &steps).await {
                    Err(Trouble::Database(error)) if is_worth_retrying(&error) && tries < TRIES => tries += 1,
                    result => return result.map_err(Trouble::into_store_error),
                }
            }
        })
        .await
    }

    /// Holds an advisory lock, so that several servers can start at once.
    async fn migrate(&self) -> Result<(), StoreError> {
        let pool = self.pool.clone();
        Self::to_its_end(async move {
            let mut connection = pool.acquire().await.map_err(|error| store_error(&error))?;
            // The lock belongs to the connection: when anything fails, closing it lets the lock go.
            connection.close_on_drop();
            // A migration takes as long as it takes.
            sqlx::raw_sql("SET statement_timeout = 0; SET lock_timeout = 0")
                .execute(&mut *connection)
                .await
                .map_err(|error| store_error(&error))?;
            MIGRATIONS
                .run_direct(None, &mut *connection, false)
                .await
                .map_err(|error| StoreError::Failed(error.to_string()))
        })
        .await
    }

    async fn pending(&self) -> Result<Vec<String>, StoreError> {
        let mut connection = self.pool.acquire().await.map_err(|error| store_error(&error))?;
        let begun: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
            .bind(MIGRATIONS.table_name.as_ref())
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| store_error(&error))?;
        let applied = if begun {
            connection
                .list_applied_migrations(&MIGRATIONS.table_name)
                .await
                .map_err(|error| StoreError::Failed(error.to_string()))?
        } else {
            Vec::new()
        };
        portal_store_sql::pending_migrations(&MIGRATIONS, &applied)
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

/// Why a transaction was not committed.
enum Trouble {
    Database(sqlx::Error),
    Portal(StoreError),
}

impl Trouble {
    fn into_store_error(self) -> StoreError {
        match self {
            Self::Database(error) => store_error(&error),
            Self::Portal(error) => error,
        }
    }
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Does all steps or none. Dropping the transaction rolls it back before the connection is used again.
async fn transact(pool: &PgPool, steps: &[Step]) -> Result<(), Trouble> {
    let mut transaction = pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    for step in steps {
        let written = run_one(&mut transaction, step.statement.clone()).await?;
        let done = match step.must {
            Must::WriteOne => written.count,
            Must::FindOne => written.rows.len() as u64,
        };
        if done != 1 {
            transaction.rollback().await?;
            return Err(Trouble::Portal(StoreError::Stale));
        }
    }
    Ok(transaction.commit().await?)
}

async fn run_one(connection: &mut PgConnection, statement: Statement) -> Result<Written<PgRow>, Trouble> {
    let arguments = arguments::<Postgres>(statement.args).map_err(Trouble::Portal)?;
    let query = sqlx::query_with(AssertSqlSafe(statement.sql), arguments);
    let mut written = Written {
        rows: Vec::new(),
        count: 0,
    };
    let mut results = connection.fetch_many(query);
    while let Some(result) = results.try_next().await? {
        match result {
            Either::Left(done) => written.count += done.rows_affected(),
            Either::Right(row) => written.rows.push(row),
        }
    }
    Ok(written)
}

/// A number that differs whenever the migrations do.
#[cfg(feature = "testing")]
pub(crate) fn fingerprint() -> u64 {
    let bytes = MIGRATIONS.iter().flat_map(|migration| migration.checksum.iter());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
