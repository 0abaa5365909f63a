//! A client's personal data erased from the trail by the command, which still verifies afterwards.

use super::command::Shell;

#[test]
fn a_client_is_erased_from_the_trail_by_reference_and_again_without_harm() {
    let shell = Shell::new();
    for name in ["Amina", "Amina Noor"] {
        shell.write("clients.csv", &format!("reference,given_names\nC-1,{name}\n"));
        assert_eq!(shell.run(&["import", "clients.csv"]).status, 0);
    }
    let erase = |more: &[&str]| {
        let mut arguments = vec!["erase-client"];
        arguments.extend(more);
        shell.run(&arguments)
    };
    let said = erase(&["C-2", "--confirm", "C-2"]);
    assert_eq!(said.status, 1);
    assert!(
        said.err.contains("no client of this reference or id"),
        "{}",
        said.err
    );
    // Whoever is asked and says nothing, or something else, has changed nothing.
    let said = erase(&["C-1"]);
    assert!(
        said.out.contains("Amina Noor") && said.out.contains("Type C-1 to go on: "),
        "{}",
        said.out
    );
    assert_eq!(
        (said.status, said.err.contains("to confirm")),
        (1, true),
        "{}",
        said.err
    );
    assert_eq!(erase(&["C-1", "--confirm", "C-11"]).status, 1);

    // The change of the name is not sealed yet; when it is, it is erased, and then nothing is left.
    let said = erase(&["c-1", "--confirm", "C-1"]);
    assert_eq!(
        (said.status, said.err.contains("not sealed yet and were left: 1.")),
        (1, true),
        "{}",
        said.err
    );
    shell.serve_until_sealed();
    for erased in ["1", "0"] {
        let said = erase(&["C-1", "--confirm", "C-1"]);
        let told = format!("entries erased   {erased}\nanswers kept     0\n");
        assert_eq!((said.status, said.out), (0, told), "{}", said.err);
    }
    assert_eq!(shell.run(&["export-audit", "--output", "audit.jsonl"]).status, 0);
    assert_eq!(
        shell
            .run(&["export-audit", "--keys", "--output", "keys.txt"])
            .status,
        0
    );
    let said = shell.run_bare(&["verify-audit", "audit.jsonl", "--key", "keys.txt"]);
    assert!(
        said.out.contains("\n1 fact is erased"),
        "{}{}",
        said.out,
        said.err
    );
}
