//! The one task that writes.
//!
//! sqlx runs SQLite in a thread of its own, and handing it a statement and waiting for the answer takes longer than most statements
//! do. So a job's statements are handed over together, as one text.

use futures_util::TryStreamExt;
use portal_core::StoreError;
use portal_store_sql::{Composed, Must, Statement, Step, Written, arguments};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Connection, Either, Executor, Sqlite};
use tokio::sync::{mpsc, oneshot};

use crate::error::{commit_error, store_error};

/// The most jobs that share one commit.
const MOST_TOGETHER: usize = 256;
/// The most steps that are handed over together. Each form of change is prepared once and kept, and longer ones have too many.
const MOST_STEPS: usize = 17;
/// Stands before each job's own statements. Where a job was undone, its savepoint is still there, empty.
const NEXT_JOB: &str = "RELEASE job; SAVEPOINT job; ";

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
    let mut health = control(connection, "BEGIN IMMEDIATE; SAVEPOINT job").await;
    #[cfg(feature = "failpoints")]
    fail::fail_point!("sqlite::begun");
    for job in batch {
        match job {
            Job::Apply { steps, answer } => {
                let result = match &health {
                    Ok(()) => apply(connection, &steps).await,
                    Err(error) => Err(Trouble::Broken(error.clone())),
                };
                let result = undone(connection, &mut health, result).await;
                outcomes.push(Outcome::Applied(answer, result));
            }
            Job::Write { statement, answer } => {
                let result = match &health {
                    Ok(()) => write(connection, &statement).await,
                    Err(error) => Err(Trouble::Broken(error.clone())),
                };
                let result = undone(connection, &mut health, result).await;
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

/// Why a job was not done.
enum Trouble {
    /// It never began: whatever there is to roll back belongs to the job before it.
    Unbegun(StoreError),
    /// For a reason of its own; what it has done so far is still there.
    Job(StoreError),
    /// The transaction is broken, and nothing of it will be.
    Broken(StoreError),
}

/// Undoes what a job that failed has done so far.
async fn undone<T>(
    connection: &mut SqliteConnection,
    health: &mut Result<(), StoreError>,
    result: Result<T, Trouble>,
) -> Result<T, StoreError> {
    match result {
        Ok(done) => Ok(done),
        Err(Trouble::Unbegun(why)) => Err(why),
        Err(Trouble::Broken(error)) => {
            *health = Err(error.clone());
            Err(error)
        }
        Err(Trouble::Job(why)) => {
            if let Err(error) = control(connection, "ROLLBACK TO job").await {
                *health = Err(StoreError::Unavailable(error.to_string()));
            }
            Err(why)
        }
    }
}

async fn apply(connection: &mut SqliteConnection, steps: &[Step]) -> Result<(), Trouble> {
    for (number, steps) in steps.chunks(MOST_STEPS).enumerate() {
        let mut ran = carry_out(connection, number == 0, steps.iter().map(|step| &step.statement)).await?;
        for (step, written) in steps.iter().zip(ran.done) {
            let done = match step.must {
                Must::WriteOne | Must::Write(_) => written.count,
                Must::FindOne => written.rows.len() as u64,
            };
            if done != step.must.rows() {
                return Err(Trouble::Job(StoreError::Stale));
            }
        }
        if let Some(error) = ran.stopped.take() {
            return Err(Trouble::Job(error));
        }
    }
    Ok(())
}

async fn write(
    connection: &mut SqliteConnection,
    statement: &Statement,
) -> Result<Written<SqliteRow>, Trouble> {
    let Ran { mut done, stopped } = carry_out(connection, true, std::iter::once(statement)).await?;
    match (done.pop(), stopped) {
        (Some(written), None) => Ok(written),
        (_, Some(error)) => Err(Trouble::Job(error)),
        (None, None) => Err(Trouble::Job(StoreError::Failed(
            "a statement that did nothing".to_owned(),
        ))),
    }
}

/// What came of several statements.
struct Ran {
    /// Of each that was carried out, in order.
    done: Vec<Written<SqliteRow>>,
    /// Why the next one was not.
    stopped: Option<StoreError>,
}

/// Runs `statements` one after the other, at the beginning of a job or further on in it, until one fails.
async fn carry_out<'a>(
    connection: &mut SqliteConnection,
    begins: bool,
    statements: impl Iterator<Item = &'a Statement>,
) -> Result<Ran, Trouble> {
    let mut text = Composed::default();
    // The job before it is settled, and this one's savepoint set.
    let mut settling = 0;
    if begins {
        text.words(NEXT_JOB);
        settling = 2;
    }
    for (number, statement) in statements.enumerate() {
        if number > 0 {
            text.words("; ");
        }
        text.statement(statement);
    }
    let text = text.finish();
    let refused = if begins { Trouble::Unbegun } else { Trouble::Job };
    let arguments = arguments::<Sqlite>(text.args).map_err(refused)?;
    let query = sqlx::query_with(AssertSqlSafe(text.sql), arguments);
    let mut ran = Ran {
        done: Vec::new(),
        stopped: None,
    };
    let mut rows = Vec::new();
    let mut results = (&mut *connection).fetch_many(query);
    loop {
        match results.try_next().await {
            Ok(Some(Either::Right(row))) => rows.push(row),
            Ok(Some(Either::Left(_))) if settling > 0 => settling -= 1,
            Ok(Some(Either::Left(done))) => ran.done.push(Written {
                rows: std::mem::take(&mut rows),
                count: done.rows_affected(),
            }),
            Ok(None) => return Ok(ran),
            Err(error) if settling > 0 => return Err(Trouble::Broken(store_error(&error))),
            Err(error) => {
                ran.stopped = Some(store_error(&error));
                return Ok(ran);
            }
        }
    }
}

async fn control(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    sqlx::raw_sql(sql)
        .execute(connection)
        .await
        .map(drop)
        .map_err(|error| store_error(&error))
}
