use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Counts, Refused, Report, Watcher};

/// Without a terminal, a line tells of the progress each time so many rows are done.
const ROWS_A_LINE: u64 = 1_000;

/// Tells people how an import goes: a bar where there is a terminal, a line now and then where there is none,
/// each refused row on standard error, and the same in a report.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    told: u64,
    report: Option<Report<BufWriter<File>>>,
}

impl Progress {
    /// For a file of so many bytes; none when that is not known.
    #[must_use]
    pub fn new(bytes: Option<u64>, report: Option<Report<BufWriter<File>>>) -> Self {
        let bar = bytes.filter(|_| io::stderr().is_terminal()).map(|bytes| {
            let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}") {
                bar.set_style(style);
            }
            bar
        });
        Self { bar, told: 0, report }
    }

    /// Takes the bar away and completes the report.
    pub fn finish(self) -> io::Result<()> {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
        self.report.map_or(Ok(()), Report::finish)
    }
}

impl Watcher for Progress {
    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        let write = || {
            let mut stderr = io::stderr().lock();
            refused.refusals.iter().try_for_each(|refusal| {
                let reference = printable(&refused.reference);
                let reference = if reference.is_empty() {
                    reference
                } else {
                    format!(" ({reference})")
                };
                let column = refusal.column.as_deref().map(printable);
                let column = column.map(|column| format!(", {column}")).unwrap_or_default();
                writeln!(
                    stderr,
                    "line {}{reference}{column}: {}",
                    refused.line,
                    printable(&refusal.why)
                )
            })
        };
        match &self.bar {
            Some(bar) => bar.suspend(write)?,
            None => write()?,
        }
        self.report
            .as_mut()
            .map_or(Ok(()), |report| report.refused(refused))
    }

    fn progress(&mut self, bytes: u64, counts: &Counts) -> io::Result<()> {
        let rows = counts.rows();
        let message = format!("{rows} rows, {} refused", counts.refused);
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
            bar.set_message(message);
        } else if rows / ROWS_A_LINE > self.told / ROWS_A_LINE {
            self.told = rows;
            writeln!(io::stderr().lock(), "{message}")?;
        }
        Ok(())
    }
}

/// The text without what could move a terminal's cursor. What could reorder its line is in no name of a column and
/// in no reference that is told.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
