//! Signed notes and the keys that verify them: <https://c2sp.org/signed-note>, Ed25519 (RFC 8032) only.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// The signature type of Ed25519.
const ED25519: u8 = 1;
/// Begins each signature line.
const DASH: &str = "\u{2014} ";
/// The most bytes of a note. Ours have some 300; witnesses may add signatures.
pub const MOST_NOTE_BYTES: usize = 64 * 1024;

/// Why a note or a key is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is not of the form that C2SP's signed-note describes.
    #[error("is not a signed note")]
    Malformed,
    /// Nobody signed it whose key is known here.
    #[error("is signed by a key that was not given{}", named(.0))]
    UnknownKey(Vec<String>),
    /// A known key's signature is not one of this text.
    #[error("carries a signature of {0} that is wrong: the text is not the one that was signed")]
    WrongSignature(String),
}

fn named(keys: &[String]) -> String {
    if keys.is_empty() {
        return String::new();
    }
    format!(" ({})", keys.join(", "))
}

/// The text is not a verifier key (`name+id+key`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an Ed25519 verifier key of the form name+id+key (https://c2sp.org/signed-note)")]
pub struct NotAKey;

/// The public half of a signing key, as it is given to strangers.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

impl VerifierKey {
    /// Whose key it is: the origin of the checkpoints that it signs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of `SHA-256(name || 0x0A || 0x01 || key)`.
    #[must_use]
    pub fn id(&self) -> u32 {
        let hash = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes());
        let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
        u32::from_be_bytes([a, b, c, d])
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut typed = vec![ED25519];
        typed.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{:08x}+{}", self.name, self.id(), STANDARD.encode(typed))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifierKey {
    type Err = NotAKey;
    fn from_str(text: &str) -> Result<Self, NotAKey> {
        // The key's base64 may hold a plus sign; the name may not.
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NotAKey);
        };
        let typed = STANDARD.decode(key).map_err(|_| NotAKey)?;
        let Some((&ED25519, key)) = typed.split_first() else {
            return Err(NotAKey);
        };
        let key = <[u8; 32]>::try_from(key).map_err(|_| NotAKey)?;
        let key = Self {
            name: name.to_owned(),
            key: VerifyingKey::from_bytes(&key).map_err(|_| NotAKey)?,
        };
        if !is_name(name) || key.key.is_weak() || format!("{:08x}", key.id()) != id {
            return Err(NotAKey);
        }
        Ok(key)
    }
}

/// Whether a note's key may be called so.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// A key that signs, under its name.
#[derive(Clone)]
pub struct NoteSigner {
    name: String,
    key: SigningKey,
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoteSigner")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl NoteSigner {
    /// The key made of these 256 secret bits. Spaces and plus signs, which no name may hold, become hyphens.
    #[must_use]
    pub fn new(name: &str, seed: &[u8; 32]) -> Self {
        let allowed = |c: char| {
            if c.is_whitespace() || c.is_control() || c == '+' {
                '-'
            } else {
                c
            }
        };
        Self {
            name: name.chars().map(allowed).collect(),
            key: SigningKey::from_bytes(seed),
        }
    }

    /// Its public half.
    #[must_use]
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey {
            name: self.name.clone(),
            key: self.key.verifying_key(),
        }
    }

    /// `text`, which ends with a newline, with the signature.
    #[must_use]
    pub fn sign(&self, text: &str) -> String {
        let mut signature = self.verifier().id().to_be_bytes().to_vec();
        signature.extend_from_slice(&self.key.sign(text.as_bytes()).to_bytes());
        format!("{text}\n{DASH}{} {}\n", self.name, STANDARD.encode(signature))
    }
}

/// A note taken apart, whose signatures nobody looked at yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note<'a> {
    /// What was signed; it ends with a newline.
    pub text: &'a str,
    signatures: Vec<(&'a str, u32, Vec<u8>)>,
}

impl<'a> Note<'a> {
    /// Takes a note apart. Every signature line must be well-formed, also those of unknown keys.
    pub fn parse(note: &'a str) -> Result<Self, NoteError> {
        let clean = note.len() <= MOST_NOTE_BYTES && !note.contains(|c: char| c < ' ' && c != '\n');
        let (text, lines) = note
            .rfind("\n\n")
            .and_then(|at| note.split_at_checked(at + 1))
            .filter(|_| clean)
            .ok_or(NoteError::Malformed)?;
        let lines = lines
            .strip_prefix('\n')
            .and_then(|lines| lines.strip_suffix('\n'));
        let lines = lines.ok_or(NoteError::Malformed)?;
        let signatures = lines.split('\n').map(signature).collect::<Option<Vec<_>>>();
        Ok(Self {
            text,
            signatures: signatures.ok_or(NoteError::Malformed)?,
        })
    }

    /// How many signatures it carries, of whomever.
    #[must_use]
    pub fn signatures(&self) -> usize {
        self.signatures.len()
    }

    /// The ids of the keys that it names, whether or not their signatures are right.
    pub fn key_ids(&self) -> impl Iterator<Item = u32> {
        self.signatures.iter().map(|(_, id, _)| *id)
    }

    /// The key among `keys` whose signature it carries. Signatures of other keys are passed over, as the format demands;
    /// a wrong one of a known key refuses the note.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<&'k VerifierKey, NoteError> {
        let mut found = None;
        for (name, id, signature) in &self.signatures {
            let known = keys.iter().find(|key| key.name == *name && key.id() == *id);
            let Some(key) = known else { continue };
            let signature = Signature::from_slice(signature).ok();
            let right = signature.is_some_and(|it| key.key.verify_strict(self.text.as_bytes(), &it).is_ok());
            if !right {
                return Err(NoteError::WrongSignature(format!("{name}+{id:08x}")));
            }
            found.get_or_insert(key);
        }
        found.ok_or_else(|| {
            let names = self
                .signatures
                .iter()
                .map(|(name, id, _)| format!("{name}+{id:08x}"));
            NoteError::UnknownKey(names.collect())
        })
    }
}

fn signature(line: &str) -> Option<(&str, u32, Vec<u8>)> {
    let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
    let bytes = STANDARD.decode(signature).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    (is_name(name) && !signature.is_empty()).then(|| (name, u32::from_be_bytes(*id), signature.to_vec()))
}
