//! The services as a whole, on the store in memory: what people do, in order, and what must not happen.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    unreachable_pub,
    reason = "a test fails by panicking, and its modules are read by nobody else"
)]

mod access;
mod anew;
mod approvals;
mod automations;
mod closed_doors;
mod consents;
mod conversations;
mod documents;
mod doubts;
mod factors;
mod foretold;
mod identity;
mod import;
mod journey;
mod late_files;
mod numbers;
mod overtaken;
mod parts;
mod tasks;
mod telling;
mod told;
mod turns;
mod uploads;
mod worker;
mod workflows;
mod world;
mod zones;
