//! The pool of connections to the server.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use portal_core::StoreError;
use portal_store_sql::{Dialect, Driver, ServerDriver, Statement, Step, Written};
use sqlx::ConnectOptions;
use sqlx::migrate::{AppliedMigration, Migrate, Migrator};
use sqlx::postgres::{PgConnectOptions, PgRow, Postgres};

use crate::connections::{Connections, Patience};
use crate::error::store_error;
use crate::work::{apply, write};

static MIGRATIONS: Migrator = sqlx::migrate!();

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
    /// How long to wait for any answer, after which the server's machine counts as gone (default 35 seconds). Longer than
    /// `statement_timeout`, which a server that is there keeps itself.
    pub answer_timeout: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            max_connections: 20,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(35),
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
            // A plan that was made while a table was small is kept while it grows, so that it must be one for large tables from
            // the beginning: a queue that was empty once is read by its index when 10,000 wait in it.
            ("enable_seqscan", "off".to_owned()),
            // What cannot do without a scan looks so dear now that it would be compiled first, which takes longer.
            ("jit", "off".to_owned()),
        ];
        let connect = PgConnectOptions::from_str(url)
            .map_err(|error| wrong(&error.to_string()))?
            .application_name("portal")
            .statement_cache_capacity(STATEMENTS_KEPT)
            .options(limits)
            .disable_statement_logging();
        let patience = Patience {
            connection: options.acquire_timeout,
            answer: options.answer_timeout,
        };
        let connections = Connections::new(connect, options.max_connections, patience)?;
        connections.lease().await?.done();
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
    /// twice; a worker's claim that nobody heard of ends with its lease; a claim on an idempotency key says whose it is.
    async fn write(&self, statement: Statement) -> Result<Written<PgRow>, StoreError> {
        to_its_end(write(self.connections.clone(), statement)).await
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
        let applied = tokio::time::timeout(self.connections.answer_timeout(), applied(&self.connections))
            .await
            .map_err(|_| StoreError::Unavailable("the server did not answer in time".to_owned()))??;
        portal_store_sql::pending_migrations(&MIGRATIONS, &applied)
    }

    async fn close(&self) {
        self.connections.close().await;
    }
}

async fn applied(connections: &Connections) -> Result<Vec<AppliedMigration>, StoreError> {
    let mut lease = connections.lease().await?;
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
    Ok(applied)
}

/// A number that differs whenever the migrations do.
#[cfg(feature = "testing")]
pub(crate) fn fingerprint() -> u64 {
    let bytes = MIGRATIONS.iter().flat_map(|migration| migration.checksum.iter());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
