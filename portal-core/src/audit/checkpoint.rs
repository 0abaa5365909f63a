//! Checkpoints: the signed head of a practice's tree, <https://c2sp.org/tlog-checkpoint>.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::note::{Note, NoteError, NoteSigner, VerifierKey};
use crate::{Digest, PracticeId};

/// What a checkpoint says: that the tree called `origin` had this size and root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which tree. Ours end with a slash and the practice's id.
    pub origin: String,
    /// How many entries were sealed.
    pub size: u64,
    /// The root over all of them.
    pub root: Digest,
}

impl Checkpoint {
    /// The name of a practice's tree: the portal's address without its scheme, `/audit/`, and the practice's id.
    #[must_use]
    pub fn origin_of(public_url: &str, practice: PracticeId) -> String {
        let address = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
        let address = address
            .trim_end_matches('/')
            .replace(|c: char| c.is_whitespace() || c == '+', "-");
        format!("{address}/audit/{practice}")
    }

    /// The practice that an origin of ours names.
    #[must_use]
    pub fn practice_of(origin: &str) -> Option<PracticeId> {
        let (_, id) = origin.rsplit_once('/')?;
        let practice: uuid::Uuid = id.parse().ok()?;
        (practice.to_string() == id).then_some(PracticeId(practice))
    }

    /// It with a signature.
    #[must_use]
    pub fn sign(&self, signer: &NoteSigner) -> String {
        signer.sign(&self.to_string())
    }

    /// Reads a signed checkpoint without looking at who signed it.
    pub fn read(note: &str) -> Result<Self, NoteError> {
        Note::parse(note)?.text.parse()
    }

    /// The checkpoint of a note that one of `keys` signed, whose name must be the checkpoint's origin; and which key.
    pub fn verify<'k>(note: &str, keys: &'k [VerifierKey]) -> Result<(Self, &'k VerifierKey), NoteError> {
        let note = Note::parse(note)?;
        let key = note.verify(keys)?;
        let checkpoint: Self = note.text.parse()?;
        if checkpoint.origin != key.name() {
            return Err(NoteError::Malformed);
        }
        Ok((checkpoint, key))
    }
}

/// The text that is signed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}\n{}\n{}",
            self.origin,
            self.size,
            STANDARD.encode(self.root.0)
        )
    }
}

/// Exactly three lines: extensions, which the format allows but advises against, are refused.
impl FromStr for Checkpoint {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root), Some(""), None) = (
            lines.next(),
            lines.next(),
            lines.next(),
            lines.next(),
            lines.next(),
        ) else {
            return Err(NoteError::Malformed);
        };
        let root = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok());
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: size.parse().map_err(|_| NoteError::Malformed)?,
            root: Digest(root.ok_or(NoteError::Malformed)?),
        };
        // No leading zeroes or signs, and whatever else would read the same.
        if origin.is_empty() || checkpoint.to_string() != text {
            return Err(NoteError::Malformed);
        }
        Ok(checkpoint)
    }
}
