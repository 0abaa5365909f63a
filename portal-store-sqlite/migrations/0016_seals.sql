-- Entries of the audit trail that have no place in the practice's tree yet. A row comes with the entry, in the same
-- commit, and goes with the commit that seals it.
CREATE TABLE audit_unsealed (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (practice_id, id)
) STRICT, WITHOUT ROWID;
INSERT INTO audit_unsealed (practice_id, id, since) SELECT practice_id, id, happened_at FROM audit_entry;

-- The head of each practice's tree.
CREATE TABLE audit_tree (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    origin TEXT NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    note TEXT NOT NULL,
    key TEXT NOT NULL,
    signed_at TEXT NOT NULL,
    kept_at TEXT NOT NULL,
    kept_size INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    CHECK (practice_id = id),
    CHECK (size > 0)
) STRICT;

-- An entry's place, and what opens its commitments: the seed while nothing is erased, else fact by fact.
CREATE TABLE audit_seal (
    practice_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    entry_id BLOB NOT NULL,
    seed BLOB,
    facts TEXT,
    PRIMARY KEY (practice_id, position),
    CHECK ((seed IS NULL) <> (facts IS NULL))
) STRICT;
CREATE INDEX audit_seal_by_entry ON audit_seal (practice_id, entry_id);

-- Up to 256 hashes of one height of the tree, one after the other.
CREATE TABLE audit_tile (
    practice_id BLOB NOT NULL,
    level INTEGER NOT NULL,
    place INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (practice_id, level, place)
) STRICT;

CREATE TABLE audit_checkpoint (
    practice_id BLOB NOT NULL,
    size INTEGER NOT NULL,
    note TEXT NOT NULL,
    key TEXT NOT NULL,
    begins_key INTEGER NOT NULL,
    signed_at TEXT NOT NULL,
    PRIMARY KEY (practice_id, size)
) STRICT;
CREATE INDEX audit_checkpoint_by_key ON audit_checkpoint (practice_id, size) WHERE begins_key;

-- The trail is searched by who acted, and from where.
CREATE INDEX audit_entry_by_staff ON audit_entry (practice_id, staff_id, happened_at, id) WHERE staff_id IS NOT NULL;
CREATE INDEX audit_entry_by_client ON audit_entry (practice_id, client_id, happened_at, id) WHERE client_id IS NOT NULL;
CREATE INDEX audit_entry_by_ip ON audit_entry (practice_id, (origin ->> 'ip'), happened_at, id);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('audit_entry', 'audit_entry_by_staff', '700000 70000 7000 1 1'),
    ('audit_entry', 'audit_entry_by_client', '200000 20000 100 1 1'),
    ('audit_entry', 'audit_entry_by_ip', '1000000 100000 500 1 1'),
    ('audit_unsealed', 'audit_unsealed', '10000 1000 1'),
    ('audit_tree', 'sqlite_autoindex_audit_tree_1', '10 1 1'),
    ('audit_seal', 'sqlite_autoindex_audit_seal_1', '1000000 100000 1'),
    ('audit_seal', 'audit_seal_by_entry', '1000000 100000 1'),
    ('audit_tile', 'sqlite_autoindex_audit_tile_1', '4000 400 400 1'),
    ('audit_checkpoint', 'sqlite_autoindex_audit_checkpoint_1', '10000 1000 1'),
    ('audit_checkpoint', 'audit_checkpoint_by_key', '10 1 1');
