-- What the taxonomy makes of a matter's values, and what it does not know.
ALTER TABLE matter ADD COLUMN normalised TEXT NOT NULL DEFAULT '{}';
ALTER TABLE matter ADD COLUMN unknown TEXT NOT NULL DEFAULT '{}';
ALTER TABLE matter ADD COLUMN has_unknown INTEGER NOT NULL DEFAULT 0;
CREATE INDEX matter_with_unknown ON matter (practice_id, id) WHERE has_unknown;

-- A practice's rules: one row each, under the practice's id.
CREATE TABLE rulebook (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    taxonomy TEXT NOT NULL,
    taxonomy_version INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id),
    CHECK (practice_id = id)
) STRICT;

-- One that was removed has no key.
CREATE TABLE workflow (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    draft TEXT NOT NULL,
    removed INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    name_key TEXT,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT workflow_name UNIQUE (practice_id, name_key),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id),
    CHECK (removed = (name_key IS NULL))
) STRICT;
CREATE INDEX workflow_by_name ON workflow (practice_id, name_key, id);

CREATE TABLE stage_entry (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    matter_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    raw TEXT NOT NULL,
    canonical TEXT,
    why TEXT NOT NULL,
    entered_at TEXT NOT NULL,
    left_at TEXT,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT stage_entry_number UNIQUE (practice_id, matter_id, number),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id)
) STRICT;
CREATE INDEX stage_entry_in_order ON stage_entry (practice_id, matter_id, number, id);

-- What workflows ask for. SQLite cannot add a foreign key to a table, so neither database has one to the workflow.
ALTER TABLE request ADD COLUMN workflow_id BLOB;
ALTER TABLE request ADD COLUMN requirement_key TEXT;
ALTER TABLE request ADD COLUMN obsolete INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX request_requirement ON request (practice_id, matter_id, client_id, requirement_key);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('matter', 'matter_with_unknown', '10000 1000 1'),
    ('rulebook', 'sqlite_autoindex_rulebook_1', '10 1 1'),
    ('workflow', 'sqlite_autoindex_workflow_1', '10000 1000 1'),
    ('workflow', 'sqlite_autoindex_workflow_2', '10000 1000 1'),
    ('workflow', 'workflow_by_name', '10000 1000 1 1'),
    ('stage_entry', 'sqlite_autoindex_stage_entry_1', '1000000 100000 1'),
    ('stage_entry', 'sqlite_autoindex_stage_entry_2', '1000000 100000 5 1'),
    ('stage_entry', 'stage_entry_in_order', '1000000 100000 5 1 1'),
    ('request', 'request_requirement', '1000000 100000 20 20 1');
