//! Approvals: what an answer binds, that it is given once, and that nothing old approves anything new.

use portal_core::approval::{
    Answer, Approval, ApprovalKind, ApprovalRule, ApprovalState, Asked, Attached, Decision, FactorCheck,
    FactorMethod, Line, Needed, Presented, Subject, factor_of_answer,
};
use portal_core::document::{Confidentiality, Document, DocumentVersion, FileName, Uploader};
use portal_core::matter::MatterState;
use portal_core::policy::Role;
use portal_core::testing::Samples;
use portal_core::{ClientId, Digest, Duration, Error, ErrorKind, Rule, Timestamp, Version};
use proptest::prelude::*;

/// An approval by three people with two documents.
fn approval(needed: Needed, in_turn: bool) -> (Samples, Approval, [DocumentVersion; 2]) {
    let samples = Samples::new(11);
    let owner = samples.staff(Role::Owner);
    let matter = samples.matter(&owner);
    let people = ["Anna", "Ben", "Clara"].map(|name| samples.client(name, "Berg"));
    let accesses = people.map(|client| samples.access(&matter, &client));
    let request = samples.request(&matter, &samples.client("Dora", "Ek"));
    let versions = [samples.upload(&request).1, samples.upload(&request).1];
    let mut approval = samples.approval(&matter, &owner, &versions[0], &accesses[0]);
    approval.documents.push(Attached::of(&versions[1]));
    approval.people = accesses
        .iter()
        .map(|access| Asked::new(access.client_id, access.id))
        .collect();
    approval.terms.needed = needed;
    approval.terms.in_turn = in_turn;
    approval.terms.expires_at = Some(samples.at + Duration::days(7));
    approval.terms.expires_on = Some((samples.at + Duration::days(6)).date());
    (samples, approval, versions)
}

fn yes(approval: &Approval) -> Answer {
    Answer {
        decision: Decision::Approved,
        comment: "Yes".into(),
        shown: approval.shown_hash(),
    }
}

fn rule_of(error: &Error<ApprovalRule>) -> &ApprovalRule {
    let rule = match error {
        Error::Rule(rule) => Some(rule),
        _ => None,
    };
    rule.unwrap()
}

/// Everything that a page shows, changed one at a time.
fn changed(approval: &Approval, samples: &Samples) -> Vec<(&'static str, Approval)> {
    let mut all = Vec::new();
    let mut with = |what, change: &dyn Fn(&mut Approval)| {
        let mut other = approval.clone();
        change(&mut other);
        all.push((what, other));
    };
    with("approval", &|it| it.id = samples.id());
    with("practice", &|it| it.practice_id = samples.id());
    with("matter", &|it| it.matter_id = samples.id());
    with("kind", &|it| it.terms.kind = ApprovalKind::Invoice);
    with("title", &|it| it.terms.title.push('.'));
    with("description", &|it| it.terms.description.push(' '));
    with("order of documents", &|it| it.documents.reverse());
    with("one document less", &|it| it.documents.truncate(1));
    with("document", &|it| it.documents[0].document = samples.id());
    with("version", &|it| it.documents[0].version = samples.id());
    with("number", &|it| it.documents[0].number += 1);
    with("name", &|it| {
        it.documents[0].name = FileName::sanitise("other.pdf");
    });
    with("type", &|it| it.documents[0].media_type = "text/plain".into());
    with("size", &|it| it.documents[0].size += 1);
    with("bytes", &|it| it.documents[1].sha256 = samples.digest());
    let subject = |lines: Vec<Line>| Subject {
        id: uuid::Uuid::nil(),
        version: Version(1),
        lines,
    };
    let line = |label: &str, value: &str| Line {
        label: label.into(),
        value: value.into(),
    };
    with("subject", &|it| it.terms.subject = Some(subject(vec![])));
    with("line", &|it| {
        it.terms.subject = Some(subject(vec![line("a", "b")]));
    });
    with("other line", &|it| {
        it.terms.subject = Some(subject(vec![line("a\",\"b", "")]));
    });
    all
}

#[test]
fn whatever_is_shown_differently_has_another_hash() {
    let (samples, approval, _) = approval(Needed::All, false);
    let mut known = vec![("as it was", approval.shown_hash())];
    for (what, other) in changed(&approval, &samples) {
        let hash = other.shown_hash();
        assert_eq!(hash, Digest::of(&other.shown()));
        let same = known.iter().find(|(_, known)| *known == hash);
        assert_eq!(same, None, "{what} changes the hash");
        known.push((what, hash));
    }
}

#[test]
fn what_is_not_shown_changes_no_hash() {
    let (samples, approval, _) = approval(Needed::All, false);
    let before = approval.shown_hash();
    let mut other = approval.clone();
    other.people.clear();
    other.terms.due_on = None;
    other.terms.expires_at = None;
    other.asked_by = samples.id();
    other.version = Version(7);
    assert_eq!(other.shown_hash(), before);
    let client = approval.people[0].client;
    let answered = approval
        .clone()
        .answer(client, &yes(&approval), samples.at)
        .unwrap();
    assert_eq!(answered.shown_hash(), before, "nor does an answer");
}

/// The bytes are JSON in the form of RFC 8785: what any reader writes again with its keys in order and no white space.
#[test]
fn what_is_shown_is_canonical() {
    let (_, mut approval, _) = approval(Needed::All, false);
    approval.terms.title = "\u{201c}Caf\u{e9}\u{201d} \u{1f600} \"\\/\u{7f}".into();
    approval.terms.description = "Line\n\ttab \u{2028}".into();
    let bytes = approval.shown();
    let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let ordered: std::collections::BTreeMap<String, serde_json::Value> =
        serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_vec(&ordered).unwrap(), bytes);
    let names: Vec<&String> = ordered.keys().collect();
    assert_eq!(
        names,
        [
            "approval",
            "description",
            "documents",
            "format",
            "kind",
            "matter",
            "practice",
            "subject",
            "title"
        ]
    );
    assert_eq!(value["format"], Approval::SHOWN_FORMAT);
    assert!(bytes.ends_with("\"title\":\"\u{201c}Caf\u{e9}\u{201d} \u{1f600} \\\"\\\\/\u{7f}\"}".as_bytes()));
}

#[test]
fn an_answer_with_another_hash_is_refused() {
    let (samples, approval, _) = approval(Needed::All, false);
    let client = approval.people[0].client;
    for (what, other) in changed(&approval, &samples) {
        let refused = approval.clone().answer(client, &yes(&other), samples.at);
        let error = refused.expect_err(what);
        assert_eq!(rule_of(&error), &ApprovalRule::SubjectChanged, "{what}");
        assert_eq!(rule_of(&error).field(), Some("shown"));
    }
}

#[test]
fn each_refusal_is_told_by_its_own_rule() {
    let (samples, approval, versions) = approval(Needed::All, false);
    let (first, second) = (approval.people[0].client, approval.people[1].client);
    let answer = yes(&approval);
    let at = samples.at;
    let refused = |approval: &Approval, client, at| {
        let error = approval.clone().answer(client, &answer, at).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        rule_of(&error).clone()
    };
    let once = approval.clone().answer(first, &answer, at).unwrap();
    assert_eq!(refused(&once, first, at), ApprovalRule::AnsweredAlready);
    let declined = Answer {
        decision: Decision::Declined,
        ..answer.clone()
    };
    let declined = once.clone().answer(second, &declined, at).unwrap();
    assert_eq!(declined.state, ApprovalState::Declined);
    assert_eq!(refused(&declined, first, at), ApprovalRule::AnsweredAlready);
    assert_eq!(
        refused(&declined, approval.people[2].client, at),
        ApprovalRule::Settled
    );
    let withdrawn = approval.clone().withdraw(" By mistake ", at).unwrap();
    assert_eq!(withdrawn.reason, "By mistake");
    assert_eq!(refused(&withdrawn, first, at), ApprovalRule::Withdrawn);
    assert_eq!(
        rule_of(&withdrawn.clone().withdraw("", at).unwrap_err()),
        &ApprovalRule::NotOpen
    );
    // The last microsecond counts, the next does not, whether or not the worker noted it.
    let end = approval.terms.expires_at.unwrap();
    assert!(
        approval
            .clone()
            .answer(first, &answer, end - Duration::microseconds(1))
            .is_ok()
    );
    assert_eq!(refused(&approval, first, end), ApprovalRule::Expired);
    assert_eq!(approval.clone().expire(end - Duration::microseconds(1)), None);
    let expired = approval.clone().expire(end).unwrap();
    assert_eq!(
        (expired.state, expired.ended_at),
        (ApprovalState::Expired, Some(end))
    );
    assert_eq!(refused(&expired, first, at), ApprovalRule::Expired);
    let mut newer = versions[0].clone();
    newer.number += 1;
    let [old, _] = approval.clone().supersede(samples.id(), &newer, at).unwrap();
    assert_eq!(refused(&old, first, at), ApprovalRule::Superseded);
    let long = Answer {
        comment: "x".repeat(1 << 20),
        ..answer
    };
    let error = approval.clone().answer(first, &long, at).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(
        error
            .to_string()
            .starts_with("comment: This has 1048576 characters"),
        "{error}"
    );
    let stranger = samples.id::<ClientId>();
    let error = approval
        .clone()
        .answer(stranger, &yes(&approval), at)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn a_new_version_asks_anew() {
    let (samples, approval, versions) = approval(Needed::All, true);
    let (first, at) = (approval.people[0].client, samples.at);
    let approval = approval.clone().answer(first, &yes(&approval), at).unwrap();
    let mut newer = versions[1].clone();
    (newer.id, newer.number) = (samples.id(), 2);
    newer.file = samples.file("statement 2.pdf");
    let id = samples.id();
    let [before, next] = approval.clone().supersede(id, &newer, at).unwrap();
    assert_eq!(before.state, ApprovalState::Superseded);
    assert_eq!((before.replaced_by, next.replaces), (Some(id), Some(before.id)));
    assert_eq!(
        (before.documents.clone(), before.people.clone()),
        (approval.documents.clone(), approval.people.clone())
    );
    assert_eq!(next.terms, approval.terms);
    assert_eq!(next.documents, [Attached::of(&versions[0]), Attached::of(&newer)]);
    assert!(
        next.people.iter().all(|asked| asked.answered.is_none()),
        "nobody saw it yet"
    );
    assert_ne!(next.shown_hash(), approval.shown_hash());
    assert_eq!(next.waiting(at), [first]);
    // The page of the old one approves nothing, wherever it is sent.
    let error = next.clone().answer(first, &yes(&approval), at).unwrap_err();
    assert_eq!(rule_of(&error), &ApprovalRule::SubjectChanged);
    // Who answered the old one keeps what they saw; others lose it.
    assert!(before.opens_documents_to(first) && !before.opens_documents_to(approval.people[1].client));
    // The same version again, another document, and what came to its end: nothing follows.
    assert_eq!(next.clone().supersede(samples.id(), &newer, at), None);
    let mut other = newer.clone();
    other.document_id = samples.id();
    assert_eq!(approval.clone().supersede(samples.id(), &other, at), None);
    assert_eq!(before.supersede(samples.id(), &newer, at), None);
    let end = approval.terms.expires_at.unwrap();
    assert_eq!(approval.supersede(samples.id(), &newer, end), None);
}

#[test]
fn a_version_that_staff_have_not_seen_asks_nobody() {
    let (samples, approval, _) = approval(Needed::All, false);
    let request = samples.request(
        &samples.matter(&samples.staff(Role::Owner)),
        &samples.client("Dora", "Ek"),
    );
    let (document, mut version, ..) = samples.upload(&request);
    let anna = approval.people[0].client;
    let alone = Approval {
        people: approval.people[..1].to_vec(),
        ..approval.clone()
    };
    version.uploaded_by = Uploader::Client(anna);
    assert!(alone.may_go_on_with(&document, &version), "it is their own");
    assert!(
        !approval.may_go_on_with(&document, &version),
        "others are asked too"
    );
    version.uploaded_by = Uploader::Staff(samples.id());
    assert!(approval.may_go_on_with(&document, &version));
    let secret = Document {
        confidentiality: Confidentiality::StaffOnly,
        ..document
    };
    assert!(!approval.may_go_on_with(&secret, &version));
    let mut newer = version.clone();
    (newer.document_id, newer.number) = (approval.documents[0].document, 2);
    let over = approval.overtake(&newer, samples.at).unwrap();
    assert_eq!((over.state, over.replaced_by), (ApprovalState::Superseded, None));
    assert_eq!(over.overtake(&newer, samples.at), None);
}

#[test]
fn whose_turn_never_came_sees_nothing() {
    for needed in [Needed::All, Needed::Any] {
        for decision in [Decision::Approved, Decision::Declined] {
            let (samples, approval, _) = approval(needed, true);
            let [first, second, _] = [0, 1, 2].map(|at| approval.people[at].client);
            assert!(approval.is_shown_to(first) && !approval.is_shown_to(second));
            let answer = Answer {
                decision,
                ..yes(&approval)
            };
            let answered = approval.answer(first, &answer, samples.at).unwrap();
            let has_turn = answered.state == ApprovalState::Open;
            assert_eq!(has_turn, needed == Needed::All && decision == Decision::Approved);
            assert_eq!(answered.is_shown_to(second), has_turn);
            assert_eq!(answered.opens_documents_to(second), has_turn);
        }
    }
}

/// What happens to an approval.
#[derive(Debug, Clone)]
enum Step {
    Answer { who: usize, approve: bool, right: bool },
    Withdraw,
    NewVersion(usize),
    Look,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_usize..4, prop::bool::weighted(0.8), prop::bool::weighted(0.8))
            .prop_map(|(who, approve, right)| Step::Answer { who, approve, right }),
        1 => Just(Step::Withdraw),
        1 => (0_usize..3).prop_map(Step::NewVersion),
        1 => Just(Step::Look),
        2 => (1_i64..60).prop_map(Step::Wait),
    ]
}

fn laws_hold(before: &Approval, after: &Approval, at: Timestamp) {
    assert_eq!(after.version, before.version.next(), "each step is one version");
    assert_eq!(
        before.state,
        ApprovalState::Open,
        "what came to its end stays as it was"
    );
    assert_eq!(after.shown(), before.shown(), "what is shown never changes");
    assert_eq!(after.ended_at.is_some(), after.state != ApprovalState::Open);
    let mut new = 0;
    for (old, now) in before.people.iter().zip(&after.people) {
        assert_eq!(old.client, now.client);
        match &old.answered {
            Some(answer) => assert_eq!(now.answered.as_ref(), Some(answer), "an answer never changes"),
            None => new += usize::from(now.answered.is_some()),
        }
    }
    assert!(new <= 1);
    let decisions: Vec<Decision> = after
        .people
        .iter()
        .filter_map(|asked| asked.answered.as_ref().map(|answer| answer.decision))
        .collect();
    let all_said_yes = decisions.len() == after.people.len();
    let declined = decisions.contains(&Decision::Declined);
    match after.state {
        ApprovalState::Approved if after.terms.needed == Needed::All => assert!(all_said_yes && !declined),
        ApprovalState::Approved => assert!(decisions == [Decision::Approved]),
        ApprovalState::Declined => assert!(declined),
        ApprovalState::Open => {
            assert!(!declined && !all_said_yes);
            assert!(after.terms.needed == Needed::All || decisions.is_empty());
        }
        ApprovalState::Expired => assert!(after.terms.expires_at.unwrap() <= at),
        ApprovalState::Withdrawn | ApprovalState::Superseded => {}
    }
    if after.terms.in_turn {
        let answered = after.people.iter().map(|asked| asked.answered.is_some());
        assert!(
            answered.is_sorted_by(|before, after| before >= after),
            "one after the other"
        );
    }
    for asked in &after.people {
        if after.waits_for(asked.client, at) {
            assert!(after.is_shown_to(asked.client) && after.opens_documents_to(asked.client));
        }
        if asked.answered.is_some() {
            assert!(
                after.opens_documents_to(asked.client),
                "what was answered can be looked at for good"
            );
        }
    }
}

proptest! {
    /// Whatever is done in whatever order.
    #[test]
    fn the_laws_hold(
        steps in prop::collection::vec(step(), 1..24),
        any in any::<bool>(),
        in_turn in any::<bool>(),
    ) {
        let needed = if any { Needed::Any } else { Needed::All };
        let (samples, mut approval, versions) = approval(needed, in_turn);
        let mut at = samples.at;
        let mut hashes = vec![approval.shown_hash()];
        for step in steps {
            let before = approval.clone();
            match step {
                Step::Answer { who, approve, right } => {
                    let client = before.people.get(who).map_or_else(|| samples.id(), |asked| asked.client);
                    let answer = Answer {
                        decision: if approve { Decision::Approved } else { Decision::Declined },
                        comment: String::new(),
                        shown: if right { before.shown_hash() } else { samples.digest() },
                    };
                    let could = right && before.waits_for(client, at);
                    let answered = before.clone().answer(client, &answer, at);
                    prop_assert_eq!(answered.is_ok(), could, "{:?} by {:?}", answer, who);
                    if let Ok(answered) = answered {
                        laws_hold(&before, &answered, at);
                        approval = answered;
                    }
                }
                Step::Withdraw => {
                    let open = before.state_at(at) == ApprovalState::Open;
                    let withdrawn = before.clone().withdraw("", at);
                    prop_assert_eq!(withdrawn.is_ok(), open);
                    if let Ok(withdrawn) = withdrawn {
                        laws_hold(&before, &withdrawn, at);
                        approval = withdrawn;
                    }
                }
                Step::NewVersion(which) => {
                    let mut version = versions.get(which).unwrap_or(&versions[0]).clone();
                    version.id = samples.id();
                    version.number = u32::try_from(hashes.len()).unwrap() + 1;
                    version.file = samples.file("next.pdf");
                    if which == 2 {
                        version.document_id = samples.id();
                    }
                    let superseded = before.clone().supersede(samples.id(), &version, at);
                    let open = before.state_at(at) == ApprovalState::Open;
                    prop_assert_eq!(superseded.is_some(), open && which != 2);
                    if let Some([old, next]) = superseded {
                        laws_hold(&before, &old, at);
                        prop_assert!(!hashes.contains(&next.shown_hash()), "never asked before");
                        hashes.push(next.shown_hash());
                        approval = next;
                    }
                }
                Step::Look => {
                    if let Some(expired) = before.clone().expire(at) {
                        laws_hold(&before, &expired, at);
                        approval = expired;
                    }
                }
                Step::Wait(hours) => at = at + Duration::hours(hours),
            }
        }
    }
}

/// Whatever the practice needs and the portal has: an answer goes through with a right factor, and without any only where none is
/// needed.
#[test]
fn a_factor_decides_over_an_answer() {
    use ApprovalRule as R;
    let method = FactorMethod::new("totp").unwrap();
    let right = FactorCheck::Confirmed(method.clone());
    for needed in [false, true] {
        for offered in [false, true] {
            let of = |checked: Option<&FactorCheck>| factor_of_answer((needed, offered), checked);
            assert_eq!(of(Some(&right)), Ok(Some(method.clone())));
            assert_eq!(of(Some(&FactorCheck::Wrong)), Err(R::WrongFactor));
            assert_eq!(of(Some(&FactorCheck::NoneSetUp)), Err(R::NoFactorSetUp));
            let without = match (needed, offered) {
                (false, _) => Ok(None),
                (true, true) => Err(R::FactorNeeded),
                (true, false) => Err(R::FactorNotOffered),
            };
            assert_eq!(of(None), without);
        }
    }
    for rule in [
        R::FactorNeeded,
        R::WrongFactor,
        R::NoFactorSetUp,
        R::FactorNotOffered,
    ] {
        assert_eq!((rule.kind(), rule.field()), (ErrorKind::Denied, Some("factor")));
    }
}

#[test]
fn what_is_presented_is_taken_without_the_space_around_it_and_never_printed() {
    assert!(Presented::given(" \n\t").unwrap().is_none());
    let presented = Presented::given(" 123 456\n").unwrap().unwrap();
    assert_eq!(presented.expose(), "123 456");
    assert_eq!(format!("{presented:?}"), "Presented(..)");
    assert!(
        Presented::given(&"x".repeat(Presented::LONGEST))
            .unwrap()
            .is_some()
    );
    let long = Presented::given(&"x".repeat(Presented::LONGEST + 1)).unwrap_err();
    assert_eq!((long.field.as_str(), long.code), ("factor", "too-long"));
}

#[test]
fn only_documents_that_clients_may_see_on_an_open_matter_can_be_asked_about() {
    let samples = Samples::new(5);
    let owner = samples.staff(Role::Owner);
    let matter = samples.matter(&owner);
    let request = samples.request(&matter, &samples.client("Dora", "Ek"));
    let mut document = samples.upload(&request).0;
    document.confidentiality = Confidentiality::Client;
    assert_eq!(Approval::may_show(&document, &matter), Ok(()));
    let secret = Document {
        confidentiality: Confidentiality::StaffOnly,
        ..document.clone()
    };
    let name = secret.current.name.to_string();
    assert_eq!(
        Approval::may_show(&secret, &matter),
        Err(ApprovalRule::StaffOnly(name))
    );
    let elsewhere = samples.matter(&owner);
    assert_eq!(
        Approval::may_show(&document, &elsewhere),
        Err(ApprovalRule::NotOnMatter)
    );
    let mut closed = matter;
    closed.state = MatterState::Closed;
    assert_eq!(
        Approval::may_show(&document, &closed),
        Err(ApprovalRule::MatterClosed)
    );
}
