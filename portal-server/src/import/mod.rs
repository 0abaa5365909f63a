//! Importing clients, matters and participants from a CSV file: the file is read as it is imported, so that its
//! size does not matter, and each row stands for itself.
//!
//! What a row does is decided by [`Portal::import_row`]; here are the file, the report and the progress.

mod lines;
mod progress;
mod report;

use std::io::{self, Read};

use futures_util::StreamExt;
use futures_util::stream;
use portal_core::client::Saved;
use portal_core::import::{HeaderError, ImportOptions, Refusal, Row, RowError, RowKeys, Sheet};
use portal_core::{Context, Portal};

pub use progress::Progress;
pub use report::Report;

use lines::{Line, Lines};

/// How many rows are read before they are imported.
const BATCH: usize = 64;

/// How many rows are under way at once, where none can lean on the one before it. The embedded store commits
/// those that come together with one write to the disk.
const AT_ONCE: usize = 16;

/// What became of a file's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Records that there were not.
    pub created: u64,
    /// Records that were changed.
    pub updated: u64,
    /// Records that were like that already.
    pub unchanged: u64,
    /// Rows that were not taken.
    pub refused: u64,
}

impl Counts {
    /// All rows so far.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.created + self.updated + self.unchanged + self.refused
    }

    const fn count(&mut self, saved: Saved) {
        match saved {
            Saved::Created => self.created += 1,
            Saved::Updated => self.updated += 1,
            Saved::Unchanged => self.unchanged += 1,
        }
    }
}

/// A row that was not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The line of the file that it begins on, from 1.
    pub line: u64,
    /// What the row calls its record; empty where that cannot be told.
    pub reference: String,
    /// All that is wrong with it.
    pub refusals: Vec<Refusal>,
}

/// Follows an import.
pub trait Watcher {
    /// A row was not taken.
    fn refused(&mut self, refused: &Refused) -> io::Result<()>;
    /// So much of the file was read, and this became of its rows.
    fn progress(&mut self, bytes: u64, counts: &Counts) -> io::Result<()>;
}

/// Why an import ended before the end of its file.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is not one that can be imported.
    #[error("{0}")]
    File(String),
    /// Its columns are wrong.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// It cannot go on.
    #[error(
        "stopped at line {line}: {why}\nRows before it are imported. When this is mended, import the same file again."
    )]
    Stopped {
        /// The line that it came to.
        line: u64,
        /// Why.
        why: String,
    },
    /// The report cannot be written, or the file cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// How a file is imported.
#[derive(Debug, Clone, Copy)]
pub struct FileOptions {
    /// What it holds.
    pub sheet: Sheet,
    /// What stands between its values: a comma, usually.
    pub delimiter: u8,
    /// How its rows are imported.
    pub rows: ImportOptions,
}

/// Imports `file`, row by row, as `ctx`, and tells `watcher` how it goes.
///
/// # Errors
/// Rows that are refused are no error: `watcher` is told of each. See [`ImportError`].
pub async fn import(
    portal: &Portal,
    ctx: &Context,
    file: impl Read,
    options: &FileOptions,
    watcher: &mut dyn Watcher,
) -> Result<Counts, ImportError> {
    let mut lines = Lines::open(file, options.delimiter)?;
    let header = lines.header(options.sheet)?;
    // A matter may be the part of one a line above, and participants are listed in the order they were added in.
    let in_order = header.has("parent_reference") || options.sheet == Sheet::Participants;
    let at_once = if in_order { 1 } else { AT_ONCE };
    let mut counts = Counts::default();
    let mut seen = RowKeys::default();
    let mut planned = RowKeys::default();
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        let mut end = None;
        while batch.len() < BATCH && end.is_none() {
            match lines.next(&header) {
                Ok(Some(line)) => batch.push(only_once(line, &mut seen)),
                Ok(None) => end = Some(Ok(())),
                Err(error) => end = Some(Err(error)),
            }
        }
        for group in batch.chunks(at_once) {
            let (known, ctx) = (&planned, &now(portal, ctx));
            let outcomes: Vec<_> = stream::iter(group)
                .map(|line| import_line(portal, ctx, line, &options.rows, known))
                .buffered(at_once)
                .collect()
                .await;
            for (line, outcome) in group.iter().zip(outcomes) {
                match outcome {
                    Ok(saved) => {
                        counts.count(saved);
                        if options.rows.dry_run && saved == Saved::Created {
                            planned.extend(line.row.as_ref().ok().and_then(Row::key));
                        }
                    }
                    Err(RowError::Refused(refusals)) => {
                        counts.refused += 1;
                        watcher.refused(&Refused {
                            line: line.number,
                            reference: line.row.as_ref().map(Row::reference).unwrap_or_default(),
                            refusals,
                        })?;
                    }
                    Err(RowError::Failed(why)) => {
                        return Err(ImportError::Stopped {
                            line: line.number,
                            why,
                        });
                    }
                }
            }
        }
        watcher.progress(lines.bytes(), &counts)?;
        if let Some(end) = end {
            return end.map(|()| counts);
        }
    }
}

/// A long import does not end when it began.
fn now(portal: &Portal, ctx: &Context) -> Context {
    Context {
        at: portal.now(),
        ..ctx.clone()
    }
}

async fn import_line(
    portal: &Portal,
    ctx: &Context,
    line: &Line,
    options: &ImportOptions,
    planned: &RowKeys,
) -> Result<Saved, RowError> {
    match &line.row {
        Ok(row) => portal.import_row(ctx, row, options, planned).await,
        Err(refusals) => Err(RowError::Refused(refusals.clone())),
    }
}

/// The line, refused when one before it names the same record: which of them is right is not ours to guess.
fn only_once(mut line: Line, seen: &mut RowKeys) -> Line {
    if let Ok(row) = &line.row
        && let Some(key) = row.key()
        && !seen.note(key)
    {
        line.row = Err(vec![Refusal {
            column: row.sheet().key().first().map(|column| (*column).to_owned()),
            why: "A line before this one names the same record. Keep one of them.".into(),
        }]);
    }
    line
}
