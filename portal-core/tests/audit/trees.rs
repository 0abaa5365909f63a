//! The tree, beside another implementation of it.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use portal_core::Digest;
use portal_core::audit::tree::{
    Edge, Frontier, Node, Tile, TileId, Tiles, consistency_nodes, consistency_proof, empty_root,
    inclusion_nodes, inclusion_proof, leaf_hash, verify_consistency, verify_inclusion,
};
use proptest::collection::vec;
use proptest::prelude::*;
use sha2::Sha256;

type Oracle = MemoryBackedTree<Sha256, Vec<u8>>;

/// A tree of ours and theirs with the same leaves; ours grew by batches.
struct Both {
    ours: Tiles,
    edge: Edge,
    theirs: Oracle,
    leaves: Vec<Vec<u8>>,
}

fn leaf(number: usize) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

fn grown(batches: &[usize]) -> Both {
    let (mut kept, mut edge, mut theirs) =
        (std::collections::BTreeMap::new(), Edge::default(), Oracle::new());
    let mut leaves = Vec::new();
    for batch in batches {
        let new: Vec<Vec<u8>> = (leaves.len()..leaves.len() + batch).map(leaf).collect();
        // As after a restart: from what was written.
        edge = Edge::new(edge.size(), &kept.values().cloned().collect()).unwrap();
        for tile in edge.extend(new.iter().map(|leaf| leaf_hash(leaf))) {
            let before: Option<Tile> = kept.insert(tile.id, tile.clone());
            assert!(
                before.is_none_or(|before| tile.hashes.starts_with(&before.hashes)),
                "a tile only grows"
            );
        }
        for leaf in new {
            theirs.push(leaf.clone());
            leaves.push(leaf);
        }
    }
    let ours = kept.into_values().collect();
    Both {
        ours,
        edge,
        theirs,
        leaves,
    }
}

fn root(theirs: &Oracle) -> Digest {
    Digest((*theirs.root().as_bytes()).into())
}

fn their_root(root: &Digest, size: u64) -> RootHash<Sha256> {
    RootHash::new(root.0.into(), size)
}

fn bytes(proof: &[Digest]) -> Vec<u8> {
    proof.iter().flat_map(|hash| hash.0).collect()
}

/// One change of a proof that can matter.
fn spoiled(proof: &[Digest], at: usize, how: u8) -> Vec<Digest> {
    let mut proof = proof.to_vec();
    let at = at % (proof.len() + 1);
    match how % 3 {
        0 if at < proof.len() => proof[at].0[at % 32] ^= 1 << (how % 8),
        1 if at < proof.len() => drop(proof.remove(at)),
        _ => proof.insert(at, Digest([how; 32])),
    }
    proof
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn roots_and_proofs_are_those_of_another_implementation(
        batches in vec(0_usize..300, 1..6), picks in vec((any::<u64>(), any::<u64>(), any::<u8>()), 8),
    ) {
        let both = grown(&batches);
        let size = both.leaves.len() as u64;
        prop_assert_eq!(both.edge.root(), root(&both.theirs));
        let mut frontier = Frontier::default();
        both.leaves.iter().for_each(|leaf| frontier.push(leaf_hash(leaf)));
        prop_assert_eq!((frontier.size(), frontier.root()), (size, both.edge.root()));
        for (pick, other, how) in picks {
            if size == 0 {
                prop_assert_eq!(frontier.root(), empty_root());
                break;
            }
            let index = pick % size;
            let ours = inclusion_proof(index, size, |node| both.ours.node(node)).unwrap();
            let place = usize::try_from(index).unwrap();
            let theirs = both.theirs.prove_inclusion(place);
            prop_assert_eq!(bytes(&ours), theirs.as_bytes());
            let hash = leaf_hash(&both.leaves[place]);
            prop_assert!(verify_inclusion(&hash, index, size, &frontier.root(), &ours));
            prop_assert!(!verify_inclusion(&hash, index, size, &frontier.root(), &spoiled(&ours, place, how)));
            let elsewhere = other % size;
            if elsewhere != index {
                prop_assert!(!verify_inclusion(&hash, elsewhere, size, &frontier.root(), &ours));
            }
            prop_assert!(!verify_inclusion(&hash, index, index, &frontier.root(), &ours));

            let old = index + 1;
            let mut before = Frontier::default();
            both.leaves.iter().take(place + 1).for_each(|leaf| before.push(leaf_hash(leaf)));
            let ours = consistency_proof(old, size, |node| both.ours.node(node)).unwrap();
            let new = (size, &frontier.root());
            prop_assert!(verify_consistency((old, &before.root()), new, &ours));
            prop_assert!(!verify_consistency((old, &before.root()), new, &spoiled(&ours, place, how)));
            prop_assert!(!verify_consistency((old, &Digest([how; 32])), new, &ours));
            if old < size {
                let theirs = both.theirs.prove_consistency(usize::try_from(size - old).unwrap());
                prop_assert_eq!(bytes(&ours), theirs.as_bytes());
                let checked = their_root(&frontier.root(), size).verify_consistency(
                    &their_root(&before.root(), old),
                    &ConsistencyProof::try_from_bytes(bytes(&ours)).unwrap(),
                );
                prop_assert!(checked.is_ok());
            }
            let proof = inclusion_proof(index, old, |node| both.ours.node(node)).unwrap();
            let checked = their_root(&before.root(), old).verify_inclusion(
                &both.leaves[place], index, &InclusionProof::try_from_bytes(bytes(&proof)).unwrap(),
            );
            prop_assert!(checked.is_ok(), "a proof for an older tree, from the tiles of a newer one");
        }
    }

    #[test]
    fn proofs_ask_for_few_tiles(size in 1_u64..=1 << 62, pick in any::<u64>()) {
        let index = pick % size;
        let levels = u64::from(size.ilog2() / 8 + 1);
        for nodes in [inclusion_nodes(index, size), consistency_nodes(index + 1, size)] {
            let tiles: std::collections::BTreeSet<TileId> = nodes.into_iter().map(Tile::holding).collect();
            prop_assert!(tiles.len() as u64 <= 2 * levels + 1, "{} tiles of a tree of {size}", tiles.len());
        }
        prop_assert!(Edge::tiles(size).len() as u64 <= levels);
    }
}

#[test]
fn what_is_not_there_is_not_proven() {
    let both = grown(&[300]);
    let node = |node| both.ours.node(node);
    assert_eq!(inclusion_proof(300, 300, node), None);
    assert_eq!(consistency_proof(0, 300, node), None);
    assert_eq!(consistency_proof(301, 300, node), None);
    assert_eq!(inclusion_proof(7, 300, |_| None), None);
    assert_eq!(
        both.ours.node(Node { height: 3, index: 38 }),
        None,
        "not complete"
    );
    assert_eq!(Edge::new(300, &Tiles::default()), None);
}

/// The roots that the tests of Certificate Transparency's first implementation have for these eight leaves.
#[test]
fn roots_of_the_published_leaves() {
    let leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut frontier = Frontier::default();
    for (leaf, root) in leaves.iter().zip(roots) {
        let bytes: Vec<u8> = leaf
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        frontier.push(leaf_hash(&bytes));
        assert_eq!(frontier.root().to_string(), root);
    }
}
