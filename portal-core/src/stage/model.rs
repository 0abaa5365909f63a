use serde::{Deserialize, Serialize};

use super::{MatterCase, Sending};
use crate::checklist::Request;
use crate::matter::Matter;
use crate::text::Address;
use crate::workflow::{Held, fold};
use crate::{ClientId, MatterId, PracticeId, StageEntryId, Timestamp, Version, WorkflowId};

/// What brought a matter into a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageWhy {
    /// It was opened in it.
    Opened,
    /// The system of record, or staff, said so.
    Changed,
    /// It was in it before entries were kept.
    Found,
}

impl StageWhy {
    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Changed => "changed",
            Self::Found => "found",
        }
    }
}

/// A matter's stay in one stage. They are numbered from 1, and at most the last is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageEntry {
    /// Its id.
    pub id: StageEntryId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// The matter.
    pub matter_id: MatterId,
    /// Its number among the matter's entries, from 1.
    pub number: u32,
    /// The stage as the system of record wrote it when the matter entered.
    pub raw: String,
    /// What the taxonomy makes of it: the canonical name, when it knows the stage.
    pub canonical: Option<String>,
    /// What brought the matter into it.
    pub why: StageWhy,
    /// Since when the matter is in it.
    pub entered_at: Timestamp,
    /// When the matter left it.
    pub left_at: Option<Timestamp>,
}

impl StageEntry {
    /// The entry, over.
    #[must_use]
    pub fn leave(mut self, at: Timestamp) -> Self {
        self.version.bump();
        self.left_at = Some(at);
        self
    }

    /// The same entry, one version on. Whoever decides by what was written for any of the matter's stays holds on to the last one.
    #[must_use]
    pub(crate) fn touched(mut self) -> Self {
        self.version.bump();
        self
    }

    /// The entry, as the taxonomy reads its stage now.
    #[must_use]
    pub fn read_as(mut self, canonical: Option<String>) -> Self {
        self.version.bump();
        self.canonical = canonical;
        self
    }
}

/// A workflow that matches, at the version that it matched at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MatchedWorkflow {
    /// Which.
    pub workflow: WorkflowId,
    /// Its version.
    pub version: Version,
}

/// Which matters are read again after the rules changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Rereading {
    /// Those that the taxonomy reads otherwise than when they were read last.
    Changed {
        /// How often the taxonomy was saved by then.
        #[serde(default = "never")]
        since: Version,
    },
    /// Those that carry this text, which was not known, in this dimension.
    Carrying {
        /// The dimension.
        dimension: String,
        /// The text.
        raw: String,
        /// How often the taxonomy was saved by then.
        #[serde(default = "never")]
        since: Version,
    },
    /// All open ones: the workflows are applied to them.
    Every,
    /// All open ones that this workflow matches: it is applied to them.
    Matching {
        /// The workflow.
        workflow: WorkflowId,
    },
}

/// Events of before this was kept.
const fn never() -> Version {
    Version(0)
}

impl Rereading {
    /// Whether a matter is one of them, given whether it is read as it was read last and which workflows match it.
    pub(crate) fn takes(
        &self,
        case: &MatterCase,
        is_as_kept: bool,
        matches: impl FnOnce(WorkflowId) -> bool,
    ) -> bool {
        match self {
            Self::Changed { .. } => !is_as_kept,
            Self::Carrying { dimension, raw, .. } => case
                .unknown
                .iter()
                .any(|(name, text)| fold(name) == fold(dimension) && fold(text) == fold(raw)),
            Self::Every => !is_as_kept || case.open,
            Self::Matching { workflow } => case.open && matches(*workflow),
        }
    }
}

/// What a change of a matter brought about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effects {
    /// The workflows that match it now, as they stand, with their names.
    pub matched: Vec<(MatchedWorkflow, String)>,
    /// The stage that it entered.
    pub entered: Option<StageEntry>,
    /// What is asked for now and was not before.
    pub asked: Vec<Request>,
    /// What is asked for no longer.
    pub withdrawn: Vec<Request>,
    /// What the automations that fire send and set, each with when, and what is held back with the reason: exactly what is
    /// written soon after, if nothing changes until then.
    pub sends: Vec<Sending>,
    /// The mails that tell clients what is asked of them now, one for each of them who is told.
    pub notices: Vec<Notice>,
}

/// A mail that tells a client what is asked of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The client.
    pub client: ClientId,
    /// How many things it names.
    pub requests: usize,
    /// Where it goes; or why there is none.
    pub to: Result<Address, Held>,
}

/// A matter as it was saved, and what that brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterChange {
    /// The matter.
    pub matter: Matter,
    /// What its change brought about.
    pub effects: Effects,
}
