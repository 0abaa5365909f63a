-- Counts of open and closed matters, and of somebody's, from the index alone.
CREATE INDEX matter_by_state ON matter (practice_id, state, owner_id);
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('matter', 'matter_by_state', '1000000 100000 50000 1000');
