use std::collections::{BTreeMap, HashSet};
use std::fmt;

use super::Sheet;
use crate::client::ClientDraft;
use crate::matter::MatterDraft;
use crate::{Digest, text};

/// Why a row was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The column that is wrong; `None` when it is the whole row.
    pub column: Option<String>,
    /// A sentence for the person who wrote the file. It repeats nothing of the row.
    pub why: String,
}

impl Refusal {
    pub(super) fn of(column: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            column: Some(column.into()),
            why: why.into(),
        }
    }
}

/// One line of a file: values by column.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    sheet: Sheet,
    cells: BTreeMap<String, String>,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({}, ..)", self.sheet)
    }
}

impl Row {
    pub(super) const fn new(sheet: Sheet, cells: BTreeMap<String, String>) -> Self {
        Self { sheet, cells }
    }

    /// What it is a row of.
    #[must_use]
    pub const fn sheet(&self) -> Sheet {
        self.sheet
    }

    /// The value in a column, if the file has it.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&str> {
        self.cells.get(column).map(String::as_str)
    }

    /// What tells whether two rows of a file name the same record; none for a row that names no record.
    #[must_use]
    pub fn key(&self) -> Option<RowKey> {
        let fold = |column: &&str| text::fold(self.get(column).unwrap_or_default());
        let parts: Vec<String> = self.sheet.key().iter().map(fold).collect();
        parts
            .iter()
            .all(|part| !part.is_empty())
            .then(|| RowKey::of(&parts))
    }

    /// The reference in a column, fit to be looked up: the empty text when there is none.
    pub(super) fn reference_in(&self, column: &str) -> Result<String, Refusal> {
        text::optional_line(column, self.get(column).unwrap_or_default(), 60)
            .map_err(|error| Refusal::of(column, error.message))
    }

    /// How the record's reference reads, for a report: at most 120 characters, none of which hides itself.
    #[must_use]
    pub fn reference(&self) -> String {
        let parts = self
            .sheet
            .key()
            .iter()
            .map(|column| self.get(column).unwrap_or_default().trim());
        let whole = parts.collect::<Vec<_>>().join(" ");
        whole
            .chars()
            .filter(|c| !text::is_treacherous(*c))
            .take(120)
            .collect()
    }

    /// What the client is to be: `before` with everything that the row says.
    pub(super) fn client(&self, before: ClientDraft) -> ClientDraft {
        let mut draft = before;
        for (column, field) in [
            ("reference", &mut draft.reference),
            ("given_names", &mut draft.given_names),
            ("family_name", &mut draft.family_name),
            ("email", &mut draft.email),
            ("phone", &mut draft.phone),
            ("date_of_birth", &mut draft.date_of_birth),
            ("nationality", &mut draft.nationality),
            ("passport_number", &mut draft.passport_number),
            ("passport_issued_on", &mut draft.passport_issued_on),
            ("passport_expires_on", &mut draft.passport_expires_on),
            ("language", &mut draft.language),
            ("time_zone", &mut draft.time_zone),
        ] {
            if let Some(value) = self.get(column) {
                value.clone_into(field);
            }
        }
        draft
    }

    /// What the matter is to be, but for its owner and parent: `before` with everything that the row says.
    pub(super) fn matter(&self, before: MatterDraft) -> MatterDraft {
        let mut draft = before;
        for (column, field) in [
            ("reference", &mut draft.reference),
            ("title", &mut draft.title),
            ("practice_area", &mut draft.practice_area),
            ("stage", &mut draft.stage),
        ] {
            if let Some(value) = self.get(column) {
                value.clone_into(field);
            }
        }
        for (column, value) in &self.cells {
            let Some(name) = column.strip_prefix(Sheet::ATTRIBUTE) else {
                continue;
            };
            if value.trim().is_empty() {
                draft.attributes.remove(name);
            } else {
                draft.attributes.insert(name.to_owned(), value.clone());
            }
        }
        draft
    }
}

/// The record that a row names. It takes 32 bytes, however long the reference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowKey(Digest);

impl RowKey {
    fn of(parts: &[String]) -> Self {
        // A folded text holds no line end, so no two lists of parts give the same text.
        Self(Digest::of(parts.join("\n").as_bytes()))
    }

    pub(super) fn of_reference(reference: &str) -> Self {
        Self::of(&[text::fold(reference)])
    }
}

/// The records that the rows of a file so far name.
#[derive(Debug, Clone, Default)]
pub struct RowKeys(HashSet<[u8; 32]>);

impl RowKeys {
    /// Notes one more; `false` when it was there already.
    pub fn note(&mut self, key: RowKey) -> bool {
        self.0.insert(key.0.0)
    }

    pub(super) fn has(&self, key: RowKey) -> bool {
        self.0.contains(&key.0.0)
    }
}

impl Extend<RowKey> for RowKeys {
    fn extend<T: IntoIterator<Item = RowKey>>(&mut self, keys: T) {
        self.0.extend(keys.into_iter().map(|key| key.0.0));
    }
}
