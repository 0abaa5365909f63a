//! The staff's pages.
//!
//! One file a page: a struct of plain, already worded values that its template shows. Handlers read, authorise and decide,
//! then fill one of these. An action that the reader may not take is `None`, and its button is not there.

pub mod approvals;
pub mod audit;
pub mod clients;
pub mod document;
pub mod door;
pub(crate) mod handlers;
pub mod home;
pub mod inbox;
pub mod mail;
pub mod matter;
pub mod matters;
pub mod notifications;
pub mod people;
pub mod reports;
pub mod review;

pub mod settings;
pub mod tasks;
pub mod taxonomy;
pub mod templates;
pub mod work;
pub mod workflow_form;
pub mod workflows;

use crate::web::view::{Badge, NavItem};

/// Which part of the staff's pages is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// What needs attention.
    Home,
    /// Matters, or one of them.
    Matters,
    /// What staff have to do.
    Tasks,
    /// What clients are asked to approve.
    Approvals,
    /// Clients, or one of them.
    Clients,
    /// Conversations with clients.
    Inbox,
    /// Checklist templates.
    Templates,
    /// Workflows, and the clean values that they match.
    Workflows,
    /// Messages in numbers.
    Reports,
    /// Who did what.
    Audit,
    /// What the reader was told.
    Notifications,
    /// Captured mail and text messages, in a demo.
    Mail,
    /// Who works for the practice.
    People,
    /// The practice's settings.
    Settings,
}

/// The places of a staff member; captured mail only where there is some (`mail`).
#[must_use]
pub fn nav(at: Option<Place>, unread: u64, mail: bool) -> Vec<NavItem> {
    let item = |place, href: &str, label: &str, icon| NavItem {
        href: href.to_owned(),
        label: label.to_owned(),
        icon,
        count: None,
        current: Some(place) == at,
    };
    let mut items = vec![
        item(Place::Home, "/staff", "Home", "home"),
        item(Place::Matters, "/staff/matters", "Matters", "matter"),
        item(Place::Tasks, "/staff/tasks", "Tasks", "check-circle"),
        item(Place::Approvals, "/staff/approvals", "Approvals", "approval"),
        item(Place::Clients, "/staff/clients", "Clients", "users"),
        item(
            Place::Templates,
            "/staff/templates",
            "Checklist templates",
            "template",
        ),
        item(Place::Workflows, "/staff/workflows", "Workflows", "workflow"),
        NavItem {
            count: (unread > 0).then(|| unread.to_string()),
            ..item(
                Place::Notifications,
                "/staff/notifications",
                "Notifications",
                "bell",
            )
        },
    ];
    if mail {
        items.push(item(Place::Mail, "/dev/outbox", "Captured messages", "mail"));
    }
    items
}

/// A saved filter, with what it would show.
#[derive(Debug, Clone, Default)]
pub struct Chip {
    /// The list with this filter.
    pub href: String,
    /// Its name.
    pub label: String,
    /// How many it shows, worded for the eye; empty when nobody counted.
    pub count: String,
    /// Whether it is in force.
    pub current: bool,
}

/// A column that can be sorted by.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// Its name.
    pub label: String,
    /// The list sorted by it, or turned round; empty for a column that cannot be.
    pub href: String,
    /// `ascending` or `descending` when the list is sorted by it; empty otherwise.
    pub sorted: &'static str,
}

/// Something known about a record.
#[derive(Debug, Clone, Default)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// What it says; shown as a dash when empty.
    pub value: String,
    /// Where it leads; empty when nowhere.
    pub href: String,
}

impl Fact {
    /// A fact that leads nowhere.
    #[must_use]
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            href: String::new(),
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, Default)]
pub struct Happened {
    /// Name of a symbol in `assets/icons.svg`.
    pub icon: &'static str,
    /// Who did it: `Sam Keller`, `Amina Haddad`, `Sam Keller as Amina Haddad`, `The portal`.
    pub who: String,
    /// What they did, continuing the sentence: `accepted Passport bio page`.
    pub what: String,
    /// What it concerns; empty when nowhere.
    pub href: String,
    /// `Today, 14:05`.
    pub when: String,
    /// Further words, such as a reason; may be empty.
    pub note: String,
}

/// A matter in a list.
#[derive(Debug, Clone, Default)]
pub struct MatterRow {
    /// Its page.
    pub href: String,
    /// Its reference.
    pub reference: String,
    /// Its title.
    pub title: String,
    /// Who it is for: the principal, and how many more.
    pub clients: String,
    /// Its stage, as the practice says it.
    pub stage: String,
    /// Who owns it.
    pub owner: String,
    /// What it needs.
    pub badge: Badge,
    /// `2 of 7`; empty when nothing was asked.
    pub done: String,
    /// On a client's page: whether the portal is open to them, in an icon and a word.
    pub access: Badge,
    /// When it last changed.
    pub updated: String,
}
