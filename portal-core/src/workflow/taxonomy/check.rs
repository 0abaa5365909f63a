//! What a taxonomy must be.

use std::collections::HashMap;

use super::{DimensionDraft, Taxonomy, TaxonomyDraft, ValueDraft, fold};
use crate::workflow::problem::{Told, is_too_long, too_long};
use crate::{FieldError, Invalid, text};

/// The draft with its names as they are kept, or all that is wrong with it.
pub(super) fn check(draft: &TaxonomyDraft) -> Result<TaxonomyDraft, Told> {
    let mut told = Told::default();
    limits(draft)?;
    let mut dimensions = Vec::with_capacity(draft.dimensions.len());
    let mut names: HashMap<String, usize> = HashMap::new();
    for (d, dimension) in draft.dimensions.iter().enumerate() {
        let place = format!("dimensions.{d}");
        let name = name(&format!("{place}.name"), &dimension.name, &mut told).unwrap_or_default();
        if !name.is_empty() && names.insert(fold(&name), d).is_some() {
            told.push(FieldError::new(
                format!("{place}.name"),
                "duplicate",
                format!("Two dimensions are called \u{201c}{name}\u{201d}."),
            ));
        }
        let values = values(&place, &dimension.values, &mut told);
        parents(&place, &values, &mut told);
        dimensions.push(DimensionDraft { name, values });
    }
    told.finish()?;
    Ok(TaxonomyDraft { dimensions })
}

fn limits(draft: &TaxonomyDraft) -> Result<(), Invalid> {
    let values = || draft.dimensions.iter().flat_map(|dimension| &dimension.values);
    let aliases = values().map(|value| value.aliases.len()).sum();
    for (what, number, most) in [
        ("dimensions", draft.dimensions.len(), Taxonomy::MOST_DIMENSIONS),
        ("values", values().count(), Taxonomy::MOST_VALUES),
        ("aliases", aliases, Taxonomy::MOST_ALIASES),
    ] {
        if number > most {
            return Err(Invalid::field(
                "dimensions",
                "too-many",
                format!("These are {number} {what}; a taxonomy can have {most}."),
            ));
        }
    }
    Ok(())
}

/// A name, which has something to compare.
fn name(place: &str, name: &str, told: &mut Told) -> Option<String> {
    let name = told.check(text::line(place, name, Taxonomy::MOST_CHARACTERS))?;
    if fold(&name).is_empty() {
        told.push(FieldError::new(
            place,
            "required",
            "This needs a letter or a digit: punctuation is not compared.",
        ));
        return None;
    }
    Some(name)
}

fn values(place: &str, drafts: &[ValueDraft], told: &mut Told) -> Vec<ValueDraft> {
    // Names first, so that an alias that is another value's name is told at the alias.
    let names: Vec<Option<String>> = drafts
        .iter()
        .enumerate()
        .map(|(v, draft)| name(&format!("{place}.values.{v}.name"), &draft.name, told))
        .collect();
    let mut named: HashMap<String, usize> = HashMap::new();
    for (v, name) in names.iter().enumerate() {
        let Some(name) = name else { continue };
        if named.insert(fold(name), v).is_some() {
            told.push(FieldError::new(
                format!("{place}.values.{v}.name"),
                "duplicate",
                format!("Two values are called \u{201c}{name}\u{201d}."),
            ));
        }
    }
    let mut values = Vec::with_capacity(drafts.len());
    for (v, draft) in drafts.iter().enumerate() {
        let mut aliases = Vec::with_capacity(draft.aliases.len());
        for (a, alias) in draft.aliases.iter().enumerate() {
            let place = format!("{place}.values.{v}.aliases.{a}");
            let Some(alias) = name(&place, alias, told) else {
                continue;
            };
            let other = *named.entry(fold(&alias)).or_insert(v);
            if other != v {
                let shown = drafts.get(other).map_or("", |other| other.name.trim());
                told.push(FieldError::new(
                    place,
                    "ambiguous",
                    format!(
                        "\u{201c}{alias}\u{201d} already stands for \u{201c}{shown}\u{201d}; it cannot name two values."
                    ),
                ));
            }
            aliases.push(alias);
        }
        values.push(ValueDraft {
            name: names.get(v).cloned().flatten().unwrap_or_default(),
            parent: draft
                .parent
                .as_ref()
                .map(|parent| parent.trim().to_owned())
                .filter(|parent| !parent.is_empty()),
            aliases,
        });
    }
    values
}

fn parents(place: &str, values: &[ValueDraft], told: &mut Told) {
    let by_name: HashMap<String, usize> = (values.iter().enumerate())
        .map(|(v, value)| (fold(&value.name), v))
        .collect();
    let parent = |v: usize| {
        let name = values.get(v)?.parent.as_ref().filter(|name| !is_too_long(name))?;
        by_name.get(&fold(name)).copied()
    };
    for (v, value) in values.iter().enumerate() {
        let Some(name) = &value.parent else { continue };
        let place = format!("{place}.values.{v}.parent");
        if is_too_long(name) {
            told.push(too_long(place));
            continue;
        }
        if parent(v).is_none() {
            told.push(FieldError::new(
                place,
                "unknown",
                format!("There is no value \u{201c}{name}\u{201d} here to be the parent."),
            ));
            continue;
        }
        let above: Vec<usize> = std::iter::successors(parent(v), |above| parent(*above))
            .take(Taxonomy::MOST_DEPTH)
            .collect();
        if above.contains(&v) {
            told.push(FieldError::new(
                place,
                "cycle",
                format!("\u{201c}{}\u{201d} would be its own parent.", value.name),
            ));
        } else if above.len() == Taxonomy::MOST_DEPTH {
            told.push(FieldError::new(
                place,
                "too-deep",
                format!(
                    "Values can lie {} below each other; this lies deeper, or below values that are each other's parents.",
                    Taxonomy::MOST_DEPTH - 1
                ),
            ));
        }
    }
}
