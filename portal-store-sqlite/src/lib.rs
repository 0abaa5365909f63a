//! The portal's embedded store on SQLite: a file and nothing to install.
//!
//! ```no_run
//! # async fn example() -> Result<(), portal_core::StoreError> {
//! use portal_store_sqlite::{SqliteOptions, SqliteStore};
//!
//! let store = SqliteStore::open("portal.sqlite", SqliteOptions::default()).await?;
//! store.migrate().await?;
//! # Ok(())
//! # }
//! ```
//!
//! One task owns the one connection that writes. It takes all changes that wait, applies each in a savepoint, commits
//! them with one `fsync` and answers each caller with its own result. Readers have connections of their own and wait
//! for nobody (write-ahead log). What was acknowledged is on disk (`synchronous=FULL`).
//!
//! Several processes may have the same file open: an import beside a running server, say. It must be on a local disk.

mod driver;
mod error;
mod writer;

pub use driver::{SqliteDriver, SqliteOptions};

/// The portal's store in a SQLite file. It has every port of `portal-core`.
pub type SqliteStore = portal_store_sql::SqlStore<SqliteDriver>;
