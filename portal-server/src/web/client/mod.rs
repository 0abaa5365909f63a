//! The client's pages.
//!
//! One file a page: a struct of plain, already worded values that its template shows. The handlers beside them read, then
//! fill one of these; no struct and no template knows the domain.

pub mod approval;
pub mod approvals;
pub mod documents;
pub mod door;
pub mod ended;
pub mod error;
pub mod evidence;
pub(crate) mod handlers;
pub mod home;
pub mod matters;
pub mod request;
pub mod requests;

use crate::web::view::{Badge, NavItem, Progress};

/// The matter a page belongs to.
#[derive(Debug, Clone, Default)]
pub struct Matter {
    /// Its title, such as `Partner visa 820`.
    pub title: String,
    /// Its reference, such as `HM-2041`.
    pub reference: String,
}

/// Someone the client can turn to.
#[derive(Debug, Clone, Default)]
pub struct Contact {
    /// Their name.
    pub name: String,
    /// What they do, in the client's words.
    pub role: String,
    /// Email address; empty when there is none to show.
    pub email: String,
    /// Phone number in E.164; empty when there is none to show.
    pub phone: String,
    /// How to get help, in their own words; empty when they said nothing.
    pub note: String,
}

impl Contact {
    /// Up to two letters for the avatar.
    #[must_use]
    pub fn initials(&self) -> String {
        crate::web::view::initials(&self.name)
    }
}

/// When something is due, as its reader says it.
#[derive(Debug, Clone, Default)]
pub struct Due {
    /// `Due Fri 27 Nov`, `Was due Fri 13 Nov`.
    pub text: String,
    /// Whether that time has passed.
    pub late: bool,
}

/// A way to send files.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    /// Where the files go, as `multipart/form-data` with one or more parts named `file`. The script sends each file in a
    /// request of its own with `Accept: application/json` and shows the `detail` of a problem beside it; without scripts
    /// all come in one request, and the answer is a page.
    pub action: String,
    /// What is taken and how much: `PDF, photo or Word document, up to 25 MB each`.
    pub limits: String,
    /// The value of the file input's `accept`; empty to offer everything.
    pub accept: String,
    /// What became of what was just sent without scripts.
    pub outcomes: Vec<Outcome>,
}

/// What became of one file that was sent.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Its name; empty for what concerns the form as a whole.
    pub name: String,
    /// Whether it arrived.
    pub sent: bool,
    /// Why it did not.
    pub text: String,
}

/// One request in a list.
#[derive(Debug, Clone, Default)]
pub struct RequestRow {
    /// Its page.
    pub href: String,
    /// What is asked for.
    pub title: String,
    /// Where it stands.
    pub badge: Badge,
    /// When it is due.
    pub due: Option<Due>,
    /// `2 files`; empty when nothing was provided.
    pub provided: String,
}

/// Something to approve in a list.
#[derive(Debug, Clone, Default)]
pub struct ApprovalRow {
    /// Its page.
    pub href: String,
    /// The question.
    pub title: String,
    /// `Draft · 2 documents · Asked Fri 20 Nov`.
    pub about: String,
    /// Where it stands.
    pub badge: Badge,
    /// When an answer is due.
    pub due: Option<Due>,
    /// What answering it among several sends: its id and the hash of what it shows. Empty where it cannot be answered.
    pub choice: String,
    /// Whether it is ticked among several.
    pub is_chosen: bool,
}

/// One file the client provided.
#[derive(Debug, Clone, Default)]
pub struct FileRow {
    /// Its name, as the client's device gave it.
    pub name: String,
    /// Up to four letters for its type: `PDF`, `JPG`.
    pub kind: String,
    /// `1.2 MB`.
    pub size: String,
    /// `Sent Fri 20 Nov, 09:12`.
    pub when: String,
    /// Where it stands.
    pub badge: Badge,
    /// Why it was returned; empty when it was not.
    pub reason: String,
    /// Where it can be downloaded; empty while it cannot.
    pub download_href: String,
    /// What it was provided for, and that request's page; shown in lists over several requests.
    pub request: Option<(String, String)>,
    /// Where another file is sent that takes its place, and its id; `None` when it is not to be replaced.
    pub replace: Option<(String, String)>,
    /// What it took the place of, newest first.
    pub earlier: Vec<Earlier>,
}

/// An earlier version of a file.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    /// Its name.
    pub name: String,
    /// Its size, and when it came.
    pub about: String,
    /// Where it can be downloaded.
    pub href: String,
}

/// Which page of the portal is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// What to do next.
    Home,
    /// All requests, or one of them.
    Requests,
    /// What is to be approved, and what was.
    Approvals,
    /// All documents.
    Documents,
}

/// The tab bar of the workspace under `base` (such as `/p/AbC..`).
#[must_use]
pub fn nav(base: &str, at: Place, requests: Progress, approvals: u64, documents: u64) -> Vec<NavItem> {
    let item = |place, path: &str, label: &str, icon, count| NavItem {
        href: format!("{base}{path}"),
        label: label.to_owned(),
        icon,
        count,
        current: place == at,
    };
    vec![
        item(Place::Home, "", "Home", "home", None),
        item(
            Place::Requests,
            "/requests",
            "To provide",
            "checklist",
            (requests.total > 0).then(|| format!("{}/{}", requests.done, requests.total)),
        ),
        item(
            Place::Approvals,
            "/approvals",
            "Approvals",
            "approval",
            (approvals > 0).then(|| approvals.to_string()),
        ),
        item(
            Place::Documents,
            "/documents",
            "Documents",
            "document",
            (documents > 0).then(|| documents.to_string()),
        ),
    ]
}
