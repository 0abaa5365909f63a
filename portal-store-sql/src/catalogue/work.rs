use portal_core::checklist::{RequestFilter, RequestState};
use portal_core::document::{DocumentFilter, DocumentStatus, Uploader};
use portal_core::{DocumentId, PageRequest, RequestId, StoreError, TemplateId, UploadId};

use super::{ACCESS, CLIENT, Catalogue, DAY, ID, MATTER, NOW, PRACTICE, STAFF, TIME_KEY};
use crate::table::Selects;
use crate::{checklist, document, upload};

pub(super) fn checklists(it: &mut Catalogue) -> Result<(), StoreError> {
    it.hot(
        "template",
        checklist::TemplateRow::by_id(PRACTICE, TemplateId(ID)),
    );
    for archived in [false, true] {
        let count = checklist::templates_count(PRACTICE, archived);
        let name = format!("templates, archived too: {archived}");
        it.list(
            &name,
            "a",
            |page| checklist::templates(PRACTICE, archived, page),
            Some(count),
        )?;
    }
    it.hot("request", checklist::RequestRow::by_id(PRACTICE, RequestId(ID)));
    it.hot("requests by id", checklist::requests_by_id(PRACTICE, &[ID; 3]));
    it.hot("last position", checklist::last_position(PRACTICE, MATTER));
    it.hot("next request", checklist::next_request(PRACTICE, MATTER, CLIENT));
    for (name, filter) in &request_filters() {
        let count = checklist::requests_count(PRACTICE, filter);
        let list = |page: &PageRequest| checklist::requests(PRACTICE, filter, page);
        it.list(&format!("requests {name}"), "0000000003", list, Some(count))?;
        let counts = checklist::request_counts(PRACTICE, filter);
        it.hot(format!("request counts {name}"), counts);
    }
    Ok(())
}

fn request_filters() -> [(&'static str, RequestFilter); 8] {
    let none = RequestFilter::default();
    [
        ("all", none.clone()),
        (
            "of a matter",
            RequestFilter {
                matter: Some(MATTER),
                ..none.clone()
            },
        ),
        (
            "to a client",
            RequestFilter {
                client: Some(CLIENT),
                ..none.clone()
            },
        ),
        (
            "by state",
            RequestFilter {
                state: Some(RequestState::Outstanding),
                ..none.clone()
            },
        ),
        (
            "shown to clients",
            RequestFilter {
                shown_to_client: true,
                ..none.clone()
            },
        ),
        (
            "visible to",
            RequestFilter {
                visible_to: Some(STAFF),
                ..none.clone()
            },
        ),
        (
            "overdue",
            RequestFilter {
                overdue_on: Some(DAY),
                ..none
            },
        ),
        (
            "by everything",
            RequestFilter {
                matter: Some(MATTER),
                client: Some(CLIENT),
                state: Some(RequestState::Outstanding),
                shown_to_client: true,
                visible_to: Some(STAFF),
                overdue_on: Some(DAY),
            },
        ),
    ]
}

pub(super) fn documents(it: &mut Catalogue) -> Result<(), StoreError> {
    it.hot("document", document::DocumentRow::by_id(PRACTICE, DocumentId(ID)));
    it.hot(
        "document version",
        document::DocumentVersionRow::by_id(PRACTICE, ID),
    );
    it.hot(
        "document versions",
        document::document_versions(PRACTICE, DocumentId(ID)),
    );
    it.hot("shares", document::shares(PRACTICE, DocumentId(ID)));
    it.hot("known blobs", document::known_blobs(PRACTICE, &[ID; 3]));
    it.hot(
        "document counts by request",
        document::counts_by_request(PRACTICE, &[ID; 50]),
    );
    for (name, filter) in &document_filters() {
        let count = document::documents_count(PRACTICE, filter);
        let list = |page: &PageRequest| document::documents(PRACTICE, filter, page);
        it.list(&format!("documents {name}"), TIME_KEY, list, Some(count))?;
        let counts = document::document_counts(PRACTICE, filter);
        it.hot(format!("document counts {name}"), counts);
    }
    Ok(())
}

pub(super) fn uploads(it: &mut Catalogue) {
    it.hot("upload", upload::UploadRow::by_id(PRACTICE, UploadId(ID)));
    for by in [Uploader::Client(CLIENT), Uploader::Staff(STAFF)] {
        it.hot(
            format!("uploads of {by:?} that wait"),
            upload::waiting(PRACTICE, by, NOW),
        );
    }
}

fn document_filters() -> [(&'static str, DocumentFilter); 9] {
    let none = DocumentFilter::default();
    [
        ("all", none.clone()),
        (
            "of a matter",
            DocumentFilter {
                matter: Some(MATTER),
                ..none.clone()
            },
        ),
        (
            "of a client",
            DocumentFilter {
                client: Some(CLIENT),
                ..none.clone()
            },
        ),
        (
            "of a request",
            DocumentFilter {
                request: Some(RequestId(ID)),
                ..none.clone()
            },
        ),
        (
            "by status",
            DocumentFilter {
                status: Some(DocumentStatus::PendingReview),
                ..none.clone()
            },
        ),
        (
            "by words",
            DocumentFilter {
                q: Some("passport page".into()),
                ..none.clone()
            },
        ),
        (
            "visible to an access",
            DocumentFilter {
                visible_to_access: Some(ACCESS),
                ..none.clone()
            },
        ),
        (
            "visible to staff",
            DocumentFilter {
                visible_to_staff: Some(STAFF),
                ..none
            },
        ),
        (
            "by everything",
            DocumentFilter {
                matter: Some(MATTER),
                client: Some(CLIENT),
                request: Some(RequestId(ID)),
                status: Some(DocumentStatus::PendingReview),
                q: Some("passport page".into()),
                visible_to_access: Some(ACCESS),
                visible_to_staff: Some(STAFF),
            },
        ),
    ]
}
