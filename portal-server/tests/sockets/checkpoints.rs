//! Checkpoints that are sent elsewhere, by a real server to real receivers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use mail_parser::MessageParser;
use portal_core::audit::note::VerifierKey;
use portal_core::audit::{Checkpoint, mended};
use portal_core::{Clock, SystemClock};

use crate::process::{PASSWORD, Server, Shell};

const PATIENCE: Duration = Duration::from_mins(1);

/// A receiver of webhooks: its address, and what it was posted, headers and body.
fn http() -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut headers, mut line) = (String::new(), String::new());
            while stream.read_line(&mut line).is_ok_and(|read| read > 2) {
                headers.push_str(&line.to_lowercase());
                line.clear();
            }
            let (_, length) = headers.split_once("content-length: ").unwrap();
            let mut body = vec![0; length.lines().next().unwrap().trim().parse().unwrap()];
            stream.read_exact(&mut body).unwrap();
            let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
            stream.get_mut().write_all(answer).unwrap();
            if tell.send((headers, String::from_utf8(body).unwrap())).is_err() {
                return;
            }
        }
    });
    (format!("http://{address}/checkpoints"), told)
}

/// A mail server: its address, and what it took, the recipient's line and the mail.
fn smtp() -> (String, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            stream.get_mut().write_all(b"220 mail.test\r\n").unwrap();
            let (mut to, mut line) = (String::new(), String::new());
            while stream.read_line(&mut line).is_ok_and(|read| read > 0) {
                let command = line.to_uppercase();
                let answer: &[u8] = if command.starts_with("EHLO") {
                    b"250-mail.test\r\n250 8BITMIME\r\n"
                } else if command.starts_with("DATA") {
                    stream.get_mut().write_all(b"354 go on\r\n").unwrap();
                    let mut mail = Vec::new();
                    while !mail.ends_with(b"\r\n.\r\n") {
                        stream.read_until(b'\n', &mut mail).unwrap();
                    }
                    if tell.send((to.clone(), mail)).is_err() {
                        return;
                    }
                    b"250 taken\r\n"
                } else {
                    if command.starts_with("RCPT") {
                        to.clone_from(&line);
                    }
                    b"250 fine\r\n"
                };
                if stream.get_mut().write_all(answer).is_err() {
                    break;
                }
                line.clear();
            }
        }
    });
    (format!("smtp://{address}"), told)
}

/// Ends a server with what it is sending.
fn ended(mut server: Server) {
    server.terminate();
    server.child.wait().unwrap();
}

fn checkpoints_are_posted_and_mailed(mut shell: Shell) {
    let ((hook, posted), (relay, mailed)) = (http(), smtp());
    for (name, value) in [
        ("PORTAL__AUDIT__CHECKPOINT_WEBHOOK", hook.as_str()),
        (
            "PORTAL__AUDIT__CHECKPOINT_WEBHOOK_SECRET",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ),
        (
            "PORTAL__AUDIT__CHECKPOINT_MAIL",
            "notary@example.com, auditor@example.com",
        ),
        ("PORTAL__SMTP__URL", relay.as_str()),
        ("PORTAL__SMTP__FROM", "portal@example.com"),
    ] {
        shell.set(name, value);
    }
    assert_eq!(shell.create_owner(PASSWORD).status, 0);
    let day = || SystemClock.now().unix().div_euclid(86_400);
    let today = day();
    let server = shell.serve();
    let (headers, body) = posted.recv_timeout(PATIENCE).expect("a checkpoint is posted");
    assert!(headers.contains("webhook-signature: v1,"), "{headers}");
    let mails: Vec<(String, Vec<u8>)> = (0..2)
        .map(|_| mailed.recv_timeout(PATIENCE).expect("a mail"))
        .collect();
    ended(server);

    let said = shell.run(&["export-audit", "--keys"], "");
    let keys: Vec<VerifierKey> = said.out.lines().map(|line| line.parse().unwrap()).collect();
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["type"], "audit.checkpoint");
    let note = body["data"]["checkpoint"].as_str().unwrap();
    let (checkpoint, _) = Checkpoint::verify(note, &keys).unwrap();
    assert_eq!(body["data"]["size"], checkpoint.size);
    let id = format!(
        "webhook-id: checkpoint-{}-{}\r\n",
        checkpoint.origin.rsplit('/').next().unwrap(),
        checkpoint.size
    );
    assert!(headers.contains(&id), "{headers}");

    for ((to, mail), address) in mails.iter().zip(["notary@example.com", "auditor@example.com"]) {
        assert!(to.to_lowercase().contains(address), "{to}");
        let mail = MessageParser::default().parse(mail).unwrap();
        let text = mail.body_text(0).unwrap();
        let (_, note) = text.split_once("The signed checkpoint:").unwrap();
        let (note, _) = note.split_once("To check").unwrap();
        let note = mended(note).unwrap();
        assert_eq!(
            Checkpoint::verify(&note, &keys).unwrap().0.origin,
            checkpoint.origin
        );
    }

    // After a restart the webhook is posted the newest again, and nobody has a second mail today.
    let server = shell.serve();
    posted.recv_timeout(PATIENCE).expect("the newest");
    ended(server);
    assert!(mailed.try_recv().is_err() || day() > today, "one mail a day");
}

#[test]
fn checkpoints_are_posted_and_mailed_on_sqlite() {
    checkpoints_are_posted_and_mailed(Shell::on_sqlite());
}

#[tokio::test]
async fn checkpoints_are_posted_and_mailed_on_postgres() {
    let shell = Shell::on_postgres().await;
    tokio::task::spawn_blocking(|| checkpoints_are_posted_and_mailed(shell))
        .await
        .unwrap();
}
