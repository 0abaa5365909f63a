-- What is kept about conversations beside their messages: a client's has the client's id, a number's one made of the number.
-- A number's that has a client joined theirs.
CREATE TABLE conversation (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    client_id UUID,
    phone TEXT,
    assignee_id UUID,
    unread BIGINT NOT NULL,
    read_up_to TIMESTAMPTZ,
    read_by UUID,
    read_at TIMESTAMPTZ,
    last_at TIMESTAMPTZ NOT NULL,
    texted_at TIMESTAMPTZ,
    mailed_at TIMESTAMPTZ,
    wrote_at TIMESTAMPTZ,
    preview TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, assignee_id) REFERENCES staff_member (practice_id, id)
);
CREATE INDEX conversation_by_time ON conversation (practice_id, last_at, id);
CREATE INDEX conversation_unread ON conversation (practice_id, last_at, id) WHERE unread > 0;
CREATE INDEX conversation_by_assignee ON conversation (practice_id, assignee_id, last_at, id) WHERE assignee_id IS NOT NULL;
CREATE INDEX conversation_joined ON conversation (practice_id, client_id, id) WHERE phone IS NOT NULL;

ALTER TABLE received_sms ADD COLUMN conversation_id UUID;
CREATE INDEX received_sms_by_conversation ON received_sms (practice_id, conversation_id, received_at, id);

CREATE INDEX client_by_phone ON client (practice_id, phone) WHERE phone IS NOT NULL;

-- To whom automations wrote before.
INSERT INTO conversation (practice_id, id, version, client_id, unread, last_at, texted_at, mailed_at, preview)
SELECT practice_id, client_id, 1, client_id, 0, MAX(created_at),
    MAX(CASE WHEN to_email LIKE '+%' THEN created_at END),
    MAX(CASE WHEN to_email NOT LIKE '+%' THEN created_at END), ''
FROM delivery WHERE workflow_id IS NOT NULL AND client_id IS NOT NULL GROUP BY practice_id, client_id;
