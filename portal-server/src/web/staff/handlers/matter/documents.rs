//! The files of a matter.

use axum::extract::Multipart;
use axum::http::HeaderMap;
use axum::response::Response;
use portal_core::document::{Confidentiality, DocumentFilter, DocumentStatus, UploadTarget};
use portal_core::matter::MatterState;
use portal_core::policy::Capability;
use portal_core::{ClientId, MatterId};

use super::super::asked::{Asked, number};
use super::super::desk::Desk;
use super::super::files;
use super::super::rows::{PAGE, matter_href};
use super::super::words::AUDIENCES;
use super::{documents_of, head};
use crate::error::Problem;
use crate::extract::Path;
use crate::transfer::{receive, zip};
use crate::web::staff::matter::{Documents, StaffUpload};
use crate::web::staff::{Chip, Place};
use crate::web::view::Choice;

const FILTERS: [(&str, &str, Option<DocumentStatus>); 5] = [
    ("", "All", None),
    (
        "pending-review",
        "Pending review",
        Some(DocumentStatus::PendingReview),
    ),
    ("accepted", "Accepted", Some(DocumentStatus::Accepted)),
    ("returned", "Returned", Some(DocumentStatus::Returned)),
    ("filed", "Filed", Some(DocumentStatus::Filed)),
];

pub(in super::super) async fn show(
    desk: Desk,
    Path(id): Path<MatterId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    let status = FILTERS
        .iter()
        .find(|(value, ..)| *value == asked.text("status"))
        .and_then(|(.., status)| *status);
    let searched = DocumentFilter {
        q: asked.search(),
        client: asked.value("client"),
        ..documents_of(&matter)
    };
    let counts = desk.portal().document_counts(desk.ctx(), &searched).await?;
    let filter = DocumentFilter {
        status,
        ..searched.clone()
    };
    let page = desk
        .portal()
        .documents(desk.ctx(), &filter, &asked.page(PAGE))
        .await?;
    let chips = FILTERS.map(|(value, label, this)| Chip {
        href: asked.with("status", value),
        label: label.to_owned(),
        count: number(match this {
            None => counts.total(),
            Some(DocumentStatus::PendingReview) => counts.pending_review,
            Some(DocumentStatus::Accepted) => counts.accepted,
            Some(DocumentStatus::Returned) => counts.returned,
            Some(DocumentStatus::Filed) => counts.filed,
        }),
        current: this == status,
    });
    let head = head(&desk, &matter).await?;
    let upload = if desk.may(Capability::EditDocuments) && matter.state == MatterState::Open {
        let people = desk.portal().participants(desk.ctx(), id).await?;
        let people = people
            .iter()
            .map(|(_, client)| Choice::new(client.id.to_string(), client.name(), ""));
        Some(StaffUpload {
            action: format!("{}/files", matter_href(id)),
            people: people.collect(),
            audiences: AUDIENCES
                .map(|(value, label)| Choice::new(value.as_str(), label, Confidentiality::StaffOnly.as_str()))
                .into(),
        })
    } else {
        None
    };
    Ok(desk.page(&Documents {
        shell: desk.shell(Some(Place::Matters)).await?,
        chips: chips.into(),
        q: asked.text("q").to_owned(),
        status: asked.text("status").to_owned(),
        filtered: filter != documents_of(&matter),
        rows: desk.document_rows(&page.items).await?,
        pager: asked.pager(&page),
        zip_href: (head.documents > 0).then(|| format!("{}/documents.zip", matter_href(id))),
        head,
        upload,
    }))
}

pub(in super::super) async fn upload(
    desk: Desk,
    Path(id): Path<MatterId>,
    headers: HeaderMap,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, Problem> {
    let multipart = multipart.map_err(|rejection| Problem::of(rejection.status()))?;
    let target = UploadTarget::Matter {
        matter: id,
        client: None,
        confidentiality: Confidentiality::StaffOnly,
        replaces: None,
    };
    let received = receive(desk.portal(), desk.ctx(), target, multipart).await;
    files::received(
        &desk,
        &headers,
        received,
        &format!("{}/documents", matter_href(id)),
    )
}

/// All files of a matter, or of one of its clients, as one.
pub(in super::super) async fn archive(
    desk: Desk,
    Path(id): Path<MatterId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    let client: Option<ClientId> = asked.value("client");
    let entries = desk.portal().archive(desk.ctx(), id, client).await?;
    Ok(zip(desk.portal(), entries, &format!("{}.zip", matter.reference)))
}
