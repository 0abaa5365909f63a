use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::model::check_wanted;
use super::{ChecklistRule, Request, RequestDraft, RequestSource};
use crate::{
    ClientId, Duration, FieldError, Invalid, MatterId, PracticeId, RequestId, TemplateId, Timestamp, Version,
    text,
};

/// One thing that a template asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateItem {
    /// Its name within the template; a client is asked once for each. Derived from the title when empty.
    #[serde(default)]
    pub key: String,
    /// See [`Request::title`].
    pub title: String,
    /// See [`Request::help`].
    #[serde(default)]
    pub help: String,
    /// See [`Request::example`].
    #[serde(default)]
    pub example: String,
    /// See [`Request::wanted`].
    #[serde(default = "one")]
    pub wanted: u32,
    /// See [`Request::required`].
    #[serde(default = "yes")]
    pub required: bool,
    /// How many days after it is asked it is due.
    #[serde(default)]
    pub due_in_days: Option<u32>,
}

const fn one() -> u32 {
    1
}

const fn yes() -> bool {
    true
}

/// Items that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateGroup {
    /// What they have in common: "Identity", "Employment", ..
    pub name: String,
    /// The items.
    pub items: Vec<TemplateItem>,
}

/// A list of requests that can be put on a client's checklist as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecklistTemplate {
    /// Its id.
    pub id: TemplateId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// Its name; no other template has it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it asks for.
    pub groups: Vec<TemplateGroup>,
    /// Whether it is not offered any more.
    pub archived: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A template as someone fills it in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TemplateDraft {
    /// See [`ChecklistTemplate::name`].
    pub name: String,
    /// See [`ChecklistTemplate::description`].
    pub description: String,
    /// See [`ChecklistTemplate::groups`].
    pub groups: Vec<TemplateGroup>,
    /// See [`ChecklistTemplate::archived`].
    pub archived: bool,
}

impl ChecklistTemplate {
    /// The most items a template can have.
    pub const MOST_ITEMS: usize = 200;

    /// A new template.
    pub fn new(
        id: TemplateId,
        practice: PracticeId,
        draft: &TemplateDraft,
        at: Timestamp,
    ) -> Result<Self, Invalid> {
        let blank = Self {
            id,
            practice_id: practice,
            version: Version(0),
            name: String::new(),
            description: String::new(),
            groups: Vec::new(),
            archived: false,
            created_at: at,
            updated_at: at,
        };
        blank.revise(draft, at)
    }

    /// The same template with everything as `draft` says; tells all that is wrong with it at once.
    pub fn revise(mut self, draft: &TemplateDraft, at: Timestamp) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let mut keys = HashSet::new();
        self.version.bump();
        self.updated_at = at;
        self.name = invalid
            .check(text::line("name", &draft.name, 120))
            .unwrap_or_default();
        self.description = invalid
            .check(text::block("description", &draft.description, 1_000))
            .unwrap_or_default();
        self.archived = draft.archived;
        let items = draft.groups.iter().map(|group| group.items.len()).sum::<usize>();
        if items == 0 {
            invalid
                .errors
                .push(FieldError::new("groups", "required", "Add at least one request."));
        } else if items > Self::MOST_ITEMS {
            invalid.errors.push(FieldError::new(
                "groups",
                "too-many",
                format!("A template can have at most {} requests.", Self::MOST_ITEMS),
            ));
            return Err(invalid);
        }
        self.groups = Vec::with_capacity(draft.groups.len());
        for (g, group) in draft.groups.iter().enumerate() {
            let name = invalid.check(text::optional_line(&format!("groups.{g}.name"), &group.name, 80));
            let items = group
                .items
                .iter()
                .enumerate()
                .filter_map(|(i, item)| {
                    check_item(&format!("groups.{g}.items.{i}"), item, &mut keys, &mut invalid)
                })
                .collect();
            self.groups.push(TemplateGroup {
                name: name.unwrap_or_default(),
                items,
            });
        }
        invalid.finish()?;
        Ok(self)
    }

    /// The template as a form shows it.
    #[must_use]
    pub fn draft(&self) -> TemplateDraft {
        TemplateDraft {
            name: self.name.clone(),
            description: self.description.clone(),
            groups: self.groups.clone(),
            archived: self.archived,
        }
    }

    /// All items, with the names of their groups.
    pub fn items(&self) -> impl Iterator<Item = (&str, &TemplateItem)> {
        self.groups
            .iter()
            .flat_map(|group| group.items.iter().map(|item| (group.name.as_str(), item)))
    }

    /// The requests that this template adds to a client's checklist, which has `existing` ones already: an item
    /// that the client was asked for before is not asked again, whatever became of it.
    ///
    /// `ids` gives each new request its id.
    pub fn apply(
        &self,
        (practice, matter, client): (PracticeId, MatterId, ClientId),
        existing: &[Request],
        mut ids: impl FnMut() -> RequestId,
        at: Timestamp,
    ) -> Result<Vec<Request>, crate::Error<ChecklistRule>> {
        if self.archived {
            return Err(crate::Error::Rule(ChecklistRule::TemplateArchived));
        }
        let asked: HashSet<&RequestSource> = existing
            .iter()
            .filter(|r| r.matter_id == matter && r.client_id == client)
            .map(|r| &r.source)
            .collect();
        let mut position = existing.iter().map(|request| request.position).max().unwrap_or(0);
        let mut requests = Vec::new();
        for (group, item) in self.items() {
            let source = RequestSource::Template {
                template: self.id,
                key: item.key.clone(),
            };
            if asked.contains(&source) {
                continue;
            }
            position = position.saturating_add(1);
            let draft = RequestDraft {
                group: group.to_owned(),
                title: item.title.clone(),
                help: item.help.clone(),
                example: item.example.clone(),
                wanted: item.wanted,
                required: item.required,
                due_on: item
                    .due_in_days
                    .map(|days| (at + Duration::days(days.into())).date()),
            };
            requests.push(Request::new(
                ids(),
                (practice, matter, client),
                &draft,
                source,
                position,
                at,
            )?);
        }
        if requests.is_empty() {
            Err(crate::Error::Rule(ChecklistRule::NothingNew))
        } else {
            Ok(requests)
        }
    }
}

fn check_item(
    path: &str,
    item: &TemplateItem,
    keys: &mut HashSet<String>,
    invalid: &mut Invalid,
) -> Option<TemplateItem> {
    let title = invalid.check(text::line(&format!("{path}.title"), &item.title, 160));
    let help = invalid.check(text::block(&format!("{path}.help"), &item.help, 1_000));
    let example = invalid.check(text::block(&format!("{path}.example"), &item.example, 500));
    let wanted = invalid.check(check_wanted(&format!("{path}.wanted"), item.wanted));
    if item.due_in_days.is_some_and(|days| days > 3_650) {
        invalid.errors.push(FieldError::new(
            format!("{path}.due_in_days"),
            "out-of-range",
            "Choose at most 3650 days.",
        ));
    }
    let wish = if item.key.trim().is_empty() {
        title.clone()?
    } else {
        item.key.clone()
    };
    let slug: String = text::fold(&wish)
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    let key = invalid.check(text::line(&format!("{path}.key"), slug.trim_matches('-'), 160))?;
    if !keys.insert(key.clone()) {
        invalid.errors.push(FieldError::new(
            format!("{path}.key"),
            "duplicate",
            format!(
                "Two requests of this template are called \u{201c}{wish}\u{201d}. Give one another title."
            ),
        ));
    }
    Some(TemplateItem {
        key,
        title: title?,
        help: help?,
        example: example?,
        wanted: wanted?,
        required: item.required,
        due_in_days: item.due_in_days,
    })
}
