//! pgbench, PostgreSQL's own measure of what the database can do at most.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::Failed;
use crate::statements::Script;

fn program() -> Result<PathBuf, Failed> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map_err(|_| "pgbench was not found: it comes with PostgreSQL's server")?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin/pgbench")))
        .filter(|path| path.exists())
        .collect();
    versions.sort();
    versions.pop().ok_or_else(|| "pgbench was not found".into())
}

/// Runs a script for `length` with `clients` at once, prepared, and tells how many transactions a second it did.
pub(crate) fn rate(database: &str, script: &Script, clients: usize, length: Duration) -> Result<f64, Failed> {
    let mut command = Command::new(program()?);
    command
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
        .arg(format!("--client={clients}"))
        .arg(format!("--time={}", length.as_secs().max(1)))
        .arg(format!("--file={}", script.path.display()));
    for variable in &script.variables {
        command.arg("-D").arg(variable);
    }
    let output = command.arg(database).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let tps = text
        .lines()
        .find_map(|line| line.strip_prefix("tps = "))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse().ok());
    tps.ok_or_else(|| format!("pgbench: {}{text}", String::from_utf8_lossy(&output.stderr)).into())
}
