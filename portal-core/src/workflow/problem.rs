use std::fmt;

use crate::{FieldError, Invalid};

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

/// All that is wrong with a file.
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

    /// What is wrong with values, each at its line.
    pub(super) fn of(invalid: Invalid, mut line: impl FnMut(&FieldError) -> Option<usize>) -> Self {
        let problem = |error: FieldError| FileProblem {
            line: line(&error),
            place: error.field,
            message: error.message,
        };
        Self(invalid.errors.into_iter().map(problem).collect())
    }
}
