use async_trait::async_trait;

use super::{AuditEntry, AuditFilter};
use crate::{Page, PageRequest, PracticeId, StoreError};

/// Reads the audit trail.
#[async_trait]
pub trait Audits: Send + Sync {
    /// Entries, the newest first (cursor key: `at`).
    async fn audit_entries(
        &self,
        practice: PracticeId,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError>;
}
