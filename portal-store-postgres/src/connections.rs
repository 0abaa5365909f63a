//! The connections to the server.
//!
//! sqlx's own pool talks to the server once more whenever a connection is given back; this one does not. In return
//! nobody but this crate has these connections, each piece of work runs to its end in a task, and a connection whose work
//! did not end well is thrown away: what lies idle is in no transaction and owes no answer.

use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{
    Manager, Metrics, Object, Pool, PoolError, QueueMode, RecycleError, RecycleResult, TimeoutType,
};
use portal_core::StoreError;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

/// How long a connection may have been idle before it is looked at again: the server may have gone meanwhile.
const IDLE_UNSEEN: Duration = Duration::from_secs(1);
/// How old a connection gets: the server's memory for one only grows.
const MOST_AGE: Duration = Duration::from_mins(30);
/// How often closing looks whether the last work has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Makes connections, and looks at those that are used again.
struct Connector(PgConnectOptions);

impl Manager for Connector {
    type Type = PgConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> sqlx::Result<PgConnection> {
        self.0.connect().await
    }

    async fn recycle(&self, connection: &mut PgConnection, seen: &Metrics) -> RecycleResult<sqlx::Error> {
        if seen.age() > MOST_AGE {
            return Err(RecycleError::message("old"));
        }
        if seen.last_used() >= IDLE_UNSEEN {
            connection.ping().await?;
        }
        Ok(())
    }
}

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For a connection.
    pub connection: Duration,
    /// For the answer to anything that is sent.
    pub answer: Duration,
}

/// A bounded number of connections.
#[derive(Clone)]
pub(crate) struct Connections {
    pool: Pool<Connector>,
    answer_timeout: Duration,
}

impl Connections {
    /// At most `most` connections. None is made yet.
    pub(crate) fn new(options: PgConnectOptions, most: u32, patience: Patience) -> Result<Self, StoreError> {
        let pool = Pool::builder(Connector(options))
            .max_size(usize::try_from(most.max(1)).unwrap_or(usize::MAX))
            .wait_timeout(Some(patience.connection))
            .create_timeout(Some(patience.connection))
            .recycle_timeout(Some(patience.connection))
            // Those used last are used first: the others may go idle, and what the server keeps for these is at hand.
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(Self {
            pool,
            answer_timeout: patience.answer,
        })
    }

    pub(crate) const fn answer_timeout(&self) -> Duration {
        self.answer_timeout
    }

    /// A connection, to be given back with [`Lease::done`].
    pub(crate) async fn lease(&self) -> Result<Lease, StoreError> {
        match self.pool.get().await {
            Ok(connection) => Ok(Lease(Some(connection))),
            Err(PoolError::Timeout(TimeoutType::Wait)) => {
                Err(StoreError::Unavailable("all connections are busy".to_owned()))
            }
            // Whatever is wrong with it, nothing can be had from a server that lets nobody in.
            Err(PoolError::Backend(error)) => Err(StoreError::Unavailable(error.to_string())),
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        }
    }

    /// Gives all idle connections up: one of them turned out to be broken, so the others may be.
    pub(crate) fn doubt_all(&self) {
        self.pool.retain(|_, _| false);
    }

    /// How many there are, and how many are idle.
    pub(crate) fn count(&self) -> (usize, usize) {
        let status = self.pool.status();
        (status.size, status.available)
    }

    /// Lets nobody have a connection any more, and waits until the last is given back.
    pub(crate) async fn close(&self) {
        self.pool.close();
        while self.pool.status().size > 0 {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

/// A connection in use. Dropped without [`done`](Self::done), it is closed, and the server undoes what was not committed.
pub(crate) struct Lease(Option<Object<Connector>>);

impl Lease {
    pub(crate) fn connection(&mut self) -> Result<&mut PgConnection, StoreError> {
        let gone = || StoreError::Failed("a connection was given back already".to_owned());
        self.0.as_deref_mut().ok_or_else(gone)
    }

    /// Gives it back: its work ended well, or the server said what was wrong with it and is ready for more.
    pub(crate) fn done(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use sqlx::Row;

    use super::*;
    use crate::testing::ThrowAway;

    async fn backend(lease: &mut Lease) -> i32 {
        let connection = lease.connection().unwrap();
        let row = sqlx::query("SELECT pg_backend_pid()")
            .fetch_one(connection)
            .await
            .unwrap();
        row.get(0)
    }

    /// What sqlx's issue 4393 comes down to: a connection that is taken for idle is in a transaction. Whatever is written
    /// through it would be acknowledged, and lost when the connection closes.
    #[tokio::test]
    async fn a_connection_whose_work_broke_off_is_not_used_again() {
        let database = ThrowAway::create().await;
        let options = PgConnectOptions::from_str(&database.url()).unwrap();
        let patience = Patience {
            connection: Duration::from_secs(5),
            answer: Duration::from_secs(5),
        };
        let connections = Connections::new(options, 1, patience).unwrap();
        let mut lease = connections.lease().await.unwrap();
        let first = backend(&mut lease).await;
        lease.done();
        let mut lease = connections.lease().await.unwrap();
        assert_eq!(backend(&mut lease).await, first, "what ended well is used again");
        sqlx::raw_sql("BEGIN")
            .execute(lease.connection().unwrap())
            .await
            .unwrap();
        drop(lease);
        let mut lease = connections.lease().await.unwrap();
        assert_ne!(backend(&mut lease).await, first);
        lease.done();
        connections.close().await;
        assert!(matches!(
            connections.lease().await,
            Err(StoreError::Unavailable(_))
        ));
    }
}
