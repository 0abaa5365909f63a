//! Checklist templates.

use askama::Template;

use super::Chip;
use crate::web::view::{Errors, Pager, Shell};

/// `/staff/templates`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/templates.html")]
pub struct Templates {
    /// The frame.
    pub shell: Shell,
    /// Filters: in use, with archived ones.
    pub chips: Vec<Chip>,
    /// This page of templates, by name.
    pub rows: Vec<TemplateRow>,
    /// Where this page is.
    pub pager: Pager,
    /// Where a template is added; `None` for who may not.
    pub new_href: Option<String>,
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
    /// Whether it is not offered any more.
    pub archived: bool,
}

/// `/staff/templates/new`: a template begins with the first thing that it asks for.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/template_new.html")]
pub struct NewTemplate {
    /// The frame.
    pub shell: Shell,
    /// `name` as sent.
    pub name: String,
    /// `description` as sent.
    pub description: String,
    /// The first request, and what is wrong with all of it.
    pub form: ItemForm,
}

/// `/staff/templates/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/template.html")]
pub struct TemplatePage {
    /// The frame.
    pub shell: Shell,
    /// Its name.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Whether it is not offered any more.
    pub archived: bool,
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
    /// Where it is changed; `None` for who may not.
    pub edit_href: Option<String>,
    /// Where moving it up posts to; `None` for the first one, and for who may not.
    pub up_action: Option<String>,
    /// Where taking it out posts to; `None` for who may not.
    pub remove_action: Option<String>,
}

/// The forms that change a template.
#[derive(Debug, Clone, Default)]
pub struct Editing {
    /// Where name and description post to (`name`, `description`, `version`).
    pub rename_action: String,
    /// `name`.
    pub name: String,
    /// `description`.
    pub description: String,
    /// What is wrong with them as sent.
    pub errors: Errors,
    /// Where adding an item posts to.
    pub add_action: String,
    /// The item to add.
    pub form: ItemForm,
    /// Where archiving posts to; `None` when it is archived.
    pub archive_action: Option<String>,
    /// Where offering it again posts to; `None` when it is not archived.
    pub unarchive_action: Option<String>,
}

/// The fields of an item.
#[derive(Debug, Clone, Default)]
pub struct ItemForm {
    /// What is wrong with what was sent.
    pub errors: Errors,
    /// `title`.
    pub title: String,
    /// `group`.
    pub group: String,
    /// `help`.
    pub help: String,
    /// `example`.
    pub example: String,
    /// `wanted`: how many files at least.
    pub wanted: String,
    /// `due_after_days`.
    pub due_after_days: String,
    /// `required`.
    pub required: bool,
}

/// `/staff/templates/{id}/items/{group}/{item}`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/template_item.html")]
pub struct ItemPage {
    /// The frame.
    pub shell: Shell,
    /// The template's name.
    pub template: String,
    /// Its page.
    pub template_href: String,
    /// Where the form posts to.
    pub action: String,
    /// The version that was read.
    pub version: String,
    /// The item.
    pub form: ItemForm,
}
