//! What writing together gains on SQLite: sixteen writers with a transaction for each change, and the same through the
//! store.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use portal_core::Commits;
use portal_store_sql::{Dialect, arguments, steps};
use portal_store_sqlite::{SqliteOptions, SqliteStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Sqlite, SqliteConnection};
use tokio::runtime::Runtime;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::compare::fill_sqlite;
use crate::statements::change;
use crate::world::World;
use crate::{Failed, Plan, median};

pub(crate) fn run(runtime: &Runtime, plan: Plan<'_>) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let (world, _) = runtime.block_on(fill_sqlite(folder.path()))?;
    let world = Arc::new(world);
    let path = folder.path().join("portal.db");
    let (mut apart, mut together) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        apart.push(runtime.block_on(async {
            let options = SqliteConnectOptions::new()
                .filename(&path)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true);
            let connection = Arc::new(Mutex::new(options.connect().await?));
            rate(plan, &world, move |world| alone(Arc::clone(&connection), world)).await
        })?);
        together.push(runtime.block_on(async {
            let store = Arc::new(SqliteStore::open(&path, SqliteOptions::default()).await?);
            let writer = Arc::clone(&store);
            let rate = rate(plan, &world, move |world| {
                let store = Arc::clone(&writer);
                async move { Ok(store.commit(change(&world)).await?) }
            })
            .await;
            store.close().await;
            rate
        })?);
    }
    let (apart, together) = (median(apart), median(together));
    println!("## SQLite, {} writers, synchronous = FULL\n", plan.clients);
    println!("| one transaction per change /s | through the store /s | ratio |");
    println!("| --- | --- | --- |");
    println!("| {apart:.0} | {together:.0} | {:.2} |\n", together / apart);
    Ok(())
}

async fn rate<F>(
    plan: Plan<'_>,
    world: &Arc<World>,
    write: impl Fn(Arc<World>) -> F + Clone + Send + 'static,
) -> Result<f64, Failed>
where
    F: Future<Output = Result<(), Failed>> + Send,
{
    let done = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let mut writers = JoinSet::new();
    for _ in 0..plan.clients {
        let (done, world, write) = (Arc::clone(&done), Arc::clone(world), write.clone());
        writers.spawn(async move {
            while begun.elapsed() < plan.length {
                write(Arc::clone(&world)).await?;
                done.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<(), Failed>(())
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer??;
    }
    let done = u32::try_from(done.load(Ordering::Relaxed))?;
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}

/// A transaction of its own, as an application without a writer does it.
async fn alone(connection: Arc<Mutex<SqliteConnection>>, world: Arc<World>) -> Result<(), Failed> {
    let steps = steps(&change(&world), Dialect::Sqlite)?;
    let mut connection = connection.lock().await;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for step in steps {
        let arguments = arguments::<Sqlite>(step.statement.args)?;
        transaction
            .execute(sqlx::query_with(AssertSqlSafe(step.statement.sql), arguments))
            .await?;
    }
    Ok(transaction.commit().await?)
}
