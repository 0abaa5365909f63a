//! Checklist templates.

use askama::Template;

use crate::web::view::{Errors, Shell};

/// `/staff/templates`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/templates.html")]
pub struct Templates {
    /// The frame.
    pub shell: Shell,
    /// The templates, by name.
    pub rows: Vec<TemplateRow>,
    /// Where a template is added (`name`); `None` for who may not.
    pub new_action: Option<String>,
    /// What is wrong with the new one as sent.
    pub errors: Errors,
    /// The new one's `name` as sent.
    pub name: String,
}

/// A template in the list.
#[derive(Debug, Clone, Default)]
pub struct TemplateRow {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// How many requests it brings, worded: `7 requests`.
    pub items: String,
    /// When it last changed.
    pub updated: String,
}

/// `/staff/templates/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/template.html")]
pub struct TemplatePage {
    /// The frame.
    pub shell: Shell,
    /// Its name.
    pub name: String,
    /// The version that was read.
    pub version: String,
    /// What it asks for, in groups.
    pub groups: Vec<TemplateGroup>,
    /// The forms that change it; `None` for who may not.
    pub editing: Option<Editing>,
}

/// What a template asks for, under one heading.
#[derive(Debug, Clone, Default)]
pub struct TemplateGroup {
    /// Its heading.
    pub title: String,
    /// What it asks for.
    pub items: Vec<TemplateItem>,
}

/// One thing a template asks for.
#[derive(Debug, Clone, Default)]
pub struct TemplateItem {
    /// What is asked for.
    pub title: String,
    /// What the client reads about it; may be empty.
    pub help: String,
    /// `Required`, `Due after 14 days`, `At least 3 files`; in order.
    pub notes: Vec<String>,
    /// Where taking it out posts to; `None` for who may not.
    pub remove_action: Option<String>,
}

/// The forms that change a template.
#[derive(Debug, Clone, Default)]
pub struct Editing {
    /// Where renaming posts to (`name`, `version`).
    pub rename_action: String,
    /// Where adding an item posts to.
    pub add_action: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
    /// `title` as sent.
    pub title: String,
    /// `group` as sent.
    pub group: String,
    /// `help` as sent.
    pub help: String,
    /// `example` as sent.
    pub example: String,
    /// `wanted` as sent: how many files at least.
    pub wanted: String,
    /// `due_after_days` as sent.
    pub due_after_days: String,
    /// `required` as sent.
    pub required: bool,
}
