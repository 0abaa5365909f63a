use async_trait::async_trait;

use super::Practice;
use crate::{Page, PageRequest, PracticeId, StoreError};

/// Reads practices.
#[async_trait]
pub trait Practices: Send + Sync {
    /// One practice.
    async fn practice(&self, id: PracticeId) -> Result<Option<Practice>, StoreError>;
    /// All practices of this installation, by id (that is, by age).
    async fn practices(&self, page: &PageRequest) -> Result<Page<Practice>, StoreError>;
}
