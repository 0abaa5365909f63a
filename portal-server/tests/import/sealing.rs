//! What the server goes on from after a restart, and what `doctor` says of it.

use std::path::Path;

use super::command::Shell;

const DATABASE: [&str; 3] = ["portal.db", "portal.db-wal", "portal.db-shm"];

/// Puts the database of one folder into the other's place.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for name in DATABASE {
        let _ = std::fs::remove_file(to.join(name));
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
}

/// `doctor` finds one thing wrong, the trail, and says why and what to do.
#[track_caller]
fn wrong(shell: &Shell, why: &str, advice: &str) {
    let said = shell.run(&["doctor"]);
    assert_eq!(said.status, 1, "{}{}", said.out, said.err);
    let found = said.out.split_once("WRONG audit trail of Harbour Migration: ");
    let (_, found) = found.unwrap_or_else(|| panic!("{}", said.out));
    assert!(found.contains(why), "{found}");
    assert!(found.contains(advice), "{found}");
}

#[track_caller]
fn right(shell: &Shell) {
    let said = shell.run(&["doctor"]);
    assert_eq!(said.status, 0, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("ok    audit trail of Harbour Migration: "),
        "{}",
        said.out
    );
}

#[test]
fn a_database_that_was_put_back_is_not_gone_on_with_after_a_restart() {
    let shell = Shell::new();
    right(&shell);
    shell.serve_until_sealed();
    let (data, backup) = (shell.path().join("data"), shell.path().join("backup"));
    copy(&data, &backup);
    assert_eq!(shell.run(&["export-audit", "--output", "first.jsonl"]).status, 0);
    shell.serve_until_sealed();
    right(&shell);
    let newest = shell.newest_checkpoint();
    copy(&backup, &data);
    // An entry, so that there is something to seal.
    assert_eq!(shell.run(&["export-audit", "--output", "second.jsonl"]).status, 0);
    wrong(
        &shell,
        "put back to an earlier state",
        "move the practice's files out of audit.checkpoint_dir",
    );
    shell.serve_until_logged("put back to an earlier state");
    assert_eq!(
        shell.newest_checkpoint(),
        newest,
        "nothing was signed on top of it"
    );

    std::fs::rename(shell.path().join("kept"), shell.path().join("moved-away")).unwrap();
    right(&shell);
    shell.serve_until_sealed();
    right(&shell);
    // Nor is a file believed that is damaged.
    let (path, note) = shell.newest_checkpoint();
    std::fs::write(&path, note.replacen('\n', "\nsomething\n", 1)).unwrap();
    wrong(&shell, "cannot be believed", "put the whole file back");
    assert_eq!(shell.run(&["export-audit", "--output", "third.jsonl"]).status, 0);
    shell.serve_until_logged("cannot be believed");
}

#[test]
fn a_key_that_was_changed_stays_verifiable_by_configuration() {
    let shell = Shell::new();
    shell.serve_until_sealed();
    shell.write("portal.toml", "[audit]\nkey_id = \"2\"\n");
    assert_eq!(shell.run(&["export-audit", "--output", "first.jsonl"]).status, 0);
    wrong(
        &shell,
        "signed by a key that is not configured",
        "name the id before in audit.previous_keys",
    );
    shell.serve_until_logged("signed by a key that was not given");
    shell.write(
        "portal.toml",
        "[audit]\nkey_id = \"2\"\nprevious_keys = [\"1\"]\n",
    );
    right(&shell);
    shell.serve_until_sealed();
    right(&shell);
    let said = shell.run(&["export-audit", "--keys", "--output", "keys.txt"]);
    assert_eq!(said.status, 0, "{}", said.err);
    let keys = std::fs::read_to_string(shell.path().join("keys.txt")).unwrap();
    let keys: Vec<&str> = keys.lines().collect();
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert_eq!(shell.run(&["export-audit", "--output", "second.jsonl"]).status, 0);
    let said = shell.run_bare(&["verify-audit", "second.jsonl", "--key", "keys.txt"]);
    assert_eq!(said.status, 0, "{}{}", said.out, said.err);
    // The public half serves as well, and whoever leaves it out is told once the trail went on.
    shell.write(
        "portal.toml",
        &format!("[audit]\nkey_id = \"2\"\nprevious_keys = [\"{}\"]\n", keys[0]),
    );
    let said = shell.run(&["doctor"]);
    assert!(said.status == 0 && !said.out.contains(keys[0]), "{}", said.out);
    shell.write("portal.toml", "[audit]\nkey_id = \"2\"\n");
    let said = shell.run(&["doctor"]);
    assert!(
        said.status == 0 && said.out.contains("WARN  audit trail of") && said.out.contains(keys[0]),
        "{}",
        said.out
    );
}
