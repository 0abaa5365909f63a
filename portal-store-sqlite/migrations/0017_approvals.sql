-- What clients are asked to approve, and what proves each answer. Evidence is written once and never changed.
CREATE TABLE approval (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    matter_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    subject TEXT,
    needed TEXT NOT NULL,
    in_turn INTEGER NOT NULL,
    due_on TEXT,
    expires_on TEXT,
    expires_at TEXT,
    remind_every_days INTEGER,
    documents TEXT NOT NULL,
    people TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    ended_at TEXT,
    replaces_id BLOB,
    replaced_by_id BLOB,
    asked_by BLOB NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    people_key TEXT NOT NULL,
    shown_key TEXT NOT NULL,
    search_text TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, asked_by) REFERENCES staff_member (practice_id, id),
    FOREIGN KEY (practice_id, replaces_id) REFERENCES approval (practice_id, id),
    FOREIGN KEY (practice_id, replaced_by_id) REFERENCES approval (practice_id, id),
    CHECK ((ended_at IS NULL) = (state = 'open')),
    CHECK ((expires_on IS NULL) = (expires_at IS NULL))
) STRICT;
CREATE INDEX approval_by_time ON approval (practice_id, created_at, id);
CREATE INDEX approval_by_state ON approval (practice_id, state, created_at, id);
CREATE INDEX approval_by_matter ON approval (practice_id, matter_id, created_at, id);

CREATE TABLE approval_evidence (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    approval_id BLOB NOT NULL,
    matter_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    decision TEXT NOT NULL,
    comment TEXT NOT NULL,
    shown BLOB NOT NULL,
    shown_sha256 BLOB NOT NULL,
    circumstances TEXT NOT NULL,
    answered_at TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT approval_answer_once UNIQUE (practice_id, approval_id, client_id),
    FOREIGN KEY (practice_id, approval_id) REFERENCES approval (practice_id, id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id),
    CHECK (version = 1)
) STRICT;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('approval', 'sqlite_autoindex_approval_1', '1000000 100000 1'),
    ('approval', 'approval_by_time', '1000000 100000 1 1'),
    ('approval', 'approval_by_state', '1000000 100000 20000 1 1'),
    ('approval', 'approval_by_matter', '1000000 100000 10 1 1'),
    ('approval_evidence', 'sqlite_autoindex_approval_evidence_1', '1000000 100000 1'),
    ('approval_evidence', 'sqlite_autoindex_approval_evidence_2', '1000000 100000 2 1');
