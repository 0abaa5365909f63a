//! Templates: nothing is asked twice.

use std::collections::HashSet;

use portal_core::checklist::{
    ChecklistRule, ChecklistTemplate, Request, RequestState, TemplateDraft, TemplateGroup, TemplateItem,
};
use portal_core::policy::Role;
use portal_core::testing::{Samples, strategies};
use portal_core::{ClientId, Error, MatterId, PracticeId};
use proptest::prelude::*;

fn place(samples: &Samples) -> (PracticeId, MatterId, ClientId) {
    (samples.practice, samples.id(), samples.id())
}

fn apply(
    samples: &Samples,
    template: &ChecklistTemplate,
    place: (PracticeId, MatterId, ClientId),
    existing: &[Request],
) -> Result<Vec<Request>, Error<ChecklistRule>> {
    template.apply(place, existing, || samples.id(), samples.at)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn applying_twice_asks_once(template in strategies::template(&Samples::new(1))) {
        let samples = Samples::new(2);
        let place = place(&samples);
        let asked = apply(&samples, &template, place, &[]).unwrap();
        prop_assert_eq!(asked.len(), template.items().count());
        let sources: HashSet<_> = asked.iter().map(|request| &request.source).collect();
        prop_assert_eq!(sources.len(), asked.len(), "each item once");
        let again = apply(&samples, &template, place, &asked);
        prop_assert!(matches!(again, Err(Error::Rule(ChecklistRule::NothingNew))));
        for (request, (group, item)) in asked.iter().zip(template.items()) {
            prop_assert_eq!((&request.group, &request.title), (&group.to_owned(), &item.title));
            prop_assert_eq!((request.wanted, request.required), (item.wanted, item.required));
            prop_assert_eq!(request.state, RequestState::Outstanding);
            prop_assert_eq!((request.practice_id, request.matter_id, request.client_id), place);
        }
        prop_assert!(asked.is_sorted_by_key(|request| request.position), "in the template's order");
    }

    #[test]
    fn only_what_was_never_asked_is_asked(
        template in strategies::template(&Samples::new(1)),
        kept in proptest::collection::vec(any::<bool>(), 12),
        states in proptest::collection::vec(strategies::request_state(), 12),
    ) {
        let samples = Samples::new(2);
        let place = place(&samples);
        let all = apply(&samples, &template, place, &[]).unwrap();
        let existing: Vec<Request> = all
            .iter()
            .zip(kept)
            .zip(states)
            .filter(|((_, kept), _)| *kept)
            .map(|((request, _), state)| Request { state, ..request.clone() })
            .collect();
        let new = match apply(&samples, &template, place, &existing) {
            Ok(new) => new,
            Err(Error::Rule(ChecklistRule::NothingNew)) => Vec::new(),
            Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
        };
        prop_assert_eq!(existing.len() + new.len(), all.len(), "whatever became of what was asked before");
        let sources: HashSet<_> = existing.iter().chain(&new).map(|request| &request.source).collect();
        prop_assert_eq!(sources.len(), all.len());
        let last = existing.iter().map(|request| request.position).max().unwrap_or(0);
        prop_assert!(new.iter().all(|request| request.position > last), "new ones come after the others");
        // What somebody else was asked, or the same person elsewhere, does not count.
        let (practice, matter, client) = place;
        for other in [(practice, matter, samples.id()), (practice, samples.id(), client)] {
            prop_assert_eq!(apply(&samples, &template, other, &all).unwrap().len(), all.len());
        }
    }

    #[test]
    fn what_a_form_shows_saves_as_it_was(template in strategies::template(&Samples::new(1))) {
        let again = template.clone().revise(&template.draft(), template.updated_at).unwrap();
        prop_assert_eq!(again.version, template.version.next());
        prop_assert_eq!(ChecklistTemplate { version: template.version, ..again }, template);
    }
}

fn item(key: &str, title: &str) -> TemplateItem {
    TemplateItem {
        key: key.into(),
        title: title.into(),
        help: String::new(),
        example: String::new(),
        wanted: 1,
        required: true,
        due_in_days: None,
    }
}

fn of(items: Vec<TemplateItem>) -> Result<ChecklistTemplate, portal_core::Invalid> {
    let samples = Samples::new(1);
    let draft = TemplateDraft {
        name: "Visa".into(),
        description: String::new(),
        groups: vec![TemplateGroup {
            name: "Identity".into(),
            items,
        }],
        archived: false,
    };
    ChecklistTemplate::new(samples.id(), samples.practice, &draft, samples.at)
}

#[test]
fn keys_come_from_titles_and_are_not_given_twice() {
    let template = of(vec![
        item("", "Birth Certificate"),
        item("", "Pass\u{e9}port (copy)"),
    ])
    .unwrap();
    let keys: Vec<&str> = template.items().map(|(_, item)| item.key.as_str()).collect();
    assert_eq!(keys, ["birth-certificate", "passeport--copy"]);
    let invalid = of(vec![
        item("", "Passport"),
        item("", "PASSPORT"),
        item("passport", "Other"),
    ])
    .unwrap_err();
    let fields: Vec<&str> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["groups.0.items.1.key", "groups.0.items.2.key"]);
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let mut wrong = item("", "");
    wrong.wanted = 0;
    wrong.due_in_days = Some(4_000);
    let mut long = item("x", "Fine");
    long.help = "h".repeat(1_001);
    let invalid = of(vec![wrong, long, item("", "Fine too")]).unwrap_err();
    let fields: Vec<&str> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "groups.0.items.0.title",
            "groups.0.items.0.wanted",
            "groups.0.items.0.due_in_days",
            "groups.0.items.1.help"
        ]
    );
    assert_eq!(of(Vec::new()).unwrap_err().errors[0].field, "groups");
    let many = (0..201).map(|n| item("", &format!("Item {n}"))).collect();
    assert_eq!(of(many).unwrap_err().errors[0].code, "too-many");
    assert!(of((0..200).map(|n| item("", &format!("Item {n}"))).collect()).is_ok());
}

#[test]
fn an_archived_template_is_not_applied() {
    let samples = Samples::new(1);
    let mut template = samples.template();
    template.archived = true;
    let refused = apply(&samples, &template, place(&samples), &[]);
    assert!(matches!(
        refused,
        Err(Error::Rule(ChecklistRule::TemplateArchived))
    ));
}

#[test]
fn due_dates_count_from_the_day_of_asking() {
    let samples = Samples::new(1);
    let template = samples.template();
    let matter = samples.matter(&samples.staff(Role::Owner));
    let client = samples.client("Anna", "Berg");
    let asked = apply(&samples, &template, (samples.practice, matter.id, client.id), &[]).unwrap();
    let due: Vec<Option<String>> = asked
        .iter()
        .map(|r| r.due_on.map(|date| date.to_string()))
        .collect();
    assert_eq!(due, [None, None, Some("2026-03-16".into())]);
}
