//! All matters.

use askama::Template;

use super::{Chip, Column, MatterRow};
use crate::web::view::{Choice, Errors, Pager, Shell};

/// `/staff/matters`. Every filter stands in the address.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/matters.html")]
pub struct Matters {
    /// The frame.
    pub shell: Shell,
    /// How many matters match, worded: `1,204 matters`.
    pub counted: String,
    /// Saved filters.
    pub chips: Vec<Chip>,
    /// What was searched for (`q`).
    pub q: String,
    /// Choices of `area`.
    pub areas: Vec<Choice>,
    /// Choices of `stage`.
    pub stages: Vec<Choice>,
    /// Choices of `owner`.
    pub owners: Vec<Choice>,
    /// Choices of `state`.
    pub states: Vec<Choice>,
    /// The sort in force, kept by the filter form (`sort`).
    pub sort: String,
    /// The saved filter in force, kept by the filter form (`show`).
    pub show: String,
    /// Whether any filter is in force, so that an empty list says why.
    pub filtered: bool,
    /// The columns: reference, matter, stage, owner, done, needs, updated.
    pub columns: Vec<Column>,
    /// This page of matters.
    pub rows: Vec<MatterRow>,
    /// Where this page is.
    pub pager: Pager,
    /// Where a matter is added; `None` for who may not.
    pub new_href: Option<String>,
}

/// Adding a matter, or changing one.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/matter_form.html")]
pub struct MatterForm {
    /// The frame.
    pub shell: Shell,
    /// `New matter`, or `Change HM-2041`.
    pub heading: String,
    /// Where the form posts to.
    pub action: String,
    /// Where leaving leads.
    pub cancel_href: String,
    /// The version that was read; empty for a new one.
    pub version: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
    /// `reference`.
    pub reference: String,
    /// `title`.
    pub title: String,
    /// `practice_area`.
    pub practice_area: String,
    /// `stage`.
    pub stage: String,
    /// Choices of `owner_id`.
    pub owners: Vec<Choice>,
    /// `parent`: the reference of the matter that this one belongs to.
    pub parent: String,
    /// `client`: email address or reference of the principal; only asked for a new matter.
    pub client: Option<String>,
    /// `attributes`: a line each, `name: value`.
    pub attributes: String,
}
