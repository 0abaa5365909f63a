use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read};
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap::error::ErrorKind;
use portal_core::import::{ImportOptions, Sheet};
use portal_core::practice::Practice;
use portal_core::text::{Email, fold};
use portal_core::{Context, PageRequest, Portal, PracticeId, StaffId};

use super::{Cli, ConfigArgs, Failure, say};
use crate::import::{Counts, FileOptions, Progress, Report, import};
use crate::installation::Installation;

const EXAMPLES: &str = "Examples:
  portal-server import clients.csv --dry-run           tell what would happen and what is wrong
  portal-server import clients.csv                     import; import it again when it has changed
  portal-server import matters.csv --owner ada@example.com --report refused.csv
  portal-server import participants.csv

The first line names the columns. These are needed, the others may be left out:
  clients        reference, given_names;
                 family_name, email, phone, date_of_birth, nationality, passport_number,
                 passport_issued_on, passport_expires_on, language,
                 time_zone
  matters        reference, title;
                 practice_area, stage, owner_email, parent_reference, attribute:NAME
  participants   matter_reference, client_reference, part
Dates are year-month-day. An empty value empties the field; a column that is not there leaves it alone.

Exit status: 0 when every row was taken, 1 when a row was refused or the import failed, 2 for wrong usage.";

/// `portal-server import`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Import {
    #[command(flatten)]
    config: ConfigArgs,
    /// The CSV file (UTF-8); - reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the file holds [default: as its name says: clients.csv, matters.csv or participants.csv]
    #[arg(long, value_name = "clients|matters|participants")]
    sheet: Option<Sheet>,
    /// The practice, by name or id; needed only where there are several
    #[arg(long, value_name = "NAME")]
    practice: Option<String>,
    /// Who answers for new matters that name no `owner_email`: a staff member's address
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<String>,
    /// Write nothing; tell what would happen
    #[arg(long)]
    dry_run: bool,
    /// Write the refused rows to a CSV file: line, reference, column, why
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// What separates the values: one character, or tab
    #[arg(long, value_name = "CHARACTER", default_value = ",", value_parser = delimiter)]
    delimiter: u8,
}

impl Import {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let sheet = self.sheet.or_else(|| named(&self.file)).unwrap_or_else(|| {
            let text =
                "the file's name does not tell what it holds; add --sheet clients, matters or participants";
            Cli::command()
                .error(ErrorKind::MissingRequiredArgument, text)
                .exit()
        });
        let config = self.config.read()?;
        let public_url = config.public_url(config.server.listen);
        let (file, bytes) = self.open()?;
        let report = self
            .report
            .as_deref()
            .map(|path| self.begin_report(path))
            .transpose()?;
        let installation = Installation::open(&config, public_url.as_str()).await?;
        if !installation.database.pending().await?.is_empty() {
            return Err("the database's schema is not up to date; run portal-server migrate first".into());
        }
        let portal = &installation.portal;
        let practice = practice_named(portal, self.practice.as_deref()).await?;
        let owner = match &self.owner {
            Some(address) => Some(staff(portal, practice.id, address).await?),
            None => None,
        };
        let ctx = Context::system(practice.id, "import", portal.now());
        let options = FileOptions {
            sheet,
            delimiter: self.delimiter,
            rows: ImportOptions {
                dry_run: self.dry_run,
                owner,
            },
        };
        let mut progress = Progress::new(bytes, report);
        let outcome = import(portal, &ctx, file, &options, &mut progress).await;
        progress.finish()?;
        installation.database.close().await;
        let counts = outcome?;
        say(summary(&counts, sheet, self.dry_run));
        match counts.refused {
            0 => Ok(()),
            1 => Err("1 row was refused; it is told above".into()),
            rows => Err(format!("{rows} rows were refused; each is told above").into()),
        }
    }

    /// The file, and its length where that is known.
    fn open(&self) -> Result<(Box<dyn Read>, Option<u64>), Failure> {
        if self.file == Path::new("-") {
            return Ok((Box::new(io::stdin()), None));
        }
        let wrong = |error: io::Error| Failure(format!("{}: {error}", self.file.display()));
        let file = File::open(&self.file).map_err(wrong)?;
        let about = file.metadata().map_err(wrong)?;
        if about.is_dir() {
            return Err(Failure(format!(
                "{} is a folder, not a file",
                self.file.display()
            )));
        }
        Ok((Box::new(file), Some(about.len())))
    }

    fn begin_report(&self, path: &Path) -> Result<Report<BufWriter<File>>, Failure> {
        let wrong = |error: io::Error| Failure(format!("{}: {error}", path.display()));
        if let (Ok(report), Ok(file)) = (path.canonicalize(), self.file.canonicalize())
            && report == file
        {
            return Err("the report would overwrite the file that it reports on".into());
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // It holds references of clients.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(wrong)?;
        Report::new(BufWriter::new(file)).map_err(wrong)
    }
}

/// What a file of this name holds.
fn named(file: &Path) -> Option<Sheet> {
    file.file_stem()?.to_str()?.to_ascii_lowercase().parse().ok()
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        _ if text == "tab" => Ok(b'\t'),
        [byte] if byte.is_ascii_punctuation() && *byte != b'"' || *byte == b'\t' => Ok(*byte),
        _ => Err("give one character like ; or the word tab".into()),
    }
}

/// The practice of this name or id; the only one when there is no name.
pub(super) async fn practice_named(portal: &Portal, wanted: Option<&str>) -> Result<Practice, Failure> {
    let mut page = PageRequest::first(100);
    let mut found = Vec::new();
    loop {
        let practices = portal.store().practices(&page).await?;
        let matches = |practice: &Practice| match wanted {
            None => true,
            Some(wanted) => {
                wanted.parse() == Ok::<PracticeId, _>(practice.id) || fold(wanted) == fold(&practice.name)
            }
        };
        found.extend(practices.items.into_iter().filter(matches));
        let Some(next) = practices.next else { break };
        page = page.after(Some(next));
    }
    let several = found.len() > 1;
    match (found.into_iter().next(), wanted) {
        (Some(practice), _) if !several => Ok(practice),
        (Some(_), Some(_)) => Err("several practices have this name; give --practice an id".into()),
        (Some(_), None) => Err("there are several practices; choose one with --practice".into()),
        (None, Some(_)) => Err("there is no practice of this name or id".into()),
        (None, None) => Err("there is no practice yet; set one up with portal-server create-owner".into()),
    }
}

async fn staff(portal: &Portal, practice: PracticeId, address: &str) -> Result<StaffId, Failure> {
    let email = Email::parse("owner", address).map_err(|error| format!("--owner: {}", error.message))?;
    let staff = portal.store().staff_by_email(practice, &email.key()).await?;
    staff
        .filter(|staff| staff.active)
        .map(|staff| staff.id)
        .ok_or_else(|| "--owner: no active staff member of the practice has this address".into())
}

fn summary(counts: &Counts, sheet: Sheet, dry_run: bool) -> String {
    let Counts {
        created,
        updated,
        unchanged,
        refused,
    } = counts;
    let told = format!("{created} created, {updated} updated, {unchanged} unchanged, {refused} refused");
    if dry_run {
        format!("{sheet}: dry run, nothing was written; it would be {told}")
    } else {
        format!("{sheet}: {told}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_what_it_holds() {
        assert_eq!(named(Path::new("/tmp/Clients.csv")), Some(Sheet::Clients));
        assert_eq!(named(Path::new("matters.CSV")), Some(Sheet::Matters));
        assert_eq!(named(Path::new("people.csv")), None);
        assert_eq!(named(Path::new("-")), None);
    }

    #[test]
    fn a_delimiter_is_one_sign() {
        assert_eq!(delimiter(";"), Ok(b';'));
        assert_eq!(delimiter("tab"), Ok(b'\t'));
        assert_eq!(delimiter("\t"), Ok(b'\t'));
        for wrong in ["", "\"", "a", "\n", ";;", "ü"] {
            assert!(delimiter(wrong).is_err(), "{wrong:?}");
        }
    }
}
