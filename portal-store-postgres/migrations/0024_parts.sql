-- Parts of the words of approvals, so that a search among many does not read them all. The index is over an expression of its own, so that
-- only the statement that names it uses it: plans do not know the word, and for a common word reading is faster.
-- The extension comes with PostgreSQL and whoever owns the database may create it. Where it cannot be had, or is kept out of sight, searches
-- read all approvals of a practice, and find the same.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX approval_by_parts ON approval USING gin ((search_text || '') gin_trgm_ops);
EXCEPTION
    WHEN insufficient_privilege OR feature_not_supported OR undefined_file OR undefined_object THEN
        RAISE WARNING 'searches among many thousand approvals read them all: the extension pg_trgm cannot be used here (%)', SQLERRM;
END
$$;
