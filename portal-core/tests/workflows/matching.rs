//! Matching, by example: what the laws leave to taste.

use portal_core::testing::workflows::reference;
use portal_core::workflow::{
    Case, Criterion, DimensionDraft, Normalised, PRACTICE_AREA, STAGE, Specificity, Standing, Taxonomy,
    TaxonomyDraft, Workflow, Workflows,
};

use super::{id, sample, workflow};

fn area(names: &[&str]) -> Criterion {
    Criterion::one_of(PRACTICE_AREA, names.iter().copied())
}

fn stage(names: &[&str]) -> Criterion {
    Criterion::one_of(STAGE, names.iter().copied())
}

fn matching(workflows: &[Workflow], case: &[(&str, &str)]) -> Vec<u128> {
    let taxonomy = sample();
    let case = Case(
        case.iter()
            .map(|(name, raw)| ((*name).to_owned(), (*raw).to_owned()))
            .collect(),
    );
    let found = Workflows::compile(&taxonomy, workflows.to_vec()).matching(&taxonomy.facts(&case));
    assert_eq!(found, reference(&taxonomy, workflows, &case));
    found.iter().map(|id| id.0.as_u128()).collect()
}

#[test]
fn the_most_specific_stands_first_then_priority_then_id() {
    let all = [
        workflow(1, vec![Criterion::any(STAGE)]),
        workflow(2, vec![Criterion::none_of(STAGE, ["Decision"])]),
        workflow(3, vec![Criterion::below(PRACTICE_AREA, "Immigration")]),
        workflow(4, vec![Criterion::below(PRACTICE_AREA, "Humanitarian")]),
        workflow(5, vec![area(&["T-Visa", "U-Visa"])]),
        workflow(6, vec![area(&["T-Visa"]), stage(&["Filing"])]),
        Workflow {
            priority: 1,
            ..workflow(9, vec![stage(&["Filing"])])
        },
        workflow(7, vec![stage(&["Filing"])]),
        workflow(8, vec![area(&["T-Visa"]), Criterion::none_of(STAGE, ["Intake"])]),
    ];
    let case = [(PRACTICE_AREA, "t visa"), (STAGE, "FILING (USCIS)")];
    assert_eq!(matching(&all, &case), [6, 8, 9, 5, 7, 4, 3, 2, 1]);
    let specificity = |number: usize| {
        let Specificity {
            exact,
            depth,
            excluding,
        } = Specificity::of(&all[number - 1], &sample());
        (exact, depth, excluding)
    };
    assert_eq!(
        (specificity(1), specificity(2), specificity(4)),
        ((0, 0, 0), (0, 0, 1), (0, 2, 0))
    );
    assert_eq!((specificity(6), specificity(9)), ((2, 0, 0), (1, 0, 1)));
}

#[test]
fn a_standing_says_what_it_was_made_of() {
    let own = Workflow {
        priority: -7,
        ..workflow(3, vec![area(&["T-Visa"]), Criterion::none_of(STAGE, ["Intake"])])
    };
    let standing = Standing::of(&own, &sample());
    assert_eq!(
        (standing.specificity(), standing.priority(), standing.id()),
        (Specificity::of(&own, &sample()), -7, id(3))
    );
}

#[test]
fn below_is_not_the_parent_itself() {
    let below = [workflow(1, vec![Criterion::below(PRACTICE_AREA, "Immigration")])];
    for (raw, found) in [
        ("Immigration", false),
        ("Humanitarian", true),
        ("T-1", true),
        ("Family law", false),
        ("x", false),
    ] {
        assert_eq!(
            !matching(&below, &[(PRACTICE_AREA, raw)]).is_empty(),
            found,
            "{raw}"
        );
    }
}

#[test]
fn nothing_matches_on_a_raw_value() {
    // A workflow that was made when the taxonomy still had "Appeal": the very same text is raw today, and matches nothing.
    let mut own = workflow(1, vec![stage(&["Filing"])]);
    own.criteria = vec![stage(&["Appeal"])];
    assert_eq!(matching(std::slice::from_ref(&own), &[(STAGE, "Appeal")]), []);
    own.criteria = vec![Criterion::one_of("Office", ["Sydney"])];
    assert_eq!(matching(&[own], &[("Office", "Sydney")]), []);
}

#[test]
fn unknown_is_never_guessed() {
    let all = [
        workflow(1, vec![Criterion::any(STAGE)]),
        workflow(2, vec![Criterion::none_of(STAGE, ["Decision"])]),
        workflow(3, vec![stage(&["Filing"])]),
    ];
    assert_eq!(
        matching(&all, &[(STAGE, "Filing with the court")]),
        [1],
        "it may be the decision"
    );
    assert_eq!(
        matching(&all, &[]),
        [2, 1],
        "where there is nothing there is no decision"
    );
    assert_eq!(matching(&all, &[(STAGE, "filing")]), [3, 2, 1]);
    assert_eq!(matching(&all, &[(STAGE, "Decision")]), [1]);
}

#[test]
fn criteria_of_one_dimension_must_all_hold() {
    let all = [
        workflow(
            1,
            vec![
                Criterion::below(PRACTICE_AREA, "Immigration"),
                Criterion::none_of(PRACTICE_AREA, ["U-Visa"]),
            ],
        ),
        workflow(
            2,
            vec![
                Criterion::below(PRACTICE_AREA, "Immigration"),
                Criterion::below(PRACTICE_AREA, "Humanitarian"),
            ],
        ),
        workflow(
            3,
            vec![
                area(&["T-Visa", "Humanitarian"]),
                area(&["Humanitarian", "U-Visa"]),
            ],
        ),
        workflow(
            4,
            vec![
                area(&["T-Visa", "Family law"]),
                Criterion::below(PRACTICE_AREA, "Humanitarian"),
            ],
        ),
        workflow(
            5,
            vec![
                Criterion::below(PRACTICE_AREA, "Immigration"),
                Criterion::below(PRACTICE_AREA, "Family law"),
            ],
        ),
    ];
    assert_eq!(matching(&all, &[(PRACTICE_AREA, "Humanitarian")]), [3, 1]);
    assert_eq!(matching(&all, &[(PRACTICE_AREA, "T-Visa")]), [4, 2, 1]);
    assert_eq!(matching(&all, &[(PRACTICE_AREA, "U-Visa")]), [2]);
    assert_eq!(matching(&all, &[(PRACTICE_AREA, "Family law")]), []);
}

#[test]
fn disabled_workflows_match_nothing_and_are_explained() {
    let off = Workflow {
        enabled: false,
        ..workflow(1, vec![stage(&["Filing"])])
    };
    assert_eq!(matching(std::slice::from_ref(&off), &[(STAGE, "Filing")]), []);
    let taxonomy = sample();
    let workflows = Workflows::compile(&taxonomy, [off]);
    assert_eq!((workflows.len(), workflows.is_empty()), (1, false));
    let facts = taxonomy.facts(&Case::new().with(STAGE, "Filing"));
    let why = workflows.why(id(1), &facts).unwrap();
    assert!(!why.matches && why.criteria[0].holds);
    assert!(workflows.why(id(2), &facts).is_none());
    assert!(Workflows::compile(&taxonomy, []).is_empty());
}

#[test]
fn an_explanation_says_which_dimension_failed_and_why() {
    let taxonomy = sample();
    let own = workflow(
        1,
        vec![
            area(&["T-Visa"]),
            stage(&["Filing"]),
            Criterion::none_of(STAGE, ["Intake"]),
        ],
    );
    let workflows = Workflows::compile(&taxonomy, [own.clone()]);
    let told = |case: Case| -> Vec<String> {
        let why = workflows.why(id(1), &taxonomy.facts(&case)).unwrap();
        why.criteria.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        told(Case::new().with(PRACTICE_AREA, "u visa").with(STAGE, "Closing")),
        [
            "fails Practice area: one of T-Visa: it is U-Visa",
            "fails Case stage: one of Filing: it is something that the taxonomy does not know",
            "fails Case stage: none of Intake: it is something that the taxonomy does not know",
        ]
    );
    assert_eq!(
        told(Case::new())[2],
        "holds Case stage: none of Intake: there is nothing"
    );
    let facts = taxonomy.facts(&Case::new().with(STAGE, "Filing"));
    let why = workflows.why(id(1), &facts).unwrap();
    assert!(matches!(why.criteria[1].value, Some(Normalised::Known(_))));

    let smaller = Taxonomy::new(&TaxonomyDraft {
        dimensions: vec![DimensionDraft::new(PRACTICE_AREA)],
    })
    .unwrap();
    let workflows = Workflows::compile(&smaller, [own]);
    let why = workflows.why(id(1), &smaller.facts(&Case::new())).unwrap();
    assert_eq!(
        why.criteria[1].to_string(),
        "fails Case stage: one of Filing: the taxonomy has no such dimension"
    );
    assert!(
        why.criteria[2].holds,
        "where there is no dimension there is no intake"
    );
}
