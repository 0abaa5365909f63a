//! Statements and changes, each run to its end, and what is known of them when their connection breaks.

use std::time::Duration;

use futures_util::TryStreamExt;
use portal_core::StoreError;
use portal_store_sql::{Must, Statement, Step, Written, arguments};
use sqlx::postgres::{PgRow, Postgres};
use sqlx::{AssertSqlSafe, Either, Executor};

use crate::compose::compose;
use crate::connections::{Connections, Lease};
use crate::error::{is_broken, is_undone, is_unique_violation, is_worth_retrying, store_error};

/// How often work is tried that PostgreSQL undid, or whose connection broke.
const TRIES: u32 = 5;
/// How long to wait before work is tried again whose connection broke, the first time; then twice as long, and so on. A server
/// that restarts is back within a second.
const PAUSE: Duration = Duration::from_millis(100);

/// Why work was not done, as far as is known.
enum Trouble {
    /// The server said no; nothing was done.
    Refused(sqlx::Error),
    /// The connection broke, or nobody answered any more.
    Broken {
        why: String,
        /// The work was under way, or its commit was, so that it may be done; otherwise it was undone with the connection.
        maybe_done: bool,
    },
    /// Nothing was done, for a reason of ours.
    Portal(StoreError),
}

impl Trouble {
    fn into_store_error(self) -> StoreError {
        match self {
            Self::Refused(error) => store_error(&error),
            Self::Broken { why, .. } => StoreError::Unavailable(why),
            Self::Portal(error) => error,
        }
    }
}

impl From<sqlx::Error> for Trouble {
    /// Of work that may be done when the connection breaks.
    fn from(error: sqlx::Error) -> Self {
        if is_broken(&error) {
            Self::Broken {
                why: error.to_string(),
                maybe_done: true,
            }
        } else {
            Self::Refused(error)
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Portal(error)
    }
}

/// Runs one statement, again and again where its connection breaks: whoever asks for that can stand it.
pub(crate) async fn write(
    connections: Connections,
    statement: Statement,
) -> Result<Written<PgRow>, StoreError> {
    let mut tries = 1;
    let result = loop {
        match run(&connections, statement.clone()).await {
            Err(Trouble::Refused(error)) if tries < TRIES && is_worth_retrying(&error) => {}
            Err(Trouble::Broken { .. }) if tries < TRIES => pause(tries).await,
            result => break result,
        }
        tries += 1;
    };
    #[cfg(feature = "failpoints")]
    fail::fail_point!("postgres::after-write");
    result.map_err(Trouble::into_store_error)
}

/// The first time at once: one connection broke, most likely, and the others are given up. Then the server is gone.
async fn pause(tries: u32) {
    if tries > 1 {
        tokio::time::sleep(PAUSE * (1 << (tries - 2))).await;
    }
}

/// Does all steps or none. When the connection breaks before the answer is heard, the change is done again, which does nothing if
/// it was done, and then looked for. Where that is not possible either, the answer is `InDoubt`.
pub(crate) async fn apply(connections: Connections, steps: Vec<Step>) -> Result<(), StoreError> {
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
            Ok(()) => {
                #[cfg(feature = "failpoints")]
                fail::fail_point!("postgres::after-commit");
                return Ok(());
            }
            Err(Trouble::Refused(error)) if tries < TRIES && is_worth_retrying(&error) => {}
            Err(Trouble::Broken { maybe_done, .. }) if tries < TRIES => {
                in_doubt |= maybe_done;
                pause(tries).await;
            }
            // No connection is to be had, and one has to be: there is something to find out.
            Err(Trouble::Portal(StoreError::Unavailable(_))) if in_doubt && tries < TRIES => {
                pause(tries).await;
            }
            Err(trouble) => {
                in_doubt |= matches!(trouble, Trouble::Broken { maybe_done: true, .. });
                let error = match trouble {
                    // A deadlock, or the like, refuses this try and says nothing of earlier ones.
                    Trouble::Refused(why) if in_doubt && is_worth_retrying(&why) => {
                        StoreError::Unavailable(why.to_string())
                    }
                    trouble => trouble.into_store_error(),
                };
                return if in_doubt {
                    settle(&connections, &steps, error).await
                } else {
                    Err(error)
                };
            }
        }
        tries += 1;
    }
}

async fn at_once(connections: &Connections, statement: &Statement, steps: &[Step]) -> Result<(), Trouble> {
    match run(connections, statement.clone()).await {
        Ok(_) => Ok(()),
        Err(Trouble::Refused(error)) if is_undone(&error) => Err(StoreError::Stale.into()),
        // One after the other the steps may get on together: a key that one gives up, another may take.
        Err(Trouble::Refused(error)) if is_unique_violation(&error) => one_by_one(connections, steps).await,
        Err(trouble) => Err(trouble),
    }
}

async fn one_by_one(connections: &Connections, steps: &[Step]) -> Result<(), Trouble> {
    let mut lease = connections.lease().await?;
    let result = match begin_and_do(connections, &mut lease, steps).await {
        Ok(()) => say(connections, &mut lease, "COMMIT").await,
        // Closed without a commit, the server undoes it.
        Err(Trouble::Broken { why, .. }) => {
            let maybe_done = false;
            Err(Trouble::Broken { why, maybe_done })
        }
        Err(trouble) => {
            if say(connections, &mut lease, "ROLLBACK").await.is_err() {
                drop(lease);
                connections.doubt_all();
                // Why it is undone is what the caller has to know.
                return Err(trouble);
            }
            Err(trouble)
        }
    };
    give_back(connections, lease, result)
}

async fn begin_and_do(connections: &Connections, lease: &mut Lease, steps: &[Step]) -> Result<(), Trouble> {
    say(connections, lease, "BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    for step in steps {
        let written = run_one(connections, lease, step.statement.clone()).await?;
        let done = match step.must {
            Must::WriteOne | Must::Write(_) => written.count,
            Must::FindOne => written.rows.len() as u64,
        };
        if done != step.must.rows() {
            return Err(StoreError::Stale.into());
        }
    }
    Ok(())
}

/// What became of a change that some try may have done. A row that only it inserts tells; it is not there for certain only if the
/// last try was refused for what others did, since then every earlier one that is still under way is refused too.
async fn settle(connections: &Connections, steps: &[Step], last: StoreError) -> Result<(), StoreError> {
    let in_doubt = |why: &StoreError| Err(StoreError::InDoubt(why.to_string()));
    let Some(witness) = steps.iter().find_map(Step::witness) else {
        return in_doubt(&last);
    };
    match run(connections, witness).await {
        Ok(found) if !found.rows.is_empty() => Ok(()),
        Ok(_) if matches!(last, StoreError::Stale | StoreError::Conflict(_)) => Err(last),
        _ => in_doubt(&last),
    }
}

/// Runs one statement, which is a transaction of its own if it writes.
async fn run(connections: &Connections, statement: Statement) -> Result<Written<PgRow>, Trouble> {
    let mut lease = connections.lease().await?;
    let result = run_one(connections, &mut lease, statement).await;
    give_back(connections, lease, result)
}

/// Gives the connection back that `result` came from, unless it broke; then the others may be broken as well.
fn give_back<T>(connections: &Connections, lease: Lease, result: Result<T, Trouble>) -> Result<T, Trouble> {
    if matches!(result, Err(Trouble::Broken { .. })) {
        drop(lease);
        connections.doubt_all();
    } else {
        lease.done();
    }
    result
}

async fn run_one(
    connections: &Connections,
    lease: &mut Lease,
    statement: Statement,
) -> Result<Written<PgRow>, Trouble> {
    let arguments = arguments::<Postgres>(statement.args)?;
    let query = sqlx::query_with(AssertSqlSafe(statement.sql), arguments);
    let mut written = Written {
        rows: Vec::new(),
        count: 0,
    };
    let mut results = lease.connection()?.fetch_many(query);
    let all = async {
        while let Some(result) = results.try_next().await? {
            match result {
                Either::Left(done) => written.count += done.rows_affected(),
                Either::Right(row) => written.rows.push(row),
            }
        }
        Ok(())
    };
    in_time(connections, all).await?;
    drop(results);
    Ok(written)
}

/// A statement without arguments or rows.
async fn say(connections: &Connections, lease: &mut Lease, sql: &'static str) -> Result<(), Trouble> {
    let connection = lease.connection()?;
    in_time(connections, sqlx::raw_sql(sql).execute(connection))
        .await
        .map(drop)
}

/// The server gives statements up itself, unless its machine has vanished: then nothing ever comes.
async fn in_time<T>(
    connections: &Connections,
    answer: impl Future<Output = sqlx::Result<T>>,
) -> Result<T, Trouble> {
    match tokio::time::timeout(connections.answer_timeout(), answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Trouble::Broken {
            why: "the server did not answer in time".to_owned(),
            maybe_done: true,
        }),
    }
}
