//! Which migrations are missing.

use portal_core::StoreError;
use sqlx::migrate::{AppliedMigration, Migrator};

/// The migrations of this build that are not among `applied`, by name.
///
/// # Errors
/// `Failed` when the schema is newer than this build, or a migration is not the one that was applied.
pub fn pending_migrations(known: &Migrator, applied: &[AppliedMigration]) -> Result<Vec<String>, StoreError> {
    for migration in applied {
        let same = known.iter().find(|known| known.version == migration.version);
        match same {
            None => {
                return Err(StoreError::Failed(format!(
                    "the schema is newer than this build: it has migration {}",
                    migration.version
                )));
            }
            Some(known) if known.checksum != migration.checksum => {
                return Err(StoreError::Failed(format!(
                    "migration {} is not the one that was applied",
                    migration.version
                )));
            }
            Some(_) => {}
        }
    }
    let missing = known
        .iter()
        .filter(|known| applied.iter().all(|applied| applied.version != known.version))
        .map(|known| format!("{:04}_{}", known.version, known.description))
        .collect();
    Ok(missing)
}
