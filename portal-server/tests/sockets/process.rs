//! The binary, as an operator starts it.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};

use portal_store_postgres::testing::{ThrowAway, Wire};
use tempfile::TempDir;

pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// Random, and of no installation.
const MASTER_KEY: &str = "b3c1f0a94d7e62581f9a0c3be48d5a7716e2f98034cbd1a65f0e7d92c84b3a10";

/// A folder to work in, and the settings that commands find in their environment.
pub(crate) struct Shell {
    pub(crate) folder: TempDir,
    settings: Vec<(String, String)>,
    /// Dropped last: its database goes with it.
    _database: Option<ThrowAway>,
}

pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Shell {
    pub(crate) fn on_sqlite() -> Self {
        Self::new(None)
    }

    /// On an empty database.
    pub(crate) async fn on_postgres() -> Self {
        Self::new(Some(ThrowAway::empty().await))
    }

    /// On an empty database, through a wire that can break.
    pub(crate) async fn behind_a_wire() -> (Self, Wire) {
        let database = ThrowAway::empty().await;
        let wire = Wire::to(&database).await;
        let mut shell = Self::new(Some(database));
        shell.set("PORTAL__DATABASE__URL", wire.url());
        (shell, wire)
    }

    fn new(database: Option<ThrowAway>) -> Self {
        let url = database.as_ref().map(ThrowAway::url);
        let mut shell = Self {
            folder: tempfile::tempdir().unwrap(),
            settings: Vec::new(),
            _database: database,
        };
        shell.set("PORTAL__SERVER__PRODUCTION", "false");
        shell.set("PORTAL__SERVER__LISTEN", "127.0.0.1:0");
        shell.set("PORTAL__SERVER__PUBLIC_URL", crate::wire::ORIGIN);
        shell.set("PORTAL__SERVER__DATA_DIR", "data");
        shell.set("PORTAL__SECRETS__MASTER_KEY", MASTER_KEY);
        if let Some(url) = url {
            shell.set("PORTAL__DATABASE__URL", &url);
        }
        shell
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portal-server"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Said {
        let mut child = self.command(arguments).spawn().unwrap();
        // A command that does not read its input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let Output {
            status,
            stdout,
            stderr,
        } = child.wait_with_output().unwrap();
        Said {
            status: status.code().unwrap(),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }

    pub(crate) fn create_owner(&self, password: &str) -> Said {
        let arguments = [
            "create-owner",
            "--practice",
            "Harbour Migration",
            "--name",
            "Sam Keller",
            "--email",
            "sam@harbour.test",
            "--password-stdin",
        ];
        self.run(&arguments, password)
    }

    /// A server that is ready.
    pub(crate) fn serve(&self) -> Server {
        let mut child = self.command(&["serve"]).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| line.unwrap().strip_prefix("ready http://").map(str::to_owned));
        let address = address.expect("the server is ready").parse().unwrap();
        // Whoever stops listening would break the server's next word.
        std::thread::spawn(move || lines.for_each(drop));
        Server { child, address }
    }
}

pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn terminate(&self) {
        let told = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(told.unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
