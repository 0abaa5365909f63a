//! Evidence of an answer: its canonical bytes hold all of it, and its audit entry binds them.

use std::collections::BTreeMap;

use portal_core::approval::{
    Circumstances, Decision, Evidence, FactorMethod, NotBound, ToldEvidence, check_binding,
};
use portal_core::audit::{AuditEntry, Subject};
use portal_core::matter::Part;
use portal_core::policy::Role;
use portal_core::testing::Samples;
use portal_core::{Actor, Context, Digest, Duration, Origin};
use serde_json::Value;

/// Evidence of an answer, and the entry that was written with it.
fn answered() -> (Samples, Evidence, AuditEntry) {
    let samples = Samples::new(12);
    let owner = samples.staff(Role::Owner);
    let (matter, client) = (samples.matter(&owner), samples.client("Anna", "Berg"));
    let access = samples.access(&matter, &client);
    let version = samples.upload(&samples.request(&matter, &client)).1;
    let approval = samples.approval(&matter, &owner, &version, &access);
    let evidence = samples.evidence(&approval, &access);
    let ctx = Context {
        at: evidence.at,
        ..samples.context(Actor::Client { id: client.id })
    };
    let subject = Subject::new("approval", approval.id);
    let entry = AuditEntry::new(
        evidence.circumstances.audit_entry,
        &ctx,
        "approval.approved",
        subject,
    );
    let entry = entry
        .on(matter.id)
        .with("sha256", evidence.shown_hash.to_string())
        .with("evidence", evidence.hash().to_string());
    (samples, evidence, entry)
}

/// What is done to an entry so that it tells of something else.
type Altering<'a> = &'a dyn Fn(&mut AuditEntry);

/// One of the two origins that evidence has.
type Place = fn(&mut Evidence) -> &mut Origin;

/// Everything that evidence says, changed one at a time.
fn changed(evidence: &Evidence, samples: &Samples) -> Vec<(&'static str, Evidence)> {
    let mut all = Vec::new();
    let mut with = |what, change: &dyn Fn(&mut Evidence)| {
        let mut other = evidence.clone();
        change(&mut other);
        all.push((what, other));
    };
    with("id", &|it| it.id = samples.id());
    with("practice", &|it| it.practice_id = samples.id());
    with("approval", &|it| it.approval_id = samples.id());
    with("matter", &|it| it.matter_id = samples.id());
    with("client", &|it| it.client_id = samples.id());
    with("decision", &|it| it.decision = Decision::Declined);
    with("comment", &|it| it.comment.push('.'));
    with("no comment", &|it| it.comment.clear());
    with("shown", &|it| it.shown.push(b' '));
    with("its hash", &|it| it.shown_hash = samples.digest());
    with("time", &|it| it.at = it.at + Duration::microseconds(1));
    with("name", &|it| it.circumstances.name.push('.'));
    with("for whom", &|it| {
        it.circumstances.on_behalf_of.client = samples.id();
    });
    with("their name", &|it| it.circumstances.on_behalf_of.name.push('.'));
    with("part", &|it| {
        it.circumstances.on_behalf_of.part = Some(Part::Contact);
    });
    with("no part", &|it| it.circumstances.on_behalf_of.part = None);
    with("access", &|it| {
        it.circumstances.on_behalf_of.access = samples.id();
    });
    with("session", &|it| it.circumstances.signed_in.session = samples.id());
    with("signed in", &|it| {
        let since = &mut it.circumstances.signed_in.since;
        *since = *since - Duration::microseconds(1);
    });
    for (what, method) in [("factor", "totp"), ("another factor", "passkey")] {
        with(what, &|it| {
            it.circumstances.factor = FactorMethod::new(method).ok();
        });
    }
    with("clock", &|it| it.circumstances.clock.push('.'));
    with("approval's version", &|it| {
        it.circumstances.approval_version.bump();
    });
    with("entry", &|it| it.circumstances.audit_entry = samples.id());
    // Each fact of both origins, and the same value elsewhere.
    let places: [(Place, [&'static str; 4]); 2] = [
        (
            |it| &mut it.circumstances.from,
            ["address", "browser", "no browser", "request"],
        ),
        (
            |it| &mut it.circumstances.signed_in.from,
            [
                "address of the sign-in",
                "browser of the sign-in",
                "no browser of the sign-in",
                "request of the sign-in",
            ],
        ),
    ];
    for (place, [address, browser, no_browser, request]) in places {
        with(address, &|it| place(it).ip = "203.0.113.77".parse().ok());
        with(browser, &|it| place(it).user_agent = Some("null".into()));
        with(no_browser, &|it| place(it).user_agent = None);
        with(request, &|it| place(it).request_id = Some("another".into()));
    }
    all
}

#[test]
fn whatever_is_changed_has_another_hash_and_does_not_belong_to_its_entry() {
    let (samples, evidence, entry) = answered();
    assert_eq!(evidence.belongs_to(&entry), Ok(()));
    let mut known = vec![("as it was", evidence.hash())];
    for (what, other) in changed(&evidence, &samples) {
        let hash = other.hash();
        assert_eq!(hash, Digest::of(&other.canonical()));
        let same = known.iter().find(|(_, known)| *known == hash);
        assert_eq!(same, None, "{what} changes the hash");
        known.push((what, hash));
        assert!(other.belongs_to(&entry).is_err(), "{what} is found");
        assert!(
            check_binding(&other.canonical(), &entry).is_err(),
            "{what} is found"
        );
    }
    // What only the hash can tell.
    let silent = Evidence {
        comment: "No".into(),
        ..evidence
    };
    assert_eq!(silent.belongs_to(&entry), Err(NotBound::Changed));
}

#[test]
fn an_entry_of_something_else_is_told_by_its_field() {
    let (samples, evidence, entry) = answered();
    let client = entry.client_id;
    let cases: [(&str, Altering<'_>); 11] = [
        ("id", &|it| it.id = samples.id()),
        ("practice_id", &|it| it.practice_id = samples.id()),
        ("at", &|it| it.at = it.at + Duration::microseconds(1)),
        ("actor_kind", &|it| it.actor_kind = "staff".into()),
        // Staff who look as the client cannot answer.
        ("actor_kind", &|it| it.staff_id = Some(samples.id())),
        ("client_id", &|it| it.client_id = Some(samples.id())),
        ("action", &|it| it.action = "approval.declined".into()),
        ("subject_kind", &|it| it.subject_kind = "matter".into()),
        ("subject_id", &|it| it.subject_id = client.unwrap().0),
        ("matter_id", &|it| it.matter_id = None),
        ("detail.sha256", &|it| {
            it.detail["sha256"] = samples.digest().to_string().into();
        }),
    ];
    for (field, change) in cases {
        let mut other = entry.clone();
        change(&mut other);
        assert_eq!(evidence.belongs_to(&other), Err(NotBound::OtherEntry(field)));
    }
    let mut old = entry.clone();
    old.detail.remove("evidence");
    assert_eq!(evidence.belongs_to(&old), Err(NotBound::NoHash));
    let mut other = entry.clone();
    other.detail["evidence"] = samples.digest().to_string().into();
    assert_eq!(evidence.belongs_to(&other), Err(NotBound::Changed));
    let mut other = evidence.clone();
    other.shown = b"{}".to_vec();
    assert_eq!(other.belongs_to(&entry), Err(NotBound::Shown));
    assert_eq!(check_binding(&other.canonical(), &entry), Err(NotBound::Shown));
    let other = String::from_utf8(evidence.canonical()).unwrap();
    let other = other.replace(Evidence::FORMAT, "portal-evidence/2");
    for bytes in [other.as_bytes(), b"", b"[]", b"{}"] {
        assert_eq!(check_binding(bytes, &entry), Err(NotBound::Malformed));
    }
}

/// The names of a JSON object, and of those within it, must come in order.
fn ordered(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> = fields
                .iter()
                .map(|(name, value)| (name.clone(), ordered(value)))
                .collect();
            serde_json::to_value(fields).unwrap()
        }
        other => other.clone(),
    }
}

#[test]
fn evidence_is_written_in_the_canonical_form() {
    let (_, mut evidence, _) = answered();
    evidence.comment = "\u{201c}Caf\u{e9}\u{201d} \u{1f600} \"\\/\u{7f}\n\t\u{1}\u{2028}".into();
    let bytes = evidence.canonical();
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(ordered(&value).to_string().into_bytes(), bytes);
    assert!(
        String::from_utf8(bytes)
            .unwrap()
            .contains(r#""comment":"“Café” 😀 \"\\/"#)
    );
    let names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "answered_at",
            "approval",
            "approval_version",
            "audit_entry",
            "by",
            "clock",
            "comment",
            "decision",
            "evidence",
            "format",
            "from",
            "matter",
            "on_behalf_of",
            "practice",
            "shown",
            "shown_sha256",
            "signed_in",
        ]
    );
    assert_eq!(value["shown"].as_str().unwrap().as_bytes(), evidence.shown);
    assert_eq!(value["signed_in"]["method"], "email-link");
    assert_eq!(value["signed_in"]["assurance"], "single-factor");
    assert_eq!(value["on_behalf_of"]["part"], "principal");
    assert_eq!(value["answered_at"], evidence.at.to_string());
}

/// Evidence from before there were factors, and of answers without one, is what it was; with one it says so in one more place.
#[test]
fn a_factor_stands_in_evidence_only_when_there_was_one() {
    let (_, mut evidence, _) = answered();
    let kept = serde_json::to_value(&evidence.circumstances).unwrap();
    assert!(kept.get("factor").is_none(), "{kept}");
    let read: Circumstances = serde_json::from_value(kept).unwrap();
    assert_eq!(read, evidence.circumstances);
    let without: Value = serde_json::from_slice(&evidence.canonical()).unwrap();
    let told: ToldEvidence = serde_json::from_value(without.clone()).unwrap();
    assert_eq!(told.factor, None);

    evidence.circumstances.factor = FactorMethod::new("totp").ok();
    let bytes = evidence.canonical();
    let mut with: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(ordered(&with).to_string().into_bytes(), bytes);
    let told: ToldEvidence = serde_json::from_value(with.clone()).unwrap();
    assert_eq!(told.factor.unwrap().method.as_str(), "totp");
    let factor = with.as_object_mut().unwrap().remove("factor").unwrap();
    assert_eq!(factor.to_string(), r#"{"method":"totp"}"#);
    assert_eq!(with, without, "nothing else is another");
    let kept = serde_json::to_value(&evidence.circumstances).unwrap();
    let read: Circumstances = serde_json::from_value(kept).unwrap();
    assert_eq!(read, evidence.circumstances);
}

#[test]
fn a_factor_has_a_plain_name() {
    for name in ["totp", "passkey", "email-code-2", &"x".repeat(40)] {
        assert_eq!(FactorMethod::new(name).unwrap().as_str(), name);
    }
    for name in ["", "TOTP", "sms code", "caf\u{e9}", "a\"b", &"x".repeat(41)] {
        assert!(FactorMethod::new(name).is_err(), "{name}");
        assert!(
            serde_json::from_value::<FactorMethod>(name.into()).is_err(),
            "{name}"
        );
    }
}
