use super::{Client, ClientDraft, ClientFilter, ClientRule};
use crate::audit::Subject;
use crate::identity::{Session, SessionEnd};
use crate::policy::{Capability, Reach};
use crate::practice::expect_version;
use crate::{
    Change, ClientId, Context, Error, NoRule, Page, PageRequest, Portal, StoreError, Version, unique,
};

/// What saving a record by its reference did, or would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Saved {
    /// There was none with this reference.
    Created,
    /// There was one, and something about it is different now.
    Updated,
    /// There was one, exactly like this.
    Unchanged,
}

impl Portal {
    /// One client: for staff, or the client themselves.
    pub async fn client(&self, ctx: &Context, id: ClientId) -> Result<Client, Error<NoRule>> {
        if ctx.client() != Some(id) {
            ctx.require(Capability::SeeClients).map_err(|error| match error {
                Error::Denied(_) => Error::NotFound("client"),
                other => other,
            })?;
        }
        self.store()
            .client(ctx.practice, id)
            .await?
            .ok_or(Error::NotFound("client"))
    }

    /// Clients by name.
    pub async fn clients(
        &self,
        ctx: &Context,
        filter: &ClientFilter,
        page: &PageRequest,
    ) -> Result<Page<Client>, Error<NoRule>> {
        ctx.require(Capability::SeeClients)?;
        Ok(self.store().clients(ctx.practice, filter, page).await?)
    }

    /// Adds a client.
    pub async fn add_client(&self, ctx: &Context, draft: &ClientDraft) -> Result<Client, Error<ClientRule>> {
        ctx.require(Capability::EditClients).map_err(Error::widen)?;
        let practice = self.practice_of(ctx).await.map_err(Error::widen)?;
        let client = Client::new(self.id(), ctx.practice, draft, &practice.country, ctx.at)?;
        let entry = self.audit(ctx, "client.added", Subject::new("client", client.id));
        self.commit(Change::audited(entry).save(client.clone()))
            .await
            .map_err(reference_taken)?;
        Ok(client)
    }

    /// Changes a client's record to what `draft` says.
    pub async fn update_client(
        &self,
        ctx: &Context,
        id: ClientId,
        expected: Option<Version>,
        draft: &ClientDraft,
    ) -> Result<Client, Error<ClientRule>> {
        ctx.require(Capability::EditClients).map_err(Error::widen)?;
        let practice = self.practice_of(ctx).await.map_err(Error::widen)?;
        let result = self
            .retrying(async || {
                let client = self
                    .store()
                    .client(ctx.practice, id)
                    .await?
                    .ok_or(Error::NotFound("client"))?;
                expect_version(client.version, expected)?;
                let revised = client.clone().revise(draft, &practice.country, ctx.at)?;
                let entry = self
                    .audit(ctx, "client.changed", Subject::new("client", id))
                    .with("fields", client.changed_fields(&revised));
                let mut change = Change::audited(entry).save(revised.clone());
                if client.email != revised.email {
                    // Whoever reads that mailbox can sign in: links to the old one die with it, and so does what
                    // they opened.
                    self.require_all_workspaces(ctx, id).await?;
                    change = change.save_all(self.sessions_of(ctx, id, SessionEnd::AddressChanged).await?);
                }
                Ok((revised, change))
            })
            .await;
        result.map_err(|error: Error<ClientRule>| match error {
            Error::Store(error) => reference_taken(error),
            other => other,
        })
    }

    /// Adds the client with `draft`'s reference or changes it to what `draft` says; safe to repeat. With `dry_run`
    /// nothing is written and the answer says what would happen.
    ///
    /// # Errors
    /// `Invalid` also when the draft has no reference.
    pub async fn save_client_by_reference(
        &self,
        ctx: &Context,
        draft: &ClientDraft,
        dry_run: bool,
    ) -> Result<Saved, Error<ClientRule>> {
        ctx.require(Capability::EditClients).map_err(Error::widen)?;
        crate::text::line("reference", &draft.reference, 60)?;
        let practice = self.practice_of(ctx).await.map_err(Error::widen)?;
        let Some(client) = self
            .store()
            .client_by_reference(ctx.practice, &draft.reference)
            .await?
        else {
            let client = Client::new(self.id(), ctx.practice, draft, &practice.country, ctx.at)?;
            let entry = self.audit(ctx, "client.added", Subject::new("client", client.id));
            if !dry_run {
                self.commit(Change::audited(entry).save(client))
                    .await
                    .map_err(reference_taken)?;
            }
            return Ok(Saved::Created);
        };
        let revised = client.clone().revise(draft, &practice.country, ctx.at)?;
        if client.changed_fields(&revised).is_empty() {
            return Ok(Saved::Unchanged);
        }
        if !dry_run {
            self.update_client(ctx, client.id, None, draft).await?;
        }
        Ok(Saved::Updated)
    }

    /// Lets a client use the portal or not. Deactivating ends all their sessions.
    pub async fn set_client_active(
        &self,
        ctx: &Context,
        id: ClientId,
        active: bool,
    ) -> Result<Client, Error<ClientRule>> {
        ctx.require(Capability::EditClients).map_err(Error::widen)?;
        self.retrying(async || {
            let client = self
                .store()
                .client(ctx.practice, id)
                .await?
                .ok_or(Error::NotFound("client"))?;
            self.require_all_workspaces(ctx, id).await?;
            let client = client.with_active(active, ctx.at);
            let action = if active {
                "client.reactivated"
            } else {
                "client.deactivated"
            };
            let mut change =
                Change::audited(self.audit(ctx, action, Subject::new("client", id))).save(client.clone());
            if !active {
                change = change.save_all(self.sessions_of(ctx, id, SessionEnd::Deactivated).await?);
                for access in self.store().accesses_of_client(ctx.practice, id).await? {
                    change = change.save_all(self.link_to_end(ctx, &access).await?);
                }
            }
            Ok((client, change))
        })
        .await
    }

    /// Refuses what decides over all of a client's workspaces to somebody who may not manage each of them: with a
    /// client's address one can sign in as that client.
    async fn require_all_workspaces(&self, ctx: &Context, id: ClientId) -> Result<(), Error<ClientRule>> {
        if ctx.reach(Capability::SeeMatters) == Reach::Practice {
            return Ok(());
        }
        for access in self.store().accesses_of_client(ctx.practice, id).await? {
            match self
                .matter_for(ctx, Capability::ManageAccess, access.matter_id)
                .await
            {
                Ok(_) => {}
                Err(Error::NotFound(_) | Error::Denied(_)) => {
                    return Err(Error::Denied("do this to a client of matters that are not yours"));
                }
                Err(other) => return Err(other.widen()),
            }
        }
        Ok(())
    }

    async fn sessions_of(
        &self,
        ctx: &Context,
        id: ClientId,
        why: SessionEnd,
    ) -> Result<Vec<Session>, StoreError> {
        let sessions = self
            .store()
            .live_client_sessions(ctx.practice, id, ctx.at)
            .await?;
        Ok(sessions
            .into_iter()
            .map(|session| session.end(why, ctx.at))
            .collect())
    }
}

fn reference_taken(error: StoreError) -> Error<ClientRule> {
    match error {
        StoreError::Conflict(rule) if rule == unique::CLIENT_REFERENCE => {
            Error::Rule(ClientRule::ReferenceTaken)
        }
        other => other.into(),
    }
}
