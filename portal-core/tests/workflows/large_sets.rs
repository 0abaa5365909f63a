//! Matching what is too large for random cases.

use std::collections::HashSet;

use portal_core::testing::workflows::{Law, Subject, reference};
use portal_core::workflow::{
    Case, Criterion, DimensionDraft, PRACTICE_AREA, Standing, Taxonomy, TaxonomyDraft, Workflow, Workflows,
};

use super::id;

/// A taxonomy of `dimensions` dimensions with `values` values each: `d3v7`.
fn grid(dimensions: usize, values: usize) -> Taxonomy {
    let dimension = |d: usize| {
        (0..values).fold(DimensionDraft::new(format!("d{d}")), |all, v| {
            all.value(format!("d{d}v{v}"))
        })
    };
    let dimensions = (0..dimensions).map(dimension).collect();
    Taxonomy::new(&TaxonomyDraft { dimensions }).unwrap()
}

fn over(taxonomy: &Taxonomy, number: u128, criteria: Vec<Criterion>) -> Workflow {
    let draft = portal_core::workflow::WorkflowDraft {
        name: format!("Workflow {number}"),
        criteria,
        ..Default::default()
    };
    Workflow::new(id(number), &draft, taxonomy).unwrap()
}

#[test]
fn a_set_tells_its_size_and_what_it_holds() {
    let taxonomy = grid(2, 32);
    let value = |d: usize, v: usize| Criterion::one_of(format!("d{d}"), [format!("d{d}v{v}")]);
    let exact: Vec<Workflow> = (0..1_000)
        .map(|number| {
            over(
                &taxonomy,
                number as u128,
                vec![value(0, number / 32), value(1, number % 32)],
            )
        })
        .collect();
    let compiled = Workflows::compile(&taxonomy, exact.clone());
    assert_eq!((compiled.len(), compiled.is_empty()), (1_000, false));
    let none = Workflows::compile(&taxonomy, []);
    assert_eq!((none.len(), none.is_empty(), none.index_bytes()), (0, true, 0));
    assert_eq!(
        format!("{:?}", Workflows::compile(&taxonomy, [exact[7].clone()])),
        format!("{:?}", [&exact[7]])
    );
    // One table of two dimensions. Of its 2,048 places each takes a byte, a key and an entry.
    let standings = |number: usize| number * size_of::<Standing>();
    let table = |dimensions: usize| 64 + 16 * dimensions;
    assert_eq!(
        compiled.index_bytes(),
        table(2) + 2_048 * (1 + 8 + 8) + standings(1_000)
    );
    // With an exclusion the stages have no part in the keys: sixteen keys, which need 32 places, and a list of the five
    // hundred; and for each a place of 1,024, of a byte, its rank and where its checks are: one, of two ranges.
    let excluding = exact.iter().take(500).map(|own| {
        let mut own = own.clone();
        own.criteria[1] = Criterion::none_of("d1", ["d1v3"]);
        own
    });
    let filed = 32 * (1 + 8 + 8) + 500 * 4;
    let checks = 1_024 * (1 + 8 + 16) + 500 * (32 + 2 * 8);
    assert_eq!(
        Workflows::compile(&taxonomy, excluding).index_bytes(),
        table(1) + filed + checks + standings(500)
    );
}

#[test]
fn more_dimensions_than_a_key_holds_are_checked() {
    let taxonomy = grid(32, 4);
    let all = |value: usize| {
        (0..32)
            .map(|d| Criterion::one_of(format!("d{d}"), [format!("d{d}v{value}")]))
            .collect()
    };
    let workflows = [over(&taxonomy, 1, all(1)), over(&taxonomy, 2, all(2))];
    let compiled = Workflows::compile(&taxonomy, workflows.clone());
    let case = |value: usize| {
        (0..32).fold(Case::new(), |case, d| {
            case.with(format!("d{d}"), format!("d{d}v{value}"))
        })
    };
    assert_eq!(compiled.matching(&taxonomy.facts(&case(1))), [id(1)]);
    for d in 0..32 {
        let other = case(1).with(format!("d{d}"), format!("d{d}v2"));
        assert_eq!(compiled.matching(&taxonomy.facts(&other)), [], "{d}");
    }
}

#[test]
fn a_key_is_filled_to_its_last_bit() {
    let eight = |values: usize| {
        let taxonomy = grid(32, values);
        let own = |d: usize| Criterion::one_of(format!("d{d}"), [format!("d{d}v1")]);
        let workflows = (0..8).map(|number| over(&taxonomy, number, (0..32).map(own).collect()));
        Workflows::compile(&taxonomy, workflows).index_bytes()
    };
    // One key, in four places, and the list of eight.
    let filed = |dimensions: usize| 64 + 16 * dimensions + 4 * (1 + 8 + 8) + 8 * (4 + size_of::<Standing>());
    // Two bits tell three values apart, and three bits four: of those 21 dimensions have room in 64 bits, and 11 are checked.
    assert_eq!(eight(3), filed(32));
    assert_eq!(eight(4), filed(21) + 16 * (1 + 8 + 16) + 8 * 11 * (32 + 8));
}

#[test]
fn what_an_entry_says_is_not_checked_again() {
    let bytes = |criteria: Vec<Criterion>| {
        let eight = (0..8).map(|number| super::workflow(number, criteria.clone()));
        Workflows::compile(&super::sample(), eight).index_bytes()
    };
    let filed = 64 + 16 + 4 * (1 + 8 + 8) + 8 * (4 + size_of::<Standing>());
    let checked = 16 * (1 + 8 + 16) + 8 * 32;
    let below = Criterion::below(PRACTICE_AREA, "Immigration");
    assert_eq!(bytes(vec![below.clone()]), filed);
    let but_one = Criterion::none_of(PRACTICE_AREA, ["T-Visa"]);
    assert_eq!(bytes(vec![below.clone(), but_one]), filed + checked + 8 * 2 * 8);
    // Of two parents the deeper one is the entry, and says what both say.
    let deeper = Criterion::below(PRACTICE_AREA, "Humanitarian");
    assert_eq!(bytes(vec![deeper, below]), filed);
}

#[test]
fn combinations_are_not_written_out_beyond_measure() {
    let taxonomy = grid(6, 40);
    let many = |d: usize| Criterion::one_of(format!("d{d}"), (0..30).map(|v| format!("d{d}v{v}")));
    let workflow = over(&taxonomy, 1, (0..6).map(many).collect());
    let compiled = Workflows::compile(&taxonomy, [workflow]);
    assert!(
        compiled.index_bytes() < 20_000,
        "{}: thirty to the sixth would be gigabytes",
        compiled.index_bytes()
    );
    let case = |v: usize| {
        (0..6).fold(Case::new(), |case, d| {
            case.with(format!("d{d}"), format!("d{d}v{}", v + d))
        })
    };
    assert_eq!(compiled.matching(&taxonomy.facts(&case(3))), [id(1)]);
    assert_eq!(compiled.matching(&taxonomy.facts(&case(24))), [id(1)]);
    assert_eq!(
        compiled.matching(&taxonomy.facts(&case(25))),
        [],
        "d5v30 is not one of them"
    );
}

#[test]
fn ten_thousand_workflows_give_what_the_reference_gives() {
    let taxonomy = grid(3, 30);
    let mut seed = 1_u64;
    let mut next = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let workflows: Vec<Workflow> = (0..10_000)
        .map(|number| {
            let mut criteria: Vec<Criterion> = (0..3)
                .filter_map(|d| match next(4) {
                    0 => None,
                    1 => Some(Criterion::none_of(
                        format!("d{d}"),
                        [format!("d{d}v{}", next(30))],
                    )),
                    _ => Some(Criterion::one_of(
                        format!("d{d}"),
                        [format!("d{d}v{}", next(30)), format!("d{d}v{}", next(30))],
                    )),
                })
                .collect();
            if criteria.is_empty() {
                criteria.push(Criterion::one_of("d0", ["d0v0"]));
            }
            over(&taxonomy, number, criteria)
        })
        .collect();
    let compiled = Workflows::compile(&taxonomy, workflows.clone());
    for _ in 0..20 {
        let case = (0..3).fold(Case::new(), |case, d| {
            case.with(format!("d{d}"), format!("d{d}v{}", next(32)))
        });
        let found = compiled.matching(&taxonomy.facts(&case));
        assert_eq!(found, reference(&taxonomy, &workflows, &case));
        assert_eq!(
            found.iter().collect::<HashSet<_>>().len(),
            found.len(),
            "each once"
        );
    }
}

#[test]
fn laws_are_tried_on_large_sets_too() {
    let taxonomy = grid(3, 30);
    let workflows: Vec<Workflow> = (0..300_u128)
        .map(|number| {
            let v = number % 30;
            let own = |d: u128| Criterion::one_of(format!("d{d}"), [format!("d{d}v{v}")]);
            over(
                &taxonomy,
                number,
                vec![
                    own(number % 3),
                    Criterion::none_of(
                        format!("d{}", (number + 1) % 3),
                        ["d0v3", "d1v3", "d2v3"]
                            .iter()
                            .filter(|name| name.starts_with(&format!("d{}", (number + 1) % 3)))
                            .copied(),
                    ),
                ],
            )
        })
        .collect();
    let subject = Subject::new(&taxonomy, &workflows);
    assert!(!subject.tries_all());
    assert!(
        subject.cases().len() > 100 && subject.cases().len() <= Subject::MOST_CASES,
        "{}",
        subject.cases().len()
    );
    let matched: HashSet<_> = subject
        .cases()
        .iter()
        .flat_map(|case| reference(&taxonomy, &workflows, case))
        .collect();
    assert_eq!(matched.len(), 300, "there is a case for each");
    for law in [Law::Reference, Law::Order, Law::Explanation, Law::Normalised] {
        subject.check::<Workflows>(law).unwrap();
    }
}
