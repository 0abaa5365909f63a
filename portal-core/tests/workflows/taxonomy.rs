//! Clean values: what is read as what, what waits for a person, and what a taxonomy may not be.

use super::{Criterion, id, sample, workflow};
use portal_core::FieldError;
use portal_core::workflow::{
    Canonical, Case, DimensionDraft, Normalised, PRACTICE_AREA, STAGE, Taxonomy, TaxonomyDraft, ValueDraft,
    Workflow, WorkflowDraft, Workflows,
};

fn known(taxonomy: &Taxonomy, dimension: &str, raw: &str) -> Option<String> {
    let value = taxonomy.normalise(dimension, raw)?.known()?;
    Some(value.name().to_owned())
}

#[test]
fn raw_values_are_read_as_people_mean_them() {
    let taxonomy = sample();
    for raw in [
        " t visa ",
        "T\u{2011}VISA",
        "\u{ff34}-\u{ff36}isa.",
        "t-1",
        "T Nonimmigrant Status",
        "t_visa",
    ] {
        assert_eq!(
            known(&taxonomy, PRACTICE_AREA, raw).as_deref(),
            Some("T-Visa"),
            "{raw:?}"
        );
    }
    for raw in ["FILING (USCIS)", "filing", "filing - uscis"] {
        assert_eq!(
            known(&taxonomy, "case_stage", raw).as_deref(),
            Some("Filing"),
            "{raw:?}"
        );
    }
    for raw in ["", "  ", " - ", "(?)"] {
        assert_eq!(
            taxonomy.normalise(STAGE, raw),
            Some(Normalised::Absent),
            "{raw:?}"
        );
    }
    for raw in ["T-Visas", "TVisa", "Immigration / T-Visa", "n/a"] {
        assert_eq!(
            taxonomy.normalise(PRACTICE_AREA, raw),
            Some(Normalised::Unknown),
            "{raw:?}"
        );
    }
    assert_eq!(taxonomy.normalise("Office", "Sydney"), None);
}

#[test]
fn what_is_not_known_stays_raw_and_is_told() {
    let taxonomy = sample();
    let case = Case::new()
        .with("Practice area", " t visa ")
        .with("Case stage", "FILING WITH COURT")
        .with("Office", "Sydney");
    let reading = taxonomy.read(&case);
    assert_eq!(reading.facts.value(PRACTICE_AREA).unwrap().name(), "T-Visa");
    assert_eq!(reading.facts.value(STAGE), None);
    assert!(reading.facts.is_unknown(STAGE) && !reading.facts.is_unknown(PRACTICE_AREA));
    let unknown: Vec<_> = reading.unknown.into_iter().collect();
    assert_eq!(unknown, [(STAGE.to_owned(), "FILING WITH COURT".to_owned())]);
    assert_eq!(
        reading
            .facts
            .values()
            .map(|value| value.to_string())
            .collect::<Vec<_>>(),
        ["T-Visa"]
    );
    let again = taxonomy.facts(&reading.facts.case());
    assert_eq!(again, reading.facts);
    let nothing = taxonomy.facts(&Case::new());
    assert_ne!(nothing, reading.facts);
    assert_eq!(
        (nothing.values().count(), nothing.value(PRACTICE_AREA)),
        (0, None)
    );
    assert_eq!(
        format!("{:?}", reading.facts),
        r#"Facts({"Case stage": "something else", "Practice area": "T-Visa"})"#
    );
}

#[test]
fn what_one_taxonomy_does_not_know_is_no_value_of_another() {
    let unclear = sample().facts(&Case::new().with(STAGE, "FILING WITH COURT"));
    let text = unclear.case().0[STAGE].clone();
    assert_eq!(text, "something else");
    let later = Taxonomy::new(&TaxonomyDraft {
        dimensions: vec![DimensionDraft::new("case_stage").value(&text).value("Filing")],
    })
    .unwrap();
    let own = |criterion: Criterion| {
        let draft = WorkflowDraft {
            name: "Own".into(),
            criteria: vec![criterion],
            ..WorkflowDraft::default()
        };
        Workflow::new(id(1), &draft, &later).unwrap()
    };
    let guess = Workflows::compile(&later, [own(Criterion::one_of(STAGE, [&text]))]);
    assert_eq!(guess.matching(&unclear), []);
    let others = Workflows::compile(&later, [own(Criterion::none_of(STAGE, ["Filing"]))]);
    assert_eq!(others.matching(&unclear), [], "nor is it another one than Filing");
    assert_ne!(unclear, later.facts(&unclear.case()));
    let strange = later.facts(&Case::new().with(STAGE, "whatever")).case();
    assert_eq!(strange.0["case_stage"], "something else again");
    // What is known is read by its name, and what is gone is unknown.
    let filing = Workflows::compile(&later, [own(Criterion::one_of(STAGE, ["Filing"]))]);
    assert_eq!(
        filing.matching(&sample().facts(&Case::new().with(STAGE, "Filing (USCIS)"))),
        [id(1)]
    );
    let gone = sample().facts(&Case::new().with(STAGE, "Intake"));
    assert_eq!(others.matching(&gone), []);
    assert_eq!(others.matching(&sample().facts(&Case::new())), [id(1)]);
}

#[test]
fn of_two_spellings_of_a_dimension_the_one_that_says_something_counts() {
    let taxonomy = sample();
    let read = |first: &str, second: &str| {
        taxonomy.read(&Case::new().with("Case stage", first).with("case_stage", second))
    };
    assert_eq!(read("Filing", " ").facts.value(STAGE).unwrap().name(), "Filing");
    assert_eq!(read(" ", "Filing").facts.value(STAGE).unwrap().name(), "Filing");
    assert_eq!(
        read("Intake", "Filing").facts.value(STAGE).unwrap().name(),
        "Filing"
    );
    assert!(read("whatever", "Filing").unknown.is_empty());
    assert_eq!(read("Filing", "whatever").unknown.len(), 1);
}

#[test]
fn a_matter_is_read_by_its_fields_and_attributes() {
    let samples = portal_core::testing::Samples::new(1);
    let mut matter = samples.matter(&samples.staff(portal_core::policy::Role::Member));
    matter.practice_area = Some("T-1".into());
    matter.stage = None;
    matter.attributes = [("Office", "Sydney"), ("practice_area", "Family law")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let case = Case::of(&matter);
    assert_eq!(
        case,
        Case::new().with(PRACTICE_AREA, "T-1").with("Office", "Sydney")
    );
    matter.stage = Some("Filing".into());
    assert_eq!(Case::of(&matter).0.get(STAGE).map(String::as_str), Some("Filing"));
}

#[test]
fn parents_and_spellings_can_be_asked_for() {
    let taxonomy = sample();
    let value = taxonomy.normalise(PRACTICE_AREA, "t-1").unwrap().known().unwrap();
    assert_eq!(
        value.spellings().collect::<Vec<_>>(),
        ["T-Visa", "T-1", "T nonimmigrant status"]
    );
    assert_eq!(
        (value.dimension(), value.to_string()),
        (PRACTICE_AREA, "T-Visa".to_owned())
    );
    assert_eq!(format!("{value:?}"), "Canonical(Practice area: T-Visa)");
    let above: Vec<_> = std::iter::successors(value.parent(), Canonical::parent)
        .map(|v| v.to_string())
        .collect();
    assert_eq!(above, ["Humanitarian", "Immigration"]);
    let names: Vec<_> = taxonomy
        .values(PRACTICE_AREA)
        .map(|value| value.to_string())
        .collect();
    assert_eq!(
        names,
        ["Immigration", "Humanitarian", "T-Visa", "U-Visa", "Family law"]
    );
    assert_eq!(taxonomy.dimensions().collect::<Vec<_>>(), [PRACTICE_AREA, STAGE]);
    assert_eq!(taxonomy.values("Office").count(), 0);
    let canonical = |dimension, raw| taxonomy.canonical(dimension, raw);
    assert_eq!(canonical("practice_area", "t-1").as_deref(), Some("T-Visa"));
    assert_eq!(
        (canonical(PRACTICE_AREA, "Tax"), canonical("Office", "T-1")),
        (None, None)
    );
}

#[test]
fn a_taxonomy_is_another_one_with_the_same_words() {
    let (one, other) = (sample(), sample());
    assert_eq!(one, other);
    assert_ne!(one, Taxonomy::empty());
    assert_eq!(Taxonomy::empty().dimensions().count(), 0);
    assert_eq!(format!("{one:?}"), format!("Taxonomy({:?})", other.draft()));
}

/// The codes and places of what is wrong with a taxonomy of one dimension.
fn wrong(values: &[(&str, Option<&str>, &[&str])]) -> Vec<(String, &'static str)> {
    let values = values.iter().map(|(name, parent, aliases)| ValueDraft {
        name: (*name).into(),
        parent: parent.map(Into::into),
        aliases: aliases.iter().map(|alias| (*alias).into()).collect(),
    });
    let dimension = DimensionDraft {
        name: "Area".into(),
        values: values.collect(),
    };
    refused(vec![dimension])
}

fn refused(dimensions: Vec<DimensionDraft>) -> Vec<(String, &'static str)> {
    match Taxonomy::new(&TaxonomyDraft { dimensions }) {
        Ok(_) => Vec::new(),
        Err(invalid) => invalid
            .errors
            .into_iter()
            .map(|FieldError { field, code, .. }| (field, code))
            .collect(),
    }
}

#[test]
fn a_taxonomy_contradicts_itself_nowhere() {
    let at = |field: &str, code| vec![(format!("dimensions.0.values.{field}"), code)];
    assert_eq!(wrong(&[("A", None, &["B"]), ("C", Some("A"), &[])]), []);
    assert_eq!(
        wrong(&[("A", None, &[]), (" a. ", None, &[])]),
        at("1.name", "duplicate")
    );
    assert_eq!(
        wrong(&[("A", None, &["x"]), ("B", None, &["X!"])]),
        at("1.aliases.0", "ambiguous")
    );
    assert_eq!(
        wrong(&[("A", None, &["b"]), ("B", None, &[])]),
        at("0.aliases.0", "ambiguous")
    );
    assert_eq!(
        wrong(&[("A", None, &["a", "A"])]),
        [],
        "another word for itself does no harm"
    );
    assert_eq!(wrong(&[("A", Some("B"), &[])]), at("0.parent", "unknown"));
    assert_eq!(wrong(&[("A", Some("A"), &[])]), at("0.parent", "cycle"));
    assert_eq!(wrong(&[("--", None, &[])]), at("0.name", "required"));
    assert_eq!(wrong(&[("", None, &[])]), at("0.name", "required"));
    assert_eq!(wrong(&[("A", None, &["."])]), at("0.aliases.0", "required"));
    let circle = wrong(&[
        ("A", Some("C"), &[]),
        ("B", Some("A"), &[]),
        ("C", Some("B"), &[]),
        ("D", Some("C"), &[]),
    ]);
    let codes: Vec<_> = circle.iter().map(|(_, code)| *code).collect();
    assert_eq!(
        codes,
        ["cycle", "cycle", "cycle", "too-deep"],
        "D lies below a circle"
    );
    let twice = refused(vec![DimensionDraft::new("Area"), DimensionDraft::new("AREA")]);
    assert_eq!(twice, [("dimensions.1.name".to_owned(), "duplicate")]);
}

#[test]
fn a_taxonomy_has_limits() {
    let deep = |levels: usize| {
        let mut area = DimensionDraft::new("Area").value("0");
        for level in 1..levels {
            area = area.value_below((level - 1).to_string(), level.to_string());
        }
        refused(vec![area])
    };
    assert_eq!(deep(Taxonomy::MOST_DEPTH), []);
    assert_eq!(
        deep(Taxonomy::MOST_DEPTH + 1),
        [("dimensions.0.values.16.parent".to_owned(), "too-deep")]
    );
    let wide = |number: usize| {
        refused(
            (0..number)
                .map(|number| DimensionDraft::new(format!("d{number}")))
                .collect(),
        )
    };
    assert_eq!(wide(Taxonomy::MOST_DIMENSIONS), []);
    assert_eq!(
        wide(Taxonomy::MOST_DIMENSIONS + 1),
        [("dimensions".to_owned(), "too-many")]
    );
    assert_eq!(wrong(&[(&"a".repeat(200), None, &[])]), []);
    assert_eq!(wrong(&[(&"a".repeat(201), None, &[])]).len(), 1);
}

#[test]
fn suggestions_come_with_the_most_alike_first() {
    let taxonomy = sample();
    let meant = |raw: &str| -> Vec<String> {
        taxonomy
            .suggest(PRACTICE_AREA, raw, 3)
            .iter()
            .map(|meant| meant.value.to_string())
            .collect()
    };
    assert_eq!(meant("T-Visas")[0], "T-Visa");
    assert_eq!(meant("Visa (T)")[0], "T-Visa");
    assert_eq!(meant("imigration")[0], "Immigration");
    assert_eq!(meant("Immigration Law Sydney")[0], "Immigration");
    assert_eq!(meant("status nonimmigrant T")[0], "T-Visa");
    assert_eq!(meant("Zzqx"), Vec::<String>::new());
    assert_eq!(meant("   "), Vec::<String>::new());
    assert_eq!(taxonomy.suggest(PRACTICE_AREA, "visa", 1).len(), 1);
    let suggestions = taxonomy.suggest(PRACTICE_AREA, "T nonimmigrant", 3);
    assert_eq!(suggestions[0].spelling, "T nonimmigrant status");
    assert!(suggestions.is_sorted_by(|a, b| a.likeness >= b.likeness));
    assert!(
        suggestions
            .iter()
            .all(|meant| (0.6..1.01).contains(&meant.likeness))
    );
    assert!(taxonomy.suggest("Office", "visa", 3).is_empty());
}

#[test]
fn how_alike_a_text_is_can_be_worked_out() {
    let areas = DimensionDraft::new("Area").value("Family law").value("a b c");
    let taxonomy = Taxonomy::new(&TaxonomyDraft {
        dimensions: vec![areas],
    })
    .unwrap();
    let alike = |raw: &str, name: &str| {
        let all = taxonomy.suggest("Area", raw, 2);
        let own = all.iter().find(|own| own.value.name() == name);
        own.map(|own| (own.likeness * 1_000.0).round() / 1_000.0)
    };
    assert_eq!(alike("LAW, family", "Family law"), Some(1.0), "the same words");
    // Seven tenths for the words that are common of the shorter text, three tenths for those of the longer one.
    assert_eq!(alike("c", "a b c"), Some(0.8));
    assert_eq!(alike("b c zz", "a b c"), Some(0.667));
    assert_eq!(alike("q w e r t y law family", "Family law"), Some(0.775));
    assert_eq!(
        alike("b c c", "a b c"),
        Some(0.9),
        "it is as far from it as \u{201c}b c\u{201d}"
    );
    assert_eq!(alike("zzz qq", "a b c"), None);
}

#[test]
fn accepting_a_suggestion_shows_what_it_would_fire() {
    let taxonomy = sample();
    let criteria = |name: &str| vec![Criterion::one_of(PRACTICE_AREA, [name])];
    let visa = workflow(1, criteria("T-Visa"));
    let everything = workflow(2, vec![Criterion::any(STAGE)]);
    let not_family = workflow(3, vec![Criterion::none_of(PRACTICE_AREA, ["Family law"])]);
    let family = workflow(4, criteria("Family law"));
    let workflows = Workflows::compile(&taxonomy, [visa, everything, not_family, family]);
    let unclear = Case::new().with("practice area", "Trafficking  visa");
    let same = Case::new()
        .with("PRACTICE_AREA", "trafficking-VISA")
        .with(STAGE, "Intake");
    let clear = Case::new().with(PRACTICE_AREA, "Family law");
    let elsewhere = Case::new().with(STAGE, "trafficking visa");
    let matters = [("a", &unclear), ("b", &clear), ("c", &same), ("d", &elsewhere)];
    let accepted = workflows
        .accept((PRACTICE_AREA, "t-1", "Trafficking visa"), matters)
        .unwrap();
    let gained: Vec<_> = accepted
        .matters
        .iter()
        .map(|own| (own.matter, own.gained.clone()))
        .collect();
    assert_eq!(gained, [("a", vec![id(1), id(3)]), ("c", vec![id(1), id(3)])]);
    assert_eq!(
        known(&accepted.taxonomy, PRACTICE_AREA, "trafficking visa").as_deref(),
        Some("T-Visa")
    );
    assert_eq!(
        accepted.workflows.matching(&accepted.taxonomy.facts(&unclear)),
        [id(1), id(3), id(2)]
    );
    assert_eq!(
        known(&taxonomy, PRACTICE_AREA, "trafficking visa"),
        None,
        "the old one is as it was"
    );

    let refused = |dimension, value, raw| {
        let matters: [(u8, &Case); 0] = [];
        workflows
            .accept((dimension, value, raw), matters)
            .unwrap_err()
            .errors[0]
            .code
    };
    assert_eq!(refused("Office", "T-Visa", "x"), "unknown");
    assert_eq!(refused(PRACTICE_AREA, "Tax", "x"), "unknown");
    assert_eq!(refused(PRACTICE_AREA, "T-Visa", "u visa"), "ambiguous");
    assert_eq!(refused(PRACTICE_AREA, "T-Visa", "--"), "required");
    assert_eq!(
        taxonomy.with_alias(PRACTICE_AREA, "T-Visa", "T 1").unwrap(),
        taxonomy,
        "it was one already"
    );
}

#[test]
fn a_case_is_written_in_a_line() {
    assert_eq!(Case::new().to_string(), "a matter of which nothing is known");
    let case = Case::new().with("Office", "Sydney");
    assert_eq!(case.to_string(), "Office: Sydney");
    let case = case.with(STAGE, "Filing");
    assert_eq!(case.to_string(), "Case stage: Filing, Office: Sydney");
}

#[test]
fn facts_are_kept_by_their_names() {
    let taxonomy = sample();
    let facts = taxonomy.facts(&Case::new().with(PRACTICE_AREA, "t-1").with("Office", "nowhere"));
    let names: Vec<(String, String)> = facts.names().into_iter().collect();
    assert_eq!(names, [(PRACTICE_AREA.to_owned(), "T-Visa".to_owned())]);
}

#[test]
fn facts_that_were_kept_are_the_facts_again() {
    let taxonomy = sample();
    let reading = taxonomy.read(&Case::new().with(PRACTICE_AREA, "t-1").with(STAGE, "whatever"));
    let kept = |taxonomy: &Taxonomy| taxonomy.kept(&reading.facts.names(), &reading.unknown);
    assert_eq!(kept(&taxonomy), reading.facts);
    assert_eq!(
        taxonomy.kept(&[].into(), &[].into()),
        taxonomy.facts(&Case::new())
    );
    // Of a smaller taxonomy, what it does not have is unknown, and a dimension that is gone says nothing.
    let smaller = Taxonomy::new(&TaxonomyDraft {
        dimensions: vec![DimensionDraft::new(PRACTICE_AREA).value("Family law")],
    })
    .unwrap();
    assert!(kept(&smaller).is_unknown(PRACTICE_AREA));
    assert!(!kept(&smaller).is_unknown(STAGE));
}
