//! The client portal's reference server and web library: JSON API, pages, workers and command line.

pub mod blobs;
pub mod config;
pub mod passwords;
pub mod web;
