//! The whole server under load, beside pgbench and beside bare handlers, in one run: `scripts/load`. See `README.md`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a program whose output is its result"
)]

mod bare;
mod bytes;
mod compare;
mod dry_run;
mod growth;
mod http;
mod import;
mod pgbench;
mod process;
mod raw;
mod search;
mod statements;
mod strain;
mod world;
mod writers;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

/// Whatever keeps a run from being one.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

#[derive(Parser)]
#[command(about = "Measures the whole server beside pgbench and bare handlers, in one run.")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Seconds for each measurement.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How often everything is measured; the medians are reported.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many clients there are at once.
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// Which part: `postgres`, `sqlite`, `writers`, `bytes`, `strain`, `import`, `workflows`, `growth`, `search`. All of them when none is named.
    #[arg(long)]
    only: Vec<String>,
    /// Only the kinds of work whose names hold this, in `postgres` and `sqlite`.
    #[arg(long, default_value = "")]
    work: String,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the bare handlers; the run starts it by itself.
    #[command(hide = true)]
    Bare {
        address: SocketAddr,
        database: String,
        folder: PathBuf,
    },
}

/// How long, how often and with how many it is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan<'a> {
    pub(crate) length: Duration,
    pub(crate) rounds: usize,
    pub(crate) clients: usize,
    /// Which kinds of work.
    pub(crate) work: &'a str,
}

fn main() -> Result<(), Failed> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Runtime::new()?;
    if let Some(Command::Bare {
        address,
        database,
        folder,
    }) = arguments.command
    {
        return runtime.block_on(bare::serve(address, &database, folder));
    }
    let plan = Plan {
        length: Duration::from_secs(arguments.seconds.max(1)),
        rounds: arguments.rounds.max(1),
        clients: arguments.clients.max(1),
        work: &arguments.work,
    };
    let wanted = |part: &str| arguments.only.is_empty() || arguments.only.iter().any(|only| only == part);
    println!(
        "{} processors; {} s each, {} rounds, {} clients; medians\n",
        std::thread::available_parallelism()?,
        plan.length.as_secs(),
        plan.rounds,
        plan.clients
    );
    let filled = if ["postgres", "bytes", "strain"].into_iter().any(wanted) {
        Some(runtime.block_on(compare::fill_postgres())?)
    } else {
        None
    };
    if let Some(filled) = filled.as_ref().filter(|_| wanted("postgres")) {
        compare::on_postgres(&runtime, filled, plan)?;
    }
    if wanted("sqlite") {
        compare::on_sqlite(&runtime, plan)?;
    }
    if wanted("writers") {
        writers::run(&runtime, plan)?;
    }
    if let Some(filled) = filled.as_ref().filter(|_| wanted("bytes")) {
        bytes::run(filled, plan)?;
    }
    if let Some(filled) = filled.as_ref().filter(|_| wanted("strain")) {
        strain::run(filled, plan)?;
    }
    if wanted("import") {
        import::run(&runtime)?;
    }
    if wanted("workflows") {
        dry_run::run(&runtime, plan)?;
    }
    if wanted("growth") {
        growth::run(&runtime, plan)?;
    }
    if wanted("search") {
        search::run(&runtime)?;
    }
    Ok(())
}

/// The middle one.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}
