//! Secrets: made, hashed, compared and derived here and nowhere else.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::audit::note::{NoteSigner, VerifierKey};
use crate::id::NotALocator;
use crate::{LinkId, PracticeId};

/// A SHA-256 hash: of a secret, so that the secret itself is never stored, or of a file's bytes.
#[derive(Clone, Copy, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The hash of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl PartialEq for Digest {
    /// In constant time: how long it takes tells nothing about where they differ.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 hash in hexadecimal")]
pub struct NotADigest;

impl FromStr for Digest {
    type Err = NotADigest;
    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let digits = text.as_bytes();
        // A plus sign, which numbers may have, is no digit.
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(NotADigest);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = str::from_utf8(pair).map_err(|_| NotADigest)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| NotADigest)?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = NotADigest;
    fn try_from(text: String) -> Result<Self, NotADigest> {
        text.parse()
    }
}

/// 256 secret bits. Shown to its owner once; stored only as its [`Digest`]; never printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// From random or derived bits.
    #[must_use]
    pub fn new(bits: [u8; 32]) -> Self {
        Self(Zeroizing::new(bits))
    }

    /// What is stored of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&*self.0)
    }

    /// The secret as base64url text, 43 characters, for its owner only.
    #[must_use]
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(*self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl FromStr for Secret {
    type Err = NotALocator;
    fn from_str(text: &str) -> Result<Self, NotALocator> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| NotALocator)?);
        <[u8; 32]>::try_from(bytes.as_slice())
            .map(Self::new)
            .map_err(|_| NotALocator)
    }
}

/// A secret that names its practice (48 bytes, base64url, 64 characters): sign-in tokens and session cookies,
/// which arrive before anybody is known and are still looked up within one practice.
#[derive(Debug, Clone)]
pub struct SecretLocator {
    /// The practice that gave it out.
    pub practice: PracticeId,
    /// The secret.
    pub secret: Secret,
}

impl SecretLocator {
    /// The text for its owner.
    #[must_use]
    pub fn reveal(&self) -> String {
        let mut bytes = Zeroizing::new([0; 48]);
        let (practice, secret) = bytes.split_at_mut(16);
        practice.copy_from_slice(self.practice.0.as_bytes());
        secret.copy_from_slice(&*self.secret.0);
        URL_SAFE_NO_PAD.encode(*bytes)
    }
}

impl FromStr for SecretLocator {
    type Err = NotALocator;
    fn from_str(text: &str) -> Result<Self, NotALocator> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| NotALocator)?);
        let (practice, secret) = bytes.split_at_checked(16).ok_or(NotALocator)?;
        let practice = PracticeId(Uuid::from_slice(practice).map_err(|_| NotALocator)?);
        let secret = <[u8; 32]>::try_from(secret).map_err(|_| NotALocator)?;
        Ok(Self {
            practice,
            secret: Secret::new(secret),
        })
    }
}

/// The server's master key (256 bits, from its configuration) and all that is derived from it.
///
/// A sign-in token is derived from its link's id instead of being stored: the mail can be composed (and after a
/// crash composed again) from the link's record alone, and a copy of the database holds no working token.
#[derive(Clone)]
pub struct Keys {
    master: Zeroizing<[u8; 32]>,
    signing: Option<Arc<AuditSigning>>,
    previous: Arc<[PreviousKey]>,
}

/// From what the keys that sign checkpoints are derived.
struct AuditSigning {
    id: String,
    secret: Option<Zeroizing<[u8; 32]>>,
}

/// A key that signed the audit trail's checkpoints before the present one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreviousKey {
    /// Of the same secret as the present one: what it was called.
    Named(String),
    /// Of another secret: its public half, as it was written down while it signed.
    Public(VerifierKey),
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    /// From the master key.
    #[must_use]
    pub fn new(master: [u8; 32]) -> Self {
        Self {
            master: Zeroizing::new(master),
            signing: None,
            previous: Arc::default(),
        }
    }

    /// Signs checkpoints with the keys called `id`: another id, other keys. They are derived from `secret`, where it is given,
    /// instead of the master key. Without this the id is `1`.
    #[must_use]
    pub fn with_audit_key(self, id: &str, secret: Option<[u8; 32]>) -> Self {
        let signing = AuditSigning {
            id: id.to_owned(),
            secret: secret.map(Zeroizing::new),
        };
        Self {
            signing: Some(Arc::new(signing)),
            ..self
        }
    }

    /// Also believes checkpoints that these keys signed, before the present one did: without them a trail whose head one of them
    /// signed is not gone on with.
    #[must_use]
    pub fn with_previous_audit_keys(self, previous: impl IntoIterator<Item = PreviousKey>) -> Self {
        Self {
            previous: previous.into_iter().collect(),
            ..self
        }
    }

    /// What the Ed25519 key is made of that signs a practice's checkpoints (RFC 8032 calls it the private key).
    #[must_use]
    pub fn audit_seed(&self, practice: PracticeId) -> Zeroizing<[u8; 32]> {
        let id = self.signing.as_deref().map_or("1", |signing| &signing.id);
        self.audit_seed_of(id, practice)
    }

    fn audit_seed_of(&self, id: &str, practice: PracticeId) -> Zeroizing<[u8; 32]> {
        let secret = self
            .signing
            .as_deref()
            .and_then(|signing| signing.secret.as_ref());
        let root = secret.map_or_else(|| self.clone(), |secret| Self::new(**secret));
        Zeroizing::new(root.derive("audit-signing-key", &[id.as_bytes(), practice.0.as_bytes()]))
    }

    /// The public keys by which the checkpoints of a practice's tree, which is called `origin`, are believed: that of the key which
    /// signs now, and then the previous ones in the order in which they were given.
    #[must_use]
    pub fn audit_verifiers(&self, practice: PracticeId, origin: &str) -> Vec<VerifierKey> {
        let present = NoteSigner::new(origin, &self.audit_seed(practice)).verifier();
        let mut keys = vec![present];
        for previous in self.previous.iter() {
            let key = match previous {
                PreviousKey::Named(id) => {
                    Some(NoteSigner::new(origin, &self.audit_seed_of(id, practice)).verifier())
                }
                PreviousKey::Public(key) => Some(key.clone()).filter(|key| key.name() == origin),
            };
            keys.extend(key.filter(|key| !keys.contains(key)));
        }
        keys
    }

    /// HMAC-SHA-256 (RFC 2104) under the master key; `purpose` keeps one use's values from serving another.
    #[must_use]
    pub fn derive(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.mac(purpose);
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The token of a sign-in link.
    #[must_use]
    pub fn link_token(&self, practice: PracticeId, link: LinkId) -> SecretLocator {
        let secret = self.derive("sign-in-link", &[practice.0.as_bytes(), link.0.as_bytes()]);
        SecretLocator {
            practice,
            secret: Secret::new(secret),
        }
    }

    /// The short code of the same mail: eight digits (26 bits), worth nothing without the link.
    #[must_use]
    pub fn link_code(&self, practice: PracticeId, link: LinkId) -> String {
        let bits = self.derive("sign-in-code", &[practice.0.as_bytes(), link.0.as_bytes()]);
        let number = bits
            .iter()
            .take(16)
            .fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
        format!("{:08}", number % 100_000_000)
    }

    /// What is stored of a short code: keyed, because eight digits alone could be tried out offline.
    #[must_use]
    pub fn link_code_digest(&self, practice: PracticeId, link: LinkId, code: &str) -> Digest {
        Digest(self.derive(
            "sign-in-code-digest",
            &[practice.0.as_bytes(), link.0.as_bytes(), code.as_bytes()],
        ))
    }

    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    fn mac(&self, purpose: &str) -> Hmac<Sha256> {
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(&*self.master).expect("HMAC takes a key of any length");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac
    }
}
