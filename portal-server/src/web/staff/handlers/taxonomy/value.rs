//! One value: its name, what it is a kind of, and other words for it.

use axum::response::Response;
use portal_core::policy::Capability;
use portal_core::workflow::{DimensionDraft, Taxonomy, TaxonomyDraft, ValueDraft, fold};

use super::super::asked::Asked;
use super::super::desk::{Desk, Outcome};
use super::super::sent::{Fields, Sent};
use super::{after, choices, dimension_href, read, save};
use crate::error::Problem;
use crate::web::staff::Place;
use crate::web::staff::taxonomy::ValuePage;
use crate::web::view::Errors;

/// The value that a form or an address names.
fn named<'d>(
    draft: &'d TaxonomyDraft,
    names: (&str, &str),
) -> Result<(&'d DimensionDraft, &'d ValueDraft), Problem> {
    let dimension = draft.dimension(names.0).ok_or_else(Problem::not_found)?;
    let value = dimension.find(names.1).ok_or_else(Problem::not_found)?;
    Ok((dimension, value))
}

async fn page(
    desk: &Desk,
    names: (&str, &str),
    sent: Option<(&Fields, Errors)>,
) -> Result<ValuePage, Problem> {
    let (kept, taxonomy) = read(desk).await?;
    let (dimension, value) = named(&kept.draft, names)?;
    let (name, parent, aliases, errors) = match sent {
        Some((fields, errors)) => (
            fields.text("name"),
            fields.text("parent"),
            fields.text("aliases"),
            errors,
        ),
        None => (
            value.name.clone(),
            value.parent.clone().unwrap_or_default(),
            value.aliases.join("\n"),
            Errors::default(),
        ),
    };
    Ok(ValuePage {
        shell: desk.shell(Some(Place::Workflows)).await?,
        dimension: dimension.name.clone(),
        value: value.name.clone(),
        back_href: dimension_href(&dimension.name),
        version: kept.version.0.to_string(),
        errors,
        name,
        parents: parents(&taxonomy, dimension, &value.name, &parent),
        aliases,
    })
}

/// What it can be a kind of: all values but itself.
fn parents(
    taxonomy: &Taxonomy,
    dimension: &DimensionDraft,
    own: &str,
    chosen: &str,
) -> Vec<crate::web::view::Choice> {
    let known = dimension.find(chosen).map_or(chosen, |value| value.name.as_str());
    let mut parents = choices(taxonomy, &dimension.name, "None, it stands for itself", known);
    parents.retain(|choice| choice.value.is_empty() || fold(&choice.value) != fold(own));
    parents
}

pub(in super::super) async fn edit(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    let names = (asked.text("dimension"), asked.text("value"));
    Ok(desk.page(&page(&desk, names, None).await?))
}

/// The draft in which the dimension is what `change` makes of it.
fn changed(
    mut draft: TaxonomyDraft,
    dimension: &str,
    change: impl FnOnce(DimensionDraft) -> Option<DimensionDraft>,
) -> Result<TaxonomyDraft, Problem> {
    let own = draft.dimension_mut(dimension).ok_or_else(Problem::not_found)?;
    *own = change(own.clone()).ok_or_else(Problem::not_found)?;
    Ok(draft)
}

pub(in super::super) async fn update(Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    let (dimension, value) = (fields.text("dimension"), fields.text("value"));
    let (kept, _) = read(&desk).await?;
    let aliases = fields.text("aliases");
    let aliases = aliases.lines().map(str::trim).filter(|line| !line.is_empty());
    let to = ValueDraft {
        name: fields.text("name"),
        parent: Some(fields.text("parent")).filter(|parent| !parent.is_empty()),
        aliases: aliases.map(str::to_owned).collect(),
    };
    let draft = changed(kept.draft, &dimension, |own| own.change(&value, to))?;
    match save(&desk, fields.version(), &draft).await? {
        Outcome::Done(_) => {
            let text = format!(
                "{} is changed. Matters are being read again; nobody is told.",
                fields.text("name").trim()
            );
            Ok(desk.done(&dimension_href(&dimension), text))
        }
        Outcome::Wrong(errors) => {
            let names = (dimension.as_str(), value.as_str());
            Ok(desk.mend(&page(&desk, names, Some((&fields, errors))).await?))
        }
    }
}

pub(in super::super) async fn remove(Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    let (dimension, value) = (fields.text("dimension"), fields.text("value"));
    let (kept, _) = read(&desk).await?;
    let draft = changed(kept.draft, &dimension, |own| own.without(&value))?;
    let saved = save(&desk, fields.version(), &draft).await?;
    let text = format!("{value} is removed.");
    Ok(after(&desk, saved, &dimension_href(&dimension), text))
}

pub(in super::super) async fn lift(Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    let (dimension, value) = (fields.text("dimension"), fields.text("value"));
    let (kept, _) = read(&desk).await?;
    let draft = changed(kept.draft, &dimension, |own| own.lift(&value))?;
    let saved = save(&desk, fields.version(), &draft).await?;
    let text = format!("{value} is moved up.");
    Ok(after(&desk, saved, &dimension_href(&dimension), text))
}
