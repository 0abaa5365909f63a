use std::collections::BTreeMap;

use super::{Node, empty_root, fold, node_hash, nodes_of};
use crate::Digest;

/// How many levels of the tree one tile spans, as in C2SP's tlog-tiles.
pub const TILE_HEIGHT: u32 = 8;

/// The most hashes of one tile.
pub const TILE_WIDTH: usize = 1 << TILE_HEIGHT;

/// Which tile: tiles of level `n` hold nodes of height `8 n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// 0 holds the leaves' hashes, 1 the roots of full tiles of level 0, and so on. A tree of 2^63 leaves has eight.
    pub level: u32,
    /// Its place among the tiles of its level.
    pub index: u64,
}

/// Up to 256 neighbouring nodes of one height. It only ever grows at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Which one.
    pub id: TileId,
    /// Its hashes, from the left.
    pub hashes: Vec<Digest>,
}

impl Tile {
    /// The tile that the hash of `node` can be computed from.
    #[must_use]
    pub const fn holding(node: Node) -> TileId {
        let level = node.height / TILE_HEIGHT;
        let above = node.height % TILE_HEIGHT;
        TileId {
            level,
            index: node.index >> (TILE_HEIGHT - above),
        }
    }

    /// The hash of a node that lies above this tile's hashes; `None` when they do not reach so far.
    #[must_use]
    pub fn node(&self, node: Node) -> Option<Digest> {
        if Self::holding(node) != self.id {
            return None;
        }
        let above = node.height % TILE_HEIGHT;
        let width = 1_usize << above;
        let first = usize::try_from(node.index << above).ok()? % TILE_WIDTH;
        over(self.hashes.get(first..first + width)?)
    }
}

/// Some tiles of a tree, as they were read for a proof.
#[derive(Debug, Clone, Default)]
pub struct Tiles(BTreeMap<TileId, Tile>);

impl FromIterator<Tile> for Tiles {
    fn from_iter<I: IntoIterator<Item = Tile>>(tiles: I) -> Self {
        Self(tiles.into_iter().map(|tile| (tile.id, tile)).collect())
    }
}

impl Tiles {
    /// The hash of a node; `None` when its tile is not here or does not reach so far.
    #[must_use]
    pub fn node(&self, node: Node) -> Option<Digest> {
        self.0.get(&Tile::holding(node))?.node(node)
    }
}

/// The right edge of a tree that is kept in tiles: its unfinished tile of each level, which new leaves are added to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Digest>>,
}

impl Edge {
    /// The unfinished tiles of a tree with `size` leaves, which [`new`](Self::new) needs.
    #[must_use]
    pub fn tiles(size: u64) -> Vec<TileId> {
        (0..64 / TILE_HEIGHT)
            .map(|level| (level, size >> (level * TILE_HEIGHT)))
            .filter(|(_, count)| count % TILE_WIDTH as u64 != 0)
            .map(|(level, count)| TileId {
                level,
                index: count / TILE_WIDTH as u64,
            })
            .collect()
    }

    /// The edge of a tree with `size` leaves; `None` when a tile is missing or has fewer hashes than it must. A tile that
    /// grew meanwhile is cut.
    #[must_use]
    pub fn new(size: u64, tiles: &Tiles) -> Option<Self> {
        let mut levels = Vec::new();
        for id in Self::tiles(size) {
            let level = usize::try_from(id.level).ok()?;
            let count = usize::try_from(size >> (id.level * TILE_HEIGHT)).ok()? % TILE_WIDTH;
            let hashes = tiles.0.get(&id)?.hashes.get(..count)?.to_vec();
            levels.resize(level, Vec::new());
            levels.push(hashes);
        }
        Some(Self { size, levels })
    }

    /// How many leaves the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Digest {
        let subtrees = nodes_of(0..self.size).into_iter().filter_map(|node| {
            let level = usize::try_from(node.height / TILE_HEIGHT).ok()?;
            let tile = Tile {
                id: Tile::holding(node),
                hashes: self.levels.get(level)?.clone(),
            };
            tile.node(node)
        });
        let subtrees: Vec<Digest> = subtrees.collect();
        fold(subtrees.into_iter()).unwrap_or_else(empty_root)
    }

    /// Appends leaves; answers every tile that was begun or went on, each with all of its hashes.
    pub fn extend(&mut self, leaves: impl IntoIterator<Item = Digest>) -> Vec<Tile> {
        let mut written = BTreeMap::new();
        for leaf in leaves {
            self.push(0, self.size, leaf, &mut written);
            self.size += 1;
        }
        for (level, hashes) in self.levels.iter().enumerate() {
            let level = u32::try_from(level).unwrap_or_default();
            let index = (self.size >> (level * TILE_HEIGHT)) / TILE_WIDTH as u64;
            if let Some(tile) = written.get_mut(&TileId { level, index }) {
                tile.clone_from(hashes);
            }
        }
        let tiles = written.into_iter().map(|(id, hashes)| Tile { id, hashes });
        tiles.collect()
    }

    /// Puts the hash of the `count`th node of a level where it belongs, and that of a tile that is full one level up.
    fn push(&mut self, level: u32, count: u64, hash: Digest, written: &mut BTreeMap<TileId, Vec<Digest>>) {
        let place = usize::try_from(level).unwrap_or_default();
        if self.levels.len() <= place {
            self.levels.resize(place + 1, Vec::with_capacity(TILE_WIDTH));
        }
        let id = TileId {
            level,
            index: count / TILE_WIDTH as u64,
        };
        let Some(hashes) = self.levels.get_mut(place) else {
            return;
        };
        hashes.push(hash);
        if hashes.len() < TILE_WIDTH {
            written.entry(id).or_default();
            return;
        }
        let full = std::mem::take(hashes);
        let above = over(&full);
        written.insert(id, full);
        if let Some(above) = above {
            self.push(level + 1, id.index, above, written);
        }
    }
}

/// The node over neighbours, whose number is a power of two.
fn over(hashes: &[Digest]) -> Option<Digest> {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        let pairs = row.as_chunks::<2>().0;
        row = pairs.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    row.first().copied()
}
