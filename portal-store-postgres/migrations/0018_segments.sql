-- How many segments of a text message its provider charges for. Messages that left before count none.
ALTER TABLE delivery ADD COLUMN segments BIGINT NOT NULL DEFAULT 0;
