-- Entries of the audit trail that have no place in the practice's tree yet. A row comes with the entry, in the same
-- commit, and goes with the commit that seals it.
CREATE TABLE audit_unsealed (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (practice_id, id)
);
INSERT INTO audit_unsealed (practice_id, id, since) SELECT practice_id, id, happened_at FROM audit_entry;

-- The head of each practice's tree.
CREATE TABLE audit_tree (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    origin TEXT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    note TEXT NOT NULL,
    key TEXT NOT NULL,
    signed_at TIMESTAMPTZ NOT NULL,
    kept_at TIMESTAMPTZ NOT NULL,
    kept_size BIGINT NOT NULL,
    PRIMARY KEY (practice_id, id),
    CHECK (practice_id = id),
    CHECK (size > 0)
);

-- An entry's place, and what opens its commitments: the seed while nothing is erased, else fact by fact.
CREATE TABLE audit_seal (
    practice_id UUID NOT NULL,
    position BIGINT NOT NULL,
    entry_id UUID NOT NULL,
    seed BYTEA,
    facts JSONB,
    PRIMARY KEY (practice_id, position),
    CHECK ((seed IS NULL) <> (facts IS NULL))
);
CREATE INDEX audit_seal_by_entry ON audit_seal (practice_id, entry_id);

-- Up to 256 hashes of one height of the tree, one after the other.
CREATE TABLE audit_tile (
    practice_id UUID NOT NULL,
    level BIGINT NOT NULL,
    place BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (practice_id, level, place)
);

CREATE TABLE audit_checkpoint (
    practice_id UUID NOT NULL,
    size BIGINT NOT NULL,
    note TEXT NOT NULL,
    key TEXT NOT NULL,
    begins_key BOOLEAN NOT NULL,
    signed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (practice_id, size)
);
CREATE INDEX audit_checkpoint_by_key ON audit_checkpoint (practice_id, size) WHERE begins_key;

-- The trail is searched by who acted, and from where.
CREATE INDEX audit_entry_by_staff ON audit_entry (practice_id, staff_id, happened_at, id) WHERE staff_id IS NOT NULL;
CREATE INDEX audit_entry_by_client ON audit_entry (practice_id, client_id, happened_at, id) WHERE client_id IS NOT NULL;
CREATE INDEX audit_entry_by_ip ON audit_entry (practice_id, (origin ->> 'ip'), happened_at, id);
