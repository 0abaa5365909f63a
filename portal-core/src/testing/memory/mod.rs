//! A store in memory: every port by the plainest means, to test services without a database and as the yardstick
//! of the conformance suite.

mod approvals;
mod commit;
mod conversations;
mod lists;
mod matters;
mod outbox;
mod people;
mod rest;
mod rules;
mod scan;
mod seals;
mod tables;
mod tasks;
mod work;

use std::ops::Deref;
use std::sync::{Mutex, MutexGuard};

pub use scan::Scan;
pub use tables::{Tables, unique_values};

use crate::StoreError;
use crate::testing::lock;

/// A [`Store`](crate::Store) in memory that keeps all promises of the
/// [conformance suite](crate::testing::conformance).
///
/// It scans, copies and locks everything: right before fast. It keeps no references between records (a database
/// refuses a document on a matter that does not exist; this does not) and forgets everything when dropped.
///
/// ```
/// use std::sync::Arc;
/// use portal_core::testing::{Fakes, MemoryStore};
///
/// let portal = Fakes::default().portal(Arc::new(MemoryStore::default()));
/// ```
#[derive(Debug, Default)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
    fault: Mutex<Option<StoreError>>,
}

impl MemoryStore {
    /// From now on every call fails with `fault`, as with a database that is down; `None` mends it.
    pub fn fail_with(&self, fault: Option<StoreError>) {
        *lock(&self.fault) = fault;
    }

    /// As if a server of before sealing had written every entry that waits for its seal: it let none wait.
    pub fn forget_waiting(&self) {
        lock(&self.tables).forget_waiting();
    }

    fn tables(&self) -> Result<MutexGuard<'_, Tables>, StoreError> {
        match &*lock(&self.fault) {
            Some(fault) => Err(fault.clone()),
            None => Ok(lock(&self.tables)),
        }
    }
}

impl Scan for MemoryStore {
    fn held(&self) -> Result<impl Deref<Target = Tables> + '_, StoreError> {
        self.tables()
    }
}
