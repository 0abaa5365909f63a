//! The SQL that the portal's PostgreSQL and SQLite stores share: statements, rows and the mapping from records.
//!
//! [`SqlStore`] implements every port of `portal-core` once, over a [`Driver`] that runs statements and knows nothing
//! of what they mean. The two drivers live in `portal-store-postgres` and `portal-store-sqlite`.
//!
//! * SQL is portable (`$1`, `RETURNING`, `ON CONFLICT`, row values). The few words that differ are [`Dialect`]'s.
//! * A [`Statement`]'s text is made of constants only; everything else is an argument.
//! * `practice_id` leads every primary key, unique rule, foreign key and query. What serves all practices at once says
//!   so where it is written: the list of practices, the worker's look for work, housekeeping.
//!
//! To add a record: a `table!` with its columns, `Reads` for its row, a `save`, an arm in `save.rs`, the statements of
//! its port with samples in `catalogue.rs`, and a migration in each driver's crate. The tests of both drivers prepare
//! every statement of the [`catalogue`] and look at its plan.

#![expect(
    private_bounds,
    reason = "the bounds say which rows a driver must be able to read; nobody else needs to name them"
)]

mod access;
mod approval;
mod audit;
pub mod catalogue;
mod checklist;
mod client;
mod composed;
mod conversation;
mod counter;
mod decode;
mod document;
mod driver;
mod housekeeping;
mod idempotency;
mod identity;
mod list;
mod matter;
mod migrations;
mod notify;
mod practice;
mod rulebook;
mod save;
mod sms;
mod stage;
mod standing;
mod statement;
mod store;
mod table;
mod task;
mod unique;
mod upload;
mod value;

pub use composed::Composed;
pub use driver::{Dialect, Driver, FileDriver, ServerDriver};
pub use migrations::pending_migrations;
pub use save::steps;
pub use statement::{Must, Statement, Step, Written};
pub use store::{DbRow, SqlStore};
pub use unique::rule_of_columns;
pub use value::{Argument, Day, Stamp, Value, arguments};
