//! One matter, in tabs.

use askama::Template;

use super::tasks::{TaskForm, TaskRow};
use super::{Chip, Fact, Happened, MatterRow};
use crate::web::client::Due;
use crate::web::view::{Badge, Choice, Errors, NavItem, Pager, Progress, Shell};

/// What stands above every tab of a matter.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// The matter's address, such as `/staff/matters/019a..`; the tabs are under it.
    pub base: String,
    /// Its reference.
    pub reference: String,
    /// Its title.
    pub title: String,
    /// Whether it is open, in an icon and a word.
    pub badge: Badge,
    /// One line: practice area, stage, owner, next due date.
    pub line: Vec<String>,
    /// How much of what was asked is done.
    pub progress: Progress,
    /// How many documents there are.
    pub documents: u64,
    /// How many approvals wait for an answer.
    pub approvals: u64,
    /// How many people may open the portal.
    pub accesses: u64,
    /// Where its details are changed; `None` for who may not.
    pub edit_href: Option<String>,
}

/// The tabs of a matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// What needs attention, who is involved.
    Overview,
    /// What is asked of the clients.
    Checklist,
    /// The files.
    Documents,
    /// What clients are asked to approve.
    Approvals,
    /// Who may open the portal.
    Access,
    /// What happened.
    Activity,
}

impl Head {
    /// The tabs, as links.
    #[must_use]
    pub fn tabs(&self, at: Tab) -> Vec<NavItem> {
        let item = |tab, path: &str, label: &str, count| NavItem {
            href: format!("{}{path}", self.base),
            label: label.to_owned(),
            icon: "",
            count,
            current: tab == at,
        };
        let Progress { done, total } = self.progress;
        vec![
            item(Tab::Overview, "", "Overview", None),
            item(
                Tab::Checklist,
                "/checklist",
                "Checklist",
                (total > 0).then(|| format!("{done}/{total}")),
            ),
            item(
                Tab::Documents,
                "/documents",
                "Documents",
                Some(self.documents.to_string()),
            ),
            item(
                Tab::Approvals,
                "/approvals",
                "Approvals",
                (self.approvals > 0).then(|| self.approvals.to_string()),
            ),
            item(
                Tab::Access,
                "/access",
                "Portal access",
                Some(self.accesses.to_string()),
            ),
            item(Tab::Activity, "/activity", "Activity", None),
        ]
    }
}

/// A number that leads to what it counts.
#[derive(Debug, Clone, Default)]
pub struct Tile {
    /// The number.
    pub number: u64,
    /// What it counts.
    pub label: String,
    /// Exactly those.
    pub href: String,
}

/// Someone on the matter.
#[derive(Debug, Clone, Default)]
pub struct ParticipantRow {
    /// Their name.
    pub name: String,
    /// Their page.
    pub href: String,
    /// Their part: `Principal`, `Partner`, `Dependant`, `Contact`.
    pub part: String,
    /// Their portal access, in an icon and a word.
    pub badge: Badge,
    /// Where taking them off the matter posts to; `None` for who may not, or while they have access.
    pub remove_action: Option<String>,
    /// Where changing their part posts to (`part`); `None` for who may not.
    pub part_action: Option<String>,
    /// Choices of `part`.
    pub parts: Vec<Choice>,
}

/// Someone who works on the matter besides its owner.
#[derive(Debug, Clone, Default)]
pub struct TeamRow {
    /// Their name.
    pub name: String,
    /// Where taking them off the team posts to; `None` for who may not.
    pub remove_action: Option<String>,
}

/// `/staff/matters/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/matter/overview.html")]
pub struct Overview {
    /// The frame.
    pub shell: Shell,
    /// The matter.
    pub head: Head,
    /// What needs attention.
    pub tiles: Vec<Tile>,
    /// What is known: area, stage, owner, attributes.
    pub facts: Vec<Fact>,
    /// Where it stands, and what matches it.
    pub stage: StageCard,
    /// What is to be done on it.
    pub tasks: TaskCard,
    /// Who is involved.
    pub people: Vec<ParticipantRow>,
    /// Where a person is added; `None` for who may not.
    pub add_person_action: Option<String>,
    /// Choices of `part` for them.
    pub parts: Vec<Choice>,
    /// What is wrong with the person as sent (`client`, `part`).
    pub errors: Errors,
    /// What was sent as `client`.
    pub client: String,
    /// Who works on it besides the owner.
    pub team: Vec<TeamRow>,
    /// Where adding somebody to the team posts to (`staff_id`); `None` for who may not, or when there is nobody to add.
    pub add_team_action: Option<String>,
    /// Choices of `staff_id`.
    pub team_choices: Vec<Choice>,
    /// The matter it belongs to, and those that belong to it.
    pub related: Vec<MatterRow>,
    /// The last things that happened.
    pub recent: Vec<Happened>,
    /// Where closing posts to; `None` when closed, or for who may not.
    pub close_action: Option<String>,
    /// Where reopening posts to; `None` when open, or for who may not.
    pub reopen_action: Option<String>,
}

/// What staff have to do on a matter.
#[derive(Debug, Clone, Default)]
pub struct TaskCard {
    /// What is open, the first due first.
    pub rows: Vec<TaskRow>,
    /// How many more are open.
    pub hidden: u64,
    /// All of them, open or done; `None` where there never were any.
    pub all_href: Option<String>,
    /// The form that adds one; `None` for who may not.
    pub form: Option<TaskForm>,
}

/// Where a matter stands.
#[derive(Debug, Clone, Default)]
pub struct StageCard {
    /// The workflows that match it now.
    pub matched: Vec<Matched>,
    /// The stages it was in, the last first.
    pub rows: Vec<StageRow>,
    /// Whether there were more.
    pub is_cut: bool,
    /// The page that explains each workflow; `None` while there is none.
    pub why_href: Option<String>,
}

/// A workflow that matches a matter.
#[derive(Debug, Clone, Default)]
pub struct Matched {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
}

/// A stage that a matter was in.
#[derive(Debug, Clone, Default)]
pub struct StageRow {
    /// Name of a symbol in `assets/icons.svg`.
    pub icon: &'static str,
    /// Its name in clean words, where it is known.
    pub name: String,
    /// How it was written, where that is something else; may be empty.
    pub note: String,
    /// `Since Fri 20 Nov, 09:12`.
    pub when: String,
}

/// `/staff/matters/{id}/why`: why each workflow matches or does not.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/matter/why.html")]
pub struct Why {
    /// The frame.
    pub shell: Shell,
    /// The matter.
    pub head: Head,
    /// What is known of it.
    pub facts: Vec<Fact>,
    /// Filters: those that match, the others.
    pub chips: Vec<Chip>,
    /// The workflows.
    pub rows: Vec<WhyRow>,
    /// Where this page is.
    pub pager: Pager,
}

/// Why a workflow matches or does not.
#[derive(Debug, Clone, Default)]
pub struct WhyRow {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Whether it matches, in an icon and a word.
    pub badge: Badge,
    /// Its criteria.
    pub verdicts: Vec<VerdictRow>,
}

/// Whether a criterion holds.
#[derive(Debug, Clone, Default)]
pub struct VerdictRow {
    /// Whether it does.
    pub holds: bool,
    /// The criterion: `Case stage is Filing`.
    pub text: String,
    /// Why: `it is Intake`.
    pub because: String,
}

/// `/staff/matters/{id}/checklist`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/matter/checklist.html")]
pub struct Checklist {
    /// The frame.
    pub shell: Shell,
    /// The matter.
    pub head: Head,
    /// Filters: all, to review, with the client, overdue, done.
    pub chips: Vec<Chip>,
    /// The people who have a checklist, each with what they provided of what was asked; empty for only one.
    pub people: Vec<Chip>,
    /// Whether any filter is in force.
    pub filtered: bool,
    /// The requests by group; with a person's name in the title where several have a checklist.
    pub groups: Vec<RequestGroup>,
    /// All that was provided, as one file; `None` when there is nothing.
    pub zip_href: Option<String>,
    /// Adding by template and by hand; `None` for who may not.
    pub adding: Option<Adding>,
}

/// Requests under one heading.
#[derive(Debug, Clone, Default)]
pub struct RequestGroup {
    /// `Identity`, or `Identity - Amina Haddad`.
    pub title: String,
    /// Its requests.
    pub rows: Vec<StaffRequestRow>,
}

/// A request as staff see it in the list.
#[derive(Debug, Clone, Default)]
pub struct StaffRequestRow {
    /// Its page, where it is reviewed.
    pub href: String,
    /// What is asked for.
    pub title: String,
    /// Of whom; empty where only one person has a checklist.
    pub person: String,
    /// Where it stands.
    pub badge: Badge,
    /// When it is due.
    pub due: Option<Due>,
    /// `2 files`, `2 of 3 files`.
    pub files: String,
}

/// The forms that add requests.
#[derive(Debug, Clone, Default)]
pub struct Adding {
    /// Choices of `client_id` in both forms.
    pub people: Vec<Choice>,
    /// Where applying a template posts to.
    pub template_action: String,
    /// Choices of `template_id`.
    pub templates: Vec<Choice>,
    /// Where adding by hand posts to.
    pub request_action: String,
    /// What is wrong with what was sent by hand.
    pub errors: Errors,
    /// `title` as sent.
    pub title: String,
    /// `group` as sent.
    pub group: String,
    /// `help` as sent.
    pub help: String,
    /// `wanted` as sent: how many files.
    pub wanted: String,
    /// `due_on` as sent (`2026-11-27`).
    pub due_on: String,
    /// Where people are added to the matter.
    pub people_href: String,
}

/// A file as staff see it.
#[derive(Debug, Clone, Default)]
pub struct DocumentRow {
    /// Its name, as the client's device gave it.
    pub name: String,
    /// Up to four letters for its type.
    pub kind: String,
    /// Its page.
    pub href: String,
    /// Where it is downloaded; empty while it cannot be.
    pub download_href: String,
    /// What it was provided for, and that request's page.
    pub request: Option<(String, String)>,
    /// Who sent it.
    pub from: String,
    /// `1.2 MB`.
    pub size: String,
    /// `Fri 20 Nov, 09:12`.
    pub when: String,
    /// Its category.
    pub category: String,
    /// Who may see it: `Staff only`, `Amina Haddad`, `All participants`.
    pub audience: String,
    /// Where it stands.
    pub badge: Badge,
    /// Where accepting posts to, and the version that was read; `None` when it does not wait, and for who may not.
    pub accept: Option<(String, String)>,
}

/// `/staff/matters/{id}/documents`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/matter/documents.html")]
pub struct Documents {
    /// The frame.
    pub shell: Shell,
    /// The matter.
    pub head: Head,
    /// Filters: all, pending review, accepted, returned.
    pub chips: Vec<Chip>,
    /// What was searched for (`q`).
    pub q: String,
    /// The state in force, kept by the search (`status`).
    pub status: String,
    /// Whether any filter is in force.
    pub filtered: bool,
    /// This page of files.
    pub rows: Vec<DocumentRow>,
    /// Where this page is.
    pub pager: Pager,
    /// All of the matter's files as one; `None` when there are none.
    pub zip_href: Option<String>,
    /// The form that adds files; `None` for who may not.
    pub upload: Option<StaffUpload>,
}

/// The form with which staff add files.
#[derive(Debug, Clone, Default)]
pub struct StaffUpload {
    /// Where it posts to (`client_id`, `confidentiality`, `file`).
    pub action: String,
    /// Choices of `client_id`.
    pub people: Vec<Choice>,
    /// Choices of `confidentiality`.
    pub audiences: Vec<Choice>,
}

/// One person's access to the portal of the matter.
#[derive(Debug, Clone, Default)]
pub struct AccessRow {
    /// Their name.
    pub name: String,
    /// Their page.
    pub client_href: String,
    /// Their email address; empty when there is none, and then they cannot be invited.
    pub email: String,
    /// Their part on the matter.
    pub part: String,
    /// The access, in an icon and a word.
    pub badge: Badge,
    /// The address of their portal, which opens nothing by itself; empty without access.
    pub url: String,
    /// `Invited Fri 20 Nov`, `First opened Sat 21 Nov`; in order.
    pub dates: Vec<String>,
    /// Where enabling posts to (`invite`).
    pub enable_action: Option<String>,
    /// Whether they have an address that an invitation can go to.
    pub can_invite: bool,
    /// Where inviting by mail posts to.
    pub invite_action: Option<String>,
    /// Where looking at the portal as they do posts to (it is on record).
    pub preview_action: Option<String>,
    /// Where revoking posts to.
    pub revoke_action: Option<String>,
    /// Where restoring posts to.
    pub restore_action: Option<String>,
}

/// `/staff/matters/{id}/access`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/matter/access.html")]
pub struct Access {
    /// The frame.
    pub shell: Shell,
    /// The matter.
    pub head: Head,
    /// Everybody on the matter, with or without access.
    pub rows: Vec<AccessRow>,
    /// Where people are added: the overview.
    pub people_href: String,
}

/// `/staff/matters/{id}/activity`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/matter/activity.html")]
pub struct Activity {
    /// The frame.
    pub shell: Shell,
    /// The matter.
    pub head: Head,
    /// What happened, or the mails.
    pub chips: Vec<Chip>,
    /// Whether mails are shown.
    pub only_mail: bool,
    /// This page of what happened, newest first.
    pub items: Vec<Happened>,
    /// This page of mails, newest first.
    pub mails: Vec<SentMail>,
    /// Where this page is.
    pub pager: Pager,
}

/// A mail that was sent, or was to be.
#[derive(Debug, Clone, Default)]
pub struct SentMail {
    /// Its place on the page, for links to it.
    pub id: String,
    /// Whether it is a text message, which has no subject.
    pub is_text: bool,
    /// Its subject.
    pub subject: String,
    /// To whom: name and address.
    pub to: String,
    /// `Today, 14:05`.
    pub when: String,
    /// How far it has come.
    pub badge: Badge,
    /// Why the last try failed; may be empty.
    pub error: String,
    /// Its text, without secrets.
    pub text: String,
}
