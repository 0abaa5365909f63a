//! Clients: the people a practice serves.

mod error;
mod model;
mod port;
mod service;

pub use error::ClientRule;
pub use model::{Client, ClientDraft, Passport};
pub use port::{ClientFilter, Clients};
pub use service::Saved;
