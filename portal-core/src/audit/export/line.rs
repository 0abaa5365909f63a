use std::borrow::Cow;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::audit::leaf::{commit, encode};
use crate::audit::tree::leaf_hash;
use crate::audit::{AuditEntry, Commitment, Leaf, Salt};
use crate::{Digest, Origin, PracticeId};

/// What the first line says that the file is.
pub(super) const FORMAT: &str = "portal-audit-export/1";

/// The most bytes of a line, its newline included. An entry of the portal's has less than a thousandth of it.
pub const MOST_LINE_BYTES: usize = 1 << 20;

/// One line of an export, as JSON whose members stand in this order, without spaces; members that are not there are left
/// out. What is there says which kind of line it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line<'a> {
    /// Its number, counted from 1.
    pub line: u64,
    /// First line: what the file is.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Cow<'a, str>>,
    /// First line: what the tree is called. It ends with the practice's id.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Cow<'a, str>>,
    /// An entry: its place in the tree, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// An entry: the leaf's hash that stands in the tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaf: Option<Digest>,
    /// An entry: what of it names nobody.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Fields<'a>>,
    /// An entry: what may name a person.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub personal: Option<Vec<Personal<'a>>>,
    /// A place whose entry is gone from the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<bool>,
    /// A signed checkpoint of all entries above it.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Cow<'a, str>>,
    /// Last line: how many entries there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<u64>,
    /// Last line: that it is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<bool>,
}

/// What of an entry names nobody. A member that an entry does not have is `null`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "they are those of `AuditEntry`")]
pub struct Fields<'a> {
    #[serde(borrow)]
    pub id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub at: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub actor_kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub staff_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub client_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub system: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub action: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub subject_kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub subject_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub matter_id: Option<Cow<'a, str>>,
}

/// One commitment: open, with its name, salt and value, or erased.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "they are those of `Commitment`")]
pub struct Personal<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Cow<'a, str>>,
    /// 32 hexadecimal digits.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased: Option<Digest>,
}

impl Personal<'_> {
    fn digest(&self) -> Option<Digest> {
        match (&self.name, &self.salt, &self.value, self.erased) {
            (Some(name), Some(salt), Some(value), None) => Some(commit(&read_salt(salt)?, name, value)),
            (None, None, None, Some(erased)) => Some(erased),
            _ => None,
        }
    }
}

fn read_salt(text: &str) -> Option<Salt> {
    if text.len() != 32 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    Some(u128::from_str_radix(text, 16).ok()?.to_be_bytes())
}

/// A field as the type that it is of; `None` when it is not, and `Some(None)` when there is none.
#[expect(
    clippy::option_option,
    reason = "absent and wrong are two things, and `?` tells them apart"
)]
fn read<T: FromStr>(field: Option<&str>) -> Option<Option<T>> {
    field.map(str::parse).transpose().ok()
}

impl<'a> Line<'a> {
    /// The line of a sealed entry.
    pub(super) fn of_entry(position: u64, hash: Digest, leaf: &'a Leaf) -> Self {
        let [
            id,
            at,
            actor_kind,
            staff_id,
            client_id,
            system,
            action,
            subject_kind,
            subject_id,
            matter_id,
        ] = leaf
            .fields
            .each_ref()
            .map(|text| text.as_deref().map(Cow::Borrowed));
        let personal = leaf.commitments.iter().map(|commitment| match commitment {
            Commitment::Closed(digest) => Personal {
                erased: Some(*digest),
                ..Personal::default()
            },
            Commitment::Open { name, salt, value } => Personal {
                name: Some(name.into()),
                salt: Some(format!("{:032x}", u128::from_be_bytes(*salt)).into()),
                value: Some(value.into()),
                erased: None,
            },
        });
        Self {
            position: Some(position),
            leaf: Some(hash),
            fields: Some(Fields {
                id,
                at,
                actor_kind,
                staff_id,
                client_id,
                system,
                action,
                subject_kind,
                subject_id,
                matter_id,
            }),
            personal: Some(personal.collect()),
            ..Self::default()
        }
    }

    /// The bytes of the line, with its newline.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1024);
        // Text and numbers can always be written.
        let _ = serde_json::to_writer(&mut bytes, self);
        bytes.push(b'\n');
        bytes
    }

    /// The hash of the entry's leaf, from what the line says; `None` when it is no entry.
    pub(super) fn leaf_hash(&self, practice: &str) -> Option<Digest> {
        let (fields, personal) = (self.fields.as_ref()?, self.personal.as_ref()?);
        let commitments = personal
            .iter()
            .map(Personal::digest)
            .collect::<Option<Vec<_>>>()?;
        let Fields {
            id,
            at,
            actor_kind,
            staff_id,
            client_id,
            system,
            action,
            subject_kind,
            subject_id,
            matter_id,
        } = fields;
        let fields = [
            id,
            at,
            actor_kind,
            staff_id,
            client_id,
            system,
            action,
            subject_kind,
            subject_id,
            matter_id,
        ];
        Some(leaf_hash(&encode(
            fields.map(Option::as_deref),
            practice,
            &commitments,
        )))
    }

    /// How many facts of the entry are erased.
    pub(super) fn erased(&self) -> u64 {
        let facts = self.personal.iter().flatten();
        facts.map(|fact| u64::from(fact.erased.is_some())).sum()
    }

    /// The practice's entry that the line tells of, as far as its facts are open; `None` when it is no entry.
    pub(super) fn entry(&self, practice: PracticeId) -> Option<AuditEntry> {
        let fields = self.fields.as_ref()?;
        let mut entry = AuditEntry {
            id: read(fields.id.as_deref())??,
            practice_id: practice,
            at: read(fields.at.as_deref())??,
            actor_kind: fields.actor_kind.as_deref()?.to_owned(),
            staff_id: read(fields.staff_id.as_deref())?,
            client_id: read(fields.client_id.as_deref())?,
            system: fields.system.as_deref().map(str::to_owned),
            action: fields.action.as_deref()?.to_owned(),
            subject_kind: fields.subject_kind.as_deref()?.to_owned(),
            subject_id: read(fields.subject_id.as_deref())??,
            matter_id: read(fields.matter_id.as_deref())?,
            detail: serde_json::Map::new(),
            origin: Origin::default(),
        };
        for personal in self.personal.as_ref()? {
            let (Some(name), Some(value)) = (&personal.name, &personal.value) else {
                continue;
            };
            match name.as_ref() {
                "origin.ip" => entry.origin.ip = Some(value.parse().ok()?),
                "origin.request_id" => entry.origin.request_id = Some(value.to_string()),
                "origin.user_agent" => entry.origin.user_agent = Some(value.to_string()),
                name => {
                    let name = name.strip_prefix("detail.")?.to_owned();
                    entry.detail.insert(name, serde_json::from_str(value).ok()?);
                }
            }
        }
        Some(entry)
    }

    /// Whether the line has these members beside its number, and no others.
    pub(super) fn kind(&self) -> Option<Kind<'_>> {
        match self {
            Self {
                format: Some(format),
                origin: Some(origin),
                position: None,
                leaf: None,
                fields: None,
                personal: None,
                missing: None,
                checkpoint: None,
                entries: None,
                end: None,
                ..
            } => Some(Kind::Begin(format, origin)),
            Self {
                format: None,
                origin: None,
                position: Some(position),
                leaf: Some(leaf),
                fields: Some(_),
                personal: Some(_),
                missing: None,
                checkpoint: None,
                entries: None,
                end: None,
                ..
            } => Some(Kind::Entry(*position, *leaf)),
            Self {
                format: None,
                origin: None,
                position: Some(position),
                leaf: Some(leaf),
                fields: None,
                personal: None,
                missing: Some(true),
                checkpoint: None,
                entries: None,
                end: None,
                ..
            } => Some(Kind::Missing(*position, *leaf)),
            Self {
                format: None,
                origin: None,
                position: None,
                leaf: None,
                fields: None,
                personal: None,
                missing: None,
                checkpoint: Some(note),
                entries: None,
                end: None,
                ..
            } => Some(Kind::Checkpoint(note)),
            Self {
                format: None,
                origin: None,
                position: None,
                leaf: None,
                fields: None,
                personal: None,
                missing: None,
                checkpoint: None,
                entries: Some(entries),
                end: Some(true),
                ..
            } => Some(Kind::End(*entries)),
            _ => None,
        }
    }
}

/// What a line is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind<'a> {
    Begin(&'a str, &'a str),
    Entry(u64, Digest),
    Missing(u64, Digest),
    Checkpoint(&'a str),
    End(u64),
}
