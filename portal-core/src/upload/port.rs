use async_trait::async_trait;

use super::Upload;
use crate::document::Uploader;
use crate::{PracticeId, StoreError, Timestamp, UploadId};

/// Reads uploads.
#[async_trait]
pub trait Uploads: Send + Sync {
    /// One upload.
    async fn upload(&self, practice: PracticeId, id: UploadId) -> Result<Option<Upload>, StoreError>;
    /// How many uploads of a person wait at `at`: see [`Upload::is_waiting`].
    async fn uploads_waiting(
        &self,
        practice: PracticeId,
        by: Uploader,
        at: Timestamp,
    ) -> Result<u64, StoreError>;
}
