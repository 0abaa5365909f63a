//! Portal accesses and sign-in links.

use async_trait::async_trait;
use portal_core::access::{Accesses, LinkStanding, LinkUse, PortalAccess, SignInLink};
use portal_core::{AccessId, ClientId, Digest, LinkId, MatterId, PracticeId, StoreError, Timestamp, Version};
use sqlx::FromRow;
use uuid::Uuid;

use crate::decode;
use crate::driver::Driver;
use crate::standing::{LinkStandingRow, link_standing};
use crate::statement::{Sql, Statement, Step};
use crate::store::{CountRow, DbRow, IdRow, Reads, SqlStore};
use crate::table::{Selects, table};
use crate::value::{Argument, Stamp};

table! {
    PORTAL_ACCESS = "portal_access" as AccessRow {
        matter_id: Uuid,
        client_id: Uuid,
        state: String,
        invited_at: Option<Stamp>,
        first_entered_at: Option<Stamp>,
        created_at: Stamp,
        updated_at: Stamp,
    } + []
}

impl Reads for AccessRow {
    type Record = PortalAccess;
    fn record(self) -> Result<PortalAccess, StoreError> {
        Ok(PortalAccess {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            matter_id: self.matter_id.into(),
            client_id: self.client_id.into(),
            state: decode::word("state", &self.state)?,
            invited_at: self.invited_at.map(|at| at.0),
            first_entered_at: self.first_entered_at.map(|at| at.0),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}

pub(crate) fn save_access(access: &PortalAccess) -> Result<Step, StoreError> {
    PORTAL_ACCESS.save(
        access.practice_id,
        access.id,
        access.version,
        vec![
            access.matter_id.value(),
            access.client_id.value(),
            access.state.as_str().value(),
            access.invited_at.value(),
            access.first_entered_at.value(),
            access.created_at.value(),
            access.updated_at.value(),
        ],
    )
}

table! {
    SIGN_IN_LINK = "sign_in_link" as LinkRow {
        access_id: Uuid,
        client_id: Uuid,
        email: String,
        token_digest: Vec<u8>,
        code_digest: Vec<u8>,
        browser: Option<Vec<u8>>,
        invitation: bool,
        issued_at: Stamp,
        expires_at: Stamp,
        used_at: Option<Stamp>,
    } + []
}

impl Reads for LinkRow {
    type Record = SignInLink;
    fn record(self) -> Result<SignInLink, StoreError> {
        Ok(SignInLink {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            access_id: self.access_id.into(),
            client_id: self.client_id.into(),
            email: decode::email("email", self.email)?,
            token_digest: decode::digest("token_digest", &self.token_digest)?,
            code_digest: decode::digest("code_digest", &self.code_digest)?,
            browser: decode::optional_digest("browser", self.browser.as_deref())?,
            invitation: self.invitation,
            issued_at: self.issued_at.0,
            expires_at: self.expires_at.0,
            used: self.used_at.map_or(LinkUse::Unused, |at| LinkUse::Used(at.0)),
        })
    }
}

pub(crate) fn save_link(link: &SignInLink) -> Result<Step, StoreError> {
    let used_at = match link.used {
        LinkUse::Unused => None,
        LinkUse::Used(at) => Some(at),
    };
    SIGN_IN_LINK.save(
        link.practice_id,
        link.id,
        link.version,
        vec![
            link.access_id.value(),
            link.client_id.value(),
            link.email.as_str().value(),
            link.token_digest.value(),
            link.code_digest.value(),
            link.browser.value(),
            link.invitation.value(),
            link.issued_at.value(),
            link.expires_at.value(),
            used_at.value(),
        ],
    )
}

pub(crate) fn access_for(practice: PracticeId, matter: MatterId, client: ClientId) -> Statement {
    let mut sql = AccessRow::select(practice);
    sql.push(" AND portal_access.matter_id = ")
        .bind(matter)
        .push(" AND portal_access.client_id = ")
        .bind(client);
    sql.done()
}

pub(crate) const OF_MATTER: &str = " AND portal_access.matter_id = ";
pub(crate) const OF_CLIENT: &str = " AND portal_access.client_id = ";

/// `of` is [`OF_MATTER`] or [`OF_CLIENT`].
pub(crate) fn accesses(practice: PracticeId, of: &'static str, whom: impl Argument) -> Statement {
    let mut sql = AccessRow::select(practice);
    sql.push(of)
        .bind(whom)
        .push(" ORDER BY portal_access.created_at, portal_access.id");
    sql.done()
}

pub(crate) fn accesses_on(practice: PracticeId, matters: &[Uuid]) -> Statement {
    let mut sql = AccessRow::select(practice);
    sql.push(" AND portal_access.matter_id IN ").bind_ids(matters);
    sql.done()
}

pub(crate) fn newest_link(practice: PracticeId, access: AccessId) -> Statement {
    let mut sql = Sql::new("SELECT sign_in_link.id FROM sign_in_link WHERE sign_in_link.practice_id = ");
    sql.bind(practice)
        .push(" AND sign_in_link.access_id = ")
        .bind(access)
        .push(" ORDER BY sign_in_link.issued_at DESC, sign_in_link.id DESC LIMIT 1");
    sql.done()
}

pub(crate) fn links_since(practice: PracticeId, access: Option<AccessId>, since: Timestamp) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM sign_in_link WHERE sign_in_link.practice_id = ");
    sql.bind(practice)
        .and(" AND sign_in_link.access_id = ", access)
        .push(" AND sign_in_link.issued_at >= ")
        .bind(since);
    sql.done()
}

#[async_trait]
impl<D: Driver> Accesses for SqlStore<D>
where
    AccessRow: for<'r> FromRow<'r, DbRow<D>>,
    LinkRow: for<'r> FromRow<'r, DbRow<D>>,
    LinkStandingRow: for<'r> FromRow<'r, DbRow<D>>,
    IdRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn access(&self, practice: PracticeId, id: AccessId) -> Result<Option<PortalAccess>, StoreError> {
        self.one::<AccessRow>(AccessRow::by_id(practice, id)).await
    }

    async fn access_for(
        &self,
        practice: PracticeId,
        matter: MatterId,
        client: ClientId,
    ) -> Result<Option<PortalAccess>, StoreError> {
        self.one::<AccessRow>(access_for(practice, matter, client)).await
    }

    async fn accesses_of_matter(
        &self,
        practice: PracticeId,
        matter: MatterId,
    ) -> Result<Vec<PortalAccess>, StoreError> {
        self.all::<AccessRow>(accesses(practice, OF_MATTER, matter)).await
    }

    async fn accesses_on(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<PortalAccess>, StoreError> {
        self.by_ids::<AccessRow>(matters.iter().map(|id| id.0), |ids| accesses_on(practice, ids))
            .await
    }

    async fn accesses_of_client(
        &self,
        practice: PracticeId,
        client: ClientId,
    ) -> Result<Vec<PortalAccess>, StoreError> {
        self.all::<AccessRow>(accesses(practice, OF_CLIENT, client)).await
    }

    async fn link(&self, practice: PracticeId, id: LinkId) -> Result<Option<SignInLink>, StoreError> {
        self.one::<LinkRow>(LinkRow::by_id(practice, id)).await
    }

    async fn link_standing(
        &self,
        practice: PracticeId,
        token: Digest,
    ) -> Result<Option<LinkStanding>, StoreError> {
        self.one::<LinkStandingRow>(link_standing(practice, token)).await
    }

    async fn newest_link(
        &self,
        practice: PracticeId,
        access: AccessId,
    ) -> Result<Option<LinkId>, StoreError> {
        let id = self.one::<IdRow>(newest_link(practice, access)).await?;
        Ok(id.map(LinkId))
    }

    async fn links_since(
        &self,
        practice: PracticeId,
        access: AccessId,
        since: Timestamp,
    ) -> Result<(u64, u64), StoreError> {
        let to_access = self.count(links_since(practice, Some(access), since)).await?;
        let in_practice = self.count(links_since(practice, None, since)).await?;
        Ok((to_access, in_practice))
    }
}
