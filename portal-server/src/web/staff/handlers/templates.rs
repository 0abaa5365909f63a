//! Checklist templates: the list, one of them, adding and changing what it asks for. Every step is one form.

use axum::response::Response;
use portal_core::TemplateId;
use portal_core::checklist::{ChecklistTemplate, TemplateDraft, TemplateGroup, TemplateItem};
use portal_core::policy::Capability;
use serde::Deserialize;

use super::asked::{Asked, counted};
use super::desk::{Desk, Outcome, tried};
use super::rows::PAGE;
use super::sent::{Fields, Sent};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::templates::{ItemForm, NewTemplate, TemplatePage, TemplateRow, Templates};
use crate::web::staff::{Chip, Place, templates as view};
use crate::web::view::Errors;

fn href(id: TemplateId) -> String {
    format!("/staff/templates/{id}")
}

fn item_href(id: TemplateId, place: (usize, usize)) -> String {
    format!("{}/items/{}/{}", href(id), place.0, place.1)
}

pub(super) async fn list(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    let archived = asked.text("show") == "archived";
    let page = desk
        .portal()
        .templates(desk.ctx(), archived, &asked.page(PAGE))
        .await?;
    let row = |template: &ChecklistTemplate| TemplateRow {
        href: href(template.id),
        name: template.name.clone(),
        items: counted(
            u64::try_from(template.items().count()).unwrap_or_default(),
            "request",
            "requests",
        ),
        updated: format!("changed {}", desk.when.day_within(template.updated_at)),
        archived: template.archived,
    };
    let chip = |label: &str, value: &str, current| Chip {
        href: asked.with("show", value),
        label: label.to_owned(),
        count: String::new(),
        current,
    };
    Ok(desk.page(&Templates {
        shell: desk.shell(Some(Place::Templates)).await?,
        chips: vec![
            chip("In use", "", !archived),
            chip("With archived ones", "archived", archived),
        ],
        rows: page.items.iter().map(row).collect(),
        pager: asked.pager(&page),
        new_href: desk.if_may(Capability::EditTemplates, "/staff/templates/new"),
    }))
}

/// What an item's form says; what is no number is noted.
fn item(fields: &Fields, errors: &mut Errors) -> (String, TemplateItem) {
    let wanted = fields.text("wanted");
    let wanted = match wanted.trim() {
        "" => Some(1),
        text => text.parse().ok(),
    };
    if wanted.is_none() {
        errors.add("wanted", "Write the number of files in digits, like 2.");
    }
    let days = fields.text("due_after_days");
    let due_in_days = match days.trim() {
        "" => None,
        text => {
            let days = text.parse().ok();
            if days.is_none() {
                errors.add("due_after_days", "Write the number of days in digits, like 14.");
            }
            days
        }
    };
    let item = TemplateItem {
        key: String::new(),
        title: fields.text("title"),
        help: fields.text("help"),
        example: fields.text("example"),
        wanted: wanted.unwrap_or(1),
        required: fields.ticked("required"),
        due_in_days,
    };
    (fields.text("group").trim().to_owned(), item)
}

/// The item's form with these fields in it.
fn item_form(fields: &Fields, errors: Errors) -> ItemForm {
    ItemForm {
        errors,
        title: fields.text("title"),
        group: fields.text("group"),
        help: fields.text("help"),
        example: fields.text("example"),
        wanted: fields.text("wanted"),
        due_after_days: fields.text("due_after_days"),
        required: fields.ticked("required"),
    }
}

fn blank_item() -> ItemForm {
    ItemForm {
        wanted: "1".into(),
        required: true,
        ..ItemForm::default()
    }
}

/// Puts an item at the end of its group, which is made when there is none of that name.
fn add(draft: &mut TemplateDraft, group: &str, item: TemplateItem) {
    match draft.groups.iter_mut().find(|known| known.name == group) {
        Some(known) => known.items.push(item),
        None => draft.groups.push(TemplateGroup {
            name: group.to_owned(),
            items: vec![item],
        }),
    }
}

/// The form's names for the fields of the rules: `groups.1.items.0.title` is `title`.
fn placed(errors: Errors) -> Errors {
    let mut placed = Errors::default();
    for error in errors.0 {
        let last = error.field.rsplit('.').next().unwrap_or_default();
        let field = match last {
            "key" => "title",
            "due_in_days" => "due_after_days",
            "groups" => "",
            "name" if error.field.starts_with("groups.") => "group",
            last => last,
        };
        placed.add(field, error.text.clone());
    }
    placed
}

async fn new_form(desk: &Desk, fields: &Fields, form: ItemForm) -> Result<NewTemplate, Problem> {
    Ok(NewTemplate {
        shell: desk.shell(Some(Place::Templates)).await?,
        name: fields.text("name"),
        description: fields.text("description"),
        form,
    })
}

pub(super) async fn new(desk: Desk) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditTemplates)?;
    Ok(desk.page(&new_form(&desk, &Fields::default(), blank_item()).await?))
}

pub(super) async fn create(Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditTemplates)?;
    let mut errors = Errors::default();
    let (group, item) = item(&fields, &mut errors);
    let mut draft = TemplateDraft {
        name: fields.text("name"),
        description: fields.text("description"),
        ..TemplateDraft::default()
    };
    add(&mut draft, &group, item);
    if errors.is_empty() {
        match tried(desk.portal().add_template(desk.ctx(), &draft).await)? {
            Outcome::Done(template) => {
                let text = format!("{} is added. Add what else it asks for.", template.name);
                return Ok(desk.done(&href(template.id), text));
            }
            Outcome::Wrong(wrong) => errors = placed(wrong),
        }
    }
    Ok(desk.mend(&new_form(&desk, &fields, item_form(&fields, errors)).await?))
}

/// What was being changed about a template when the rules refused it.
struct Refused {
    adding: Option<ItemForm>,
    naming: Option<(Fields, Errors)>,
}

async fn page(desk: &Desk, template: &ChecklistTemplate, refused: Refused) -> Result<TemplatePage, Problem> {
    let may = desk.may(Capability::EditTemplates);
    let action = |path: String| may.then_some(path);
    let notes = |item: &TemplateItem| {
        let mut notes = vec![if item.required { "Required" } else { "Optional" }.to_owned()];
        if item.wanted > 1 {
            notes.push(format!("At least {} files", item.wanted));
        }
        notes.extend(item.due_in_days.map(|days| format!("Due after {days} days")));
        notes
    };
    let groups = template
        .groups
        .iter()
        .enumerate()
        .map(|(g, group)| view::TemplateGroup {
            title: if group.name.is_empty() {
                "Other".to_owned()
            } else {
                group.name.clone()
            },
            items: group
                .items
                .iter()
                .enumerate()
                .map(|(i, item)| view::TemplateItem {
                    title: item.title.clone(),
                    help: item.help.clone(),
                    notes: notes(item),
                    edit_href: action(item_href(template.id, (g, i))),
                    up_action: action(format!("{}/up", item_href(template.id, (g, i))))
                        .filter(|_| (g, i) != (0, 0)),
                    remove_action: action(format!("{}/remove", item_href(template.id, (g, i)))),
                })
                .collect(),
        });
    let (name, description, errors) = match refused.naming {
        Some((fields, errors)) => (fields.text("name"), fields.text("description"), errors),
        None => (
            template.name.clone(),
            template.description.clone(),
            Errors::default(),
        ),
    };
    Ok(TemplatePage {
        shell: desk.shell(Some(Place::Templates)).await?,
        name: template.name.clone(),
        description: template.description.clone(),
        archived: template.archived,
        version: template.version.0.to_string(),
        groups: groups.collect(),
        editing: may.then(|| view::Editing {
            rename_action: href(template.id),
            name,
            description,
            errors,
            add_action: format!("{}/items", href(template.id)),
            form: refused.adding.unwrap_or_else(blank_item),
            archive_action: (!template.archived).then(|| format!("{}/archive", href(template.id))),
            unarchive_action: template
                .archived
                .then(|| format!("{}/unarchive", href(template.id))),
        }),
    })
}

const NOTHING_REFUSED: Refused = Refused {
    adding: None,
    naming: None,
};

pub(super) async fn show(desk: Desk, Path(id): Path<TemplateId>) -> Result<Response, Problem> {
    let template = desk.portal().template(desk.ctx(), id).await?;
    Ok(desk.page(&page(&desk, &template, NOTHING_REFUSED).await?))
}

async fn read(desk: &Desk, id: TemplateId) -> Result<(ChecklistTemplate, TemplateDraft), Problem> {
    let template = desk.portal().template(desk.ctx(), id).await?;
    let draft = template.draft();
    Ok((template, draft))
}

pub(super) async fn rename(
    Path(id): Path<TemplateId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let (_, mut draft) = read(&desk, id).await?;
    draft.name = fields.text("name");
    draft.description = fields.text("description");
    match tried(
        desk.portal()
            .update_template(desk.ctx(), id, fields.version(), &draft)
            .await,
    )? {
        Outcome::Done(template) => Ok(desk.done(&href(id), format!("{} is changed.", template.name))),
        Outcome::Wrong(errors) => {
            let (template, _) = read(&desk, id).await?;
            let refused = Refused {
                naming: Some((fields, errors)),
                ..NOTHING_REFUSED
            };
            Ok(desk.mend(&page(&desk, &template, refused).await?))
        }
    }
}

pub(super) async fn add_item(
    Path(id): Path<TemplateId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let (_, mut draft) = read(&desk, id).await?;
    let mut errors = Errors::default();
    let (group, item) = item(&fields, &mut errors);
    let title = item.title.trim().to_owned();
    add(&mut draft, &group, item);
    if errors.is_empty() {
        match tried(
            desk.portal()
                .update_template(desk.ctx(), id, fields.version(), &draft)
                .await,
        )? {
            Outcome::Done(_) => return Ok(desk.done(&href(id), format!("{title} is added."))),
            Outcome::Wrong(wrong) => errors = placed(wrong),
        }
    }
    let (template, _) = read(&desk, id).await?;
    let refused = Refused {
        adding: Some(item_form(&fields, errors)),
        ..NOTHING_REFUSED
    };
    Ok(desk.mend(&page(&desk, &template, refused).await?))
}

/// An item of a template by its place.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct ItemPath {
    id: TemplateId,
    group: usize,
    item: usize,
}

impl ItemPath {
    fn of(self, draft: &TemplateDraft) -> Result<(String, TemplateItem), Problem> {
        let group = draft.groups.get(self.group).ok_or_else(Problem::not_found)?;
        let item = group.items.get(self.item).ok_or_else(Problem::not_found)?;
        Ok((group.name.clone(), item.clone()))
    }

    /// Takes the item out of the draft, and its group with it when nothing else is in there.
    fn take(self, draft: &mut TemplateDraft) -> Result<(String, TemplateItem), Problem> {
        let taken = self.of(draft)?;
        if let Some(group) = draft.groups.get_mut(self.group) {
            group.items.remove(self.item);
            if group.items.is_empty() {
                draft.groups.remove(self.group);
            }
        }
        Ok(taken)
    }
}

async fn item_page(
    desk: &Desk,
    template: &ChecklistTemplate,
    path: ItemPath,
    form: ItemForm,
) -> Result<view::ItemPage, Problem> {
    Ok(view::ItemPage {
        shell: desk.shell(Some(Place::Templates)).await?,
        template: template.name.clone(),
        template_href: href(template.id),
        action: item_href(template.id, (path.group, path.item)),
        version: template.version.0.to_string(),
        form,
    })
}

pub(super) async fn edit_item(desk: Desk, Path(path): Path<ItemPath>) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditTemplates)?;
    let (template, draft) = read(&desk, path.id).await?;
    let (group, item) = path.of(&draft)?;
    let form = ItemForm {
        errors: Errors::default(),
        title: item.title,
        group,
        help: item.help,
        example: item.example,
        wanted: item.wanted.to_string(),
        due_after_days: item.due_in_days.map(|days| days.to_string()).unwrap_or_default(),
        required: item.required,
    };
    Ok(desk.page(&item_page(&desk, &template, path, form).await?))
}

pub(super) async fn update_item(
    Path(path): Path<ItemPath>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let (_, mut draft) = read(&desk, path.id).await?;
    let mut errors = Errors::default();
    let (group, mut changed) = item(&fields, &mut errors);
    let (old_group, old) = path.of(&draft)?;
    // The key stays, so that whoever was asked for it is not asked again under its new title.
    changed.key = old.key;
    let title = changed.title.trim().to_owned();
    if group == old_group {
        if let Some(place) = draft
            .groups
            .get_mut(path.group)
            .and_then(|group| group.items.get_mut(path.item))
        {
            *place = changed;
        }
    } else {
        path.take(&mut draft)?;
        add(&mut draft, &group, changed);
    }
    if errors.is_empty() {
        let updated = desk
            .portal()
            .update_template(desk.ctx(), path.id, fields.version(), &draft)
            .await;
        match tried(updated)? {
            Outcome::Done(_) => return Ok(desk.done(&href(path.id), format!("{title} is changed."))),
            Outcome::Wrong(wrong) => errors = placed(wrong),
        }
    }
    let (template, _) = read(&desk, path.id).await?;
    let form = item_form(&fields, errors);
    Ok(desk.mend(&item_page(&desk, &template, path, form).await?))
}

pub(super) async fn remove_item(
    Path(path): Path<ItemPath>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let (_, mut draft) = read(&desk, path.id).await?;
    let (_, item) = path.take(&mut draft)?;
    let updated = desk
        .portal()
        .update_template(desk.ctx(), path.id, fields.version(), &draft)
        .await;
    desk.after(updated, &href(path.id), format!("{} is taken out.", item.title))
}

/// Moves an item before the one above it, into the group above when it is the first of its own.
pub(super) async fn lift_item(
    Path(path): Path<ItemPath>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let (_, mut draft) = read(&desk, path.id).await?;
    let (_, item) = path.of(&draft)?;
    if path.item > 0 {
        if let Some(group) = draft.groups.get_mut(path.group) {
            group.items.swap(path.item, path.item - 1);
        }
    } else if path.group > 0 {
        draft.groups.swap(path.group, path.group - 1);
    }
    let updated = desk
        .portal()
        .update_template(desk.ctx(), path.id, fields.version(), &draft)
        .await;
    desk.after(updated, &href(path.id), format!("{} is moved up.", item.title))
}

async fn set_archived(
    desk: &Desk,
    id: TemplateId,
    fields: &Fields,
    archived: bool,
) -> Result<Response, Problem> {
    let (_, mut draft) = read(desk, id).await?;
    draft.archived = archived;
    let updated = desk
        .portal()
        .update_template(desk.ctx(), id, fields.version(), &draft)
        .await;
    let text = if archived {
        "is archived: it is not offered any more."
    } else {
        "is offered again."
    };
    desk.after(updated, &href(id), format!("{} {text}", draft.name))
}

pub(super) async fn archive(
    Path(id): Path<TemplateId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    set_archived(&desk, id, &fields, true).await
}

pub(super) async fn unarchive(
    Path(id): Path<TemplateId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    set_archived(&desk, id, &fields, false).await
}
