//! The one task that writes.

use portal_core::StoreError;
use portal_store_sql::{Must, Statement, Step, Written, arguments};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Connection, Either, Executor, Sqlite};
use tokio::sync::{mpsc, oneshot};

use crate::error::{commit_error, store_error};

/// The most jobs that share one commit.
const MOST_TOGETHER: usize = 256;

/// What somebody wants written, and whom to tell.
pub(crate) enum Job {
    /// A change: all of its steps or none.
    Apply {
        steps: Vec<Step>,
        answer: oneshot::Sender<Result<(), StoreError>>,
    },
    /// One statement that answers rows.
    Write {
        statement: Statement,
        answer: oneshot::Sender<Result<Written<SqliteRow>, StoreError>>,
    },
    /// Nothing more: close the connection.
    Close { answer: oneshot::Sender<()> },
}

impl Job {
    /// It came too late.
    fn refuse(self) {
        let closed = StoreError::Unavailable("the store is closed".to_owned());
        match self {
            Self::Apply { answer, .. } => drop(answer.send(Err(closed))),
            Self::Write { answer, .. } => drop(answer.send(Err(closed))),
            Self::Close { answer } => drop(answer.send(())),
        }
    }
}

/// A job that was done, but not committed yet.
enum Outcome {
    Applied(oneshot::Sender<Result<(), StoreError>>, Result<(), StoreError>),
    Written(
        oneshot::Sender<Result<Written<SqliteRow>, StoreError>>,
        Result<Written<SqliteRow>, StoreError>,
    ),
}

impl Outcome {
    /// Tells the caller, who may have gone away. Without a commit nothing was done, whatever it looked like.
    fn tell(self, committed: Result<(), &StoreError>) {
        match self {
            Self::Applied(answer, result) => {
                let _ = answer.send(committed.map_err(Clone::clone).and(result));
            }
            Self::Written(answer, result) => {
                let _ = answer.send(committed.map_err(Clone::clone).and(result));
            }
        }
    }
}

/// Writes until it is told to close or nobody is left who could ask for anything.
pub(crate) async fn run(mut connection: SqliteConnection, mut jobs: mpsc::Receiver<Job>) {
    let mut waiting = Vec::with_capacity(MOST_TOGETHER);
    let mut closed = None;
    while closed.is_none() && jobs.recv_many(&mut waiting, MOST_TOGETHER).await > 0 {
        let mut batch = Vec::with_capacity(waiting.len());
        for job in waiting.drain(..) {
            match job {
                Job::Close { answer } => closed = Some(answer),
                other => batch.push(other),
            }
        }
        if !batch.is_empty() {
            write_together(&mut connection, batch).await;
        }
    }
    jobs.close();
    while let Some(job) = jobs.recv().await {
        job.refuse();
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "the store's file was not closed cleanly; nothing is lost");
    }
    if let Some(answer) = closed {
        let _ = answer.send(());
    }
}

/// Does all jobs of `batch` in one transaction, each in a savepoint, and tells each caller its own result.
async fn write_together(connection: &mut SqliteConnection, batch: Vec<Job>) {
    let mut outcomes = Vec::with_capacity(batch.len());
    let committed = transact(connection, batch, &mut outcomes).await;
    if let Err(error) = &committed {
        tracing::warn!(%error, jobs = outcomes.len(), "nothing could be written");
        // SQLite may have rolled back by itself; then this fails, and that is as well.
        let _ = control(connection, "ROLLBACK").await;
    }
    for outcome in outcomes {
        outcome.tell(committed.as_ref().copied());
    }
}

/// Every job ends up in `outcomes`, also those that were not reached because the transaction broke.
async fn transact(
    connection: &mut SqliteConnection,
    batch: Vec<Job>,
    outcomes: &mut Vec<Outcome>,
) -> Result<(), StoreError> {
    let mut health = control(connection, "BEGIN IMMEDIATE").await;
    #[cfg(feature = "failpoints")]
    fail::fail_point!("sqlite::begun");
    for job in batch {
        match job {
            Job::Apply { steps, answer } => {
                let result = guarded(connection, &mut health, async |connection| {
                    apply(connection, steps).await
                })
                .await;
                outcomes.push(Outcome::Applied(answer, result));
            }
            Job::Write { statement, answer } => {
                let result = guarded(connection, &mut health, async |connection| {
                    run_one(connection, statement).await
                })
                .await;
                outcomes.push(Outcome::Written(answer, result));
            }
            Job::Close { answer } => drop(answer),
        }
    }
    health?;
    #[cfg(feature = "failpoints")]
    {
        if acknowledges_early() {
            outcomes.drain(..).for_each(|outcome| outcome.tell(Ok(())));
        }
        fail::fail_point!("sqlite::before-commit");
    }
    if let Err(error) = sqlx::raw_sql("COMMIT").execute(&mut *connection).await {
        return Err(commit_error(&error));
    }
    #[cfg(feature = "failpoints")]
    fail::fail_point!("sqlite::after-commit");
    Ok(())
}

/// Whether a test wants this store to lie: to acknowledge what is not on disk yet.
#[cfg(feature = "failpoints")]
fn acknowledges_early() -> bool {
    fail::fail_point!("sqlite::acknowledges-early", |_| true);
    false
}

/// Does `work` in a savepoint, unless the transaction is broken already. A failure of the savepoint itself breaks it.
async fn guarded<T>(
    connection: &mut SqliteConnection,
    health: &mut Result<(), StoreError>,
    work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    health.clone()?;
    let result = match control(connection, "SAVEPOINT job").await {
        Ok(()) => work(connection).await,
        Err(error) => {
            *health = Err(error.clone());
            return Err(error);
        }
    };
    let end = if result.is_ok() {
        "RELEASE job"
    } else {
        "ROLLBACK TO job; RELEASE job"
    };
    if let Err(error) = control(connection, end).await {
        *health = Err(StoreError::Unavailable(error.to_string()));
    }
    result
}

async fn apply(connection: &mut SqliteConnection, steps: Vec<Step>) -> Result<(), StoreError> {
    for step in steps {
        let written = run_one(connection, step.statement).await?;
        let done = match step.must {
            Must::WriteOne => written.count,
            Must::FindOne => written.rows.len() as u64,
        };
        if done != 1 {
            return Err(StoreError::Stale);
        }
    }
    Ok(())
}

async fn run_one(
    connection: &mut SqliteConnection,
    statement: Statement,
) -> Result<Written<SqliteRow>, StoreError> {
    use futures_util::TryStreamExt;

    let arguments = arguments::<Sqlite>(statement.args)?;
    let query = sqlx::query_with(AssertSqlSafe(statement.sql), arguments);
    let mut written = Written {
        rows: Vec::new(),
        count: 0,
    };
    let mut results = (&mut *connection).fetch_many(query);
    while let Some(result) = results.try_next().await.map_err(|error| store_error(&error))? {
        match result {
            Either::Left(done) => written.count += done.rows_affected(),
            Either::Right(row) => written.rows.push(row),
        }
    }
    Ok(written)
}

async fn control(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    sqlx::raw_sql(sql)
        .execute(connection)
        .await
        .map(drop)
        .map_err(|error| store_error(&error))
}
