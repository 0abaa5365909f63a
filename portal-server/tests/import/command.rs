//! The command itself, as it is typed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Random, and of no installation.
const MASTER_KEY: &str = "b3c1f0a94d7e62581f9a0c3be48d5a7716e2f98034cbd1a65f0e7d92c84b3a10";

pub(super) struct Shell {
    folder: TempDir,
}

pub(super) struct Said {
    pub(super) status: i32,
    pub(super) out: String,
    pub(super) err: String,
}

impl Shell {
    pub(super) fn new() -> Self {
        let shell = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let owner = [
            "create-owner",
            "--practice",
            "Harbour Migration",
            "--name",
            "Sam Keller",
            "--email",
            "sam@harbour.test",
            "--password-stdin",
        ];
        let said = shell.run_with(&owner, b"correct horse battery staple\n");
        assert_eq!(said.status, 0, "{}", said.err);
        shell
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, b"")
    }

    fn run_with(&self, arguments: &[&str], input: &[u8]) -> Said {
        said(self.command(arguments).args(["--data-dir", "data"]), input)
    }

    /// The same for a command that knows nothing of a portal.
    pub(super) fn run_bare(&self, arguments: &[&str]) -> Said {
        said(&mut self.command(arguments), b"")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portal-server"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("PORTAL__SERVER__PRODUCTION", "false")
            .env("PORTAL__SECRETS__MASTER_KEY", MASTER_KEY)
            .env("PORTAL__AUDIT__CHECKPOINT_DIR", "kept");
        command
    }

    /// The checkpoint that the server wrote last to the folder `kept`, with its file; nothing when there is none.
    pub(super) fn newest_checkpoint(&self) -> (PathBuf, String) {
        let kept = std::fs::read_dir(self.path().join("kept"));
        let newest = kept.into_iter().flatten().flatten().find(|file| {
            // A practice's id and nothing else: what is kept for good says its size too.
            file.file_name().len() == "00000000-0000-0000-0000-000000000000.checkpoint".len()
        });
        newest.map_or_else(Default::default, |file| {
            let text = std::fs::read_to_string(file.path()).unwrap();
            (file.path(), text)
        })
    }

    /// Runs the server until it has written another checkpoint.
    pub(super) fn serve_until_sealed(&self) {
        let before = self.newest_checkpoint();
        self.serve_until(|| self.newest_checkpoint() != before);
    }

    /// Runs the server until its log says something.
    pub(super) fn serve_until_logged(&self, part: &str) {
        let log = self.path().join("server.log");
        self.serve_until(|| std::fs::read_to_string(&log).is_ok_and(|log| log.contains(part)));
    }

    #[track_caller]
    fn serve_until(&self, done: impl Fn() -> bool) {
        let log = self.path().join("server.log");
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--data-dir", "data"]);
        let mut server = command
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_mins(1);
        while !done() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        server.kill().unwrap();
        server.wait().unwrap();
        assert!(done(), "{}", std::fs::read_to_string(&log).unwrap());
    }
}

fn said(command: &mut Command, input: &[u8]) -> Said {
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input);
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    Said {
        status: status.code().unwrap(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

#[test]
fn a_file_is_tried_imported_and_imported_again() {
    let shell = Shell::new();
    shell.write(
        "clients.csv",
        "reference,given_names,email\nC-1,Amina,\n=C-2,,nobody\n",
    );
    let would =
        "clients: dry run, nothing was written; it would be 1 created, 0 updated, 0 unchanged, 1 refused\n";
    let said = shell.run(&["import", "clients.csv", "--dry-run", "--report", "refused.csv"]);
    assert_eq!((said.status, said.out.as_str()), (1, would), "{}", said.err);
    assert!(
        said.err
            .contains("line 3 (=C-2), given_names: Please fill this in.\n"),
        "{}",
        said.err
    );
    assert!(said.err.contains("1 row was refused"), "{}", said.err);
    let report = std::fs::read_to_string(shell.path().join("refused.csv")).unwrap();
    assert!(
        report.starts_with("line,reference,column,why\n3,'=C-2,given_names,"),
        "{report}"
    );
    assert_eq!(report.lines().count(), 3);

    let said = shell.run(&["import", "clients.csv"]);
    assert_eq!(
        said.out, "clients: 1 created, 0 updated, 0 unchanged, 1 refused\n",
        "{}",
        said.err
    );
    shell.write(
        "clients.csv",
        "reference,given_names,email\nC-1,Amina,\nC-2,Omar,\n",
    );
    let said = shell.run(&["import", "clients.csv", "--practice", "harbour migration"]);
    let told = (said.status, said.out.as_str(), said.err.as_str());
    assert_eq!(
        told,
        (0, "clients: 1 created, 0 updated, 1 unchanged, 0 refused\n", "")
    );

    let matters = b"reference;title\nHM-1;Haddad family\n";
    let arguments = [
        "import",
        "-",
        "--sheet",
        "matters",
        "--delimiter",
        ";",
        "--owner",
        "SAM@harbour.test",
    ];
    let said = shell.run_with(&arguments, matters);
    assert_eq!(
        (said.status, said.out.as_str()),
        (0, "matters: 1 created, 0 updated, 0 unchanged, 0 refused\n")
    );
    shell.write(
        "participants.csv",
        "matter_reference,client_reference,part\nHM-1,C-1,principal\n",
    );
    let said = shell.run(&["import", "participants.csv"]);
    assert_eq!(
        (said.status, said.out.as_str()),
        (0, "participants: 1 created, 0 updated, 0 unchanged, 0 refused\n")
    );
}

#[test]
fn what_cannot_be_done_says_what_to_do() {
    let shell = Shell::new();
    shell.write("people.csv", "reference,given_names\nC-1,Amina\n");
    shell.write("matters.csv", "reference,title\nHM-1,Family\n");
    let cases: [(&[&str], i32, &str); 9] = [
        (&["import", "people.csv"], 2, "--sheet"),
        (
            &["import", "people.csv", "--sheet", "people"],
            2,
            "clients, matters or participants",
        ),
        (
            &["import", "people.csv", "--sheet", "clients", "--delimiter", "ab"],
            2,
            "tab",
        ),
        (&["import"], 2, "FILE"),
        (&["import", "clients.csv"], 1, "No such file"),
        (&["import", ".", "--sheet", "clients"], 1, "is a folder"),
        (
            &[
                "import",
                "people.csv",
                "--sheet",
                "clients",
                "--practice",
                "Other",
            ],
            1,
            "no practice of this name",
        ),
        (
            &["import", "matters.csv", "--owner", "ada@harbour.test"],
            1,
            "no active staff member",
        ),
        (
            &["import", "matters.csv", "--report", "./matters.csv"],
            1,
            "would overwrite",
        ),
    ];
    for (arguments, status, part) in cases {
        let said = shell.run(arguments);
        assert_eq!(said.status, status, "{arguments:?}: {}", said.err);
        assert!(said.err.contains(part), "{arguments:?}: {}", said.err);
        assert!(said.out.is_empty(), "{arguments:?}");
    }
    // A matter that nobody answers for.
    let said = shell.run(&["import", "matters.csv"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("line 2 (HM-1), owner_email: "), "{}", said.err);
    let kept = std::fs::read_to_string(shell.path().join("matters.csv")).unwrap();
    assert!(kept.starts_with("reference,title"), "the file is as it was");
}

#[test]
fn nothing_is_imported_before_the_practice_is_set_up() {
    let shell = Shell {
        folder: tempfile::tempdir().unwrap(),
    };
    shell.write("clients.csv", "reference,given_names\nC-1,Amina\n");
    let said = shell.run(&["import", "clients.csv"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("portal-server migrate"), "{}", said.err);
    assert_eq!(shell.run(&["migrate"]).status, 0);
    let said = shell.run(&["import", "clients.csv"]);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("portal-server create-owner"), "{}", said.err);
}
