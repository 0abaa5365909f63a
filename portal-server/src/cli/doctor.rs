mod audit;

use std::fmt::Display;
use std::path::Path;

use portal_core::notify::Mailer;
use portal_core::{Blobs, Clock, Locator, PageRequest, PracticeId, Store, SystemClock, Timestamp};

use super::{ConfigArgs, Failure, say};
use crate::blobs::FileBlobs;
use crate::config::Config;
use crate::installation::{Database, mail_server};
use crate::texting::Texting;

/// `portal-server doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    config: ConfigArgs,
}

/// How far the file system's clock may be from the computer's before sweeps become unsafe, in seconds.
const MOST_SKEW: i64 = 60;

struct Findings(u32);

impl Findings {
    fn note(&mut self, what: &str, outcome: Result<impl Display, impl Display>, advice: &str) {
        match outcome {
            Ok(detail) => say(format_args!("ok    {what}: {detail}")),
            Err(error) => {
                self.0 += 1;
                say(format_args!("WRONG {what}: {error}\n      {advice}"));
            }
        }
    }

    /// It works, and has a side that people should know.
    fn warn(what: &str, found: impl Display, advice: &str) {
        say(format_args!("WARN  {what}: {found}\n      {advice}"));
    }
}

impl Doctor {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let config = self.config.read()?;
        let mut findings = Findings(0);
        findings.note("configuration", Ok::<_, String>("read"), "");
        let practices = database(&config, &mut findings).await;
        files(&config, &mut findings).await;
        mail(&config, &mut findings).await;
        texts(&config, &practices, &mut findings);
        match findings.0 {
            0 => Ok(()),
            1 => Err("1 thing is wrong, see above".into()),
            count => Err(format!("{count} things are wrong, see above").into()),
        }
    }
}

/// The practices that there are, as far as that can be told.
#[derive(Debug, Default)]
struct Practices {
    count: u64,
    first: Option<PracticeId>,
}

async fn database(config: &Config, findings: &mut Findings) -> Practices {
    let advice = "Check `database.url`, and that the database is running and lets this user in.";
    let database = match Database::open(&config.database).await {
        Ok(database) => database,
        Err(error) => {
            findings.note("database", Err::<&str, _>(error), advice);
            return Practices::default();
        }
    };
    let mut practices = Practices::default();
    match database.pending().await {
        Ok(pending) if pending.is_empty() => {
            let checked = database.store().check().await.map(|()| "answers");
            findings.note("database", checked, advice);
            findings.note("schema", Ok::<_, String>("up to date"), "");
            practices = practices_of(&*database.store()).await;
            audit::audit(config, &*database.store(), findings).await;
        }
        Ok(pending) => {
            let text = format!(
                "{} migrations are not applied: {}",
                pending.len(),
                pending.join(", ")
            );
            findings.note("schema", Err::<&str, _>(text), "Run `portal-server migrate`.");
        }
        Err(error) => findings.note("database", Err::<&str, _>(error), advice),
    }
    database.close().await;
    practices
}

/// What cannot be read was told already.
async fn practices_of(store: &dyn Store) -> Practices {
    let one = PageRequest::first(1).with_total();
    let Ok(page) = store.practices(&one).await else {
        return Practices::default();
    };
    Practices {
        count: page.total.unwrap_or_default(),
        first: page.items.first().map(|practice| practice.id),
    }
}

async fn files(config: &Config, findings: &mut Findings) {
    let folder = config.server.data_dir.join("blobs");
    let advice = "Make the folder, let this user write to it, and see that there is room on its disk.";
    let checked = match FileBlobs::open(&folder).await {
        Ok(blobs) => blobs.check().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    findings.note("files", checked.map(|()| folder.display().to_string()), advice);
    let skew = skew(&folder)
        .map_err(|error| error.to_string())
        .and_then(|seconds| {
            if seconds.abs() <= MOST_SKEW {
                Ok(format!(
                    "the file system's is {seconds} s ahead of the computer's"
                ))
            } else {
                Err(format!(
                    "the file system's is {seconds} s ahead of the computer's"
                ))
            }
        });
    findings.note(
        "clocks",
        skew,
        "Synchronise both clocks (NTP): old files are swept by them.",
    );
}

fn skew(folder: &Path) -> std::io::Result<i64> {
    let probe = folder.join("tmp").join(format!("clock.{}", std::process::id()));
    std::fs::write(&probe, b"now")?;
    let written = std::fs::metadata(&probe).and_then(|metadata| metadata.modified());
    std::fs::remove_file(&probe)?;
    let written = Timestamp::new(written?.into());
    Ok((written - SystemClock.now()).whole_seconds())
}

async fn mail(config: &Config, findings: &mut Findings) {
    let Some(smtp) = &config.smtp else {
        let text = "captured, which is for trying out only";
        return findings.note("mail", Ok::<_, String>(text), "");
    };
    let advice = "Check `smtp.url`: name, port, encryption, user and password.";
    let checked = match mail_server(smtp) {
        Ok(mailer) => mailer.check().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    findings.note("mail", checked.map(|()| "the server lets us in"), advice);
}

/// Nothing is sent, and nobody asked: a provider takes no question that costs nothing. What can be wrong before that is told.
fn texts(config: &Config, practices: &Practices, findings: &mut Findings) {
    let Some(sms) = &config.sms else {
        let text = if config.server.production {
            "no provider is set: messages are refused, and the history says so"
        } else {
            "captured, which is for trying out only"
        };
        return findings.note("text messages", Ok::<_, String>(text), "");
    };
    let advice = "Check the section [sms]; docs/sms.md says what each provider needs.";
    let opened = Texting::open(Some(sms), config.server.production).map(|texting| {
        let (name, rate) = (texting.sender.name(), sms.per_second);
        match practices.first {
            Some(practice) => {
                let portal = config.public_url(config.server.listen);
                let practice = Locator::of_practice(practice);
                format!(
                    "{name}, {rate} a second; it has to bring messages from outside to {portal}/hooks/sms/{name}/inbound?practice={practice}"
                )
            }
            None => format!("{name}, {rate} a second"),
        }
    });
    findings.note("text messages", opened, advice);
    if practices.count > 1 {
        Findings::warn(
            "text messages",
            format_args!("{} practices share this account", practices.count),
            "An answer goes to the practice that texted the number last, and STOP holds for each that did; see docs/sms.md.",
        );
    }
}
