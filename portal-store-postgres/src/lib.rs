//! The portal's store on PostgreSQL (13 or newer), for several servers and many practices.
//!
//! ```no_run
//! # async fn example() -> Result<(), portal_core::StoreError> {
//! use portal_store_postgres::{PostgresOptions, PostgresStore};
//!
//! let store = PostgresStore::connect("postgres://portal@localhost/portal", PostgresOptions::default()).await?;
//! store.migrate().await?;
//! # Ok(())
//! # }
//! ```
//!
//! A change is one statement wherever it can be, else one transaction (`READ COMMITTED`), in a task of its own, so that a
//! request that is cancelled cannot leave it half done. Nothing of the application runs inside it. Each save names the version that it follows, so that two
//! changes of one record cannot both succeed; what a change only relied on is held with `FOR SHARE` until it commits.
//! Deadlocks are tried again, and a change whose answer was lost with its connection is looked for instead of guessed at.

mod compose;
mod connections;
mod driver;
mod error;
#[cfg(feature = "testing")]
pub mod testing;
mod work;

pub use driver::{PostgresDriver, PostgresOptions};

/// The portal's store on PostgreSQL. It has every port of `portal-core`.
pub type PostgresStore = portal_store_sql::SqlStore<PostgresDriver>;
