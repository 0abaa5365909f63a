-- What queues up together: sign-in links, other mails, text messages.
ALTER TABLE delivery ADD COLUMN lane TEXT NOT NULL DEFAULT 'mail';
DROP INDEX delivery_open;
CREATE INDEX delivery_open ON delivery (practice_id, lane, due_at, id) WHERE state IN ('queued', 'sending');
UPDATE delivery SET lane = CASE WHEN to_email LIKE '+%' THEN 'text' ELSE 'link' END
    WHERE state IN ('queued', 'sending') AND (to_email LIKE '+%' OR letter ->> 'kind' IN ('sign-in', 'invitation'));
