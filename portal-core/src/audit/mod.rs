//! Who did what, from where, and when. Every command leaves an entry in the same commit as its effect.
//!
//! Entries are sealed: each gets its place in the practice's Merkle [`tree`], whose head is signed as a [`checkpoint`].
//! With a checkpoint and the public key in hand a stranger can tell, offline, whether an entry was changed, removed or
//! moved since. `docs/audit-format.md` is the format in words.

pub mod checkpoint;
mod erase;
mod erasing;
pub mod export;
mod heads;
mod keys;
mod leaf;
mod limits;
mod mended;
mod model;
pub mod note;
mod port;
mod seal;
mod sealing;
mod service;
mod sweep;
pub mod tree;

pub use checkpoint::Checkpoint;
pub use erase::{Erasure, OwnRecords, erase};
pub use erasing::{Erased, ErasureRule, erasure_words};
pub use heads::{SealedHeads, TreeFault, check_growth};
pub use keys::{AuditKey, keys_not_known};
pub use leaf::{Commitment, Fact, Leaf, Salt, Salts};
pub use mended::{NotACheckpoint, mended};
pub use model::{AuditEntry, AuditFilter, Subject};
pub use port::{Audits, SealedEntry, Seals, Swept};
pub use seal::{AuditTree, KeptCheckpoint, Seal, Sealer, Sealing};
pub use sealing::Sealed;
pub use sweep::Sweep;
