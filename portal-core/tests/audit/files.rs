//! Proofs and older checkpoints as files, as people hand them on, read by both verifiers.

use std::path::{Path, PathBuf};
use std::process::Command;

use portal_core::audit::export::{AuditProof, Verifier, Wrong};
use portal_core::audit::note::{NoteSigner, VerifierKey};
use portal_core::audit::{Checkpoint, NotACheckpoint, mended};
use portal_core::testing::{Fakes, Samples};
use portal_core::{AuditId, Digest};

use crate::exports::{Trail, lines_of, script, tempdir, text, verify};

/// The verifier in Python: its exit status and what it said.
fn python(file: &Path, keys: &[VerifierKey], older: &[&Path]) -> (Option<i32>, String) {
    let mut command = Command::new("python3");
    command.arg("-B").arg(script()).arg(file);
    for key in keys {
        command.arg("--key").arg(key.to_string());
    }
    for older in older {
        command.arg("--checkpoint").arg(older);
    }
    let output = command.output().expect("python3 is needed for this test");
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

struct Files(PathBuf);

impl Files {
    fn new() -> Self {
        Self(tempdir())
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn proof_of(trail: &Trail, position: u64) -> (AuditId, AuditProof) {
    let store = trail.portal.store();
    let rows = store
        .sealed_entries(trail.samples.practice, position, 1)
        .await
        .unwrap();
    let id = rows[0].entry.as_ref().unwrap().id;
    let proof = trail
        .portal
        .audit_proof(trail.samples.practice, id)
        .await
        .unwrap();
    (id, proof.unwrap())
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
async fn proofs_are_read_as_the_format_says_and_no_further() {
    let trail = Trail::new(30, &[9, 4]).await;
    let (id, proof) = proof_of(&trail, 3).await;
    let files = Files::new();
    let plain = serde_json::to_string(&proof).unwrap();
    let pretty = serde_json::to_string_pretty(&proof).unwrap();
    let (_, entry) = plain.split_once("\"entry\":").unwrap();
    let (entry, _) = entry.split_once(",\"path\":").unwrap();
    let moved = plain.replacen(&format!("\"entry\":{entry},"), "", 1).replacen(
        '{',
        &format!("{{\"entry\":{entry},"),
        1,
    );
    let hash = proof.path[0].to_string();
    let signed = format!("+{}", &hash[1..]);
    let values = [
        serde_json::to_string(&proof.format).unwrap(),
        entry.to_owned(),
        serde_json::to_string(&proof.path).unwrap(),
        serde_json::to_string(&proof.checkpoint).unwrap(),
    ];
    let leaf = entry.split_once("\\\"leaf\\\":\\\"").unwrap().1;
    let leaf = leaf.split_once('\\').unwrap().0;
    assert!(leaf.bytes().any(|byte| byte.is_ascii_lowercase()));
    let word = |from: &str, to: &str| {
        let changed = plain.replacen(from, to, 1);
        assert_ne!(changed, plain, "{from}");
        changed.into_bytes()
    };
    let utf16: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: Vec<(&str, Vec<u8>, bool)> = vec![
        ("as it is written", plain.clone().into_bytes(), true),
        ("with spaces", pretty.into_bytes(), true),
        ("with a newline", format!("{plain}\r\n").into_bytes(), true),
        ("in another order", moved.into_bytes(), true),
        (
            "with escapes",
            word("\"portal-audit-proof/1\"", "\"portal\\u002daudit-proof\\/1\""),
            true,
        ),
        (
            "of another format",
            word("portal-audit-proof/1", "portal-audit-proof/2"),
            false,
        ),
        ("of another entry", word("returned", "accepted"), false),
        (
            "of another place",
            word("\\\"position\\\":3", "\\\"position\\\":4"),
            false,
        ),
        (
            "a place that is no number",
            word("\\\"position\\\":3", "\\\"position\\\":3.0"),
            false,
        ),
        (
            "a place below none",
            word("\\\"position\\\":3", "\\\"position\\\":-3"),
            false,
        ),
        (
            "a place that is a word",
            word("\\\"position\\\":3", "\\\"position\\\":true"),
            false,
        ),
        (
            "an entry that says more",
            word(
                "{\\\"line\\\":0,",
                "{\\\"line\\\":0,\\\"format\\\":\\\"x\\\",\\\"origin\\\":\\\"y\\\",",
            ),
            false,
        ),
        (
            "an entry that ends",
            word("]}\",\"path\"", "],\\\"entries\\\":4}\",\"path\""),
            false,
        ),
        (
            "an entry with a space",
            word("{\\\"line\\\":", "{ \\\"line\\\":"),
            false,
        ),
        ("a leaf in capitals", word(leaf, &leaf.to_uppercase()), false),
        (
            "a member twice",
            word("{", "{\"format\":\"portal-audit-proof/1\","),
            false,
        ),
        ("one member more", word("{", "{\"note\":\"\","), false),
        (
            "one member less",
            word("\"format\":\"portal-audit-proof/1\",", ""),
            false,
        ),
        ("a hash in capitals", word(&hash, &hash.to_uppercase()), false),
        ("a hash with a sign", word(&hash, &signed), false),
        ("a hash too few", word(&format!("\"{hash}\","), ""), false),
        (
            "hashes that are one text",
            word("\"path\":[", "\"path\":\"x\",\"x\":["),
            false,
        ),
        (
            "an array of the same",
            format!("[{}]", values.join(",")).into_bytes(),
            false,
        ),
        (
            "with a byte order mark",
            format!("\u{feff}{plain}").into_bytes(),
            false,
        ),
        ("in UTF-16", utf16, false),
        ("half a character", word("returned", "\\\\ud800"), false),
        (
            "half a character in the entry",
            word("portal-audit-proof/1", "\\ud800"),
            false,
        ),
        (
            "a proof and more",
            format!("{plain}\n{plain}").into_bytes(),
            false,
        ),
        ("cut off", plain.as_bytes()[..plain.len() - 1].to_vec(), false),
        ("nothing", Vec::new(), false),
    ];
    for (what, bytes, right) in cases {
        let found = AuditProof::read(&bytes).and_then(|proof| proof.verify(&trail.keys));
        assert_eq!(
            found.as_ref().ok().map(|proven| proven.entry),
            right.then_some(id),
            "{what}: {found:?}"
        );
        let (status, said) = python(&files.put("proof.json", &bytes), &trail.keys, &[]);
        assert_eq!(status, Some(i32::from(!right)), "{what}: {said}");
    }
    // A proof with an older checkpoint beside it is wrong usage: nothing would be held against it.
    let proof = files.put("proof.json", &plain);
    let older = files.put("old.checkpoint", &trail.older);
    assert_eq!(python(&proof, &trail.keys, &[&older]).0, Some(2));
}

/// An entry as long as no line may be.
#[tokio::test]
async fn a_proof_of_a_line_that_is_too_long_is_refused() {
    let trail = Trail::new(31, &[2, 2]).await;
    let (_, mut proof) = proof_of(&trail, 2).await;
    let long = "x".repeat(1 << 20);
    proof.entry = proof.entry.replacen("document.returned", &long, 1);
    assert!(proof.entry.len() > 1 << 20);
    assert_eq!(
        proof.verify(&trail.keys),
        Err(portal_core::audit::export::ProofError::Malformed)
    );
    let files = Files::new();
    let file = files.put("proof.json", serde_json::to_string(&proof).unwrap());
    assert_eq!(python(&file, &trail.keys, &[]).0, Some(1));
}

#[tokio::test]
async fn an_export_of_nothing_proves_nothing() {
    let (fakes, samples) = (Fakes::default(), Samples::new(32));
    let portal = fakes.portal(std::sync::Arc::new(portal_core::testing::MemoryStore::default()));
    let lines = lines_of(&portal, &samples).await;
    assert_eq!(lines.len(), 2);
    let origin = Checkpoint::origin_of(&portal.settings().public_url, samples.practice);
    let keys = [portal.audit_signer(samples.practice, &origin).verifier()];
    let outcome = verify(&lines, &keys, &[]);
    let [fault] = outcome.faults.as_slice() else {
        panic!("{outcome:?}")
    };
    assert_eq!((fault.line, &fault.wrong), (2, &Wrong::Unsigned { entries: 0 }));
    let files = Files::new();
    let file = files.put("empty.jsonl", lines.concat());
    assert_eq!(python(&file, &keys, &[]).0, Some(1));
}

#[tokio::test]
async fn erased_facts_are_counted_and_an_end_that_was_not_checked_is_said() {
    let trail = Trail::new(33, &[12, 3]).await;
    let erased: usize = trail
        .lines
        .iter()
        .map(|line| text(line).matches("{\"erased\":").count())
        .sum();
    assert!(erased > 0);
    let alone = verify(&trail.lines, &trail.keys, &[]);
    assert_eq!((alone.erased, alone.older), (erased as u64, None));
    assert!(alone.is_verified() && !alone.is_end_covered());
    let held = verify(&trail.lines, &trail.keys, &[&trail.older]);
    assert!(held.is_verified() && !held.is_end_covered(), "more came since");
    assert!(held.older.is_some_and(|older| older < held.entries));
    let tree = trail
        .portal
        .store()
        .audit_tree(trail.samples.practice)
        .await
        .unwrap()
        .unwrap();
    let whole = verify(&trail.lines, &trail.keys, &[&tree.note, &trail.older]);
    assert!(whole.is_verified() && whole.is_end_covered());
    let files = Files::new();
    let export = files.put("audit.jsonl", trail.lines.concat());
    let (newest, older) = (files.put("newest", &tree.note), files.put("older", &trail.older));
    for (checkpoints, checked) in [
        (vec![], false),
        (vec![&*older], false),
        (vec![&*older, &newest], true),
    ] {
        let (status, said) = python(&export, &trail.keys, &checkpoints);
        assert_eq!(status, Some(0), "{said}");
        assert!(said.contains(&format!("erased {erased}\n")), "{said}");
        assert_eq!(!said.contains("was not checked"), checked, "{said}");
    }
    // The count of the entry whose facts were erased.
    let at = trail
        .lines
        .iter()
        .find(|line| text(line).contains("{\"erased\":"))
        .unwrap();
    let entry: serde_json::Value = serde_json::from_slice(at).unwrap();
    let (_, proof) = proof_of(&trail, entry["position"].as_u64().unwrap()).await;
    let proven = proof.verify(&trail.keys).unwrap();
    assert_eq!(proven.erased, text(at).matches("{\"erased\":").count() as u64);
}

fn quoted(note: &str) -> String {
    let lines: Vec<String> = note.lines().map(|line| format!("> {line}")).collect();
    lines.join("\n") + "\n"
}

/// As mail programs wrap: after so many characters, at a space where there is one.
fn wrapped(note: &str, width: usize) -> String {
    let mut out = String::new();
    for line in note.lines() {
        let mut left = 0;
        for word in line.split(' ') {
            if left > 0 && left + word.chars().count() > width {
                out.push('\n');
                left = 0;
            } else if left > 0 {
                out.push(' ');
            }
            for part in word.chars().collect::<Vec<_>>().chunks(width) {
                if left > 0 && left + part.len() > width {
                    out.push('\n');
                    left = 0;
                }
                out.extend(part);
                left += part.len();
            }
        }
        out.push('\n');
    }
    out
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
async fn what_mail_programs_do_to_a_checkpoint_is_undone() {
    let trail = Trail::new(34, &[6, 6]).await;
    let note = &trail.older;
    let stranger = NoteSigner::new(trail.keys[0].name(), &[9; 32]);
    let line = Checkpoint::read(note)
        .unwrap()
        .sign(&stranger)
        .lines()
        .last()
        .unwrap()
        .to_owned();
    let witnessed = format!("{note}{line}\n");
    let mut latin: Vec<u8> = note.replace('\u{2014}', "#").into_bytes();
    latin
        .iter_mut()
        .filter(|byte| **byte == b'#')
        .for_each(|byte| *byte = 0x97);
    let files = Files::new();
    let export = files.put("audit.jsonl", trail.lines.concat());
    let size = Checkpoint::read(note).unwrap().size.to_string();
    let other = |lines: &[&str]| lines.join("\n");
    let parts: Vec<&str> = note.lines().collect();
    let cases: Vec<(&str, Vec<u8>, Option<&str>)> = vec![
        ("as it is", note.clone().into_bytes(), Some(note)),
        ("without its last newline", note.trim_end().into(), Some(note)),
        ("with CRLF", note.replace('\n', "\r\n").into(), Some(note)),
        (
            "with CRLF and no end",
            note.replace('\n', "\r\n").trim_end().into(),
            Some(note),
        ),
        ("with CR", note.replace('\n', "\r").into(), Some(note)),
        (
            "with a byte order mark",
            format!("\u{feff}{note}").into(),
            Some(note),
        ),
        (
            "with empty lines",
            format!("\n\n{}\n\n", note.replace('\n', "\n\n")).into(),
            Some(note),
        ),
        (
            "without the empty line",
            note.replace("\n\n", "\n").into(),
            Some(note),
        ),
        ("with spaces", note.replace('\n', " \t\n  ").into(), Some(note)),
        ("quoted", quoted(note).into(), Some(note)),
        ("quoted twice", quoted(&quoted(note)).into(), Some(note)),
        ("wrapped", wrapped(note, 78).into(), Some(note)),
        (
            "wrapped and quoted",
            quoted(&wrapped(note, 78)).into(),
            Some(note),
        ),
        (
            "with another dash",
            note.replace('\u{2014}', "--").into(),
            Some(note),
        ),
        ("in another encoding", latin, Some(note)),
        ("with a witness", witnessed.clone().into(), Some(&witnessed)),
        (
            "with a witness, wrapped",
            wrapped(&witnessed, 78).into(),
            Some(&witnessed),
        ),
        ("nothing", Vec::new(), None),
        ("no signature", other(&parts[..3]).into(), None),
        ("something above", format!("Dear Sir,\n{note}").into(), None),
        ("something below", format!("{note}-- \nSam").into(), None),
        (
            "a line less",
            other(&[parts[0], parts[2], "", parts[4]]).into(),
            None,
        ),
        (
            "a size with a sign",
            note.replacen(&format!("\n{size}\n"), &format!("\n+{size}\n"), 1)
                .into(),
            None,
        ),
        (
            "a root that is cut",
            note.replacen(parts[2], &parts[2][..40], 1).into(),
            None,
        ),
        ("a signature that is cut", note[..note.len() - 3].into(), None),
    ];
    for (what, bytes, whole) in cases {
        let file = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(
            mended(&file).ok().as_deref(),
            whole,
            "{what}: {:?}",
            mended(&file)
        );
        let (status, said) = python(&export, &trail.keys, &[&files.put("old", &bytes)]);
        assert_eq!(status, Some(i32::from(whole.is_none())), "{what}: {said}");
    }
    // Whatever is restored, the signature decides.
    let changed = note.replacen(&format!("\n{size}\n"), &format!("\n{size}0\n"), 1);
    let whole = mended(&changed).unwrap();
    assert!(Verifier::new(&trail.keys, &[&whole]).is_err());
    assert_eq!(
        python(&export, &trail.keys, &[&files.put("old", &changed)]).0,
        Some(1)
    );
}

#[test]
fn what_cannot_be_restored_is_named() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    assert_eq!(root.len(), 44);
    let cases = [
        ("\r\n \n", NotACheckpoint::Empty),
        ("a\n1\n", NotACheckpoint::NoSignature),
        ("a\n1\n\u{2014} a eA==\n", NotACheckpoint::Lines(2)),
        (
            &format!("a\none\n{root}\n\u{2014} a eA==\n"),
            NotACheckpoint::Size("one".to_owned()),
        ),
        (
            "a\n1\nroot\n\u{2014} a eA==\n",
            NotACheckpoint::Root("root".to_owned()),
        ),
        (
            &format!("a\n1\n{root}\n\u{2014} a\n"),
            NotACheckpoint::Signature("a".to_owned()),
        ),
        (
            &format!("a\n1\n{root}\n\u{2014} a eA==\nBest, Sam\n"),
            NotACheckpoint::Signature("a eA== Best, Sam".to_owned()),
        ),
    ];
    for (file, wrong) in cases {
        assert_eq!(mended(file), Err(wrong), "{file:?}");
    }
    let hash = Digest([255; 32]).to_string();
    assert!(hash.parse::<Digest>().is_ok());
    assert!(
        format!("+f{}", &hash[2..]).parse::<Digest>().is_err(),
        "a sign is no digit"
    );
}
