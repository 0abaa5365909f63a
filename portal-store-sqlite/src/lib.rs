//! The portal's embedded store on SQLite.
