-- What the taxonomy makes of a matter's values, and what it does not know.
ALTER TABLE matter
    ADD COLUMN normalised JSONB NOT NULL DEFAULT '{}',
    ADD COLUMN unknown JSONB NOT NULL DEFAULT '{}',
    ADD COLUMN has_unknown BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX matter_with_unknown ON matter (practice_id, id) WHERE has_unknown;

-- A practice's rules: one row each, under the practice's id.
CREATE TABLE rulebook (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    taxonomy JSONB NOT NULL,
    taxonomy_version BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id),
    CHECK (practice_id = id)
);

-- One that was removed has no key.
CREATE TABLE workflow (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    draft JSONB NOT NULL,
    removed BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    name_key TEXT COLLATE "C",
    PRIMARY KEY (practice_id, id),
    CONSTRAINT workflow_name UNIQUE (practice_id, name_key),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id),
    CHECK (removed = (name_key IS NULL))
);
CREATE INDEX workflow_by_name ON workflow (practice_id, name_key, id);

CREATE TABLE stage_entry (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    matter_id UUID NOT NULL,
    number BIGINT NOT NULL,
    raw TEXT NOT NULL,
    canonical TEXT,
    why TEXT NOT NULL,
    entered_at TIMESTAMPTZ NOT NULL,
    left_at TIMESTAMPTZ,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT stage_entry_number UNIQUE (practice_id, matter_id, number),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id)
);
CREATE INDEX stage_entry_in_order ON stage_entry (practice_id, matter_id, number, id);

-- What workflows ask for. SQLite cannot add a foreign key to a table, so neither database has one to the workflow.
ALTER TABLE request
    ADD COLUMN workflow_id UUID,
    ADD COLUMN requirement_key TEXT COLLATE "C",
    ADD COLUMN obsolete BOOLEAN NOT NULL DEFAULT FALSE,
    ADD CONSTRAINT request_requirement UNIQUE (practice_id, matter_id, client_id, requirement_key);
