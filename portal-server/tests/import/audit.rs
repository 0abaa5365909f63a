//! The trail exported and checked by the commands, as an outsider would.

use super::command::Shell;

#[test]
fn an_export_is_verified_without_a_server_and_one_changed_byte_names_the_entry() {
    let shell = Shell::new();
    shell.serve_until_sealed();
    let said = shell.run(&["export-audit", "--output", "audit.jsonl"]);
    assert_eq!(said.status, 0, "{}", said.err);
    let said = shell.run(&["export-audit", "--keys", "--output", "keys.txt"]);
    assert_eq!(said.status, 0, "{}", said.err);
    let verify = |file: &str, more: &[&str]| {
        let mut arguments = vec!["verify-audit", file, "--key", "keys.txt"];
        arguments.extend(more);
        shell.run_bare(&arguments)
    };
    let said = verify("audit.jsonl", &[]);
    assert_eq!(
        (said.status, said.out.starts_with("verified: ")),
        (0, true),
        "{} {}",
        said.out,
        said.err
    );
    // The folder that the server wrote checkpoints to stands for somebody else's.
    let kept = std::fs::read_dir(shell.path().join("kept")).unwrap();
    let old = kept
        .map(|file| file.unwrap().path())
        .find(|path| path.extension().is_some_and(|it| it == "checkpoint"))
        .unwrap();
    let old = old.to_str().unwrap();
    let said = verify("audit.jsonl", &["--checkpoint", old]);
    assert_eq!(said.status, 0, "{} {}", said.out, said.err);
    assert!(
        said.out
            .contains("consistent with 1 older checkpoint, and it ends where the newest of them does"),
        "{}",
        said.out
    );
    assert!(said.out.contains("\n0 facts are erased\n"), "{}", said.out);
    assert!(
        verify("audit.jsonl", &[])
            .out
            .contains("whether more entries followed these was not checked")
    );
    // As it comes back from a mail program, and from one that did more than can be undone.
    let note = std::fs::read_to_string(old).unwrap();
    shell.write(
        "mailed.checkpoint",
        &format!("> {}", note.trim_end().replace('\n', "\r\n> ")),
    );
    let said = verify("audit.jsonl", &["--checkpoint", "mailed.checkpoint"]);
    assert_eq!(said.status, 0, "{} {}", said.out, said.err);
    shell.write("mailed.checkpoint", &format!("Dear Sam,\n{note}"));
    let said = verify("audit.jsonl", &["--checkpoint", "mailed.checkpoint"]);
    assert_eq!(said.status, 1, "{}", said.err);
    assert!(
        said.out
            .contains("the older checkpoint mailed.checkpoint has 4 lines above its signature"),
        "{}",
        said.out
    );
    // What is meant to be a proof is read as one, and an older checkpoint says nothing of it.
    shell.write("proof.json", "{\"path\": []}");
    let said = verify("proof.json", &[]);
    assert_eq!(
        (said.status, said.out.contains("not a proof")),
        (1, true),
        "{}",
        said.out
    );
    let said = verify("proof.json", &["--checkpoint", old]);
    assert_eq!((said.status, said.out.as_str()), (2, ""), "{}", said.err);
    assert!(
        said.err.contains("only an export can be held against"),
        "{}",
        said.err
    );

    let text = std::fs::read_to_string(shell.path().join("audit.jsonl")).unwrap();
    shell.write(
        "changed.jsonl",
        &text.replacen("practice.created", "practice.Created", 1),
    );
    let said = verify("changed.jsonl", &[]);
    assert_eq!(said.status, 1, "{}", said.err);
    assert!(
        said.out
            .starts_with("NOT VERIFIED\nline 2, entry 0: the entry was changed"),
        "{}",
        said.out
    );
    shell.write("cut.jsonl", text.split_at(text.len() / 2).0);
    let said = verify("cut.jsonl", &["--checkpoint", old]);
    assert_eq!(said.status, 1, "{}", said.out);
    assert!(said.out.contains("breaks off"), "{}", said.out);

    let foreign = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    let said = shell.run_bare(&["verify-audit", "audit.jsonl", "--key", foreign]);
    assert_eq!(said.status, 1, "{}", said.out);
    assert!(said.out.contains("of which no key was given"), "{}", said.out);
    for (file, key) in [("nowhere.jsonl", "keys.txt"), ("audit.jsonl", "no-key")] {
        let said = shell.run_bare(&["verify-audit", file, "--key", key]);
        assert_eq!((said.status, said.out.as_str()), (2, ""), "{}", said.err);
    }
}
