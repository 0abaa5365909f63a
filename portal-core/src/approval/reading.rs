//! Who sees which approvals, and what of their documents.

use super::{Approval, ApprovalFilter, Attached, Evidence};
use crate::audit::Subject;
use crate::client::Client;
use crate::document::{Confidentiality, Document};
use crate::matter::Matter;
use crate::policy::{Capability, Reach};
use crate::{
    Actor, ApprovalId, Change, ClientId, Context, Error, MatterId, NoRule, Page, PageRequest, Portal, StaffId,
};

/// Somebody whom an approval names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalPerson {
    /// Who.
    pub client: ClientId,
    /// Their name.
    pub name: String,
}

/// An approval with the names of what it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalItem {
    /// The approval.
    pub approval: Approval,
    /// The matter's reference.
    pub matter_reference: String,
    /// The matter's title.
    pub matter_title: String,
    /// Those who are asked, in their order.
    pub people: Vec<ApprovalPerson>,
    /// The name of whoever asks.
    pub asked_by: String,
}

impl ApprovalItem {
    /// The name of somebody who is asked.
    #[must_use]
    pub fn name_of(&self, client: ClientId) -> &str {
        let person = self.people.iter().find(|person| person.client == client);
        person.map_or("", |person| person.name.as_str())
    }
}

impl Portal {
    /// Narrows a list of approvals to what the caller may see. Clients name a matter.
    async fn narrow_approvals(
        &self,
        ctx: &Context,
        filter: &ApprovalFilter,
    ) -> Result<ApprovalFilter, Error<NoRule>> {
        let mut filter = filter.clone();
        if let Some(client) = ctx.client() {
            let matter = filter.matter.ok_or(Error::NotFound("matter"))?;
            self.workspace_on(ctx, matter).await?;
            // Whether others are asked is not theirs to find out.
            filter.client = None;
            filter.shown_to = Some(client);
        } else if let Some(matter) = filter.matter {
            self.matter_for(ctx, Capability::SeeMatters, matter).await?;
        } else if ctx.require(Capability::SeeMatters)? == Reach::OwnMatters {
            filter.visible_to = ctx.staff().map(|(id, _)| id);
        }
        Ok(filter)
    }

    /// Approvals, the newest first. Clients see those that they are asked on a matter that they name, once it is their turn;
    /// staff see all that they may see.
    pub async fn approvals(
        &self,
        ctx: &Context,
        filter: &ApprovalFilter,
        page: &PageRequest,
    ) -> Result<Page<ApprovalItem>, Error<NoRule>> {
        let filter = self.narrow_approvals(ctx, filter).await?;
        let found = self.store().approvals(ctx.practice, &filter, page).await?;
        Ok(Page {
            items: self.describe_approvals(ctx, found.items).await?,
            next: found.next,
            total: found.total,
        })
    }

    /// How many of those there are.
    pub async fn approval_count(&self, ctx: &Context, filter: &ApprovalFilter) -> Result<u64, Error<NoRule>> {
        let filter = self.narrow_approvals(ctx, filter).await?;
        Ok(self.store().approval_count(ctx.practice, &filter).await?)
    }

    /// What waits for the signed-in client on a matter, the most urgent first.
    pub async fn approvals_to_answer(
        &self,
        ctx: &Context,
        matter: MatterId,
    ) -> Result<Vec<Approval>, Error<NoRule>> {
        let workspace = self.workspace_on(ctx, matter).await?;
        let client = workspace.client.id;
        let filter = ApprovalFilter {
            matter: Some(matter),
            shown_to: Some(client),
            state: Some(super::ApprovalState::Open),
            ..ApprovalFilter::default()
        };
        let mut waiting = self.all_approvals(ctx.practice, &filter).await?;
        waiting.retain(|approval| approval.waits_for(client, ctx.at));
        waiting.sort_by_key(|approval| {
            let due = approval.terms.due_on.or(approval.terms.expires_on);
            (due.is_none(), due, approval.created_at, approval.id)
        });
        Ok(waiting)
    }

    /// One approval: for staff who may see its matter, and for those who are asked.
    pub async fn approval(&self, ctx: &Context, id: ApprovalId) -> Result<ApprovalItem, Error<NoRule>> {
        let approval = self.approval_for(ctx, Capability::SeeMatters, id).await?;
        self.described_approval(ctx, approval).await
    }

    /// The approval, if `capability` reaches its matter, or the client may see it.
    pub(super) async fn approval_for(
        &self,
        ctx: &Context,
        capability: Capability,
        id: ApprovalId,
    ) -> Result<Approval, Error<NoRule>> {
        let missing = || Error::NotFound("approval");
        if ctx.actor == Actor::Anyone {
            return Err(Error::Unauthenticated);
        }
        let approval = self.store().approval(ctx.practice, id).await?;
        let approval = approval.ok_or_else(missing)?;
        let seen = match ctx.client() {
            Some(client) if capability == Capability::SeeMatters && approval.is_shown_to(client) => {
                self.workspace_on(ctx, approval.matter_id).await.map(drop)
            }
            Some(_) => Err(missing()),
            None => self
                .matter_for(ctx, capability, approval.matter_id)
                .await
                .map(drop),
        };
        match seen {
            Ok(()) => Ok(approval),
            Err(Error::NotFound(_)) => Err(missing()),
            Err(other) => Err(other),
        }
    }

    /// The evidence of an approval's answers, the oldest first: all of it for staff who may see its matter, and for a client that
    /// of their own answer. Leaves an audit entry.
    pub async fn evidence(
        &self,
        ctx: &Context,
        id: ApprovalId,
    ) -> Result<(ApprovalItem, Vec<Evidence>), Error<NoRule>> {
        let item = self.approval(ctx, id).await?;
        let mut evidence = self.store().evidence(ctx.practice, id).await?;
        if let Some(client) = ctx.client() {
            evidence.retain(|evidence| evidence.client_id == client);
        }
        let entry = self
            .audit(ctx, "approval.evidence-read", Subject::new("approval", id))
            .on(item.approval.matter_id);
        self.commit(Change::audited(entry)).await?;
        Ok((item, evidence))
    }

    /// The versions of a document that approvals give to a client on its matter.
    pub(crate) async fn versions_to_approve(
        &self,
        ctx: &Context,
        client: ClientId,
        document: &Document,
    ) -> Result<Vec<Attached>, Error<NoRule>> {
        if let Err(error) = self.workspace_on(ctx, document.matter_id).await {
            return match error {
                Error::NotFound(_) => Ok(Vec::new()),
                other => Err(other),
            };
        }
        let filter = ApprovalFilter {
            matter: Some(document.matter_id),
            shown_to: Some(client),
            ..ApprovalFilter::default()
        };
        let approvals = self.all_approvals(ctx.practice, &filter).await?;
        // One that staff keep to themselves by now is given to nobody who has not answered.
        let is_open_to_all = document.confidentiality != Confidentiality::StaffOnly;
        let opened = approvals.into_iter().filter(|approval| {
            approval.opens_documents_to(client) && (is_open_to_all || approval.answer_of(client).is_some())
        });
        let attached = opened.flat_map(|approval| approval.documents);
        Ok(attached
            .filter(|attached| attached.document == document.id)
            .collect())
    }

    pub(super) async fn described_approval(
        &self,
        ctx: &Context,
        approval: Approval,
    ) -> Result<ApprovalItem, Error<NoRule>> {
        let items = self.describe_approvals(ctx, vec![approval]).await?;
        items.into_iter().next().ok_or(Error::NotFound("approval"))
    }

    async fn describe_approvals(
        &self,
        ctx: &Context,
        approvals: Vec<Approval>,
    ) -> Result<Vec<ApprovalItem>, Error<NoRule>> {
        let (store, practice) = (self.store(), ctx.practice);
        let mut matters: Vec<MatterId> = approvals.iter().map(|approval| approval.matter_id).collect();
        matters.sort_unstable();
        matters.dedup();
        let matters = store.matters_by_id(practice, &matters).await?;
        let people = approvals.iter().flat_map(|approval| &approval.people);
        let mut clients: Vec<ClientId> = people.map(|asked| asked.client).collect();
        clients.sort_unstable();
        clients.dedup();
        let clients = store.clients_by_id(practice, &clients).await?;
        let mut askers: Vec<StaffId> = approvals.iter().map(|approval| approval.asked_by).collect();
        askers.sort_unstable();
        askers.dedup();
        let mut staff = Vec::with_capacity(askers.len());
        for id in askers {
            staff.extend(store.staff_member(practice, id).await?);
        }
        let items = approvals.into_iter().filter_map(|approval| {
            let matter = matters.iter().find(|matter| matter.id == approval.matter_id)?;
            let asker = staff.iter().find(|staff| staff.id == approval.asked_by);
            let asked_by = asker.map(|staff| staff.name.clone()).unwrap_or_default();
            Some(item(approval, matter, &clients, asked_by))
        });
        Ok(items.collect())
    }
}

fn item(approval: Approval, matter: &Matter, clients: &[Client], asked_by: String) -> ApprovalItem {
    let named = approval.people.iter().map(|asked| {
        let client = clients.iter().find(|client| client.id == asked.client);
        ApprovalPerson {
            client: asked.client,
            name: client.map(Client::name).unwrap_or_default(),
        }
    });
    ApprovalItem {
        people: named.collect(),
        matter_reference: matter.reference.clone(),
        matter_title: matter.title.clone(),
        asked_by,
        approval,
    }
}
