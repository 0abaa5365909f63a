//! Checklists: what a client is asked to provide on a matter, and how far it has come.

mod error;
mod model;
mod port;
mod service;
mod template;
mod templates;

pub use error::ChecklistRule;
pub use model::{Request, RequestCounts, RequestDraft, RequestSource, RequestState};
pub use port::{Checklists, RequestFilter};
pub use service::RequestStep;
pub use template::{ChecklistTemplate, TemplateDraft, TemplateGroup, TemplateItem};
