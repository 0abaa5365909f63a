use async_trait::async_trait;

use super::{ChecklistTemplate, Request, RequestCounts, RequestState};
use crate::{
    ClientId, Date, MatterId, Page, PageRequest, PracticeId, RequestId, StaffId, StoreError, TemplateId,
};

/// Which requests are wanted. All that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Only those on this matter.
    pub matter: Option<MatterId>,
    /// Only those to this client.
    pub client: Option<ClientId>,
    /// Only those in this state.
    pub state: Option<RequestState>,
    /// Only those that a client is meant to see: all but the withdrawn ones to which nothing was provided.
    pub shown_to_client: bool,
    /// Only those on matters that this staff member owns or is on the team of.
    pub visible_to: Option<StaffId>,
    /// Only those that are late on this day: the same rule as [`Request::is_overdue`].
    pub overdue_on: Option<Date>,
}

/// Reads checklists and templates.
#[async_trait]
pub trait Checklists: Send + Sync {
    /// One template.
    async fn template(
        &self,
        practice: PracticeId,
        id: TemplateId,
    ) -> Result<Option<ChecklistTemplate>, StoreError>;
    /// Templates by name (cursor key: the folded name), archived ones only when asked for.
    async fn templates(
        &self,
        practice: PracticeId,
        archived: bool,
        page: &PageRequest,
    ) -> Result<Page<ChecklistTemplate>, StoreError>;

    /// One request.
    async fn request(&self, practice: PracticeId, id: RequestId) -> Result<Option<Request>, StoreError>;
    /// Those of `ids` that exist, in any order.
    async fn requests_by_id(
        &self,
        practice: PracticeId,
        ids: &[RequestId],
    ) -> Result<Vec<Request>, StoreError>;
    /// Requests in the order of the checklist: by position, then id (cursor key: the position, zero-padded to ten digits).
    async fn requests(
        &self,
        practice: PracticeId,
        filter: &RequestFilter,
        page: &PageRequest,
    ) -> Result<Page<Request>, StoreError>;
    /// The greatest position of any request on a matter; 0 when there is none.
    async fn last_position(&self, practice: PracticeId, matter: MatterId) -> Result<i32, StoreError>;
    /// How many requests are in each state.
    async fn request_counts(
        &self,
        practice: PracticeId,
        filter: &RequestFilter,
    ) -> Result<RequestCounts, StoreError>;
    /// The request that the client has to do next: outstanding or returned, required ones first, then by due
    /// date (none last), position and id.
    async fn next_request(
        &self,
        practice: PracticeId,
        matter: MatterId,
        client: ClientId,
    ) -> Result<Option<Request>, StoreError>;
}
