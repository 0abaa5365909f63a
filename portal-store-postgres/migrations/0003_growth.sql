-- Words are searched anywhere in a text: without an index of their parts, a search reads all rows of a practice.
-- Both modules come with PostgreSQL, and a database's owner may create them (they are trusted since version 13).
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE INDEX client_search ON client USING gin (practice_id, search_text gin_trgm_ops);
CREATE INDEX document_search ON document USING gin (practice_id, search_text gin_trgm_ops);

-- The worker goes from practice to practice by the indexes that begin with the practice.
DROP INDEX event_due;
DROP INDEX delivery_due;
