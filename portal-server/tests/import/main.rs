//! Files as other systems and spreadsheets write them, imported on both databases.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod audit;
mod bad_files;
mod command;
mod erasing;
mod files;
mod sealing;
mod world;
