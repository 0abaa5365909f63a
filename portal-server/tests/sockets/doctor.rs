//! `doctor` and `create-owner`, as they are typed.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use crate::process::{PASSWORD, Said, Shell};

/// It says that `what` is wrong, why, and what to do; and it fails.
#[track_caller]
fn finds(said: &Said, what: &str, why: &str, advice: &str) {
    assert_eq!(said.status, 1, "{}\n{}", said.out, said.err);
    let mut lines = said
        .out
        .lines()
        .skip_while(|line| !line.starts_with(&format!("WRONG {what}: ")));
    let (found, next) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    assert!(found.contains(why), "{what}: {why} is not in\n{}", said.out);
    assert!(next.contains(advice), "{what}: {advice} is not in\n{}", said.out);
}

fn a_migrated_installation_is_well(shell: &Shell) {
    let said = shell.run(&["doctor"], "");
    finds(&said, "schema", "not applied", "portal-server migrate");
    assert!(said.err.contains("1 thing is wrong"), "{}", said.err);
    assert_eq!(shell.run(&["migrate"], "").status, 0);
    let said = shell.run(&["doctor"], "");
    assert_eq!((said.status, said.err.as_str()), (0, ""), "{}", said.out);
    for what in ["configuration", "database", "schema", "files", "clocks", "mail"] {
        assert!(
            said.out.contains(&format!("ok    {what}: ")),
            "{what} is not in\n{}",
            said.out
        );
    }
}

#[test]
fn a_schema_that_is_behind_is_found_on_sqlite() {
    a_migrated_installation_is_well(&Shell::on_sqlite());
}

#[tokio::test]
async fn a_schema_that_is_behind_is_found_on_postgres() {
    a_migrated_installation_is_well(&Shell::on_postgres().await);
}

#[test]
fn a_wrong_configuration_is_told_at_once() {
    let mut shell = Shell::on_sqlite();
    shell.set("PORTAL__LIMITS__REQUESTS", "many");
    shell.set("PORTAL__SMTP__FROM", "portal@example.com");
    let said = shell.run(&["doctor"], "");
    assert_eq!(said.status, 1);
    for key in ["limits.requests: ", "smtp.url: "] {
        assert!(said.err.contains(key), "{key} is not in {}", said.err);
    }
}

#[test]
fn a_database_that_cannot_be_opened_is_found() {
    let mut shell = Shell::on_sqlite();
    fs::create_dir_all(shell.folder.path().join("data/portal.db")).unwrap();
    finds(
        &shell.run(&["doctor"], ""),
        "database",
        "",
        "Check `database.url`",
    );
    // Nobody listens on a port that was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    shell.set(
        "PORTAL__DATABASE__URL",
        &format!("postgres://portal:secret-word@{free}/portal"),
    );
    let said = shell.run(&["doctor"], "");
    finds(&said, "database", "", "Check `database.url`");
    assert!(
        !(said.out + &said.err).contains("secret-word"),
        "passwords are not printed"
    );
}

#[test]
fn files_that_cannot_be_written_are_found() {
    let shell = Shell::on_sqlite();
    fs::create_dir_all(shell.folder.path().join("data")).unwrap();
    // A file where the folder should be: refused to root as well.
    fs::write(shell.folder.path().join("data/blobs"), b"in the way").unwrap();
    let said = shell.run(&["doctor"], "");
    finds(&said, "files", "", "let this user write to it");
}

#[test]
fn a_mail_server_that_does_not_answer_is_found() {
    let mut shell = Shell::on_sqlite();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    shell.set("PORTAL__SMTP__URL", &format!("smtp://{free}"));
    shell.set("PORTAL__SMTP__FROM", "portal@example.com");
    assert_eq!(shell.run(&["migrate"], "").status, 0);
    finds(&shell.run(&["doctor"], ""), "mail", "", "Check `smtp.url`");

    // One that answers, and closes its door.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.write_all(b"554 no service for you\r\n");
            let _ = BufReader::new(stream).lines().next();
        }
    });
    let mut shell = Shell::on_sqlite();
    shell.set("PORTAL__SMTP__URL", &format!("smtp://{address}"));
    shell.set("PORTAL__SMTP__FROM", "portal@example.com");
    assert_eq!(shell.run(&["migrate"], "").status, 0);
    finds(&shell.run(&["doctor"], ""), "mail", "554", "Check `smtp.url`");
}

#[test]
fn practices_that_share_an_account_for_text_messages_are_told_of() {
    let mut shell = Shell::on_sqlite();
    assert_eq!(shell.create_owner(PASSWORD).status, 0);
    for (name, value) in [
        ("PROVIDER", "twilio"),
        ("ACCOUNT", "AC123"),
        ("SECRET", "12345"),
        ("FROM", "+15005550006"),
    ] {
        shell.set(&format!("PORTAL__SMS__{name}"), value);
    }
    let alone = shell.run(&["doctor"], "");
    assert_eq!(
        (alone.status, alone.out.contains("WARN  text messages")),
        (0, false),
        "{}",
        alone.out
    );
    let address = "/hooks/sms/twilio/inbound?practice=";
    let (_, locator) = alone.out.split_once(address).expect("where callbacks go");
    let locator = locator.lines().next().unwrap();
    assert!(locator.parse::<portal_core::Locator>().is_ok(), "{}", alone.out);
    let another = [
        "create-owner",
        "--another",
        "--practice",
        "Second",
        "--name",
        "N",
        "--email",
        "n@second.test",
        "--password-stdin",
    ];
    assert_eq!(shell.run(&another, PASSWORD).status, 0);
    let shared = shell.run(&["doctor"], "");
    assert_eq!(shared.status, 0, "nothing is wrong: {}", shared.out);
    let warning = "WARN  text messages: 2 practices share this account";
    assert!(shared.out.contains(warning), "{}", shared.out);
}

fn an_owner_is_created_once(shell: &Shell) {
    let said = shell.create_owner("short\n");
    assert_eq!(said.status, 1);
    assert!(said.err.contains("password"), "{}", said.err);
    let said = shell.create_owner(&format!("{PASSWORD}\r\n"));
    assert_eq!(said.status, 0, "{}", said.err);
    assert!(
        said.out.contains("owner ") && said.out.contains("sam@harbour.test"),
        "{}",
        said.out
    );
    assert!(!said.out.contains(PASSWORD));
    let said = shell.create_owner(PASSWORD);
    assert_eq!(said.status, 1);
    assert!(said.err.contains("--another"), "{}", said.err);
}

#[test]
fn an_owner_is_created_once_on_sqlite() {
    an_owner_is_created_once(&Shell::on_sqlite());
}

#[tokio::test]
async fn an_owner_is_created_once_on_postgres() {
    an_owner_is_created_once(&Shell::on_postgres().await);
}

#[test]
fn without_a_terminal_create_owner_says_how_to_give_the_password() {
    let shell = Shell::on_sqlite();
    let arguments = [
        "create-owner",
        "--practice",
        "P",
        "--name",
        "N",
        "--email",
        "n@p.test",
    ];
    // The first line that is asked for comes from the terminal, which a service does not have.
    let said = shell.run(&arguments, "");
    assert_eq!(said.status, 1, "{}", said.out);
    assert!(said.err.contains("--password-stdin"), "{}", said.err);
}
