use std::collections::{BTreeMap, HashSet};
use std::fmt;

use super::{Refusal, Row, Sheet};
use crate::matter::Matter;
use crate::text;
use strsim::levenshtein;

/// The first line of a file, understood: which column stands where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    sheet: Sheet,
    columns: Vec<String>,
}

/// One thing that is wrong with a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderProblem {
    /// There is no such column; perhaps another was meant.
    Unknown {
        /// As it is written in the file, cut to 60 characters and without control characters.
        name: String,
        /// The column that it looks like.
        meant: Option<&'static str>,
    },
    /// A column that must be there is not.
    Missing(&'static str),
    /// A column is there twice.
    Twice(String),
    /// A column has no name; its place, from 1.
    Unnamed(usize),
    /// There are more attributes than a matter can have.
    TooManyAttributes,
}

impl fmt::Display for HeaderProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown {
                name,
                meant: Some(meant),
            } => {
                write!(f, "there is no column \"{name}\"; did you mean \"{meant}\"?")
            }
            Self::Unknown { name, meant: None } => write!(f, "there is no column \"{name}\""),
            Self::Missing(name) => write!(f, "the column \"{name}\" is missing"),
            Self::Twice(name) => write!(f, "the column \"{name}\" is there twice"),
            Self::Unnamed(place) => write!(f, "column {place} has no name"),
            Self::TooManyAttributes => {
                write!(f, "at most {} attributes are possible", Matter::MOST_ATTRIBUTES)
            }
        }
    }
}

/// All that is wrong with a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderError {
    /// What the file was to hold.
    pub sheet: Sheet,
    /// What is wrong, from left to right; what is missing comes last.
    pub problems: Vec<HeaderProblem>,
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The first line does not name the columns of {}:", self.sheet)?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        write!(f, "\nPossible columns: {}", self.sheet.required().join(", "))?;
        write!(f, " (these are needed)")?;
        for column in self.sheet.optional() {
            write!(f, ", {column}")?;
        }
        if self.sheet == Sheet::Matters {
            write!(f, ", and attributes like {}office", Sheet::ATTRIBUTE)?;
        }
        Ok(())
    }
}

impl std::error::Error for HeaderError {}

impl Header {
    /// Understands the names of a file's columns. Case, accents and spaces do not matter: "Given names" is
    /// `given_names`.
    pub fn read(sheet: Sheet, names: &[String]) -> Result<Self, HeaderError> {
        let mut problems = Vec::new();
        let mut seen = HashSet::new();
        let mut columns = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            match column(sheet, name) {
                Some(column) if column.is_empty() => problems.push(HeaderProblem::Unnamed(index + 1)),
                Some(column) => {
                    if !seen.insert(column.clone()) {
                        problems.push(HeaderProblem::Twice(column.clone()));
                    }
                    columns.push(column);
                }
                None => problems.push(HeaderProblem::Unknown {
                    name: shown(name),
                    meant: suggestion(sheet, name),
                }),
            }
        }
        let is_missing = |required: &&&'static str| !seen.contains(**required);
        problems.extend(
            sheet
                .required()
                .iter()
                .filter(is_missing)
                .map(|name| HeaderProblem::Missing(name)),
        );
        let attributes = seen.iter().filter(|name| name.starts_with(Sheet::ATTRIBUTE));
        if attributes.count() > Matter::MOST_ATTRIBUTES {
            problems.push(HeaderProblem::TooManyAttributes);
        }
        if problems.is_empty() {
            Ok(Self { sheet, columns })
        } else {
            Err(HeaderError { sheet, problems })
        }
    }

    /// What the file holds.
    #[must_use]
    pub const fn sheet(&self) -> Sheet {
        self.sheet
    }

    /// Whether the file has this column.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|own| own == column)
    }

    /// The names of the columns, from left to right.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// A line of the file. `None` is a value that is not UTF-8.
    ///
    /// # Errors
    /// When it has more or fewer values than there are columns, or one that is not UTF-8.
    pub fn row(&self, values: Vec<Option<String>>) -> Result<Row, Vec<Refusal>> {
        if values.len() != self.columns.len() {
            return Err(vec![Refusal {
                column: None,
                why: format!(
                    "This line has {} values and the first line {} columns. A comma or line break within a value \
                     needs quotes around the value.",
                    values.len(),
                    self.columns.len()
                ),
            }]);
        }
        let mut refusals = Vec::new();
        let mut cells = BTreeMap::new();
        for (column, value) in self.columns.iter().zip(values) {
            if let Some(value) = value {
                cells.insert(column.clone(), value);
            } else {
                refusals.push(Refusal {
                    column: Some(column.clone()),
                    why: "This is not UTF-8 text. Save the file as \"CSV UTF-8\".".into(),
                });
            }
        }
        if refusals.is_empty() {
            Ok(Row::new(self.sheet, cells))
        } else {
            Err(refusals)
        }
    }
}

fn normal(name: &str) -> String {
    text::fold(name).replace([' ', '-'], "_")
}

/// The column of this name; empty for no name at all.
fn column(sheet: Sheet, name: &str) -> Option<String> {
    let normal = normal(name);
    if normal.is_empty() {
        return Some(normal);
    }
    if let Some(known) = sheet.columns().find(|column| *column == normal) {
        return Some(known.to_owned());
    }
    // The name of an attribute stays as it is written.
    let name = name.trim();
    let is_attribute = sheet == Sheet::Matters
        && name
            .get(..Sheet::ATTRIBUTE.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(Sheet::ATTRIBUTE));
    let attribute = name.get(Sheet::ATTRIBUTE.len()..).filter(|_| is_attribute)?;
    let attribute = text::line("attribute", attribute, 60).ok()?;
    Some(format!("{}{attribute}", Sheet::ATTRIBUTE))
}

fn suggestion(sheet: Sheet, name: &str) -> Option<&'static str> {
    let name = normal(name);
    // Nobody means a column by a text of hundreds of letters, and comparing it would take its time.
    if name.chars().count() > 60 {
        return None;
    }
    sheet.meant_by(&name).or_else(|| {
        sheet
            .columns()
            .map(|column| (levenshtein(&name, column), column))
            .filter(|(distance, column)| *distance <= column.len() / 3)
            .min()
            .map(|(_, column)| column)
    })
}

fn shown(name: &str) -> String {
    name.chars()
        .filter(|c| !text::is_treacherous(*c))
        .take(60)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(sheet: Sheet, names: &[&str]) -> Result<Header, HeaderError> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Header::read(sheet, &names)
    }

    #[test]
    fn names_are_read_as_people_write_them() {
        let header = read(
            Sheet::Clients,
            &[" Reference", "GIVEN NAMES", "family-name", "E-Mail"],
        );
        let error = header.unwrap_err();
        assert_eq!(
            error.problems,
            [HeaderProblem::Unknown {
                name: "E-Mail".into(),
                meant: Some("email")
            }]
        );
        let header = read(
            Sheet::Clients,
            &[" Reference", "GIVEN NAMES", "family-name", "Email"],
        )
        .unwrap();
        assert_eq!(
            header.columns(),
            ["reference", "given_names", "family_name", "email"]
        );
    }

    #[test]
    fn everything_wrong_is_told_at_once_with_what_was_meant() {
        let error = read(
            Sheet::Clients,
            &["Surname", "", "email", "EMAIL", "phonne", "zodiac\u{202e}"],
        )
        .unwrap_err();
        let told = error.to_string();
        for part in [
            "\"Surname\"; did you mean \"family_name\"",
            "column 2 has no name",
            "\"email\" is there twice",
            "\"phonne\"; did you mean \"phone\"",
            "no column \"zodiac\"\n",
            "\"reference\" is missing",
            "\"given_names\" is missing",
        ] {
            assert!(told.contains(part), "{part} in {told}");
        }
    }

    #[test]
    fn matters_have_attributes_and_others_have_not() {
        let header = read(
            Sheet::Matters,
            &["reference", "title", "Attribute:Visa type", "attribute:Büro"],
        )
        .unwrap();
        assert_eq!(
            header.columns().get(2..),
            Some(&["attribute:Visa type".to_owned(), "attribute:Büro".to_owned()][..])
        );
        assert!(read(Sheet::Matters, &["reference", "title", "attribute:"]).is_err());
        assert!(read(Sheet::Clients, &["reference", "given_names", "attribute:office"]).is_err());
        let many: Vec<String> = ["reference".into(), "title".into()]
            .into_iter()
            .chain((0..51).map(|n| format!("attribute:{n}")))
            .collect();
        let error = Header::read(Sheet::Matters, &many).unwrap_err();
        assert_eq!(error.problems, [HeaderProblem::TooManyAttributes]);
    }

    #[test]
    fn a_line_has_a_value_for_each_column() {
        let header = read(
            Sheet::Participants,
            &["matter_reference", "client_reference", "part"],
        )
        .unwrap();
        let value = |text: &str| Some(text.to_owned());
        assert!(
            header
                .row(vec![value("M-1"), value("C-1"), value("partner")])
                .is_ok()
        );
        let refusals = header.row(vec![value("M-1"), value("C-1")]).unwrap_err();
        assert!(refusals[0].why.contains("2 values"), "{refusals:?}");
        let refusals = header
            .row(vec![value("M-1"), None, value("partner")])
            .unwrap_err();
        assert_eq!(refusals[0].column.as_deref(), Some("client_reference"));
    }

    proptest! {
        #[test]
        fn any_first_line_is_answered(names in proptest::collection::vec("(?s).{0,80}", 0..20)) {
            for sheet in Sheet::ALL {
                match Header::read(sheet, &names) {
                    Ok(header) => prop_assert_eq!(header.columns().len(), names.len()),
                    Err(error) => prop_assert!(!error.problems.is_empty() && !error.to_string().is_empty()),
                }
            }
        }
    }
}
