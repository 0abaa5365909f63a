//! Analysis, by example: each finding with the case that shows it.

use portal_core::matter::Part;
use portal_core::workflow::{
    Analysis, Automation, Case, Channel, Criterion, DimensionDraft, Finding, FindingKind, PRACTICE_AREA,
    Requirement, STAGE, Taxonomy, TaxonomyDraft, Workflow, Workflows,
};

use super::{id, sample, workflow};

fn analyse(workflows: Vec<Workflow>) -> Vec<Finding> {
    let Analysis { findings, incomplete } = Workflows::compile(&sample(), workflows).analyse();
    assert!(!incomplete);
    findings
        .into_iter()
        .filter(|finding| finding.kind() != FindingKind::Uncovered)
        .collect()
}

fn stage(names: &[&str]) -> Criterion {
    Criterion::one_of(STAGE, names.iter().copied())
}

fn asking(own: Workflow, wanted: u32) -> Workflow {
    let passport = Requirement {
        key: "passport".into(),
        wanted,
        ..Requirement::new("Passport")
    };
    Workflow {
        requirements: vec![passport],
        ..own
    }
}

fn sending(own: Workflow, channel: Channel) -> Workflow {
    Workflow {
        automations: vec![Automation::new(channel).saying("en", "Hello")],
        ..own
    }
}

#[test]
fn what_nothing_can_match_is_unreachable() {
    let case = Case::new().with(STAGE, "Filing");
    let found = analyse(vec![
        workflow(
            1,
            vec![
                stage(&["Filing"]),
                Criterion::any(PRACTICE_AREA),
                Criterion::none_of(STAGE, ["Filing"]),
            ],
        ),
        Workflow {
            enabled: false,
            ..workflow(2, vec![Criterion::below(STAGE, "Filing")])
        },
        workflow(3, vec![Criterion::below(PRACTICE_AREA, "T-Visa")]),
    ]);
    let unreachable = |number, criterion: &str, case: &Case| Finding::Unreachable {
        workflow: id(number),
        criterion: criterion.into(),
        case: case.clone(),
    };
    let empty = Case::new();
    assert_eq!(
        found,
        [
            unreachable(1, "Case stage: none of Filing", &case),
            unreachable(3, "Practice area: any below T-Visa", &empty),
        ]
    );
}

#[test]
fn what_wants_a_dimension_that_is_gone_is_unreachable() {
    let office = DimensionDraft::new("Office").value("Sydney").value("Perth");
    let mut draft = sample().draft();
    draft.dimensions.push(office);
    let before = Taxonomy::new(&draft).unwrap();
    let own = |number, criteria: Vec<Criterion>| {
        let draft = portal_core::workflow::WorkflowDraft {
            name: "Sydney".into(),
            criteria,
            ..Default::default()
        };
        Workflow::new(id(number), &draft, &before).unwrap()
    };
    let sydney = || Criterion::one_of("Office", ["Sydney"]);
    let not_perth = || Criterion::none_of("Office", ["Perth"]);
    let analysis = Workflows::compile(
        &sample(),
        [
            own(1, vec![stage(&["Filing"]), sydney(), stage(&["Intake"])]),
            // It holds that there is no Perth.
            own(2, vec![stage(&["Filing"]), not_perth(), stage(&["Intake"])]),
        ],
    )
    .analyse();
    let unreachable: Vec<&Finding> = analysis
        .findings
        .iter()
        .filter(|finding| finding.kind() == FindingKind::Unreachable)
        .collect();
    let wanted = |number, criterion: &str| Finding::Unreachable {
        workflow: id(number),
        criterion: criterion.into(),
        case: Case::new().with(STAGE, "Filing"),
    };
    let wanted = [
        wanted(1, "Office: one of Sydney"),
        wanted(2, "Case stage: one of Intake"),
    ];
    let mut unreachable: Vec<Finding> = unreachable.into_iter().cloned().collect();
    unreachable.sort_by_key(Finding::workflow);
    assert_eq!(unreachable, wanted);
}

#[test]
fn criteria_on_what_is_gone_are_stale() {
    let own = workflow(
        1,
        vec![
            stage(&["Filing", "Intake"]),
            Criterion::none_of(PRACTICE_AREA, ["T-Visa"]),
        ],
    );
    let off = Workflow {
        enabled: false,
        ..workflow(2, vec![stage(&["Decision"])])
    };
    let smaller = Taxonomy::new(&TaxonomyDraft {
        dimensions: vec![DimensionDraft::new(STAGE).value("Lodging").alias("Filing")],
    })
    .unwrap();
    let workflows = Workflows::compile(&smaller, [own, off]);
    let stale: Vec<Finding> = workflows.analyse().findings;
    let gone = |number, dimension: &str, value: Option<&str>, case| Finding::Stale {
        workflow: id(number),
        dimension: dimension.into(),
        value: value.map(Into::into),
        case,
    };
    assert_eq!(
        stale,
        [
            gone(1, STAGE, Some("Intake"), Case::new().with(STAGE, "Intake")),
            gone(
                1,
                PRACTICE_AREA,
                None,
                Case::new().with(PRACTICE_AREA, "anything")
            ),
            gone(2, STAGE, Some("Decision"), Case::new().with(STAGE, "Decision")),
        ]
    );
    let filing = smaller.facts(&Case::new().with(STAGE, "Lodging"));
    assert_eq!(
        workflows.matching(&filing),
        [id(1)],
        "an alias keeps a renamed value's workflows"
    );
}

#[test]
fn what_others_always_overrule_is_shadowed() {
    let wide = Workflow {
        priority: 1,
        ..asking(workflow(1, vec![stage(&["Filing", "Intake"])]), 1)
    };
    let narrow = asking(workflow(2, vec![stage(&["Filing"])]), 1);
    let shadowed_in = |by: &[u128], case: Case| Finding::Shadowed {
        workflow: id(2),
        by: by.iter().map(|number| id(*number)).collect(),
        case,
    };
    let filing = || Case::new().with(STAGE, "Filing");
    let shadowed = |by: &[u128]| shadowed_in(by, filing());
    assert_eq!(analyse(vec![wide.clone(), narrow.clone()]), [shadowed(&[1])]);
    assert_eq!(
        analyse(vec![wide.clone(), sending(narrow.clone(), Channel::Sms)]),
        [],
        "it sends something"
    );
    let mut off = sending(narrow.clone(), Channel::Sms);
    off.automations[0].enabled = false;
    assert_eq!(analyse(vec![wide.clone(), off]), [shadowed(&[1])]);
    let mut more = narrow.clone();
    more.requirements.push(Requirement {
        key: "lease".into(),
        ..Requirement::new("Lease")
    });
    assert_eq!(analyse(vec![wide.clone(), more]), [], "it asks for a lease");
    let elsewhere = Workflow {
        priority: 1,
        ..asking(workflow(1, vec![stage(&["Decision", "Intake"])]), 1)
    };
    assert_eq!(analyse(vec![elsewhere, narrow.clone()]), []);
    // Two that each take a part of it.
    let part = |number, area: Criterion| Workflow {
        priority: 1,
        ..asking(workflow(number, vec![stage(&["Filing"]), area]), 1)
    };
    let one = part(3, Criterion::none_of(PRACTICE_AREA, ["T-Visa", "U-Visa"]));
    let two = part(4, Criterion::below(PRACTICE_AREA, "Humanitarian"));
    assert_eq!(
        analyse(vec![one.clone(), two.clone(), narrow.clone()]),
        [],
        "an unknown area is left"
    );
    let known = asking(
        workflow(
            2,
            vec![
                stage(&["Filing"]),
                Criterion::none_of(PRACTICE_AREA, ["Immigration"]),
            ],
        ),
        1,
    );
    let found = analyse(vec![one, two, known]);
    assert_eq!(
        found,
        [shadowed_in(&[4, 3], filing().with(PRACTICE_AREA, "Humanitarian"))]
    );
    assert_eq!(
        analyse(vec![workflow(1, vec![stage(&["Filing"])])]),
        [],
        "without requirements there is nothing to lose"
    );
}

#[test]
fn the_same_cases_twice_is_a_duplicate() {
    let found = analyse(vec![
        workflow(1, vec![Criterion::below(PRACTICE_AREA, "Humanitarian")]),
        workflow(2, vec![Criterion::one_of(PRACTICE_AREA, ["U-Visa", "T-Visa"])]),
        workflow(3, vec![Criterion::one_of(PRACTICE_AREA, ["U-Visa"])]),
        Workflow {
            enabled: false,
            ..workflow(4, vec![Criterion::one_of(PRACTICE_AREA, ["U-Visa"])])
        },
    ]);
    let case = Case::new().with(PRACTICE_AREA, "T-Visa");
    assert_eq!(
        found,
        [Finding::Duplicate {
            workflow: id(1),
            of: id(2),
            case
        }]
    );
}

#[test]
fn two_that_reach_the_same_person_or_ask_differently_are_in_conflict() {
    let one = workflow(1, vec![stage(&["Filing", "Intake"])]);
    let two = workflow(2, vec![Criterion::one_of(PRACTICE_AREA, ["T-Visa"])]);
    let case = || Case::new().with(STAGE, "Intake").with(PRACTICE_AREA, "T-Visa");
    let same = |channel, to| Finding::SameMessage {
        workflow: id(2),
        other: id(1),
        channel,
        to,
        case: case(),
    };
    for channel in [Channel::Sms, Channel::Email] {
        let found = analyse(vec![sending(one.clone(), channel), sending(two.clone(), channel)]);
        assert_eq!(found, [same(channel, Part::Principal)]);
    }
    let task = analyse(vec![
        sending(one.clone(), Channel::Task),
        sending(two.clone(), Channel::Task),
    ]);
    assert_eq!(task, [], "staff may get several tasks");
    let mut partner = sending(two.clone(), Channel::Sms);
    partner.automations[0].to = Part::Partner;
    assert_eq!(analyse(vec![sending(one.clone(), Channel::Sms), partner]), []);
    let apart = sending(workflow(2, vec![stage(&["Decision"])]), Channel::Sms);
    assert_eq!(analyse(vec![sending(one.clone(), Channel::Sms), apart]), []);

    let differs = Finding::RequirementDiffers {
        workflow: id(2),
        other: id(1),
        key: "passport".into(),
        case: case(),
    };
    assert_eq!(
        analyse(vec![asking(one.clone(), 1), asking(two.clone(), 2)]),
        [differs]
    );
    assert_eq!(analyse(vec![asking(one, 1), asking(two, 1)]), []);
}

#[test]
fn values_that_nothing_covers_are_told() {
    let uncovered = |workflows: Vec<Workflow>| -> Vec<String> {
        let compiled = Workflows::compile(&sample(), workflows);
        let findings = compiled.analyse().findings;
        let told = findings.iter().filter_map(|finding| match finding {
            Finding::Uncovered {
                dimension,
                value,
                case,
            } => {
                assert_eq!(*case, Case::new().with(dimension, value));
                Some(format!("{dimension}: {value}"))
            }
            _ => None,
        });
        told.collect()
    };
    assert_eq!(uncovered(Vec::new()).len(), 8, "every value");
    let filing = workflow(1, vec![stage(&["Filing"])]);
    assert_eq!(
        uncovered(vec![filing.clone()]),
        ["Case stage: Intake", "Case stage: Decision"]
    );
    let rest = workflow(
        2,
        vec![
            Criterion::none_of(STAGE, ["Filing", "Intake"]),
            Criterion::below(PRACTICE_AREA, "Immigration"),
        ],
    );
    assert_eq!(
        uncovered(vec![filing.clone(), rest.clone()]),
        ["Case stage: Intake"]
    );
    let off = Workflow {
        enabled: false,
        ..workflow(3, vec![stage(&["Intake"])])
    };
    assert_eq!(uncovered(vec![filing, rest, off]), ["Case stage: Intake"]);
}

#[test]
fn findings_are_sentences_with_names() {
    let one = sending(asking(workflow(1, vec![stage(&["Filing"])]), 1), Channel::Sms);
    let two = sending(asking(workflow(2, vec![stage(&["Filing"])]), 2), Channel::Sms);
    let workflows = Workflows::compile(&sample(), [one, two]);
    let told: Vec<String> = workflows
        .analyse()
        .findings
        .iter()
        .map(|finding| finding.sentence(&workflows))
        .collect();
    assert_eq!(
        told,
        [
            "\u{201c}Workflow 2\u{201d} matches exactly the same as \u{201c}Workflow 1\u{201d}. See: Case stage: Filing.",
            "\u{201c}Workflow 1\u{201d} and \u{201c}Workflow 2\u{201d} both write to the principal by text message on the same entry. See: Case stage: Filing.",
            "\u{201c}Workflow 1\u{201d} and \u{201c}Workflow 2\u{201d} ask for \u{201c}passport\u{201d} in different ways; that of \u{201c}Workflow 1\u{201d} counts. See: Case stage: Filing.",
            "No workflow matches anything with Case stage: Intake.",
            "No workflow matches anything with Case stage: Decision.",
        ]
    );
    for kind in FindingKind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
    assert!(
        "wrong"
            .parse::<FindingKind>()
            .unwrap_err()
            .contains("same-message")
    );
}

#[test]
fn a_finding_names_its_workflow_and_the_others() {
    let case = || Case::new().with(STAGE, "Filing");
    let (own, beside, by) = (id(1), id(2), vec![id(3), id(2)]);
    let about = |finding: &Finding| {
        let named = [1, 2, 3, 4].map(|number| finding.names(id(number)));
        (finding.kind(), finding.workflow(), named)
    };
    let stale = |value: Option<&str>| Finding::Stale {
        workflow: own,
        dimension: STAGE.into(),
        value: value.map(Into::into),
        case: case(),
    };
    let unreachable = Finding::Unreachable {
        workflow: own,
        criterion: "Case stage: one of Filing".into(),
        case: case(),
    };
    let shadowed = Finding::Shadowed {
        workflow: own,
        by,
        case: case(),
    };
    let duplicate = Finding::Duplicate {
        workflow: own,
        of: beside,
        case: case(),
    };
    let message = Finding::SameMessage {
        workflow: own,
        other: beside,
        channel: Channel::Email,
        to: Part::Principal,
        case: case(),
    };
    let differs = Finding::RequirementDiffers {
        workflow: own,
        other: beside,
        key: "passport".into(),
        case: case(),
    };
    let uncovered = Finding::Uncovered {
        dimension: STAGE.into(),
        value: "Filing".into(),
        case: case(),
    };
    let alone = [true, false, false, false];
    let two = [true, true, false, false];
    for (finding, kind, names) in [
        (&stale(None), FindingKind::Stale, alone),
        (&unreachable, FindingKind::Unreachable, alone),
        (&shadowed, FindingKind::Shadowed, [true, true, true, false]),
        (&duplicate, FindingKind::Duplicate, two),
        (&message, FindingKind::SameMessage, two),
        (&differs, FindingKind::RequirementDiffers, two),
    ] {
        assert_eq!(about(finding), (kind, Some(own), names));
        assert_eq!(*finding.case(), case());
        assert_eq!(kind.to_string(), kind.as_str());
    }
    assert_eq!(about(&uncovered), (FindingKind::Uncovered, None, [false; 4]));
    // In data a finding goes by the name of its kind.
    let data = serde_json::to_value(&message).unwrap();
    assert_eq!(data["kind"], FindingKind::SameMessage.as_str());

    let workflows = Workflows::compile(&sample(), [workflow(1, vec![stage(&["Filing"])])]);
    let told = |finding: &Finding| finding.sentence(&workflows);
    assert_eq!(
        told(&stale(Some("Appeal"))),
        "\u{201c}Workflow 1\u{201d} has a criterion on the value \u{201c}Appeal\u{201d} of Case stage, which the taxonomy does not have."
    );
    assert_eq!(
        told(&stale(None)),
        "\u{201c}Workflow 1\u{201d} has a criterion on the dimension \u{201c}Case stage\u{201d}, which the taxonomy does not have."
    );
    assert_eq!(
        told(&unreachable),
        "\u{201c}Workflow 1\u{201d} can match nothing: \u{201c}Case stage: one of Filing\u{201d} cannot hold, not even of: Case stage: Filing."
    );
    assert_eq!(
        told(&shadowed),
        format!(
            "\u{201c}Workflow 1\u{201d} has no effect: it sends nothing, and all that it asks for is asked in the way of {}, {}. See: Case stage: Filing.",
            id(3),
            id(2)
        ),
        "what is not among the workflows goes by its id"
    );
}

#[test]
fn of_very_many_findings_of_a_kind_the_first_are_told() {
    let area = (0..=Analysis::MOST_FINDINGS).fold(DimensionDraft::new(PRACTICE_AREA), |all, number| {
        all.value(format!("Area {number}"))
    });
    let uncovered = |values: usize| {
        let mut area = area.clone();
        area.values.truncate(values);
        let taxonomy = Taxonomy::new(&TaxonomyDraft {
            dimensions: vec![area],
        });
        let Analysis { findings, incomplete } = Workflows::compile(&taxonomy.unwrap(), []).analyse();
        (findings.len(), incomplete)
    };
    let most = Analysis::MOST_FINDINGS;
    assert_eq!(uncovered(most), (most, false));
    assert_eq!(uncovered(most + 1), (most, true));
}

#[test]
fn a_question_that_takes_too_long_is_told_as_open() {
    // Every combination of halves has a workflow of its own, which together leave nothing; telling so means looking at them all.
    const DIMENSIONS: u32 = 10;
    let dimension = |d: u32| DimensionDraft::new(format!("d{d}")).value("a").value("b");
    let taxonomy = Taxonomy::new(&TaxonomyDraft {
        dimensions: (0..DIMENSIONS).map(dimension).collect(),
    })
    .unwrap();
    let own = |number: u128, priority, values: &dyn Fn(u32) -> Vec<&'static str>| {
        let draft = portal_core::workflow::WorkflowDraft {
            name: number.to_string(),
            priority,
            criteria: (0..DIMENSIONS)
                .map(|d| Criterion::one_of(format!("d{d}"), values(d)))
                .collect(),
            requirements: vec![Requirement::new("Passport")],
            ..Default::default()
        };
        Workflow::new(id(number), &draft, &taxonomy).unwrap()
    };
    let mut all: Vec<Workflow> = (0..1 << DIMENSIONS)
        // In no helpful order.
        .map(|number: u128| own(number * 167 % (1 << DIMENSIONS), 1, &|d| vec![if number >> d & 1 == 0 { "a" } else { "b" }]))
        .collect();
    all.push(own(9_999, 0, &|_| vec!["a", "b"]));
    let is_shadow = |finding: &Finding| finding.kind() == FindingKind::Shadowed;
    let analysis = Workflows::compile(&taxonomy, all.clone()).analyse();
    assert!(analysis.incomplete && !analysis.findings.iter().any(is_shadow));
    // With fewer dimensions it is told.
    let few = all.into_iter().map(|mut own| {
        own.criteria.truncate(4);
        own
    });
    let analysis = Workflows::compile(&taxonomy, few.skip((1 << DIMENSIONS) - 16)).analyse();
    assert!(!analysis.incomplete && analysis.findings.iter().any(is_shadow));
}
