-- What is on its way to one reader, in the order it was written in.
CREATE INDEX delivery_in_turn ON delivery (practice_id, to_email, created_at, id) WHERE state IN ('queued', 'sending');
