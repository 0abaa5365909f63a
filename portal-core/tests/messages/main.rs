//! Messages of automations: how long a text is, what its template may say, when it goes out, and to whom.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod keywords;
mod languages;
mod lengths;
mod reaching;
mod templates;
mod timing;
