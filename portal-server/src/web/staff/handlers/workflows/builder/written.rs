//! A draft as the fields of its form, so that what is opened and what was sent meet in one place.

use std::collections::BTreeMap;

use portal_core::workflow::{
    Again, Assignee, Automation, Criterion, Requirement, Taxonomy, Test, WorkflowDraft, fold,
};

use super::super::super::sent::Fields;
use super::form::next;
use super::kinds::Unit;

/// The form of a draft. Each dimension of the taxonomy has at least one row.
pub(super) fn written(draft: &WorkflowDraft, taxonomy: &Taxonomy) -> Fields {
    let mut fields = Fields(vec![
        ("name".to_owned(), draft.name.clone()),
        ("priority".to_owned(), draft.priority.to_string()),
    ]);
    let is_of = |criterion: &Criterion, dimension: &str| fold(&criterion.dimension) == fold(dimension);
    for dimension in taxonomy.dimensions() {
        let mut own = draft
            .criteria
            .iter()
            .filter(|criterion| is_of(criterion, dimension))
            .peekable();
        if own.peek().is_none() {
            add_criterion(&mut fields, dimension, None);
        }
        for known in own {
            add_criterion(&mut fields, dimension, Some(&known.test));
        }
    }
    // What the taxonomy does not know any more stays to be seen, and to be taken out.
    for stale in &draft.criteria {
        if !taxonomy.dimensions().any(|dimension| is_of(stale, dimension)) {
            add_criterion(&mut fields, &stale.dimension, Some(&stale.test));
        }
    }
    for requirement in &draft.requirements {
        add_requirement(&mut fields, requirement);
    }
    for automation in &draft.automations {
        add_automation(&mut fields, automation);
    }
    fields
}

/// One more condition of a dimension; answers its row.
pub(super) fn add_criterion(fields: &mut Fields, dimension: &str, test: Option<&Test>) -> String {
    let id = format!("c{}", next(fields, "c", "dimension"));
    let (word, values, below): (&str, &[String], &str) = match test {
        None => ("", &[], ""),
        Some(Test::Any) => ("any", &[], ""),
        Some(Test::OneOf(values)) => ("one-of", values, ""),
        Some(Test::Below(parent)) => ("below", &[], parent),
        Some(Test::NoneOf(values)) => ("none-of", values, ""),
    };
    for (name, value) in [("dimension", dimension), ("test", word), ("below", below)] {
        fields.0.push((format!("{id}_{name}"), value.to_owned()));
    }
    let values = values.iter().map(|value| (format!("{id}_value"), value.clone()));
    fields.0.extend(values);
    id
}

/// One more document; answers its row.
pub(super) fn add_requirement(fields: &mut Fields, requirement: &Requirement) -> String {
    let id = format!("r{}", next(fields, "r", "title"));
    let due = requirement.due_in_days.map(|days| days.to_string());
    for (name, value) in [
        ("title", requirement.title.clone()),
        ("help", requirement.help.clone()),
        ("group", requirement.group.clone()),
        ("key", requirement.key.clone()),
        ("part", requirement.part.to_string()),
        ("wanted", requirement.wanted.to_string()),
        ("due", due.unwrap_or_default()),
        ("required", ticked(requirement.required)),
    ] {
        fields.0.push((format!("{id}_{name}"), value));
    }
    id
}

fn ticked(yes: bool) -> String {
    if yes { "true".to_owned() } else { String::new() }
}

/// One more message or task; answers its row.
pub(super) fn add_automation(fields: &mut Fields, automation: &Automation) -> String {
    let id = format!("a{}", next(fields, "a", "channel"));
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let (unit, delay) = Unit::best(automation.delay_minutes);
    let (again, days) = match automation.again {
        Again::Always => ("", None),
        Again::Once => ("once", None),
        Again::AfterDays(days) => ("after", Some(days)),
    };
    let quiet = automation.quiet_hours;
    let assignee = match automation.assignee {
        Assignee::Owner => String::new(),
        other => other.to_string(),
    };
    for (name, value) in [
        ("channel", automation.channel.as_str().to_owned()),
        ("enabled", ticked(automation.enabled)),
        ("to", automation.to.to_string()),
        ("assignee", assignee),
        ("due", number(automation.due_in_days)),
        ("delay", number(Some(delay).filter(|delay| *delay > 0))),
        ("delay_unit", unit.as_str().to_owned()),
        ("from", number(quiet.map(|hours| hours.from.into()))),
        ("until", number(quiet.map(|hours| hours.until.into()))),
        ("again", again.to_owned()),
        ("days", number(days)),
    ] {
        fields.0.push((format!("{id}_{name}"), value));
    }
    let mut languages: Vec<&String> = automation.subject.keys().chain(automation.text.keys()).collect();
    languages.sort_unstable();
    languages.dedup();
    let said =
        |words: &BTreeMap<String, String>, language: &str| words.get(language).cloned().unwrap_or_default();
    for language in languages {
        let words = (
            said(&automation.subject, language),
            said(&automation.text, language),
        );
        add_language(fields, &id, language, words);
    }
    id
}

/// One more language of a message; answers its row.
pub(super) fn add_language(
    fields: &mut Fields,
    id: &str,
    language: &str,
    (subject, text): (String, String),
) -> String {
    let letter = format!("{id}_l");
    let place = format!("{letter}{}", next(fields, &letter, "language"));
    for (name, value) in [
        ("language", language.to_owned()),
        ("subject", subject),
        ("text", text),
    ] {
        fields.0.push((format!("{place}_{name}"), value));
    }
    place
}

#[cfg(test)]
mod tests {
    use portal_core::matter::Part;
    use portal_core::workflow::{Channel, DimensionDraft, QuietHours, TaxonomyDraft};

    use super::super::form::Filled;
    use super::*;

    #[test]
    fn a_form_that_nobody_touched_says_what_was_there() {
        let taxonomy = TaxonomyDraft {
            dimensions: vec![
                DimensionDraft::new("Practice area")
                    .value("Immigration")
                    .value_below("Immigration", "T-Visa"),
                DimensionDraft::new("Case stage").value("Filing"),
                DimensionDraft::new("Office").value("Sydney"),
            ],
        };
        let taxonomy = Taxonomy::new(&taxonomy).unwrap();
        let mut text = Automation::new(Channel::Sms)
            .saying("en", "Line one\nline two")
            .saying("ar", "مرحبا");
        text.quiet_hours = Some(QuietHours { from: 21, until: 8 });
        text.again = Again::AfterDays(30);
        text.to = Part::Partner;
        let mut task = Automation::new(Channel::Task);
        task.subject.insert("en".into(), "Call {{ client.name }}".into());
        task.due_in_days = Some(3);
        task.delay_minutes = 2_880;
        task.enabled = false;
        let draft = WorkflowDraft {
            name: "Everything".into(),
            enabled: false,
            priority: -7,
            criteria: vec![
                Criterion::below("Practice area", "Immigration"),
                Criterion::none_of("Practice area", ["T-Visa"]),
                Criterion::one_of("Case stage", ["Filing"]),
                Criterion::one_of("Gone", ["Away"]),
            ],
            requirements: vec![Requirement {
                key: "passport".into(),
                help: "The page with your photo.".into(),
                group: "Identity".into(),
                part: Part::Dependant,
                wanted: 2,
                due_in_days: Some(14),
                required: false,
                ..Requirement::new("Reisepass")
            }],
            automations: vec![text, task],
        };
        let filled = Filled::read(&written(&draft, &taxonomy), false);
        assert!(filled.errors.is_empty(), "{:?}", filled.errors);
        assert_eq!(filled.draft, draft);
    }
}
