-- Text messages stand in the history beside mails: `to_email` holds their numbers. An automation's message is written once for
-- each workflow's version, stage entry, recipient and channel.
ALTER TABLE delivery ADD COLUMN provider_id TEXT;
ALTER TABLE delivery ADD COLUMN workflow_id UUID;
ALTER TABLE delivery ADD COLUMN once_key TEXT;
ALTER TABLE delivery ADD CONSTRAINT automation_once UNIQUE (practice_id, once_key);
CREATE INDEX delivery_by_workflow ON delivery (practice_id, workflow_id, created_at, id) WHERE workflow_id IS NOT NULL;

-- What is on record about a number; the id is made of it.
CREATE TABLE phone_record (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    phone TEXT NOT NULL,
    agreement TEXT NOT NULL,
    heard TEXT NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id)
);

-- Messages from outside; the id is made of the provider and its own.
CREATE TABLE received_sms (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    provider TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    from_phone TEXT NOT NULL,
    to_number TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id)
);
CREATE INDEX received_sms_by_time ON received_sms (practice_id, received_at, id);
CREATE INDEX received_sms_by_number ON received_sms (practice_id, from_phone, received_at, id);
