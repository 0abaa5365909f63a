//! `workflows check`, as it is typed in somebody's CI.

use std::fs;

use crate::process::{Said, Shell};

const TAXONOMY: &str = r#"
[[dimensions]]
name = "Case stage"
values = [{ name = "Intake" }, { name = "Filing", aliases = ["Filing (USCIS)"] }]
"#;

fn check(workflows: &str, more: &[&str]) -> Said {
    let shell = Shell::on_sqlite();
    fs::write(
        shell.folder.path().join("workflows.toml"),
        format!("{TAXONOMY}{workflows}"),
    )
    .unwrap();
    shell.run(&[&["workflows", "check", "workflows.toml"], more].concat(), "")
}

#[track_caller]
fn has(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in\n{text}");
}

const BOTH: &str = r#"
[[workflows]]
name = "Intake"
criteria = [{ dimension = "case_stage", one_of = ["intake"] }]

[[workflows]]
name = "Filing"
criteria = [{ dimension = "Case stage", one_of = ["FILING (USCIS)"] }]
"#;

#[test]
fn a_file_in_which_nothing_is_odd_passes() {
    let said = check(BOTH, &[]);
    assert_eq!((said.status, said.err.as_str()), (0, ""), "{}", said.out);
    has(
        &said.out,
        "ok      the index finds exactly what the plain definition finds\n",
    );
    has(&said.out, "2 workflows, tried on all cases: 4\n");
}

#[test]
fn findings_fail_the_check_unless_they_are_allowed() {
    let only = BOTH.split("\n\n").next().unwrap();
    let said = check(only, &[]);
    assert_eq!(said.status, 1);
    has(
        &said.out,
        "FOUND   uncovered: No workflow matches anything with Case stage: Filing.\n",
    );
    has(&said.err, "1 finding, see above");
    let said = check(only, &["--allow", "uncovered"]);
    assert_eq!((said.status, said.err.as_str()), (0, ""), "{}", said.out);
    has(&said.out, "allowed uncovered: ");
    let twice = format!(
        "{BOTH}\n[[workflows]]\nname = \"Again\"\ncriteria = [{{ dimension = \"Case stage\", one_of = [\"Filing\"] }}]\n"
    );
    let said = check(&twice, &["--allow", "uncovered"]);
    assert_eq!(said.status, 1);
    has(&said.out, "FOUND   duplicate: ");
    assert_eq!(check(only, &["--allow", "nonsense"]).status, 2);
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_place() {
    for (from, to, told) in [
        (
            "case_stage",
            "Office",
            "line 8: workflows.0.criteria.0.dimension: There is no dimension",
        ),
        (
            "\"intake\"",
            "\"Intaek\"",
            "line 8: workflows.0.criteria.0.one_of.0: There is no value \u{201c}Intaek\u{201d}",
        ),
        (
            "[\"intake\"]",
            "[]",
            "line 8: workflows.0.criteria.0.one_of: This criterion is empty",
        ),
        (
            "name = \"Filing\"\n",
            "nam = \"Filing\"\n",
            "line 11: unknown field `nam`",
        ),
    ] {
        assert!(BOTH.contains(from));
        let said = check(&BOTH.replacen(from, to, 1), &[]);
        assert_eq!(said.status, 1);
        has(&said.err, told);
    }
    for (values, told) in [
        (
            "{ name = \"A\", parent = \"B\" }, { name = \"B\", parent = \"A\" }",
            "would be its own parent",
        ),
        (
            "{ name = \"A\", aliases = [\"x\"] }, { name = \"B\", aliases = [\"X\"] }",
            "it cannot name two values",
        ),
    ] {
        let said = check(
            &format!("[[dimensions]]\nname = \"Office\"\nvalues = [{values}]\n"),
            &[],
        );
        assert_eq!(said.status, 1);
        has(&said.err, "line 7: dimensions.1.values.");
        has(&said.err, told);
    }
    let said = check(
        "[[workflows]]\nname = \"A\"\ncriteria = [{ dimension = \"Case stage\", any = true }]\nrequirements = [{ title = \"Bio page\" }, { title = \"x\", key = \"bio page\" }]\n",
        &[],
    );
    has(
        &said.err,
        "line 8: workflows.0.requirements.1.key: Two requirements of this workflow have the key",
    );
}

#[test]
fn a_file_that_cannot_be_read_is_refused() {
    let shell = Shell::on_sqlite();
    let path = shell.folder.path().join("huge.toml");
    let huge = fs::File::create(&path).unwrap();
    huge.set_len(50_000_000).unwrap();
    let said = shell.run(&["workflows", "check", "huge.toml"], "");
    assert_eq!(said.status, 1);
    has(
        &said.err,
        "huge.toml has more than 10000000 bytes; such a file is not read",
    );
    fs::write(&path, b"# fine\n# \xff\n").unwrap();
    has(
        &shell.run(&["workflows", "check", "huge.toml"], "").err,
        "line 2 is not UTF-8 text",
    );
    let said = shell.run(&["workflows", "check", "missing.toml"], "");
    assert_eq!(said.status, 1);
    has(&said.err, "missing.toml: ");
    assert_eq!(shell.run(&["workflows", "check", "."], "").status, 1);
    assert_eq!(shell.run(&["workflows"], "").status, 2);
}
