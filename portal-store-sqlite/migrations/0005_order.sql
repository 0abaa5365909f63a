-- What is on its way to one reader, in the order it was written in.
CREATE INDEX delivery_in_turn ON delivery (practice_id, to_email, created_at, id) WHERE state IN ('queued', 'sending');
-- As many on their way to one address as there are to one reader.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('delivery', 'delivery_in_turn', '10000 1000 2 1 1');
