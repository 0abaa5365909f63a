//! For tests of this crate and of whoever embeds it (feature `testing`; never part of a running portal).
//!
//! * Fakes for every port: [`FixedClock`], [`CountingIds`], [`MemoryBlobs`], [`CapturedMail`], [`CapturedSms`],
//!   [`CapturedHints`], [`PlainComposer`], [`PlainPasswords`]. [`Fakes`] holds one of each and makes a
//!   [`Portal`](crate::Portal) of them.
//! * [`Samples`]: records with sensible values, to be changed field by field.
//! * [`strategies`]: values of any shape that the rules allow, for property tests.
//! * [`workflows`]: random taxonomies, workflows and cases, and a proof that the laws hold of *your* workflows.
//! * [`conformance`]: what every store promises, for whoever writes one.
//! * [`MemoryStore`]: a whole store in memory, for tests of services; [`Scan`], [`Tables`] and [`unique_values`] are the
//!   parts of it that a store of your own can begin with.
//!
//! Everything here repeats itself exactly: the same calls give the same ids, times and texts.

#[expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken promise is told by a panic, which the test that runs it reports"
)]
pub mod conformance;
mod fakes;
mod memory;
mod samples;
pub mod strategies;
pub mod workflows;

pub use fakes::{
    CapturedHints, CapturedMail, CapturedSms, CodeBook, CountingIds, Fakes, FixedClock, MemoryBlobs,
    PlainComposer, PlainPasswords,
};
pub use memory::{MemoryStore, Scan, Tables, unique_values};
pub use samples::{Samples, save};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks even after another test thread panicked while it held the lock: that panic is the failure to read.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
