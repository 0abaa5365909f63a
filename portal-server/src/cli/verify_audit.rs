use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use portal_core::audit::export::{AuditProof, MOST_LINE_BYTES, Outcome, Verifier};
use portal_core::audit::note::{MOST_NOTE_BYTES, VerifierKey};

use super::say;

const EXAMPLES: &str = "Examples:
  portal-server verify-audit audit.jsonl --key portal.example.com/audit/0192..+1a2b3c4d+AbCd..
  portal-server verify-audit audit.jsonl --key keys.txt --checkpoint last-year.checkpoint
  portal-server verify-audit proof.json --key keys.txt

Needs no server, no database and no network. A key is a C2SP verifier key, or a file of them, one a line; after a
rotation give all of them. An older checkpoint that you kept shows that nothing before it was rewritten since.

Exit status: 0 verified, 1 something is wrong, each told with its line and entry, 2 wrong usage or an unreadable file.";

/// `portal-server verify-audit`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct VerifyAudit {
    /// The export, or the proof of one entry; - reads an export from standard input
    #[arg(value_name = "EXPORT")]
    export: PathBuf,
    /// A public key that is believed, or a file of them
    #[arg(long = "key", value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// A file with an older checkpoint, with which the export must be consistent
    #[arg(long = "checkpoint", value_name = "OLD")]
    checkpoints: Vec<PathBuf>,
}

impl VerifyAudit {
    pub(super) fn run(&self) -> ExitCode {
        match self.look() {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(why) => {
                let _ = writeln!(io::stderr(), "portal-server: {why}");
                ExitCode::from(2)
            }
        }
    }

    /// Whether it is verified, or why it could not be looked at.
    fn look(&self) -> Result<bool, String> {
        let mut keys = Vec::new();
        for key in &self.keys {
            keys.extend(read_keys(key)?);
        }
        let notes = self.checkpoints.iter().map(|path| read_small(path));
        let notes: Vec<String> = notes.collect::<Result<_, _>>()?;
        if let Some(proof) = self.proof()? {
            return Ok(told_proof(&proof, &keys));
        }
        let older: Vec<&str> = notes.iter().map(String::as_str).collect();
        let mut verifier = match Verifier::new(&keys, &older) {
            Ok(verifier) => verifier,
            Err(why) => {
                say(format_args!("NOT VERIFIED\nthe older checkpoint {why}"));
                return Ok(false);
            }
        };
        let mut lines = self.open()?;
        let mut line = Vec::new();
        loop {
            line.clear();
            // One byte more than a line may have, so that a longer one is refused instead of read whole.
            let most = MOST_LINE_BYTES as u64 + 1;
            let read = lines.by_ref().take(most).read_until(b'\n', &mut line);
            if read.map_err(|error| cannot(&self.export, &error))? == 0 {
                break;
            }
            verifier.line(&line);
        }
        Ok(told(&verifier.finish(), older.len()))
    }

    /// The file as the proof of one entry, if it is one.
    fn proof(&self) -> Result<Option<AuditProof>, String> {
        if self.export == Path::new("-") {
            return Ok(None);
        }
        let mut text = Vec::new();
        let file = File::open(&self.export).map_err(|error| cannot(&self.export, &error))?;
        let most = 2 * MOST_LINE_BYTES as u64;
        file.take(most)
            .read_to_end(&mut text)
            .map_err(|error| cannot(&self.export, &error))?;
        Ok(serde_json::from_slice(&text).ok())
    }

    fn open(&self) -> Result<Box<dyn BufRead>, String> {
        if self.export == Path::new("-") {
            return Ok(Box::new(io::stdin().lock()));
        }
        let file = File::open(&self.export).map_err(|error| cannot(&self.export, &error))?;
        Ok(Box::new(BufReader::with_capacity(1 << 18, file)))
    }
}

fn cannot(path: &Path, error: &io::Error) -> String {
    format!("{} cannot be read: {error}", path.display())
}

fn read_small(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| cannot(path, &error))?;
    file.take(MOST_NOTE_BYTES as u64 + 1)
        .read_to_string(&mut text)
        .map_err(|error| cannot(path, &error))?;
    Ok(text)
}

fn read_keys(key: &str) -> Result<Vec<VerifierKey>, String> {
    if let Ok(key) = key.parse() {
        return Ok(vec![key]);
    }
    let path = Path::new(key);
    if !path.exists() {
        return Err(format!(
            "--key {key}: is neither a file nor a verifier key of the form name+id+key"
        ));
    }
    let text = read_small(path)?;
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let keys: Result<Vec<VerifierKey>, String> = lines
        .map(|line| line.parse().map_err(|why| format!("--key {key}: {line:?} {why}")))
        .collect();
    keys.and_then(|keys| {
        if keys.is_empty() {
            Err(format!("--key {key}: no key is in it"))
        } else {
            Ok(keys)
        }
    })
}

fn told(outcome: &Outcome, older: usize) -> bool {
    if outcome.is_verified() {
        say(format_args!(
            "verified: {} entries of {}, {} checkpoint{}\nroot {}",
            outcome.entries,
            outcome.origin,
            outcome.checkpoints,
            if outcome.checkpoints == 1 { "" } else { "s" },
            outcome.root,
        ));
        if older > 0 {
            say(format_args!(
                "consistent with {older} older checkpoint{}",
                if older == 1 { "" } else { "s" }
            ));
        }
        return true;
    }
    say("NOT VERIFIED");
    for fault in &outcome.faults {
        say(fault);
    }
    false
}

fn told_proof(proof: &AuditProof, keys: &[VerifierKey]) -> bool {
    match proof.verify(keys) {
        Ok((entry, checkpoint)) => {
            say(format_args!(
                "verified: entry {entry} is in the trail of {}, under the checkpoint of {} entries",
                checkpoint.origin, checkpoint.size
            ));
            true
        }
        Err(why) => {
            say(format_args!("NOT VERIFIED\n{why}"));
            false
        }
    }
}
