//! The pool of connections to the server.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use portal_core::StoreError;
use portal_store_sql::{Dialect, Driver, Must, ServerDriver, Statement, Step, Written, arguments};
use sqlx::migrate::{Migrate, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow, Postgres};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Either, Executor};

use crate::compose::compose;
use crate::connections::Connections;
use crate::error::{is_broken, is_undone, is_unique_violation, is_worth_retrying, store_error};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How often a transaction is tried that PostgreSQL undid.
const TRIES: u32 = 3;
/// How many prepared statements each connection keeps.
const STATEMENTS_KEPT: usize = 600;

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
    connections: Connections,
}

impl fmt::Debug for PostgresDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (connections, idle) = self.connections.count();
        f.debug_struct("PostgresDriver")
            .field("connections", &connections)
            .field("idle", &idle)
            .finish()
    }
}

/// Runs `work` in a task of its own, which nobody can cancel: a transaction is ended, and an answer that is owed is read.
async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::spawn(work).await {
        Ok(result) => result,
        Err(error) => Err(StoreError::Failed(format!(
            "a statement's task ended early: {error}"
        ))),
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
            // Every statement finds its rows by an index whatever its arguments are, so that planning each anew, which
            // takes longer than most of them, gains nothing.
            ("plan_cache_mode", "force_generic_plan".to_owned()),
        ];
        let connect = PgConnectOptions::from_str(url)
            .map_err(|error| wrong(&error.to_string()))?
            .application_name("portal")
            .statement_cache_capacity(STATEMENTS_KEPT)
            .options(limits)
            .disable_statement_logging();
        let connections = Connections::new(connect, options.max_connections, options.acquire_timeout)?;
        let first = connections.lease().await.map_err(|error| match error {
            StoreError::Failed(why) => StoreError::Unavailable(why),
            other => other,
        })?;
        first.done();
        Ok(Self { connections })
    }
}

/// A setting of the server's, whose 0 would mean no limit.
fn milliseconds(duration: Duration) -> String {
    duration.as_millis().max(1).to_string()
}

#[async_trait]
impl Driver for PostgresDriver {
    type Db = Postgres;

    const DIALECT: Dialect = Dialect::Postgres;

    async fn fetch(&self, statement: Statement) -> Result<Vec<PgRow>, StoreError> {
        self.write(statement).await.map(|written| written.rows)
    }

    /// A connection that turns out to be broken is replaced, and the statement run again. Reads stand that; a counter may count
    /// twice; a worker's claim that nobody heard of ends with its lease, and an idempotency key's is told as cut off.
    async fn write(&self, statement: Statement) -> Result<Written<PgRow>, StoreError> {
        let connections = self.connections.clone();
        to_its_end(async move {
            let mut tries = 1;
            loop {
                match run(&connections, statement.clone()).await {
                    Err(Trouble::Database(error))
                        if tries < TRIES && (is_worth_retrying(&error) || is_broken(&error)) =>
                    {
                        tries += 1;
                    }
                    result => {
                        #[cfg(feature = "failpoints")]
                        fail::fail_point!("postgres::after-write");
                        return result.map_err(Trouble::into_store_error);
                    }
                }
            }
        })
        .await
    }

    async fn apply(&self, steps: Vec<Step>) -> Result<(), StoreError> {
        let connections = self.connections.clone();
        to_its_end(apply(connections, steps)).await
    }

    /// Holds an advisory lock, so that several servers can start at once.
    async fn migrate(&self) -> Result<(), StoreError> {
        let connections = self.connections.clone();
        to_its_end(async move {
            // The lock belongs to the connection, which is not given back: closing it lets the lock go.
            let mut lease = connections.lease().await?;
            let connection = lease.connection()?;
            // A migration takes as long as it takes.
            sqlx::raw_sql("SET statement_timeout = 0; SET lock_timeout = 0")
                .execute(&mut *connection)
                .await
                .map_err(|error| store_error(&error))?;
            MIGRATIONS
                .run_direct(None, connection, false)
                .await
                .map_err(|error| StoreError::Failed(error.to_string()))
        })
        .await
    }

    async fn pending(&self) -> Result<Vec<String>, StoreError> {
        let mut lease = self.connections.lease().await?;
        let connection = lease.connection()?;
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
        lease.done();
        portal_store_sql::pending_migrations(&MIGRATIONS, &applied)
    }

    async fn close(&self) {
        self.connections.close().await;
    }
}

/// Why nothing was committed, as far as is known.
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

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Portal(error)
    }
}

/// Does all steps or none. When the connection breaks before the answer is heard, the change is done again, which does nothing if
/// it was done, and then looked for. Where that is not possible either, the answer is `Unavailable`, and it may have been done.
async fn apply(connections: Connections, steps: Vec<Step>) -> Result<(), StoreError> {
    let composed = compose(&steps);
    let mut tries = 1;
    let mut in_doubt = false;
    loop {
        #[cfg(feature = "failpoints")]
        fail::fail_point!("postgres::before-commit");
        let result = match &composed {
            Some(statement) => at_once(&connections, statement, &steps).await,
            None => one_by_one(&connections, &steps).await,
        };
        match result {
            Err(Trouble::Database(error)) if tries < TRIES && is_worth_retrying(&error) => {}
            Err(Trouble::Database(error)) if tries < TRIES && is_broken(&error) => in_doubt = true,
            Err(trouble) => {
                let error = trouble.into_store_error();
                let was_refused = matches!(error, StoreError::Stale | StoreError::Conflict(_));
                if in_doubt && was_refused {
                    return was_done(&connections, &steps, error).await;
                }
                return Err(error);
            }
            Ok(()) => {
                #[cfg(feature = "failpoints")]
                fail::fail_point!("postgres::after-commit");
                return Ok(());
            }
        }
        tries += 1;
    }
}

async fn at_once(connections: &Connections, statement: &Statement, steps: &[Step]) -> Result<(), Trouble> {
    match run(connections, statement.clone()).await {
        Ok(_) => Ok(()),
        Err(Trouble::Database(error)) if is_undone(&error) => Err(StoreError::Stale.into()),
        // One after the other the steps may get on together: a key that one gives up, another may take.
        Err(Trouble::Database(error)) if is_unique_violation(&error) => one_by_one(connections, steps).await,
        Err(trouble) => Err(trouble),
    }
}

async fn one_by_one(connections: &Connections, steps: &[Step]) -> Result<(), Trouble> {
    let mut lease = connections.lease().await?;
    let mut transaction = lease
        .connection()?
        .begin_with("BEGIN ISOLATION LEVEL READ COMMITTED")
        .await?;
    let done = do_each(&mut transaction, steps).await;
    match done {
        Ok(()) => transaction.commit().await?,
        Err(Trouble::Database(ref error)) if is_broken(error) => {
            drop(transaction);
            drop(lease);
            connections.doubt_all();
            return done;
        }
        Err(_) => transaction.rollback().await?,
    }
    lease.done();
    done
}

async fn do_each(connection: &mut PgConnection, steps: &[Step]) -> Result<(), Trouble> {
    for step in steps {
        let written = run_one(connection, step.statement.clone()).await?;
        let done = match step.must {
            Must::WriteOne => written.count,
            Must::FindOne => written.rows.len() as u64,
        };
        if done != 1 {
            return Err(StoreError::Stale.into());
        }
    }
    Ok(())
}

/// Whether a change was done whose answer was lost: then a row that only it inserts is there. A change that inserts none
/// cannot be told from somebody else's.
async fn was_done(connections: &Connections, steps: &[Step], refused: StoreError) -> Result<(), StoreError> {
    let Some(witness) = steps.iter().find_map(Step::witness) else {
        let why = "the connection broke; whether the change was done is not known";
        return Err(StoreError::Unavailable(why.to_owned()));
    };
    let found = run(connections, witness)
        .await
        .map_err(Trouble::into_store_error)?;
    if found.rows.is_empty() {
        Err(refused)
    } else {
        Ok(())
    }
}

/// Runs one statement, which is a transaction of its own if it writes.
async fn run(connections: &Connections, statement: Statement) -> Result<Written<PgRow>, Trouble> {
    let mut lease = connections.lease().await?;
    let result = run_one(lease.connection()?, statement).await;
    match &result {
        Err(Trouble::Database(error)) if is_broken(error) => {
            drop(lease);
            connections.doubt_all();
        }
        _ => lease.done(),
    }
    result
}

async fn run_one(connection: &mut PgConnection, statement: Statement) -> Result<Written<PgRow>, Trouble> {
    let arguments = arguments::<Postgres>(statement.args)?;
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
