//! A second factor at the moment of answering: what it is asked, and what follows from what it says.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::ApprovalRule;
use crate::{ApprovalId, ClientId, FieldError, PracticeId, Timestamp};

/// What somebody presents as their second factor: a code, an assertion. Never printed, wiped when dropped.
#[derive(Clone)]
pub struct Presented(Zeroizing<String>);

impl Presented {
    /// The most characters that are taken: enough for what a passkey signs.
    pub const LONGEST: usize = 4_096;

    /// What was sent, without the space around it; `None` when that is nothing.
    ///
    /// # Errors
    /// More than 4,096 characters.
    pub fn given(text: &str) -> Result<Option<Self>, FieldError> {
        let text = text.trim();
        if text.chars().count() > Self::LONGEST {
            let most = Self::LONGEST;
            let message =
                format!("This is too long for a second factor: at most {most} characters are taken.");
            return Err(FieldError::new("factor", "too-long", message));
        }
        Ok((!text.is_empty()).then(|| Self(Zeroizing::new(text.to_owned()))))
    }

    /// The text, for whoever checks it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Presented(..)")
    }
}

/// What a second factor is called in evidence: `totp`, `passkey`. 1 to 40 characters of `a` to `z`, `0` to `9` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FactorMethod(String);

/// A name that no factor can have in evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a second factor is named in 1 to 40 characters of a to z, 0 to 9 and -")]
pub struct NotAFactorMethod;

impl FactorMethod {
    /// A name.
    ///
    /// # Errors
    /// When it is none that stands in evidence.
    pub fn new(name: impl Into<String>) -> Result<Self, NotAFactorMethod> {
        let name = name.into();
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=40).contains(&name.len()) && name.bytes().all(is_plain) {
            Ok(Self(name))
        } else {
            Err(NotAFactorMethod)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FactorMethod {
    type Error = NotAFactorMethod;
    fn try_from(name: String) -> Result<Self, NotAFactorMethod> {
        Self::new(name)
    }
}

impl From<FactorMethod> for String {
    fn from(method: FactorMethod) -> Self {
        method.0
    }
}

/// Who has to prove once more who they are, and for what.
#[derive(Debug, Clone, Copy)]
pub struct StepUp<'a> {
    /// The practice.
    pub practice: PracticeId,
    /// The signed-in client. A factor of anybody else is wrong.
    pub client: ClientId,
    /// The approvals that are answered with it, several when they are answered at once.
    pub approvals: &'a [ApprovalId],
    /// What they presented.
    pub presented: &'a Presented,
    /// When.
    pub at: Timestamp,
}

/// What became of a factor that was presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactorCheck {
    /// It is theirs, by this method.
    Confirmed(FactorMethod),
    /// It is not theirs, over, or used before.
    Wrong,
    /// They have none set up that it could be.
    NoneSetUp,
}

/// Confirms at the moment of answering that somebody who is signed in has another proof of who they are. The portal has none of its
/// own yet: an embedder gives it one in [`Parts::second_factor`](crate::Parts::second_factor).
#[async_trait]
pub trait SecondFactor: Send + Sync {
    /// What pages call it, before the field that takes it: "Code from your authenticator app".
    fn label(&self) -> &str;

    /// Checks what was presented. It is asked once for each command, when nothing else stands in the way of an answer, at most twenty
    /// times in ten minutes for each client; limits of its own, and that a code is good only once, are its own affair.
    ///
    /// # Errors
    /// Text for the log when it cannot say; the answer is refused as one that cannot be taken at the moment.
    async fn check(&self, step: &StepUp<'_>) -> Result<FactorCheck, String>;
}

/// The factor that goes into the evidence of an answer, if any; or why the answer cannot be taken. What was presented counts whether
/// or not the practice needs it: evidence says what there was, and a wrong one is never passed over.
///
/// # Errors
/// `FactorNotOffered`, `FactorNeeded`, `WrongFactor` and `NoFactorSetUp`.
pub fn factor_of_answer(
    (needed, offered): (bool, bool),
    checked: Option<&FactorCheck>,
) -> Result<Option<FactorMethod>, ApprovalRule> {
    match checked {
        Some(FactorCheck::Confirmed(method)) => Ok(Some(method.clone())),
        Some(FactorCheck::Wrong) => Err(ApprovalRule::WrongFactor),
        Some(FactorCheck::NoneSetUp) => Err(ApprovalRule::NoFactorSetUp),
        None if !needed => Ok(None),
        None if offered => Err(ApprovalRule::FactorNeeded),
        None => Err(ApprovalRule::FactorNotOffered),
    }
}
