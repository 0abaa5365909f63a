//! Taxonomies as spreadsheets: a line for each value, and one more for each further alias.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{DimensionDraft, Taxonomy, TaxonomyDraft, ValueDraft, fold};
use crate::text::inert;
use crate::workflow::problem::{Problems, shown};
use crate::workflow::{FileProblem, FileProblems};

const COLUMNS: [&str; 4] = ["dimension", "value", "parent", "alias"];

impl Taxonomy {
    /// The most bytes of a CSV file.
    pub const MOST_CSV_BYTES: usize = 50_000_000;

    /// The taxonomy as CSV: `dimension,value,parent,alias`. A value with several aliases takes several lines; a dimension
    /// without values has a line with its name only. An apostrophe goes before what a spreadsheet would take for a formula;
    /// [`Taxonomy::from_csv`] takes it away.
    ///
    /// # Errors
    /// None that a taxonomy brings about.
    pub fn to_csv(&self) -> Result<String, FileProblems> {
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        let wrong = |error: ::csv::Error| FileProblems::one(None, "", error.to_string());
        writer.write_record(COLUMNS).map_err(wrong)?;
        for dimension in self.draft().dimensions {
            if dimension.values.is_empty() {
                writer
                    .write_record([&*written(&dimension.name), "", "", ""])
                    .map_err(wrong)?;
            }
            for value in &dimension.values {
                let parent = value.parent.as_deref().unwrap_or_default();
                let first = value.aliases.first().map_or("", String::as_str);
                for alias in std::iter::once(first).chain(value.aliases.iter().skip(1).map(String::as_str)) {
                    let cells = [dimension.name.as_str(), value.name.as_str(), parent, alias].map(written);
                    writer
                        .write_record(cells.iter().map(|cell| cell.as_bytes()))
                        .map_err(wrong)?;
                }
            }
        }
        let bytes = writer
            .into_inner()
            .map_err(|error| FileProblems::one(None, "", error.to_string()))?;
        String::from_utf8(bytes).map_err(|error| FileProblems::one(None, "", error.to_string()))
    }

    /// Reads such a file. Columns may stand in any order; `parent` and `alias` may be missing. Lines of one value need not
    /// follow each other, and only one of them needs to name its parent.
    ///
    /// # Errors
    /// What is wrong with it, each problem with its line and column: columns that are missing, unknown or there twice, lines with
    /// too few or too many values, two parents for one value, and whatever [`Taxonomy::new`] refuses.
    pub fn from_csv(text: &str) -> Result<Self, FileProblems> {
        if text.len() > Self::MOST_CSV_BYTES {
            let message = format!(
                "The file has {} bytes; at most {} are read.",
                text.len(),
                Self::MOST_CSV_BYTES
            );
            return Err(FileProblems::one(None, "", message));
        }
        let mut reader = ::csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let wrong = |error: ::csv::Error| {
            let line = error
                .position()
                .and_then(|position| usize::try_from(position.line()).ok());
            let message = match error.kind() {
                ::csv::ErrorKind::UnequalLengths {
                    expected_len, len, ..
                } => {
                    format!("This line has {len} values and the first line {expected_len} columns.")
                }
                _ => error.to_string(),
            };
            FileProblems::one(line, "", message)
        };
        let columns = columns(reader.headers().map_err(wrong)?)?;
        let mut sheet = Sheet::default();
        let mut record = ::csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(wrong)? {
            let line = record
                .position()
                .and_then(|position| usize::try_from(position.line()).ok());
            let cells = columns.map(|column| {
                let cell = column.and_then(|at| record.get(at)).unwrap_or_default();
                read(cell.trim())
            });
            if let Err(Full) = sheet.take(line.unwrap_or_default(), cells) {
                break;
            }
        }
        sheet.finish()
    }
}

/// Where each column stands.
fn columns(header: &::csv::StringRecord) -> Result<[Option<usize>; 4], FileProblems> {
    let mut columns = [None; 4];
    let wrong = |column: &str, message: &str| Err(FileProblems::one(Some(1), column, message));
    for (at, name) in header.iter().enumerate() {
        let known = COLUMNS.iter().position(|column| fold(column) == fold(name));
        match known.and_then(|known| columns.get_mut(known)) {
            None => {
                return wrong(
                    &shown(name),
                    "There is no such column; there are dimension, value, parent and alias.",
                );
            }
            Some(Some(_)) => return wrong(name, "This column is there twice."),
            Some(place) => *place = Some(at),
        }
    }
    for (name, column) in COLUMNS.iter().zip(&columns).take(2) {
        if column.is_none() {
            return wrong(name, "This column is missing.");
        }
    }
    Ok(columns)
}

/// What was read so far, with the lines that it came from.
#[derive(Default)]
struct Sheet {
    draft: TaxonomyDraft,
    /// From a dimension's and value's folded names to their places.
    dimensions: HashMap<String, usize>,
    values: HashMap<(usize, String), usize>,
    aliases: usize,
    /// For each dimension its line and those of its values.
    lines: Vec<(usize, Vec<ValueLines>)>,
    problems: Problems,
}

/// Where each part of a value was read.
struct ValueLines {
    name: usize,
    parent: usize,
    aliases: Vec<usize>,
}

/// A limit is passed, and the rest of the file is not read.
struct Full;

impl Sheet {
    fn take(&mut self, line: usize, [dimension, value, parent, alias]: [&str; 4]) -> Result<(), Full> {
        if fold(dimension).is_empty() {
            self.wrong(line, "dimension", || "This line names no dimension.".into());
            return Ok(());
        }
        let d = self.dimension(line, dimension)?;
        if fold(value).is_empty() {
            let rest = [("value", value), ("parent", parent), ("alias", alias)];
            if let Some((column, _)) = rest.iter().find(|(_, text)| !text.is_empty()) {
                self.wrong(line, column, || "This line names no value.".into());
            }
            return Ok(());
        }
        let v = self.value(line, d, value)?;
        if !alias.is_empty() && self.aliases == Taxonomy::MOST_ALIASES {
            return Err(self.full(line, "alias", "aliases", Taxonomy::MOST_ALIASES));
        }
        let known = (self.draft.dimensions.get_mut(d)).and_then(|known| known.values.get_mut(v));
        let lines = (self.lines.get_mut(d)).and_then(|(_, values)| values.get_mut(v));
        let (Some(known), Some(lines)) = (known, lines) else {
            return Ok(());
        };
        if !alias.is_empty() {
            self.aliases += 1;
            known.aliases.push(alias.to_owned());
            lines.aliases.push(line);
        }
        match &known.parent {
            _ if parent.is_empty() => {}
            None => {
                known.parent = Some(parent.to_owned());
                lines.parent = line;
            }
            Some(other) if fold(other) == fold(parent) => {}
            Some(other) => {
                let (value, other) = (shown(value), shown(other));
                let message =
                    format!("\u{201c}{value}\u{201d} has another parent already: \u{201c}{other}\u{201d}.");
                self.wrong(line, "parent", || message);
            }
        }
        Ok(())
    }

    /// The place of the dimension of this name, which is a new one perhaps.
    fn dimension(&mut self, line: usize, name: &str) -> Result<usize, Full> {
        let place = self.draft.dimensions.len();
        match self.dimensions.entry(fold(name)) {
            Entry::Occupied(known) => return Ok(*known.get()),
            Entry::Vacant(_) if place == Taxonomy::MOST_DIMENSIONS => {}
            Entry::Vacant(new) => {
                new.insert(place);
                self.draft.dimensions.push(DimensionDraft::new(name));
                self.lines.push((line, Vec::new()));
                return Ok(place);
            }
        }
        Err(self.full(line, "dimension", "dimensions", Taxonomy::MOST_DIMENSIONS))
    }

    /// The same for a value.
    fn value(&mut self, line: usize, d: usize, name: &str) -> Result<usize, Full> {
        let all = self.values.len();
        let (Some(dimension), Some((_, lines))) = (self.draft.dimensions.get_mut(d), self.lines.get_mut(d))
        else {
            return Err(Full);
        };
        let place = dimension.values.len();
        match self.values.entry((d, fold(name))) {
            Entry::Occupied(known) => return Ok(*known.get()),
            Entry::Vacant(_) if all == Taxonomy::MOST_VALUES => {}
            Entry::Vacant(new) => {
                new.insert(place);
                dimension.values.push(ValueDraft {
                    name: name.to_owned(),
                    ..ValueDraft::default()
                });
                lines.push(ValueLines {
                    name: line,
                    parent: line,
                    aliases: Vec::new(),
                });
                return Ok(place);
            }
        }
        Err(self.full(line, "value", "values", Taxonomy::MOST_VALUES))
    }

    fn full(&mut self, line: usize, column: &str, what: &str, most: usize) -> Full {
        self.wrong(line, column, || {
            format!("A taxonomy can have {most} {what}; from this line on nothing was read.")
        });
        Full
    }

    fn wrong(&mut self, line: usize, column: &str, message: impl FnOnce() -> String) {
        self.problems.add(|| FileProblem {
            line: Some(line),
            place: column.to_owned(),
            message: message(),
        });
    }

    fn finish(self) -> Result<Taxonomy, FileProblems> {
        self.problems.finish()?;
        Taxonomy::checked(&self.draft).map_err(|told| {
            FileProblems::of(told, |error| {
                let (line, column) = place(&self.lines, &error.field);
                FileProblem {
                    line,
                    place: column.to_owned(),
                    message: error.message,
                }
            })
        })
    }
}

/// The line and the column of a path like `dimensions.0.values.3.parent`.
fn place(lines: &[(usize, Vec<ValueLines>)], path: &str) -> (Option<usize>, &'static str) {
    let keys: Vec<&str> = path.split('.').collect();
    let number = |at: usize| keys.get(at).and_then(|key| key.parse::<usize>().ok());
    let dimension = number(1).and_then(|d| lines.get(d));
    let value = dimension
        .zip(number(3))
        .and_then(|((_, values), v)| values.get(v));
    match (keys.get(4), value) {
        (Some(&"aliases"), Some(value)) => (number(5).and_then(|a| value.aliases.get(a)).copied(), "alias"),
        (Some(&"parent"), Some(value)) => (Some(value.parent), "parent"),
        (_, Some(value)) => (Some(value.name), "value"),
        (_, None) => (dimension.map(|(line, _)| *line), "dimension"),
    }
}

/// A cell that no spreadsheet runs: an apostrophe goes before what begins like a formula, whatever apostrophes it begins
/// with, so that taking one away gives back what was written.
fn written(text: &str) -> Cow<'_, str> {
    if is_formula(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// What was written so.
fn read(cell: &str) -> &str {
    cell.strip_prefix('\'')
        .filter(|text| is_formula(text))
        .unwrap_or(cell)
}

fn is_formula(text: &str) -> bool {
    matches!(inert(text.trim_start_matches('\'')), Cow::Owned(_))
}
