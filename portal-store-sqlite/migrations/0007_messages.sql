-- Text messages stand in the history beside mails: `to_email` holds their numbers. An automation's message is written once for
-- each workflow's version, stage entry, recipient and channel.
ALTER TABLE delivery ADD COLUMN provider_id TEXT;
ALTER TABLE delivery ADD COLUMN workflow_id BLOB;
ALTER TABLE delivery ADD COLUMN once_key TEXT;
CREATE UNIQUE INDEX automation_once ON delivery (practice_id, once_key) WHERE once_key IS NOT NULL;
CREATE INDEX delivery_by_workflow ON delivery (practice_id, workflow_id, created_at, id) WHERE workflow_id IS NOT NULL;

-- What is on record about a number; the id is made of it.
CREATE TABLE phone_record (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    phone TEXT NOT NULL,
    agreement TEXT NOT NULL,
    heard TEXT NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id)
) STRICT;

-- Messages from outside; the id is made of the provider and its own.
CREATE TABLE received_sms (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    provider TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    from_phone TEXT NOT NULL,
    to_number TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id)
) STRICT;
CREATE INDEX received_sms_by_time ON received_sms (practice_id, received_at, id);
CREATE INDEX received_sms_by_number ON received_sms (practice_id, from_phone, received_at, id);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('delivery', 'automation_once', '10000 1000 1'),
    ('delivery', 'delivery_by_workflow', '10000 1000 100 1 1'),
    ('phone_record', 'sqlite_autoindex_phone_record_1', '10000 1000 1'),
    ('received_sms', 'sqlite_autoindex_received_sms_1', '10000 1000 1'),
    ('received_sms', 'received_sms_by_time', '10000 1000 1 1'),
    ('received_sms', 'received_sms_by_number', '10000 1000 5 1 1');
