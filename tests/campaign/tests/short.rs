//! A short campaign on each database, and the proof that a campaign can fail.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use portal_campaign::place::Kind;
use portal_campaign::report::Report;
use portal_campaign::rounds::{Plan, Work, run};
use portal_campaign::tree::Tree;
use portal_core::audit::{AuditEntry, SealedHeads, Subject};
use portal_core::testing::{Fakes, Samples};
use portal_core::{Actor, Change, Commits};
use portal_store_sqlite::{SqliteOptions, SqliteStore};

fn plan(kind: Kind, rounds: u64) -> Plan {
    let seed = std::hash::BuildHasher::hash_one(&std::collections::hash_map::RandomState::new(), 1);
    Plan {
        rounds,
        seed,
        kind,
        work: Work::Everything,
        program: PathBuf::from(env!("CARGO_BIN_EXE_portal-server-to-kill")),
        faults: None,
        die_at: None,
        progress: false,
    }
}

async fn nothing_is_lost(kind: Kind) {
    let plan = plan(kind, 6);
    let seed = plan.seed;
    let (report, evidence) = run(plan).await;
    assert!(
        evidence.is_none(),
        "seed {seed}, evidence in {evidence:?}:\n{report}"
    );
    assert!(
        report.acknowledged > 0 && report.mails > 0,
        "seed {seed}: nothing was done:\n{report}"
    );
}

async fn a_storm_loses_nothing(kind: Kind) {
    let plan = Plan {
        work: Work::Storm,
        ..plan(kind, 6)
    };
    let seed = plan.seed;
    let (report, evidence) = run(plan).await;
    assert!(
        evidence.is_none(),
        "seed {seed}, evidence in {evidence:?}:\n{report}"
    );
    assert!(
        report.stages > 0 && report.texts > 0 && report.mails > 0,
        "seed {seed}: nothing was done:\n{report}"
    );
}

/// The rounds of a campaign end with the first that finds something. Whether one does is chance: the commit that is cut off may be
/// the worker's own, whose loss nobody was told of. So there are far more than it takes.
const MANY: u64 = 60;

async fn a_lie(work: Work, faults: &'static str, die_at: &'static str) -> Report {
    let plan = Plan {
        work,
        faults: Some(faults),
        die_at: Some(die_at),
        ..plan(Kind::Sqlite, MANY)
    };
    let (report, evidence) = run(plan).await;
    if let Some(folder) = evidence {
        std::fs::remove_dir_all(folder).unwrap();
    }
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_on_sqlite() {
    nothing_is_lost(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_on_postgres() {
    nothing_is_lost(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_stage_changes_loses_and_doubles_nothing_on_sqlite() {
    a_storm_loses_nothing(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_stage_changes_loses_and_doubles_nothing_on_postgres() {
    a_storm_loses_nothing(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_sent_twice_is_caught() {
    let report = a_lie(Work::Storm, "sms::sends-twice=return", "closing::closed=1").await;
    let is_told = report.history.iter().any(|it| it.contains("arrived 2 times"));
    assert!(is_told, "it was not noticed:\n{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_only_the_history_knows_is_caught() {
    let report = a_lie(
        Work::Storm,
        "sms::settles-early=return",
        "sqlite::after-commit=120",
    )
    .await;
    let is_told = report.history.iter().any(|it| it.contains("arrived 0 times"));
    assert!(is_told, "it was not noticed:\n{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_lies_about_stages_is_caught() {
    let report = a_lie(
        Work::Storm,
        "sqlite::acknowledges-early=return",
        "sqlite::before-commit=30+50",
    )
    .await;
    assert!(!report.lost.is_empty(), "the lie was not noticed:\n{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_lies_is_caught() {
    let report = a_lie(
        Work::Everything,
        "sqlite::acknowledges-early=return",
        "sqlite::before-commit=30+50",
    )
    .await;
    assert!(!report.lost.is_empty(), "the lie was not noticed:\n{report}");
}

/// A database with a practice's trail of so many entries, sealed.
async fn a_trail(folder: &Path, name: &str, samples: &Samples, entries: usize) -> Arc<SqliteStore> {
    let store = SqliteStore::open(folder.join(name), SqliteOptions::default())
        .await
        .unwrap();
    store.migrate().await.unwrap();
    let practice = Change::unaudited(samples.practice, "a test").save(samples.practice());
    store.commit(practice).await.unwrap();
    for _ in 0..entries {
        let ctx = samples.context(Actor::System("test"));
        let subject = Subject::new("matter", samples.practice);
        let entry = AuditEntry::new(samples.id(), &ctx, "matter.opened", subject);
        store.commit(Change::audited(entry)).await.unwrap();
    }
    let store = Arc::new(store);
    let portal = Fakes::default().portal(store.clone());
    portal.seal_due(&SealedHeads::default(), |_| ()).await.unwrap();
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_that_was_written_anew_is_caught() {
    let folder = tempfile::tempdir().unwrap();
    let samples = Samples::new(1);
    let (mut tree, mut report) = (Tree::default(), Report::default());
    let first = a_trail(folder.path(), "first.db", &samples, 5).await;
    tree.look(&*first, samples.practice, &mut report).await;
    tree.look(&*first, samples.practice, &mut report).await;
    assert!(report.violations().is_empty(), "{report}");
    let anew = a_trail(folder.path(), "anew.db", &samples, 7).await;
    tree.look(&*anew, samples.practice, &mut report).await;
    assert!(
        report.broken.iter().any(|it| it.contains("written anew")),
        "{report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_lies_is_caught() {
    let report = a_lie(
        Work::Everything,
        "mail::settles-early=return",
        "sqlite::after-commit=120",
    )
    .await;
    let is_told = report.history.iter().any(|it| it.contains("never arrived"));
    assert!(is_told, "the lie was not noticed:\n{report}");
}
