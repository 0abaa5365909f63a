//! Look-ups and lists, answered by looking through everything: enough for a store that holds its records in memory.

use std::ops::Deref;

use uuid::Uuid;

use super::tables::{Row, Tables};
use crate::{PracticeId, StoreError};

/// A store that can show all of its records at once.
///
/// Whoever implements this has every port that only reads (`Matters`, `Clients`, `Documents`, ..): each look-up and list
/// goes through all records and does what the port says, by its plain definition. That is slow and right: good for
/// tests, for a first version of a store, and for what a database's answers are compared with. A store that grows
/// implements the ports itself, one after the other, and drops this.
///
/// What writes is left to the store: `Commits`, `Outbox`, `Counters`, `IdempotencyKeys` and `Housekeeping`.
/// `examples/custom_store.rs` is one.
pub trait Scan: Send + Sync {
    /// Everything, as it is now.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot be reached.
    fn held(&self) -> Result<impl Deref<Target = Tables> + '_, StoreError>;
}

/// The words that look-ups are written in.
pub(super) trait Look: Scan {
    /// One record.
    fn one<T: Row>(&self, practice: PracticeId, id: impl Into<Uuid>) -> Result<Option<T>, StoreError> {
        Ok(T::table(&*self.held()?).get(&(practice, id.into())).cloned())
    }

    /// All records of a practice that `keep` keeps, by id.
    fn all<T: Row>(&self, practice: PracticeId, keep: impl Fn(&T) -> bool) -> Result<Vec<T>, StoreError> {
        let tables = self.held()?;
        Ok(tables.of(practice).filter(|row| keep(row)).cloned().collect())
    }
}

impl<S: Scan> Look for S {}
