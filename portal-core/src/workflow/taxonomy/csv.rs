//! Taxonomies as spreadsheets: a line for each value, and one more for each further alias.

use super::{DimensionDraft, Taxonomy, TaxonomyDraft, ValueDraft, fold};
use crate::workflow::{FileProblem, FileProblems};

const COLUMNS: [&str; 4] = ["dimension", "value", "parent", "alias"];

impl Taxonomy {
    /// The most bytes of a CSV file.
    pub const MOST_CSV_BYTES: usize = 50_000_000;

    /// The taxonomy as CSV: `dimension,value,parent,alias`. A value with several aliases takes several lines; a dimension
    /// without values has a line with its name only.
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
                    .write_record([&dimension.name, "", "", ""])
                    .map_err(wrong)?;
            }
            for value in &dimension.values {
                let parent = value.parent.as_deref().unwrap_or_default();
                let first = value.aliases.first().map_or("", String::as_str);
                for alias in std::iter::once(first).chain(value.aliases.iter().skip(1).map(String::as_str)) {
                    writer
                        .write_record([&dimension.name, &value.name, parent, alias])
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
    /// All that is wrong with it, each with its line and column: columns that are missing, unknown or there twice, lines with
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
            let cell =
                |column: &Option<usize>| column.and_then(|at| record.get(at)).unwrap_or_default().trim();
            let [dimension, value, parent, alias] = &columns;
            sheet.take(
                line.unwrap_or_default(),
                [cell(dimension), cell(value), cell(parent), cell(alias)],
            );
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
                    name,
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
    dimensions: std::collections::HashMap<String, usize>,
    values: std::collections::HashMap<(usize, String), usize>,
    /// By path (`dimensions.0.values.3.parent`).
    lines: std::collections::HashMap<String, usize>,
    problems: Vec<FileProblem>,
}

impl Sheet {
    fn take(&mut self, line: usize, [dimension, value, parent, alias]: [&str; 4]) {
        if fold(dimension).is_empty() {
            return self.wrong(line, "dimension", "This line names no dimension.".into());
        }
        let d = *self.dimensions.entry(fold(dimension)).or_insert_with(|| {
            self.draft.dimensions.push(DimensionDraft::new(dimension));
            self.draft.dimensions.len() - 1
        });
        let path = format!("dimensions.{d}");
        self.note(format!("{path}.name"), line);
        let Some(known) = self.draft.dimensions.get_mut(d) else {
            return;
        };
        if fold(value).is_empty() {
            let rest = [("value", value), ("parent", parent), ("alias", alias)];
            if let Some((column, _)) = rest.iter().find(|(_, text)| !text.is_empty()) {
                self.wrong(line, column, "This line names no value.".into());
            }
            return;
        }
        let v = *self.values.entry((d, fold(value))).or_insert_with(|| {
            known.values.push(ValueDraft {
                name: value.to_owned(),
                ..ValueDraft::default()
            });
            known.values.len() - 1
        });
        let path = format!("{path}.values.{v}");
        let Some(known) = known.values.get_mut(v) else {
            return;
        };
        let mut notes = vec![format!("{path}.name")];
        if !alias.is_empty() {
            notes.push(format!("{path}.aliases.{}", known.aliases.len()));
            known.aliases.push(alias.to_owned());
        }
        if !parent.is_empty() {
            if let Some(other) = &known.parent
                && fold(other) != fold(parent)
            {
                let message =
                    format!("\u{201c}{value}\u{201d} has another parent already: \u{201c}{other}\u{201d}.");
                return self.wrong(line, "parent", message);
            }
            known.parent = Some(parent.to_owned());
            notes.push(format!("{path}.parent"));
        }
        for note in notes {
            self.note(note, line);
        }
    }

    fn note(&mut self, path: String, line: usize) {
        self.lines.entry(path).or_insert(line);
    }

    fn wrong(&mut self, line: usize, column: &str, message: String) {
        self.problems.push(FileProblem {
            line: Some(line),
            place: column.to_owned(),
            message,
        });
    }

    fn finish(self) -> Result<Taxonomy, FileProblems> {
        if !self.problems.is_empty() {
            return Err(FileProblems(self.problems));
        }
        let column = |path: &str| match path.split('.').nth(4).or_else(|| path.split('.').nth(2)) {
            Some("aliases") => "alias",
            Some("parent") => "parent",
            Some(_) if path.contains(".values.") => "value",
            _ => "dimension",
        };
        Taxonomy::new(&self.draft).map_err(|invalid| {
            let problems = invalid.errors.into_iter().map(|error| FileProblem {
                line: self.lines.get(&error.field).copied(),
                place: column(&error.field).to_owned(),
                message: error.message,
            });
            FileProblems(problems.collect())
        })
    }
}
