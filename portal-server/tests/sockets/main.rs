//! The server as a network meets it: slow, huge and deep requests, too many of them, and the end of its process. Over real
//! sockets, against `portal_server::serve` and against the binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "a test fails by panicking"
)]

mod bad_requests;
mod checkpoints;
mod doctor;
mod doubt;
mod process;
mod stopping;
mod too_many;
mod unread;
mod wire;
mod workflows;
