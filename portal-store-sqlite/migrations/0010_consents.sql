-- What was said about text messages to a number: an entry is never changed.
CREATE TABLE text_consent (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    phone TEXT NOT NULL,
    client_id BLOB,
    agreement TEXT NOT NULL,
    heard TEXT NOT NULL,
    how TEXT,
    said_on TEXT,
    note TEXT NOT NULL,
    staff_id BLOB,
    created_at TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff_member (practice_id, id),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id)
) STRICT;
CREATE INDEX text_consent_by_number ON text_consent (practice_id, phone, created_at, id);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('text_consent', 'sqlite_autoindex_text_consent_1', '10000 1000 1'),
    ('text_consent', 'text_consent_by_number', '10000 1000 5 1 1');
