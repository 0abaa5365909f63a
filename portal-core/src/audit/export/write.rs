use std::collections::VecDeque;

use super::line::{FORMAT, Line};
use crate::audit::tree::{TILE_WIDTH, Tile, TileId};
use crate::audit::{AuditEntry, AuditTree, Checkpoint, KeptCheckpoint, Leaf, SealedEntry, Subject};
use crate::policy::Capability;
use crate::{Change, Context, Digest, Error, NoRule, Portal, PracticeId, StoreError};

/// How many kept checkpoints are read at a time.
const CHECKPOINTS: u32 = 256;

/// One sealed entry on its way out.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedEntry {
    /// Its place.
    pub position: u64,
    /// The hash that stands in the tree.
    pub hash: Digest,
    /// The entry as it is in the database now, with its leaf; `None` when it is gone.
    pub entry: Option<(AuditEntry, Leaf)>,
}

/// A part of an export.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// What begins it: the tree's name.
    Begin(String),
    /// Entries, at most 256.
    Entries(Vec<ExportedEntry>),
    /// The signed checkpoint of all entries so far.
    Checkpoint(String),
    /// What ends it: how many entries there were.
    End(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Begin,
    Middle,
    End,
    Over,
}

/// The whole trail of a practice up to its newest checkpoint, part by part, in memory that does not grow with it.
#[derive(Debug)]
pub struct AuditExport {
    portal: Portal,
    practice: PracticeId,
    origin: String,
    tree: Option<AuditTree>,
    position: u64,
    /// Checkpoints that come where the tree had their size.
    kept: VecDeque<KeptCheckpoint>,
    last_kept: u64,
    more_kept: bool,
    state: State,
    line: u64,
}

impl Portal {
    /// The export of the practice's trail, and first the entry that says that somebody took it.
    pub async fn audit_export(&self, ctx: &Context) -> Result<AuditExport, Error<NoRule>> {
        ctx.require(Capability::SeeAudit)?;
        let entry = self.audit(ctx, "audit.exported", Subject::new("practice", ctx.practice));
        self.commit(Change::audited(entry)).await?;
        Ok(AuditExport::of(self, ctx.practice).await?)
    }
}

impl AuditExport {
    /// The export of a practice's trail as it is now, for whoever runs the server.
    pub async fn of(portal: &Portal, practice: PracticeId) -> Result<Self, StoreError> {
        let tree = portal.store().audit_tree(practice).await?;
        let origin = match &tree {
            Some(tree) => tree.origin.clone(),
            None => Checkpoint::origin_of(&portal.settings().public_url, practice),
        };
        Ok(Self {
            portal: portal.clone(),
            practice,
            origin,
            tree,
            position: 0,
            kept: VecDeque::new(),
            last_kept: 0,
            more_kept: true,
            state: State::Begin,
            line: 0,
        })
    }

    /// What the tree is called.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many entries the export has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.tree.as_ref().map_or(0, |tree| tree.size)
    }

    /// The next part; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Part>, StoreError> {
        let size = self.size();
        match self.state {
            State::Begin => {
                self.state = State::Middle;
                Ok(Some(Part::Begin(self.origin.clone())))
            }
            State::Middle if self.position < size => {
                if let Some(kept) = self.checkpoint_here().await? {
                    return Ok(Some(Part::Checkpoint(kept)));
                }
                let until = self.kept.front().map_or(size, |kept| kept.size.min(size));
                self.entries(until)
                    .await
                    .map(|entries| Some(Part::Entries(entries)))
            }
            State::Middle => {
                self.state = State::End;
                match &self.tree {
                    Some(tree) => Ok(Some(Part::Checkpoint(tree.note.clone()))),
                    None => Ok(Some(self.last_part())),
                }
            }
            State::End => Ok(Some(self.last_part())),
            State::Over => Ok(None),
        }
    }

    fn last_part(&mut self) -> Part {
        self.state = State::Over;
        Part::End(self.position)
    }

    /// The next part as lines; `None` after the last.
    pub async fn next_lines(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.next().await?.map(|part| self.lines(&part)))
    }

    fn lines(&mut self, part: &Part) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut put = |line: Line<'_>| {
            self.line += 1;
            bytes.extend(
                Line {
                    line: self.line,
                    ..line
                }
                .bytes(),
            );
        };
        match part {
            Part::Begin(origin) => put(Line {
                format: Some(FORMAT.into()),
                origin: Some(origin.into()),
                ..Line::default()
            }),
            Part::Entries(entries) => {
                for it in entries {
                    match &it.entry {
                        Some((_, leaf)) => put(Line::of_entry(it.position, it.hash, leaf)),
                        None => put(Line {
                            position: Some(it.position),
                            leaf: Some(it.hash),
                            missing: Some(true),
                            ..Line::default()
                        }),
                    }
                }
            }
            Part::Checkpoint(note) => put(Line {
                checkpoint: Some(note.into()),
                ..Line::default()
            }),
            Part::End(entries) => put(Line {
                entries: Some(*entries),
                end: Some(true),
                ..Line::default()
            }),
        }
        bytes
    }

    /// The kept checkpoint of just the entries so far, if there is one. The last one comes from the tree's head.
    async fn checkpoint_here(&mut self) -> Result<Option<String>, StoreError> {
        if self.kept.is_empty() && self.more_kept {
            let store = self.portal.store();
            let kept = store
                .kept_checkpoints(self.practice, self.last_kept, CHECKPOINTS)
                .await?;
            self.more_kept = kept.len() == usize::try_from(CHECKPOINTS).unwrap_or(usize::MAX);
            self.last_kept = kept.last().map_or(self.last_kept, |kept| kept.size);
            self.kept.extend(kept);
        }
        let here = self.kept.front().is_some_and(|kept| kept.size == self.position);
        Ok(self.kept.pop_front_if(|_| here).map(|kept| kept.note))
    }

    /// The entries of one tile, or what of them comes before `until`.
    async fn entries(&mut self, until: u64) -> Result<Vec<ExportedEntry>, StoreError> {
        let width = TILE_WIDTH as u64;
        let id = TileId {
            level: 0,
            index: self.position / width,
        };
        let until = until.min((id.index + 1) * width);
        let store = self.portal.store();
        let tile = store.audit_tiles(self.practice, &[id]).await?.into_iter().next();
        let hashes = tile.map(|tile: Tile| tile.hashes).unwrap_or_default();
        let limit = u32::try_from(until - self.position).unwrap_or(u32::MAX);
        let rows = store.sealed_entries(self.practice, self.position, limit).await?;
        let mut rows: VecDeque<SealedEntry> = rows.into();
        let mut entries = Vec::with_capacity(rows.len());
        for position in self.position..until {
            let place = usize::try_from(position % width).unwrap_or_default();
            let hash = hashes.get(place).copied();
            let hash = hash.ok_or_else(|| {
                StoreError::Failed(format!(
                    "the hash of entry {position} is missing in the audit trail's tree"
                ))
            })?;
            let row = rows.pop_front_if(|row| row.seal.position == position);
            let mut entry = row.and_then(leaf_of);
            if entry
                .as_ref()
                .is_none_or(|(_, leaf)| leaf.hash(self.practice) != hash)
            {
                // Something was erased between the reading of the seal and that of the entry, or it was changed.
                let again = store
                    .sealed_entries(self.practice, position, 1)
                    .await?
                    .into_iter()
                    .next();
                entry = again
                    .filter(|row| row.seal.position == position)
                    .and_then(leaf_of);
            }
            entries.push(ExportedEntry {
                position,
                hash,
                entry,
            });
        }
        self.position = until;
        Ok(entries)
    }
}

fn leaf_of(row: SealedEntry) -> Option<(AuditEntry, Leaf)> {
    let entry = row.entry?;
    let leaf = Leaf::of(&entry, &row.seal.salts)?;
    Some((entry, leaf))
}
