//! `scripts/campaign` runs this.

#![allow(clippy::print_stdout, reason = "it talks to a person")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use portal_campaign::place::Kind;
use portal_campaign::rounds::{Plan, Work, run};

#[derive(Clone, Copy, ValueEnum)]
enum Which {
    Sqlite,
    Postgres,
    Both,
}

#[derive(Clone, Copy, ValueEnum)]
enum Doing {
    /// What staff and clients do all day
    Everything,
    /// Stage changes, whose workflows ask for documents and write to people
    Storm,
}

/// Kills the server again and again, and compares what is there with what it acknowledged.
#[derive(Parser)]
struct Cli {
    /// How many rounds on each database
    #[arg(default_value_t = 20)]
    rounds: u64,
    /// On which database
    #[arg(default_value = "both")]
    which: Which,
    /// What the clients do
    #[arg(long, default_value = "everything")]
    work: Doing,
    /// The seed of an earlier run, to make the same choices again
    #[arg(long)]
    seed: Option<u64>,
    /// The server to run, built with its feature `failpoints`
    #[arg(long)]
    server: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let chance = || std::hash::BuildHasher::hash_one(&std::collections::hash_map::RandomState::new(), 1);
    let seed = cli.seed.unwrap_or_else(chance);
    println!("seed {seed}");
    let kinds: &[Kind] = match cli.which {
        Which::Sqlite => &[Kind::Sqlite],
        Which::Postgres => &[Kind::Postgres],
        Which::Both => &[Kind::Sqlite, Kind::Postgres],
    };
    let mut code = ExitCode::SUCCESS;
    for kind in kinds {
        let plan = Plan {
            rounds: cli.rounds,
            seed,
            kind: *kind,
            work: match cli.work {
                Doing::Everything => Work::Everything,
                Doing::Storm => Work::Storm,
            },
            program: cli.server.clone(),
            faults: None,
            die_at: None,
            progress: true,
        };
        let (report, evidence) = run(plan).await;
        println!("\n{}\n{report}", kind.name());
        if let Some(folder) = evidence {
            println!(
                "seed {seed}; journal, log and database are kept in {}",
                folder.display()
            );
            code = ExitCode::FAILURE;
        }
    }
    code
}
