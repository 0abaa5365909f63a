use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use portal_core::audit::export::{AuditProof, MOST_LINE_BYTES, MOST_PROOF_BYTES, Outcome, Verifier};
use portal_core::audit::mended;
use portal_core::audit::note::{MOST_NOTE_BYTES, VerifierKey};

use super::say;
use super::verify_certificate::{self, Wanted};

const EXAMPLES: &str = "Examples:
  portal-server verify-audit audit.jsonl --key portal.example.com/audit/0192..+1a2b3c4d+AbCd..
  portal-server verify-audit audit.jsonl --key keys.txt --checkpoint last-year.checkpoint
  portal-server verify-audit proof.json --key keys.txt
  portal-server verify-audit certificate.pdf --key keys.txt

Needs no server, no database and no network. A key is a C2SP verifier key, or a file of them, one a line; after a
rotation give all of them. An older checkpoint that you kept shows that nothing before it was rewritten since, and that
nothing of it is missing at the end; the proof of one entry cannot be held against it.

Exit status: 0 verified, 1 something is wrong, each told with its line and entry, 2 wrong usage or an unreadable file.";

/// `portal-server verify-audit`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct VerifyAudit {
    /// The export, the proof of one entry, or the certificate of an approval's answer (PDF or JSON); - reads an export from standard
    /// input
    #[arg(value_name = "EXPORT")]
    export: PathBuf,
    /// A public key that is believed, or a file of them
    #[arg(long = "key", value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// A file with an older checkpoint, with which the export must be consistent
    #[arg(long = "checkpoint", value_name = "OLD")]
    checkpoints: Vec<PathBuf>,
    /// A further font file that the certificate's pages were set in, as `certificate.fonts` names them
    #[arg(long = "font", value_name = "FILE")]
    fonts: Vec<PathBuf>,
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
        if let Some(file) = self.certificate()? {
            if !self.checkpoints.is_empty() {
                return Err("--checkpoint belongs to an export; a certificate has its own".to_owned());
            }
            return verify_certificate::told(&Wanted {
                file: &file,
                keys: &keys,
                fonts: &self.fonts,
            });
        }
        if let Some(proof) = self.proof()? {
            if !self.checkpoints.is_empty() {
                return Err(format!(
                    "--checkpoint: {} is the proof of one entry, and only an export can be held against an older checkpoint",
                    self.export.display()
                ));
            }
            return Ok(told_proof(&proof, &keys));
        }
        let mut older = Vec::new();
        for path in &self.checkpoints {
            let file = read_small(path)?;
            let note = mended(&file).map_err(|why| why.to_string()).and_then(|note| {
                // The verifier would say so too, and not which file.
                let known = Verifier::new(&keys, &[&note]).map(drop);
                known.map(|()| note).map_err(|why| why.to_string())
            });
            match note {
                Ok(note) => older.push(note),
                Err(why) => {
                    say(format_args!(
                        "NOT VERIFIED\nthe older checkpoint {} {why}",
                        path.display()
                    ));
                    return Ok(false);
                }
            }
        }
        let notes: Vec<&str> = older.iter().map(String::as_str).collect();
        let mut verifier = Verifier::new(&keys, &notes).map_err(|why| why.to_string())?;
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

    /// The bytes of the file, if it is the proof of one entry.
    fn proof(&self) -> Result<Option<Vec<u8>>, String> {
        if self.export == Path::new("-") {
            return Ok(None);
        }
        let mut text = Vec::new();
        let file = File::open(&self.export).map_err(|error| cannot(&self.export, &error))?;
        let most = MOST_PROOF_BYTES as u64 + 1;
        file.take(most)
            .read_to_end(&mut text)
            .map_err(|error| cannot(&self.export, &error))?;
        Ok(AuditProof::is_one(&text).then_some(text))
    }

    /// The file's bytes, if it is a certificate.
    fn certificate(&self) -> Result<Option<Vec<u8>>, String> {
        if self.export == Path::new("-") {
            return Ok(None);
        }
        let file = File::open(&self.export).map_err(|error| cannot(&self.export, &error))?;
        let mut bytes = Vec::new();
        (&file)
            .take(verify_certificate::ENOUGH_TO_TELL)
            .read_to_end(&mut bytes)
            .map_err(|error| cannot(&self.export, &error))?;
        if !verify_certificate::begins_like_one(&bytes) {
            return Ok(None);
        }
        file.take(verify_certificate::MOST_BYTES)
            .read_to_end(&mut bytes)
            .map_err(|error| cannot(&self.export, &error))?;
        Ok(Some(bytes))
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
    let mut text = Vec::new();
    let file = File::open(path).map_err(|error| cannot(path, &error))?;
    file.take(MOST_NOTE_BYTES as u64 + 1)
        .read_to_end(&mut text)
        .map_err(|error| cannot(path, &error))?;
    // In another encoding it is the dash of a checkpoint that is no UTF-8, and that is known without reading it.
    Ok(String::from_utf8_lossy(&text).into_owned())
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

fn many(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

fn told(outcome: &Outcome, older: usize) -> bool {
    if !outcome.is_verified() {
        say("NOT VERIFIED");
        outcome.faults.iter().for_each(say);
        return false;
    }
    say(format_args!(
        "verified: {} of {}, {}\nroot {}",
        many(outcome.entries, "entry", "entries"),
        outcome.origin,
        many(outcome.checkpoints, "checkpoint", "checkpoints"),
        outcome.root,
    ));
    say(erased(outcome.erased));
    let end = "so whether more entries followed these was not checked";
    match outcome.older {
        None => say(format_args!(
            "no older checkpoint was given (--checkpoint), {end}"
        )),
        Some(_) if outcome.is_end_covered() => say(format_args!(
            "consistent with {}, and it ends where the newest of them does",
            many(older as u64, "older checkpoint", "older checkpoints")
        )),
        Some(size) => say(format_args!(
            "consistent with {}, the newest after {}, {end}",
            many(older as u64, "older checkpoint", "older checkpoints"),
            many(size, "entry", "entries")
        )),
    }
    true
}

/// Erased facts are told however few: of them nothing is shown.
fn erased(count: u64) -> String {
    format!("{} erased", many(count, "fact is", "facts are"))
}

fn told_proof(proof: &[u8], keys: &[VerifierKey]) -> bool {
    match AuditProof::read(proof).and_then(|proof| proof.verify(keys)) {
        Ok(proven) => {
            say(format_args!(
                "verified: entry {} is in the trail of {}, under the checkpoint of {}\n{}",
                proven.entry,
                proven.checkpoint.origin,
                many(proven.checkpoint.size, "entry", "entries"),
                erased(proven.erased)
            ));
            true
        }
        Err(why) => {
            say(format_args!("NOT VERIFIED\n{why}"));
            false
        }
    }
}
