use super::{ChecklistRule, Request, RequestCounts, RequestDraft, RequestFilter, RequestSource};
use crate::audit::Subject;
use crate::document::{DocumentCounts, DocumentFilter, DocumentStatus};
use crate::matter::{Matter, MatterState};
use crate::policy::{Capability, Reach};
use crate::practice::expect_version;
use crate::{
    Change, ClientId, Context, Error, EventKind, MatterId, NoRule, Page, PageRequest, Portal, RecordKind,
    RequestId, TemplateId, Version,
};

/// What is done with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestStep {
    /// Accept what was provided.
    Accept,
    /// Return what was provided, with a reason that the client reads.
    Return(String),
    /// Ask for it no longer, with or without a reason.
    Waive(String),
    /// Take it back: it was asked for in error.
    Withdraw,
    /// Ask for it again after it was settled.
    Reopen,
}

impl RequestStep {
    const fn action(&self) -> &'static str {
        match self {
            Self::Accept => "request.accepted",
            Self::Return(_) => "request.returned",
            Self::Waive(_) => "request.waived",
            Self::Withdraw => "request.withdrawn",
            Self::Reopen => "request.reopened",
        }
    }

    const fn capability(&self) -> Capability {
        match self {
            Self::Accept | Self::Return(_) => Capability::ReviewDocuments,
            Self::Waive(_) | Self::Withdraw | Self::Reopen => Capability::EditChecklists,
        }
    }
}

impl Portal {
    /// Narrows a list of requests to what the caller may see.
    pub(crate) async fn narrow_requests(
        &self,
        ctx: &Context,
        filter: &RequestFilter,
    ) -> Result<RequestFilter, Error<NoRule>> {
        let mut filter = filter.clone();
        if let Some(client) = ctx.client() {
            let matter = filter.matter.ok_or(Error::NotFound("matter"))?;
            self.workspace_on(ctx, matter).await?;
            filter.client = Some(client);
            filter.shown_to_client = true;
        } else if let Some(matter) = filter.matter {
            self.matter_for(ctx, Capability::SeeMatters, matter).await?;
        } else if ctx.require(Capability::SeeMatters)? == Reach::OwnMatters {
            filter.visible_to = ctx.staff().map(|(id, _)| id);
        }
        Ok(filter)
    }

    /// Requests in the order of the checklist. Clients see their own on a matter that they name; staff see all that
    /// they may see.
    pub async fn requests(
        &self,
        ctx: &Context,
        filter: &RequestFilter,
        page: &PageRequest,
    ) -> Result<Page<Request>, Error<NoRule>> {
        let filter = self.narrow_requests(ctx, filter).await?;
        Ok(self.store().requests(ctx.practice, &filter, page).await?)
    }

    /// How many of those requests are in each state.
    pub async fn request_counts(
        &self,
        ctx: &Context,
        filter: &RequestFilter,
    ) -> Result<RequestCounts, Error<NoRule>> {
        let filter = self.narrow_requests(ctx, filter).await?;
        Ok(self.store().request_counts(ctx.practice, &filter).await?)
    }

    /// What the signed-in client has to do next on a matter; `None` when nothing waits for them.
    pub async fn next_request(
        &self,
        ctx: &Context,
        matter: MatterId,
    ) -> Result<Option<Request>, Error<NoRule>> {
        let workspace = self.workspace_on(ctx, matter).await?;
        Ok(self
            .store()
            .next_request(ctx.practice, matter, workspace.client.id)
            .await?)
    }

    /// One request, for staff who may see its matter or the client who is asked.
    pub async fn request(&self, ctx: &Context, id: RequestId) -> Result<Request, Error<NoRule>> {
        Ok(self.request_within(ctx, Capability::SeeMatters, id).await?.0)
    }

    pub(crate) async fn request_within(
        &self,
        ctx: &Context,
        capability: Capability,
        id: RequestId,
    ) -> Result<(Request, Matter), Error<NoRule>> {
        let missing = |error| match error {
            Error::NotFound(_) => Error::NotFound("request"),
            other => other,
        };
        let request = self
            .store()
            .request(ctx.practice, id)
            .await?
            .ok_or(Error::NotFound("request"))?;
        if let Some(client) = ctx.client() {
            let workspace = self.workspace_on(ctx, request.matter_id).await.map_err(missing)?;
            let asked = request.client_id == client && capability == Capability::SeeMatters;
            return if asked {
                Ok((request, workspace.matter))
            } else {
                Err(Error::NotFound("request"))
            };
        }
        let matter = self
            .matter_for(ctx, capability, request.matter_id)
            .await
            .map_err(missing)?;
        Ok((request, matter))
    }

    async fn checklist_for(
        &self,
        ctx: &Context,
        matter: MatterId,
        client: ClientId,
    ) -> Result<(Matter, Change), Error<ChecklistRule>> {
        let matter = self
            .matter_for(ctx, Capability::EditChecklists, matter)
            .await
            .map_err(Error::widen)?;
        if matter.state == MatterState::Closed {
            return Err(ChecklistRule::MatterClosed.into());
        }
        let participants = self.store().participants(ctx.practice, matter.id).await?;
        let participant = participants
            .into_iter()
            .find(|p| p.client_id == client && !p.removed);
        let participant = participant.ok_or(Error::Rule(ChecklistRule::NotParticipant))?;
        let guard = Change::unaudited(ctx.practice, "joined to the change that has the entry")
            .while_unchanged(RecordKind::Participant, participant.id, participant.version);
        Ok((matter, guard))
    }

    async fn all_requests(
        &self,
        ctx: &Context,
        matter: MatterId,
    ) -> Result<Vec<Request>, Error<ChecklistRule>> {
        let filter = RequestFilter {
            matter: Some(matter),
            ..RequestFilter::default()
        };
        let mut requests = Vec::new();
        let mut next = None;
        loop {
            let page = PageRequest::first(PageRequest::MOST).after(next);
            let page = self.store().requests(ctx.practice, &filter, &page).await?;
            requests.extend(page.items);
            next = page.next;
            if next.is_none() {
                return Ok(requests);
            }
        }
    }

    /// Asks a client for one more thing.
    pub async fn add_request(
        &self,
        ctx: &Context,
        matter: MatterId,
        client: ClientId,
        draft: &RequestDraft,
    ) -> Result<Request, Error<ChecklistRule>> {
        let (matter, guard) = self.checklist_for(ctx, matter, client).await?;
        let last = self.store().last_position(ctx.practice, matter.id).await?;
        let position = last.saturating_add(1);
        let place = (ctx.practice, matter.id, client);
        let request = Request::new(self.id(), place, draft, RequestSource::Hand, position, ctx.at)?;
        let entry = self
            .audit(ctx, "request.added", Subject::new("request", request.id))
            .on(matter.id);
        let added = EventKind::RequestsAdded {
            matter: matter.id,
            client,
            requests: vec![request.id],
        };
        let change = Change::audited(entry)
            .and(guard)
            .save(request.clone())
            .save(self.event(ctx, added));
        self.commit(change).await?;
        Ok(request)
    }

    /// Puts all that a template asks for on a client's checklist. What they were asked for before is not asked
    /// again, so that doing it twice adds nothing.
    ///
    /// # Errors
    /// `NothingNew` when everything is on the checklist already.
    pub async fn apply_template(
        &self,
        ctx: &Context,
        matter: MatterId,
        client: ClientId,
        template: TemplateId,
    ) -> Result<Vec<Request>, Error<ChecklistRule>> {
        let template = self
            .store()
            .template(ctx.practice, template)
            .await?
            .ok_or(Error::NotFound("template"))?;
        let (matter, guard) = self.checklist_for(ctx, matter, client).await?;
        let existing = self.all_requests(ctx, matter.id).await?;
        let requests = template.apply((ctx.practice, matter.id, client), &existing, || self.id(), ctx.at)?;
        let ids: Vec<RequestId> = requests.iter().map(|request| request.id).collect();
        let entry = self
            .audit(
                ctx,
                "template.applied",
                Subject::new("checklist-template", template.id),
            )
            .on(matter.id)
            .with("client", client.to_string())
            .with("requests", ids.len());
        let added = EventKind::RequestsAdded {
            matter: matter.id,
            client,
            requests: ids,
        };
        let change = Change::audited(entry)
            .and(guard)
            .save_all(requests.clone())
            .save(self.event(ctx, added));
        self.commit(change).await?;
        Ok(requests)
    }

    /// Changes the words, number of files or date of a request.
    pub async fn update_request(
        &self,
        ctx: &Context,
        id: RequestId,
        expected: Option<Version>,
        draft: &RequestDraft,
    ) -> Result<Request, Error<ChecklistRule>> {
        self.retrying(async || {
            let (request, matter) = self
                .request_within(ctx, Capability::EditChecklists, id)
                .await
                .map_err(Error::widen)?;
            expect_version(request.version, expected)?;
            let counts = self.counts_of(ctx, id).await?;
            let request = request.redescribe(draft, counts, ctx.at)?;
            let entry = self
                .audit(ctx, "request.changed", Subject::new("request", id))
                .on(matter.id);
            Ok((request.clone(), Change::audited(entry).save(request)))
        })
        .await
    }

    pub(crate) async fn counts_of<R>(
        &self,
        ctx: &Context,
        request: RequestId,
    ) -> Result<DocumentCounts, Error<R>> {
        let filter = DocumentFilter {
            request: Some(request),
            ..DocumentFilter::default()
        };
        Ok(self.store().document_counts(ctx.practice, &filter).await?)
    }

    /// Accepts, returns, waives, withdraws or reopens a request. Accepting accepts its documents that wait for
    /// review, returning returns them.
    pub async fn step_request(
        &self,
        ctx: &Context,
        id: RequestId,
        step: &RequestStep,
    ) -> Result<Request, Error<ChecklistRule>> {
        self.step_request_at(ctx, id, None, step).await
    }

    /// The same, unless the request moved on since the caller read it: what a client sent meanwhile is neither
    /// accepted nor returned unseen.
    pub async fn step_request_at(
        &self,
        ctx: &Context,
        id: RequestId,
        expected: Option<Version>,
        step: &RequestStep,
    ) -> Result<Request, Error<ChecklistRule>> {
        self.retrying(async || {
            let (request, matter) = self
                .request_within(ctx, step.capability(), id)
                .await
                .map_err(Error::widen)?;
            expect_version(request.version, expected)?;
            let counts = self.counts_of(ctx, id).await?;
            let request = match step {
                RequestStep::Accept => request.accept(counts, ctx.at)?,
                RequestStep::Return(reason) => request.return_with(reason, counts, ctx.at)?,
                RequestStep::Waive(reason) => request.waive(reason, ctx.at)?,
                RequestStep::Withdraw => request.withdraw(ctx.at)?,
                RequestStep::Reopen => request.reopen(counts, ctx.at)?,
            };
            let mut entry = self
                .audit(ctx, step.action(), Subject::new("request", id))
                .on(matter.id);
            if let Some(reason) = &request.reason {
                entry = entry.with("reason", reason.as_str());
            }
            let mut change = Change::audited(entry).save(request.clone());
            if matches!(step, RequestStep::Accept | RequestStep::Return(_)) {
                change = self.review_pending(ctx, change, id, step).await?;
            }
            Ok((request, change))
        })
        .await
    }

    /// Every document of a request that waits for review goes the way of the request.
    async fn review_pending(
        &self,
        ctx: &Context,
        mut change: Change,
        request: RequestId,
        step: &RequestStep,
    ) -> Result<Change, Error<ChecklistRule>> {
        let status = Some(DocumentStatus::PendingReview);
        let filter = DocumentFilter {
            request: Some(request),
            status,
            ..DocumentFilter::default()
        };
        let mut next = None;
        // Many files that come back for one reason are one mail.
        let mut told = false;
        loop {
            let page = PageRequest::first(PageRequest::MOST).after(next);
            let page = self.store().documents(ctx.practice, &filter, &page).await?;
            for document in page.items {
                let document = match step {
                    RequestStep::Return(reason) => document.return_with(reason, ctx.at),
                    _ => document.accept(ctx.at).map_err(Error::Rule),
                };
                let document =
                    document.map_err(|error| error.map_rule(|_| Error::Rule(ChecklistRule::Settled)))?;
                if matches!(step, RequestStep::Return(_)) && !told {
                    told = true;
                    let kind = EventKind::DocumentReturned {
                        document: document.id,
                        request: Some(request),
                    };
                    change = change.save(self.event(ctx, kind));
                }
                change = change.save(document);
            }
            next = page.next;
            if next.is_none() {
                return Ok(change);
            }
        }
    }
}
