//! What a workflow must be.

use std::collections::{BTreeMap, HashSet};

use super::problem::{Told, is_too_long, too_long};
use super::{
    Assignee, Automation, Channel, Criterion, Dimension, Field, Fields, Hints, Requirement, Taxonomy,
    Template, Test, Workflow, WorkflowDraft, fold,
};
use crate::sms::SmsLength;
use crate::{FieldError, Invalid, text};

/// The draft as it is kept, or all that is wrong with it.
pub(super) fn check(
    draft: &WorkflowDraft,
    taxonomy: &Taxonomy,
    hints: &mut Hints,
) -> Result<WorkflowDraft, Told> {
    let mut invalid = Invalid::default();
    let name = invalid.check(text::line("name", &draft.name, 120));
    for (place, number, most) in [
        ("criteria", draft.criteria.len(), Workflow::MOST_CRITERIA),
        (
            "requirements",
            draft.requirements.len(),
            Workflow::MOST_REQUIREMENTS,
        ),
        ("automations", draft.automations.len(), Workflow::MOST_AUTOMATIONS),
    ] {
        if number > most {
            let message = format!("A workflow can have at most {most}.");
            return Err(Invalid::field(place, "too-many", message).into());
        }
    }
    if draft.criteria.is_empty() {
        wrong(
            &mut invalid,
            "criteria",
            "required",
            "Say which matters it is for. A criterion with any = true makes it for all of them.",
        );
    }
    let criteria = draft.criteria.iter().enumerate();
    let criteria = criteria
        .filter_map(|(c, criterion)| {
            check_criterion(
                &format!("criteria.{c}"),
                criterion,
                (taxonomy, hints),
                &mut invalid,
            )
        })
        .collect();
    let mut keys = HashSet::new();
    let requirements = draft.requirements.iter().enumerate();
    let requirements = requirements
        .filter_map(|(r, requirement)| {
            check_requirement(&format!("requirements.{r}"), requirement, &mut keys, &mut invalid)
        })
        .collect();
    let mut reached = HashSet::new();
    for (a, automation) in draft.automations.iter().enumerate() {
        let place = format!("automations.{a}");
        check_automation(&place, automation, &mut invalid);
        // Whom a task speaks of does not tell it from another for the same person.
        let to = (automation.channel != Channel::Task).then_some(automation.to);
        let whom = (automation.channel, to, automation.assignee);
        if !reached.insert(whom) {
            wrong(
                &mut invalid,
                place,
                "duplicate",
                format!(
                    "Two automations send the same people {}.",
                    a_message(automation.channel)
                ),
            );
        }
    }
    invalid.finish()?;
    Ok(WorkflowDraft {
        name: name.unwrap_or_default(),
        enabled: draft.enabled,
        priority: draft.priority,
        criteria,
        requirements,
        automations: draft.automations.clone(),
    })
}

const fn a_message(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "a text message",
        Channel::Email => "an email",
        Channel::Task => "a task",
    }
}

fn wrong(invalid: &mut Invalid, place: impl Into<String>, code: &'static str, message: impl Into<String>) {
    invalid.errors.push(FieldError::new(place, code, message));
}

/// The criterion with names as the taxonomy spells them.
fn check_criterion(
    place: &str,
    criterion: &Criterion,
    (taxonomy, hints): (&Taxonomy, &mut Hints),
    invalid: &mut Invalid,
) -> Option<Criterion> {
    if is_too_long(&criterion.dimension) {
        invalid.errors.push(too_long(format!("{place}.dimension")));
        return None;
    }
    let Some((_, dimension)) = criterion.find(taxonomy) else {
        let known: Vec<&str> = taxonomy.dimensions().collect();
        wrong(
            invalid,
            format!("{place}.dimension"),
            "unknown",
            format!(
                "There is no dimension \u{201c}{}\u{201d}. There are: {}.",
                criterion.dimension,
                known.join(", ")
            ),
        );
        return None;
    };
    let mut canonical = |place: String, name: &String| {
        if is_too_long(name) {
            invalid.errors.push(too_long(place));
            return None;
        }
        let known = dimension.cell(name).and_then(|cell| dimension.value(cell));
        if known.is_none() {
            wrong(
                invalid,
                place,
                "unknown",
                no_value(taxonomy, hints, dimension, name),
            );
        }
        known.map(|value| value.name.clone())
    };
    let (field, test) = match &criterion.test {
        Test::Any => ("any", Some(Test::Any)),
        Test::Below(parent) => (
            "below",
            canonical(format!("{place}.below"), parent).map(Test::Below),
        ),
        Test::OneOf(values) | Test::NoneOf(values) => {
            let field = if matches!(criterion.test, Test::OneOf(_)) {
                "one_of"
            } else {
                "none_of"
            };
            if values.len() > Workflow::MOST_VALUES {
                let most = format!("A criterion can name at most {} values.", Workflow::MOST_VALUES);
                wrong(invalid, format!("{place}.{field}"), "too-many", most);
                return None;
            }
            let mut seen = HashSet::new();
            let names: Vec<String> = (values.iter().enumerate())
                .filter_map(|(v, name)| canonical(format!("{place}.{field}.{v}"), name))
                .filter(|name| seen.insert(name.clone()))
                .collect();
            let is_empty = values.is_empty();
            let test = if field == "one_of" {
                Test::OneOf(names)
            } else {
                Test::NoneOf(names)
            };
            (field, (!is_empty).then_some(test))
        }
    };
    if test.is_none() && criterion.values().is_empty() {
        let empty = "This criterion is empty: name at least one value.";
        wrong(invalid, format!("{place}.{field}"), "required", empty);
    }
    Some(Criterion::new(dimension.name.clone(), test?))
}

fn no_value(taxonomy: &Taxonomy, hints: &mut Hints, dimension: &Dimension, name: &str) -> String {
    let meant = hints.meant(taxonomy, dimension, name);
    let meant = meant.map_or_else(String::new, |meant| {
        format!(" Did you mean \u{201c}{meant}\u{201d}?")
    });
    format!(
        "There is no value \u{201c}{name}\u{201d} in {}.{meant}",
        dimension.name
    )
}

fn check_requirement(
    place: &str,
    requirement: &Requirement,
    keys: &mut HashSet<String>,
    invalid: &mut Invalid,
) -> Option<Requirement> {
    let title = invalid.check(text::line(&format!("{place}.title"), &requirement.title, 160));
    let help = invalid.check(text::block(&format!("{place}.help"), &requirement.help, 1_000));
    let group = invalid.check(text::optional_line(
        &format!("{place}.group"),
        &requirement.group,
        80,
    ));
    if !(1..=50).contains(&requirement.wanted) {
        wrong(
            invalid,
            format!("{place}.wanted"),
            "out-of-range",
            "Choose 1 to 50 files.",
        );
    }
    check_days(&format!("{place}.due_in_days"), requirement.due_in_days, invalid);
    let wish = if requirement.key.trim().is_empty() {
        title.as_ref()?
    } else {
        &requirement.key
    };
    let key = fold(wish).replace(' ', "-");
    let key = invalid.check(text::line(&format!("{place}.key"), &key, 160))?;
    if !keys.insert(key.clone()) {
        wrong(
            invalid,
            format!("{place}.key"),
            "duplicate",
            format!("Two requirements of this workflow have the key \u{201c}{key}\u{201d}."),
        );
    }
    Some(Requirement {
        key,
        title: title?,
        help: help?,
        group: group?,
        ..requirement.clone()
    })
}

/// That it is a template, and as a text message not longer than one may be, filled in with rather long samples.
fn check_template(place: &str, channel: Channel, words: &str, invalid: &mut Invalid) {
    let rendered = match Template::parse(words) {
        Ok(template) if channel == Channel::Task && template.uses(Field::PortalUrl) => {
            let unused = "A task goes to staff: it cannot give the address of a client's portal.";
            return wrong(invalid, place, "unused", unused);
        }
        Ok(template) => template.render(&Fields::sample()),
        Err(problem) => Err(problem),
    };
    match rendered {
        Err(problem) => wrong(invalid, place, problem.code, problem.to_string()),
        Ok(text) if channel == Channel::Sms && SmsLength::of(&text).segments > SmsLength::MOST_SEGMENTS => {
            let message = format!(
                "This makes {} text messages; at most {} are sent.",
                SmsLength::of(&text).segments,
                SmsLength::MOST_SEGMENTS
            );
            wrong(invalid, place, "too-long", message);
        }
        Ok(_) => {}
    }
}

fn check_days(place: &str, days: Option<u32>, invalid: &mut Invalid) {
    if days.is_some_and(|days| days > 3_650) {
        wrong(invalid, place, "out-of-range", "Choose at most 3650 days.");
    }
}

fn check_automation(place: &str, automation: &Automation, invalid: &mut Invalid) {
    let Automation {
        channel,
        subject,
        text,
        ..
    } = automation;
    let needed: &[(&str, &BTreeMap<String, String>)] = match channel {
        Channel::Sms => &[("text", text)],
        Channel::Email => &[("subject", subject), ("text", text)],
        Channel::Task => &[("subject", subject)],
    };
    for (field, words) in needed {
        if words.is_empty() {
            let required = "Write it in at least one language.";
            wrong(invalid, format!("{place}.{field}"), "required", required);
        }
    }
    if *channel == Channel::Sms && !subject.is_empty() {
        wrong(
            invalid,
            format!("{place}.subject"),
            "unused",
            "A text message has no subject.",
        );
    }
    if *channel == Channel::Task && automation.quiet_hours.is_some() {
        let unused = "A task disturbs nobody: it has no quiet hours.";
        wrong(invalid, format!("{place}.quiet_hours"), "unused", unused);
    }
    if *channel != Channel::Task
        && (automation.assignee != Assignee::Owner || automation.due_in_days.is_some())
    {
        let unused = "Only a task has an assignee and a day on which it is due.";
        wrong(invalid, place, "unused", unused);
    }
    for (field, words, most) in [("subject", subject, 200), ("text", text, 10_000)] {
        for (language, words) in words {
            let place = format!("{place}.{field}.{language}");
            if invalid
                .check(text::block(&place, words, most))
                .is_some_and(|words| words.is_empty())
            {
                wrong(invalid, &place, "required", "Please fill this in.");
            }
            check_template(&place, *channel, words, invalid);
            if language.is_empty() || !language.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
                wrong(
                    invalid,
                    &place,
                    "language",
                    "Give a language as in BCP 47: en, pt-BR.",
                );
            }
        }
    }
    check_days(&format!("{place}.due_in_days"), automation.due_in_days, invalid);
    if automation.delay_minutes > 525_600 {
        let most = "Choose at most 525600 minutes, a year.";
        wrong(invalid, format!("{place}.delay_minutes"), "out-of-range", most);
    }
    if let super::Again::AfterDays(days) = automation.again {
        check_days(&format!("{place}.again"), Some(days), invalid);
    }
    if automation
        .quiet_hours
        .is_some_and(|hours| hours.from > 23 || hours.until > 23)
    {
        let hours = "Hours go from 0 to 23.";
        wrong(invalid, format!("{place}.quiet_hours"), "out-of-range", hours);
    }
}
