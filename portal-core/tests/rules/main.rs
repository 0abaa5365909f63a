//! The rules as laws: properties that hold for any input, and the edges that examples name.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod accesses;
mod approvals;
mod audits;
mod documents;
mod drafts;
mod evidence;
mod files;
mod links;
mod pages;
mod policy;
mod requests;
mod secrets;
mod sending;
mod sessions;
mod stages;
mod tasks;
mod templates;
mod texts;
mod times;
mod uploads;
