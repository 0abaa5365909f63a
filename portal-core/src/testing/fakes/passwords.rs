use async_trait::async_trait;

use crate::Digest;
use crate::identity::{Password, Passwords};

/// Passwords hashed once with SHA-256 and no salt: fast, and **not secure at all**. For tests only.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainPasswords;

impl PlainPasswords {
    /// The hash of `password`, as [`Passwords::hash`] gives it.
    #[must_use]
    pub fn hash_of(password: &str) -> String {
        format!("$plain${}", Digest::of(password.as_bytes()))
    }
}

#[async_trait]
impl Passwords for PlainPasswords {
    async fn hash(&self, password: Password) -> Result<String, String> {
        Ok(Self::hash_of(password.expose()))
    }

    async fn verify(&self, password: Password, hash: Option<String>) -> Result<bool, String> {
        Ok(hash.is_some_and(|hash| hash == Self::hash_of(password.expose())))
    }
}
