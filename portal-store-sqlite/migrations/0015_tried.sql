-- When a message was tried last: it may be with its reader since, whatever became of it.
ALTER TABLE delivery ADD COLUMN tried_at TEXT;
UPDATE delivery SET tried_at = COALESCE(sent_at, created_at)
    WHERE substr(to_email, 1, 1) = '+' AND attempts > 0 AND (state NOT IN ('queued', 'held') OR last_error IS NOT NULL);
