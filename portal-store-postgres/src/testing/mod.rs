//! Databases that tests create and throw away, and a wire to them that breaks.

mod wire;

pub use wire::Wire;

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use portal_core::{Store, StoreError};
use portal_store_sql::ServerDriver;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::{PostgresDriver, PostgresOptions, PostgresStore};

/// The variable that names the server: a superuser's URL.
const VARIABLE: &str = "PORTAL_TEST_POSTGRES";

/// An empty database of its own for one test. It is dropped with this value.
#[derive(Debug)]
pub struct ThrowAway {
    admin: PgConnectOptions,
    name: String,
}

impl ThrowAway {
    /// Creates one, with the schema up to date.
    ///
    /// # Panics
    /// When no server can be used: a test without its database must not pass.
    pub async fn create() -> Self {
        Self::insist(Self::try_create(true).await)
    }

    /// Creates one without any schema.
    ///
    /// # Panics
    /// When no server can be used.
    pub async fn empty() -> Self {
        Self::insist(Self::try_create(false).await)
    }

    #[expect(clippy::panic, reason = "a test without its database must not pass")]
    fn insist(created: Result<Self, String>) -> Self {
        match created {
            Ok(database) => database,
            Err(why) => panic!(
                "a PostgreSQL server is needed for this test: {why}\n\
                 Run it with scripts/test, or with scripts/with-postgres cargo test .."
            ),
        }
    }

    async fn try_create(with_schema: bool) -> Result<Self, String> {
        let url = std::env::var(VARIABLE).map_err(|_| format!("{VARIABLE} is not set"))?;
        let admin = PgConnectOptions::from_str(&url)
            .map_err(|error| format!("{VARIABLE}: {error}"))?
            .disable_statement_logging();
        let mut connection = admin.connect().await.map_err(|error| error.to_string())?;
        let template = if with_schema {
            template(&admin, &mut connection)
                .await
                .map_err(|error| error.to_string())?
        } else {
            "template0".to_owned()
        };
        let name = new_name();
        run(
            &mut connection,
            format!("CREATE DATABASE {name} TEMPLATE {template}"),
        )
        .await
        .map_err(|error| error.to_string())?;
        connection.close().await.map_err(|error| error.to_string())?;
        Ok(Self { admin, name })
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.admin.clone().database(&self.name).to_url_lossy().to_string()
    }

    /// A store on it.
    pub async fn store(&self) -> Result<PostgresStore, StoreError> {
        self.store_with(PostgresOptions {
            max_connections: 4,
            ..PostgresOptions::default()
        })
        .await
    }

    /// A store on it with these options.
    pub async fn store_with(&self, options: PostgresOptions) -> Result<PostgresStore, StoreError> {
        PostgresDriver::connect(&self.url(), options)
            .await
            .map(PostgresStore::new)
    }

    /// A store on it that takes the database along: the database is dropped with the store.
    ///
    /// # Panics
    /// When it cannot be opened.
    #[expect(clippy::panic, reason = "a test without its database must not pass")]
    pub async fn into_store(self) -> Arc<dyn Store> {
        match self.store().await {
            Ok(store) => Arc::new(store.keeping(self)),
            Err(why) => panic!("the throw-away database cannot be opened: {why}"),
        }
    }
}

impl Drop for ThrowAway {
    /// Without a runtime to wait in, and whatever the test's own runtime is about to do: in a thread of its own.
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), std::mem::take(&mut self.name));
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let mut connection = admin.connect().await?;
                run(
                    &mut connection,
                    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
                )
                .await?;
                connection.close().await
            })
        });
        // A database that is left over goes with its throw-away server.
        let _ = dropping.join();
    }
}

/// The migrated database that others are copied from, named after the migrations; made by whoever comes first.
async fn template(admin: &PgConnectOptions, connection: &mut PgConnection) -> sqlx::Result<String> {
    let name = format!("portal_template_{:016x}", crate::driver::fingerprint());
    // One test process at a time; the lock goes with the connection at the latest.
    run(connection, "SELECT pg_advisory_lock(7061727461)".to_owned()).await?;
    let found = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(&name)
        .fetch_optional(&mut *connection)
        .await?;
    if found.is_none() {
        // Only a whole template bears the name.
        let draft = new_name();
        run(connection, format!("CREATE DATABASE {draft}")).await?;
        let url = admin.clone().database(&draft).to_url_lossy().to_string();
        let store = PostgresDriver::connect(
            &url,
            PostgresOptions {
                max_connections: 1,
                ..PostgresOptions::default()
            },
        )
        .await
        .map(PostgresStore::new)
        .map_err(|error| sqlx::Error::Protocol(error.to_string()))?;
        store
            .migrate()
            .await
            .map_err(|error| sqlx::Error::Protocol(error.to_string()))?;
        store.close().await;
        run(connection, format!("ALTER DATABASE {draft} RENAME TO {name}")).await?;
    }
    run(connection, "SELECT pg_advisory_unlock(7061727461)".to_owned()).await?;
    Ok(name)
}

async fn run(connection: &mut PgConnection, sql: String) -> sqlx::Result<()> {
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
        .await
        .map(drop)
}

/// A name that no other test has: of this process, of this call, and of this machine's clock since it started.
fn new_name() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let salt = std::hash::BuildHasher::hash_one(&std::collections::hash_map::RandomState::new(), number);
    format!("portal_test_{}_{number}_{salt:016x}", std::process::id())
}
