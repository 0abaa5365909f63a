//! Every law, on random sets of workflows of which all cases are tried.

use portal_core::testing::workflows::{Law, Subject, case, prove, sets};
use portal_core::workflow::Workflows;
use proptest::collection::vec;
use proptest::prelude::*;

fn config() -> ProptestConfig {
    ProptestConfig::with_cases(if std::env::var_os("PROPTEST_CASES").is_some() {
        ProptestConfig::default().cases
    } else {
        96
    })
}

macro_rules! laws {
    ($($name:ident: $law:ident;)*) => {$(
        proptest! {
            #![proptest_config(config())]
            #[test]
            fn $name((taxonomy, workflows) in sets(6)) {
                let subject = Subject::new(&taxonomy, &workflows);
                prop_assert!(subject.tries_all());
                if let Err(broken) = subject.check::<Workflows>(Law::$law) {
                    return Err(TestCaseError::fail(broken.to_string()));
                }
            }
        }
    )*};
}

laws! {
    compiled_equals_reference: Reference;
    order_of_definition_changes_nothing: Order;
    enabling_one_never_changes_another: Enabling;
    narrower_never_matches_more: Narrower;
    only_normalised_values_matter: Normalised;
    explanations_agree_with_what_matches: Explanation;
    merging_is_associative_and_order_free: Merging;
    analysis_finds_a_witness_if_and_only_if_brute_force_does: Analysis;
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn all_laws_hold_of_cases_as_systems_of_record_write_them(
        (taxonomy, workflows, cases) in sets(6).prop_flat_map(|(taxonomy, workflows)| {
            let cases = vec(case(&taxonomy), 1..8);
            (Just(taxonomy), Just(workflows), cases)
        }),
    ) {
        let subject = Subject::on(&taxonomy, &workflows, cases);
        if let Err(broken) = subject.prove::<Workflows>() {
            return Err(TestCaseError::fail(broken.to_string()));
        }
    }

    #[test]
    fn a_buffer_is_filled_with_what_matches(
        (taxonomy, workflows, cases) in sets(6).prop_flat_map(|(taxonomy, workflows)| {
            let cases = vec(case(&taxonomy), 1..8);
            (Just(taxonomy), Just(workflows), cases)
        }),
    ) {
        let workflows = Workflows::compile(&taxonomy, workflows);
        let mut buffer = Vec::new();
        for case in &cases {
            let facts = taxonomy.facts(case);
            workflows.matches_into(&facts, &mut buffer);
            let ids: Vec<_> = buffer.iter().map(|found| found.id).collect();
            prop_assert_eq!(ids, workflows.matching(&facts));
        }
    }
}

#[test]
fn somebody_s_own_workflows_are_proved() {
    let taxonomy = super::sample();
    let criteria = vec![portal_core::workflow::Criterion::below(
        "practice area",
        "Immigration",
    )];
    prove(&taxonomy, &[super::workflow(1, criteria)]).unwrap();
}
