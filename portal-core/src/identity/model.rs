use std::fmt;

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::IdentityRule;
use crate::policy::Role;
use crate::text::{self, Email};
use crate::{FieldError, Invalid, PracticeId, StaffId, Timestamp, Version};

/// A password as typed. Never printed, wiped when dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// A password that somebody typed to sign in.
    #[must_use]
    pub fn typed(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// A password that somebody chose: 12 to 200 characters of any kind (NIST SP 800-63B-4, section 3.1.1.2:
    /// length counts, composition rules do not).
    pub fn chosen(text: String) -> Result<Self, FieldError> {
        match text.chars().count() {
            0..12 => Err(FieldError::new(
                "password",
                "too-short",
                "Choose a password of at least 12 characters. A few words do well.",
            )),
            12..=200 => Ok(Self::typed(text)),
            _ => Err(FieldError::new(
                "password",
                "too-long",
                "Choose a password of at most 200 characters.",
            )),
        }
    }

    /// The text, for hashing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// Hashes and checks passwords. Slow on purpose; an adapter does it off the async threads.
#[async_trait]
pub trait Passwords: Send + Sync {
    /// The hash to store, in PHC string form.
    async fn hash(&self, password: Password) -> Result<String, String>;
    /// Whether `password` is the one that `hash` was made of. With `None` it takes as long and answers `false`,
    /// so that time does not tell whether there is an account.
    async fn verify(&self, password: Password, hash: Option<String>) -> Result<bool, String>;
}

/// Someone who works for the practice.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffMember {
    /// Their id.
    pub id: StaffId,
    /// Their practice.
    pub practice_id: PracticeId,
    /// How often the record was saved.
    pub version: Version,
    /// Their name.
    pub name: String,
    /// Their address; no other staff member of the practice has it.
    pub email: Email,
    /// What they may do.
    pub role: Role,
    /// The hash of their password, in PHC string form.
    pub password_hash: Option<String>,
    /// Whether they may sign in.
    pub active: bool,
    /// When they were added.
    pub created_at: Timestamp,
}

impl fmt::Debug for StaffMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaffMember")
            .field("id", &self.id)
            .field("version", &self.version)
            .field("role", &self.role)
            .field("active", &self.active)
            .finish_non_exhaustive()
    }
}

/// A staff member as someone fills them in.
#[derive(Debug, Clone)]
pub struct NewStaffMember {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Their password, at least 12 characters.
    pub password: String,
}

impl StaffMember {
    /// A new staff member with a password's hash.
    pub fn new(
        id: StaffId,
        practice: PracticeId,
        new: &NewStaffMember,
        password_hash: String,
        at: Timestamp,
    ) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let name = invalid.check(text::line("name", &new.name, 120));
        let email = invalid.check(Email::parse("email", &new.email));
        match (name, email) {
            (Some(name), Some(email)) => Ok(Self {
                id,
                practice_id: practice,
                version: Version::FIRST,
                name,
                email,
                role: new.role,
                password_hash: Some(password_hash),
                active: true,
                created_at: at,
            }),
            _ => Err(invalid),
        }
    }

    /// The same person with this role, able to sign in or not. `active_owners` counts the practice's active owners,
    /// this person included if they are one.
    ///
    /// # Errors
    /// `LastOwner` when the practice would be left without an active owner.
    pub fn with_standing(
        mut self,
        role: Role,
        active: bool,
        active_owners: u64,
    ) -> Result<Self, IdentityRule> {
        let is_owner = self.role == Role::Owner && self.active;
        let stays_owner = role == Role::Owner && active;
        if is_owner && !stays_owner && active_owners <= 1 {
            return Err(IdentityRule::LastOwner);
        }
        self.version.bump();
        self.role = role;
        self.active = active;
        Ok(self)
    }
}
