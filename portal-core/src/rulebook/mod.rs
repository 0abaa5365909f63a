//! A practice's rules as they are kept: its taxonomy, its workflows, and what waits for a person.
//!
//! What they mean is decided in [`workflow`](crate::workflow), which knows nothing of records; what they do to a matter in
//! [`stage`](crate::stage).

mod cache;
mod error;
mod model;
mod port;
mod review;
mod service;

pub use cache::Rules;
pub(crate) use cache::RulesCache;
pub use error::RulebookRule;
pub use model::{Accepting, KeptWorkflow, Rulebook};
pub use port::Rulebooks;
pub use review::{Accepted, Gained, UnknownValue};
pub use service::KeptTaxonomy;
