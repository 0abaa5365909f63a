//! Statements: text of our own, arguments from elsewhere.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use crate::value::{Argument, Value};

/// SQL with its arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The text. It is made of constants only; whatever comes from elsewhere is an argument.
    pub sql: Cow<'static, str>,
    /// What `$1`, `$2`, .. stand for.
    pub args: Vec<Value>,
}

impl Statement {
    /// A statement whose text is known.
    #[must_use]
    pub fn fixed(sql: &'static str, args: Vec<Value>) -> Self {
        Self {
            sql: Cow::Borrowed(sql),
            args,
        }
    }
}

/// What a statement must do, or nothing of its change is done and the answer is `Stale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Must {
    /// Write exactly one row.
    WriteOne,
    /// Write exactly so many rows.
    Write(u64),
    /// Find exactly one row.
    FindOne,
}

/// One statement of a change. Its first argument is its practice and its second the id of the row that it concerns, or no id
/// when it concerns several.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The statement.
    pub statement: Statement,
    /// What it must do.
    pub must: Must,
    /// The table into which it inserts a row with an id of its own, if it inserts one.
    pub inserts: Option<&'static str>,
}

impl Step {
    /// Finds the row that the step inserts; nobody else's row has its id.
    #[must_use]
    pub fn witness(&self) -> Option<Statement> {
        let table = self.inserts?;
        Some(Statement {
            sql: format!("SELECT id FROM {table} WHERE practice_id = $1 AND id = $2").into(),
            args: self.statement.args.iter().take(2).cloned().collect(),
        })
    }
}

impl Must {
    /// How many rows it must write or find.
    #[must_use]
    pub const fn rows(self) -> u64 {
        match self {
            Self::WriteOne | Self::FindOne => 1,
            Self::Write(rows) => rows,
        }
    }
}

/// What a writing statement did.
#[derive(Debug)]
pub struct Written<Row> {
    /// The rows that it returned.
    pub rows: Vec<Row>,
    /// How many rows it wrote.
    pub count: u64,
}

/// A statement in the making. Text can only be a constant, so that nothing from elsewhere becomes SQL.
#[derive(Debug, Clone)]
pub(crate) struct Sql {
    text: String,
    args: Vec<Value>,
}

impl Sql {
    pub(crate) fn new(text: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            args: Vec::new(),
        }
    }

    /// More text.
    pub(crate) fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// An argument; its placeholder goes into the text.
    pub(crate) fn bind(&mut self, argument: impl Argument) -> &mut Self {
        self.args.push(argument.value());
        let number = self.args.len();
        self.placeholder(number)
    }

    /// A placeholder of an argument that was bound before, counted from 1.
    pub(crate) fn placeholder(&mut self, number: usize) -> &mut Self {
        self.text.push('$');
        self.text.push_str(&number.to_string());
        self
    }

    /// A list of ids between parentheses, never empty. It is filled up to a power of two with its last id, so that
    /// few different texts come about and each database can keep them prepared.
    pub(crate) fn bind_ids(&mut self, ids: &[uuid::Uuid]) -> &mut Self {
        self.list_of_ids(ids);
        self
    }

    /// The same, and answers the numbers of its placeholders, for [`placeholders`](Self::placeholders).
    pub(crate) fn list_of_ids(&mut self, ids: &[uuid::Uuid]) -> RangeInclusive<usize> {
        let last = ids.last().copied().unwrap_or_default();
        let filler = ids.len().max(1).next_power_of_two() - ids.len();
        let first = self.args.len() + 1;
        let filled = ids.iter().copied().chain(std::iter::repeat_n(last, filler));
        self.args.extend(filled.map(Argument::value));
        let numbers = first..=self.args.len();
        self.placeholders(numbers.clone());
        numbers
    }

    /// A list of arguments that were bound before, between parentheses.
    pub(crate) fn placeholders(&mut self, numbers: RangeInclusive<usize>) -> &mut Self {
        let first = *numbers.start();
        for number in numbers {
            self.push(if number == first { "(" } else { ", " });
            self.placeholder(number);
        }
        self.push(")")
    }

    pub(crate) fn done(self) -> Statement {
        Statement {
            sql: Cow::Owned(self.text),
            args: self.args,
        }
    }
}

/// The most ids in one statement.
pub(crate) const MOST_IDS: usize = 256;
