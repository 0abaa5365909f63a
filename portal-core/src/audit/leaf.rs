//! A sealed entry and the bytes that its leaf is made of, which `docs/audit-format.md` describes for other languages.
//!
//! What may name a person (`detail`, and from where somebody acted) enters the leaf as salted commitments only: whoever
//! erases the value and its salt leaves the leaf, and with it every proof, as it was.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::AuditEntry;
use super::tree::leaf_hash;
use crate::{Digest, Keys, Origin, PracticeId};

/// Begins every leaf, so that no other thing that is hashed here is one.
const FORMAT: &str = "portal-audit-entry/1";

/// 128 random bits that hide what was committed to: without them nobody can try values out.
pub type Salt = [u8; 16];

/// One thing that may name a person, as the seal remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// Still there: under this name, with this salt. The value stands in the entry.
    Kept(String, Salt),
    /// Erased: what is left is the commitment.
    Erased(Digest),
}

/// What opens an entry's commitments.
#[derive(Clone, PartialEq, Eq)]
pub enum Salts {
    /// 256 random bits from which the salt of each fact is derived: nothing was erased.
    Seed([u8; 32]),
    /// Fact by fact, in the order of the leaf: something was erased, and with it the seed.
    Each(Vec<Fact>),
}

impl std::fmt::Debug for Salts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Seed(_) => f.write_str("Seed(..)"),
            Self::Each(facts) => write!(f, "Each({})", facts.len()),
        }
    }
}

/// One commitment of a leaf, open or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Commitment {
    /// What was committed to, for all to see.
    Open {
        /// Its name: `origin.ip`, `detail.reason`, ..
        name: String,
        /// What hides it while it is not open.
        salt: Salt,
        /// Its value: plain text for an origin's facts, JSON for a detail's.
        value: String,
    },
    /// Erased.
    Closed(Digest),
}

impl Commitment {
    /// `SHA-256(salt || length of name || name || value)`, the length as four bytes, the first the most significant.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match self {
            Self::Closed(digest) => *digest,
            Self::Open { name, salt, value } => commit(salt, name, value),
        }
    }
}

fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes()
}

/// A leaf as a stranger sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// The entry's plain fields but for its practice, in the order of the format.
    pub fields: [Option<String>; 10],
    /// Its commitments, in order.
    pub commitments: Vec<Commitment>,
}

impl Leaf {
    /// The leaf of `entry`. `None` when what the salts tell of is no longer in the entry.
    #[must_use]
    pub fn of(entry: &AuditEntry, salts: &Salts) -> Option<Self> {
        let mut facts = facts(entry);
        let commitments = match salts {
            Salts::Seed(seed) => {
                let keys = Keys::new(*seed);
                let open = facts.into_iter().map(|(name, value)| Commitment::Open {
                    salt: salt(&keys, &name),
                    name,
                    value,
                });
                open.collect()
            }
            Salts::Each(each) => {
                let commitment = |fact: &Fact| match fact {
                    Fact::Erased(digest) => Some(Commitment::Closed(*digest)),
                    Fact::Kept(name, salt) => Some(Commitment::Open {
                        value: facts.remove(name)?,
                        name: name.clone(),
                        salt: *salt,
                    }),
                };
                each.iter().map(commitment).collect::<Option<_>>()?
            }
        };
        let text = |it: &dyn ToString| Some(it.to_string());
        Some(Self {
            fields: [
                text(&entry.id),
                text(&entry.at),
                text(&entry.actor_kind),
                entry.staff_id.map(|id| id.to_string()),
                entry.client_id.map(|id| id.to_string()),
                entry.system.clone(),
                text(&entry.action),
                text(&entry.subject_kind),
                text(&entry.subject_id),
                entry.matter_id.map(|id| id.to_string()),
            ],
            commitments,
        })
    }

    /// Closes every commitment whose name `open` does not choose. The leaf stays the same, byte for byte.
    pub fn close_unless(&mut self, open: impl Fn(&str) -> bool) {
        for commitment in &mut self.commitments {
            if matches!(commitment, Commitment::Open { name, .. } if !open(name)) {
                *commitment = Commitment::Closed(commitment.digest());
            }
        }
    }

    /// The bytes of the leaf: the format's name, each field, the practice, each commitment. What is there is a byte 1, its
    /// length in four bytes and itself; what is not there is a byte 0.
    #[must_use]
    pub fn bytes(&self, practice: PracticeId) -> Vec<u8> {
        let fields = self.fields.each_ref().map(Option::as_deref);
        let commitments: Vec<Digest> = self.commitments.iter().map(Commitment::digest).collect();
        encode(fields, &practice.to_string(), &commitments)
    }

    /// The hash that stands in the tree.
    #[must_use]
    pub fn hash(&self, practice: PracticeId) -> Digest {
        leaf_hash(&self.bytes(practice))
    }
}

/// The bytes of a leaf; see [`Leaf::bytes`].
pub(super) fn encode(fields: [Option<&str>; 10], practice: &str, commitments: &[Digest]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(768);
    let mut put = |part: Option<&[u8]>| match part {
        None => bytes.push(0),
        Some(part) => {
            bytes.push(1);
            bytes.extend_from_slice(&length(part.len()));
            bytes.extend_from_slice(part);
        }
    };
    put(Some(FORMAT.as_bytes()));
    for field in fields {
        put(field.map(str::as_bytes));
    }
    put(Some(practice.as_bytes()));
    for commitment in commitments {
        put(Some(&commitment.0));
    }
    bytes
}

/// `SHA-256(salt || length of name || name || value)`.
pub(super) fn commit(salt: &Salt, name: &str, value: &str) -> Digest {
    let hash = Sha256::new()
        .chain_update(salt)
        .chain_update(length(name.len()))
        .chain_update(name)
        .chain_update(value);
    Digest(hash.finalize().into())
}

/// The salt of one fact: knowing it tells nothing of another's.
fn salt(keys: &Keys, name: &str) -> Salt {
    let bits = keys.derive("audit-fact", &[name.as_bytes()]);
    let mut salt = Salt::default();
    salt.iter_mut().zip(bits).for_each(|(to, from)| *to = from);
    salt
}

/// What may name a person, by name, in the order of names.
pub(super) fn facts(entry: &AuditEntry) -> BTreeMap<String, String> {
    let Origin {
        ip,
        user_agent,
        request_id,
    } = &entry.origin;
    let details = entry
        .detail
        .iter()
        .map(|(name, value)| (format!("detail.{name}"), canonical(value)));
    let origin = [
        ("origin.ip", ip.map(|ip| ip.to_string())),
        ("origin.request_id", request_id.clone()),
        ("origin.user_agent", user_agent.clone()),
    ];
    let origin = origin
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    details.chain(origin).collect()
}

/// Takes facts out of an entry by name.
pub(super) fn without(mut entry: AuditEntry, erased: impl Fn(&str) -> bool) -> AuditEntry {
    entry.detail.retain(|name, _| !erased(&format!("detail.{name}")));
    let origin = &mut entry.origin;
    origin.ip = origin.ip.filter(|_| !erased("origin.ip"));
    origin.request_id = origin.request_id.take().filter(|_| !erased("origin.request_id"));
    origin.user_agent = origin.user_agent.take().filter(|_| !erased("origin.user_agent"));
    entry
}

/// JSON without spaces, names in order, whatever order the store gave them in.
fn canonical(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(fields) => canonical_object(fields),
        plain => plain.to_string(),
    }
}

fn canonical_object(fields: &Map<String, Value>) -> String {
    let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
    let fields = sorted.into_iter().map(|(name, value)| {
        let name = Value::String(name.clone());
        format!("{name}:{}", canonical(value))
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}
