use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use portal_core::Context;

use super::import::practice_named;
use super::{ConfigArgs, Failure};
use crate::installation::Installation;

const EXAMPLES: &str = "Examples:
  portal-server export-audit --output audit.jsonl
  portal-server export-audit --practice \"Harbour Migration\" | zstd > audit.jsonl.zst
  portal-server export-audit --keys                    only the public keys, for whoever verifies

The export is JSON Lines: every sealed entry in its place, and the signed checkpoints (docs/audit-format.md).
`portal-server verify-audit` checks it anywhere, without a server or a database.";

/// `portal-server export-audit`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExportAudit {
    #[command(flatten)]
    config: ConfigArgs,
    /// The practice, by name or id; needed only where there are several
    #[arg(long, value_name = "NAME")]
    practice: Option<String>,
    /// The file to write, which must not exist yet [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the public keys of the configuration instead, one a line, the previous ones first
    #[arg(long)]
    keys: bool,
}

impl ExportAudit {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let config = self.config.read()?;
        let public_url = config.public_url(config.server.listen);
        let installation = Installation::open(&config, public_url.as_str()).await?;
        if !installation.database.pending().await?.is_empty() {
            return Err("the schema is not up to date; run `portal-server migrate` first".into());
        }
        let portal = &installation.portal;
        let practice = practice_named(portal, self.practice.as_deref()).await?;
        let mut out: Box<dyn Write> = match &self.output {
            None => Box::new(io::stdout().lock()),
            Some(path) => {
                let file = OpenOptions::new().write(true).create_new(true).open(path);
                let file = file.map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
                Box::new(BufWriter::new(file))
            }
        };
        let ctx = Context::system(practice.id, "export-audit", portal.now());
        if self.keys {
            for key in portal.audit_keys(&ctx).await? {
                writeln!(out, "{}", key.key)?;
            }
        } else {
            let mut export = portal.audit_export(&ctx).await?;
            while let Some(lines) = export.next_lines().await? {
                out.write_all(&lines)?;
            }
        }
        out.flush()?;
        drop(out);
        installation.database.close().await;
        Ok(())
    }
}
