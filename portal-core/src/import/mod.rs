//! Bringing records over from another system: clients, matters and who takes part in them, row by row.
//!
//! A [`Sheet`] says which columns a file may have; a [`Header`] is such a file's first line, understood; a [`Row`]
//! is one of its lines. [`Portal::import_row`](crate::Portal::import_row) adds or changes the record that a row
//! names by its reference, so that the same file can be imported again and again.
//!
//! * A column that the file has says everything: an empty cell empties the field. A column that the file does not
//!   have leaves the field as it is.
//! * A row is taken whole or not at all, and [`Refusal`]s tell all that is wrong with it.
//! * A dry run decides exactly as a real one and writes nothing.

mod header;
mod row;
mod service;
mod sheet;

pub use header::{Header, HeaderError, HeaderProblem};
pub use row::{Refusal, Row, RowKey, RowKeys};
pub use service::{ImportOptions, RowError};
pub use sheet::Sheet;
