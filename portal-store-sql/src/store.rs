//! The store: every port, once, for both databases.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Mutex;

use portal_core::notify::Queue;
use portal_core::{Cursor, Page, PageRequest, StoreError};
use sqlx::{Database, FromRow};
use uuid::Uuid;

use crate::driver::{Driver, FileDriver, ServerDriver};
use crate::statement::{MOST_IDS, Statement};

/// A row as the driver `D` gives it.
pub type DbRow<D> = <<D as Driver>::Db as Database>::Row;

/// A row that becomes a record.
pub(crate) trait Reads: Send + Unpin {
    type Record: Send;
    fn record(self) -> Result<Self::Record, StoreError>;
}

/// A store on the database that `D` drives.
pub struct SqlStore<D> {
    pub(crate) driver: D,
    /// The practice whose turn it was last when a worker of this process looked for work in a queue.
    pub(crate) turns: Mutex<HashMap<Queue, Uuid>>,
    companion: Option<Box<dyn Any + Send + Sync>>,
}

impl<D> fmt::Debug for SqlStore<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStore").finish_non_exhaustive()
    }
}

impl<D: FileDriver> SqlStore<D> {
    /// Opens the store in the file at `path`, which is created if need be. Its schema is not touched; see
    /// [`migrate`](Self::migrate).
    pub async fn open(path: impl AsRef<Path>, options: D::Options) -> Result<Self, StoreError> {
        D::open(path.as_ref(), options).await.map(Self::new)
    }

    /// Opens a new store that nobody else sees and that goes when it is dropped. Its schema is up to date.
    pub async fn in_memory() -> Result<Self, StoreError> {
        let store = D::in_memory().await.map(Self::new)?;
        store.migrate().await?;
        Ok(store)
    }
}

impl<D: ServerDriver> SqlStore<D> {
    /// Connects to the store at `url`. Its schema is not touched; see [`migrate`](Self::migrate).
    pub async fn connect(url: &str, options: D::Options) -> Result<Self, StoreError> {
        D::connect(url, options).await.map(Self::new)
    }
}

impl<D: Driver> SqlStore<D> {
    /// The store behind `driver`.
    pub fn new(driver: D) -> Self {
        Self {
            driver,
            turns: Mutex::default(),
            companion: None,
        }
    }

    /// The same store, which drops `companion` when it is dropped itself: what must live as long.
    #[must_use]
    pub fn keeping(mut self, companion: impl Send + Sync + 'static) -> Self {
        self.companion = Some(Box::new(companion));
        self
    }

    /// What drives it, for what the ports do not offer.
    pub const fn driver(&self) -> &D {
        &self.driver
    }

    /// Brings the schema up to date. Safe to call from several processes at once, and again.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.driver.migrate().await
    }

    /// The migrations that are not applied yet, by name.
    pub async fn pending(&self) -> Result<Vec<String>, StoreError> {
        self.driver.pending().await
    }

    /// Finishes what was begun and closes all connections. Everything after that is `Unavailable`.
    pub async fn close(&self) {
        self.driver.close().await;
    }

    /// All rows of a reading statement as records.
    pub(crate) async fn all<R>(&self, statement: Statement) -> Result<Vec<R::Record>, StoreError>
    where
        R: Reads + for<'r> FromRow<'r, DbRow<D>>,
    {
        let rows = self.driver.fetch(statement).await?;
        rows.iter().map(record::<D, R>).collect()
    }

    /// The first row of a reading statement as a record.
    pub(crate) async fn one<R>(&self, statement: Statement) -> Result<Option<R::Record>, StoreError>
    where
        R: Reads + for<'r> FromRow<'r, DbRow<D>>,
    {
        let rows = self.driver.fetch(statement).await?;
        rows.first().map(record::<D, R>).transpose()
    }

    /// The records of `ids`, each given once, in as many statements as it takes.
    pub(crate) async fn by_ids<R>(
        &self,
        ids: impl IntoIterator<Item = Uuid> + Send,
        statement: impl Fn(&[Uuid]) -> Statement + Send + Sync,
    ) -> Result<Vec<R::Record>, StoreError>
    where
        R: Reads + for<'r> FromRow<'r, DbRow<D>>,
    {
        let mut ids: Vec<Uuid> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut records = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(MOST_IDS) {
            records.extend(self.all::<R>(statement(chunk)).await?);
        }
        Ok(records)
    }

    /// A page of a list, and its total when asked for.
    pub(crate) async fn page<R>(
        &self,
        list: Statement,
        total: Option<Statement>,
        page: &PageRequest,
        cursor: impl Fn(&R::Record) -> Cursor + Send,
    ) -> Result<Page<R::Record>, StoreError>
    where
        R: Reads + for<'r> FromRow<'r, DbRow<D>>,
        CountRow: for<'r> FromRow<'r, DbRow<D>>,
    {
        let total = match total {
            Some(statement) => Some(self.count(statement).await?),
            None => None,
        };
        let items = match page.limit {
            0 => Vec::new(),
            _ => self.all::<R>(list).await?,
        };
        Ok(Page::cut(items, page, total, cursor))
    }

    /// The number that a counting statement answers.
    pub(crate) async fn count(&self, statement: Statement) -> Result<u64, StoreError>
    where
        CountRow: for<'r> FromRow<'r, DbRow<D>>,
    {
        Ok(self.one::<CountRow>(statement).await?.unwrap_or_default())
    }
}

pub(crate) fn record<D: Driver, R>(row: &DbRow<D>) -> Result<R::Record, StoreError>
where
    R: Reads + for<'r> FromRow<'r, DbRow<D>>,
{
    R::from_row(row)
        .map_err(|error| StoreError::Failed(format!("a row cannot be read: {error}")))?
        .record()
}

#[derive(Debug, FromRow)]
pub(crate) struct CountRow {
    count: i64,
}

impl Reads for CountRow {
    type Record = u64;
    fn record(self) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.count).unwrap_or(0))
    }
}

#[derive(Debug, FromRow)]
pub(crate) struct IdRow {
    id: Uuid,
}

impl Reads for IdRow {
    type Record = Uuid;
    fn record(self) -> Result<Uuid, StoreError> {
        Ok(self.id)
    }
}
