//! The portal's store on PostgreSQL.
