use super::{AccessRule, LinkLimits, PortalAccess, SignInLink, Workspace};
use crate::audit::Subject;
use crate::client::Client;
use crate::identity::{Person, Session, SessionEnd, SignedIn};
use crate::matter::{Matter, Participant};
use crate::policy::Capability;
use crate::{
    AccessId, Actor, Change, ClientId, Context, Digest, Error, EventKind, Locator, MatterId, NoRule, Portal,
    RecordKind, StoreError, unique,
};

impl Portal {
    /// The address of a workspace. It identifies the workspace and opens nothing by itself.
    #[must_use]
    pub fn portal_url(&self, access: &PortalAccess) -> String {
        self.url(&format!(
            "/p/{}",
            Locator::of_access(access.practice_id, access.id)
        ))
    }

    /// The portal accesses on a matter with their clients, oldest first.
    pub async fn accesses(
        &self,
        ctx: &Context,
        matter: MatterId,
    ) -> Result<Vec<(PortalAccess, Client)>, Error<NoRule>> {
        self.matter_for(ctx, Capability::SeeMatters, matter).await?;
        let accesses = self.store().accesses_of_matter(ctx.practice, matter).await?;
        let ids: Vec<ClientId> = accesses.iter().map(|access| access.client_id).collect();
        let clients = self.store().clients_by_id(ctx.practice, &ids).await?;
        let with_client = |access: PortalAccess| {
            let client = clients.iter().find(|client| client.id == access.client_id)?;
            Some((access, client.clone()))
        };
        Ok(accesses.into_iter().filter_map(with_client).collect())
    }

    /// One portal access with its matter and client, for staff.
    pub async fn access(&self, ctx: &Context, id: AccessId) -> Result<Workspace, Error<NoRule>> {
        self.access_within(ctx, Capability::SeeMatters, id).await
    }

    pub(crate) async fn access_within(
        &self,
        ctx: &Context,
        capability: Capability,
        id: AccessId,
    ) -> Result<Workspace, Error<NoRule>> {
        let access = self
            .store()
            .access(ctx.practice, id)
            .await?
            .ok_or(Error::NotFound("portal access"))?;
        let matter =
            self.matter_for(ctx, capability, access.matter_id)
                .await
                .map_err(|error| match error {
                    Error::NotFound(_) => Error::NotFound("portal access"),
                    other => other,
                })?;
        let client = self.store().client(ctx.practice, access.client_id).await?;
        Ok(Workspace {
            access,
            matter,
            client: client.ok_or(Error::NotFound("client"))?,
        })
    }

    async fn participant(
        &self,
        matter: &Matter,
        client: ClientId,
    ) -> Result<Option<Participant>, StoreError> {
        let participants = self.store().participants(matter.practice_id, matter.id).await?;
        Ok(participants
            .into_iter()
            .find(|participant| participant.client_id == client))
    }

    /// Enables a client's workspace on a matter; with `invite` a mail with a sign-in link goes out as well.
    ///
    /// # Errors
    /// The client must take part in the matter, the matter be open, and with `invite` the client have an address.
    /// One that was revoked or closed is restored with [`Portal::restore_access`].
    pub async fn enable_access(
        &self,
        ctx: &Context,
        matter: MatterId,
        client: ClientId,
        invite: bool,
    ) -> Result<PortalAccess, Error<AccessRule>> {
        let matter = self
            .matter_for(ctx, Capability::ManageAccess, matter)
            .await
            .map_err(Error::widen)?;
        let found = self
            .store()
            .client(ctx.practice, client)
            .await?
            .ok_or(Error::Rule(AccessRule::NotParticipant))?;
        let participant = self.participant(&matter, client).await?;
        if let Some(existing) = self.store().access_for(ctx.practice, matter.id, client).await? {
            return Err(Error::Rule(if existing.is_active() {
                AccessRule::AlreadyActive
            } else {
                AccessRule::NotActive
            }));
        }
        let access = PortalAccess::enable(self.id(), &matter, participant.as_ref(), &found, ctx.at)?;
        let entry = self
            .audit(ctx, "access.enabled", Subject::new("portal-access", access.id))
            .on(matter.id);
        let mut change =
            Change::audited(entry).while_unchanged(RecordKind::Matter, matter.id, matter.version);
        if let Some(participant) = participant {
            change = change.while_unchanged(RecordKind::Participant, participant.id, participant.version);
        }
        let access = if invite {
            access.invited_anew(ctx.at)
        } else {
            access
        };
        change = change.save(access.clone());
        if invite {
            change = change.and(
                self.invitation(
                    ctx,
                    &Workspace {
                        access: access.clone(),
                        matter,
                        client: found,
                    },
                )
                .await?,
            );
        }
        match self.commit(change).await {
            Err(StoreError::Conflict(rule)) if rule == unique::PORTAL_ACCESS_ONCE => {
                Err(AccessRule::AlreadyActive.into())
            }
            other => Ok(other.map(|()| access)?),
        }
    }

    /// Lets a client in again after their access was revoked, or closed with its matter.
    pub async fn restore_access(
        &self,
        ctx: &Context,
        id: AccessId,
    ) -> Result<PortalAccess, Error<AccessRule>> {
        self.retrying(async || {
            let found = self
                .access_within(ctx, Capability::ManageAccess, id)
                .await
                .map_err(Error::widen)?;
            let participant = self.participant(&found.matter, found.client.id).await?;
            let access = found
                .access
                .restore(&found.matter, participant.as_ref(), &found.client, ctx.at)?;
            let entry = self
                .audit(ctx, "access.restored", Subject::new("portal-access", id))
                .on(found.matter.id);
            let change = Change::audited(entry)
                .while_unchanged(RecordKind::Matter, found.matter.id, found.matter.version)
                .save(access.clone());
            Ok((access, change))
        })
        .await
    }

    /// Shuts a client out of a workspace: at once, with all that is open there.
    pub async fn revoke_access(
        &self,
        ctx: &Context,
        id: AccessId,
    ) -> Result<PortalAccess, Error<AccessRule>> {
        self.retrying(async || {
            let found = self
                .access_within(ctx, Capability::ManageAccess, id)
                .await
                .map_err(Error::widen)?;
            let access = found.access.revoke(ctx.at)?;
            let entry = self
                .audit(ctx, "access.revoked", Subject::new("portal-access", id))
                .on(found.matter.id);
            let sessions = self.sessions_to_end(ctx, &access).await?;
            let change = Change::audited(entry)
                .save(access.clone())
                .save_all(
                    sessions
                        .into_iter()
                        .map(|s| s.end(SessionEnd::AccessRevoked, ctx.at)),
                )
                .save_all(self.link_to_end(ctx, &access).await?);
            Ok((access, change))
        })
        .await
    }

    /// The newest link to `access`, cut off, if it still worked. The older ones are dead already.
    pub(crate) async fn link_to_end(
        &self,
        ctx: &Context,
        access: &PortalAccess,
    ) -> Result<Option<SignInLink>, StoreError> {
        let Some(newest) = self.store().newest_link(ctx.practice, access.id).await? else {
            return Ok(None);
        };
        let link = self.store().link(ctx.practice, newest).await?;
        Ok(link.and_then(|link| link.cut_off(ctx.at)))
    }

    /// The sessions that end with `access`: previews of it, and all of its client's when they have no other active
    /// access. With another one they stay signed in; this workspace is closed to them all the same.
    pub(crate) async fn sessions_to_end(
        &self,
        ctx: &Context,
        access: &PortalAccess,
    ) -> Result<Vec<Session>, StoreError> {
        let accesses = self
            .store()
            .accesses_of_client(ctx.practice, access.client_id)
            .await?;
        let elsewhere = accesses
            .iter()
            .any(|other| other.id != access.id && other.is_active());
        let sessions = self
            .store()
            .live_client_sessions(ctx.practice, access.client_id, ctx.at)
            .await?;
        Ok(sessions
            .into_iter()
            .filter(|session| session.ends_with(access.id, elsewhere))
            .collect())
    }

    /// Sends a client a mail with a sign-in link to their workspace.
    pub async fn invite(&self, ctx: &Context, id: AccessId) -> Result<PortalAccess, Error<AccessRule>> {
        self.retrying(async || {
            let mut found = self
                .access_within(ctx, Capability::ManageAccess, id)
                .await
                .map_err(Error::widen)?;
            found.access = found.access.invited(ctx.at);
            let entry = self
                .audit(ctx, "access.invited", Subject::new("portal-access", id))
                .on(found.matter.id);
            let change = Change::audited(entry)
                .save(found.access.clone())
                .and(self.invitation(ctx, &found).await?);
            Ok((found.access, change))
        })
        .await
    }

    async fn invitation(&self, ctx: &Context, found: &Workspace) -> Result<Change, Error<AccessRule>> {
        let since = ctx.at - LinkLimits::WITHIN;
        let (recent, _) = self
            .store()
            .links_since(ctx.practice, found.access.id, since)
            .await?;
        let email = SignInLink::invite(&found.access, &found.matter, &found.client, recent);
        if let Err(AccessRule::TooManyLinks) = email {
            // Invitations are not counted against the practice's limit.
            let noted = self.noting_links(ctx, found, (recent, 0)).await;
            if let Some(noted) = noted.map_err(Error::widen)? {
                self.leave_word(noted).await?;
            }
        }
        let email = email?;
        self.issue_link(ctx, &found.access, email, None, true)
            .await
            .map_err(Error::widen)
    }

    pub(super) async fn issue_link(
        &self,
        ctx: &Context,
        access: &PortalAccess,
        email: crate::text::Email,
        browser: Option<Digest>,
        invitation: bool,
    ) -> Result<Change, Error<NoRule>> {
        let practice = self.practice_of(ctx).await?;
        let id = self.id();
        let token = self.keys().link_token(ctx.practice, id).secret.digest();
        let code = self
            .keys()
            .link_code_digest(ctx.practice, id, &self.keys().link_code(ctx.practice, id));
        let link = SignInLink::issue(
            id,
            access,
            email,
            (token, code),
            (browser, invitation),
            &practice.settings,
            ctx.at,
        );
        let entry = self
            .audit(ctx, "link.issued", Subject::new("portal-access", access.id))
            .on(access.matter_id)
            .with("invitation", invitation);
        Ok(Change::audited(entry)
            .save(link)
            .save(self.event(ctx, EventKind::SignInLinkIssued { link: id, invitation })))
    }

    /// Opens a session in which a staff member sees a workspace exactly as its client does, and can change nothing.
    pub async fn preview(&self, ctx: &Context, id: AccessId) -> Result<SignedIn, Error<AccessRule>> {
        let found = self
            .access_within(ctx, Capability::PreviewAsClient, id)
            .await
            .map_err(Error::widen)?;
        let Actor::Staff { id: staff, .. } = ctx.actor else {
            return Err(Error::Denied(Capability::PreviewAsClient.words()));
        };
        if !found.access.admits(&found.matter, &found.client) {
            return Err(AccessRule::NotActive.into());
        }
        let practice = self.practice_of(ctx).await.map_err(Error::widen)?;
        let person = Person::Preview {
            staff,
            client: found.client.id,
            access: id,
        };
        let signed_in = self.begin_session(ctx, &practice, person);
        let entry = self
            .audit(ctx, "access.previewed", Subject::new("portal-access", id))
            .on(found.matter.id)
            .with("client", found.client.id.to_string());
        self.commit(Change::audited(entry).save(signed_in.session.clone()))
            .await?;
        Ok(signed_in)
    }

    /// The workspaces that the signed-in client may enter, oldest first; while previewing, the one previewed.
    pub async fn workspaces(&self, ctx: &Context) -> Result<Vec<Workspace>, Error<NoRule>> {
        let id = ctx.client().ok_or(Error::Denied("open a client's portal"))?;
        let client = self
            .store()
            .client(ctx.practice, id)
            .await?
            .ok_or(Error::Unauthenticated)?;
        let accesses: Vec<PortalAccess> = self.store().accesses_of_client(ctx.practice, id).await?;
        let ids: Vec<MatterId> = accesses.iter().map(|access| access.matter_id).collect();
        let matters = self.store().matters_by_id(ctx.practice, &ids).await?;
        let open = |access: PortalAccess| {
            let matter = matters
                .iter()
                .find(|matter| matter.id == access.matter_id)?
                .clone();
            let previewed = match ctx.actor {
                Actor::Preview { access: only, .. } => access.id == only,
                _ => true,
            };
            (previewed && access.admits(&matter, &client)).then(|| Workspace {
                access,
                matter,
                client: client.clone(),
            })
        };
        Ok(accesses.into_iter().filter_map(open).collect())
    }

    /// One workspace of the signed-in client. What they may not enter answers like what does not exist.
    pub async fn workspace(&self, ctx: &Context, id: AccessId) -> Result<Workspace, Error<NoRule>> {
        if ctx.actor == Actor::Anyone {
            return Err(Error::Unauthenticated);
        }
        let workspaces = if ctx.client().is_some() {
            self.workspaces(ctx).await?
        } else {
            Vec::new()
        };
        workspaces
            .into_iter()
            .find(|workspace| workspace.access.id == id)
            .ok_or(Error::NotFound("portal access"))
    }

    /// The workspace in which the signed-in client sees things of `matter`.
    pub(crate) async fn workspace_on(
        &self,
        ctx: &Context,
        matter: MatterId,
    ) -> Result<Workspace, Error<NoRule>> {
        let workspaces = self.workspaces(ctx).await?;
        workspaces
            .into_iter()
            .find(|w| w.matter.id == matter)
            .ok_or(Error::NotFound("matter"))
    }
}
