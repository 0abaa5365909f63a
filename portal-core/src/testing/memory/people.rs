use async_trait::async_trait;
use uuid::Uuid;

use super::lists::{Order, finds, page};
use super::scan::{Look, Scan};
use crate::access::{Accesses, LinkStanding, PortalAccess, SignInLink, Workspace};
use crate::client::{Client, ClientFilter, Clients};
use crate::identity::{Identities, Person, Session, SessionKey, StaffMember, Standing};
use crate::matter::Matters;
use crate::policy::Role;
use crate::practice::{Practice, Practices};
use crate::text::{Phone, fold};
use crate::{
    AccessId, ClientId, Digest, LinkId, MatterId, Page, PageRequest, PracticeId, SessionId, StaffId,
    StoreError, Timestamp,
};

#[async_trait]
impl<S: Scan> Practices for S {
    async fn practice(&self, id: PracticeId) -> Result<Option<Practice>, StoreError> {
        self.one(id, id)
    }

    async fn practices(&self, request: &PageRequest) -> Result<Page<Practice>, StoreError> {
        let rows = self.held()?.practices.values().cloned().collect();
        Ok(page(rows, request, Order::Rising, |row: &Practice| {
            (String::new(), row.id.into())
        }))
    }
}

#[async_trait]
impl<S: Scan> Identities for S {
    async fn staff_member(
        &self,
        practice: PracticeId,
        id: StaffId,
    ) -> Result<Option<StaffMember>, StoreError> {
        self.one(practice, id)
    }

    async fn staff_by_email(
        &self,
        practice: PracticeId,
        email_key: &str,
    ) -> Result<Option<StaffMember>, StoreError> {
        let found = self.all(practice, |row: &StaffMember| row.email.key() == email_key)?;
        Ok(found.into_iter().next())
    }

    async fn staff(
        &self,
        practice: PracticeId,
        request: &PageRequest,
    ) -> Result<Page<StaffMember>, StoreError> {
        let rows = self.all(practice, |_: &StaffMember| true)?;
        Ok(page(rows, request, Order::Rising, |row| {
            (fold(&row.name), row.id.into())
        }))
    }

    async fn active_owners(&self, practice: PracticeId) -> Result<u64, StoreError> {
        let owners = self.all(practice, |row: &StaffMember| {
            row.active && row.role == Role::Owner
        })?;
        Ok(count(&owners))
    }

    async fn session(&self, practice: PracticeId, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.one(practice, id)
    }

    async fn standing(&self, practice: PracticeId, key: SessionKey) -> Result<Option<Standing>, StoreError> {
        let found = self.all(practice, |row: &Session| match key {
            SessionKey::Id(id) => row.id == id,
            SessionKey::Secret(digest) => row.secret_digest == digest,
        })?;
        let (Some(session), Some(home)) = (found.into_iter().next(), self.practice(practice).await?) else {
            return Ok(None);
        };
        let (staff, client) = match session.person {
            Person::Staff(staff) => (Some(staff), None),
            Person::Client(client) => (None, Some(client)),
            Person::Preview { staff, client, .. } => (Some(staff), Some(client)),
        };
        let accesses = match client {
            Some(client) => self.accesses_of_client(practice, client).await?,
            None => Vec::new(),
        };
        Ok(Some(Standing {
            session,
            practice: home,
            staff: match staff {
                Some(staff) => self.staff_member(practice, staff).await?,
                None => None,
            },
            client: match client {
                Some(client) => self.client(practice, client).await?,
                None => None,
            },
            has_active_access: accesses.iter().any(PortalAccess::is_active),
        }))
    }

    async fn live_staff_sessions(
        &self,
        practice: PracticeId,
        staff: StaffId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        self.all(practice, |row: &Session| {
            let theirs =
                matches!(row.person, Person::Staff(id) | Person::Preview { staff: id, .. } if id == staff);
            theirs && row.ended.is_none() && now < row.expires_at
        })
    }

    async fn live_client_sessions(
        &self,
        practice: PracticeId,
        client: ClientId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        self.all(practice, |row: &Session| {
            row.client() == Some(client) && row.ended.is_none() && now < row.expires_at
        })
    }
}

#[async_trait]
impl<S: Scan> Clients for S {
    async fn client(&self, practice: PracticeId, id: ClientId) -> Result<Option<Client>, StoreError> {
        self.one(practice, id)
    }

    async fn client_by_reference(
        &self,
        practice: PracticeId,
        reference: &str,
    ) -> Result<Option<Client>, StoreError> {
        let wanted = fold(reference);
        let found = self.all(practice, |row: &Client| {
            row.reference.as_deref().map(fold).as_ref() == Some(&wanted)
        })?;
        Ok(found.into_iter().next())
    }

    async fn clients_by_phone(&self, practice: PracticeId, phone: &Phone) -> Result<Vec<Client>, StoreError> {
        self.all(practice, |row: &Client| row.phone.as_ref() == Some(phone))
    }

    async fn clients_by_id(&self, practice: PracticeId, ids: &[ClientId]) -> Result<Vec<Client>, StoreError> {
        self.all(practice, |row: &Client| ids.contains(&row.id))
    }

    async fn clients(
        &self,
        practice: PracticeId,
        filter: &ClientFilter,
        request: &PageRequest,
    ) -> Result<Page<Client>, StoreError> {
        let rows = self.all(practice, |row: &Client| {
            finds(filter.q.as_deref(), &row.search_text())
        })?;
        Ok(page(rows, request, Order::Rising, |row| {
            (row.sort_text(), row.id.into())
        }))
    }
}

#[async_trait]
impl<S: Scan> Accesses for S {
    async fn access(&self, practice: PracticeId, id: AccessId) -> Result<Option<PortalAccess>, StoreError> {
        self.one(practice, id)
    }

    async fn access_for(
        &self,
        practice: PracticeId,
        matter: MatterId,
        client: ClientId,
    ) -> Result<Option<PortalAccess>, StoreError> {
        let found = self.all(practice, |row: &PortalAccess| {
            row.matter_id == matter && row.client_id == client
        })?;
        Ok(found.into_iter().next())
    }

    async fn accesses_of_matter(
        &self,
        practice: PracticeId,
        matter: MatterId,
    ) -> Result<Vec<PortalAccess>, StoreError> {
        let mut rows = self.all(practice, |row: &PortalAccess| row.matter_id == matter)?;
        rows.sort_by_key(|row| (row.created_at, row.id));
        Ok(rows)
    }

    async fn accesses_on(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<PortalAccess>, StoreError> {
        self.all(practice, |row: &PortalAccess| matters.contains(&row.matter_id))
    }

    async fn accesses_of_client(
        &self,
        practice: PracticeId,
        client: ClientId,
    ) -> Result<Vec<PortalAccess>, StoreError> {
        let mut rows = self.all(practice, |row: &PortalAccess| row.client_id == client)?;
        rows.sort_by_key(|row| (row.created_at, row.id));
        Ok(rows)
    }

    async fn link(&self, practice: PracticeId, id: LinkId) -> Result<Option<SignInLink>, StoreError> {
        self.one(practice, id)
    }

    async fn link_standing(
        &self,
        practice: PracticeId,
        token: Digest,
    ) -> Result<Option<LinkStanding>, StoreError> {
        let found = self.all(practice, |row: &SignInLink| row.token_digest == token)?;
        let Some(link) = found.into_iter().next() else {
            return Ok(None);
        };
        let newest = self.newest_link(practice, link.access_id).await?;
        let Some(access) = self.access(practice, link.access_id).await? else {
            return Ok(None);
        };
        let matter = self.matter(practice, access.matter_id).await?;
        let client = self.client(practice, access.client_id).await?;
        let home = self.practice(practice).await?;
        let (Some(matter), Some(client), Some(practice)) = (matter, client, home) else {
            return Ok(None);
        };
        Ok(Some(LinkStanding {
            newest: newest.unwrap_or(link.id),
            link,
            workspace: Workspace {
                access,
                matter,
                client,
            },
            practice,
        }))
    }

    async fn newest_link(
        &self,
        practice: PracticeId,
        access: AccessId,
    ) -> Result<Option<LinkId>, StoreError> {
        let links = self.all(practice, |row: &SignInLink| row.access_id == access)?;
        Ok(links
            .iter()
            .max_by_key(|row| (row.issued_at, row.id))
            .map(|row| row.id))
    }

    async fn links_since(
        &self,
        practice: PracticeId,
        access: AccessId,
        since: Timestamp,
    ) -> Result<(u64, u64), StoreError> {
        let recent = self.all(practice, |row: &SignInLink| row.issued_at >= since)?;
        let own: Vec<Uuid> = recent
            .iter()
            .filter(|row| row.access_id == access)
            .map(|row| row.id.into())
            .collect();
        Ok((count(&own), count(&recent)))
    }
}

pub(super) fn count<T>(rows: &[T]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}
