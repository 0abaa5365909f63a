use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use portal_core::workflow::{FindingKind, WorkflowFile, Workflows, laws::Law, laws::Subject};

use super::{Failure, say};

const EXAMPLES: &str = "Examples:
  portal-server workflows check workflows.toml
  portal-server workflows check workflows.toml --allow uncovered --allow requirement-differs

The file (TOML, at most 10 MB):
  [[dimensions]]
  name = \"Practice area\"
  values = [{ name = \"Immigration\" }, { name = \"T-Visa\", parent = \"Immigration\", aliases = [\"T-1\"] }]

  [[workflows]]
  name = \"T-Visa\"
  criteria = [{ dimension = \"Practice area\", one_of = [\"T-Visa\"] }]   # or any = true, below = .., none_of = [..]
  requirements = [{ title = \"Passport bio page\", due_in_days = 14 }]
  automations = [{ channel = \"sms\", text = { en = \"We need your passport.\" } }]

Exit status: 0 when nothing was found, 1 when something was or the file is wrong, 2 for wrong usage.";

/// `portal-server workflows`.
#[derive(Debug, clap::Args)]
pub(super) struct WorkflowCommand {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, clap::Subcommand)]
enum Step {
    /// Checks a file with a taxonomy and workflows: what is wrong or odd, each with a case, and whether the laws hold.
    Check(Check),
}

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
struct Check {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Findings that are meant and do not fail the check: stale, unreachable, shadowed, duplicate, same-message,
    /// requirement-differs or uncovered
    #[arg(long, value_name = "KIND")]
    allow: Vec<FindingKind>,
}

impl WorkflowCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.step {
            Step::Check(check) => check.run(),
        }
    }
}

impl Check {
    fn run(self) -> Result<(), Failure> {
        let text = read(&self.file)?;
        let file = WorkflowFile::read(&text)
            .map_err(|problems| format!("{} is wrong:\n{problems}", self.file.display()))?;
        let workflows = Workflows::compile(&file.taxonomy, file.workflows.iter().cloned());
        let analysis = workflows.analyse();
        let mut found: BTreeMap<FindingKind, usize> = BTreeMap::new();
        for finding in &analysis.findings {
            *found.entry(finding.kind()).or_default() += 1;
            let mark = if self.allow.contains(&finding.kind()) {
                "allowed"
            } else {
                "FOUND  "
            };
            say(format_args!(
                "{mark} {}: {}",
                finding.kind(),
                finding.sentence(&workflows)
            ));
        }
        if analysis.incomplete {
            say("note    there is more than is told here, or it would take too long to tell");
        }
        let subject = Subject::new(&file.taxonomy, &file.workflows);
        let mut broken = 0;
        for law in Law::ALL {
            match subject.check::<Workflows>(law) {
                Ok(()) => say(format_args!("ok      {law}")),
                Err(error) => {
                    broken += 1;
                    say(format_args!("BROKEN  {error}"));
                }
            }
        }
        let all = if subject.tries_all() { "all" } else { "some" };
        say(format_args!(
            "{} workflows, tried on {all} cases: {}",
            file.workflows.len(),
            subject.cases().len()
        ));
        let not_allowed = found.iter().filter(|(kind, _)| !self.allow.contains(kind));
        match (not_allowed.map(|(_, number)| number).sum::<usize>(), broken) {
            (0, 0) => Ok(()),
            (1, 0) => Err("1 finding, see above".into()),
            (findings, 0) => Err(format!("{findings} findings, see above").into()),
            (findings, _) => Err(format!("{findings} findings, and {broken} laws that do not hold: a fault of the portal, please report it").into()),
        }
    }
}

/// The file's text, unless it is larger than is read.
fn read(path: &Path) -> Result<String, Failure> {
    let wrong = |error: std::io::Error| Failure(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(wrong)?;
    let most = WorkflowFile::MOST_BYTES as u64;
    let mut bytes = Vec::new();
    // It may grow while it is read, or be a pipe; so it is counted, not asked.
    file.take(most + 1).read_to_end(&mut bytes).map_err(wrong)?;
    if bytes.len() as u64 > most {
        return Err(Failure(format!(
            "{} has more than {most} bytes; such a file is not read",
            path.display()
        )));
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = error
            .as_bytes()
            .get(..error.utf8_error().valid_up_to())
            .unwrap_or_default();
        let line = String::from_utf8_lossy(before).matches('\n').count() + 1;
        Failure(format!("{}: line {line} is not UTF-8 text", path.display()))
    })
}
