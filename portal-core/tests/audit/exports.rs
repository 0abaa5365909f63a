//! Exports, the verifier, and another verifier in another language.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use portal_core::audit::export::{AuditExport, Outcome, ProofError, Verifier, Wrong};
use portal_core::audit::note::{NoteError, NoteSigner, VerifierKey};
use portal_core::audit::{AuditEntry, AuditFilter, AuditTree, SealedHeads, Seals, Subject};
use portal_core::testing::{Fakes, MemoryStore, Samples};
use portal_core::{Actor, AuditId, Change, Context, Digest, Duration, Portal, PreviousKey};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

/// A trail with checkpoints of three keys' rotations, an erased client, and odd details.
pub(super) struct Trail {
    pub(super) portal: Portal,
    pub(super) samples: Samples,
    pub(super) keys: Vec<VerifierKey>,
    /// Each line with its newline.
    pub(super) lines: Vec<Vec<u8>>,
    /// A checkpoint of some two thirds of it.
    pub(super) older: String,
}

pub(super) async fn write(portal: &Portal, samples: &Samples, count: usize) -> Vec<AuditEntry> {
    let actors = [
        Actor::System("import"),
        Actor::Client { id: samples.id() },
        Actor::Anyone,
    ];
    let mut written = Vec::new();
    for number in 0..count {
        let ctx = Context {
            at: portal.now(),
            ..samples.context(actors[number % 3])
        };
        let entry = AuditEntry::new(
            samples.id(),
            &ctx,
            "document.returned",
            Subject::new("document", samples.id::<uuid::Uuid>()),
        )
        .with(
            "reason",
            "\u{201c}Zo\u{eb}\u{201d}\n\tsaid \"no\" \u{1f4c4} \\ \u{7f}\u{1}",
        )
        .with("nested", json!({"b": [1, -2, 0.5, null, true], "a": {"": "x"}}))
        .with("number", 9_007_199_254_740_993_i64);
        written.push(entry.clone());
        portal.store().commit(Change::audited(entry)).await.unwrap();
    }
    written
}

pub(super) async fn sealed(portal: &Portal, heads: &SealedHeads) -> AuditTree {
    let mut last = None;
    let done = portal
        .seal_due(heads, |tree| last = Some(tree.clone()))
        .await
        .unwrap();
    assert_eq!((done.failed, done.more), (Vec::new(), false));
    last.unwrap()
}

pub(super) async fn lines_of(portal: &Portal, samples: &Samples) -> Vec<Vec<u8>> {
    let mut export = AuditExport::of(portal, samples.practice).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(lines) = export.next_lines().await.unwrap() {
        bytes.extend(lines);
    }
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect()
}

impl Trail {
    pub(super) async fn new(seed: u64, batches: &[usize]) -> Self {
        let (fakes, samples) = (Fakes::default(), Samples::new(seed));
        let store = Arc::new(MemoryStore::default());
        let (mut keys, mut older, heads) = (Vec::new(), String::new(), SealedHeads::default());
        let mut portal = fakes.portal(store.clone());
        let mut first = None;
        for (number, count) in batches.iter().enumerate() {
            fakes.clock.advance(Duration::minutes(11));
            let mut parts = fakes.parts(store.clone());
            parts.settings.keys = parts
                .settings
                .keys
                .with_audit_key(&format!("key-{}", number / 2), None)
                .with_previous_audit_keys((0..number / 2).map(|id| PreviousKey::Named(format!("key-{id}"))));
            portal = Portal::new(parts);
            let written = write(&portal, &samples, *count).await;
            first = first.or_else(|| written.get(1).cloned());
            let tree = sealed(&portal, &heads).await;
            if number * 3 < batches.len() * 2 {
                older = tree.note;
            }
        }
        for key in store.audit_keys(samples.practice).await.unwrap() {
            keys.push(key.key.parse().unwrap());
        }
        let ctx = samples.context(Actor::System("erasure"));
        if let Some(client) = first.and_then(|entry: AuditEntry| entry.client_id) {
            assert!(portal.erase_from_audit(&ctx, client).await.unwrap().entries >= 1);
            sealed(&portal, &heads).await;
        }
        let lines = lines_of(&portal, &samples).await;
        Self {
            portal,
            samples,
            keys,
            lines,
            older,
        }
    }
}

pub(super) fn verify(lines: &[Vec<u8>], keys: &[VerifierKey], older: &[&str]) -> Outcome {
    let mut verifier = Verifier::new(keys, older).unwrap();
    // As a reader would cut them.
    let bytes = lines.concat();
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .for_each(|line| verifier.line(line));
    verifier.finish()
}

pub(super) fn script() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/audit/verify_audit.py")
}

/// What the verifier in Python says of each export: the number of the line that is wrong, or none.
fn in_python(exports: &[Vec<u8>], keys: &[VerifierKey], older: &str) -> Vec<Option<u64>> {
    let folder = tempdir();
    let (old, input) = (folder.join("old.checkpoint"), folder.join("frames"));
    std::fs::write(&old, older).unwrap();
    let mut file = std::fs::File::create(&input).unwrap();
    for export in exports {
        file.write_all(&(export.len() as u64).to_be_bytes()).unwrap();
        file.write_all(export).unwrap();
    }
    let mut command = Command::new("python3");
    command
        .arg("-B")
        .arg(script())
        .arg("--frames")
        .arg("--checkpoint")
        .arg(&old);
    for key in keys {
        command.arg("--key").arg(key.to_string());
    }
    let output = command
        .stdin(std::fs::File::open(&input).unwrap())
        .stderr(Stdio::inherit())
        .output()
        .expect("python3 is needed for this test");
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(output.status.success(), "{output:?}");
    let answers = String::from_utf8(output.stdout).unwrap();
    let answer = |line: &str| {
        let wrong = line.strip_prefix("line ")?;
        Some(wrong.split(':').next().unwrap().parse().unwrap())
    };
    let answers: Vec<Option<u64>> = answers.lines().map(answer).collect();
    assert_eq!(answers.len(), exports.len());
    answers
}

pub(super) fn tempdir() -> PathBuf {
    static FOLDERS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = FOLDERS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("portal-audit-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// One thing that somebody does to an export.
#[derive(Debug, Clone)]
enum Mutation {
    FlipByte(Index, u8),
    InsertByte(Index, u8),
    RemoveByte(Index),
    RemoveLine(Index),
    RemoveLines(Index, usize),
    DoubleLine(Index, Index),
    Swap(Index, Index),
    Move(Index, Index),
    CutBytes(Index),
    CutLines(Index),
    /// Cut off at a checkpoint, with a last line that fits.
    CutNeatly(Index),
    /// A word is put in another's place, with JSON that stays in form.
    Reword(Index, u8),
    /// The content and the leaf's hash are changed together.
    Forge(Index),
    /// An entry is left out and all that follows is numbered anew.
    LeaveOut(Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = || any::<Index>();
    prop_oneof![
        (index(), 1..=255_u8).prop_map(|(at, by)| Mutation::FlipByte(at, by)),
        (index(), any::<u8>()).prop_map(|(at, byte)| Mutation::InsertByte(at, byte)),
        index().prop_map(Mutation::RemoveByte),
        index().prop_map(Mutation::RemoveLine),
        (index(), 2..9_usize).prop_map(|(at, count)| Mutation::RemoveLines(at, count)),
        (index(), index()).prop_map(|(from, to)| Mutation::DoubleLine(from, to)),
        (index(), index()).prop_map(|(one, two)| Mutation::Swap(one, two)),
        (index(), index()).prop_map(|(from, to)| Mutation::Move(from, to)),
        index().prop_map(Mutation::CutBytes),
        index().prop_map(Mutation::CutLines),
        index().prop_map(Mutation::CutNeatly),
        (index(), any::<u8>()).prop_map(|(at, how)| Mutation::Reword(at, how)),
        index().prop_map(Mutation::Forge),
        index().prop_map(Mutation::LeaveOut),
    ]
}

pub(super) fn text(line: &[u8]) -> String {
    String::from_utf8(line.to_vec()).unwrap()
}

/// The lines numbered anew, and entries too, as somebody would who leaves something out.
fn renumbered(lines: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut position = 0;
    let renumber = |(at, line): (usize, Vec<u8>)| {
        let (_, rest) = text(&line)
            .split_once(',')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        let rest = match rest.strip_prefix("\"position\":") {
            Some(entry) => {
                position += 1;
                format!(
                    "\"position\":{},{}",
                    position - 1,
                    entry.split_once(',').unwrap().1
                )
            }
            None if rest.starts_with("\"entries\"") => format!("\"entries\":{position},\"end\":true}}\n"),
            None => rest,
        };
        format!("{{\"line\":{},{rest}", at + 1).into_bytes()
    };
    lines.into_iter().enumerate().map(renumber).collect()
}

/// Where a mutation must be told.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// At this line, the first that differs.
    Line(usize),
    /// At the end: what the older checkpoint has is missing.
    End,
    /// By the first checkpoint after this entry, whose span has it.
    Span(u64),
}

fn mutated(lines: &[Vec<u8>], mutation: &Mutation) -> Option<(Vec<u8>, Place)> {
    let mut new = lines.to_vec();
    let whole = lines.concat();
    let entries: Vec<usize> = (0..lines.len())
        .filter(|at| text(&lines[*at]).contains("\"fields\":"))
        .collect();
    let mut bytes = None;
    let mut place = None;
    match mutation {
        Mutation::FlipByte(at, by) => {
            let mut changed = whole.clone();
            changed[at.index(whole.len())] ^= by;
            bytes = Some(changed);
        }
        Mutation::InsertByte(at, byte) => {
            let mut changed = whole.clone();
            changed.insert(at.index(whole.len() + 1), *byte);
            bytes = Some(changed);
        }
        Mutation::RemoveByte(at) => {
            let mut changed = whole.clone();
            changed.remove(at.index(whole.len()));
            bytes = Some(changed);
        }
        Mutation::RemoveLine(at) => drop(new.remove(at.index(lines.len()))),
        Mutation::RemoveLines(at, count) => {
            let from = at.index(lines.len());
            new.drain(from..(from + count).min(lines.len()));
        }
        Mutation::DoubleLine(from, to) => {
            new.insert(to.index(lines.len() + 1), lines[from.index(lines.len())].clone());
        }
        Mutation::Swap(one, two) => new.swap(one.index(lines.len()), two.index(lines.len())),
        Mutation::Move(from, to) => {
            let line = new.remove(from.index(lines.len()));
            new.insert(to.index(lines.len()), line);
        }
        Mutation::CutBytes(at) => bytes = Some(whole[..at.index(whole.len())].to_vec()),
        Mutation::CutLines(at) => new.truncate(at.index(lines.len())),
        Mutation::CutNeatly(at) => {
            let checkpoints: Vec<usize> = (0..lines.len())
                .filter(|at| text(&lines[*at]).contains("\"checkpoint\":"))
                .collect();
            // Before the older checkpoint, which shows it.
            let at = *at.get(&checkpoints[..checkpoints.len() / 2]);
            new.truncate(at + 1);
            new.push(b"{\"line\":0,\"entries\":0,\"end\":true}\n".to_vec());
            new = renumbered(new);
            place = Some(Place::End);
        }
        Mutation::Reword(at, how) => {
            let at = *at.get(&entries);
            let words = [
                ("document", "Document"),
                ("import", "export"),
                ("\\\"no\\\"", "\\\"yes\\\""),
                ("203.0.113.7", "203.0.113.8"),
                ("null", "\"x\""),
                ("00", "01"),
                ("\"salt\":\"", "\"salt\":\"0"),
            ];
            let (word, other) = words[usize::from(*how) % words.len()];
            new[at] = text(&lines[at]).replacen(word, other, 1).into_bytes();
        }
        Mutation::Forge(at) => {
            let at = *at.get(&entries);
            let line = text(&lines[at]).replacen("document.returned", "document.accepted", 1);
            let mut entry: serde_json::Value = serde_json::from_str(&line).ok()?;
            let position = entry["position"].as_u64()?;
            let before = entry["leaf"].as_str()?.to_owned();
            let after = leaf_in_full(&mut entry, &text(&lines[0]));
            new[at] = line.replacen(&before, &after.to_string(), 1).into_bytes();
            place = Some(Place::Span(position));
        }
        Mutation::LeaveOut(at) => {
            let at = *at.get(&entries);
            let entry: serde_json::Value = serde_json::from_slice(&lines[at]).ok()?;
            new.remove(at);
            new = renumbered(new);
            place = Some(Place::Span(entry["position"].as_u64()?));
        }
    }
    let bytes = bytes.unwrap_or_else(|| new.concat());
    if bytes == whole {
        return None;
    }
    let changed: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let same = lines
        .iter()
        .zip(&changed)
        .take_while(|(old, new)| old == *new)
        .count();
    // A file that is over too soon is told at its last line.
    let line = (same + 1).min(changed.len().max(1));
    let line = if bytes.is_empty() { 0 } else { line };
    Some((bytes, place.unwrap_or(Place::Line(line))))
}

/// The leaf's hash as the written format has it, computed here once more.
fn leaf_in_full(entry: &mut serde_json::Value, header: &str) -> Digest {
    use sha2::{Digest as _, Sha256};
    let header: serde_json::Value = serde_json::from_str(header).unwrap();
    let practice = header["origin"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let mut leaf = Vec::new();
    let mut part = |data: Option<&[u8]>| match data {
        None => leaf.push(0),
        Some(data) => {
            leaf.push(1);
            leaf.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
            leaf.extend(data);
        }
    };
    part(Some(b"portal-audit-entry/1"));
    for name in [
        "id",
        "at",
        "actor_kind",
        "staff_id",
        "client_id",
        "system",
        "action",
        "subject_kind",
        "subject_id",
        "matter_id",
    ] {
        part(entry["fields"][name].as_str().map(str::as_bytes));
    }
    part(Some(practice.as_bytes()));
    let unhex = |text: &str| -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    };
    for it in entry["personal"].as_array().unwrap() {
        let commitment = if let Some(erased) = it["erased"].as_str() {
            unhex(erased)
        } else {
            let (name, value) = (it["name"].as_str().unwrap(), it["value"].as_str().unwrap());
            let mut data = unhex(it["salt"].as_str().unwrap());
            data.extend(u32::try_from(name.len()).unwrap().to_be_bytes());
            data.extend(name.bytes().chain(value.bytes()));
            Sha256::digest(data).to_vec()
        };
        part(Some(&commitment));
    }
    Digest(
        Sha256::new()
            .chain_update([0])
            .chain_update(&leaf)
            .finalize()
            .into(),
    )
}

fn told_at(outcome: &Outcome, place: &Place) -> bool {
    let Some(first) = outcome.faults.first() else {
        return false;
    };
    match (place, &first.wrong) {
        (Place::Line(line), _) => first.line == *line as u64,
        (Place::End, Wrong::CutOff { .. }) => true,
        (Place::Span(entry), Wrong::Root { from, size }) => from <= entry && entry < size,
        // Of a span's last entry, its checkpoint stands one place too late.
        (Place::Span(_), Wrong::CheckpointOutOfPlace { .. } | Wrong::Older { .. }) => true,
        _ => false,
    }
}

/// `PORTAL_TEST_AUDIT_MUTATIONS` sets how many (300 by default).
#[tokio::test]
async fn every_mutation_of_an_export_is_told_with_its_place_by_both_verifiers() {
    let count = std::env::var("PORTAL_TEST_AUDIT_MUTATIONS").map_or(300, |count| count.parse().unwrap());
    let trail = Trail::new(7, &[9, 14, 1, 8, 3, 6]).await;
    assert!(trail.lines.iter().any(|line| text(line).contains("\"erased\":")));
    let older = [trail.older.as_str()];
    let outcome = verify(&trail.lines, &trail.keys, &older);
    assert!(outcome.is_verified(), "{outcome:#?}");
    assert_eq!(
        in_python(&[trail.lines.concat()], &trail.keys, &trail.older),
        [None]
    );
    let mut runner = TestRunner::deterministic();
    let (mut done, mut spans) = (0, 0);
    while done < count {
        let mut batch = Vec::new();
        while batch.len() < 500.min(count - done) {
            let mutation = mutation().new_tree(&mut runner).unwrap().current();
            batch.extend(mutated(&trail.lines, &mutation).map(|(bytes, place)| (mutation, bytes, place)));
        }
        let exports: Vec<Vec<u8>> = batch.iter().map(|(_, bytes, _)| bytes.clone()).collect();
        let python = in_python(&exports, &trail.keys, &trail.older);
        for ((mutation, bytes, place), other) in batch.iter().zip(python) {
            let outcome = verify(std::slice::from_ref(bytes), &trail.keys, &older);
            assert!(
                told_at(&outcome, place),
                "{mutation:?} at {place:?}: {:#?}",
                outcome.faults
            );
            assert_eq!(
                other,
                outcome.faults.first().map(|fault| fault.line),
                "{mutation:?}: {:#?}",
                outcome.faults
            );
            spans += usize::from(matches!(place, Place::Span(_)));
            done += 1;
        }
    }
    assert!(spans * 20 > count, "{spans} forgeries");
}

#[tokio::test]
async fn a_changed_entry_is_named_and_the_rest_is_not_blamed() {
    let trail = Trail::new(8, &[30, 5]).await;
    let at = trail
        .lines
        .iter()
        .position(|line| text(line).contains("\"position\":12,"))
        .unwrap();
    let mut lines = trail.lines.clone();
    lines[at] = text(&lines[at])
        .replacen("document.returned", "document.accepted", 1)
        .into_bytes();
    let outcome = verify(&lines, &trail.keys, &[]);
    let [fault] = outcome.faults.as_slice() else {
        panic!("{:#?}", outcome.faults)
    };
    assert_eq!(
        (fault.line, fault.entry, &fault.wrong),
        (at as u64 + 1, Some(12), &Wrong::Changed)
    );
    assert!(
        fault
            .to_string()
            .starts_with(&format!("line {}, entry 12: the entry was changed", at + 1))
    );
}

#[tokio::test]
async fn what_foreign_keys_signed_is_not_believed() {
    let trail = Trail::new(9, &[5, 5, 5]).await;
    assert_eq!(trail.keys.len(), 2, "the key was changed once");
    // Only the first key: what the second signed is by somebody unknown.
    let outcome = verify(&trail.lines, &trail.keys[..1], &[]);
    let first = outcome.faults.first().map(|fault| fault.wrong.clone());
    assert!(
        matches!(first, Some(Wrong::Checkpoint(NoteError::UnknownKey(_)))),
        "{first:?}"
    );
    let stranger = NoteSigner::new("elsewhere.example/audit/x", &[1; 32]).verifier();
    let outcome = verify(&trail.lines, &[stranger], &[]);
    assert!(matches!(outcome.faults[0].wrong, Wrong::Origin(_)));
    assert!(
        Verifier::new(&trail.keys[1..], &[&trail.older]).is_err(),
        "an older checkpoint of a key that was not given"
    );
}

/// Whoever holds the key can write another history; an older checkpoint in other hands shows it.
#[tokio::test]
async fn a_history_that_was_written_anew_contradicts_older_checkpoints() {
    let (trail, other) = (Trail::new(10, &[6, 6]).await, Trail::new(10, &[5, 7, 4]).await);
    assert_eq!(trail.samples.practice, other.samples.practice);
    assert!(
        verify(&other.lines, &other.keys, &[]).is_verified(),
        "by itself it looks right"
    );
    let outcome = verify(&other.lines, &other.keys, &[&trail.older]);
    assert!(
        matches!(
            outcome.faults[0].wrong,
            Wrong::Older { .. } | Wrong::CutOff { .. }
        ),
        "{:#?}",
        outcome.faults
    );
}

#[tokio::test]
async fn an_entry_is_proven_by_itself() {
    let trail = Trail::new(12, &[9, 4]).await;
    let entries = trail
        .portal
        .store()
        .sealed_entries(trail.samples.practice, 3, 1)
        .await
        .unwrap();
    let id = entries[0].entry.as_ref().unwrap().id;
    let proof = trail
        .portal
        .audit_proof(trail.samples.practice, id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(proof.verify(&trail.keys).unwrap().entry, id);
    let mut short = proof.clone();
    short.path.pop();
    assert_eq!(short.verify(&trail.keys), Err(ProofError::NotIncluded));
    let unknown: AuditId = trail.samples.id();
    assert_eq!(
        trail
            .portal
            .audit_proof(trail.samples.practice, unknown)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn erasing_a_client_leaves_the_trail_verifiable_and_tells_who_did_it() {
    let trail = Trail::new(14, &[12, 3]).await;
    let filter = AuditFilter {
        action: Some("audit.erased".into()),
        ..AuditFilter::default()
    };
    let page = portal_core::PageRequest::first(10);
    let told = trail
        .portal
        .store()
        .audit_entries(trail.samples.practice, &filter, &page)
        .await
        .unwrap();
    assert_eq!(told.items.len(), 1);
    assert!(verify(&trail.lines, &trail.keys, &[&trail.older]).is_verified());
}
