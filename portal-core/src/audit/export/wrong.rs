use std::fmt;

use super::line::FORMAT;
use crate::audit::note::NoteError;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "their texts say what they are")]
pub enum Wrong {
    NotALine,
    NotCanonical,
    OutOfPlace { expected: u64, found: u64 },
    LinesMissing { expected: u64, found: u64 },
    NotFirst,
    Format(String),
    Origin(String),
    EntriesMissing { expected: u64, found: u64 },
    EntryOutOfPlace { expected: u64, found: u64 },
    Changed,
    Gone,
    Checkpoint(NoteError),
    Signatures(usize),
    OtherTree(String),
    CheckpointOutOfPlace { entries: u64, size: u64 },
    Root { from: u64, size: u64 },
    Older { size: u64 },
    CutOff { entries: u64, size: u64 },
    Count { entries: u64, said: u64 },
    Unsigned { entries: u64 },
    BreaksOff,
    AfterEnd,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotALine => write!(f, "this is no line of an export"),
            Self::NotCanonical => write!(
                f,
                "the line was rewritten: it is not in the form in which exports are written"
            ),
            Self::OutOfPlace { expected, found } => {
                write!(
                    f,
                    "the line is doubled or out of order: it says that it is line {found}, and {expected} comes here"
                )
            }
            Self::LinesMissing { expected, found } => {
                write!(
                    f,
                    "lines are missing before it: it says that it is line {found}, and {expected} comes here"
                )
            }
            Self::NotFirst => write!(f, "the first line must say what the file is, and no other does"),
            Self::Format(format) => write!(f, "the file is {format:?}, not {FORMAT:?}"),
            Self::Origin(origin) => write!(f, "the export is of {origin:?}, of which no key was given"),
            Self::EntriesMissing { expected, found } => {
                write!(f, "entries are missing: {found} follows where {expected} belongs")
            }
            Self::EntryOutOfPlace { expected, found } => {
                write!(
                    f,
                    "the entry is doubled or out of order: {found} follows where {expected} belongs"
                )
            }
            Self::Changed => write!(f, "the entry was changed: it is not the one that was sealed here"),
            Self::Gone => write!(f, "the entry that was sealed here is gone from the database"),
            Self::Checkpoint(why) => write!(f, "the checkpoint {why}"),
            Self::Signatures(count) => write!(
                f,
                "the checkpoint has {count} signatures; in an export each has one"
            ),
            Self::OtherTree(origin) => write!(f, "the checkpoint is of another tree, {origin:?}"),
            Self::CheckpointOutOfPlace { entries, size } => {
                write!(f, "the checkpoint of {size} entries stands after {entries}")
            }
            Self::Root { from, size } => {
                write!(
                    f,
                    "the entries do not lead to what was signed: one from {from} to {} is not the one that was sealed",
                    size - 1
                )
            }
            Self::Older { size } => {
                write!(
                    f,
                    "the first {size} entries are not those of the older checkpoint of {size} entries: the trail was rewritten since"
                )
            }
            Self::CutOff { entries, size } => {
                write!(
                    f,
                    "entries from {entries} to {} are missing at the end: the older checkpoint has {size}",
                    size - 1
                )
            }
            Self::Count { entries, said } => {
                write!(f, "there are {entries} entries, and the last line says {said}")
            }
            Self::Unsigned { entries: 0 } => {
                write!(f, "nothing is in it, and nobody signed that: it proves nothing")
            }
            Self::Unsigned { entries } => {
                write!(f, "nobody signed that the trail has these {entries} entries")
            }
            Self::BreaksOff => write!(f, "the file breaks off here: its last line is missing"),
            Self::AfterEnd => write!(f, "something follows the last line"),
        }
    }
}

/// Something wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line in the file, counted from 1.
    pub line: u64,
    /// The entry, counted from 0, where the line has one.
    pub entry: Option<u64>,
    /// What is wrong.
    pub wrong: Wrong,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entry {
            Some(entry) => write!(f, "line {}, entry {entry}: {}", self.line, self.wrong),
            None => write!(f, "line {}: {}", self.line, self.wrong),
        }
    }
}
