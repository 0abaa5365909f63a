//! The kill campaign: a driver that gives the real server work, kills it, starts it again on the same data, and compares
//! what is there with what was acknowledged. See `docs/reliability.md` for what it shows and what it cannot show.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    missing_docs,
    missing_debug_implementations,
    reason = "a test tool: it stops with a message when its surroundings fail it, and nobody else builds on it"
)]

pub mod check;
pub mod http;
pub mod journal;
pub mod load;
pub mod mail;
pub mod place;
pub mod random;
pub mod report;
pub mod rounds;
pub mod server;
pub mod sink;
pub mod storm;
pub mod storm_check;
pub mod texts;
pub mod tree;
