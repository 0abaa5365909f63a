//! The practice: the tenant that runs the portal. Its name, its branding, its settings.

mod colour;
mod model;
mod port;
mod service;

pub use colour::LEAST_CONTRAST;
pub use model::{BrandColour, Practice, PracticeDraft, PracticeSettings};
pub use port::Practices;
pub(crate) use service::expect_version;
