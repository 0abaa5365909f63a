//! The server under test: started, killed, ended.

use std::fs::File;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::place::Place;

pub const PASSWORD: &str = "correct horse battery staple";
pub const OWNER: &str = "owner@campaign.test";
const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;

/// How the process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At a fail point.
    Died,
    /// By the driver.
    Killed,
    /// By itself, as it was told.
    Closed,
}

pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the process until it said that it is ready.
    pub took: Duration,
}

/// What a server is started with.
pub struct Setup {
    pub program: PathBuf,
    pub config: PathBuf,
    pub clock: PathBuf,
    pub log: PathBuf,
}

impl Setup {
    pub fn write(program: &Path, place: &Place, mail: SocketAddr, texts: SocketAddr) -> Self {
        let config = place.folder.join("portal.toml");
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nproduction = false\ndata_dir = \"{}\"\n\
             trusted_proxies = [\"127.0.0.1\"]\n[database]\nurl = \"{}\"\n\
             [smtp]\nurl = \"smtp://{mail}\"\nfrom = \"portal@campaign.test\"\n\
             [sms]\nprovider = \"twilio\"\naccount = \"ACcampaign\"\nsecret = \"token\"\n\
             from = \"+61480000000\"\nper_second = 1000\nurl = \"http://{texts}\"\n\
             [secrets]\nmaster_key = \"{}\"\n[log]\nlevel = \"warn\"\n",
            place.folder.join("data").display(),
            place.url,
            "8f1d3c5a7be924607d0e9a4cb1f2685339d7ae10c4b85f6273e1904adc56b72f",
        );
        std::fs::write(&config, text).unwrap();
        let setup = Self {
            program: program.to_owned(),
            config,
            clock: place.folder.join("clock"),
            log: place.folder.join("server.log"),
        };
        setup.set_clock(0);
        setup
    }

    /// Moves the server's clock. Renamed into place, so that no half of it is ever read.
    pub fn set_clock(&self, seconds: u64) {
        let new = self.clock.with_extension("new");
        std::fs::write(&new, seconds.to_string()).unwrap();
        std::fs::rename(&new, &self.clock).unwrap();
    }

    fn command(&self, command: &str) -> Command {
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        let mut started = Command::new(&self.program);
        started
            .args([command, "--config"])
            .arg(&self.config)
            .env_remove("FAILPOINTS")
            .env_remove("PORTAL_DIE_AT")
            .env("PORTAL_CLOCK_AHEAD", &self.clock)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true);
        started
    }

    /// A practice with its owner.
    pub async fn create_owner(&self) {
        let mut child = self
            .command("create-owner")
            .args([
                "--practice",
                "Campaign",
                "--name",
                "Owner",
                "--email",
                OWNER,
                "--password-stdin",
            ])
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(PASSWORD.as_bytes()).await.unwrap();
        drop(input);
        assert!(
            child.wait().await.unwrap().success(),
            "see {}",
            self.log.display()
        );
    }

    /// What `export-audit` prints.
    pub async fn export_audit(&self, arguments: &[&str]) -> String {
        let output = self
            .command("export-audit")
            .args(arguments)
            .output()
            .await
            .unwrap();
        assert!(output.status.success(), "see {}", self.log.display());
        String::from_utf8(output.stdout).unwrap()
    }

    pub async fn start(&self, die_at: Option<&str>, faults: Option<&str>) -> Server {
        let begun = Instant::now();
        let mut command = self.command("serve");
        command.envs(die_at.map(|point| ("PORTAL_DIE_AT", point)));
        command.envs(faults.map(|faults| ("FAILPOINTS", faults)));
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some(address) = line.strip_prefix("ready http://") {
                    return address.parse().unwrap();
                }
            }
            panic!("the server did not start: see {}", self.log.display());
        };
        let address = timeout(Duration::from_mins(1), ready)
            .await
            .expect("the server starts");
        Server {
            child,
            address,
            took: begun.elapsed(),
        }
    }
}

impl Server {
    /// SIGKILL, unless it died before.
    pub async fn kill(mut self) -> End {
        let _ = self.child.start_kill();
        end(self.child.wait().await.unwrap())
    }

    /// SIGTERM, and waits for its end.
    pub async fn close(mut self) -> End {
        if let Some(id) = self.child.id() {
            let _ = Command::new("kill")
                .args(["-TERM", &id.to_string()])
                .status()
                .await;
        }
        let status = timeout(Duration::from_secs(40), self.child.wait()).await;
        end(status.expect("the server ends when it is told to").unwrap())
    }

    /// Whether it died at a fail point already.
    pub fn is_dead(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

fn end(status: ExitStatus) -> End {
    match status.signal() {
        Some(SIGABRT) => End::Died,
        Some(SIGKILL) => End::Killed,
        _ if status.success() => End::Closed,
        _ => panic!("the server ended by itself: {status}"),
    }
}
