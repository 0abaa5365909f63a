mod canonical;
mod check;
mod csv;
mod draft;
mod facts;
mod fold;
mod model;
mod review;
mod suggest;

pub use canonical::{Canonical, Normalised};
pub use draft::{DimensionDraft, TaxonomyDraft, ValueDraft};
pub use facts::{Case, Facts, PRACTICE_AREA, Reading, STAGE};
pub use fold::fold;
pub use model::Taxonomy;
pub(super) use model::{Dimension, count};
pub use review::{Acceptance, Affected};
pub(super) use suggest::Hints;
pub use suggest::Suggestion;
