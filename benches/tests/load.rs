//! The load run runs: its figures are worth nothing in a debug build, but it is not to be found broken on the day when they are wanted.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

/// What `portal-load` prints, with a second for each kind of work.
fn run(parts: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portal-load"));
    command.args(["--seconds", "1", "--rounds", "1", "--clients", "4"]);
    for part in parts {
        command.args(["--only", part]);
    }
    let output = command.output().unwrap();
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    assert!(output.status.success(), "{said}\n{complained}");
    said
}

#[test]
fn every_kind_of_work_is_measured_on_both_databases() {
    let said = run(&["postgres", "sqlite", "writers"]);
    for work in [
        "list of 25 of 10,000 matters",
        "one matter with its 50 requests",
        "change + audit entry + event",
        "a sign-in link redeemed",
    ] {
        assert!(said.contains(work), "{work} is not among\n{said}");
    }
}
