//! Where a campaign runs: a folder of its own, and for PostgreSQL a cluster of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use portal_core::{PracticeId, Store};
use portal_store_postgres::{PostgresOptions, PostgresStore};
use portal_store_sqlite::{SqliteOptions, SqliteStore};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

pub struct Place {
    pub kind: Kind,
    pub folder: PathBuf,
    pub url: String,
    cluster: Option<Cluster>,
}

/// A PostgreSQL server that nobody else uses, so that it can be restarted. It ends with its standard input.
struct Cluster {
    child: Child,
    control: String,
}

impl Place {
    pub fn new(kind: Kind) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("portal-campaign.")
            .tempdir()
            .unwrap()
            .keep();
        let (url, cluster) = match kind {
            Kind::Sqlite => (format!("sqlite:{}", folder.join("portal.db").display()), None),
            Kind::Postgres => {
                let (url, cluster) = Cluster::start();
                (url, Some(cluster))
            }
        };
        Self {
            kind,
            folder,
            url,
            cluster,
        }
    }

    /// The store itself, beside the server.
    pub async fn store(&self) -> Arc<dyn Store> {
        match self.kind {
            Kind::Sqlite => {
                let path = self.folder.join("portal.db");
                Arc::new(SqliteStore::open(&path, SqliteOptions::default()).await.unwrap())
            }
            Kind::Postgres => {
                let options = PostgresOptions {
                    max_connections: 4,
                    ..PostgresOptions::default()
                };
                Arc::new(PostgresStore::connect(&self.url, options).await.unwrap())
            }
        }
    }

    pub fn blob(&self, practice: PracticeId, id: uuid::Uuid) -> PathBuf {
        let folder = self.folder.join("data/blobs").join(practice.to_string());
        folder.join(id.to_string())
    }

    /// Restarts the database server, when there is one.
    pub fn restart_database(&self, mode: &str) -> bool {
        let Some(cluster) = &self.cluster else {
            return false;
        };
        let command = format!("{} restart --mode={mode} --wait --silent", cluster.control);
        let status = Command::new("sh")
            .args(["-c", &command])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "PostgreSQL could not be restarted");
        true
    }

    /// Throws the evidence away: nothing was wrong.
    pub fn discard(self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Cluster {
    fn start() -> (String, Self) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/with-postgres");
        let say = "echo \"$PORTAL_TEST_POSTGRES\"; echo \"$PORTAL_TEST_POSTGRES_CONTROL\"; cat >/dev/null";
        let mut child = Command::new(script)
            .args(["sh", "-c", say])
            .env_remove("PORTAL_TEST_POSTGRES")
            .env("PORTAL_TEST_FSYNC", "on")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut line = || lines.next().expect("a PostgreSQL server").unwrap();
        let (url, control) = (line(), line());
        (url, Self { child, control })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut input) = self.child.stdin.take() {
            let _ = input.flush();
        }
        let _ = self.child.wait();
    }
}
