//! The practice's clean values: one dimension at a time, each change one form.

pub(super) mod import;
pub(super) mod review;
pub(super) mod value;

use std::collections::HashMap;

use axum::response::Response;
use portal_core::policy::Capability;
use portal_core::rulebook::KeptTaxonomy;
use portal_core::workflow::{
    Canonical, DimensionDraft, PRACTICE_AREA, STAGE, Taxonomy, TaxonomyDraft, ValueDraft, fold,
};
use portal_core::{PageRequest, Version};
use url::form_urlencoded;

use super::asked::{Asked, counted, number};
use super::desk::{Desk, Outcome, tried};
use super::sent::{Fields, Sent};
use crate::error::Problem;
use crate::web::staff::taxonomy::{AddName, AddValue, DimensionView, TaxonomyPage, ValueRow};
use crate::web::staff::{Chip, Place};
use crate::web::view::{Choice, Errors, Pager};

/// How many values one page shows.
const PAGE: usize = 100;
/// How many other words are shown beside a value.
const MOST_ALIASES: usize = 6;

/// An address with these in its query.
fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    format!("{path}?{}", query.finish())
}

fn dimension_href(name: &str) -> String {
    address("/staff/taxonomy", &[("dimension", name)])
}

/// The way to the texts that wait for a person, when there are some.
pub(super) fn waiting(texts: u64) -> Option<(String, String)> {
    (texts > 0).then(|| {
        let words = match texts {
            1 => "1 text on matters is not in the taxonomy".to_owned(),
            texts => format!("{} texts on matters are not in the taxonomy", number(texts)),
        };
        (words, "/staff/taxonomy/review".to_owned())
    })
}

/// The rules' names for fields as the forms have them: `dimensions.1.values.0.aliases.2` is `aliases`.
fn placed(errors: Errors) -> Errors {
    let mut placed = Errors::default();
    for error in errors.0 {
        let known = ["aliases", "parent", "name"];
        let field = known
            .into_iter()
            .find(|field| error.field.split('.').any(|part| part == *field));
        placed.add(field.unwrap_or_default(), error.text);
    }
    placed
}

/// The errors of a form whose fields have other names.
fn renamed(errors: Errors, from: &str, to: &str) -> Errors {
    let mut renamed = Errors::default();
    for error in errors.0 {
        let field = if error.field == from { to } else { &error.field };
        renamed.add(field, error.text);
    }
    renamed
}

/// The values of a dimension as a tree shows them.
pub(super) fn tree(taxonomy: &Taxonomy, dimension: &str) -> Vec<(Canonical, usize)> {
    let depth = |value: &Canonical| std::iter::successors(value.parent(), Canonical::parent).count();
    let values = taxonomy.values(dimension);
    values
        .map(|value| {
            let depth = depth(&value);
            (value, depth)
        })
        .collect()
}

/// All values of a dimension to choose from, deeper ones further in; the first choice is none.
fn choices(taxonomy: &Taxonomy, dimension: &str, none: &str, chosen: &str) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", none, chosen)];
    for (value, depth) in tree(taxonomy, dimension) {
        let label = format!("{}{}", "\u{a0}\u{a0}\u{a0}".repeat(depth), value.name());
        choices.push(Choice::new(value.name(), label, chosen));
    }
    choices
}

fn reads(dimension: &str) -> String {
    let fixed = [(PRACTICE_AREA, "practice area"), (STAGE, "stage")];
    let fixed = fixed.into_iter().find(|(name, _)| fold(name) == fold(dimension));
    match fixed {
        Some((_, field)) => format!("Reads the {field} of a matter."),
        None => format!("Reads the attribute \u{201c}{dimension}\u{201d} of a matter."),
    }
}

/// A form of the page that the rules refused.
#[derive(Default)]
struct Refused {
    dimension: Option<(String, Errors)>,
    value: Option<(Fields, Errors)>,
}

fn dimension_view(
    desk: &Desk,
    taxonomy: &Taxonomy,
    shown: &DimensionDraft,
    from: usize,
    refused: Option<(Fields, Errors)>,
) -> DimensionView {
    let may = desk.may(Capability::EditWorkflows);
    let name = &shown.name;
    let all = tree(taxonomy, name);
    let mut siblings: HashMap<Option<String>, usize> = HashMap::new();
    let mut rows = Vec::new();
    for (value, depth) in &all {
        let parent = value.parent().map(|parent| parent.name().to_owned());
        let before = siblings.entry(parent).or_default();
        let is_first = *before == 0;
        *before += 1;
        let mut aliases: Vec<String> = value.spellings().skip(1).map(str::to_owned).collect();
        let more = aliases.len().saturating_sub(MOST_ALIASES);
        aliases.truncate(MOST_ALIASES);
        rows.push(ValueRow {
            name: value.name().to_owned(),
            depth: (*depth).min(3),
            aliases,
            more: if more > 0 {
                format!("and {more} more")
            } else {
                String::new()
            },
            edit_href: may.then(|| {
                let names = [("dimension", name.as_str()), ("value", value.name())];
                address("/staff/taxonomy/value", &names)
            }),
            up_action: (may && !is_first).then(|| "/staff/taxonomy/value/up".to_owned()),
        });
    }
    let total = rows.len();
    let from = if from < total { from } else { 0 };
    let rows: Vec<ValueRow> = rows.into_iter().skip(from).take(PAGE).collect();
    let at = |from: usize| {
        address(
            "/staff/taxonomy",
            &[("dimension", name), ("at", &from.to_string())],
        )
    };
    let shown = match rows.len() {
        0 => String::new(),
        count if count == total => format!("All {total}"),
        count => format!("{} to {} of {total}", from + 1, from + count),
    };
    let (fields, errors) = refused.unwrap_or_default();
    DimensionView {
        name: name.clone(),
        reads: reads(name),
        pager: Pager {
            shown,
            first_href: (from > 0).then(|| at(0)),
            previous_href: (from > PAGE).then(|| at(from - PAGE)),
            next_href: (from + PAGE < total).then(|| at(from + PAGE)),
        },
        rows,
        adding: may.then(|| AddValue {
            action: "/staff/taxonomy/values".into(),
            name: fields.text("value_name"),
            parents: choices(
                taxonomy,
                name,
                "None, it stands for itself",
                &fields.text("parent"),
            ),
            errors: renamed(errors, "name", "value_name"),
        }),
        remove_action: may.then(|| "/staff/taxonomy/dimensions/remove".to_owned()),
    }
}

/// The taxonomy as it is kept, checked.
async fn read(desk: &Desk) -> Result<(KeptTaxonomy, Taxonomy), Problem> {
    let kept = desk.portal().taxonomy(desk.ctx()).await?;
    let taxonomy = Taxonomy::new(&kept.draft).map_err(Problem::internal)?;
    Ok((kept, taxonomy))
}

async fn page(desk: &Desk, name: &str, from: usize, refused: Refused) -> Result<TaxonomyPage, Problem> {
    let (kept, taxonomy) = read(desk).await?;
    let shown = kept.draft.dimension(name).or(kept.draft.dimensions.first());
    let chip = |dimension: &DimensionDraft| Chip {
        href: dimension_href(&dimension.name),
        label: dimension.name.clone(),
        count: number(u64::try_from(dimension.values.len()).unwrap_or(u64::MAX)),
        current: shown.is_some_and(|shown| shown.name == dimension.name),
    };
    let may = desk.may(Capability::EditWorkflows);
    let waits = if may {
        let all = PageRequest::count();
        let texts = desk.portal().unknown_values(desk.ctx(), &all).await?.total;
        waiting(texts.unwrap_or_default())
    } else {
        None
    };
    let file = |label: &str, format: &str| {
        let href = address("/api/v1/taxonomies/file", &[("format", format)]);
        (label.to_owned(), href)
    };
    let (new_name, errors) = refused.dimension.unwrap_or_default();
    Ok(TaxonomyPage {
        shell: desk.shell(Some(Place::Workflows)).await?,
        version: kept.version.0.to_string(),
        chips: kept.draft.dimensions.iter().map(chip).collect(),
        dimension: shown.map(|shown| dimension_view(desk, &taxonomy, shown, from, refused.value)),
        waiting: waits,
        adding: may.then(|| AddName {
            action: "/staff/taxonomy/dimensions".into(),
            name: new_name,
            errors,
        }),
        files: vec![file("Spreadsheet (CSV)", "csv"), file("TOML", "toml")],
        import_href: desk.if_may(Capability::EditWorkflows, "/staff/taxonomy/import"),
    })
}

pub(super) async fn show(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    let (name, from) = (asked.text("dimension"), asked.value("at").unwrap_or(0));
    Ok(desk.page(&page(&desk, name, from, Refused::default()).await?))
}

/// Saves the draft, unless the taxonomy is another one than the form was filled with.
async fn save(
    desk: &Desk,
    expected: Option<Version>,
    draft: &TaxonomyDraft,
) -> Result<Outcome<KeptTaxonomy>, Problem> {
    let saved = desk.portal().save_taxonomy(desk.ctx(), expected, draft).await;
    Ok(match tried(saved)? {
        Outcome::Done(kept) => Outcome::Done(kept),
        Outcome::Wrong(errors) => Outcome::Wrong(placed(errors)),
    })
}

/// What a button did, or why it could not.
fn after(desk: &Desk, saved: Outcome<KeptTaxonomy>, back: &str, text: String) -> Response {
    match saved {
        Outcome::Done(_) => desk.done(back, text),
        Outcome::Wrong(errors) => {
            let texts: Vec<&str> = errors.0.iter().map(|error| error.text.as_str()).collect();
            desk.failed(back, texts.join(" "))
        }
    }
}

pub(super) async fn add_dimension(Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    let (kept, _) = read(&desk).await?;
    let mut draft = kept.draft;
    let name = fields.text("name");
    draft.dimensions.push(DimensionDraft::new(name.clone()));
    match save(&desk, fields.version(), &draft).await? {
        Outcome::Done(_) => {
            let name = name.trim();
            Ok(desk.done(&dimension_href(name), format!("{name} is added. Add its values.")))
        }
        Outcome::Wrong(errors) => {
            let refused = Refused {
                dimension: Some((name, errors)),
                ..Refused::default()
            };
            Ok(desk.mend(&page(&desk, &fields.text("dimension"), 0, refused).await?))
        }
    }
}

pub(super) async fn remove_dimension(Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    let (kept, _) = read(&desk).await?;
    let mut draft = kept.draft;
    let name = fields.text("dimension");
    let before = draft.dimensions.len();
    draft
        .dimensions
        .retain(|dimension| fold(&dimension.name) != fold(&name));
    if draft.dimensions.len() == before {
        return Err(Problem::not_found());
    }
    let saved = save(&desk, fields.version(), &draft).await?;
    Ok(after(
        &desk,
        saved,
        "/staff/taxonomy",
        format!("{name} is removed."),
    ))
}

pub(super) async fn add_value(Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    let (kept, _) = read(&desk).await?;
    let mut draft = kept.draft;
    let dimension = fields.text("dimension");
    let name = fields.text("value_name");
    let own = draft.dimension_mut(&dimension).ok_or_else(Problem::not_found)?;
    own.values.push(ValueDraft {
        name: name.clone(),
        parent: Some(fields.text("parent")).filter(|parent| !parent.is_empty()),
        aliases: Vec::new(),
    });
    match save(&desk, fields.version(), &draft).await? {
        Outcome::Done(_) => {
            let text = format!("{} is added.", name.trim());
            Ok(desk.done(&dimension_href(&dimension), text))
        }
        Outcome::Wrong(errors) => {
            let refused = Refused {
                value: Some((fields, errors)),
                ..Refused::default()
            };
            Ok(desk.mend(&page(&desk, &dimension, 0, refused).await?))
        }
    }
}

/// How many matters, in words that stand in a sentence.
fn matters(count: u64) -> String {
    counted(count, "matter", "matters")
}
