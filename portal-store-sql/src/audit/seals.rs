//! The trail's tree: what waits to be sealed, and what was.

use async_trait::async_trait;
use portal_core::audit::tree::{TILE_WIDTH, Tile, TileId};
use portal_core::audit::{
    AuditEntry, AuditTree, Erasure, Fact, KeptCheckpoint, Salts, Seal, SealedEntry, Sealing, Seals, Swept,
};
use portal_core::{AuditId, Digest, PracticeId, StoreError, Timestamp, Version};
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::{AuditRow, SELECT};
use crate::decode;
use crate::driver::{Dialect, Driver};
use crate::statement::{MOST_IDS, Must, Sql, Statement, Step};
use crate::store::{DbRow, IdRow, Reads, SqlStore};
use crate::table::{Selects, table};
use crate::value::{Argument, Stamp, Value};

table! {
    AUDIT_TREE = "audit_tree" as AuditTreeRow {
        origin: String,
        size: i64,
        root: Vec<u8>,
        note: String,
        key: String,
        signed_at: Stamp,
        kept_at: Stamp,
        kept_size: i64,
    } + []
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

impl Reads for AuditTreeRow {
    type Record = AuditTree;
    fn record(self) -> Result<AuditTree, StoreError> {
        Ok(AuditTree {
            practice_id: self.practice_id.into(),
            id: self.id.into(),
            version: Version(self.version),
            origin: self.origin,
            size: count(self.size),
            root: decode::digest("root", &self.root)?,
            note: self.note,
            key: self.key,
            signed_at: self.signed_at.0,
            kept_at: self.kept_at.0,
            kept_size: count(self.kept_size),
        })
    }
}

#[derive(FromRow)]
pub(crate) struct SealRow {
    position: i64,
    entry_id: Uuid,
    seed: Option<Vec<u8>>,
    facts: Option<Json<serde_json::Value>>,
}

impl Reads for SealRow {
    type Record = Seal;
    fn record(self) -> Result<Seal, StoreError> {
        let salts = match (self.seed, self.facts) {
            (Some(seed), _) => Salts::Seed(decode::digest("seed", &seed)?.0),
            (None, facts) => Salts::Each(decode::json(
                "facts",
                facts.map_or_else(Default::default, |it| it.0),
            )?),
        };
        Ok(Seal {
            position: count(self.position),
            entry_id: self.entry_id.into(),
            salts,
        })
    }
}

#[derive(FromRow)]
pub(crate) struct TileRow {
    level: i64,
    place: i64,
    hashes: Vec<u8>,
}

impl Reads for TileRow {
    type Record = Tile;
    fn record(self) -> Result<Tile, StoreError> {
        let (hashes, []) = self.hashes.as_chunks::<32>() else {
            return Err(StoreError::Failed(
                "column hashes holds what it never should".to_owned(),
            ));
        };
        Ok(Tile {
            id: TileId {
                level: u32::try_from(self.level).unwrap_or_default(),
                index: count(self.place),
            },
            hashes: hashes.iter().take(TILE_WIDTH).map(|hash| Digest(*hash)).collect(),
        })
    }
}

#[derive(FromRow)]
pub(crate) struct CheckpointRow {
    practice_id: Uuid,
    size: i64,
    note: String,
    key: String,
    begins_key: bool,
    signed_at: Stamp,
}

impl Reads for CheckpointRow {
    type Record = KeptCheckpoint;
    fn record(self) -> Result<KeptCheckpoint, StoreError> {
        Ok(KeptCheckpoint {
            practice_id: self.practice_id.into(),
            size: count(self.size),
            note: self.note,
            key: self.key,
            begins_key: self.begins_key,
            signed_at: self.signed_at.0,
        })
    }
}

#[derive(FromRow)]
pub(crate) struct SweptRow {
    happened_at: Stamp,
    id: Uuid,
    missed: bool,
}

impl Reads for SweptRow {
    type Record = Swept;
    fn record(self) -> Result<Swept, StoreError> {
        Ok(Swept {
            at: self.happened_at.0,
            id: self.id.into(),
            missed: self.missed,
        })
    }
}

pub(crate) fn save_tree(tree: &AuditTree) -> Result<Step, StoreError> {
    let values = vec![
        (&tree.origin).value(),
        tree.size.value(),
        tree.root.value(),
        (&tree.note).value(),
        (&tree.key).value(),
        tree.signed_at.value(),
        tree.kept_at.value(),
        tree.kept_size.value(),
    ];
    AUDIT_TREE.save(tree.practice_id, tree.id, tree.version, values)
}

/// What goes with the head of a batch: seals, tiles, the kept checkpoint, and the end of the wait. All seals are one statement,
/// whose arguments hold ids and seeds one after the other: binding each would take longer than writing them.
pub(crate) fn sealing(sealing: &Sealing, dialect: Dialect) -> Vec<Step> {
    let practice = sealing.tree.practice_id;
    let rows = sealing.seals.len() as u64;
    let first = sealing.tree.size - rows;
    let ids: Vec<u8> = sealing
        .seals
        .iter()
        .flat_map(|seal| *seal.entry_id.0.as_bytes())
        .collect();
    let seeds = sealing.seals.iter().flat_map(|seal| match seal.salts {
        Salts::Seed(seed) => seed,
        // A batch that was made by the rule has seeds; this one does not fit the table's check.
        Salts::Each(_) => [0; 32],
    });
    let seeds: Vec<u8> = seeds.collect();
    let step = |statement, must| Step {
        statement,
        must,
        inserts: None,
    };
    let mut steps = vec![
        step(
            seals(dialect, practice, (first, rows), ids.clone(), seeds),
            Must::Write(rows),
        ),
        step(sealed(dialect, practice, rows, ids), Must::Write(rows)),
    ];
    steps.extend(
        sealing
            .tiles
            .iter()
            .map(|tile| step(save_tile(practice, tile), Must::WriteOne)),
    );
    steps.extend(sealing.kept.iter().map(|kept| step(keep(kept), Must::WriteOne)));
    steps
}

/// The numbers from 0 up to an argument.
const NUMBERS: &str =
    "WITH RECURSIVE n (i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT n.i + 1 FROM n WHERE n.i + 1 < $2) ";

pub(crate) fn seals(
    dialect: Dialect,
    practice: PracticeId,
    (first, rows): (u64, u64),
    ids: Vec<u8>,
    seeds: Vec<u8>,
) -> Statement {
    let mut sql = Sql::new(NUMBERS);
    sql.push("INSERT INTO audit_seal (practice_id, position, entry_id, seed) SELECT $1, $3 + n.i, ")
        .push(match dialect {
            Dialect::Postgres => {
                "CAST(encode(substr(CAST($4 AS BYTEA), CAST(n.i * 16 + 1 AS INT), 16), 'hex') AS UUID), \
                 substr(CAST($5 AS BYTEA), CAST(n.i * 32 + 1 AS INT), 32)"
            }
            Dialect::Sqlite => "substr($4, n.i * 16 + 1, 16), substr($5, n.i * 32 + 1, 32)",
        })
        .push(" FROM n WHERE n.i < $2");
    let args = vec![
        practice.value(),
        rows.value(),
        first.value(),
        ids.value(),
        seeds.value(),
    ];
    Statement { args, ..sql.done() }
}

/// Ends the wait of entries. Each must have waited: so no entry is ever sealed twice.
pub(crate) fn sealed(dialect: Dialect, practice: PracticeId, rows: u64, ids: Vec<u8>) -> Statement {
    let sql = match dialect {
        Dialect::Postgres => {
            "DELETE FROM audit_unsealed WHERE practice_id = $1 AND id = ANY(ARRAY(\
             SELECT CAST(encode(substr(CAST($3 AS BYTEA), CAST(due.i * 16 + 1 AS INT), 16), 'hex') AS UUID) \
             FROM generate_series(CAST(0 AS BIGINT), $2 - 1) AS due (i)))"
        }
        Dialect::Sqlite => {
            "DELETE FROM audit_unsealed WHERE practice_id = $1 AND id IN (\
             WITH RECURSIVE due (i) AS (SELECT 0 UNION ALL SELECT due.i + 1 FROM due WHERE due.i + 1 < $2) \
             SELECT substr($3, due.i * 16 + 1, 16) FROM due)"
        }
    };
    Statement::fixed(sql, vec![practice.value(), rows.value(), ids.value()])
}

pub(crate) fn save_tile(practice: PracticeId, tile: &Tile) -> Statement {
    let hashes: Vec<u8> = tile.hashes.iter().flat_map(|hash| hash.0).collect();
    let sql = "INSERT INTO audit_tile (practice_id, level, place, hashes) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (practice_id, level, place) DO UPDATE SET hashes = excluded.hashes";
    Statement::fixed(
        sql,
        vec![
            practice.value(),
            tile.id.level.value(),
            tile.id.index.value(),
            hashes.value(),
        ],
    )
}

pub(crate) fn keep(kept: &KeptCheckpoint) -> Statement {
    let sql = "INSERT INTO audit_checkpoint (practice_id, size, note, key, begins_key, signed_at) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    let args = vec![
        kept.practice_id.value(),
        kept.size.value(),
        (&kept.note).value(),
        (&kept.key).value(),
        kept.begins_key.value(),
        kept.signed_at.value(),
    ];
    Statement::fixed(sql, args)
}

/// Takes what is personal out of an entry and its seal, which must be as they were read: still there, at that place.
pub(crate) fn erasure(erased: &Erasure) -> Result<[Step; 2], StoreError> {
    let Erasure { entry, seal } = erased;
    let facts: &[Fact] = match &seal.salts {
        Salts::Each(facts) => facts,
        Salts::Seed(_) => return Err(StoreError::Failed("an erasure that keeps the seed".to_owned())),
    };
    let entry_step = Statement::fixed(
        "UPDATE audit_entry SET detail = $3, origin = $4 WHERE practice_id = $1 AND id = $2",
        vec![
            entry.practice_id.value(),
            entry.id.value(),
            Value::json(&entry.detail)?,
            Value::json(&entry.origin)?,
        ],
    );
    let seal_step = Statement::fixed(
        "UPDATE audit_seal SET seed = NULL, facts = $3 WHERE practice_id = $1 AND entry_id = $2 AND position = $4",
        vec![
            entry.practice_id.value(),
            seal.entry_id.value(),
            Value::json(&facts)?,
            seal.position.value(),
        ],
    );
    Ok([entry_step, seal_step].map(|statement| Step {
        statement,
        must: Must::WriteOne,
        inserts: None,
    }))
}

pub(crate) fn unsealed_practices(after: Uuid, limit: u32) -> Statement {
    let sql = "WITH RECURSIVE waiting (practice_id) AS (SELECT (SELECT it.practice_id FROM audit_unsealed AS it \
         WHERE it.practice_id > $1 ORDER BY it.practice_id LIMIT 1) UNION ALL SELECT (SELECT it.practice_id \
         FROM audit_unsealed AS it WHERE it.practice_id > waiting.practice_id ORDER BY it.practice_id LIMIT 1) \
         FROM waiting WHERE waiting.practice_id IS NOT NULL) \
         SELECT waiting.practice_id AS id FROM waiting WHERE waiting.practice_id IS NOT NULL LIMIT $2";
    Statement::fixed(sql, vec![after.value(), limit.value()])
}

pub(crate) fn unsealed(dialect: Dialect, practice: PracticeId, limit: u32) -> Statement {
    let mut sql = Sql::new("WITH due AS (SELECT id FROM audit_unsealed WHERE practice_id = ");
    sql.bind(practice)
        .push(" ORDER BY id LIMIT ")
        .bind(limit)
        .push(") ")
        .push(SELECT)
        .placeholder(1)
        .push(" AND audit_entry.")
        .push(dialect.is_due())
        .push(" ORDER BY audit_entry.id");
    sql.done()
}

/// Lets entries wait for their seal that were written without.
pub(crate) fn wait(practice: PracticeId, missed: &[Swept]) -> Option<Step> {
    let mut sql = Sql::new("INSERT INTO audit_unsealed (practice_id, since, id) VALUES ");
    for (number, entry) in missed.iter().enumerate() {
        if number == 0 {
            sql.push("(").bind(practice);
        } else {
            sql.push(", (").placeholder(1);
        }
        sql.push(", ").bind(entry.at).push(", ").bind(entry.id).push(")");
    }
    (!missed.is_empty()).then(|| Step {
        statement: sql.done(),
        must: Must::Write(missed.len() as u64),
        inserts: None,
    })
}

pub(crate) fn swept(practice: PracticeId, after: (Timestamp, AuditId), limit: u32) -> Statement {
    let sql = "WITH due AS (SELECT audit_entry.happened_at, audit_entry.id FROM audit_entry \
         WHERE audit_entry.practice_id = $1 AND (audit_entry.happened_at, audit_entry.id) > ($2, $3) \
         ORDER BY audit_entry.happened_at, audit_entry.id LIMIT $4) \
         SELECT due.happened_at, due.id, \
         NOT EXISTS (SELECT 1 FROM audit_seal WHERE audit_seal.practice_id = $1 AND audit_seal.entry_id = due.id) \
         AND NOT EXISTS (SELECT 1 FROM audit_unsealed WHERE audit_unsealed.practice_id = $1 \
         AND audit_unsealed.id = due.id) AS missed \
         FROM due ORDER BY due.happened_at, due.id";
    Statement::fixed(
        sql,
        vec![practice.value(), after.0.value(), after.1.value(), limit.value()],
    )
}

pub(crate) fn entries_by_id(practice: PracticeId, ids: &[Uuid]) -> Statement {
    let mut sql = Sql::new(SELECT);
    sql.bind(practice).push(" AND audit_entry.id IN ").bind_ids(ids);
    sql.done()
}

const SEALS: &str = "SELECT audit_seal.position, audit_seal.entry_id, audit_seal.seed, audit_seal.facts FROM audit_seal \
     WHERE audit_seal.practice_id = ";

pub(crate) fn seal_of(practice: PracticeId, entry: AuditId) -> Statement {
    let mut sql = Sql::new(SEALS);
    sql.bind(practice).push(" AND audit_seal.entry_id = ").bind(entry);
    sql.done()
}

pub(crate) fn seals_from(practice: PracticeId, from: u64, limit: u32) -> Statement {
    let mut sql = Sql::new(SEALS);
    sql.bind(practice)
        .push(" AND audit_seal.position >= ")
        .bind(from)
        .push(" ORDER BY audit_seal.position LIMIT ")
        .bind(limit);
    sql.done()
}

/// Tiles by their level and place, at most eight of each level of a proof.
pub(crate) fn tiles(practice: PracticeId, ids: &[TileId]) -> Statement {
    let mut sql = Sql::new("SELECT level, place, hashes FROM audit_tile WHERE practice_id = ");
    sql.bind(practice).push(" AND (");
    // Filled up, so that few different texts come about.
    let filler = ids.len().max(1).next_power_of_two() - ids.len();
    let ids = ids
        .iter()
        .chain(std::iter::repeat_n(ids.last().unwrap_or(&NO_TILE), filler));
    for (number, id) in ids.enumerate() {
        sql.push(if number == 0 { "(level = " } else { " OR (level = " })
            .bind(id.level)
            .push(" AND place = ")
            .bind(id.index)
            .push(")");
    }
    sql.push(")");
    sql.done()
}

const NO_TILE: TileId = TileId { level: 99, index: 0 };

const CHECKPOINTS: &str =
    "SELECT practice_id, size, note, key, begins_key, signed_at FROM audit_checkpoint WHERE practice_id = ";

pub(crate) fn kept_checkpoints(practice: PracticeId, after: u64, limit: u32) -> Statement {
    let mut sql = Sql::new(CHECKPOINTS);
    sql.bind(practice)
        .push(" AND size > ")
        .bind(after)
        .push(" ORDER BY size LIMIT ")
        .bind(limit);
    sql.done()
}

pub(crate) fn audit_keys(practice: PracticeId) -> Statement {
    let mut sql = Sql::new(CHECKPOINTS);
    sql.bind(practice).push(" AND begins_key ORDER BY size");
    sql.done()
}

#[async_trait]
impl<D: Driver> Seals for SqlStore<D>
where
    AuditRow: for<'r> FromRow<'r, DbRow<D>>,
    AuditTreeRow: for<'r> FromRow<'r, DbRow<D>>,
    SealRow: for<'r> FromRow<'r, DbRow<D>>,
    TileRow: for<'r> FromRow<'r, DbRow<D>>,
    CheckpointRow: for<'r> FromRow<'r, DbRow<D>>,
    SweptRow: for<'r> FromRow<'r, DbRow<D>>,
    IdRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn unsealed_practices(
        &self,
        after: Option<PracticeId>,
        limit: u32,
    ) -> Result<Vec<PracticeId>, StoreError> {
        let after = after.map(|practice| practice.0).unwrap_or_default();
        let ids = self.all::<IdRow>(unsealed_practices(after, limit)).await?;
        Ok(ids.into_iter().map(PracticeId).collect())
    }

    async fn unsealed(&self, practice: PracticeId, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        self.all::<AuditRow>(unsealed(D::DIALECT, practice, limit)).await
    }

    async fn swept(
        &self,
        practice: PracticeId,
        after: (Timestamp, AuditId),
        limit: u32,
    ) -> Result<Vec<Swept>, StoreError> {
        self.all::<SweptRow>(swept(practice, after, limit)).await
    }

    async fn audit_tree(&self, practice: PracticeId) -> Result<Option<AuditTree>, StoreError> {
        self.one::<AuditTreeRow>(AuditTreeRow::by_id(practice, practice))
            .await
    }

    async fn audit_tiles(&self, practice: PracticeId, ids: &[TileId]) -> Result<Vec<Tile>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(MOST_IDS / 4) {
            found.extend(self.all::<TileRow>(tiles(practice, ids)).await?);
        }
        Ok(found)
    }

    async fn seal_of(&self, practice: PracticeId, entry: AuditId) -> Result<Option<Seal>, StoreError> {
        self.one::<SealRow>(seal_of(practice, entry)).await
    }

    async fn sealed_entries(
        &self,
        practice: PracticeId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<SealedEntry>, StoreError> {
        let seals = self.all::<SealRow>(seals_from(practice, from, limit)).await?;
        let ids = seals.iter().map(|seal| seal.entry_id.0);
        let entries = self
            .by_ids::<AuditRow>(ids, |ids| entries_by_id(practice, ids))
            .await?;
        let mut entries: std::collections::HashMap<AuditId, AuditEntry> =
            entries.into_iter().map(|entry| (entry.id, entry)).collect();
        let sealed = seals.into_iter().map(|seal| SealedEntry {
            entry: entries.remove(&seal.entry_id),
            seal,
        });
        Ok(sealed.collect())
    }

    async fn kept_checkpoints(
        &self,
        practice: PracticeId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<KeptCheckpoint>, StoreError> {
        self.all::<CheckpointRow>(kept_checkpoints(practice, after, limit))
            .await
    }

    async fn audit_keys(&self, practice: PracticeId) -> Result<Vec<KeptCheckpoint>, StoreError> {
        self.all::<CheckpointRow>(audit_keys(practice)).await
    }
}
