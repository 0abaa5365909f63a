-- Whether an attempt at a text message was not answered, so that it may have been sent.
ALTER TABLE delivery ADD COLUMN in_doubt BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE delivery SET in_doubt = TRUE
    WHERE state = 'queued' AND substr(to_email, 1, 1) = '+' AND last_error LIKE '%it is not known whether it was sent%';
