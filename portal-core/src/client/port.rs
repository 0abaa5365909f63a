use async_trait::async_trait;

use super::Client;
use crate::text::Phone;
use crate::{ClientId, Page, PageRequest, PracticeId, StoreError};

/// Which clients are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientFilter {
    /// Words that [`Client::search_text`] must contain, each of them somewhere. At least the first
    /// eight words count.
    pub q: Option<String>,
}

/// Reads clients.
#[async_trait]
pub trait Clients: Send + Sync {
    /// One client.
    async fn client(&self, practice: PracticeId, id: ClientId) -> Result<Option<Client>, StoreError>;
    /// The client with this reference; case and accents do not matter (compared in folded form).
    async fn client_by_reference(
        &self,
        practice: PracticeId,
        reference: &str,
    ) -> Result<Option<Client>, StoreError>;
    /// Those of `ids` that exist, in any order; for lists that show names.
    async fn clients_by_id(&self, practice: PracticeId, ids: &[ClientId]) -> Result<Vec<Client>, StoreError>;
    /// Those whose record has this number, in any order. Families may share one.
    async fn clients_by_phone(&self, practice: PracticeId, phone: &Phone) -> Result<Vec<Client>, StoreError>;
    /// Clients by name (cursor key: [`Client::sort_text`]).
    async fn clients(
        &self,
        practice: PracticeId,
        filter: &ClientFilter,
        page: &PageRequest,
    ) -> Result<Page<Client>, StoreError>;
}
