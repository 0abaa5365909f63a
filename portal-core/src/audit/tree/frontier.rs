use super::{empty_root, fold, node_hash};
use crate::Digest;

/// A tree of which only the right edge is kept: enough to append leaves and to tell the root after each, in a few
/// hundred bytes however long it grows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// The complete subtrees of the tree, from left to right: one for each bit of its size.
    subtrees: Vec<Digest>,
}

impl Frontier {
    /// How many leaves it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends the leaf with this hash.
    pub fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Digest {
        fold(self.subtrees.iter().copied()).unwrap_or_else(empty_root)
    }
}
