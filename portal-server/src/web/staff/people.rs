//! Who works for the practice.

use askama::Template;

use crate::web::view::{Badge, Choice, Errors, Pager, Shell};

/// `/staff/people`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/people.html")]
pub struct People {
    /// The frame.
    pub shell: Shell,
    /// How many there are, worded.
    pub counted: String,
    /// This page of them, by name.
    pub rows: Vec<PersonRow>,
    /// Where this page is.
    pub pager: Pager,
    /// The form that adds one; `None` for who may not.
    pub adding: Option<AddPerson>,
}

/// A staff member in the list.
#[derive(Debug, Clone, Default)]
pub struct PersonRow {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their role.
    pub role: String,
    /// Whether they may sign in.
    pub badge: Badge,
    /// Their matters.
    pub matters_href: String,
    /// Where a change posts to (`role`, `active`, `version`); `None` for who may not.
    pub action: Option<String>,
    /// The version that was read.
    pub version: String,
    /// Choices of `role`.
    pub roles: Vec<Choice>,
    /// Whether they may sign in at present.
    pub active: bool,
}

/// The form that adds a staff member, as sent.
#[derive(Debug, Clone, Default)]
pub struct AddPerson {
    /// Where it posts to.
    pub action: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
    /// `name`.
    pub name: String,
    /// `email`.
    pub email: String,
    /// Choices of `role`.
    pub roles: Vec<Choice>,
}
