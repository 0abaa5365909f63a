use async_trait::async_trait;

use super::{Session, SessionKey, StaffMember, Standing};
use crate::{ClientId, Page, PageRequest, PracticeId, SessionId, StaffId, StoreError, Timestamp};

/// Reads staff and sessions.
#[async_trait]
pub trait Identities: Send + Sync {
    /// One staff member.
    async fn staff_member(
        &self,
        practice: PracticeId,
        id: StaffId,
    ) -> Result<Option<StaffMember>, StoreError>;
    /// The staff member with this address, given as [`Email::key`](crate::text::Email::key).
    async fn staff_by_email(
        &self,
        practice: PracticeId,
        email_key: &str,
    ) -> Result<Option<StaffMember>, StoreError>;
    /// All staff, by name (cursor key: the folded name).
    async fn staff(&self, practice: PracticeId, page: &PageRequest) -> Result<Page<StaffMember>, StoreError>;
    /// How many active owners the practice has.
    async fn active_owners(&self, practice: PracticeId) -> Result<u64, StoreError>;

    /// One session.
    async fn session(&self, practice: PracticeId, id: SessionId) -> Result<Option<Session>, StoreError>;
    /// A session and what stands behind it.
    async fn standing(&self, practice: PracticeId, key: SessionKey) -> Result<Option<Standing>, StoreError>;
    /// The sessions of a staff member, previews included, that have not ended or expired at `now`.
    async fn live_staff_sessions(
        &self,
        practice: PracticeId,
        staff: StaffId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError>;
    /// The sessions of a client, previews as that client included, that have not ended or expired at `now`.
    async fn live_client_sessions(
        &self,
        practice: PracticeId,
        client: ClientId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError>;
}
