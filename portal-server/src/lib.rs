//! The client portal's reference server and web library: JSON API, pages, workers and command line.

mod api;
pub mod app;
pub mod blobs;
mod certificate;
mod checkpoints;
pub mod cli;
pub mod config;
pub mod cookies;
mod counts;
pub mod demo;
pub mod error;
pub mod extract;
#[cfg(feature = "failpoints")]
mod failing;
mod health;
mod hooks;
pub mod import;
pub mod installation;
mod layers;
mod outbox;
pub mod passwords;
mod running;
mod serve;
mod state;
mod texting;
mod token;
pub mod transfer;
pub mod web;
pub mod workers;

pub use api::openapi;
pub use app::router;
pub use certificate::CertificateFonts;
pub use hooks::SmsHooks;
pub use serve::serve;
pub use state::{AppState, Presentation};
