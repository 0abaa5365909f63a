//! What the same question costs when there is more: more practices beside one's own, and more documents in it.

use std::time::{Duration, Instant};

use portal_core::document::DocumentFilter;
use portal_core::identity::SessionKey;
use portal_core::matter::{MatterFilter, MatterSort};
use portal_core::policy::Role;
use portal_core::testing::{Samples, save};
use portal_core::{Digest, PageRequest, Store};
use portal_store_postgres::{PostgresOptions, PostgresStore};
use portal_store_sqlite::{SqliteOptions, SqliteStore};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio::runtime::Runtime;

use crate::raw::Raw;
use crate::statements::change;
use crate::world::World;
use crate::{Failed, Plan, median};

const PRACTICES: [u32; 3] = [1, 100, 10_000];
const DOCUMENTS: [u32; 2] = [1_000, 1_000_000];
/// How often each question is asked.
const TIMES: usize = 41;
/// What a practice has that is multiplied.
const TABLES: [&str; 6] = [
    "practice",
    "staff_member",
    "session",
    "client",
    "matter",
    "request",
];
const MATTERS: usize = 20;

impl Raw {
    /// So many more practices, each with all that the first one has.
    async fn more_practices(&mut self, count: u32) -> Result<(), Failed> {
        let numbers = self.numbers(count);
        let id = self.new_id();
        self.run("DROP TABLE IF EXISTS grown".to_owned()).await?;
        self.run(format!("CREATE TABLE grown AS SELECT {id} AS id FROM {numbers}"))
            .await?;
        self.run("CREATE TABLE IF NOT EXISTS first AS SELECT practice_id AS id FROM practice".to_owned())
            .await?;
        for table in TABLES {
            let columns = self.columns(table).await?;
            let copied: Vec<String> = columns
                .iter()
                .map(|column| match column.as_str() {
                    "practice_id" => "grown.id".to_owned(),
                    "id" if table == "practice" => "grown.id".to_owned(),
                    other => format!("{table}.{other}"),
                })
                .collect();
            let sql = format!(
                "INSERT INTO {table} ({}) SELECT {} FROM {table} JOIN first ON {table}.practice_id = first.id CROSS JOIN grown",
                columns.join(", "),
                copied.join(", ")
            );
            self.run(sql).await?;
        }
        self.tidy().await
    }

    /// So many more documents of the first practice, spread over its matters, each with a name of its own.
    async fn more_documents(&mut self, count: u32) -> Result<(), Failed> {
        let each = count / u32::try_from(MATTERS)?;
        let of_first = "document.search_text LIKE 'first%'";
        self.copies("document", of_first, each, |raw, column| match column {
            "id" => Some(raw.new_id().to_owned()),
            // Of a million documents, nearly all have been reviewed.
            "status" => Some("'accepted'".to_owned()),
            "search_text" => Some("'paper ' || n || ' of many scans.pdf'".to_owned()),
            _ => None,
        })
        .await
    }
}

/// The first practice: a small one, as most are.
async fn begin(store: &dyn Store) -> Result<World, Failed> {
    let mut world = World::new();
    let s: Samples = world.samples.clone();
    let owner = s.staff(Role::Owner);
    save(store, [s.practice()]).await?;
    save(store, [owner.clone()]).await?;
    save(store, [s.session(portal_core::identity::Person::Staff(owner.id))]).await?;
    for number in 0..MATTERS {
        let (matter, client) = (s.matter(&owner), s.client("Amira", &format!("Haddad {number}")));
        let requests = [s.request(&matter, &client), s.request(&matter, &client)];
        save(store, [client.clone()]).await?;
        save(store, [matter.clone()]).await?;
        save(store, requests.clone()).await?;
        let (mut document, _) = requests
            .first()
            .map(|request| s.upload(request))
            .ok_or("no request")?;
        document.current.name = portal_core::document::FileName::sanitise("first.pdf");
        save(store, [document]).await?;
        (world.matter, world.client) = (matter, client);
    }
    world.owner = owner;
    Ok(world)
}

/// What each question takes, in milliseconds: the median of many.
struct Costs {
    list: f64,
    search: f64,
    rare: f64,
    sign_in: f64,
    commit: f64,
}

async fn ask(store: &dyn Store, world: &World) -> Result<Costs, Failed> {
    let practice = world.samples.practice;
    let page = PageRequest::first(25);
    let newest = DocumentFilter {
        matter: Some(world.matter.id),
        ..DocumentFilter::default()
    };
    let search = |q: &str| DocumentFilter {
        q: Some(q.to_owned()),
        ..DocumentFilter::default()
    };
    // The one is in every name, the other in none.
    let (common, rare) = (search("scans"), search("nowhere"));
    let matters = MatterFilter::default();
    let mut times: [Vec<f64>; 5] = Default::default();
    for _ in 0..TIMES {
        let mut lap = Lap::begin();
        store.documents(practice, &newest, &page).await?;
        store
            .matters(practice, &matters, MatterSort::Updated, &page)
            .await?;
        let list = lap.end();
        store.documents(practice, &common, &page).await?;
        let search = lap.end();
        store.documents(practice, &rare, &page).await?;
        let rare = lap.end();
        store
            .standing(practice, SessionKey::Secret(Digest([3; 32])))
            .await?;
        store.staff_by_email(practice, &world.owner.email.key()).await?;
        let sign_in = lap.end();
        store.commit(change(world)).await?;
        let commit = lap.end();
        for (all, time) in times.iter_mut().zip([list, search, rare, sign_in, commit]) {
            all.push(time);
        }
    }
    let [list, search, rare, sign_in, commit] = times.map(median);
    Ok(Costs {
        list,
        search,
        rare,
        sign_in,
        commit,
    })
}

struct Lap(Instant);

impl Lap {
    fn begin() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the last end.
    fn end(&mut self) -> f64 {
        let took: Duration = self.0.elapsed();
        self.0 = Instant::now();
        took.as_secs_f64() * 1_000.0
    }
}

pub(crate) fn run(runtime: &Runtime, _plan: Plan<'_>) -> Result<(), Failed> {
    println!("## Growth: milliseconds a question, median of {TIMES}\n");
    println!(
        "| store | practices | documents in one's own | two lists | search, word of all | search, word of none | session and staff member | commit |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    runtime.block_on(async {
        let database = crate::compare::empty_postgres("growth").await?;
        let store = PostgresStore::connect(&database.url, PostgresOptions::default()).await?;
        store.migrate().await?;
        let raw = Raw::Postgres(PgConnection::connect(&database.url).await?);
        grow("PostgreSQL", &store, raw).await?;
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("portal.db");
        let store = SqliteStore::open(&path, SqliteOptions::default()).await?;
        store.migrate().await?;
        let raw = Raw::Sqlite(SqliteConnectOptions::new().filename(&path).connect().await?);
        grow("SQLite", &store, raw).await
    })?;
    println!();
    Ok(())
}

async fn grow(name: &str, store: &dyn Store, mut raw: Raw) -> Result<(), Failed> {
    let world = begin(store).await?;
    let (mut practices, mut documents) = (1, 0);
    let mut steps: Vec<(u32, u32)> = PRACTICES.into_iter().map(|count| (count, DOCUMENTS[0])).collect();
    steps.extend(DOCUMENTS.into_iter().skip(1).map(|count| (PRACTICES[2], count)));
    for (more_practices, more_documents) in steps {
        if more_practices > practices {
            raw.more_practices(more_practices - practices).await?;
            practices = more_practices;
        }
        if more_documents > documents {
            raw.more_documents(more_documents - documents).await?;
            documents = more_documents;
        }
        let costs = ask(store, &world).await?;
        println!(
            "| {name} | {practices} | {documents} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} |",
            costs.list, costs.search, costs.rare, costs.sign_in, costs.commit
        );
    }
    Ok(())
}
