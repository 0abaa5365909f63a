use std::io::{BufRead, Read, Write};

use portal_core::audit::erasure_words;
use portal_core::client::Client;
use portal_core::{ClientId, Context, Portal, PracticeId};

use super::import::practice_named;
use super::{ConfigArgs, Failure, say};
use crate::installation::Installation;

const EXAMPLES: &str = "Examples:
  portal-server erase-client C-1001                    says what will happen, and asks for the reference once more
  portal-server erase-client C-1001 --confirm C-1001   asks nothing

Erased for good: from where the client acted, from where anybody asked for a link to their portal or failed to sign in to it, and
every detail of what they did and of what was done to their record. Every entry stays in its place, and exports, proofs and
certificates verify as before. The evidence of what they approved or declined stays whole (docs/approvals.md says why), and so do
their record, documents and messages. Safe to repeat: what is erased already is left alone.";

/// `portal-server erase-client`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct EraseClient {
    #[command(flatten)]
    config: ConfigArgs,
    /// The client, by reference or id
    #[arg(value_name = "CLIENT")]
    client: String,
    /// The practice, by name or id; needed only where there are several
    #[arg(long, value_name = "NAME")]
    practice: Option<String>,
    /// The client's reference (or the name of one who has none) once more, instead of asking for it
    #[arg(long, value_name = "REFERENCE")]
    confirm: Option<String>,
}

impl EraseClient {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let config = self.config.read()?;
        let public_url = config.public_url(config.server.listen);
        let installation = Installation::open(&config, public_url.as_str()).await?;
        if !installation.database.pending().await?.is_empty() {
            return Err("the schema is not up to date; run `portal-server migrate` first".into());
        }
        let portal = &installation.portal;
        let practice = practice_named(portal, self.practice.as_deref()).await?;
        let client = client_named(portal, practice.id, &self.client).await?;
        let confirm = match self.confirm {
            Some(confirm) => confirm,
            None => asked(&client)?,
        };
        let ctx = Context::system(practice.id, "erase-client", portal.now());
        let erased = portal.erase_client(&ctx, client.id, &confirm).await?;
        installation.database.close().await;
        say(format_args!("entries erased   {}", erased.entries));
        say(format_args!("answers kept     {}", erased.evidence_kept));
        match erased.unsealed {
            0 => Ok(()),
            entries => Err(format!(
                "entries that are not sealed yet and were left: {entries}. While the server runs that takes a second or so; run the \
                 command again then"
            )
            .into()),
        }
    }
}

/// What the person types who was told what will happen.
fn asked(client: &Client) -> Result<String, Failure> {
    let words = erasure_words(client);
    say(format_args!(
        "Personal data of {} is erased from the audit trail for good; `--help` says what that is and what stays.",
        client.name()
    ));
    let mut out = std::io::stdout().lock();
    write!(out, "Type {words} to go on: ")?;
    out.flush()?;
    let mut line = String::new();
    std::io::stdin().lock().take(4_096).read_line(&mut line)?;
    Ok(line)
}

/// The client of this reference or id.
async fn client_named(portal: &Portal, practice: PracticeId, wanted: &str) -> Result<Client, Failure> {
    let found = match portal.store().client_by_reference(practice, wanted).await? {
        None => match wanted.parse::<ClientId>() {
            Ok(id) => portal.store().client(practice, id).await?,
            Err(_) => None,
        },
        found => found,
    };
    found.ok_or_else(|| "there is no client of this reference or id".into())
}
