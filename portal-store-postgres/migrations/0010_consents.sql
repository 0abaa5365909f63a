-- What was said about text messages to a number: an entry is never changed.
CREATE TABLE text_consent (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    phone TEXT NOT NULL,
    client_id UUID,
    agreement TEXT NOT NULL,
    heard TEXT NOT NULL,
    how TEXT,
    said_on DATE,
    note TEXT NOT NULL,
    staff_id UUID,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff_member (practice_id, id),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id)
);
CREATE INDEX text_consent_by_number ON text_consent (practice_id, phone, created_at, id);
