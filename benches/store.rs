//! What the embedded store costs, with every write synced to disk: `cargo bench -p portal-benches --bench store`.
//!
//! The rates of one writer and of sixteen at once stand side by side, so that one run shows what writing together
//! gains on the machine at hand.
#![allow(
    clippy::expect_used,
    missing_docs,
    reason = "a benchmark fails by panicking; criterion makes its main"
)]

use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::future::join_all;
use portal_core::audit::Subject;
use portal_core::client::ClientFilter;
use portal_core::testing::Samples;
use portal_core::{Change, Context, PageRequest, Store};
use portal_store_sqlite::{SqliteOptions, SqliteStore};

/// How many clients the listed practice has.
const CLIENTS: u32 = 10_000;

fn change(samples: &Samples, number: u32) -> Change {
    let mut client = samples.client("Amina", "Haddad");
    client.reference = Some(format!("C-{}-{number}", client.id));
    let ctx = Context::system(client.practice_id, "bench", client.created_at);
    let subject = Subject::new("client", client.id);
    Change::audited(portal_core::audit::AuditEntry::new(
        samples.id(),
        &ctx,
        "client.added",
        subject,
    ))
    .save(client)
}

fn store(c: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let samples = Samples::new(1);
    let store: Arc<dyn Store> = runtime.block_on(async {
        let path = folder.path().join("portal.sqlite");
        let store = SqliteStore::open(path, SqliteOptions::default())
            .await
            .expect("the store opens");
        store.migrate().await.expect("the schema is made");
        Arc::new(store) as Arc<dyn Store>
    });
    runtime.block_on(async {
        let practice = Change::unaudited(samples.practice().id, "a benchmark").save(samples.practice());
        store.commit(practice).await.expect("committed");
        for batch in 0..CLIENTS / 100 {
            let changes = (0..100).map(|n| store.commit(change(&samples, batch * 100 + n)));
            for result in join_all(changes).await {
                result.expect("committed");
            }
        }
    });

    let mut group = c.benchmark_group("commit a client with its audit entry, synced");
    for writers in [1_u32, 16] {
        group.throughput(Throughput::Elements(writers.into()));
        group.bench_function(BenchmarkId::from_parameter(writers), |b| {
            b.iter(|| {
                let changes = (0..writers).map(|n| store.commit(change(&samples, n)));
                for result in runtime.block_on(join_all(changes)) {
                    result.expect("committed");
                }
            });
        });
    }
    group.finish();

    let practice = samples.practice().id;
    c.bench_function("list 25 of 10,000 clients", |b| {
        b.iter(|| {
            let (filter, page) = (ClientFilter::default(), PageRequest::first(25));
            runtime
                .block_on(store.clients(practice, &filter, &page))
                .expect("a page")
        });
    });
}

criterion_group!(benches, store);
criterion_main!(benches);
