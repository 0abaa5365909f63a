//! Every file the client may see.

use axum::extract::{Query, State};
use axum::response::Response;
use portal_core::checklist::Request;
use portal_core::document::{Document, DocumentFilter};
use portal_core::{Error, NoRule, PageRequest, Portal, RequestId};
use serde::Deserialize;

use super::frame::{self, Counts};
use super::home::matter;
use super::visit::Visit;
use super::words::{self, grouped, lower_day};
use crate::error::Problem;
use crate::state::AppState;
use crate::web::client::documents::Documents;
use crate::web::client::{Earlier, FileRow, Place};
use crate::web::view::{Pager, file_size};

/// How many files a page shows.
pub(super) const AT_ONCE: u32 = 50;

/// Where in a list a page begins.
#[derive(Debug, Default, Deserialize)]
pub(super) struct At {
    /// After which item.
    pub(super) cursor: Option<String>,
    /// Its number in the list, which is only shown.
    pub(super) from: Option<u64>,
}

/// A page of files.
pub(super) struct Listing {
    pub(super) files: Vec<FileRow>,
    /// The same, as records.
    pub(super) documents: Vec<Document>,
    /// How many the whole list has.
    pub(super) total: u64,
    pub(super) pager: Pager,
}

/// Shows the files.
pub(super) async fn list(State(state): State<AppState>, visit: Visit, Query(at): Query<At>) -> Response {
    let page = documents(state.portal(), &visit, &at).await;
    visit.answer(&state, page)
}

async fn documents(portal: &Portal, visit: &Visit, at: &At) -> Result<Documents, Problem> {
    let counts = Counts::of(portal, visit).await?;
    let base = &visit.door.base;
    let here = format!("{base}/documents");
    let filter = frame::documents_of(visit);
    let mut listing = listing(portal, visit, &filter, at, &here).await?;
    let requests = requests_of(portal, visit, &listing.documents).await?;
    for (row, document) in listing.files.iter_mut().zip(&listing.documents) {
        let request = requests
            .iter()
            .find(|request| Some(request.id) == document.request_id);
        row.request =
            request.map(|request| (request.title.clone(), format!("{base}/requests/{}", request.id)));
    }
    Ok(Documents {
        shell: frame::inside(portal, visit, Place::Documents, counts).await?,
        matter: matter(visit),
        total: listing.total,
        files: listing.files,
        pager: listing.pager,
        requests_href: format!("{base}/requests"),
    })
}

/// The requests that documents answer, as far as they are this client's own on this matter.
async fn requests_of(
    portal: &Portal,
    visit: &Visit,
    documents: &[Document],
) -> Result<Vec<Request>, Error<NoRule>> {
    let ids: Vec<RequestId> = documents
        .iter()
        .filter_map(|document| document.request_id)
        .collect();
    let mut requests = portal.store().requests_by_id(visit.ctx.practice, &ids).await?;
    let (client, matter) = (visit.workspace.client.id, visit.workspace.matter.id);
    requests.retain(|request| request.client_id == client && request.matter_id == matter);
    Ok(requests)
}

/// One page of the files that `filter` lets through; `here` is the list's own address.
pub(super) async fn listing(
    portal: &Portal,
    visit: &Visit,
    filter: &DocumentFilter,
    at: &At,
    here: &str,
) -> Result<Listing, Problem> {
    // A cursor that is none begins the list anew.
    let cursor = at.cursor.as_deref().and_then(|text| text.parse().ok());
    let from = at.from.filter(|_| cursor.is_some()).unwrap_or(1);
    let page = PageRequest::first(AT_ONCE).after(cursor).with_total();
    let page = portal.documents(&visit.ctx, filter, &page).await?;
    let total = page.total.unwrap_or_default();
    let mut files = Vec::new();
    for document in &page.items {
        files.push(row(portal, visit, document).await?);
    }
    let count = u64::try_from(files.len()).unwrap_or(u64::MAX);
    let until = from.saturating_add(count).saturating_sub(1);
    let shown = if count == total {
        format!("Showing all {}", grouped(total))
    } else {
        let (from, until, total) = (grouped(from), grouped(until), grouped(total));
        format!("Showing {from}\u{2013}{until} of {total}")
    };
    let pager = Pager {
        shown,
        first_href: at.cursor.as_ref().map(|_| here.to_owned()),
        previous_href: None,
        next_href: page
            .next
            .map(|next| format!("{here}?cursor={next}&from={}", until.saturating_add(1))),
    };
    Ok(Listing {
        files,
        documents: page.items,
        total,
        pager,
    })
}

async fn row(portal: &Portal, visit: &Visit, document: &Document) -> Result<FileRow, Error<NoRule>> {
    let (base, reader) = (&visit.door.base, visit.workspace.client.id);
    if document.versions == 1 || !document.shows_history_to(reader) {
        return Ok(words::file_row(
            base,
            document,
            document.created_at,
            reader,
            &visit.when,
        ));
    }
    // That the client may see the document was decided when it was listed.
    let versions = portal
        .store()
        .document_versions(visit.ctx.practice, document.id)
        .await?;
    let newest = versions
        .first()
        .map_or(document.updated_at, |version| version.created_at);
    let earlier = versions.iter().skip(1).map(|version| Earlier {
        name: version.file.name.to_string(),
        about: format!(
            "{} \u{b7} {}",
            file_size(version.file.size),
            lower_day(visit.when.moment(version.created_at))
        ),
        href: format!("{base}/documents/{}/versions/{}", document.id, version.number),
    });
    Ok(FileRow {
        earlier: earlier.collect(),
        ..words::file_row(base, document, newest, reader, &visit.when)
    })
}
