//! Who did what, from where, and when. Every command leaves an entry in the same commit as its effect.

mod model;
mod port;
mod service;

pub use model::{AuditEntry, AuditFilter, Subject};
pub use port::Audits;
