//! Strategies for property tests with `proptest`: values of any shape that the rules allow, odd ones included.
//!
//! ```
//! use portal_core::testing::strategies;
//! use proptest::prelude::*;
//!
//! proptest!(ProptestConfig::with_cases(16), |(name in strategies::name())| {
//!     prop_assert_eq!(portal_core::text::line("name", &name, 120).unwrap(), name);
//! });
//! ```

mod people;
mod text;
mod values;
mod work;

pub use people::{access, access_state, actor, client, context, person, role, session, staff_member};
pub(crate) use text::NAUGHTY;
pub use text::{any_text, block, email, file_name, line, name, phone, word};
pub use values::{capability, date, digest, recent, settings, timestamp};
pub use work::{
    confidentiality, document, document_counts, document_status, matter, matter_state, part, placement,
    request, request_draft, request_state, template,
};
