-- Counts of open and closed matters, and of somebody's, from the index alone.
CREATE INDEX matter_by_state ON matter (practice_id, state, owner_id);
