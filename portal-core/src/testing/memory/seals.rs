use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::scan::{Look, Scan};
use super::tables::Tables;
use crate::audit::tree::{Tile, TileId};
use crate::audit::{
    AuditEntry, AuditTree, Erasure, KeptCheckpoint, Seal, SealedEntry, Sealing, Seals, Swept,
};
use crate::{AuditId, PracticeId, StoreError, Timestamp};

/// What is sealed, and what waits for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Sealed {
    waiting: BTreeSet<(PracticeId, AuditId)>,
    seals: BTreeMap<(PracticeId, u64), Seal>,
    tiles: BTreeMap<(PracticeId, TileId), Tile>,
    kept: BTreeMap<(PracticeId, u64), KeptCheckpoint>,
}

impl Tables {
    /// Appends audit entries, which wait to be sealed from now on.
    pub(super) fn append(&mut self, entries: impl IntoIterator<Item = AuditEntry>) {
        for entry in entries {
            self.sealed.waiting.insert((entry.practice_id, entry.id));
            self.audit.push(entry);
        }
    }

    /// # Errors
    /// `Conflict` when it waits already.
    pub(super) fn wait(&mut self, practice: PracticeId, entry: AuditId) -> Result<(), StoreError> {
        if self.sealed.waiting.insert((practice, entry)) {
            Ok(())
        } else {
            Err(StoreError::Conflict("audit_unsealed_pkey".to_owned()))
        }
    }

    /// Nothing waits any more, though it is not sealed.
    pub(super) fn forget_waiting(&mut self) {
        self.sealed.waiting.clear();
    }

    /// # Errors
    /// `Stale` when an entry does not wait any more.
    pub(super) fn seal(&mut self, sealing: &Sealing) -> Result<(), StoreError> {
        let practice = sealing.tree.practice_id;
        let sealed = &mut self.sealed;
        for seal in &sealing.seals {
            let waited = sealed.waiting.remove(&(practice, seal.entry_id));
            let taken = sealed.seals.insert((practice, seal.position), seal.clone());
            if !waited || taken.is_some() {
                return Err(StoreError::Stale);
            }
        }
        for tile in &sealing.tiles {
            sealed.tiles.insert((practice, tile.id), tile.clone());
        }
        if let Some(kept) = &sealing.kept {
            sealed.kept.insert((practice, kept.size), kept.clone());
        }
        Ok(())
    }

    /// # Errors
    /// `Stale` when the entry is not sealed at that place.
    pub(super) fn erase(&mut self, erased: &Erasure) -> Result<(), StoreError> {
        let Erasure { entry, seal } = erased;
        let of = (entry.practice_id, seal.position);
        let kept = self
            .sealed
            .seals
            .get_mut(&of)
            .filter(|kept| kept.entry_id == seal.entry_id);
        let row = self
            .audit
            .iter_mut()
            .find(|row| (row.practice_id, row.id) == (entry.practice_id, entry.id));
        let (Some(kept), Some(row)) = (kept, row) else {
            return Err(StoreError::Stale);
        };
        kept.clone_from(seal);
        row.detail.clone_from(&entry.detail);
        row.origin.clone_from(&entry.origin);
        Ok(())
    }

    /// The same with these batches sealed, in their order, and then these entries erased; nothing is checked.
    #[must_use]
    pub fn with_seals<'a>(
        mut self,
        sealings: impl IntoIterator<Item = &'a Sealing>,
        erasures: impl IntoIterator<Item = &'a Erasure>,
    ) -> Self {
        for sealing in sealings {
            let _ = self.seal(sealing);
        }
        for erasure in erasures {
            let _ = self.erase(erasure);
        }
        self
    }
}

fn up_to(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

#[async_trait]
impl<S: Scan> Seals for S {
    async fn unsealed_practices(
        &self,
        after: Option<PracticeId>,
        limit: u32,
    ) -> Result<Vec<PracticeId>, StoreError> {
        let tables = self.held()?;
        let waiting: BTreeSet<PracticeId> = tables
            .sealed
            .waiting
            .iter()
            .map(|(practice, _)| *practice)
            .collect();
        let next = waiting
            .into_iter()
            .filter(|practice| after.is_none_or(|after| *practice > after));
        Ok(next.take(up_to(limit)).collect())
    }

    async fn unsealed(&self, practice: PracticeId, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let tables = self.held()?;
        let waits = |row: &&AuditEntry| tables.sealed.waiting.contains(&(practice, row.id));
        let mut rows: Vec<AuditEntry> = tables
            .audit
            .iter()
            .filter(|row| row.practice_id == practice)
            .filter(waits)
            .cloned()
            .collect();
        rows.sort_by_key(|row| row.id);
        rows.truncate(up_to(limit));
        Ok(rows)
    }

    async fn swept(
        &self,
        practice: PracticeId,
        after: (Timestamp, AuditId),
        limit: u32,
    ) -> Result<Vec<Swept>, StoreError> {
        let tables = self.held()?;
        let sealed: BTreeSet<AuditId> = tables
            .sealed
            .seals
            .range((practice, 0)..=(practice, u64::MAX))
            .map(|(_, seal)| seal.entry_id)
            .collect();
        let mut rows: Vec<Swept> = tables
            .audit
            .iter()
            .filter(|row| row.practice_id == practice && (row.at, row.id) > after)
            .map(|row| Swept {
                at: row.at,
                id: row.id,
                missed: !sealed.contains(&row.id) && !tables.sealed.waiting.contains(&(practice, row.id)),
            })
            .collect();
        rows.sort_by_key(|row| (row.at, row.id));
        rows.truncate(up_to(limit));
        Ok(rows)
    }

    async fn audit_tree(&self, practice: PracticeId) -> Result<Option<AuditTree>, StoreError> {
        self.one(practice, practice)
    }

    async fn audit_tiles(&self, practice: PracticeId, ids: &[TileId]) -> Result<Vec<Tile>, StoreError> {
        let tables = self.held()?;
        let ids: BTreeSet<&TileId> = ids.iter().collect();
        let found = ids
            .into_iter()
            .filter_map(|id| tables.sealed.tiles.get(&(practice, *id)).cloned());
        Ok(found.collect())
    }

    async fn seal_of(&self, practice: PracticeId, entry: AuditId) -> Result<Option<Seal>, StoreError> {
        let tables = self.held()?;
        let mut seals = tables.sealed.seals.range((practice, 0)..=(practice, u64::MAX));
        Ok(seals
            .find(|(_, seal)| seal.entry_id == entry)
            .map(|(_, seal)| seal.clone()))
    }

    async fn sealed_entries(
        &self,
        practice: PracticeId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<SealedEntry>, StoreError> {
        let tables = self.held()?;
        let seals = tables
            .sealed
            .seals
            .range((practice, from)..=(practice, u64::MAX))
            .take(up_to(limit));
        let entry = |seal: &Seal| {
            let mut rows = tables.audit.iter();
            rows.find(|row| (row.practice_id, row.id) == (practice, seal.entry_id))
                .cloned()
        };
        let sealed = seals.map(|(_, seal)| SealedEntry {
            entry: entry(seal),
            seal: seal.clone(),
        });
        Ok(sealed.collect())
    }

    async fn kept_checkpoints(
        &self,
        practice: PracticeId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<KeptCheckpoint>, StoreError> {
        let tables = self.held()?;
        let kept = tables.sealed.kept.range((practice, 0)..=(practice, u64::MAX));
        let later = kept.filter(|((_, size), _)| *size > after);
        Ok(later.take(up_to(limit)).map(|(_, kept)| kept.clone()).collect())
    }

    async fn audit_keys(&self, practice: PracticeId) -> Result<Vec<KeptCheckpoint>, StoreError> {
        let tables = self.held()?;
        let kept = tables.sealed.kept.range((practice, 0)..=(practice, u64::MAX));
        Ok(kept
            .map(|(_, kept)| kept)
            .filter(|kept| kept.begins_key)
            .cloned()
            .collect())
    }
}
