//! Exports: the whole trail, line by line, as a stranger can check it. `docs/audit-format.md` describes them in words.

mod line;
mod proof;
mod verify;
mod write;

pub use line::{Fields, Line, MOST_LINE_BYTES, Personal};
pub use proof::{AuditProof, ProofError};
pub use verify::{Fault, Outcome, Verifier, Wrong};
pub use write::{AuditExport, ExportedEntry, Part};
