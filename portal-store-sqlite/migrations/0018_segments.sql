-- How many segments of a text message its provider charges for. Messages that left before count none.
ALTER TABLE delivery ADD COLUMN segments INTEGER NOT NULL DEFAULT 0;
