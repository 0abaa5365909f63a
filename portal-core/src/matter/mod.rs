//! Matters: cases, applications, projects. Who takes part, who works on them, which belongs to which.

mod error;
mod model;
mod people;
mod port;
mod service;

pub use error::MatterRule;
pub use model::{Matter, MatterDraft, MatterState, Part, Participant, TeamMember};
pub use port::{MatterFilter, MatterSort, MatterSummary, Matters};
