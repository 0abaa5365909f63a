//! What an import of many rows costs, beside bare inserts of the same clients.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portal_core::client::{Client, Passport};
use portal_core::policy::Role;
use portal_core::testing::{Samples, save};
use portal_core::text::{Email, Phone};
use portal_core::{Change, Clock, Store, SystemClock};
use portal_store_postgres::{PostgresOptions, PostgresStore};
use portal_store_sql::{Dialect, Statement, arguments, steps};
use portal_store_sqlite::{SqliteOptions, SqliteStore};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Postgres, Sqlite};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::Failed;
use crate::compare::empty_postgres;
use crate::process::Import;

const ROWS: usize = 100_000;
/// How many bare inserts are under way at once, as many as the import has rows.
const AT_ONCE: usize = 16;

pub(crate) fn run(runtime: &Runtime) -> Result<(), Failed> {
    println!("## Import of {ROWS} clients\n");
    println!("| store | bare inserts /s | rows imported /s | ratio | memory after a tenth | highest |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let folder = tempfile::tempdir()?;
    let samples = Samples::new(3).at(SystemClock.now());
    let file = folder.path().join("clients.csv");
    write_file(&file)?;

    // Each begins with a database of its own.
    let new_sqlite = |name: &str| {
        let path = folder.path().join(name);
        runtime.block_on(async {
            let store = SqliteStore::open(&path, SqliteOptions::default()).await?;
            store.migrate().await?;
            fill(&store, &samples).await?;
            store.close().await;
            Ok::<_, Failed>(path.clone())
        })
    };
    let path = new_sqlite("portal.db")?;
    let imported = import(folder.path(), &format!("sqlite:{}", path.display()), &file)?;
    let bare = runtime.block_on(bare_sqlite(&new_sqlite("bare.db")?, &samples))?;
    report("SQLite", bare, &imported);

    let new_postgres = |name: &str| {
        runtime.block_on(async {
            let url = empty_postgres(name).await?.url;
            let store = PostgresStore::connect(&url, PostgresOptions::default()).await?;
            store.migrate().await?;
            fill(&store, &samples).await?;
            store.close().await;
            Ok::<_, Failed>(url)
        })
    };
    let imported = import(folder.path(), &new_postgres("import")?, &file)?;
    let bare = runtime.block_on(bare_postgres(&new_postgres("bare")?, &samples))?;
    report("PostgreSQL", bare, &imported);
    println!();
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "rows, and MiB")]
fn report(store: &str, bare: Duration, imported: &Imported) {
    let rate = |took: Duration| ROWS as f64 / took.as_secs_f64();
    println!(
        "| {store} | {:.0} | {:.0} | {:.2} | {} MiB | {} MiB |",
        rate(bare),
        rate(imported.took),
        rate(imported.took) / rate(bare),
        imported.early_kib / 1024,
        imported.most_kib / 1024
    );
}

async fn fill(store: &dyn Store, samples: &Samples) -> Result<(), Failed> {
    save(store, [samples.practice()]).await?;
    Ok(save(store, [samples.staff(Role::Owner)]).await?)
}

fn write_file(path: &Path) -> Result<(), Failed> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    writeln!(file, "reference,given_names,family_name,email,phone")?;
    for number in 0..ROWS {
        let phone = 40_000_000 + number;
        writeln!(
            file,
            "C-{number},Somebody,Number {number},client-{number}@example.test,+614{phone}"
        )?;
    }
    Ok(file.flush()?)
}

struct Imported {
    took: Duration,
    early_kib: u64,
    most_kib: u64,
}

fn import(folder: &Path, url: &str, file: &Path) -> Result<Imported, Failed> {
    let begun = Instant::now();
    let mut process = Import::start(folder, url, file)?;
    let mut seen = Vec::new();
    while !process.ended()? {
        // Gone between two looks, it has no memory any more.
        seen.extend(process.kib("VmRSS").ok());
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(Imported {
        took: begun.elapsed(),
        early_kib: seen.get(seen.len() / 10).copied().unwrap_or_default(),
        most_kib: seen.iter().max().copied().unwrap_or_default(),
    })
}

/// The statement that inserts a client, and nothing else of the change.
fn insert(client: Client, dialect: Dialect) -> Result<Statement, Failed> {
    let change = Change::unaudited(client.practice_id, "a bare insert has no audit entry").save(client);
    let step = steps(&change, dialect)?.into_iter().next();
    Ok(step.ok_or("no statement")?.statement)
}

/// The client of a row of the file.
fn client(samples: &Samples, number: usize) -> Result<Client, Failed> {
    let email = format!("client-{number}@example.test");
    let phone = format!("+614{}", 40_000_000 + number);
    Ok(Client {
        reference: Some(format!("C-{number}")),
        email: Some(Email::parse("email", &email).map_err(|_| "no address")?),
        phone: Some(Phone::parse("phone", &phone, "AU").map_err(|_| "no telephone")?),
        date_of_birth: None,
        nationality: None,
        passport: Passport::default(),
        language: None,
        time_zone: None,
        ..samples.client("Somebody", &format!("Number {number}"))
    })
}

/// Each insert a transaction of its own, one after the other, as SQLite has one writer.
async fn bare_sqlite(path: &PathBuf, samples: &Samples) -> Result<Duration, Failed> {
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .connect()
        .await?;
    let begun = Instant::now();
    for number in 0..ROWS {
        let statement = insert(client(samples, number)?, Dialect::Sqlite)?;
        let arguments = arguments::<Sqlite>(statement.args)?;
        connection
            .execute(sqlx::query_with(AssertSqlSafe(statement.sql), arguments))
            .await?;
    }
    Ok(begun.elapsed())
}

/// Each insert a transaction of its own, so many at once, each on a connection of its own: a pool would ask the server once more
/// around each.
async fn bare_postgres(url: &str, samples: &Samples) -> Result<Duration, Failed> {
    let mut connections = Vec::new();
    for _ in 0..AT_ONCE {
        connections.push(PgConnection::connect(url).await?);
    }
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut writers = JoinSet::new();
    for mut connection in connections {
        let (next, samples) = (Arc::clone(&next), samples.clone());
        writers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= ROWS {
                    return Ok::<(), Failed>(());
                }
                let statement = insert(client(&samples, number)?, Dialect::Postgres)?;
                let arguments = arguments::<Postgres>(statement.args)?;
                connection
                    .execute(sqlx::query_with(AssertSqlSafe(statement.sql), arguments))
                    .await?;
            }
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer??;
    }
    Ok(begun.elapsed())
}
