//! One thing that is asked for.

use askama::Template;

use super::{Due, FileRow, Matter, Upload};
use crate::web::view::{Badge, Pager, Shell};

/// `/p/{access}/requests/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "client/request.html")]
pub struct RequestPage {
    /// The frame.
    pub shell: Shell,
    /// The matter.
    pub matter: Matter,
    /// All requests.
    pub requests_href: String,
    /// What is asked for.
    pub title: String,
    /// Where it stands.
    pub badge: Badge,
    /// When it is due.
    pub due: Option<Due>,
    /// How many files are wanted: `3 files needed, 1 more to send`; empty when one is enough.
    pub wanted: String,
    /// Why it is asked; may be empty.
    pub why: String,
    /// What makes a good one, an example in words; paragraphs are separated by newlines; may be empty.
    pub help: String,
    /// Why what was sent came back; empty when it did not.
    pub returned: String,
    /// What was provided, newest first: this page of it.
    pub files: Vec<FileRow>,
    /// How many files were provided in all.
    pub total: u64,
    /// Where in the files this page is; shown when there is more than one page.
    pub pager: Option<Pager>,
    /// The way to provide it; `None` when nothing more is wanted, or the reader may only look.
    pub upload: Option<Upload>,
    /// The next thing to do: its title and page.
    pub next: Option<(String, String)>,
}

impl RequestPage {
    fn help_paragraphs(&self) -> impl Iterator<Item = &str> {
        self.help.lines().map(str::trim).filter(|line| !line.is_empty())
    }
}
