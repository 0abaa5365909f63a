use std::collections::HashMap;

use super::{
    Confidentiality, Document, DocumentCounts, DocumentFilter, DocumentRule, DocumentVersion, Share,
};
use crate::access::Workspace;
use crate::audit::Subject;
use crate::checklist::{Request, RequestFilter};
use crate::policy::{Capability, Reach};
use crate::{
    AccessId, Actor, BlobKey, Change, Context, DocumentId, Error, EventKind, MatterId, NoRule, Page,
    PageRequest, Portal, PracticeId, RecordKind, RequestId, Timestamp, Version,
};

/// What staff change about a document; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentPatch {
    /// See [`Document::category`].
    pub category: Option<String>,
    /// See [`Document::confidentiality`].
    pub confidentiality: Option<Confidentiality>,
}

/// Which versions of a document somebody sees.
pub(super) enum Seen {
    Every,
    Only(Vec<u32>),
}

impl Seen {
    pub(super) fn has(&self, number: u32) -> bool {
        match self {
            Self::Every => true,
            Self::Only(numbers) => numbers.contains(&number),
        }
    }
}

impl Portal {
    /// Narrows a list of documents to what the caller may see.
    async fn narrow_documents(
        &self,
        ctx: &Context,
        filter: &DocumentFilter,
    ) -> Result<DocumentFilter, Error<NoRule>> {
        let mut filter = filter.clone();
        if ctx.client().is_some() {
            // A client's list is that of one workspace: shared documents of related matters are in it too.
            let workspaces = self.workspaces(ctx).await?;
            let chosen =
                workspaces
                    .iter()
                    .find(|workspace| match (filter.visible_to_access, filter.matter) {
                        (Some(access), _) => workspace.access.id == access,
                        (None, Some(matter)) => workspace.matter.id == matter,
                        (None, None) => true,
                    });
            filter.visible_to_access = Some(chosen.ok_or(Error::NotFound("matter"))?.access.id);
            filter.matter = None;
        } else if let Some(matter) = filter.matter {
            self.matter_for(ctx, Capability::SeeMatters, matter).await?;
        } else if ctx.require(Capability::SeeMatters)? == Reach::OwnMatters {
            filter.visible_to_staff = ctx.staff().map(|(id, _)| id);
        }
        Ok(filter)
    }

    /// Documents, the newest first. Clients see those of one workspace: the one named by `visible_to_access` or
    /// `matter`, or their first.
    pub async fn documents(
        &self,
        ctx: &Context,
        filter: &DocumentFilter,
        page: &PageRequest,
    ) -> Result<Page<Document>, Error<NoRule>> {
        let filter = self.narrow_documents(ctx, filter).await?;
        Ok(self.store().documents(ctx.practice, &filter, page).await?)
    }

    /// How many of those documents are in each status.
    pub async fn document_counts(
        &self,
        ctx: &Context,
        filter: &DocumentFilter,
    ) -> Result<DocumentCounts, Error<NoRule>> {
        let filter = self.narrow_documents(ctx, filter).await?;
        Ok(self.store().document_counts(ctx.practice, &filter).await?)
    }

    /// The counts of the documents of several requests, which the caller got from a list of requests.
    pub async fn document_counts_of(
        &self,
        ctx: &Context,
        requests: &[RequestId],
    ) -> Result<Vec<(RequestId, DocumentCounts)>, Error<NoRule>> {
        let mut matters = HashMap::new();
        let mut allowed = Vec::new();
        for request in self.store().requests_by_id(ctx.practice, requests).await? {
            let sees_matter = if let Some(sees) = matters.get(&request.matter_id) {
                *sees
            } else {
                let sees = self.sees_matter(ctx, request.matter_id).await?;
                matters.insert(request.matter_id, sees);
                sees
            };
            if sees_matter && ctx.client().is_none_or(|client| client == request.client_id) {
                allowed.push(request.id);
            }
        }
        Ok(self
            .store()
            .document_counts_by_request(ctx.practice, &allowed)
            .await?)
    }

    /// Requests as [`Portal::requests`] lists them, each with the counts of its documents.
    pub async fn requests_with_documents(
        &self,
        ctx: &Context,
        filter: &RequestFilter,
        page: &PageRequest,
    ) -> Result<Page<(Request, DocumentCounts)>, Error<NoRule>> {
        let Page { items, next, total } = self.requests(ctx, filter, page).await?;
        let ids: Vec<RequestId> = items.iter().map(|request| request.id).collect();
        let counts = self
            .store()
            .document_counts_by_request(ctx.practice, &ids)
            .await?;
        let counts: HashMap<RequestId, DocumentCounts> = counts.into_iter().collect();
        let items = items.into_iter().map(|request| {
            let counts = counts.get(&request.id).copied().unwrap_or_default();
            (request, counts)
        });
        Ok(Page {
            items: items.collect(),
            next,
            total,
        })
    }

    async fn sees_matter(&self, ctx: &Context, matter: MatterId) -> Result<bool, Error<NoRule>> {
        let seen = match ctx.client() {
            Some(_) => self.workspace_on(ctx, matter).await.map(drop),
            None => self
                .matter_for(ctx, Capability::SeeMatters, matter)
                .await
                .map(drop),
        };
        match seen {
            Ok(()) => Ok(true),
            Err(Error::NotFound(_) | Error::Denied(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// One document, for staff who may see its matter or a client who may see it.
    pub async fn document(&self, ctx: &Context, id: DocumentId) -> Result<Document, Error<NoRule>> {
        self.document_within(ctx, Capability::SeeMatters, id).await
    }

    async fn document_within(
        &self,
        ctx: &Context,
        capability: Capability,
        id: DocumentId,
    ) -> Result<Document, Error<NoRule>> {
        Ok(self.document_seen(ctx, capability, id).await?.0)
    }

    /// The document as the caller sees it, and which of its versions.
    pub(super) async fn document_seen(
        &self,
        ctx: &Context,
        capability: Capability,
        id: DocumentId,
    ) -> Result<(Document, Seen), Error<NoRule>> {
        let missing = || Error::NotFound("document");
        if ctx.actor == Actor::Anyone {
            return Err(Error::Unauthenticated);
        }
        let document = self
            .store()
            .document(ctx.practice, id)
            .await?
            .ok_or_else(missing)?;
        let Some(client) = ctx.client() else {
            return match self.matter_for(ctx, capability, document.matter_id).await {
                Err(Error::NotFound(_)) => Err(missing()),
                other => other.map(|_| (document, Seen::Every)),
            };
        };
        if capability != Capability::SeeMatters {
            return Err(missing());
        }
        let is_shown = self.shows(ctx, &document).await?;
        if is_shown && document.shows_history_to(client) {
            return Ok((document, Seen::Every));
        }
        let to_approve = self.versions_to_approve(ctx, client, &document).await?;
        let mut numbers: Vec<u32> = to_approve.iter().map(|attached| attached.number).collect();
        if is_shown {
            numbers.push(document.versions);
            return Ok((document, Seen::Only(numbers)));
        }
        // Nobody but staff sees it but for what is to be approved: the version that is shown there, and no newer one.
        let newest = to_approve.iter().max_by_key(|attached| attached.number);
        let newest = newest.ok_or_else(missing)?.version;
        let newest = self.store().document_version(ctx.practice, newest).await?;
        let newest = newest.ok_or_else(missing)?;
        Ok((document.as_of(&newest), Seen::Only(numbers)))
    }

    async fn shows(&self, ctx: &Context, document: &Document) -> Result<bool, Error<NoRule>> {
        let shares = self.store().shares(ctx.practice, document.id).await?;
        let visible_in = |workspace: &Workspace| {
            let shared = shares
                .iter()
                .any(|share| share.access_id == workspace.access.id && !share.removed);
            document.is_visible_to(&workspace.access, shared)
        };
        Ok(self.workspaces(ctx).await?.iter().any(visible_in))
    }

    /// The versions of a document, the newest first: all of them for staff and for the client it belongs to; for those it is
    /// shared with the newest, and those that they are or were asked to approve.
    pub async fn document_versions(
        &self,
        ctx: &Context,
        id: DocumentId,
    ) -> Result<Vec<DocumentVersion>, Error<NoRule>> {
        let (_, seen) = self.document_seen(ctx, Capability::SeeMatters, id).await?;
        let mut versions = self.store().document_versions(ctx.practice, id).await?;
        versions.retain(|version| seen.has(version.number));
        Ok(versions)
    }

    /// Accepts a document. When all that its request wants is accepted, the request is accepted with it.
    pub async fn accept_document(
        &self,
        ctx: &Context,
        id: DocumentId,
    ) -> Result<Document, Error<DocumentRule>> {
        self.accept_document_at(ctx, id, None).await
    }

    /// The same, unless the document moved on since the caller read it: a file that took its place meanwhile is not
    /// accepted unseen.
    pub async fn accept_document_at(
        &self,
        ctx: &Context,
        id: DocumentId,
        expected: Option<Version>,
    ) -> Result<Document, Error<DocumentRule>> {
        self.retrying(async || {
            let document = self
                .document_within(ctx, Capability::ReviewDocuments, id)
                .await
                .map_err(Error::widen)?;
            crate::practice::expect_version(document.version, expected)?;
            let before = document.status;
            let document = document.accept(ctx.at)?;
            let entry = self
                .audit(ctx, "document.accepted", Subject::new("document", id))
                .on(document.matter_id);
            let mut change = Change::audited(entry).save(document.clone());
            if let Some(request) = document.request_id {
                let counts = self
                    .counts_of(ctx, request)
                    .await?
                    .moved(Some(before), document.status);
                let request = self
                    .store()
                    .request(ctx.practice, request)
                    .await?
                    .ok_or(Error::NotFound("request"))?;
                let read = request.version;
                change = save_request(change, request.with_reviewed_documents(counts, ctx.at), read);
            }
            Ok((document, change))
        })
        .await
    }

    /// Returns a document with a reason that its client reads. Its request waits for the client again.
    pub async fn return_document(
        &self,
        ctx: &Context,
        id: DocumentId,
        reason: &str,
    ) -> Result<Document, Error<DocumentRule>> {
        self.return_document_at(ctx, id, None, reason).await
    }

    /// The same, unless the document moved on since the caller read it.
    pub async fn return_document_at(
        &self,
        ctx: &Context,
        id: DocumentId,
        expected: Option<Version>,
        reason: &str,
    ) -> Result<Document, Error<DocumentRule>> {
        self.retrying(async || {
            let document = self
                .document_within(ctx, Capability::ReviewDocuments, id)
                .await
                .map_err(Error::widen)?;
            crate::practice::expect_version(document.version, expected)?;
            let document = document.return_with(reason, ctx.at)?;
            let reason = document.reason.clone().unwrap_or_default();
            let entry = self
                .audit(ctx, "document.returned", Subject::new("document", id))
                .on(document.matter_id)
                .with("reason", reason.as_str());
            let returned = EventKind::DocumentReturned {
                document: id,
                request: document.request_id,
            };
            let mut change = Change::audited(entry)
                .save(document.clone())
                .save(self.event(ctx, returned));
            if let Some(request) = document.request_id {
                let request = self
                    .store()
                    .request(ctx.practice, request)
                    .await?
                    .ok_or(Error::NotFound("request"))?;
                let read = request.version;
                change = save_request(change, request.with_returned_document(&reason, ctx.at), read);
            }
            Ok((document, change))
        })
        .await
    }

    /// Changes a document's category or who may see it.
    pub async fn update_document(
        &self,
        ctx: &Context,
        id: DocumentId,
        expected: Option<Version>,
        patch: &DocumentPatch,
    ) -> Result<Document, Error<DocumentRule>> {
        self.retrying(async || {
            let document = self
                .document_within(ctx, Capability::EditDocuments, id)
                .await
                .map_err(Error::widen)?;
            crate::practice::expect_version(document.version, expected)?;
            let document = document.patch(patch, ctx.at)?;
            let entry = self
                .audit(ctx, "document.changed", Subject::new("document", id))
                .on(document.matter_id)
                .with("category", document.category.as_str())
                .with("confidentiality", document.confidentiality.as_str());
            Ok((document.clone(), Change::audited(entry).save(document)))
        })
        .await
    }

    /// With whom a document is shared at present, for staff.
    pub async fn shares(&self, ctx: &Context, id: DocumentId) -> Result<Vec<Share>, Error<NoRule>> {
        ctx.require(Capability::SeeMatters)?;
        self.document(ctx, id).await?;
        let shares = self.store().shares(ctx.practice, id).await?;
        Ok(shares.into_iter().filter(|share| !share.removed).collect())
    }

    /// Shares a document with a portal access that would not see it otherwise, or takes that back. The caller must
    /// be able to work on both matters. Doing it twice is no error.
    pub async fn share_document(
        &self,
        ctx: &Context,
        id: DocumentId,
        access: AccessId,
        shared: bool,
    ) -> Result<(), Error<DocumentRule>> {
        self.retrying(async || {
            let document = self
                .document_within(ctx, Capability::EditDocuments, id)
                .await
                .map_err(Error::widen)?;
            let with = self.access(ctx, access).await.map_err(Error::widen)?;
            self.matter_for(ctx, Capability::EditDocuments, with.matter.id)
                .await
                .map_err(Error::widen)?;
            let shares = self.store().shares(ctx.practice, id).await?;
            let existing = shares.into_iter().find(|share| share.access_id == access);
            let nothing = || Change::unaudited(ctx.practice, "it is so already");
            let share = match existing {
                Some(share) if share.removed != shared => return Ok(((), nothing())),
                None if !shared => return Ok(((), nothing())),
                Some(share) if !shared => share.with_removed(true),
                Some(share) => {
                    document.share_with(share.id, &with.access, ctx.at)?;
                    share.with_removed(false)
                }
                None => document.share_with(self.id(), &with.access, ctx.at)?,
            };
            let action = if shared {
                "document.shared"
            } else {
                "document.unshared"
            };
            let entry = self
                .audit(ctx, action, Subject::new("document", id))
                .on(document.matter_id)
                .with("access", access.to_string())
                .with("matter", with.matter.id.to_string());
            let guard = (RecordKind::Document, document.id, document.version);
            Ok((
                (),
                Change::audited(entry)
                    .while_unchanged(guard.0, guard.1, guard.2)
                    .save(share),
            ))
        })
        .await
    }

    /// Deletes the blobs of a practice that were written before `before` and belong to no document: what uploads
    /// left behind that broke off after their last byte. Answers how many.
    pub async fn sweep_blobs(&self, practice: PracticeId, before: Timestamp) -> Result<u64, Error<NoRule>> {
        const AT_ONCE: usize = 500;
        let mut deleted = 0;
        for keys in self
            .blobs()
            .written_before(practice, before)
            .await?
            .chunks(AT_ONCE)
        {
            let ids: Vec<uuid::Uuid> = keys.iter().map(|key| key.id).collect();
            let known = self.store().known_blobs(practice, &ids).await?;
            for id in ids.into_iter().filter(|id| !known.contains(id)) {
                self.blobs().delete(BlobKey { practice, id }).await?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }
}

/// Saves a request that a review moved on, or holds on to one that is settled and stays as it was read.
fn save_request(change: Change, request: Request, read: Version) -> Change {
    if request.version == read {
        change.while_unchanged(RecordKind::Request, request.id, read)
    } else {
        change.save(request)
    }
}
