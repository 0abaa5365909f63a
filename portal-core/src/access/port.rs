use async_trait::async_trait;

use super::{LinkStanding, PortalAccess, SignInLink};
use crate::{AccessId, ClientId, Digest, LinkId, MatterId, PracticeId, StoreError, Timestamp};

/// Reads portal accesses and sign-in links.
#[async_trait]
pub trait Accesses: Send + Sync {
    /// One portal access.
    async fn access(&self, practice: PracticeId, id: AccessId) -> Result<Option<PortalAccess>, StoreError>;
    /// The portal access of a client on a matter.
    async fn access_for(
        &self,
        practice: PracticeId,
        matter: MatterId,
        client: ClientId,
    ) -> Result<Option<PortalAccess>, StoreError>;
    /// The portal accesses on a matter, oldest first.
    async fn accesses_of_matter(
        &self,
        practice: PracticeId,
        matter: MatterId,
    ) -> Result<Vec<PortalAccess>, StoreError>;
    /// The portal accesses on these matters, in any order.
    async fn accesses_on(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<PortalAccess>, StoreError>;
    /// The portal accesses of a client, oldest first.
    async fn accesses_of_client(
        &self,
        practice: PracticeId,
        client: ClientId,
    ) -> Result<Vec<PortalAccess>, StoreError>;

    /// One link.
    async fn link(&self, practice: PracticeId, id: LinkId) -> Result<Option<SignInLink>, StoreError>;
    /// The link whose token has this hash, and what stands behind it.
    async fn link_standing(
        &self,
        practice: PracticeId,
        token: Digest,
    ) -> Result<Option<LinkStanding>, StoreError>;
    /// The newest link to a workspace (by `issued_at`, then id).
    async fn newest_link(&self, practice: PracticeId, access: AccessId)
    -> Result<Option<LinkId>, StoreError>;
    /// How many links were issued since `since`: to this workspace, and in the whole practice.
    async fn links_since(
        &self,
        practice: PracticeId,
        access: AccessId,
        since: Timestamp,
    ) -> Result<(u64, u64), StoreError>;
}
