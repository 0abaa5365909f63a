//! What a leaf binds, and what it hides.

use portal_core::audit::{AuditEntry, Commitment, Fact, Leaf, Salts, Subject};
use portal_core::testing::{Samples, strategies};
use proptest::prelude::*;
use serde_json::json;

fn entry(number: u64) -> AuditEntry {
    let samples = Samples::new(number);
    let ctx = samples.context(portal_core::Actor::System("import"));
    AuditEntry::new(
        samples.id(),
        &ctx,
        "client.imported",
        Subject::new("client", samples.id::<uuid::Uuid>()),
    )
    .with("name", "Zo\u{eb}")
    .with("nested", json!({"b": [1, true, null], "a": "x"}))
}

#[test]
fn the_bytes_of_a_leaf_are_these() {
    let mut entry = entry(3);
    entry.detail.clear();
    entry.origin = portal_core::Origin::default();
    let leaf = Leaf::of(&entry, &Salts::Seed([1; 32])).unwrap();
    let mut expected = Vec::new();
    let fields = [
        Some("portal-audit-entry/1".to_owned()),
        Some(entry.id.to_string()),
        Some(entry.at.to_string()),
        Some("system".to_owned()),
        None,
        None,
        Some("import".to_owned()),
        Some("client.imported".to_owned()),
        Some("client".to_owned()),
        Some(entry.subject_id.to_string()),
        None,
        Some(entry.practice_id.to_string()),
    ];
    for field in fields {
        match field {
            None => expected.push(0),
            Some(text) => {
                expected.push(1);
                expected.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
                expected.extend(text.bytes());
            }
        }
    }
    assert_eq!(leaf.bytes(entry.practice_id), expected);
}

#[test]
fn facts_come_in_the_order_of_their_names_and_as_canonical_json() {
    let leaf = Leaf::of(&entry(4), &Salts::Seed([1; 32])).unwrap();
    let open: Vec<(String, String)> = leaf
        .commitments
        .into_iter()
        .filter_map(|it| match it {
            Commitment::Open { name, value, .. } => Some((name, value)),
            Commitment::Closed(_) => None,
        })
        .collect();
    assert_eq!(open[0], ("detail.name".to_owned(), "\"Zo\u{eb}\"".to_owned()));
    assert_eq!(
        open[1],
        (
            "detail.nested".to_owned(),
            r#"{"a":"x","b":[1,true,null]}"#.to_owned()
        )
    );
    assert!(open.is_sorted());
}

proptest! {
    #[test]
    fn whatever_is_changed_changes_the_leaf(ctx in strategies::context(&Samples::new(1)), what in 0_usize..12) {
        let samples = Samples::new(2);
        let subject = Subject::new("document", samples.id::<uuid::Uuid>());
        let entry = AuditEntry::new(samples.id(), &ctx, "document.downloaded", subject).with("version", 3);
        let salts = Salts::Seed([5; 32]);
        let hash = |entry: &AuditEntry, salts: &Salts| Leaf::of(entry, salts).unwrap().hash(entry.practice_id);
        let before = hash(&entry, &salts);
        let mut changed = entry.clone();
        match what {
            0 => changed.id = samples.id(),
            1 => changed.at = changed.at + portal_core::Duration::microseconds(1),
            2 => changed.actor_kind.push('x'),
            3 => changed.staff_id = Some(samples.id()),
            4 => changed.client_id = Some(samples.id()),
            5 => changed.system = Some("other".to_owned()),
            6 => changed.action.push('s'),
            7 => changed.subject_id = samples.id(),
            8 => changed.matter_id = Some(samples.id()),
            9 => changed = changed.with("version", 4),
            10 => changed.origin.user_agent = Some("another browser".to_owned()),
            _ => changed.practice_id = samples.id(),
        }
        prop_assert_ne!(hash(&changed, &salts), before);
        prop_assert_ne!(hash(&entry, &Salts::Seed([6; 32])), before, "without the salt nobody can try values out");
    }

    #[test]
    fn salts_of_the_same_seed_differ(name in "[a-z]{1,8}", other in "[a-z]{1,8}") {
        prop_assume!(name != other);
        let mut it = entry(5);
        it.detail.clear();
        let leaf = Leaf::of(&it.with(&name, 1).with(&other, 1), &Salts::Seed([1; 32])).unwrap();
        let salts: std::collections::BTreeSet<_> = leaf.commitments.iter().filter_map(|it| match it {
            Commitment::Open { salt, .. } => Some(*salt),
            Commitment::Closed(_) => None,
        }).collect();
        prop_assert_eq!(salts.len(), leaf.commitments.len());
    }
}

#[test]
fn erasing_leaves_the_leaf_as_it_was() {
    let entry = entry(6);
    let seed = Salts::Seed([9; 32]);
    let leaf = Leaf::of(&entry, &seed).unwrap();
    let facts = leaf.commitments.iter().map(|it| match it {
        Commitment::Open { name, .. } if name == "detail.name" => Fact::Erased(it.digest()),
        Commitment::Open { name, salt, .. } => Fact::Kept(name.clone(), *salt),
        Commitment::Closed(digest) => Fact::Erased(*digest),
    });
    let erased = Salts::Each(facts.collect());
    let mut less = entry.clone();
    less.detail.remove("name");
    let after = Leaf::of(&less, &erased).unwrap();
    assert_eq!(after.hash(entry.practice_id), leaf.hash(entry.practice_id));
    less.detail.remove("nested");
    assert_eq!(Leaf::of(&less, &erased), None, "what was not erased is missing");
}
