//! The Merkle tree over a practice's sealed entries: RFC 9162, section 2.1, with SHA-256.
//!
//! A node is named by its height and its place at that height; what lies below it is never empty and, for a node with a
//! name, complete. A tree whose size is no power of two also has nodes without a name, at its right edge, which are
//! computed from complete ones when they are needed. So a store keeps complete nodes only, and each is written once.

mod frontier;
mod proof;
mod tile;

use std::ops::Range;

pub use frontier::Frontier;
pub use proof::{
    consistency_nodes, consistency_proof, inclusion_nodes, inclusion_proof, verify_consistency,
    verify_inclusion,
};
use sha2::{Digest as _, Sha256};
pub use tile::{Edge, TILE_HEIGHT, TILE_WIDTH, Tile, TileId, Tiles};

use crate::Digest;

/// `SHA-256(0x00 || leaf)`.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    Digest(
        Sha256::new()
            .chain_update([0])
            .chain_update(leaf)
            .finalize()
            .into(),
    )
}

/// `SHA-256(0x01 || left || right)`.
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let hash = Sha256::new()
        .chain_update([1])
        .chain_update(left.0)
        .chain_update(right.0);
    Digest(hash.finalize().into())
}

/// The root of a tree without leaves: the hash of nothing.
#[must_use]
pub fn empty_root() -> Digest {
    Digest::of(&[])
}

/// A complete subtree: the one over the leaves `index << height .. (index + 1) << height`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// How many levels lie below it; a leaf has none.
    pub height: u32,
    /// Its place among the nodes of its height, from the left.
    pub index: u64,
}

/// The complete subtrees that make up the leaves of `range`, from left to right. The range begins where a subtree of its
/// size may begin, as all ranges do that RFC 9162 speaks of.
pub(crate) fn nodes_of(range: Range<u64>) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let height = (range.end - at).ilog2();
        nodes.push(Node {
            height,
            index: at >> height,
        });
        at += 1 << height;
    }
    nodes
}

/// One hash of several complete subtrees that stand side by side, the larger ones to the left; `None` of none.
pub(crate) fn fold(hashes: impl DoubleEndedIterator<Item = Digest>) -> Option<Digest> {
    hashes.rev().reduce(|right, left| node_hash(&left, &right))
}

/// The largest power of two below `size`, which is at least 2.
pub(crate) const fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}
