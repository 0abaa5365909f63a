//! Files: what is read is what was written, and what is wrong is told with its place.

use portal_core::testing::workflows::{sets, taxonomy};
use portal_core::workflow::{Taxonomy, Workflow, WorkflowFile};
use proptest::prelude::*;

pub(super) const GOOD: &str = r#"
[[dimensions]]
name = "Practice area"

[[dimensions.values]]
name = "Immigration"

[[dimensions.values]]
name = "T-Visa"
parent = "Immigration"
aliases = ["T-1"]

[[workflows]]
name = "T-Visa"
priority = 2

[[workflows.criteria]]
dimension = "practice_area"
one_of = ["t visa"]

[[workflows.requirements]]
title = "Passport bio page"
part = "partner"
due_in_days = 14

[[workflows.automations]]
channel = "sms"
text = { en = "Hello" }
delay_minutes = 10
quiet_hours = { from = 21, until = 8 }
again = { after-days = 30 }

[[workflows]]
name = "All"
enabled = false
criteria = [{ dimension = "Practice area", any = true }]
"#;

/// The problems of the file with `old` replaced, as they are printed.
pub(super) fn told(old: &str, new: &str) -> Vec<String> {
    let text = GOOD.replacen(old, new, 1);
    assert_ne!(text, GOOD);
    match WorkflowFile::read(&text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
    }
}

#[track_caller]
fn refuses(old: &str, new: &str, wanted: &[&str]) {
    let told = told(old, new);
    assert_eq!(told.len(), 1, "{told:?}");
    for part in wanted {
        assert!(told[0].contains(part), "{part:?} is not in {:?}", told[0]);
    }
}

#[test]
fn a_file_is_read_with_names_as_the_taxonomy_spells_them() {
    let file = WorkflowFile::read(GOOD).unwrap();
    let names: Vec<_> = file.workflows.iter().map(|own| own.name.as_str()).collect();
    assert_eq!(names, ["T-Visa", "All"]);
    let own = &file.workflows[0];
    assert_eq!(own.criteria[0].to_string(), "Practice area: one of T-Visa");
    assert_eq!(
        (own.priority, own.enabled, file.workflows[1].enabled),
        (2, true, false)
    );
    assert_eq!(own.requirements[0].key, "passport-bio-page");
    assert_eq!(
        own.id,
        WorkflowFile::read(GOOD).unwrap().workflows[0].id,
        "ids follow from names"
    );
    assert_ne!(own.id, file.workflows[1].id);
    assert_eq!(own.id.0.get_version_num(), 8);
    assert_eq!(WorkflowFile::read(&file.write().unwrap()).unwrap(), file);
}

#[test]
fn what_is_wrong_is_told_with_line_and_place() {
    refuses(
        r#"one_of = ["t visa"]"#,
        r#"one_of = ["t visum"]"#,
        &[
            "line 19: workflows.0.criteria.0.one_of.0: ",
            "t visum",
            "Did you mean \u{201c}T-Visa\u{201d}?",
            "(workflow \u{201c}T-Visa\u{201d})",
        ],
    );
    refuses(
        r#""practice_area""#,
        r#""Office""#,
        &[
            "line 18: workflows.0.criteria.0.dimension: ",
            "Office",
            "Practice area",
        ],
    );
    refuses(
        r#"parent = "Immigration""#,
        r#"parent = "T visa""#,
        &["line 10: dimensions.0.values.1.parent: ", "its own parent"],
    );
    refuses(
        r#"aliases = ["T-1"]"#,
        r#"aliases = ["T-1", "immigration"]"#,
        &["line 11: dimensions.0.values.1.aliases.1: ", "two values"],
    );
    refuses(
        r#"one_of = ["t visa"]"#,
        "one_of = []",
        &["line 19: workflows.0.criteria.0.one_of: ", "empty"],
    );
    refuses(r#"one_of = ["t visa"]"#, "", &["line 17: ", "empty"]);
    refuses(
        r#"one_of = ["t visa"]"#,
        r#"one_of = ["t visa"]
below = "Immigration""#,
        &["line 17: ", "second criterion"],
    );
    refuses("any = true", "any = false", &["line ", "empty"]);
    refuses(
        "[[workflows.automations]]",
        "[[workflows.requirements]]
title = \"Passport\"
key = \"passport bio-page\"
[[workflows.automations]]",
        &["line 28: workflows.0.requirements.1.key: ", "Two requirements"],
    );
    refuses(
        r#"name = "All""#,
        r#"name = " t visa""#,
        &["line 34: workflows.1.name: ", "this name too"],
    );
    refuses(
        "criteria = [{ dimension = \"Practice area\", any = true }]",
        "",
        &["line 33: workflows.1.criteria: "],
    );
    refuses("priority = 2", "prioritty = 2", &["line 15: ", "prioritty"]);
    refuses("priority = 2", "priority = ", &["line 15: "]);
    refuses(
        "from = 21",
        "from = 24",
        &["workflows.0.automations.0.quiet_hours"],
    );
    refuses(
        "text = { en = \"Hello\" }",
        "",
        &["workflows.0.automations.0.text"],
    );
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let text = GOOD
        .replace("t visa", "x")
        .replace("Practice area\", any", "Office\", any");
    assert_eq!(WorkflowFile::read(&text).unwrap_err().0.len(), 2);
}

#[test]
fn a_huge_file_is_refused_at_once() {
    let huge = format!("{GOOD}#{}", "x".repeat(50_000_000));
    let told = WorkflowFile::read(&huge).unwrap_err().to_string();
    assert_eq!(
        told,
        format!("The file has {} bytes; at most 10000000 are read.", huge.len())
    );
    let many: Vec<String> = (0..=WorkflowFile::MOST_WORKFLOWS)
        .map(|number| {
            format!("[[workflows]]\nname=\"{number}\"\ncriteria=[{{dimension=\"Practice area\",any=true}}]\n")
        })
        .collect();
    let many = many.concat();
    let told =
        WorkflowFile::read(&format!("dimensions = [{{ name = \"Practice area\" }}]\n{many}")).unwrap_err();
    assert_eq!(
        told.to_string(),
        "workflows: A file can hold at most 10000 workflows."
    );
}

#[test]
fn a_taxonomy_s_file_holds_no_workflows() {
    let told = Taxonomy::from_toml(GOOD).unwrap_err().to_string();
    assert!(told.starts_with("line 13: workflows: "), "{told}");
    let file = WorkflowFile::read(GOOD).unwrap();
    assert_eq!(
        Taxonomy::from_toml(&file.taxonomy.to_toml().unwrap()).unwrap(),
        file.taxonomy
    );
    assert_eq!(Taxonomy::from_toml("").unwrap(), Taxonomy::empty());
}

#[test]
fn a_spreadsheet_may_be_in_any_order() {
    let taxonomy = Taxonomy::from_csv("\u{feff}Parent,VALUE,alias,dimension\r\nVisa,T-Visa,T-1,Area\r\n,visa,,area\r\n,T-Visa,T 2,Area\r\n,,,Office\r\n").unwrap();
    let csv = taxonomy.to_csv().unwrap();
    assert_eq!(
        csv,
        "dimension,value,parent,alias\nArea,T-Visa,visa,T-1\nArea,T-Visa,visa,T 2\nArea,visa,,\nOffice,,,\n"
    );
    assert_eq!(Taxonomy::from_csv(&csv).unwrap(), taxonomy);
    assert_eq!(
        Taxonomy::from_csv("value,dimension\nA,B\n")
            .unwrap()
            .to_csv()
            .unwrap(),
        "dimension,value,parent,alias\nB,A,,\n"
    );
}

#[test]
fn what_is_wrong_with_a_spreadsheet_is_told_with_line_and_column() {
    let refuses = |lines: &str, wanted: &str| {
        let text = format!("dimension,value,parent,alias\n{lines}");
        let told = Taxonomy::from_csv(&text).unwrap_err().to_string();
        assert!(told.starts_with(wanted), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    };
    refuses("Area,A,,\nArea,B,C,\n", "line 3: parent: ");
    refuses("Area,A,,x\nArea,B,,y\nArea,B,,X\n", "line 4: alias: ");
    refuses(
        "Area,A,,\nArea,B,A,\nArea,C,,\nArea,B,C,\n",
        "line 5: parent: \u{201c}B\u{201d} has another parent already: \u{201c}A\u{201d}.",
    );
    refuses(",A,,\n", "line 2: dimension: ");
    refuses("Area,,A,\n", "line 2: parent: ");
    refuses("Area,,,x\n", "line 2: alias: ");
    refuses("Area,\u{1},,\n", "line 2: value: ");
    refuses("Area,A,A,\n", "line 2: parent: ");
    refuses(
        "Area,A\n",
        "line 2: This line has 2 values and the first line 4 columns.",
    );
    let header = |header: &str| {
        Taxonomy::from_csv(&format!("{header}\n"))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(header("dimension"), "line 1: value: This column is missing.");
    assert!(header("dimension,value,colour").starts_with("line 1: colour: There is no such column"));
    assert_eq!(
        header("dimension,value,Value"),
        "line 1: Value: This column is there twice."
    );
    assert!(header("").contains("missing"));
    let long = format!("dimension,value\n{},A\n", "x".repeat(201));
    assert!(
        Taxonomy::from_csv(&long)
            .unwrap_err()
            .to_string()
            .starts_with("line 2: dimension: ")
    );
    let huge = "x".repeat(Taxonomy::MOST_CSV_BYTES + 1);
    assert!(
        Taxonomy::from_csv(&huge)
            .unwrap_err()
            .to_string()
            .contains("at most")
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read((taxonomy, workflows) in sets(4)) {
        let mut file = WorkflowFile { taxonomy, workflows: Vec::new() };
        // Only what is still in the taxonomy can be read again.
        for own in workflows {
            if let Ok(own) = Workflow::new(own.id, &own.draft(), &file.taxonomy) {
                file.workflows.push(own);
            }
        }
        let read = WorkflowFile::read(&file.write().unwrap()).unwrap();
        prop_assert_eq!(&read.taxonomy, &file.taxonomy);
        let drafts = |file: &WorkflowFile| file.workflows.iter().map(Workflow::draft).collect::<Vec<_>>();
        prop_assert_eq!(drafts(&read), drafts(&file));
    }

    #[test]
    fn a_spreadsheet_gives_back_the_taxonomy(taxonomy in taxonomy()) {
        prop_assert_eq!(Taxonomy::from_csv(&taxonomy.to_csv().unwrap()).unwrap(), taxonomy);
    }
}
