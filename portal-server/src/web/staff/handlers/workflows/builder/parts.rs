//! The parts of the form, as they are shown.

use portal_core::matter::Part;
use portal_core::workflow::{Taxonomy, fold};

use super::super::super::asked::counted;
use super::super::super::sent::Fields;
use super::super::super::taxonomy::tree;
use super::super::super::words::part_word;
use super::form::{all, languages, rows};
use super::kinds::{Kind, Unit, channel};
use crate::web::staff::workflow_form::{
    self, AutomationFields, CriterionFields, CriterionValue, RequirementFields, TextFields,
};
use crate::web::view::{Choice, Errors};

/// The furthest in that a value is shown.
const DEEPEST: usize = 3;

fn labelled<'a>(choices: impl IntoIterator<Item = (&'a str, &'a str)>, chosen: &str) -> Vec<Choice> {
    let choices = choices.into_iter();
    choices
        .map(|(value, label)| Choice::new(value, label, chosen))
        .collect()
}

fn parts(chosen: &str) -> Vec<Choice> {
    let chosen = chosen.parse().unwrap_or(Part::Principal);
    labelled(
        Part::ALL.iter().map(|part| (part.as_str(), part_word(*part))),
        chosen.as_str(),
    )
}

fn at(id: &str, errors: &Errors) -> workflow_form::Part {
    workflow_form::Part {
        id: id.to_owned(),
        errors: errors.clone(),
    }
}

/// The criteria. One more of a dimension, or one of a dimension that is gone, can be taken out.
pub(super) fn criteria(fields: &Fields, taxonomy: &Taxonomy, errors: &Errors) -> Vec<CriterionFields> {
    let mut seen: Vec<String> = Vec::new();
    let rows = rows(fields, "c", "dimension").into_iter();
    rows.map(|id| {
        let row = criterion(fields, taxonomy, errors, &id);
        let dimension = fold(&row.dimension);
        let is_known = taxonomy.dimensions().any(|known| fold(known) == dimension);
        let is_more = seen.contains(&dimension) || !is_known;
        seen.push(dimension);
        CriterionFields { is_more, ..row }
    })
    .collect()
}

fn criterion(fields: &Fields, taxonomy: &Taxonomy, errors: &Errors, id: &str) -> CriterionFields {
    let dimension = fields.text(&format!("{id}_dimension"));
    let test = fields.text(&format!("{id}_test"));
    let chosen = all(fields, &format!("{id}_value"));
    let below = fields.text(&format!("{id}_below"));
    let value = |(value, depth): (portal_core::workflow::Canonical, usize)| CriterionValue {
        choice: Choice::new(value.name(), value.name(), ""),
        depth: depth.min(DEEPEST),
    };
    let mut values: Vec<CriterionValue> = tree(taxonomy, &dimension).into_iter().map(value).collect();
    // A value is a parent when the next one of the tree lies deeper.
    let deeper = values.iter().skip(1).map(|next| next.depth).chain([0]);
    let parents = values.iter().zip(deeper).filter(|(own, next)| *next > own.depth);
    let mut parents: Vec<Choice> = parents
        .map(|(own, _)| {
            let indent = "\u{a0}\u{a0}\u{a0}".repeat(own.depth);
            Choice::new(&own.choice.value, format!("{indent}{}", own.choice.label), &below)
        })
        .collect();
    let gone = |value: &str| Choice {
        value: value.to_owned(),
        label: format!("{value} (cannot be chosen any more)"),
        selected: true,
    };
    // What the taxonomy does not know any more stays to be seen, and to be taken out.
    if !below.is_empty() && !parents.iter().any(|choice| choice.selected) {
        parents.push(gone(&below));
    }
    for own in &mut values {
        own.choice.selected = chosen.contains(&own.choice.value);
    }
    for stale in chosen {
        if !values.iter().any(|own| own.choice.value == stale) {
            values.push(CriterionValue {
                choice: gone(&stale),
                depth: 0,
            });
        }
    }
    let tests = [
        ("", "does not matter"),
        ("one-of", "is one of"),
        ("below", "is anything below"),
        ("none-of", "is none of"),
        ("any", "is anything, also nothing or something unknown"),
    ];
    CriterionFields {
        at: at(id, errors),
        tests: labelled(tests, &test),
        dimension,
        values,
        parents,
        ..CriterionFields::default()
    }
}

pub(super) fn requirements(fields: &Fields, errors: &Errors) -> Vec<RequirementFields> {
    let rows = rows(fields, "r", "title").into_iter();
    rows.map(|id| {
        let text = |name: &str| fields.text(&format!("{id}_{name}"));
        RequirementFields {
            title: text("title"),
            help: text("help"),
            group: text("group"),
            key: text("key"),
            parts: parts(&text("part")),
            wanted: text("wanted"),
            due: text("due"),
            required: !text("required").is_empty(),
            at: at(&id, errors),
            findings: Vec::new(),
        }
    })
    .collect()
}

pub(super) fn automations(fields: &Fields, staff: &[Choice], errors: &Errors) -> Vec<AutomationFields> {
    let rows = rows(fields, "a", "channel").into_iter();
    rows.map(|id| automation(fields, staff, errors, &id)).collect()
}

fn texts(fields: &Fields, errors: &Errors, id: &str) -> Vec<TextFields> {
    let rows = languages(fields, id);
    let is_more = rows.len() > 1;
    rows.into_iter()
        .map(|id| TextFields {
            language: fields.text(&format!("{id}_language")),
            subject: fields.text(&format!("{id}_subject")),
            text: fields.text(&format!("{id}_text")),
            at: at(&id, errors),
            preview: None,
            is_more,
        })
        .collect()
}

fn hours(chosen: &str) -> Vec<Choice> {
    let mut hours = vec![Choice::new("", "never", chosen)];
    hours.extend((0..24).map(|hour: u8| Choice::new(hour.to_string(), format!("{hour:02}:00"), chosen)));
    hours
}

fn automation(fields: &Fields, staff: &[Choice], errors: &Errors, id: &str) -> AutomationFields {
    let text = |name: &str| fields.text(&format!("{id}_{name}"));
    let kind = Kind::of(channel(&text("channel")));
    let assignee = text("assignee");
    let assignees = staff
        .iter()
        .map(|choice| (choice.value.as_str(), choice.label.as_str()));
    let owner = [("", "The matter's owner"), ("anyone", "Anyone")];
    let again = [
        ("", "Each time a matter enters"),
        ("once", "Once for each matter"),
        ("after", "When some days have passed"),
    ];
    AutomationFields {
        at: at(id, errors),
        channel: kind.channel.as_str().to_owned(),
        title: kind.title,
        icon: kind.icon,
        enabled: !text("enabled").is_empty(),
        parts: if kind.to_staff {
            Vec::new()
        } else {
            parts(&text("to"))
        },
        assignees: if kind.to_staff {
            labelled(owner.into_iter().chain(assignees), &assignee)
        } else {
            Vec::new()
        },
        due: text("due"),
        subject: kind.subject,
        text: kind.text,
        text_optional: kind.text_optional,
        texts: texts(fields, errors, id),
        timing: timing(&text),
        delay: text("delay"),
        delay_units: labelled(
            Unit::ALL.map(|unit| (unit.as_str(), unit.as_str())),
            Unit::of(&text("delay_unit")).as_str(),
        ),
        quiet_from: hours(&text("from")),
        quiet_until: hours(&text("until")),
        again: labelled(again, &text("again")),
        again_days: text("days"),
        findings: Vec::new(),
    }
}

/// When and how often, in words: `at once, each time`.
fn timing(text: &impl Fn(&str) -> String) -> String {
    let mut words = Vec::new();
    let delay: u64 = text("delay").trim().parse().unwrap_or(0);
    words.push(match (delay, Unit::of(&text("delay_unit"))) {
        (0, _) => "at once".to_owned(),
        (delay, Unit::Minutes) => format!("after {}", counted(delay, "minute", "minutes")),
        (delay, Unit::Hours) => format!("after {}", counted(delay, "hour", "hours")),
        (delay, Unit::Days) => format!("after {}", counted(delay, "day", "days")),
    });
    if let (Ok(from), Ok(until)) = (text("from").parse::<u8>(), text("until").parse::<u8>()) {
        words.push(format!("not from {from:02}:00 to {until:02}:00"));
    }
    words.push(match (text("again").as_str(), text("days").trim()) {
        ("once", _) => "once for each matter".to_owned(),
        ("after", "") => "again after some days".to_owned(),
        ("after", days) => format!("again after {days} days"),
        _ => "each time".to_owned(),
    });
    words.join(", ")
}
