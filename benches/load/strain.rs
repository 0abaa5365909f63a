//! What becomes of pages while the server has other things to do, and of the server when there is too much.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::compare::{Filled, request};
use crate::http::{Connection, Outcome, drive};
use crate::process::Server;
use crate::world::World;
use crate::{Failed, Plan};

/// How many sockets send a byte now and then.
const SLOW: usize = 2_000;
/// How many clients ask at once when it is too much.
const CROWD: usize = 640;

pub(crate) fn run(filled: &Filled, plan: Plan<'_>) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let world = &filled.world;
    println!("## Under strain\n");
    println!("| what | measured |");
    println!("| --- | --- |");
    start(filled, folder.path())?;
    // Whoever counts tries by network sees one for each address here.
    let more = [("PORTAL__SERVER__TRUSTED_PROXIES", "127.0.0.1")];
    let portal = Server::portal(folder.path(), &filled.url, &more)?;
    while_busy(world, &portal, plan)?;
    slow_sockets(&portal, plan)?;
    drop(portal);
    too_much(world, folder.path(), &filled.url, plan)?;
    println!();
    Ok(())
}

fn start(filled: &Filled, folder: &std::path::Path) -> Result<(), Failed> {
    let begun = Instant::now();
    let portal = Server::portal(folder, &filled.url, &[])?;
    let cookie = filled.world.cookies.first().ok_or("nobody is signed in")?;
    let page = request("GET", "/staff/matters", portal.address, cookie, None);
    let answer = Connection::open(portal.address)?.ask(&page)?;
    let took = begun.elapsed();
    if answer.status != 200 {
        return Err(format!("the first page: {}", answer.status).into());
    }
    println!(
        "| first page after start, existing store | {} ms |",
        took.as_millis()
    );
    println!("| memory after it | {} MiB |", portal.kib("VmRSS")? / 1024);
    Ok(())
}

/// One person who goes from page to page.
fn visit(world: &World, portal: &Server, length: Duration) -> Result<Outcome, Failed> {
    let cookie = world.cookies.get(1).ok_or("nobody is signed in")?;
    let page = request("GET", "/staff/matters", portal.address, cookie, None);
    drive(portal.address, 1, length, 200, |_, _| Some(page.clone()))
}

fn while_busy(world: &World, portal: &Server, plan: Plan<'_>) -> Result<(), Failed> {
    crate::bytes::upload_large(world, portal)?;
    let quiet = visit(world, portal, plan.length)?;
    let stop = AtomicBool::new(false);
    let (hashed, networks) = (AtomicU32::new(0), AtomicU32::new(0));
    let address = portal.address;
    let strained = std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let network = networks.fetch_add(1, Ordering::Relaxed);
                    // A password that was looked at, and is wrong.
                    if let Ok(401) = try_password(world, address, network) {
                        hashed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        scope.spawn(|| {
            let cookie = world.cookies.first().map(String::as_str).unwrap_or_default();
            let path = format!("/api/v1/matters/{}/documents.zip", world.matter.id);
            let archive = request("GET", &path, address, cookie, None);
            while !stop.load(Ordering::Relaxed) {
                let _ = Connection::open(address).and_then(|mut connection| connection.ask(&archive));
            }
        });
        let strained = visit(world, portal, plan.length * 2);
        stop.store(true, Ordering::Relaxed);
        strained
    })?;
    let (before, during) = (quiet.within(0.99), strained.within(0.99));
    println!(
        "| p99 of a page while 8 passwords hash ({} of them) and a 1 GiB zip streams | {during:.1} ms, {:.1} times its quiet {before:.1} ms |",
        hashed.load(Ordering::Relaxed),
        during / before
    );
    Ok(())
}

fn try_password(world: &World, address: SocketAddr, network: u32) -> Result<u16, Failed> {
    let body = format!(
        r#"{{"practice_id":"{}","email":"{}","password":"wrong and long enough"}}"#,
        world.samples.practice,
        world.owner.email.as_str()
    );
    let [_, a, b, c] = network.to_be_bytes();
    let head = format!(
        "POST /api/v1/auth/sign-in HTTP/1.1\r\nhost: {address}\r\nx-forwarded-for: 10.{a}.{b}.{c}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    Ok(Connection::open(address)?.ask(head.as_bytes())?.status)
}

fn slow_sockets(portal: &Server, plan: Plan<'_>) -> Result<(), Failed> {
    let address = portal.address;
    let stop = AtomicBool::new(false);
    let open = AtomicU32::new(0);
    let health = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut sockets: Vec<TcpStream> = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                sockets.retain_mut(|socket| socket.write_all(b"x").is_ok());
                while sockets.len() < SLOW && !stop.load(Ordering::Relaxed) {
                    let Ok(mut socket) = TcpStream::connect(address) else {
                        break;
                    };
                    let _ = socket.write_all(b"GET / HTTP/1.1\r\nx: ");
                    sockets.push(socket);
                }
                open.store(
                    u32::try_from(sockets.len()).unwrap_or(u32::MAX),
                    Ordering::Relaxed,
                );
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        let begun = Instant::now();
        while open.load(Ordering::Relaxed) < u32::try_from(SLOW).unwrap_or(u32::MAX)
            && begun.elapsed().as_secs() < 60
        {
            std::thread::sleep(Duration::from_millis(10));
        }
        let health = drive(address, 1, plan.length * 3, 200, |_, _| {
            Some(b"GET /healthz HTTP/1.1\r\nhost: load\r\n\r\n".to_vec())
        });
        stop.store(true, Ordering::Relaxed);
        health
    })?;
    println!(
        "| p99 of /healthz beside {} slow sockets | {:.1} ms, longest {:.1} ms |",
        open.load(Ordering::Relaxed),
        health.within(0.99),
        health.within(1.0)
    );
    Ok(())
}

/// So many more clients than there are places that most must be refused.
fn too_much(world: &World, folder: &std::path::Path, url: &str, plan: Plan<'_>) -> Result<(), Failed> {
    // All clients are of one network here, which may take all places for once.
    let more = [
        ("PORTAL__LIMITS__REQUESTS", "64"),
        ("PORTAL__LIMITS__NETWORK_SHARE", "100"),
        ("PORTAL__LIMITS__SESSION_SHARE", "100"),
    ];
    let portal = Server::portal(folder, url, &more)?;
    let list = |client: usize| {
        let cookie = world.cookies.get(client % world.cookies.len())?;
        Some(request(
            "GET",
            "/api/v1/matters?limit=25",
            portal.address,
            cookie,
            None,
        ))
    };
    let quiet = drive(portal.address, 16, plan.length, 200, |client, _| list(client))?;
    let crowded = drive(portal.address, CROWD, plan.length, 200, |client, _| list(client))?;
    let ended = Instant::now();
    let normal_after = loop {
        let after = drive(
            portal.address,
            16,
            Duration::from_millis(500),
            200,
            |client, _| list(client),
        )?;
        if after.within(0.99) < quiet.within(0.99) * 2.0 && after.wrong.is_none() {
            break ended.elapsed();
        }
        if ended.elapsed() > Duration::from_mins(1) {
            return Err("the server did not get back to normal in a minute".into());
        }
    };
    println!(
        "| {CROWD} clients at once, places for 64 | {:.0} answers/s beside {:.0} refusals/s (503 with Retry-After: {}); with 16 clients {:.0} answers/s; \
         normal again after {:.1} s at most |",
        crowded.rate(),
        f64::from(u32::try_from(crowded.refused).unwrap_or(u32::MAX)) / crowded.seconds,
        if crowded.wrong.is_none() { "all" } else { "NOT all" },
        quiet.rate(),
        normal_after.as_secs_f64()
    );
    Ok(())
}
