//! Exports: the whole trail, line by line, as a stranger can check it. `docs/audit-format.md` describes them in words.

mod line;
mod proof;
mod verify;
mod write;
mod wrong;

pub use line::{Fields, Line, MOST_LINE_BYTES, Personal};
pub use proof::{AuditProof, MOST_PROOF_BYTES, ProofError, Proven};
pub use verify::{Outcome, Verifier};
pub use write::{AuditExport, ExportedEntry, Part};
pub use wrong::{Fault, Wrong};
