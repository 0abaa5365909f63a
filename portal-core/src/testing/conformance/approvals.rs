//! Approvals: the same records and questions as a store that does it the plain way, and the same answers.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::records::sampled;
use super::world::{World, got, put};
use crate::approval::{
    Answered, Approval, ApprovalFilter, ApprovalKind, ApprovalState, Approvals as _, Asked, Decision,
    FactorMethod, Line, Needed, Subject,
};
use crate::matter::Part;
use crate::testing::MemoryStore;
use crate::{Duration, PageRequest, Record, Store};

/// Approvals in every shape: each kind and state, with and without what is optional.
pub(super) fn variants(world: &World) -> Vec<Record> {
    let World { samples: s, .. } = world;
    let first = s.approval(&world.case, &world.owner, &world.file, &world.anna_access);
    let mut records: Vec<Record> = vec![first.clone().into()];
    for (number, kind) in (0_u32..).zip(ApprovalKind::ALL) {
        let mut approval = s.approval(&world.case, &world.owner, &world.file, &world.anna_access);
        let state = ApprovalState::ALL[usize::try_from(number).unwrap_or_default() % 6];
        approval.terms.kind = kind;
        approval.terms.in_turn = number % 2 == 0;
        approval.terms.needed = if number % 3 == 0 { Needed::Any } else { Needed::All };
        approval.terms.remind_every_days = (number % 2 == 1).then_some(number);
        approval.terms.expires_on = (number % 2 == 1).then(|| s.at.date());
        approval.terms.expires_at = (number % 2 == 1).then(|| s.at + Duration::days(1));
        approval.terms.due_on = None;
        approval.terms.subject = (number % 3 == 1).then(|| Subject {
            id: s.id(),
            version: crate::Version(7),
            lines: vec![Line {
                label: "Amount \u{1f4b6}".into(),
                value: "EUR 120.50".into(),
            }],
        });
        approval.people.push(Asked {
            answered: Some(Answered {
                decision: Decision::Declined,
                comment: "\u{201c}No\u{201d}\n\u{200f}\u{5d0}".replace('\u{200f}', ""),
                at: s.at + Duration::microseconds(1),
            }),
            ..Asked::new(world.ben.id, world.ben_access.id)
        });
        if number == 0 {
            approval.documents.clear();
        }
        approval.state = state;
        approval.ended_at = (state != ApprovalState::Open).then_some(s.at);
        approval.replaces = (number % 4 == 2).then_some(first.id);
        approval.replaced_by = (state == ApprovalState::Superseded).then_some(first.id);
        approval.reason = "Asked by \u{201c}mistake\u{201d}".into();
        records.push(approval.into());
    }
    records.push(s.evidence(&first, &world.anna_access).into());
    records
}

/// Many approvals on two matters, of two people in turn.
fn many(world: &World) -> Vec<Record> {
    let World { samples: s, .. } = world;
    let ben_too = s.participant(&world.case, &world.ben, Part::Partner);
    let mut records: Vec<Record> = vec![ben_too.into()];
    for number in 0..96_usize {
        let at = s.at + Duration::hours(i64::try_from(number % 7).unwrap_or_default());
        let s = s.at(at);
        let mut approval: Approval = if number % 3 == 0 {
            s.approval(&world.other, &world.owner, &world.file, &world.ben_access)
        } else {
            s.approval(&world.case, &world.owner, &world.file, &world.anna_access)
        };
        if number % 3 != 0 {
            approval
                .people
                .push(Asked::new(world.ben.id, world.ben_access.id));
            approval.terms.in_turn = number % 2 == 0;
        }
        if number % 5 == 0 {
            approval.people[0].answered = Some(Answered {
                decision: Decision::Approved,
                comment: String::new(),
                at,
            });
        }
        approval.terms.kind = ApprovalKind::ALL[number % 10];
        approval.state = ApprovalState::ALL[number % 6];
        approval.ended_at = (approval.state != ApprovalState::Open).then_some(at);
        approval.terms.title = ["Invoice 100 %", "Erkl\u{e4}rung", "Draft_2"][number % 3].into();
        records.push(approval.into());
    }
    records
}

pub(super) async fn approvals_are_filtered_and_counted_as_defined(store: &dyn Store) {
    let world = World::in_store(store, 98).await;
    let plain = MemoryStore::default();
    let records = many(&world);
    put(&plain, world.records()).await;
    put(&plain, records.clone()).await;
    put(store, records).await;
    let clients = select(vec![world.anna.id, world.ben.id]);
    let times = (0_i64..8).prop_map(|hours| world.samples.at + Duration::hours(hours));
    let filters = (
        option::weighted(0.3, select(vec![world.case.id, world.other.id])),
        option::weighted(0.3, clients.clone()),
        option::weighted(0.4, clients),
        option::weighted(0.4, select(&ApprovalState::ALL[..])),
        option::weighted(0.2, select(&ApprovalKind::ALL[..])),
        option::weighted(
            0.3,
            select(vec![
                "erklarung",
                "100 %",
                "draft_",
                "your",
                "nothing",
                "passport.pdf",
            ]),
        ),
        (option::weighted(0.2, times.clone()), option::weighted(0.2, times)),
        option::weighted(0.3, select(vec![world.owner.id, world.member.id])),
    )
        .prop_map(
            |(matter, client, shown_to, state, kind, q, (since, before), visible_to)| ApprovalFilter {
                matter,
                client,
                shown_to,
                state,
                kind,
                q: q.map(str::to_owned),
                since,
                before,
                visible_to,
            },
        );
    let page = PageRequest::first(200).with_total();
    let mut found = 0;
    for filter in sampled(filters, 160) {
        let expected = got(plain.approvals(world.id(), &filter, &page).await);
        let listed = got(store.approvals(world.id(), &filter, &page).await);
        assert_eq!(listed, expected, "approvals of {filter:?}");
        let counted = got(store.approval_count(world.id(), &filter).await);
        assert_eq!(Some(counted), expected.total, "the count of {filter:?}");
        found += usize::from(counted > 0);
    }
    assert!(found > 24, "{found} of 160 filters found anything");
}

pub(super) async fn evidence_is_told_the_oldest_first(store: &dyn Store) {
    let world = World::in_store(store, 99).await;
    let World { samples: s, .. } = &world;
    let approval = s.approval(&world.case, &world.owner, &world.file, &world.anna_access);
    let other = s.approval(&world.case, &world.owner, &world.file, &world.anna_access);
    let late = s.at(s.at + Duration::microseconds(1));
    let mut late = late.evidence(&approval, &world.anna_access);
    late.circumstances.factor = FactorMethod::new("totp").ok();
    let early = s.evidence(&approval, &world.ben_access);
    let elsewhere = s.evidence(&other, &world.anna_access);
    put(store, [approval.clone(), other.clone()]).await;
    put(store, [late.clone(), early.clone(), elsewhere.clone()]).await;
    let found = got(store.evidence(world.id(), approval.id).await);
    assert_eq!(found, [early, late]);
    assert_eq!(got(store.evidence(world.id(), other.id).await), [elsewhere]);
    assert_eq!(got(store.evidence(world.id(), s.id()).await), []);
}

/// More than a store may want to read through for a word: each word a few have, whatever their age.
fn very_many(world: &World) -> Vec<Record> {
    let World { samples: s, .. } = world;
    (0..2_120_i64)
        .map(|number| {
            let s = s.at(s.at + Duration::minutes(number));
            let mut approval = s.approval(&world.case, &world.owner, &world.file, &world.anna_access);
            approval.terms.title = match number {
                3 => "A 100% \"fair\" price*".into(),
                5 | 2_100 => "D\u{e9}claration de Fran\u{e7}oise".into(),
                7 | 11 => "\u{7b7e}\u{8bc1} \u{7533}\u{8bf7} NEAR(old)".into(),
                0..50 => format!("Old deed no.{number}"),
                _ => format!("Deed no.{number}"),
            };
            if number % 2 == 0 {
                approval.terms.kind = ApprovalKind::Invoice;
            }
            approval.into()
        })
        .collect()
}

pub(super) async fn words_are_found_among_very_many_approvals(store: &dyn Store) {
    let world = World::in_store(store, 99).await;
    let plain = MemoryStore::default();
    put(&plain, world.records()).await;
    let records = very_many(&world);
    for some in records.chunks(100) {
        put(&plain, some.to_vec()).await;
        put(store, some.to_vec()).await;
    }
    let words = [
        ("old", 48),
        ("old deed", 46),
        ("declaration", 2),
        ("no.13", 111),
        ("100%", 1),
        ("\"fair\"", 1),
        ("price*", 1),
        ("\u{7b7e}\u{8bc1}", 2),
        ("\u{8bc1}", 2),
        ("near(old)", 2),
        ("no._3", 0),
        ("xyz", 0),
        ("", 2_121),
        ("deed", 2_115),
    ];
    for (q, expected) in words {
        let all = ApprovalFilter {
            q: Some(q.to_owned()),
            ..ApprovalFilter::default()
        };
        let invoices = ApprovalFilter {
            kind: Some(ApprovalKind::Invoice),
            ..all.clone()
        };
        assert_eq!(
            got(store.approval_count(world.id(), &all).await),
            expected,
            "approvals with {q:?}"
        );
        for filter in [all, invoices] {
            let mut page = PageRequest::first(20).with_total();
            // From the newest on, as long as it says something.
            for turn in 0..3 {
                let wanted = got(plain.approvals(world.id(), &filter, &page).await);
                let listed = got(store.approvals(world.id(), &filter, &page).await);
                assert_eq!(listed, wanted, "page {turn} of {filter:?}");
                let Some(next) = wanted.next else { break };
                page = PageRequest::first(20).after(Some(next));
            }
        }
    }
}
