//! What it takes to find approvals by their words among very many.

use std::time::Instant;

use portal_core::approval::ApprovalFilter;
use portal_core::client::Client;
use portal_core::policy::Role;
use portal_core::testing::{Samples, save};
use portal_core::{PageRequest, PracticeId, Store};
use portal_store_postgres::{PostgresOptions, PostgresStore};
use portal_store_sqlite::{SqliteOptions, SqliteStore};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio::runtime::Runtime;

use crate::Failed;
use crate::raw::Raw;

const APPROVALS: u32 = 100_000;
/// How often each question is asked.
const TIMES: usize = 300;
/// What is looked for, and how many have it.
const WORDS: [(&str, &str); 6] = [
    ("statement", "in all"),
    ("archived", "in the older half"),
    ("statement no.77777", "one in all, one in a single one"),
    ("no.77777", "in one"),
    ("nowhere", "in none"),
    ("xy", "two letters, in none"),
];

/// A practice with so many approvals, asked one after the other; the older half says so.
async fn fill(store: &dyn Store, mut raw: Raw) -> Result<PracticeId, Failed> {
    let s = Samples::new(11);
    let owner = s.staff(Role::Owner);
    let client: Client = s.client("Amira", "Haddad");
    let matter = s.matter(&owner);
    save(store, [s.practice()]).await?;
    save(store, [owner.clone()]).await?;
    save(store, [client.clone()]).await?;
    save(store, [matter.clone()]).await?;
    let request = s.request(&matter, &client);
    let (_, file) = s.upload(&request);
    let access = s.access(&matter, &client);
    save(store, [s.approval(&matter, &owner, &file, &access)]).await?;
    let half = APPROVALS / 2;
    raw.copies("approval", "TRUE", APPROVALS - 1, |raw, column| match column {
        "id" => Some(raw.new_id().to_owned()),
        "created_at" => Some(match raw {
            Raw::Postgres(_) => "approval.created_at + n * interval '1 minute'".to_owned(),
            Raw::Sqlite(_) => {
                "strftime('%Y-%m-%dT%H:%M:%f000Z', approval.created_at, n || ' minutes')".to_owned()
            }
        }),
        "search_text" => Some(format!(
            "approval.search_text || ' no.' || n || CASE WHEN n < {half} THEN ' archived' ELSE '' END"
        )),
        _ => None,
    })
    .await?;
    Ok(s.practice)
}

async fn ask(name: &str, store: &dyn Store, practice: PracticeId) -> Result<(), Failed> {
    let page = PageRequest::first(25);
    for (q, meaning) in WORDS {
        let filter = ApprovalFilter {
            q: Some(q.to_owned()),
            ..ApprovalFilter::default()
        };
        let (mut lists, mut counts, mut found) = (Vec::new(), Vec::new(), 0);
        for _ in 0..TIMES {
            let begun = Instant::now();
            store.approvals(practice, &filter, &page).await?;
            lists.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        for _ in 0..TIMES / 10 {
            let begun = Instant::now();
            found = store.approval_count(practice, &filter).await?;
            counts.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        let ([median, last], [counted, _]) = (ends(lists), ends(counts));
        println!("| {name} | `{q}` | {meaning}: {found} | {median:.2} | {last:.2} | {counted:.2} |");
    }
    Ok(())
}

/// The median and the 99th percentile.
fn ends(mut times: Vec<f64>) -> [f64; 2] {
    times.sort_by(f64::total_cmp);
    [times.len() / 2, times.len() * 99 / 100].map(|place| times.get(place).copied().unwrap_or_default())
}

pub(crate) fn run(runtime: &Runtime) -> Result<(), Failed> {
    println!("## Searching {APPROVALS} approvals: milliseconds for a page of 25, of {TIMES} each\n");
    println!("| store | words | found | median | p99 | counting all, median |");
    println!("| --- | --- | --- | --- | --- | --- |");
    runtime.block_on(async {
        let database = crate::compare::empty_postgres("search").await?;
        let store = PostgresStore::connect(&database.url, PostgresOptions::default()).await?;
        store.migrate().await?;
        let raw = Raw::Postgres(PgConnection::connect(&database.url).await?);
        let practice = fill(&store, raw).await?;
        ask("PostgreSQL", &store, practice).await?;
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("portal.db");
        let store = SqliteStore::open(&path, SqliteOptions::default()).await?;
        store.migrate().await?;
        let raw = Raw::Sqlite(SqliteConnectOptions::new().filename(&path).connect().await?);
        let practice = fill(&store, raw).await?;
        ask("SQLite", &store, practice).await
    })?;
    println!();
    Ok(())
}
