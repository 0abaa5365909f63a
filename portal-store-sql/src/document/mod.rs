//! Documents, their versions and shares.

mod port;
mod rows;

pub(crate) use port::{
    counts_by_request, document_counts, document_versions, documents, documents_count, known_blobs, shares,
};
pub(crate) use rows::{
    DOCUMENT, DOCUMENT_VERSION, DocumentRow, DocumentVersionRow, SHARE, save_document, save_share,
    save_version, uploader, uploader_values,
};
