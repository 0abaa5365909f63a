-- Practices may share one account for text messages: who texted a number, whichever practice it was.
CREATE INDEX delivery_to_number ON delivery (to_email, practice_id) WHERE substr(to_email, 1, 1) = '+';

-- Who said whose number it is.
ALTER TABLE conversation ADD COLUMN linked_by BLOB;
ALTER TABLE conversation ADD COLUMN linked_at TEXT;
-- What was written from a number that staff said is a client's stands in the number's conversation, and goes with it when they
-- were wrong.
UPDATE received_sms SET conversation_id = (SELECT conversation.id FROM conversation
    WHERE conversation.practice_id = received_sms.practice_id AND conversation.phone = received_sms.from_phone
    AND conversation.client_id = received_sms.conversation_id)
WHERE EXISTS (SELECT 1 FROM conversation
    WHERE conversation.practice_id = received_sms.practice_id AND conversation.phone = received_sms.from_phone
    AND conversation.client_id = received_sms.conversation_id);

-- A text message from a client concerns no matter in particular.
CREATE TABLE told (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    staff_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    matter_id BLOB,
    client_id BLOB,
    headline TEXT NOT NULL,
    created_at TEXT NOT NULL,
    read_at TEXT,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff_member (practice_id, id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id)
) STRICT;
INSERT INTO told (practice_id, id, version, staff_id, kind, matter_id, client_id, headline, created_at, read_at)
SELECT practice_id, id, version, staff_id, kind, matter_id, client_id, headline, created_at, read_at FROM notification;
DROP TABLE notification;
ALTER TABLE told RENAME TO notification;
CREATE INDEX notification_by_staff ON notification (practice_id, staff_id, created_at, id);
CREATE INDEX notification_unread ON notification (practice_id, staff_id, created_at, id) WHERE read_at IS NULL;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('notification', 'sqlite_autoindex_notification_1', '1000000 100000 1'),
    ('notification', 'notification_by_staff', '1000000 100000 2000 1 1'),
    ('notification', 'notification_unread', '1000000 100000 2000 1 1'),
    ('delivery', 'delivery_to_number', '10000 5 2');
