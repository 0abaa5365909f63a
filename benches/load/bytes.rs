//! Files on their way in and out, beside a bare handler that streams, hashes, syncs and renames.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::compare::Filled;
use crate::http::{Connection, count, drive};
use crate::process::Server;
use crate::world::World;
use crate::{Failed, Plan, median};

/// How many files go up at once, and how many each client sends in a measurement.
const TOGETHER: usize = 4;
const EACH: usize = 12;
const FILE: usize = 10 << 20;
/// How large the large file is.
pub(crate) const LARGE: u64 = 1 << 30;
const CHUNK: usize = 1 << 20;
const BOUNDARY: &str = "----portal-load";

fn form_begin() -> String {
    format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"scan.pdf\"\r\n\
         content-type: application/pdf\r\n\r\n"
    )
}

fn form_end() -> String {
    format!("\r\n--{BOUNDARY}--\r\n")
}

/// The head of an upload to the portal.
fn head(world: &World, address: SocketAddr, bytes: u64) -> Result<String, Failed> {
    let cookie = world.cookies.first().ok_or("nobody is signed in")?;
    let length = bytes + (form_begin().len() + form_end().len()) as u64;
    Ok(format!(
        "POST /api/v1/matters/{}/documents HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\ncookie: {cookie}\r\n\
         content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: {length}\r\n\r\n",
        world.matter.id
    ))
}

/// What a PDF looks like from outside.
fn content(bytes: usize) -> Vec<u8> {
    let mut content = b"%PDF-1.7\n".to_vec();
    content.resize(bytes, b'x');
    content
}

pub(crate) fn run(filled: &Filled, plan: Plan<'_>) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let world = &filled.world;
    let bare = Server::bare(folder.path(), &filled.url)?;
    let portal = Server::portal(folder.path(), &filled.url, &[])?;
    let file = content(FILE);
    let to_bare = [
        format!("POST /upload HTTP/1.1\r\nhost: load\r\ncontent-length: {FILE}\r\n\r\n").as_bytes(),
        &file,
    ]
    .concat();
    let to_portal = [
        head(world, portal.address, FILE as u64)?.as_bytes(),
        form_begin().as_bytes(),
        &file,
        form_end().as_bytes(),
    ]
    .concat();
    let (mut plain, mut ours) = (Vec::new(), Vec::new());
    let some = |bytes: &[u8], number: usize| (number < EACH).then(|| bytes.to_vec());
    for _ in 0..plan.rounds {
        for (server, bytes, status, rates) in [
            (&bare, &to_bare, 200, &mut plain),
            (&portal, &to_portal, 201, &mut ours),
        ] {
            let outcome = drive(
                server.address,
                TOGETHER,
                Duration::from_mins(5),
                status,
                |_, number| some(bytes, number),
            )?;
            if let Some(wrong) = outcome.wrong {
                return Err(wrong.into());
            }
            rates.push(outcome.rate() * count(FILE) / 1e6);
        }
    }
    let (plain, ours) = (median(plain), median(ours));
    println!("## Files\n");
    println!("| work | bare MB/s | portal MB/s | ratio | memory while it runs |");
    println!("| --- | --- | --- | --- | --- |");
    println!(
        "| 10 MB up, {TOGETHER} at once | {plain:.0} | {ours:.0} | {:.2} | |",
        ours / plain
    );

    let head_of_bare = format!("POST /upload HTTP/1.1\r\nhost: load\r\ncontent-length: {LARGE}\r\n\r\n");
    let (mut up, mut down) = (Compared::default(), Compared::default());
    for _ in 0..plan.rounds {
        let (plain, answer) = large(&bare, &head_of_bare, "", "")?;
        let stored = String::from_utf8(answer)?;
        let name = stored.split(' ').next().unwrap_or_default();
        let (ours, memory, id) = upload_large(world, &portal)?;
        up.add(plain, ours, memory);

        let asked = format!("GET /download/{name} HTTP/1.1\r\nhost: load\r\n\r\n");
        let plain = download(&bare, asked.as_bytes())?;
        let cookie = world.cookies.first().ok_or("nobody is signed in")?;
        let path = format!("/api/v1/documents/{id}/content");
        let memory = Memory::of(&portal)?;
        let ours = download(
            &portal,
            &crate::compare::request("GET", &path, portal.address, cookie, None),
        )?;
        down.add(plain, ours, memory.more()?);
        // The disk need not hold the files of all rounds.
        std::fs::remove_file(folder.path().join(name))?;
    }
    up.print("1 GiB up");
    down.print("1 GiB down");
    println!();
    Ok(())
}

/// A large file's rates, in MB/s, and the most memory, in MiB, that the portal took more.
#[derive(Default)]
struct Compared {
    plain: Vec<f64>,
    ours: Vec<f64>,
    memory: u64,
}

impl Compared {
    fn add(&mut self, plain: f64, ours: f64, memory: u64) {
        self.plain.push(plain);
        self.ours.push(ours);
        self.memory = self.memory.max(memory);
    }

    fn print(self, work: &str) {
        let (plain, ours, memory) = (median(self.plain), median(self.ours), self.memory);
        println!(
            "| {work} | {plain:.0} | {ours:.0} | {:.2} | +{memory} MiB |",
            ours / plain
        );
    }
}

/// Sends a file of [`LARGE`] bytes; answers MB/s and the answer's beginning.
fn large(server: &Server, head: &str, begin: &str, end: &str) -> Result<(f64, Vec<u8>), Failed> {
    let mut connection = Connection::open(server.address)?;
    let chunk = content(CHUNK);
    let begun = Instant::now();
    connection.send(head.as_bytes())?;
    connection.send(begin.as_bytes())?;
    for _ in 0..LARGE / CHUNK as u64 {
        connection.send(&chunk)?;
    }
    connection.send(end.as_bytes())?;
    let answer = connection.answer()?;
    if !(200..300).contains(&answer.status) {
        return Err(format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.start)).into());
    }
    Ok((megabytes(begun), answer.start))
}

fn megabytes(begun: Instant) -> f64 {
    f64::from(u32::try_from(LARGE / 1_000_000).unwrap_or(u32::MAX)) / begun.elapsed().as_secs_f64()
}

/// How much more memory the server takes, in MiB, than before.
struct Memory<'a> {
    server: &'a Server,
    before: u64,
}

impl<'a> Memory<'a> {
    fn of(server: &'a Server) -> Result<Self, Failed> {
        // The peak begins anew (proc(5), clear_refs).
        std::fs::write(format!("/proc/{}/clear_refs", server.pid()), "5")?;
        let before = server.kib("VmRSS")?;
        Ok(Self { server, before })
    }

    fn more(&self) -> Result<u64, Failed> {
        Ok(self.server.kib("VmHWM")?.saturating_sub(self.before) / 1024)
    }
}

/// Sends the portal a large file; answers MB/s, the memory it took, and the document's id.
pub(crate) fn upload_large(world: &World, portal: &Server) -> Result<(f64, u64, String), Failed> {
    let memory = Memory::of(portal)?;
    let (rate, answer) = large(
        portal,
        &head(world, portal.address, LARGE)?,
        &form_begin(),
        &form_end(),
    )?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (_, rest) = text.split_once("\"id\":\"").ok_or("no document came of it")?;
    let id = rest.split('"').next().unwrap_or_default().to_owned();
    Ok((rate, memory.more()?, id))
}

/// Asks for a file of [`LARGE`] bytes and reads it; answers MB/s.
fn download(server: &Server, asked: &[u8]) -> Result<f64, Failed> {
    let begun = Instant::now();
    let answer = Connection::open(server.address)?.ask(asked)?;
    if answer.status != 200 || answer.length != LARGE {
        return Err(format!("{}, {} bytes", answer.status, answer.length).into());
    }
    Ok(megabytes(begun))
}
