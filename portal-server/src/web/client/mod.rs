//! The client's pages.

pub mod error;
