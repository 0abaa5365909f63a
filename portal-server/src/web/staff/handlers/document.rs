//! One document: look at it, decide about it, say who may see it.

use axum::response::Response;
use portal_core::access::PortalAccess;
use portal_core::approval::{Approval, ApprovalRule};
use portal_core::client::Client;
use portal_core::document::{
    Confidentiality, Document, DocumentFilter, DocumentPatch, DocumentStatus, FileType, Share,
};
use portal_core::matter::{Matter, MatterFilter, MatterSort, MatterState};
use portal_core::policy::Capability;
use portal_core::{AccessId, DocumentId, Error, MatterId, PageRequest};

use super::desk::{Desk, Outcome, tried};
use super::door;
use super::matter::head;
use super::matter::request::reason;
use super::rows::{document_href, matter_href, request_href};
use super::sent::{Fields, Sent};
use super::words::{AUDIENCES, REASONS, document_badge};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::document::{Asking, DocumentPage, ShareRow, VersionRow};
use crate::web::staff::{Fact, Place};
use crate::web::view::{Choice, Errors, file_size};

/// The matter, the one that it belongs to, and the parts of both, as far as the reader may see them.
async fn related(desk: &Desk, matter: &Matter) -> Result<Vec<Matter>, Problem> {
    let mut found = vec![matter.clone()];
    if let Some(parent) = matter.parent_id {
        match desk.portal().matter(desk.ctx(), parent).await {
            Ok(parent) => found.push(parent),
            Err(Error::NotFound(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    for id in [Some(matter.id), matter.parent_id].into_iter().flatten() {
        let filter = MatterFilter {
            parent: Some(id),
            ..MatterFilter::default()
        };
        let page = PageRequest::first(PageRequest::MOST);
        let parts = desk
            .portal()
            .matters(desk.ctx(), &filter, MatterSort::Reference, &page)
            .await?;
        found.extend(parts.items.into_iter().map(|summary| summary.matter));
    }
    let mut seen: Vec<MatterId> = Vec::new();
    found.retain(|matter| {
        let is_new = !seen.contains(&matter.id);
        seen.push(matter.id);
        is_new
    });
    Ok(found)
}

/// The portal accesses on related matters, with their matters.
async fn accesses(desk: &Desk, matter: &Matter) -> Result<Vec<(PortalAccess, Client, Matter)>, Problem> {
    let mut found = Vec::new();
    for matter in related(desk, matter).await? {
        let accesses = desk.portal().accesses(desk.ctx(), matter.id).await?;
        found.extend(
            accesses
                .into_iter()
                .map(|(access, client)| (access, client, matter.clone())),
        );
    }
    Ok(found)
}

async fn facts(desk: &Desk, document: &Document) -> Result<Vec<Fact>, Problem> {
    let clients = desk.clients_of(document.client_id).await?;
    let client = document.client_id.and_then(|id| clients.get(&id));
    let request = match document.request_id {
        Some(id) => Some(desk.portal().request(desk.ctx(), id).await?),
        None => None,
    };
    let href = |href: Option<String>| href.unwrap_or_default();
    Ok(vec![
        Fact {
            label: "For".into(),
            value: request
                .as_ref()
                .map(|request| request.title.clone())
                .unwrap_or_default(),
            href: href(request.map(|request| request_href(document.matter_id, request.id))),
        },
        Fact {
            label: "Client".into(),
            value: client.map(Client::name).unwrap_or_default(),
            href: href(client.map(|client| format!("/staff/clients/{}", client.id))),
        },
        Fact::new("Sent by", desk.uploader(document.uploaded_by).await?),
        Fact::new("Sent", desk.when.moment(document.updated_at)),
        Fact::new("Size", file_size(document.current.size)),
        Fact::new("Type", document.current.media_type.clone()),
        Fact::new("SHA-256", document.current.sha256.to_string()),
    ])
}

async fn versions(desk: &Desk, document: &Document) -> Result<Vec<VersionRow>, Problem> {
    let mut rows = Vec::new();
    for version in desk.portal().document_versions(desk.ctx(), document.id).await? {
        rows.push(VersionRow {
            number: format!("Version {}", version.number),
            name: version.file.name.to_string(),
            size: file_size(version.file.size),
            from: desk.uploader(version.uploaded_by).await?,
            when: desk.when.moment(version.created_at),
            href: format!("{}/file?version={}", document_href(document.id), version.number),
        });
    }
    Ok(rows)
}

/// With whom the document is shared, for who may end that.
async fn share_rows(desk: &Desk, document: &Document, shared: &[Share]) -> Result<Vec<ShareRow>, Problem> {
    let unshare = desk.if_may(
        Capability::EditDocuments,
        format!("{}/unshare", document_href(document.id)),
    );
    let mut rows = Vec::new();
    for share in shared {
        let (name, matter) = match desk.portal().access(desk.ctx(), share.access_id).await {
            Ok(with) => (with.client.name(), with.matter.reference),
            // On a matter that the reader may not see.
            Err(Error::NotFound(_)) => ("Somebody on another matter".to_owned(), String::new()),
            Err(other) => return Err(other.into()),
        };
        rows.push(ShareRow {
            name,
            matter,
            action: unshare.clone(),
            access_id: share.access_id.to_string(),
        });
    }
    Ok(rows)
}

/// Whether clients can be asked to approve the document, for who may ask them.
fn asking(desk: &Desk, document: &Document, matter: &Matter) -> Option<Asking> {
    let form = format!(
        "{}/approvals/new?document={}",
        matter_href(matter.id),
        document.id
    );
    desk.may(Capability::AskApprovals)
        .then(|| match Approval::may_show(document, matter) {
            Ok(()) => Asking::Possible {
                href: form,
                version: document.versions,
            },
            Err(ApprovalRule::StaffOnly(_)) => Asking::Impossible(
                "Nobody can be asked to approve this file, because it is for staff only. Let the client see it first.",
            ),
            Err(_) => Asking::Impossible(
                "Nobody can be asked to approve this file, because the matter is closed. Reopen it first.",
            ),
        })
}

async fn page(
    desk: &Desk,
    document: &Document,
    fields: &Fields,
    errors: Errors,
) -> Result<DocumentPage, Problem> {
    let (portal, ctx) = (desk.portal(), desk.ctx());
    let matter = portal.matter(ctx, document.matter_id).await?;
    let href = document_href(document.id);
    let may_review = desk.may(Capability::ReviewDocuments);
    let may_edit = desk.may(Capability::EditDocuments);
    let action = |may: bool, path: &str| may.then(|| format!("{href}{path}"));
    let accesses = accesses(desk, &matter).await?;
    let shared = portal.shares(ctx, document.id).await?;
    let shares = share_rows(desk, document, &shared).await?;
    let chosen = fields.text("access_id");
    let shareable = |access: &PortalAccess| {
        access.is_active()
            && document.confidentiality != Confidentiality::StaffOnly
            && !document.is_visible_to(access, false)
            && !shared.iter().any(|share| share.access_id == access.id)
    };
    let choices: Vec<Choice> = accesses
        .iter()
        .filter(|(access, ..)| shareable(access))
        .map(|(access, client, matter)| {
            Choice::new(
                access.id.to_string(),
                format!("{} - {}", client.name(), matter.reference),
                &chosen,
            )
        })
        .collect();
    let waiting = DocumentFilter {
        matter: Some(matter.id),
        status: Some(DocumentStatus::PendingReview),
        ..DocumentFilter::default()
    };
    let waiting = portal.documents(ctx, &waiting, &PageRequest::first(2)).await?;
    let next = waiting.items.iter().find(|other| other.id != document.id);
    let media_type = &document.current.media_type;
    let is_picture = media_type.starts_with("image/")
        && FileType::by_media_type(media_type).is_some_and(|kind| kind.previewable);
    let pending = document.status == DocumentStatus::PendingReview;
    let sent = |name: &str, now: String| {
        if fields.0.iter().any(|(known, _)| known == name) {
            fields.text(name)
        } else {
            now
        }
    };
    let audience = sent("confidentiality", document.confidentiality.as_str().to_owned());
    let known = fields.text("known_reason");
    Ok(DocumentPage {
        shell: desk.shell(Some(Place::Matters)).await?,
        head: head(desk, &matter).await?,
        name: document.current.name.to_string(),
        badge: document_badge(document.status),
        reason: document.reason.clone().unwrap_or_default(),
        version: document.version.0.to_string(),
        picture_href: if is_picture {
            format!("{href}/picture")
        } else {
            String::new()
        },
        download_href: format!("{href}/file"),
        facts: facts(desk, document).await?,
        version_action: (may_edit && document.request_id.is_none() && matter.state == MatterState::Open)
            .then(|| format!("{}/files", matter_href(matter.id))),
        id: document.id.to_string(),
        versions: versions(desk, document).await?,
        accept_action: action(may_review && pending, "/accept"),
        return_action: action(
            may_review && (pending || document.status == DocumentStatus::Accepted),
            "/return",
        ),
        reasons: REASONS
            .iter()
            .map(|text| Choice::new(*text, *text, &known))
            .collect(),
        sent_reason: fields.text("reason"),
        errors,
        asking: asking(desk, document, &matter),
        patch_action: action(may_edit, ""),
        category: sent("category", document.category.clone()),
        audiences: AUDIENCES
            .into_iter()
            .filter(|(value, _)| *value != Confidentiality::StaffOnly || document.request_id.is_none())
            .map(|(value, label)| Choice::new(value.as_str(), label, &audience))
            .collect(),
        shares,
        share_action: action(may_edit && !choices.is_empty(), "/share"),
        accesses: choices,
        next: next.map(|next| (next.current.name.to_string(), document_href(next.id))),
    })
}

pub(super) async fn show(desk: Desk, Path(id): Path<DocumentId>) -> Result<Response, Problem> {
    let document = desk.portal().document(desk.ctx(), id).await?;
    Ok(desk.page(&page(&desk, &document, &Fields::default(), Errors::default()).await?))
}

/// The page again, with what is wrong.
async fn mend(desk: &Desk, id: DocumentId, fields: &Fields, errors: Errors) -> Result<Response, Problem> {
    let document = desk.portal().document(desk.ctx(), id).await?;
    Ok(desk.mend(&page(desk, &document, fields, errors).await?))
}

pub(super) async fn accept(
    Path(id): Path<DocumentId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let accepted = desk
        .portal()
        .accept_document_at(desk.ctx(), id, fields.version())
        .await;
    match tried(accepted)? {
        Outcome::Done(document) => {
            let back = fields.text("back");
            let back = door::local(&back).map_or_else(|| document_href(id), str::to_owned);
            Ok(desk.done(&back, format!("{} is accepted.", document.current.name)))
        }
        Outcome::Wrong(errors) => mend(&desk, id, &fields, errors).await,
    }
}

pub(super) async fn give_back(
    Path(id): Path<DocumentId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let reason = reason(&fields);
    let returned = desk
        .portal()
        .return_document_at(desk.ctx(), id, fields.version(), &reason)
        .await;
    match tried(returned)? {
        Outcome::Done(document) => {
            let text = format!(
                "{} is returned. The client is told by email.",
                document.current.name
            );
            Ok(desk.done(&document_href(id), text))
        }
        Outcome::Wrong(errors) => mend(&desk, id, &fields, errors).await,
    }
}

pub(super) async fn update(
    Path(id): Path<DocumentId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let audience = fields.text("confidentiality");
    let confidentiality = AUDIENCES
        .into_iter()
        .find(|(value, _)| value.as_str() == audience);
    let patch = DocumentPatch {
        category: Some(fields.text("category")),
        confidentiality: confidentiality.map(|(value, _)| value),
    };
    match tried(
        desk.portal()
            .update_document(desk.ctx(), id, fields.version(), &patch)
            .await,
    )? {
        Outcome::Done(document) => Ok(desk.done(
            &document_href(id),
            format!("{} is changed.", document.current.name),
        )),
        Outcome::Wrong(errors) => mend(&desk, id, &fields, errors).await,
    }
}

async fn set_shared(desk: &Desk, id: DocumentId, fields: &Fields, shared: bool) -> Result<Response, Problem> {
    let Some(access) = fields.value::<AccessId>("access_id") else {
        let mut errors = Errors::default();
        errors.add("access_id", "Choose whom to share it with.");
        return mend(desk, id, fields, errors).await;
    };
    match tried(desk.portal().share_document(desk.ctx(), id, access, shared).await)? {
        Outcome::Done(()) => {
            let text = if shared {
                "They can see this file now."
            } else {
                "They can no longer see this file."
            };
            Ok(desk.done(&document_href(id), text))
        }
        Outcome::Wrong(errors) => mend(desk, id, fields, errors).await,
    }
}

pub(super) async fn share(
    Path(id): Path<DocumentId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    set_shared(&desk, id, &fields, true).await
}

pub(super) async fn unshare(
    Path(id): Path<DocumentId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    set_shared(&desk, id, &fields, false).await
}
