//! What holds of any taxonomy and any text.

use portal_core::testing::strategies::{any_text, line};
use portal_core::testing::workflows::{case, sets, taxonomy, workflows};
use portal_core::workflow::{
    Canonical, Case, Criterion, Normalised, Taxonomy, TaxonomyDraft, Workflows, fold,
};
use proptest::collection::vec;
use proptest::prelude::*;

use super::id;

proptest! {
    #[test]
    fn folding_is_idempotent_and_leaves_nothing_to_fold(text in any_text(40)) {
        let folded = fold(&text);
        prop_assert_eq!(fold(&folded), folded.clone());
        prop_assert!(!folded.starts_with(' ') && !folded.ends_with(' ') && !folded.contains("  "));
    }

    #[test]
    fn normalising_is_idempotent(
        (taxonomy, case) in taxonomy().prop_flat_map(|taxonomy| { let case = case(&taxonomy); (Just(taxonomy), case) }),
    ) {
        let reading = taxonomy.read(&case);
        prop_assert_eq!(taxonomy.facts(&reading.facts.case()), reading.facts.clone());
        for (dimension, raw) in &case.0 {
            match taxonomy.normalise(dimension, raw) {
                None => prop_assert!(taxonomy.dimensions().all(|name| fold(name) != fold(dimension))),
                Some(Normalised::Known(value)) => {
                    prop_assert!(value.spellings().any(|known| fold(known) == fold(raw)));
                    prop_assert_eq!(taxonomy.normalise(dimension, value.name()), Some(Normalised::Known(value.clone())));
                }
                Some(Normalised::Unknown) => prop_assert!(reading.unknown.contains_key(dimension)),
                Some(Normalised::Absent) => prop_assert_eq!(fold(raw), ""),
            }
        }
    }

    #[test]
    fn what_lies_below_a_value_is_what_has_it_above(taxonomy in taxonomy()) {
        let workflows_below = |dimension: &str, name: &str| {
            let below = Criterion::below(dimension, name);
            let draft = portal_core::workflow::WorkflowDraft {
                name: "below".into(), criteria: vec![below], ..Default::default()
            };
            let own = portal_core::workflow::Workflow::new(id(1), &draft, &taxonomy).unwrap();
            Workflows::compile(&taxonomy, [own])
        };
        for dimension in taxonomy.dimensions() {
            for parent in taxonomy.values(dimension) {
                let workflows = workflows_below(dimension, parent.name());
                for value in taxonomy.values(dimension) {
                    let is_below = std::iter::successors(value.parent(), Canonical::parent).any(|up| up == parent);
                    let facts = taxonomy.facts(&Case::new().with(dimension, value.name()));
                    prop_assert_eq!(!workflows.matches(&facts).is_empty(), is_below, "{:?} below {:?}", value, parent);
                }
            }
        }
    }

    #[test]
    fn a_draft_is_given_back_as_it_was(taxonomy in taxonomy()) {
        let draft = taxonomy.draft();
        prop_assert_eq!(&Taxonomy::new(&draft).unwrap().draft(), &draft);
        let json = serde_json::to_string(&taxonomy).unwrap();
        prop_assert_eq!(serde_json::from_str::<Taxonomy>(&json).unwrap(), taxonomy);
    }

    #[test]
    fn accepting_an_alias_never_takes_a_match_away(
        ((taxonomy, workflows), raw, at) in (sets(5), line(10), any::<prop::sample::Index>()),
    ) {
        let values: Vec<_> = taxonomy.dimensions().flat_map(|dimension| taxonomy.values(dimension)).collect();
        prop_assume!(!values.is_empty());
        let value = at.get(&values);
        let before = Workflows::compile(&taxonomy, workflows);
        let case = Case::new().with(value.dimension(), &raw);
        if let Ok(accepted) = before.accept((value.dimension(), value.name(), &raw), [((), &case)]) {
            let (old, new) = (before.matching(&taxonomy.facts(&case)), accepted.workflows.matching(&accepted.taxonomy.facts(&case)));
            prop_assert!(old.iter().all(|id| new.contains(id)));
            prop_assert_eq!(accepted.matters.len(), 1);
            prop_assert_eq!(&accepted.matters[0].gained, &new.into_iter().filter(|id| !old.contains(id)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn facts_of_an_earlier_taxonomy_are_read_by_their_names(
        (taxonomy, later, workflows, case) in (taxonomy(), vec(any::<bool>(), 18)).prop_flat_map(|(taxonomy, dropped)| {
            let later = changed(&taxonomy, &dropped);
            let workflows = workflows(&later, 4);
            let case = case(&taxonomy);
            (Just(taxonomy), Just(later), workflows, case)
        }),
    ) {
        let facts = taxonomy.facts(&case);
        let mut wanted = Case::new();
        for dimension in taxonomy.dimensions() {
            let name = facts.value(dimension).map(|value| value.name().to_owned());
            if name.is_some() || facts.is_unknown(dimension) {
                wanted.0.insert(dimension.to_owned(), name.unwrap_or_else(|| NOBODY_KNOWS.to_owned()));
            }
        }
        let wanted = later.facts(&wanted);
        let workflows = Workflows::compile(&later, workflows);
        prop_assert_eq!(workflows.matching(&facts), workflows.matching(&wanted));
        let is_all_there = facts.values().all(|value| wanted.value(value.dimension()).is_some_and(|own| own == value));
        prop_assert_eq!(facts == wanted, is_all_there);
    }
}

const NOBODY_KNOWS: &str = "a text that no taxonomy of these tests has as a name";

/// The taxonomy without some of its values, and with one that is called like the text that a case has for the unknown.
fn changed(taxonomy: &Taxonomy, dropped: &[bool]) -> Taxonomy {
    let mut draft = taxonomy.draft();
    let mut dropped = dropped.iter().copied().cycle();
    for dimension in &mut draft.dimensions {
        dimension.values.retain(|_| !dropped.next().unwrap());
        let kept: Vec<String> = dimension.values.iter().map(|value| value.name.clone()).collect();
        for value in &mut dimension.values {
            value.parent.take_if(|parent| !kept.contains(parent));
        }
        let other = dimension.clone().value("Something else");
        if Taxonomy::new(&TaxonomyDraft {
            dimensions: vec![other.clone()],
        })
        .is_ok()
        {
            *dimension = other;
        }
    }
    Taxonomy::new(&draft).unwrap()
}

/// What people do not see or do not mean is not part of a value: apostrophes however they are typed, characters that are ignored
/// where they are not known (soft hyphens, variation selectors), and signs of format.
#[test]
fn what_is_not_seen_or_not_meant_is_folded_away() {
    for (written, folded) in [
        ("Employer's visa", "employers visa"),
        ("Employer\u{2019}s visa", "employers visa"),
        ("\u{2018}Employer\u{2018}s\u{2019} visa", "employers visa"),
        ("Immi\u{ad}gration", "immigration"),
        ("Vi\u{200d}sa \u{2708}\u{fe0f}", "visa \u{2708}"),
        ("Vi\u{fe0f}sa", "visa"),
        ("Vi\u{fff9}sa", "visa"),
        ("Vi\u{600}sa", "visa"),
        ("Visa\u{7}class\u{3000}B", "visa class b"),
    ] {
        assert_eq!(fold(written), folded, "{written:?}");
    }
}
