//! Criteria and what is sent, in words.

use portal_core::workflow::{Criterion, Normalised, PRACTICE_AREA, STAGE, Test, Verdict, fold};

use crate::web::view::{Badge, Tone};

/// `Filing`, `Filing or Decision`, `Intake, Filing or Decision`.
fn or(values: &[String]) -> String {
    match values {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} or {last}", all.join(", ")),
    }
}

fn is_of(criterion: &Criterion, dimension: &str) -> bool {
    fold(&criterion.dimension) == fold(dimension)
}

/// The criteria as a sentence: `A matter in T-Visa enters Filing`.
pub(in super::super) fn sentence(criteria: &[Criterion]) -> String {
    let mut matter = String::new();
    let mut enters = Vec::new();
    for criterion in criteria {
        let dimension = &criterion.dimension;
        if is_of(criterion, STAGE) {
            enters.push(match &criterion.test {
                Test::Any => "any stage".to_owned(),
                Test::OneOf(values) => or(values),
                Test::Below(parent) => format!("a stage below {parent}"),
                Test::NoneOf(values) => format!("a stage other than {}", or(values)),
            });
            continue;
        }
        let is_area = is_of(criterion, PRACTICE_AREA);
        let words = match &criterion.test {
            Test::Any => continue,
            Test::OneOf(values) if is_area => format!(" in {}", or(values)),
            Test::Below(parent) if is_area => format!(" in any kind of {parent}"),
            Test::NoneOf(values) if is_area => format!(" not in {}", or(values)),
            Test::OneOf(values) => format!(" with {dimension} {}", or(values)),
            Test::Below(parent) => format!(" with {dimension} below {parent}"),
            Test::NoneOf(values) => format!(" without {dimension} {}", or(values)),
        };
        matter.push_str(&words);
    }
    let subject = if matter.is_empty() {
        "Any matter"
    } else {
        "A matter"
    };
    let enters = if enters.is_empty() {
        "any stage".to_owned()
    } else {
        enters.join(" and ")
    };
    format!("{subject}{matter} enters {enters}")
}

/// One criterion: `Case stage is Filing or Decision`.
pub(in super::super) fn criterion(criterion: &Criterion) -> String {
    let dimension = &criterion.dimension;
    match &criterion.test {
        Test::Any => format!("{dimension} is anything"),
        Test::OneOf(values) => format!("{dimension} is {}", or(values)),
        Test::Below(parent) => format!("{dimension} is below {parent}"),
        Test::NoneOf(values) => format!("{dimension} is not {}", or(values)),
    }
}

/// Why it holds or fails.
pub(in super::super) fn because(verdict: &Verdict<'_>) -> String {
    match &verdict.value {
        Some(Normalised::Known(value)) => format!("it is {value}"),
        Some(Normalised::Unknown) => "what is written there is not in the taxonomy yet".to_owned(),
        Some(Normalised::Absent) => "nothing is written there".to_owned(),
        None => "the taxonomy has no such dimension any more".to_owned(),
    }
}

pub(in super::super) fn on_badge(enabled: bool) -> Badge {
    if enabled {
        Badge::new(Tone::Success, "On")
    } else {
        Badge::new(Tone::Neutral, "Off").with_icon("minus-circle")
    }
}

/// A reason for which something is held back ([`Held::as_str`]), as a count is headed by it.
pub(in super::super) fn held_label(why: &str) -> &'static str {
    match why {
        "not-served" => "Not sent: no client any more",
        "no-phone" => "Not sent: no telephone number",
        "invalid-phone" => "Not sent: number does not exist",
        "no-consent" => "Not sent: did not agree to texts",
        "opted-out" => "Not sent: wants no more texts",
        "no-email" => "Not sent: no email address",
        "no-access" => "Not sent: may not enter the portal",
        "written" => "Not again: written for this stage",
        "once" => "Not again: once for each matter",
        "pause" => "Not again: sent not long ago",
        "empty" => "Not sent: it says nothing",
        "too-long" => "Not sent: too long",
        _ => "Not sent: its template failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_read_as_a_sentence() {
        let visa = || Criterion::one_of("practice area", ["T-Visa"]);
        let filing = || Criterion::one_of("Case stage", ["Filing", "Decision"]);
        for (criteria, words) in [
            (
                vec![visa(), filing()],
                "A matter in T-Visa enters Filing or Decision",
            ),
            (
                vec![filing(), visa()],
                "A matter in T-Visa enters Filing or Decision",
            ),
            (vec![Criterion::any("Office")], "Any matter enters any stage"),
            (
                vec![
                    Criterion::below("Practice area", "Immigration"),
                    Criterion::none_of("Office", ["Sydney", "Perth", "Hobart"]),
                    Criterion::none_of("Case stage", ["Closed"]),
                ],
                "A matter in any kind of Immigration without Office Sydney, Perth or Hobart enters a stage other than Closed",
            ),
            (
                vec![
                    Criterion::none_of("Practice area", ["Family"]),
                    Criterion::below("Case stage", "Court"),
                ],
                "A matter not in Family enters a stage below Court",
            ),
        ] {
            assert_eq!(sentence(&criteria), words);
        }
    }

    #[test]
    fn one_criterion_reads_alone() {
        assert_eq!(
            criterion(&Criterion::one_of("Office", ["Sydney"])),
            "Office is Sydney"
        );
        assert_eq!(
            criterion(&Criterion::below("Office", "East")),
            "Office is below East"
        );
        assert_eq!(criterion(&Criterion::any("Office")), "Office is anything");
        assert_eq!(
            criterion(&Criterion::none_of("Office", ["A", "B"])),
            "Office is not A or B"
        );
    }
}
