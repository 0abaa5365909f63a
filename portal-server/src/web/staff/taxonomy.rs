//! The practice's clean values, and the texts that wait for somebody to say what they mean.

use askama::Template;

use super::{Chip, Fact};
use crate::web::view::{Choice, Errors, Pager, Shell};

/// `/staff/taxonomy`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/taxonomy.html")]
pub struct TaxonomyPage {
    /// The frame.
    pub shell: Shell,
    /// The version that was read.
    pub version: String,
    /// The dimensions.
    pub chips: Vec<Chip>,
    /// The one that is shown; `None` while there is none.
    pub dimension: Option<DimensionView>,
    /// How many texts wait for a person, and where; `None` when none do, or for who may not know.
    pub waiting: Option<(String, String)>,
    /// The form that adds a dimension; `None` for who may not.
    pub adding: Option<AddName>,
    /// The whole taxonomy as a file, by kind.
    pub files: Vec<(String, String)>,
    /// Where a file replaces it; `None` for who may not.
    pub import_href: Option<String>,
}

/// One dimension.
#[derive(Debug, Clone, Default)]
pub struct DimensionView {
    /// Its name.
    pub name: String,
    /// What it reads of a matter.
    pub reads: String,
    /// This page of values, those below another one after it.
    pub rows: Vec<ValueRow>,
    /// Where this page is.
    pub pager: Pager,
    /// The form that adds a value; `None` for who may not.
    pub adding: Option<AddValue>,
    /// Where removing the dimension posts to (`dimension`, `version`); `None` for who may not.
    pub remove_action: Option<String>,
}

/// One value.
#[derive(Debug, Clone, Default)]
pub struct ValueRow {
    /// Its name.
    pub name: String,
    /// How far it lies below others, 0 to 3; deeper ones are shown as 3.
    pub depth: usize,
    /// Other words for it.
    pub aliases: Vec<String>,
    /// How many more of these there are; empty when these are all.
    pub more: String,
    /// Where it is changed; `None` for who may not.
    pub edit_href: Option<String>,
    /// Where moving it up posts to; `None` for the first of its siblings, and for who may not.
    pub up_action: Option<String>,
}

/// A form with nothing but a name.
#[derive(Debug, Clone, Default)]
pub struct AddName {
    /// Where it posts to (`name`, `version`).
    pub action: String,
    /// `name` as sent.
    pub name: String,
    /// What is wrong with it.
    pub errors: Errors,
}

/// The form that adds a value.
#[derive(Debug, Clone, Default)]
pub struct AddValue {
    /// Where it posts to (`dimension`, `value_name`, `parent`, `version`).
    pub action: String,
    /// `value_name` as sent.
    pub name: String,
    /// Choices of `parent`.
    pub parents: Vec<Choice>,
    /// What is wrong with it.
    pub errors: Errors,
}

/// `/staff/taxonomy/value`: one value to be changed.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/taxonomy_value.html")]
pub struct ValuePage {
    /// The frame.
    pub shell: Shell,
    /// Its dimension.
    pub dimension: String,
    /// Its name as it is.
    pub value: String,
    /// The dimension's page.
    pub back_href: String,
    /// The version that was read.
    pub version: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
    /// `name`.
    pub name: String,
    /// Choices of `parent`.
    pub parents: Vec<Choice>,
    /// `aliases`, a line each.
    pub aliases: String,
}

/// `/staff/taxonomy/review`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/taxonomy_review.html")]
pub struct ReviewPage {
    /// The frame.
    pub shell: Shell,
    /// This page of texts, those on most matters first.
    pub rows: Vec<UnknownRow>,
    /// Where this page is.
    pub pager: Pager,
}

/// A text that the taxonomy does not know.
#[derive(Debug, Clone, Default)]
pub struct UnknownRow {
    /// The dimension.
    pub dimension: String,
    /// The text.
    pub raw: String,
    /// How many matters carry it.
    pub matters: String,
    /// Values that it may mean, the most alike first, each with the page that shows what accepting it does.
    pub suggestions: Vec<(String, String)>,
    /// All values, for another choice (`value`); the first is none.
    pub values: Vec<Choice>,
}

/// `/staff/taxonomy/accept`: what accepting a text does, before it is done.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/taxonomy_accept.html")]
pub struct AcceptPage {
    /// The frame.
    pub shell: Shell,
    /// The dimension.
    pub dimension: String,
    /// The text.
    pub raw: String,
    /// The value that it is another word for.
    pub value: String,
    /// In numbers.
    pub facts: Vec<Fact>,
    /// How many matters each workflow gains.
    pub workflows: Vec<Fact>,
    /// The first matters that come to match.
    pub rows: Vec<GainedRow>,
    /// How many more there are; empty when these are all.
    pub more: String,
}

/// A matter that comes to match.
#[derive(Debug, Clone, Default)]
pub struct GainedRow {
    /// The matter.
    pub href: String,
    /// Its reference.
    pub reference: String,
    /// The workflows that it did not match before.
    pub workflows: String,
}

/// `/staff/taxonomy/import`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/taxonomy_import.html")]
pub struct ImportPage {
    /// The frame.
    pub shell: Shell,
    /// The version that was read.
    pub version: String,
    /// What is wrong with the text as sent.
    pub errors: Errors,
    /// Choices of `format`.
    pub formats: Vec<Choice>,
    /// `text` as sent, or the taxonomy as it is.
    pub text: String,
}
