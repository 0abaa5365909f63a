use serde::{Deserialize, Serialize};

use super::Answered;
use crate::{AccessId, ClientId};

/// Whose answer is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needed {
    /// Everybody's: it is approved when all approved, and declined as soon as one declines.
    #[default]
    All,
    /// Anybody's: the first answer is the answer.
    Any,
}

impl Needed {
    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Any => "any",
        }
    }
}

/// Somebody who is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Who.
    pub client: ClientId,
    /// The portal access through which they were asked.
    pub access: AccessId,
    /// What they answered.
    pub answered: Option<Answered>,
}

impl Asked {
    /// Somebody who has not answered yet.
    #[must_use]
    pub const fn new(client: ClientId, access: AccessId) -> Self {
        Self {
            client,
            access,
            answered: None,
        }
    }
}
