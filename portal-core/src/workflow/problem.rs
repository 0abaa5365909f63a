use std::borrow::Cow;
use std::fmt;

use super::Taxonomy;
use crate::{FieldError, Invalid};

/// How many problems are told of one draft or file; the rest are counted. A wrong file can have millions.
pub(super) const MOST_TOLD: usize = 100;

/// One thing that is wrong with a file of workflows or values, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// The field: a column's name, or a path like `workflows.2.criteria.0.one_of.1`. Empty where the file itself is wrong.
    pub place: String,
    /// A sentence for whoever wrote the file.
    pub message: String,
}

/// What is wrong with a file: at most a hundred problems, and one more that says how many others there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblems(pub Vec<FileProblem>);

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.message)
    }
}

impl fmt::Display for FileProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index > 0 { "\n" } else { "" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for FileProblems {}

impl FileProblems {
    pub(super) fn one(line: Option<usize>, place: impl Into<String>, message: impl Into<String>) -> Self {
        Self(vec![FileProblem {
            line,
            place: place.into(),
            message: message.into(),
        }])
    }

    /// What is wrong with a draft.
    pub(super) fn of(told: Told, problem: impl FnMut(FieldError) -> FileProblem) -> Self {
        let mut problems = Problems::default();
        problems.add_all(told, problem);
        problems.all()
    }
}

/// Problems as they are found.
#[derive(Debug, Default)]
pub(super) struct Problems {
    told: Vec<FileProblem>,
    more: usize,
}

impl Problems {
    /// One more; it is only made when it is told.
    pub(super) fn add(&mut self, problem: impl FnOnce() -> FileProblem) {
        if self.told.len() < MOST_TOLD {
            self.told.push(problem());
        } else {
            self.more += 1;
        }
    }

    /// All that is wrong with a draft.
    pub(super) fn add_all(&mut self, told: Told, mut problem: impl FnMut(FieldError) -> FileProblem) {
        self.more += told.more;
        for error in told.errors {
            self.add(|| problem(error));
        }
    }

    /// `Ok` when there are none.
    pub(super) fn finish(self) -> Result<(), FileProblems> {
        if self.told.is_empty() {
            Ok(())
        } else {
            Err(self.all())
        }
    }

    fn all(mut self) -> FileProblems {
        if self.more > 0 {
            self.told.push(FileProblem {
                line: None,
                place: String::new(),
                message: format!("And {} more.", self.more),
            });
        }
        FileProblems(self.told)
    }
}

/// What is wrong with a draft: the first problems, and how many more there are.
#[derive(Debug, Default)]
pub(super) struct Told {
    errors: Vec<FieldError>,
    more: usize,
}

impl Told {
    pub(super) fn push(&mut self, error: FieldError) {
        if self.errors.len() < MOST_TOLD {
            self.errors.push(error);
        } else {
            self.more += 1;
        }
    }

    /// Keeps `result`'s value, or notes its error.
    pub(super) fn check<T>(&mut self, result: Result<T, FieldError>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// `Ok` when nothing was noted.
    pub(super) fn finish(self) -> Result<(), Self> {
        if self.errors.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl From<Invalid> for Told {
    fn from(invalid: Invalid) -> Self {
        let mut told = Self::default();
        invalid.errors.into_iter().for_each(|error| told.push(error));
        told
    }
}

impl From<Told> for Invalid {
    fn from(told: Told) -> Self {
        let mut errors = told.errors;
        if told.more > 0 {
            let field = errors.last().map_or_else(String::new, |last| last.field.clone());
            let message = format!("{} more problems are not told.", told.more);
            errors.push(FieldError::new(field, "more", message));
        }
        Self { errors }
    }
}

/// Whether a text is longer than any name.
pub(super) fn is_too_long(text: &str) -> bool {
    text.chars().nth(Taxonomy::MOST_CHARACTERS).is_some()
}

/// That a text is longer than any name.
pub(super) fn too_long(place: impl Into<String>) -> FieldError {
    let message = format!("A name has at most {} characters.", Taxonomy::MOST_CHARACTERS);
    FieldError::new(place, "too-long", message)
}

/// A text as a problem shows it: not more of it than a name can have.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(Taxonomy::MOST_CHARACTERS) {
        Some((end, _)) => Cow::Owned(format!("{}\u{2026}", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}
