//! Who did what, from where, and when. Every command leaves an entry in the same commit as its effect.
//!
//! Entries are sealed: each gets its place in the practice's Merkle [`tree`], whose head is signed as a [`checkpoint`].
//! With a checkpoint and the public key in hand a stranger can tell, offline, whether an entry was changed, removed or
//! moved since. `docs/audit-format.md` is the format in words.

pub mod checkpoint;
mod erase;
pub mod export;
mod leaf;
mod model;
pub mod note;
mod port;
mod seal;
mod sealing;
mod service;
pub mod tree;

pub use checkpoint::Checkpoint;
pub use erase::{Erasure, erase, tells_of};
pub use leaf::{Commitment, Fact, Leaf, Salt, Salts};
pub use model::{AuditEntry, AuditFilter, Subject};
pub use port::{Audits, SealedEntry, Seals};
pub use seal::{AuditTree, KeptCheckpoint, Seal, Sealer, Sealing};
pub use sealing::{Sealed, SealedHeads};
