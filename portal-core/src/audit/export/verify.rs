use super::line::{FORMAT, Kind, Line, MOST_LINE_BYTES};
use super::wrong::{Fault, Wrong};
use crate::Digest;
use crate::audit::Checkpoint;
use crate::audit::note::{Note, NoteError, VerifierKey};
use crate::audit::tree::Frontier;

/// The most faults that are told; after that a file is wrong throughout.
const MOST_FAULTS: usize = 100;

/// What came of looking at an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Which tree.
    pub origin: String,
    /// How many entries there are.
    pub entries: u64,
    /// The root over them.
    pub root: Digest,
    /// How many checkpoints were checked.
    pub checkpoints: u64,
    /// How many facts are erased: of these nothing but that they were there is shown, and whoever hands an export on can erase facts too.
    pub erased: u64,
    /// How many entries the largest older checkpoint has that it was held against; `None` when there was none.
    pub older: Option<u64>,
    /// All that is wrong, in the order of the file; none when the export is what was sealed and signed.
    pub faults: Vec<Fault>,
}

impl Outcome {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.faults.is_empty()
    }

    /// Whether an older checkpoint has as many entries as there are. Otherwise nothing shows that no more came after them: an export
    /// that ends at an earlier checkpoint of the trail is whole by itself.
    #[must_use]
    pub fn is_end_covered(&self) -> bool {
        self.older == Some(self.entries)
    }
}

/// Looks at an export line by line, in memory that does not grow with it.
///
/// Every byte counts: each line must be written exactly as exports are written, say its own number, and follow the one
/// before. So whatever was changed, left out, doubled, moved or cut off is told with its place. Somebody who computes
/// everything anew lacks the key: they are found out at the next checkpoint, which names the span.
#[derive(Debug)]
pub struct Verifier<'k> {
    keys: &'k [VerifierKey],
    older: Vec<Checkpoint>,
    origin: String,
    practice: String,
    line: u64,
    /// The number that the next line must say.
    expected: u64,
    /// The position of the next entry.
    position: u64,
    tree: Frontier,
    /// Whether a leaf is missing, so that roots say nothing any more.
    broken: bool,
    signed: u64,
    checkpoints: u64,
    erased: u64,
    ended: bool,
    faults: Vec<Fault>,
}

impl<'k> Verifier<'k> {
    /// A verifier that believes these keys, and holds older checkpoints, of whose signatures it makes sure.
    ///
    /// # Errors
    /// Why an older checkpoint is not believed.
    pub fn new(keys: &'k [VerifierKey], older: &[&str]) -> Result<Self, NoteError> {
        let older = older
            .iter()
            .map(|note| Checkpoint::verify(note, keys).map(|(checkpoint, _)| checkpoint));
        Ok(Self {
            keys,
            older: older.collect::<Result<_, _>>()?,
            origin: String::new(),
            practice: String::new(),
            line: 0,
            expected: 1,
            position: 0,
            tree: Frontier::default(),
            broken: false,
            signed: 0,
            checkpoints: 0,
            erased: 0,
            ended: false,
            faults: Vec::new(),
        })
    }

    fn fault(&mut self, entry: Option<u64>, wrong: Wrong) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(Fault {
                line: self.line,
                entry,
                wrong,
            });
        }
    }

    /// Takes the next line, with its newline.
    pub fn line(&mut self, bytes: &[u8]) {
        self.line += 1;
        if self.ended {
            return self.fault(None, Wrong::AfterEnd);
        }
        let read = bytes
            .strip_suffix(b"\n")
            .filter(|_| bytes.len() <= MOST_LINE_BYTES);
        let line: Option<Line<'_>> = read.and_then(|bytes| serde_json::from_slice(bytes).ok());
        let Some(line) = line else {
            // It counts as the line that belongs here, so that the next one is not blamed too.
            self.expected += 1;
            self.broken = true;
            self.position += u64::from(
                self.line > 1 && bytes.starts_with(b"{\"line\":") && holds(bytes, b"\"position\":"),
            );
            return self.fault(None, Wrong::NotALine);
        };
        let entry = line.position;
        if line.line > self.expected {
            let expected = self.expected;
            self.fault(
                entry,
                Wrong::LinesMissing {
                    expected,
                    found: line.line,
                },
            );
        } else if line.line < self.expected {
            let expected = self.expected;
            return self.fault(
                entry,
                Wrong::OutOfPlace {
                    expected,
                    found: line.line,
                },
            );
        }
        // Where the entry itself is the next one, only its number is wrong.
        let only_the_number = entry == Some(self.position);
        self.expected = if only_the_number { self.expected } else { line.line }.saturating_add(1);
        if line.bytes() != bytes {
            self.fault(entry, Wrong::NotCanonical);
        }
        match line.kind() {
            Some(Kind::Begin(format, origin)) if self.line == 1 => self.begin(format, origin),
            Some(Kind::Begin(..)) => self.fault(None, Wrong::NotFirst),
            Some(_) if self.line == 1 => self.fault(entry, Wrong::NotFirst),
            Some(Kind::Entry(position, leaf)) => {
                let found = line.leaf_hash(&self.practice);
                self.erased += line.erased();
                self.entry(position, leaf, (found != Some(leaf)).then_some(Wrong::Changed));
            }
            Some(Kind::Missing(position, leaf)) => self.entry(position, leaf, Some(Wrong::Gone)),
            Some(Kind::Checkpoint(note)) => self.checkpoint(note),
            Some(Kind::End(said)) => self.end(said),
            None => {
                self.broken = true;
                self.fault(entry, Wrong::NotALine);
            }
        }
    }

    fn begin(&mut self, format: &str, origin: &str) {
        if format != FORMAT {
            self.fault(None, Wrong::Format(format.to_owned()));
        }
        let practice = Checkpoint::practice_of(origin);
        let known = self.keys.iter().any(|key| key.name() == origin);
        let (Some(practice), true) = (practice, known) else {
            // Whatever follows is of something else.
            self.broken = true;
            return self.fault(None, Wrong::Origin(origin.to_owned()));
        };
        self.practice = practice.to_string();
        origin.clone_into(&mut self.origin);
        if let Some(older) = self.older.iter().find(|older| older.origin != origin) {
            let other = older.origin.clone();
            self.fault(None, Wrong::OtherTree(other));
        }
    }

    fn entry(&mut self, position: u64, leaf: Digest, wrong: Option<Wrong>) {
        let expected = self.position;
        if position < expected {
            self.broken = true;
            return self.fault(
                Some(position),
                Wrong::EntryOutOfPlace {
                    expected,
                    found: position,
                },
            );
        }
        if position > expected {
            self.broken = true;
            self.fault(
                Some(position),
                Wrong::EntriesMissing {
                    expected,
                    found: position,
                },
            );
        }
        self.position = position.saturating_add(1);
        if !self.practice.is_empty()
            && let Some(wrong) = wrong
        {
            self.fault(Some(position), wrong);
        }
        self.tree.push(leaf);
        let size = self.tree.size();
        if self.broken || self.practice.is_empty() || self.older.iter().all(|older| older.size != size) {
            return;
        }
        let root = self.tree.root();
        if self
            .older
            .iter()
            .any(|older| older.size == size && older.root != root)
        {
            self.fault(Some(position), Wrong::Older { size });
        }
    }

    fn checkpoint(&mut self, note: &str) {
        let signatures = Note::parse(note).map(|note| note.signatures());
        let checkpoint = match Checkpoint::verify(note, self.keys) {
            Ok((checkpoint, _)) => checkpoint,
            Err(why) => return self.fault(None, Wrong::Checkpoint(why)),
        };
        if let Ok(count @ 2..) = signatures {
            self.fault(None, Wrong::Signatures(count));
        }
        if checkpoint.origin != self.origin {
            return self.fault(None, Wrong::OtherTree(checkpoint.origin));
        }
        let (size, entries) = (checkpoint.size, self.position);
        if size != entries || size <= self.signed {
            return self.fault(None, Wrong::CheckpointOutOfPlace { entries, size });
        }
        self.checkpoints += 1;
        let from = std::mem::replace(&mut self.signed, size);
        // What is wrong above was told where it is.
        if !self.broken && checkpoint.root != self.tree.root() {
            self.broken = true;
            if self.faults.is_empty() {
                self.fault(None, Wrong::Root { from, size });
            }
        }
    }

    fn end(&mut self, said: u64) {
        self.ended = true;
        let entries = self.position;
        if said != entries {
            self.fault(None, Wrong::Count { entries, said });
        }
        // Also of nothing at all somebody must have signed something, or the file could be anybody's.
        if (self.signed != entries || self.checkpoints == 0) && self.faults.is_empty() {
            self.fault(None, Wrong::Unsigned { entries });
        }
    }

    /// The file is over.
    #[must_use]
    pub fn finish(mut self) -> Outcome {
        if !self.ended {
            self.fault(None, Wrong::BreaksOff);
        }
        let entries = self.position;
        let older = self.older.iter().map(|older| older.size).max();
        if let Some(size) = older.filter(|size| *size > entries) {
            self.fault(None, Wrong::CutOff { entries, size });
        }
        Outcome {
            origin: self.origin,
            entries,
            root: self.tree.root(),
            checkpoints: self.checkpoints,
            erased: self.erased,
            older,
            faults: self.faults,
        }
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
