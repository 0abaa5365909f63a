//! The audit trail's tree, notes, leaves and exports.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod exports;
mod leaves;
mod notes;
mod trees;
