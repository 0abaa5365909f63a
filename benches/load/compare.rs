//! The same work by pgbench, by a bare handler and by the portal, in turns.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use portal_core::Store;
use portal_store_postgres::{PostgresOptions, PostgresStore};
use portal_store_sqlite::{SqliteOptions, SqliteStore};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tokio::runtime::Runtime;

use crate::http::{count, drive};
use crate::process::{Server, cpu_ms, parent_of};
use crate::statements::{Script, Statements};
use crate::world::World;
use crate::{Failed, Plan, median, pgbench};

/// How many rows the single-use UPDATE of pgbench picks from.
const ONCE: u32 = 500_000;

/// The throw-away server, a database in it that is filled, and what was written there.
pub(crate) struct Filled {
    pub(crate) url: String,
    pub(crate) world: World,
    pub(crate) postmaster: u32,
}

/// A database of its own on the throw-away server.
pub(crate) struct Empty {
    pub(crate) url: String,
    postmaster: u32,
}

/// Makes an empty one.
pub(crate) async fn empty_postgres(what: &str) -> Result<Empty, Failed> {
    let admin = std::env::var("PORTAL_TEST_POSTGRES").map_err(|_| "run it with scripts/load")?;
    let mut connection = PgConnection::connect(&admin).await?;
    let name = format!("portal_{what}_{}", std::process::id());
    let sql = format!("CREATE DATABASE {name}");
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(&mut connection)
        .await?;
    let postmaster = parent_of(u32::try_from(backend)?)?;
    let (server, _) = admin
        .rsplit_once('/')
        .ok_or("the server's address names no database")?;
    Ok(Empty {
        url: format!("{server}/{name}"),
        postmaster,
    })
}

/// Makes and fills a database of its own on the throw-away server.
pub(crate) async fn fill_postgres() -> Result<Filled, Failed> {
    let Empty { url, postmaster } = empty_postgres("load").await?;
    let store = PostgresStore::connect(&url, PostgresOptions::default()).await?;
    store.migrate().await?;
    let mut world = World::new();
    world.fill(&store).await?;
    store.close().await;
    let mut connection = PgConnection::connect(&url).await?;
    // One by one: VACUUM refuses to share a transaction.
    for sql in [
        "CREATE TABLE once (id BIGINT PRIMARY KEY, used_at TIMESTAMPTZ)".to_owned(),
        format!("INSERT INTO once SELECT n, NULL FROM generate_series(1, {ONCE}) AS n"),
        "CREATE TABLE first AS SELECT id FROM request".to_owned(),
        "VACUUM ANALYZE".to_owned(),
        "CHECKPOINT".to_owned(),
    ] {
        connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    }
    Ok(Filled {
        url,
        world,
        postmaster,
    })
}

/// What a request costs.
struct Measured {
    rate: f64,
    cpu: f64,
    p99: f64,
}

/// One kind of work: how each of the three does it.
struct Work<'a> {
    name: &'static str,
    script: Script,
    bare: Option<(&'static str, &'static str, u16)>,
    portal: Box<dyn Fn(SocketAddr, usize, usize) -> Option<Vec<u8>> + Sync + 'a>,
    status: u16,
}

/// A request as a browser sends it.
pub(crate) fn request(
    method: &str,
    path: &str,
    address: SocketAddr,
    cookie: &str,
    body: Option<(&str, &str)>,
) -> Vec<u8> {
    let body = body.map_or_else(
        || "\r\n".to_owned(),
        |(kind, body)| {
            format!(
                "content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
        },
    );
    let origin = if method == "GET" {
        String::new()
    } else {
        format!("origin: http://{address}\r\n")
    };
    format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\n{origin}{body}").into_bytes()
}

fn list(world: &World, address: SocketAddr, client: usize) -> Option<Vec<u8>> {
    let cookie = world.cookies.get(client % world.cookies.len())?;
    Some(request("GET", "/api/v1/matters?limit=25", address, cookie, None))
}

fn record(world: &World, address: SocketAddr, client: usize) -> Option<Vec<u8>> {
    let cookie = world.cookies.get(client % world.cookies.len())?;
    let path = format!("/api/v1/matters/{}/requests?limit=50", world.matter.id);
    Some(request("GET", &path, address, cookie, None))
}

fn change(world: &World, address: SocketAddr, client: usize) -> Option<Vec<u8>> {
    let cookie = world.cookies.get(client % world.cookies.len())?;
    let path = format!("/api/v1/matters/{}/requests", world.matter.id);
    let body = format!(
        r#"{{"client_id":"{}","title":"Passport","group":"Identity"}}"#,
        world.client.id
    );
    Some(request(
        "POST",
        &path,
        address,
        cookie,
        Some(("application/json", &body)),
    ))
}

/// The same, each time for another client, who is told by mail.
fn change_and_tell(world: &World, address: SocketAddr, client: usize, number: usize) -> Option<Vec<u8>> {
    let cookie = world.cookies.get(client % world.cookies.len())?;
    let (matter, client) = world.reader(number * world.cookies.len() + client)?;
    let path = format!("/api/v1/matters/{matter}/requests");
    let body = format!(r#"{{"client_id":"{client}","title":"Passport","group":"Identity"}}"#);
    let body = Some(("application/json", body.as_str()));
    Some(request("POST", &path, address, cookie, body))
}

/// Links that are confirmed one after the other, by whoever comes.
struct Links {
    tokens: Vec<String>,
    browser: String,
    next: Mutex<usize>,
}

impl Links {
    fn confirm(&self, address: SocketAddr) -> Option<Vec<u8>> {
        let number = {
            let mut next = self.next.lock().ok()?;
            *next += 1;
            *next - 1
        };
        let path = format!("/p/sign-in/{}", self.tokens.get(number)?);
        Some(request(
            "POST",
            &path,
            address,
            &self.browser,
            Some(("application/x-www-form-urlencoded", "")),
        ))
    }
}

pub(crate) fn on_postgres(runtime: &Runtime, filled: &Filled, plan: Plan<'_>) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let (url, world) = (filled.url.as_str(), &filled.world);
    let statements = runtime.block_on(Statements::listen(url, world))?;
    let script =
        |name: &str, statements: &[_], writes| Script::of(statements, writes, &folder.path().join(name));
    let once = Script {
        path: folder.path().join("once.sql"),
        variables: Vec::new(),
    };
    let text = format!(
        "\\set n random(1, {ONCE})\nUPDATE once SET used_at = now() WHERE id = :n AND used_at IS NULL RETURNING id;\n"
    );
    std::fs::write(&once.path, text)?;
    let links = Mutex::new(Links {
        tokens: Vec::new(),
        browser: String::new(),
        next: Mutex::new(0),
    });
    let works = [
        Work {
            name: "list of 25 of 10,000 matters",
            script: script("list.sql", &statements.list, false)?,
            bare: Some(("GET", "/list", 200)),
            portal: Box::new(|address, client, _| list(world, address, client)),
            status: 200,
        },
        Work {
            name: "one matter with its 50 requests",
            script: script("record.sql", &statements.record, false)?,
            bare: Some(("GET", "/record", 200)),
            portal: Box::new(|address, client, _| record(world, address, client)),
            status: 200,
        },
        Work {
            name: "change + audit entry + event",
            script: script("change.sql", &statements.change, true)?,
            bare: Some(("POST", "/change", 201)),
            portal: Box::new(|address, client, _| change(world, address, client)),
            status: 201,
        },
        Work {
            name: "the same, and a mail to the client",
            script: script("told.sql", &statements.change, true)?,
            bare: None,
            portal: Box::new(|address, client, number| change_and_tell(world, address, client, number)),
            status: 201,
        },
        Work {
            name: "a sign-in link redeemed",
            script: once,
            bare: None,
            portal: Box::new(|address, _, _| links.lock().ok()?.confirm(address)),
            status: 303,
        },
    ];
    take_turns(runtime, filled, &works, &links, folder.path(), plan)
}

/// Lets pgbench, the bare handlers and the portal do each kind of work in turns.
fn take_turns(
    runtime: &Runtime,
    filled: &Filled,
    works: &[Work<'_>],
    links: &Mutex<Links>,
    folder: &Path,
    plan: Plan<'_>,
) -> Result<(), Failed> {
    let Filled {
        url,
        world,
        postmaster,
    } = filled;
    let (url, postmaster) = (url.as_str(), *postmaster);
    println!("## PostgreSQL\n");
    println!(
        "| work | pgbench /s | bare /s | portal /s | portal : pgbench | portal : bare | CPU-ms bare | CPU-ms portal | p99 ms |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let portal = Server::portal(folder, url, &[])?;
    let bare = Server::bare(folder, url)?;
    let cookie = world.cookies.first().map(String::as_str).unwrap_or_default();
    let store = runtime.block_on(PostgresStore::connect(url, PostgresOptions::default()))?;
    let settle = || runtime.block_on(everything_is_as_before(url));
    for work in works.iter().filter(|work| work.name.contains(plan.work)) {
        let (mut bench, mut plain, mut ours) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..plan.rounds {
            // All three write events, which the portal's worker plans: nobody shall be measured beside that.
            settle()?;
            portal.pause()?;
            bench.push(pgbench::rate(url, &work.script, plan.clients, plan.length)?);
            portal.go_on()?;
            settle()?;
            if let Some((method, path, status)) = work.bare {
                let asked = request(
                    method,
                    path,
                    bare.address,
                    cookie,
                    (method == "POST").then_some(("text/plain", "")),
                );
                let asks = |_, _| Some(asked.clone());
                portal.pause()?;
                plain.push(measure(plan, &bare, Some(postmaster), status, asks, || Ok(()))?);
                portal.go_on()?;
                settle()?;
            }
            if work.status == 303 {
                let (tokens, browser) = runtime.block_on(world.links(&store))?;
                *links.lock().map_err(|_| "a client panicked")? = Links {
                    tokens,
                    browser,
                    next: Mutex::new(0),
                };
            }
            let address = portal.address;
            ours.push(measure(
                plan,
                &portal,
                Some(postmaster),
                work.status,
                |client, number| (work.portal)(address, client, number),
                || runtime.block_on(nothing_waits(url)),
            )?);
            settle()?;
        }
        let of = |all: &[Measured], what: fn(&Measured) -> f64| median(all.iter().map(what).collect());
        let (bench, bare, rate) = (median(bench), of(&plain, |m| m.rate), of(&ours, |m| m.rate));
        println!(
            "| {} | {bench:.0} | {bare:.0} | {rate:.0} | {:.2} | {:.2} | {:.3} | {:.3} | {:.1} |",
            work.name,
            rate / bench,
            rate / bare,
            of(&plain, |m| m.cpu),
            of(&ours, |m| m.cpu),
            of(&ours, |m| m.p99),
        );
    }
    runtime.block_on(store.close());
    println!();
    Ok(())
}

/// Whether something that happened is left to the portal's worker.
const WAITING: &str = "SELECT EXISTS (SELECT 1 FROM event WHERE state = 'pending') \
                       OR EXISTS (SELECT 1 FROM delivery WHERE state IN ('queued', 'sending'))";

/// Waits for the portal's worker.
async fn nothing_waits(url: &str) -> Result<(), Failed> {
    let mut connection = PgConnection::connect(url).await?;
    let begun = Instant::now();
    while sqlx::query_scalar(WAITING).fetch_one(&mut connection).await? {
        worker_has_time(begun).await?;
    }
    Ok(())
}

/// Waits for the portal's worker, and takes away what was added: no turn begins with what an earlier one left.
async fn everything_is_as_before(url: &str) -> Result<(), Failed> {
    nothing_waits(url).await?;
    let mut connection = PgConnection::connect(url).await?;
    let added = "DELETE FROM request WHERE NOT EXISTS (SELECT FROM first WHERE first.id = request.id)";
    if connection.execute(added).await?.rows_affected() > 0 {
        connection.execute("VACUUM request").await?;
    }
    Ok(())
}

/// The same on SQLite, where nothing has to be taken away: what adds comes last.
async fn everything_is_planned(path: &Path) -> Result<(), Failed> {
    let mut connection = SqliteConnectOptions::new().filename(path).connect().await?;
    let begun = Instant::now();
    while sqlx::query_scalar(WAITING).fetch_one(&mut connection).await? {
        worker_has_time(begun).await?;
    }
    Ok(())
}

async fn worker_has_time(begun: Instant) -> Result<(), Failed> {
    if begun.elapsed() > Duration::from_mins(10) {
        return Err("the worker does not catch up".into());
    }
    // Looking costs the database something too.
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(())
}

/// Lets all clients work, waits for what they leave `behind`, and tells what a request cost with that.
fn measure(
    plan: Plan<'_>,
    server: &Server,
    postmaster: Option<u32>,
    status: u16,
    request: impl Fn(usize, usize) -> Option<Vec<u8>> + Sync,
    behind: impl Fn() -> Result<(), Failed>,
) -> Result<Measured, Failed> {
    let cpu = || -> Result<f64, Failed> {
        let database = postmaster
            .map(|pid| cpu_ms(pid, true))
            .transpose()?
            .unwrap_or(0.0);
        Ok(cpu_ms(server.pid(), false)? + database)
    };
    let before = cpu()?;
    let outcome = drive(server.address, plan.clients, plan.length, status, request)?;
    behind()?;
    let spent = cpu()? - before;
    if outcome.refused > 0 {
        return Err("the server refused work that it should have done".into());
    }
    if let Some(wrong) = outcome.wrong {
        return Err(format!("an answer was not as expected: {wrong}").into());
    }
    Ok(Measured {
        rate: outcome.rate(),
        cpu: spent / count(outcome.answers),
        p99: outcome.within(0.99),
    })
}

pub(crate) fn on_sqlite(runtime: &Runtime, plan: Plan<'_>) -> Result<(), Failed> {
    type Asks = fn(&World, SocketAddr, usize) -> Option<Vec<u8>>;
    let folder = tempfile::tempdir()?;
    let (world, url) = runtime.block_on(fill_sqlite(folder.path()))?;
    let portal = Server::portal(folder.path(), &url, &[])?;
    println!("## SQLite\n");
    println!("| work | portal /s | CPU-ms | p99 ms |");
    println!("| --- | --- | --- | --- |");
    let works: [(&str, Asks, u16); 3] = [
        ("list of 25 of 10,000 matters", list, 200),
        ("one matter with its 50 requests", record, 200),
        ("change + audit entry + event", change, 201),
    ];
    for (name, work, status) in works.into_iter().filter(|(name, ..)| name.contains(plan.work)) {
        let mut all = Vec::new();
        for _ in 0..plan.rounds {
            let asks = |client, _| work(&world, portal.address, client);
            let settle = || runtime.block_on(everything_is_planned(&folder.path().join("portal.db")));
            all.push(measure(plan, &portal, None, status, asks, settle)?);
        }
        let of = |what: fn(&Measured) -> f64| median(all.iter().map(what).collect());
        println!(
            "| {name} | {:.0} | {:.3} | {:.1} |",
            of(|m| m.rate),
            of(|m| m.cpu),
            of(|m| m.p99)
        );
    }
    println!();
    Ok(())
}

/// Makes and fills a database in `folder`; answers its address too.
pub(crate) async fn fill_sqlite(folder: &Path) -> Result<(World, String), Failed> {
    let path = folder.join("portal.db");
    let store = SqliteStore::open(&path, SqliteOptions::default()).await?;
    store.migrate().await?;
    let mut world = World::new();
    world.fill(&store as &dyn Store).await?;
    store.close().await;
    Ok((world, format!("sqlite:{}", path.display())))
}
