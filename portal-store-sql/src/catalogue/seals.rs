use portal_core::audit::tree::{Tile, TileId};
use portal_core::audit::{AuditEntry, Erasure, KeptCheckpoint, Salts, Seal, Subject, Swept};
use portal_core::{AuditId, Context, StoreError};

use super::{Catalogue, DIGEST, ID, NOW, PRACTICE};
use crate::audit;
use crate::driver::Dialect;
use crate::table::Selects;

/// What the sealer, exports and proofs ask, and what sealing writes.
pub(super) fn seals(it: &mut Catalogue, dialect: Dialect) -> Result<(), StoreError> {
    it.rare(
        "practices with unsealed entries",
        audit::unsealed_practices(ID, 10),
    );
    it.hot("unsealed entries", audit::unsealed(dialect, PRACTICE, 10));
    it.hot("swept entries", audit::swept(PRACTICE, (NOW, AuditId(ID)), 1_000));
    it.hot("audit tree", audit::AuditTreeRow::by_id(PRACTICE, ID));
    it.hot("audit tiles", audit::tiles(PRACTICE, &[TILE, TILE]));
    it.hot("seal of an entry", audit::seal_of(PRACTICE, AuditId(ID)));
    it.hot("seals by position", audit::seals_from(PRACTICE, 7, 256));
    it.hot("audit entries by id", audit::entries_by_id(PRACTICE, &[ID, ID]));
    it.hot("kept checkpoints", audit::kept_checkpoints(PRACTICE, 7, 10));
    it.hot("audit keys", audit::audit_keys(PRACTICE));

    let entry = AuditEntry::new(
        AuditId(ID),
        &Context::system(PRACTICE, "catalogue", NOW),
        "matter.created",
        Subject {
            kind: "matter",
            id: ID,
        },
    );
    let seal = Seal {
        position: 7,
        entry_id: AuditId(ID),
        salts: Salts::Each(Vec::new()),
    };
    it.extend_rare("queue an entry", audit::queue(std::slice::from_ref(&entry)));
    let missed = Swept {
        at: NOW,
        id: AuditId(ID),
        missed: true,
    };
    it.extend_rare("let an entry wait", audit::wait(PRACTICE, &[missed, missed]));
    it.extend_rare("erase an entry", audit::erasure(&Erasure { entry, seal })?);
    let tile = Tile {
        id: TILE,
        hashes: vec![DIGEST],
    };
    it.rare("save tile", audit::save_tile(PRACTICE, &tile));
    it.rare(
        "seal",
        audit::seals(dialect, PRACTICE, (0, 1), vec![0; 16], vec![0; 32]),
    );
    it.hot("sealed", audit::sealed(dialect, PRACTICE, 1, vec![0; 16]));
    let kept = KeptCheckpoint {
        practice_id: PRACTICE,
        size: 1,
        note: String::new(),
        key: String::new(),
        begins_key: true,
        signed_at: NOW,
    };
    it.rare("keep checkpoint", audit::keep(&kept));
    Ok(())
}

const TILE: TileId = TileId { level: 0, index: 0 };
