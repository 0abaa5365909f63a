//! The audit trail's tree, notes, leaves and exports.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod exports;
mod files;
mod heads;
mod leaves;
#[path = "../../../portal-store-sql/tests/shared/missed.rs"]
mod missed;
mod notes;
mod trees;
