//! The command line: one file a command.

mod create_owner;
mod demo;
mod doctor;
mod erase_client;
mod export_audit;
mod import;
mod migrate;
mod serve;
mod verify_audit;
mod verify_certificate;
mod workflows;

use std::fmt::Display;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, ConfigProblems, LogConfig, LogFormat, Sources};

/// A portal where a practice and its clients meet: documents asked for, provided and reviewed.
#[derive(Debug, Parser)]
#[command(name = "portal-server", version, propagate_version = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  portal-server demo                                   look around: everything embedded, mail captured
  portal-server serve --check-config                   tell all that is wrong with portal.toml at once
  portal-server create-owner --practice \"Harbour Migration\" --name \"Ada King\" --email ada@example.com
  PORTAL__DATABASE__URL=postgres://.. portal-server serve";

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts a portal with fictional records, to look around in.
    Demo(demo::Demo),
    /// Starts the portal that portal.toml and the environment describe.
    Serve(serve::Serve),
    /// Brings the database's schema up to date.
    Migrate(migrate::Migrate),
    /// Sets up a practice with its first owner.
    CreateOwner(create_owner::CreateOwner),
    /// Imports clients, matters or participants from a CSV file; safe to repeat.
    Import(import::Import),
    /// Checks everything that the portal needs, and says what to do about what is missing.
    Doctor(doctor::Doctor),
    /// Writes the audit trail of a practice as a file that anybody can check.
    ExportAudit(export_audit::ExportAudit),
    /// Checks an export of an audit trail, or the proof of one entry, with a public key and nothing else.
    VerifyAudit(verify_audit::VerifyAudit),
    /// Erases a client's personal data from the audit trail, for good; the evidence of their answers to approvals stays.
    EraseClient(erase_client::EraseClient),
    /// Works on files of workflows, with no portal.
    Workflows(workflows::WorkflowCommand),
}

/// Why a command failed, in words that say what to do.
#[derive(Debug)]
struct Failure(String);

impl<E: Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Where the configuration comes from.
#[derive(Debug, Args)]
struct ConfigArgs {
    /// The configuration file [default: portal.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// The folder for files and for an SQLite database
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl ConfigArgs {
    fn read(&self) -> Result<Config, ConfigProblems> {
        Sources::standard(self.config.as_deref())
            .flag("server.listen", self.listen)
            .flag(
                "server.data_dir",
                self.data_dir.as_ref().map(|path| path.display()),
            )
            .read()
    }
}

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // Needs nothing of a portal, and has an exit status of its own.
    if let Command::VerifyAudit(verify) = &cli.command {
        return verify.run();
    }
    #[cfg(feature = "failpoints")]
    let _armed = crate::failing::arm();
    // Refused only when somebody installed one before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Demo(demo) => demo.run().await,
            Command::Serve(serve) => serve.run().await,
            Command::Migrate(migrate) => migrate.run().await,
            Command::CreateOwner(create) => create.run().await,
            Command::Import(import) => import.run().await,
            Command::Doctor(doctor) => doctor.run().await,
            Command::ExportAudit(export) => export.run().await,
            Command::VerifyAudit(_) => Ok(()),
            Command::EraseClient(erase) => erase.run().await,
            Command::Workflows(workflows) => workflows.run(),
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failed(&failure),
    }
}

fn failed(Failure(text): &Failure) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "portal-server: {text}");
    ExitCode::FAILURE
}

/// Says something to whoever started the command.
fn say(text: impl Display) {
    let mut out = std::io::stdout().lock();
    // Nobody may be listening any more, which is no failure of the command.
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Logs to standard error from now on.
fn log(config: &LogConfig) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&config.level).map_err(|error| format!("log.level: {error}"))?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    let done = match config.format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
    done.map_err(Failure::from)
}
