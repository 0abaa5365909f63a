//! Files that somebody made to hurt: formulas, millions of mistakes, texts without end.

use portal_core::workflow::{DimensionDraft, Taxonomy, TaxonomyDraft, WorkflowFile};
use proptest::collection::vec;
use proptest::prelude::*;

use super::files::{GOOD, told};

#[test]
fn a_spreadsheet_runs_nothing() {
    let formulas = [
        "=HYPERLINK(\"http://evil.example\")",
        "+1",
        "-2+3",
        "@SUM(A1)",
        "\u{ff1d}1",
        "'=1",
        "''' =1",
    ];
    let areas = DimensionDraft::new("=Area").value("'quoted'").alias("O'Neill");
    let areas = formulas
        .iter()
        .enumerate()
        .fold(areas, |areas, (number, formula)| {
            areas
                .value_below("'quoted'", format!("{formula} v{number}"))
                .alias(format!("{formula} a{number}"))
        });
    let areas = areas.value_below("+1 v1", "below");
    let dimensions = vec![areas, DimensionDraft::new("-1")];
    let taxonomy = Taxonomy::new(&TaxonomyDraft { dimensions }).unwrap();
    let csv = taxonomy.to_csv().unwrap();
    let mut cells: Vec<&str> = csv.lines().flat_map(|line| line.split(',')).collect();
    assert_eq!(cells.len(), 44);
    cells.retain(|cell| {
        let cell = cell.trim_start_matches(['"', ' ', '\u{a0}']);
        cell.starts_with(['=', '+', '-', '@', '\u{ff1d}'])
    });
    assert_eq!(cells, Vec::<&str>::new());
    assert!(csv.contains(",'quoted',") && csv.contains(",O'Neill\n"));
    assert_eq!(Taxonomy::from_csv(&csv).unwrap(), taxonomy);
    // Exactly one is taken away, and only where one was put.
    let read = Taxonomy::from_csv("dimension,value\nArea,'=1\nArea,''=2\nArea,'t Hooft\n").unwrap();
    let names: Vec<_> = read.values("Area").map(|value| value.to_string()).collect();
    assert_eq!(names, ["=1", "'=2", "'t Hooft"]);
}

proptest! {
    #[test]
    fn a_spreadsheet_gives_back_names_of_any_beginning(begins in vec("[-'=+@ ]{0,4}", 1..6)) {
        let values = begins.iter().enumerate();
        let dimension = values.fold(DimensionDraft::new("Area"), |all, (number, begin)| {
            all.value(format!("{begin}{number}")).alias(format!("{begin}a{number}"))
        });
        let taxonomy = Taxonomy::new(&TaxonomyDraft { dimensions: vec![dimension] }).unwrap();
        prop_assert_eq!(Taxonomy::from_csv(&taxonomy.to_csv().unwrap()).unwrap(), taxonomy);
    }
}

#[test]
fn a_spreadsheet_is_read_as_far_as_a_taxonomy_goes() {
    let told = |lines: String| {
        let text = format!("dimension,value,alias\n{lines}");
        Taxonomy::from_csv(&text).unwrap_err().to_string()
    };
    let lines = |number: usize, line: &dyn Fn(usize) -> String| (0..number).map(line).collect::<String>();
    let dimensions = lines(Taxonomy::MOST_DIMENSIONS, &|number| format!("d{number},,\n"));
    assert_eq!(
        told(dimensions + "D0,,\nd32,,\nd33,,\n,,\n"),
        "line 35: dimension: A taxonomy can have 32 dimensions; from this line on nothing was read."
    );
    let values = lines(Taxonomy::MOST_VALUES, &|number| {
        format!("d{},v{number},\n", number % 3)
    });
    assert_eq!(
        told(values + "d0,v0,x\nd9,v,\nd9,w,\n,,\n"),
        "line 100003: value: A taxonomy can have 100000 values; from this line on nothing was read."
    );
    let aliases = lines(Taxonomy::MOST_ALIASES, &|number| format!("d,v,{number}\n"));
    assert_eq!(
        told(aliases + "d,v,\nd,v,x\n,,\n"),
        "line 1000003: alias: A taxonomy can have 1000000 aliases; from this line on nothing was read."
    );
}

#[test]
fn of_many_problems_the_first_are_told_and_the_rest_counted() {
    let unknown: Vec<String> = (0..900).map(|number| format!("\"T-Vista {number}\"")).collect();
    let unknown = unknown.join(",\n");
    let own = |name: &str| {
        format!(
            "[[workflows]]\nname = \"{name}\"\n[[workflows.criteria]]\ndimension = \"Practice area\"\none_of = [\n{unknown}]\n"
        )
    };
    let text = format!("{GOOD}{}{}", own("First"), own("Second"));
    let told = WorkflowFile::read(&text).unwrap_err().0;
    assert_eq!(told.len(), 101);
    assert_eq!(told[100].to_string(), "And 1700 more.");
    let first = text.lines().position(|line| line.contains("T-Vista 0")).unwrap() + 1;
    assert_eq!((told[0].line, told[99].line), (Some(first), Some(first + 99)));
    let hints = told
        .iter()
        .filter(|problem| problem.message.contains("Did you mean \u{201c}T-Visa\u{201d}?"));
    assert_eq!(hints.count(), 20, "comparing with all that is known takes long");

    let values: Vec<String> = (0..300)
        .map(|number| format!("Area,v{number},nobody\n"))
        .collect();
    let values = values.concat();
    let told = Taxonomy::from_csv(&format!("dimension,value,parent\n{values}"))
        .unwrap_err()
        .0;
    assert_eq!((told.len(), told[99].line), (101, Some(101)));
    assert_eq!(told[100].to_string(), "And 200 more.");
    let lines = "Area,,x\n".repeat(150);
    let told = Taxonomy::from_csv(&format!("dimension,value,parent\n{lines}"))
        .unwrap_err()
        .0;
    assert_eq!(told[100].to_string(), "And 50 more.");
}

#[test]
fn one_draft_s_problems_are_counted_too() {
    let taxonomy = WorkflowFile::read(GOOD).unwrap().taxonomy;
    let draft = portal_core::workflow::WorkflowDraft {
        name: "Many".into(),
        criteria: vec![super::Criterion::one_of(
            "Practice area",
            (0..130).map(|number| format!("T-Vista {number}")),
        )],
        ..Default::default()
    };
    let invalid = portal_core::workflow::Workflow::new(super::id(1), &draft, &taxonomy).unwrap_err();
    assert_eq!(invalid.errors.len(), 101);
    let last = &invalid.errors[100];
    assert_eq!(
        (last.field.as_str(), last.code, last.message.as_str()),
        ("criteria.0.one_of.99", "more", "30 more problems are not told.")
    );
}

#[test]
fn of_a_huge_vocabulary_little_is_suggested_for_a_wrong_draft() {
    let values = |number: usize| {
        (0..number).fold(DimensionDraft::new("Area"), |all, v| {
            all.value(format!("Visa {v}"))
        })
    };
    let told = |number: usize| {
        let dimensions = vec![values(number)];
        let taxonomy = Taxonomy::new(&TaxonomyDraft { dimensions }).unwrap();
        let draft = portal_core::workflow::WorkflowDraft {
            name: "Wrong".into(),
            criteria: vec![super::Criterion::one_of("Area", ["Visa x", "Visa y", "Visa z"])],
            ..Default::default()
        };
        let invalid = portal_core::workflow::Workflow::new(super::id(1), &draft, &taxonomy).unwrap_err();
        let errors = invalid.errors.iter();
        errors
            .filter(|error| error.message.contains("Did you mean"))
            .count()
    };
    // Two hundred thousand spellings are compared for one draft.
    assert_eq!((told(10), told(Taxonomy::MOST_VALUES)), (3, 2));
}

#[test]
fn a_problem_does_not_repeat_a_text_of_any_length() {
    let long = "x".repeat(100_000);
    for (old, new) in [
        (r#"one_of = ["t visa"]"#, format!("one_of = [\"{long}\"]")),
        (r#"one_of = ["t visa"]"#, format!("below = \"{long}\"")),
        (r#""practice_area""#, format!("\"{long}\"")),
        (r#"parent = "Immigration""#, format!("parent = \"{long}\"")),
        (r#"name = "All""#, format!("name = \"{long}\"")),
    ] {
        let told = told(old, &new);
        assert_eq!(told.len(), 1);
        assert!(
            told[0].len() < 400 && told[0].contains("at most"),
            "{}",
            told[0].len()
        );
    }
    let csv = format!("dimension,value,parent\nArea,A,{long}\nArea,A,b\n");
    assert!(Taxonomy::from_csv(&csv).unwrap_err().to_string().len() < 1_000);
    let csv = format!("dimension,value,{long}\n");
    assert!(Taxonomy::from_csv(&csv).unwrap_err().to_string().len() < 1_000);
    let taxonomy = super::sample();
    assert_eq!(taxonomy.suggest("Practice area", &"T-Visa ".repeat(40), 3), []);
    assert!(
        !taxonomy
            .suggest("Practice area", &"T-Visa ".repeat(28), 3)
            .is_empty()
    );
}
