//! The SQL that the portal's PostgreSQL and SQLite stores share: statements, rows and the mapping from records.
