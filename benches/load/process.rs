//! The processes that are measured: started, looked at from outside, and ended by their own id.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failed;
use crate::http::Connection;

/// A server of ours, ended when it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// How long it took until it answered.
    pub(crate) ready_after: Duration,
}

/// A port that nobody listens on at the moment.
fn free_port() -> Result<SocketAddr, Failed> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// The program of this name beside the one that runs.
fn beside(name: &str) -> Result<PathBuf, Failed> {
    let path = std::env::current_exe()?.with_file_name(name);
    if path.exists() {
        Ok(path)
    } else {
        Err(format!("{} is not built: run scripts/load", path.display()).into())
    }
}

impl Server {
    /// The portal as it comes, on this database.
    pub(crate) fn portal(folder: &Path, database: &str, more: &[(&str, &str)]) -> Result<Self, Failed> {
        let address = free_port()?;
        let mut command = portal_server(folder, database)?;
        command
            .arg("serve")
            .env("PORTAL__SERVER__LISTEN", address.to_string())
            .envs(more.iter().copied())
            .stderr(File::create(folder.join("server.log"))?);
        Self::start(command, address, &folder.join("server.log"))
    }

    /// The bare handlers, in this program.
    pub(crate) fn bare(folder: &Path, database: &str) -> Result<Self, Failed> {
        let address = free_port()?;
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("bare")
            .arg(address.to_string())
            .arg(database)
            .arg(folder)
            .stderr(File::create(folder.join("bare.log"))?);
        Self::start(command, address, &folder.join("bare.log"))
    }

    fn start(mut command: Command, address: SocketAddr, log: &Path) -> Result<Self, Failed> {
        let begun = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        let mut server = Self {
            child,
            address,
            ready_after: Duration::ZERO,
        };
        loop {
            let asked = Connection::open(address)
                .and_then(|mut c| c.ask(b"GET /readyz HTTP/1.1\r\nhost: load\r\n\r\n"));
            if asked.is_ok_and(|answer| answer.status == 200) {
                server.ready_after = begun.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                let said = std::fs::read_to_string(log).unwrap_or_default();
                return Err(format!("the server ended before it was ready: {status}\n{said}").into());
            }
            if begun.elapsed() > Duration::from_secs(30) {
                return Err("the server is not ready after 30 seconds".into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn kib(&self, name: &str) -> Result<u64, Failed> {
        kib(self.pid(), name)
    }

    /// Lets it do nothing at all, its worker neither, while something else is measured.
    pub(crate) fn pause(&self) -> Result<(), Failed> {
        self.signal("STOP")
    }

    /// Lets it go on.
    pub(crate) fn go_on(&self) -> Result<(), Failed> {
        self.signal("CONT")
    }

    fn signal(&self, signal: &str) -> Result<(), Failed> {
        let mut kill = Command::new("kill");
        let status = kill
            .arg(format!("-{signal}"))
            .arg(self.pid().to_string())
            .status()?;
        status
            .success()
            .then_some(())
            .ok_or_else(|| format!("kill: {status}").into())
    }
}

/// The portal's program, with the settings that every command needs.
fn portal_server(folder: &Path, database: &str) -> Result<Command, Failed> {
    let mut command = Command::new(beside("portal-server")?);
    command
        .current_dir(folder)
        .env("PORTAL__SERVER__DATA_DIR", folder)
        .env("PORTAL__SERVER__PRODUCTION", "false")
        .env("PORTAL__DATABASE__URL", database)
        .env("PORTAL__SECRETS__MASTER_KEY", crate::world::master_key_hex());
    Ok(command)
}

/// A line of `/proc/PID/status` in KiB: `VmRSS`, `VmHWM`.
fn kib(pid: u32, name: &str) -> Result<u64, Failed> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find(|line| line.starts_with(name))
        .ok_or("no such line")?;
    Ok(line.split_whitespace().nth(1).ok_or("no number")?.parse()?)
}

/// `portal-server import` on its way.
pub(crate) struct Import {
    child: Child,
    log: PathBuf,
}

impl Import {
    pub(crate) fn start(folder: &Path, database: &str, file: &Path) -> Result<Self, Failed> {
        let log = folder.join("import.log");
        let mut command = portal_server(folder, database)?;
        command.arg("import").arg(file);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?);
        let child = command.spawn()?;
        Ok(Self { child, log })
    }

    pub(crate) fn kib(&self, name: &str) -> Result<u64, Failed> {
        kib(self.child.id(), name)
    }

    /// Whether it has ended, which it must do well.
    pub(crate) fn ended(&mut self) -> Result<bool, Failed> {
        match self.child.try_wait()? {
            None => Ok(false),
            Some(status) if status.success() => Ok(true),
            Some(status) => {
                let said = std::fs::read_to_string(&self.log).unwrap_or_default();
                Err(format!("the import ended with {status}\n{said}").into())
            }
        }
    }
}

impl Drop for Import {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time in milliseconds, used by `pid` and, with `and_children`, by all it started.
pub(crate) fn cpu_ms(pid: u32, and_children: bool) -> Result<f64, Failed> {
    let mut ticks = 0;
    for entry in std::fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(other) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // A process that ended meanwhile is counted by its parent from then on.
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{other}/stat")) else {
            continue;
        };
        // The name in parentheses may hold anything.
        let Some((_, fields)) = stat.rsplit_once(')') else {
            continue;
        };
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let field = |at: usize| {
            fields
                .get(at)
                .and_then(|text| text.parse::<u64>().ok())
                .unwrap_or(0)
        };
        let parent = field(1);
        if other == pid {
            ticks += field(11) + field(12);
            if and_children {
                ticks += field(13) + field(14);
            }
        } else if and_children && parent == u64::from(pid) {
            ticks += field(11) + field(12);
        }
    }
    // USER_HZ is 100 on every Linux that Rust runs on.
    #[expect(clippy::cast_precision_loss, reason = "hours of processor time fit")]
    Ok(ticks as f64 * 10.0)
}

/// The process that a process was started by.
pub(crate) fn parent_of(pid: u32) -> Result<u32, Failed> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no name")?;
    Ok(fields.split_whitespace().nth(1).ok_or("no parent")?.parse()?)
}
