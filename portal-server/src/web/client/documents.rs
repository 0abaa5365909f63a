//! Every file the client may see.

use askama::Template;

use super::{FileRow, Matter};
use crate::web::view::{Pager, Shell};

/// `/p/{access}/documents`.
#[derive(Debug, Clone, Template)]
#[template(path = "client/documents.html")]
pub struct Documents {
    /// The frame.
    pub shell: Shell,
    /// The matter.
    pub matter: Matter,
    /// How many there are in all.
    pub total: u64,
    /// This page of them, newest first.
    pub files: Vec<FileRow>,
    /// Where this page is.
    pub pager: Pager,
    /// Where the things to provide are, for a list that is still empty.
    pub requests_href: String,
}
