//! The laws can fail: matchers that are wrong on purpose, each caught by the law that it breaks.

use portal_core::matter::Part;
use portal_core::testing::workflows::{Law, Matcher, Subject};
use portal_core::workflow::{
    Analysis, Automation, Case, Channel, Criterion, Facts, Finding, PRACTICE_AREA, Requirement, Requirements,
    STAGE, Taxonomy, Test, Workflow, WorkflowId, Workflows,
};

use super::{id, sample, workflow};

/// Workflows that touch everything: parents, exclusions, one dimension and two, a shadow, a conflict.
fn set() -> Vec<Workflow> {
    let asks = |own: Workflow, wanted| {
        let passport = Requirement {
            key: "passport".into(),
            wanted,
            ..Requirement::new("Passport")
        };
        Workflow {
            requirements: vec![passport],
            ..own
        }
    };
    let sends = |own: Workflow| Workflow {
        automations: vec![Automation::new(Channel::Sms).saying("en", "Hi")],
        ..own
    };
    vec![
        asks(
            workflow(4, vec![Criterion::below(PRACTICE_AREA, "Immigration")]),
            1,
        ),
        sends(asks(
            workflow(
                2,
                vec![
                    Criterion::one_of(PRACTICE_AREA, ["T-Visa", "U-Visa"]),
                    Criterion::one_of(STAGE, ["Filing"]),
                ],
            ),
            2,
        )),
        sends(workflow(3, vec![Criterion::none_of(STAGE, ["Decision"])])),
        asks(
            workflow(
                1,
                vec![
                    Criterion::below(PRACTICE_AREA, "Humanitarian"),
                    Criterion::one_of(STAGE, ["Intake"]),
                ],
            ),
            1,
        ),
    ]
}

/// A matcher that does as [`Workflows`] does, but for what its kind says.
struct Wrong<const KIND: u8> {
    own: Workflows,
    given: Vec<Workflow>,
}

const READS_EXCLUSIONS_BACKWARDS: u8 = 0;
const KEEPS_THE_ORDER_GIVEN: u8 = 1;
const STOPS_AT_THE_FIRST: u8 = 2;
const TAKES_EMPTY_FOR_ALL: u8 = 3;
const READS_RAW_TEXT: u8 = 4;
const EXPLAINS_ALL: u8 = 5;
const LETS_THE_LAST_WIN: u8 = 6;
const FINDS_NOTHING: u8 = 7;
const FINDS_TOO_MUCH: u8 = 8;
const GUESSES_THE_UNKNOWN: u8 = 9;
const SAYS_NOTHING_BUT_INCOMPLETE: u8 = 10;
const SAYS_ALL_BUT_INCOMPLETE: u8 = 11;
const FINDS_WHAT_IS_REACHED_UNREACHABLE: u8 = 12;
const FINDS_EQUAL_REQUIREMENTS_DIFFERENT: u8 = 13;
const FINDS_MESSAGES_OF_WHO_SENDS_NONE: u8 = 14;
const FINDS_THEM_THE_WRONG_WAY_ROUND: u8 = 15;
const FINDS_A_SHADOW_OVER_WHAT_COUNTS: u8 = 16;
const FINDS_WHAT_MATCHES_MORE_A_DUPLICATE: u8 = 17;
const FINDS_THE_COVERED_UNCOVERED: u8 = 18;

impl<const KIND: u8> Wrong<KIND> {
    fn facts(&self, case: &Case) -> Facts {
        self.own.taxonomy().facts(case)
    }
}

impl<const KIND: u8> Matcher for Wrong<KIND> {
    fn compile(taxonomy: &Taxonomy, workflows: &[Workflow]) -> Self {
        let mut changed = workflows.to_vec();
        for criterion in changed.iter_mut().flat_map(|own| &mut own.criteria) {
            if KIND == READS_EXCLUSIONS_BACKWARDS
                && let Test::NoneOf(values) = &criterion.test
            {
                criterion.test = Test::OneOf(values.clone());
            }
            if KIND == TAKES_EMPTY_FOR_ALL && criterion.test == Test::OneOf(Vec::new()) {
                criterion.test = Test::Any;
            }
        }
        Self {
            own: Workflows::compile(taxonomy, changed),
            given: workflows.to_vec(),
        }
    }

    fn matching(&self, case: &Case) -> Vec<WorkflowId> {
        let mut ids = self.own.matching(&self.facts(case));
        match KIND {
            KEEPS_THE_ORDER_GIVEN => ids.sort_by_key(|id| self.given.iter().position(|own| own.id == *id)),
            STOPS_AT_THE_FIRST => ids.truncate(1),
            READS_RAW_TEXT => {
                let strange = case.0.values().any(|raw| raw.chars().any(char::is_uppercase));
                ids.retain(|_| strange);
            }
            GUESSES_THE_UNKNOWN => {
                let meant = case.0.iter().filter_map(|(dimension, raw)| {
                    let meant = self.own.taxonomy().suggest(dimension, raw, 1).pop()?;
                    Some((dimension.clone(), meant.value.name().to_owned()))
                });
                ids = self.own.matching(&self.facts(&Case(meant.collect())));
            }
            _ => {}
        }
        ids
    }

    fn explained(&self, case: &Case) -> Vec<WorkflowId> {
        match KIND {
            EXPLAINS_ALL => self.own.iter().map(|own| own.id).collect(),
            _ => Matcher::explained(&self.own, case),
        }
    }

    fn requirements(&self, case: &Case) -> Requirements {
        if KIND == LETS_THE_LAST_WIN {
            let matches = self.own.matches(&self.facts(case));
            return matches.last().map_or_else(Requirements::default, |last| {
                let standing = portal_core::workflow::Standing::of(last, self.own.taxonomy());
                Requirements::of(last, standing)
            });
        }
        self.own.requirements(&self.facts(case))
    }

    fn analysis(&self) -> Analysis {
        let mut analysis = self.own.analyse();
        match KIND {
            FINDS_NOTHING => analysis.findings.clear(),
            FINDS_TOO_MUCH => {
                let (first, second) = (
                    self.own.iter().next().unwrap().id,
                    self.own.iter().last().unwrap().id,
                );
                let case = Case::new().with(PRACTICE_AREA, "Family law");
                analysis.findings.push(Finding::Duplicate {
                    workflow: first,
                    of: second,
                    case,
                });
            }
            SAYS_NOTHING_BUT_INCOMPLETE => {
                analysis.findings.clear();
                analysis.incomplete = true;
            }
            SAYS_ALL_BUT_INCOMPLETE => analysis.incomplete = true,
            _ => analysis.findings.extend(wrong_finding(KIND)),
        }
        analysis
    }
}

/// A finding about the [`set`] that is not so, with a case that nearly shows it.
fn wrong_finding(kind: u8) -> Option<Finding> {
    let both = |stage: &str| Case::new().with(PRACTICE_AREA, "T-Visa").with(STAGE, stage);
    Some(match kind {
        FINDS_WHAT_IS_REACHED_UNREACHABLE => Finding::Unreachable {
            workflow: id(4),
            criterion: String::new(),
            case: Case::new().with(PRACTICE_AREA, "Family law"),
        },
        FINDS_EQUAL_REQUIREMENTS_DIFFERENT => Finding::RequirementDiffers {
            workflow: id(4),
            other: id(1),
            key: "passport".into(),
            case: both("Intake"),
        },
        FINDS_MESSAGES_OF_WHO_SENDS_NONE => Finding::SameMessage {
            workflow: id(4),
            other: id(2),
            channel: Channel::Sms,
            to: Part::Principal,
            case: both("Filing"),
        },
        FINDS_THEM_THE_WRONG_WAY_ROUND => Finding::SameMessage {
            workflow: id(2),
            other: id(3),
            channel: Channel::Sms,
            to: Part::Principal,
            case: both("Filing"),
        },
        FINDS_A_SHADOW_OVER_WHAT_COUNTS => Finding::Shadowed {
            workflow: id(4),
            by: vec![id(2)],
            case: both("Filing"),
        },
        FINDS_WHAT_MATCHES_MORE_A_DUPLICATE => Finding::Duplicate {
            workflow: id(4),
            of: id(2),
            case: both("Filing"),
        },
        FINDS_THE_COVERED_UNCOVERED => Finding::Uncovered {
            dimension: PRACTICE_AREA.into(),
            value: "Family law".into(),
            case: Case::new()
                .with(PRACTICE_AREA, "Family law")
                .with(STAGE, "Decision"),
        },
        _ => return None,
    })
}

/// The laws that the set breaks with this matcher.
fn broken<M: Matcher>() -> Vec<Law> {
    let (taxonomy, workflows) = (sample(), set());
    let subject = Subject::new(&taxonomy, &workflows);
    assert!(subject.tries_all());
    Law::ALL
        .into_iter()
        .filter(|law| subject.check::<M>(*law).is_err())
        .collect()
}

#[test]
fn what_is_right_breaks_no_law() {
    assert_eq!(broken::<Workflows>(), []);
}

#[test]
fn each_law_catches_what_breaks_it() {
    for (law, broken) in [
        (Law::Reference, broken::<Wrong<READS_EXCLUSIONS_BACKWARDS>>()),
        (Law::Narrower, broken::<Wrong<READS_EXCLUSIONS_BACKWARDS>>()),
        (Law::Order, broken::<Wrong<KEEPS_THE_ORDER_GIVEN>>()),
        (Law::Enabling, broken::<Wrong<STOPS_AT_THE_FIRST>>()),
        (Law::Narrower, broken::<Wrong<TAKES_EMPTY_FOR_ALL>>()),
        (Law::Normalised, broken::<Wrong<READS_RAW_TEXT>>()),
        (Law::Reference, broken::<Wrong<GUESSES_THE_UNKNOWN>>()),
        (Law::Explanation, broken::<Wrong<EXPLAINS_ALL>>()),
        (Law::Merging, broken::<Wrong<LETS_THE_LAST_WIN>>()),
        (Law::Analysis, broken::<Wrong<FINDS_NOTHING>>()),
        (Law::Analysis, broken::<Wrong<FINDS_TOO_MUCH>>()),
        (Law::Analysis, broken::<Wrong<SAYS_NOTHING_BUT_INCOMPLETE>>()),
        (Law::Analysis, broken::<Wrong<SAYS_ALL_BUT_INCOMPLETE>>()),
    ] {
        assert!(broken.contains(&law), "{law:?} is not among {broken:?}");
    }
}

#[test]
fn findings_that_are_not_so_are_caught_where_not_all_cases_are_tried() {
    fn caught<M: Matcher>() -> bool {
        let (taxonomy, workflows) = (sample(), set());
        let cases = [
            ("T-Visa", "Intake"),
            ("T-Visa", "Filing"),
            ("T-Visa", "Decision"),
            ("Family law", "Intake"),
        ];
        let cases = cases.map(|(area, stage)| Case::new().with(PRACTICE_AREA, area).with(STAGE, stage));
        let subject = Subject::on(&taxonomy, &workflows, cases.to_vec());
        assert!(!subject.tries_all());
        subject.check::<M>(Law::Analysis).is_err()
    }
    assert!(!caught::<Workflows>());
    let all = [
        caught::<Wrong<FINDS_WHAT_IS_REACHED_UNREACHABLE>>(),
        caught::<Wrong<FINDS_EQUAL_REQUIREMENTS_DIFFERENT>>(),
        caught::<Wrong<FINDS_MESSAGES_OF_WHO_SENDS_NONE>>(),
        caught::<Wrong<FINDS_THEM_THE_WRONG_WAY_ROUND>>(),
        caught::<Wrong<FINDS_A_SHADOW_OVER_WHAT_COUNTS>>(),
        caught::<Wrong<FINDS_WHAT_MATCHES_MORE_A_DUPLICATE>>(),
        caught::<Wrong<FINDS_THE_COVERED_UNCOVERED>>(),
    ];
    for (kind, caught) in (FINDS_WHAT_IS_REACHED_UNREACHABLE..).zip(all) {
        assert!(caught, "{:?}", wrong_finding(kind));
    }
}
