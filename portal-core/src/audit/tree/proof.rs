use std::ops::Range;

use super::{Node, fold, node_hash, nodes_of, split};
use crate::Digest;

/// The parts of the proof that leaf `index` is in the tree of the first `size` leaves, from the leaf up
/// (RFC 9162, 2.1.3.1): each is one hash over the leaves of a range.
fn inclusion_ranges(index: u64, size: u64) -> Vec<Range<u64>> {
    let (mut low, mut high) = (0, size);
    let mut parts = Vec::new();
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            parts.push(middle..high);
            high = middle;
        } else {
            parts.push(low..middle);
            low = middle;
        }
    }
    parts.reverse();
    parts
}

/// The parts of the proof that the tree of the first `size` leaves begins with that of the first `old`
/// (RFC 9162, 2.1.4.1).
fn consistency_ranges(old: u64, size: u64) -> Vec<Range<u64>> {
    let (mut low, mut high) = (0, size);
    let mut parts = Vec::new();
    // Whether the subtree looked at is still the old tree's own, whose root the reader has.
    let mut known = true;
    while old < high {
        let middle = low + split(high - low);
        if old <= middle {
            parts.push(middle..high);
            high = middle;
        } else {
            parts.push(low..middle);
            low = middle;
            known = false;
        }
    }
    if !known {
        parts.push(low..high);
    }
    parts.reverse();
    parts
}

fn hashes(ranges: Vec<Range<u64>>, node: impl Fn(Node) -> Option<Digest>) -> Option<Vec<Digest>> {
    let hash = |range| {
        let parts: Option<Vec<Digest>> = nodes_of(range).into_iter().map(&node).collect();
        fold(parts?.into_iter())
    };
    ranges.into_iter().map(hash).collect()
}

/// The nodes that [`inclusion_proof`] asks for.
#[must_use]
pub fn inclusion_nodes(index: u64, size: u64) -> Vec<Node> {
    inclusion_ranges(index, size)
        .into_iter()
        .flat_map(nodes_of)
        .collect()
}

/// The proof that leaf `index`, counted from 0, is in the tree of the first `size` leaves. `None` when there is no such
/// leaf, or `node` does not know a hash.
#[must_use]
pub fn inclusion_proof(index: u64, size: u64, node: impl Fn(Node) -> Option<Digest>) -> Option<Vec<Digest>> {
    if index >= size {
        return None;
    }
    hashes(inclusion_ranges(index, size), node)
}

/// The nodes that [`consistency_proof`] asks for.
#[must_use]
pub fn consistency_nodes(old: u64, size: u64) -> Vec<Node> {
    consistency_ranges(old, size)
        .into_iter()
        .flat_map(nodes_of)
        .collect()
}

/// The proof that the tree of the first `size` leaves begins with that of the first `old`. `None` when `old` is 0, of
/// which there is nothing to prove, or more than `size`, or `node` does not know a hash.
#[must_use]
pub fn consistency_proof(old: u64, size: u64, node: impl Fn(Node) -> Option<Digest>) -> Option<Vec<Digest>> {
    if old == 0 || old > size {
        return None;
    }
    hashes(consistency_ranges(old, size), node)
}

/// Whether `proof` shows that the leaf with this hash is number `index` of the tree with this size and root
/// (RFC 9162, 2.1.3.2).
#[must_use]
pub fn verify_inclusion(leaf: &Digest, index: u64, size: u64, root: &Digest, proof: &[Digest]) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for part in proof {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            hash = node_hash(part, &hash);
            while place % 2 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, part);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the tree with the second size and root begins with the whole tree of the first
/// (RFC 9162, 2.1.4.2).
#[must_use]
pub fn verify_consistency(
    (old, old_root): (u64, &Digest),
    (size, root): (u64, &Digest),
    proof: &[Digest],
) -> bool {
    if old == 0 || old > size {
        return false;
    }
    if old == size {
        return proof.is_empty() && old_root == root;
    }
    // A tree that is complete begins the proof itself.
    let begins = old.is_power_of_two().then_some(old_root);
    let mut parts = begins.into_iter().chain(proof);
    let Some(first) = parts.next() else {
        return false;
    };
    let trailing = (old - 1).trailing_ones();
    let (mut place, mut last) = ((old - 1) >> trailing, (size - 1) >> trailing);
    let (mut old_hash, mut hash) = (*first, *first);
    for part in parts {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            old_hash = node_hash(part, &old_hash);
            hash = node_hash(part, &hash);
            while place % 2 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, part);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && hash == *root
}
