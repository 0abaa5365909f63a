//! What the audit trail's proof costs: `scripts/with-postgres cargo bench -p portal-benches --bench audit`.
//!
//! Three questions, each with its yardstick beside it: how many entries a second the sealer takes (on each database), what a writer
//! pays for it (the same commits without the row that queues an entry, with it, and with the sealer at work), and how long an export takes
//! to verify (beside `sha256sum` of the same bytes). `PORTAL_BENCH_ENTRIES` sets how many entries (200,000 by default; 1,000,000 for the
//! figures in README.md), `PORTAL_BENCH_ROUNDS` how often commits take turns (5).
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark fails by panicking and prints its figures"
)]

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use portal_core::audit::export::{AuditExport, Verifier};
use portal_core::audit::note::VerifierKey;
use portal_core::audit::{AuditEntry, SealedHeads, Seals, Subject};
use portal_core::testing::{Fakes, Samples};
use portal_core::{Change, Portal, Store, StoreError};
use portal_store_postgres::PostgresOptions;
use portal_store_postgres::testing::ThrowAway;
use portal_store_sql::{Driver, SqlStore, Step, steps};
use portal_store_sqlite::{SqliteOptions, SqliteStore};

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// A client with its entry: what an ordinary command commits.
fn change(samples: &Samples) -> Change {
    let client = samples.client("Amina", "Haddad");
    Change::audited(entry(samples)).save(client)
}

fn entry(samples: &Samples) -> AuditEntry {
    let ctx = samples.context(portal_core::Actor::System("bench"));
    AuditEntry::new(
        samples.id(),
        &ctx,
        "document.returned",
        Subject::new("document", samples.practice),
    )
    .with("reason", "The second page is cut off.")
}

/// As many entries as wanted, none of them sealed.
async fn fill(store: &dyn Store, samples: &Samples, entries: usize) {
    let practice = Change::unaudited(samples.practice, "a benchmark").save(samples.practice());
    store.commit(practice).await.expect("committed");
    for _ in 0..entries.div_ceil(16 * 50) {
        let changes = (0..16).map(|_| {
            let first = Change::audited(entry(samples));
            store.commit((1..50).fold(first, |change, _| change.audit(entry(samples))))
        });
        for result in join_all(changes).await {
            result.expect("committed");
        }
    }
}

/// Seals all that waits; answers how many entries and how long it took.
async fn seal(portal: &Portal) -> (u64, Duration) {
    let heads = SealedHeads::default();
    let (begun, mut sealed) = (Instant::now(), 0);
    loop {
        let done = portal.seal_due(&heads, |_| ()).await.expect("the store answers");
        assert!(done.failed.is_empty(), "{done:?}");
        sealed += done.entries;
        if done.entries == 0 {
            return (sealed, begun.elapsed());
        }
    }
}

/// How a commit is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Bare,
    Queued,
    Sealed,
}

const WAYS: [Way; 3] = [Way::Bare, Way::Queued, Way::Sealed];

/// Commits a second of eight writers, in a few seconds.
async fn commits<D: Driver>(store: &SqlStore<D>, portal: &Portal, samples: &Samples, way: Way) -> f64 {
    const TIME: Duration = Duration::from_secs(3);
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let sealer = (way == Way::Sealed).then(|| {
        let portal = portal.clone();
        tokio::spawn(async move {
            let heads = SealedHeads::default();
            while !*stopped.borrow_and_update() {
                portal.seal_due(&heads, |_| ()).await.expect("the store answers");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        })
    });
    let begun = Instant::now();
    let writers = (0..8).map(|_| async {
        let mut done = 0_u32;
        while begun.elapsed() < TIME {
            let mut steps: Vec<Step> = steps(&change(samples), D::DIALECT).expect("steps");
            if way == Way::Bare {
                steps.retain(|step| !step.statement.sql.contains("audit_unsealed"));
            }
            let result: Result<(), StoreError> = store.driver().apply(steps).await;
            result.expect("committed");
            done += 1;
        }
        done
    });
    let done: u32 = join_all(writers).await.into_iter().sum();
    let rate = f64::from(done) / begun.elapsed().as_secs_f64();
    stop.send_replace(true);
    if let Some(sealer) = sealer {
        sealer.await.expect("the sealer ends");
    }
    rate
}

/// What it costs, round by round: the rates of one round are compared with each other, since rounds differ more than ways do.
struct Paid(Vec<f64>);

impl Paid {
    fn of(ratios: impl Iterator<Item = f64>) -> Self {
        let mut percent: Vec<f64> = ratios.map(|ratio| (ratio - 1.0) * 100.0).collect();
        percent.sort_by(f64::total_cmp);
        Self(percent)
    }
}

impl std::fmt::Display for Paid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let quarter = |n: usize| self.0.get(self.0.len() * n / 4).copied().unwrap_or_default();
        let (low, middle, high) = (quarter(1), quarter(2), quarter(3));
        write!(f, "{middle:+.1} % (half of the rounds {low:+.1} to {high:+.1})")
    }
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

async fn of_a_store<D: Driver>(name: &str, store: SqlStore<D>, folder: &Path, entries: usize)
where
    SqlStore<D>: Store,
{
    let (fakes, samples) = (Fakes::default(), Samples::new(1));
    let store = Arc::new(store);
    let portal = fakes.portal(store.clone());
    fill(&*store, &samples, entries).await;
    let (sealed, took) = seal(&portal).await;
    let rate = u32::try_from(sealed).map_or(0.0, f64::from) / took.as_secs_f64();
    println!("{name}: {sealed} entries sealed in {took:.1?}: {rate:.0} a second");

    let mut rounds = Vec::new();
    for round in 0..number("PORTAL_BENCH_ROUNDS", 5) {
        let mut rates = [0.0; WAYS.len()];
        // Each is the first as often as the others: what came before leaves pages to write and rows to clean up.
        for turn in 0..WAYS.len() {
            let at = (round + turn) % WAYS.len();
            let (way, rate) = (WAYS.get(at).expect("a way"), rates.get_mut(at).expect("a rate"));
            *rate = commits(&store, &portal, &samples, *way).await;
            // What one way leaves waiting is no work of the next one's sealer.
            seal(&portal).await;
        }
        rounds.push(rates);
    }
    println!(
        "{name}: commits of 8 writers a second: {:.0} bare; the row that queues: {}; the sealer at work too: {}",
        median(rounds.iter().map(|[bare, ..]| *bare).collect()),
        Paid::of(rounds.iter().map(|[bare, queued, _]| queued / bare)),
        Paid::of(rounds.iter().map(|[bare, _, sealed]| sealed / bare)),
    );

    let path = folder.join(format!("{name}.jsonl"));
    let mut file = BufWriter::new(File::create(&path).expect("a file"));
    let mut export = AuditExport::of(&portal, samples.practice)
        .await
        .expect("an export");
    let (begun, count) = (Instant::now(), export.size());
    while let Some(lines) = export.next_lines().await.expect("the store answers") {
        file.write_all(&lines).expect("written");
    }
    file.flush().expect("written");
    println!("{name}: {count} entries exported in {:.1?}", begun.elapsed());
    let keys = store
        .audit_keys(samples.practice)
        .await
        .expect("the store answers");
    let keys: Vec<VerifierKey> = keys.iter().map(|key| key.key.parse().expect("a key")).collect();
    verified(name, &path, &keys);
}

/// A value of /proc/self/status.
fn kib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("read");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .expect("a number")
}

/// How long verifying takes and the memory it needs, beside hashing the same bytes.
fn verified(name: &str, path: &Path, keys: &[VerifierKey]) {
    let begun = Instant::now();
    let sum = Command::new("sha256sum")
        .arg(path)
        .output()
        .expect("sha256sum is there");
    assert!(sum.status.success());
    let hashed = begun.elapsed();
    // The peak begins anew (proc(5), clear_refs).
    std::fs::write("/proc/self/clear_refs", "5").expect("written");
    let before = kib("VmRSS");
    let begun = Instant::now();
    let mut verifier = Verifier::new(keys, &[]).expect("no older checkpoint");
    let mut lines = BufReader::with_capacity(1 << 18, File::open(path).expect("a file"));
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).expect("read") > 0 {
        verifier.line(&line);
        line.clear();
    }
    let outcome = verifier.finish();
    assert!(outcome.is_verified(), "{outcome:?}");
    let took = begun.elapsed();
    let memory = kib("VmHWM").saturating_sub(before) / 1024;
    let size = std::fs::metadata(path).expect("a file").len() / (1 << 20);
    println!(
        "{name}: {} entries ({size} MiB) verified in {took:.2?}, memory +{memory} MiB; sha256sum of the same bytes: {hashed:.2?}",
        outcome.entries
    );
}

fn main() {
    // `cargo test` runs benchmarks too, with this.
    let entries = if std::env::args().any(|argument| argument == "--test") {
        2_000
    } else {
        number("PORTAL_BENCH_ENTRIES", 200_000)
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    runtime.block_on(async {
        let path = folder.path().join("portal.sqlite");
        let store = SqliteStore::open(path, SqliteOptions::default())
            .await
            .expect("the store opens");
        store.migrate().await.expect("the schema is made");
        of_a_store("sqlite", store, folder.path(), entries).await;
        if std::env::var_os("PORTAL_TEST_POSTGRES").is_some() {
            let database = ThrowAway::create().await;
            let store = database
                .store_with(PostgresOptions::default())
                .await
                .expect("the store opens");
            of_a_store("postgres", store, folder.path(), entries).await;
        }
    });
}
