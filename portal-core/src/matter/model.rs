use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::MatterRule;
use crate::access::PortalAccess;
use crate::client::Saved;
use crate::{
    ClientId, FieldError, Invalid, MatterId, ParticipantId, PracticeId, StaffId, TeamMemberId, Timestamp,
    Version, text,
};

/// Whether a matter is being worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatterState {
    /// It is.
    Open,
    /// It is not any more; its portal accesses are closed with it.
    Closed,
}

impl MatterState {
    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// A case, application, project or engagement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// Its id.
    pub id: MatterId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// Its number in the practice; no other matter has it (compared in folded form).
    pub reference: String,
    /// Its title.
    pub title: String,
    /// The practice area as the system of record wrote it.
    pub practice_area: Option<String>,
    /// The stage as the system of record wrote it.
    pub stage: Option<String>,
    /// Further attributes as written there: visa type, office, ..
    pub attributes: BTreeMap<String, String>,
    /// What the taxonomy makes of area, stage and attributes: canonical names by the name of the dimension.
    pub normalised: BTreeMap<String, String>,
    /// What the taxonomy does not know: raw text by the name of the dimension. It waits for a person.
    pub unknown: BTreeMap<String, String>,
    /// Who answers for it.
    pub owner_id: StaffId,
    /// The matter that it is part of.
    pub parent_id: Option<MatterId>,
    /// Whether it is being worked on.
    pub state: MatterState,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When the record was last changed.
    pub updated_at: Timestamp,
}

/// A matter as someone fills it in; empty text means "none".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterDraft {
    /// See [`Matter::reference`].
    pub reference: String,
    /// See [`Matter::title`].
    pub title: String,
    /// See [`Matter::practice_area`].
    pub practice_area: String,
    /// See [`Matter::stage`].
    pub stage: String,
    /// See [`Matter::attributes`].
    pub attributes: BTreeMap<String, String>,
    /// See [`Matter::owner_id`].
    pub owner_id: StaffId,
    /// See [`Matter::parent_id`].
    pub parent_id: Option<MatterId>,
}

impl Matter {
    /// The most attributes a matter can have.
    pub const MOST_ATTRIBUTES: usize = 50;

    /// Whether it is in any stage, as its system of record says.
    #[must_use]
    pub fn is_in_a_stage(&self) -> bool {
        self.stage
            .as_deref()
            .is_some_and(|raw| !crate::workflow::fold(raw).is_empty())
    }

    /// A new, open matter.
    pub fn new(
        id: MatterId,
        practice: PracticeId,
        draft: &MatterDraft,
        at: Timestamp,
    ) -> Result<Self, Invalid> {
        let blank = Self {
            id,
            practice_id: practice,
            version: Version(0),
            reference: String::new(),
            title: String::new(),
            practice_area: None,
            stage: None,
            attributes: BTreeMap::new(),
            normalised: BTreeMap::new(),
            unknown: BTreeMap::new(),
            owner_id: draft.owner_id,
            parent_id: None,
            state: MatterState::Open,
            created_at: at,
            updated_at: at,
        };
        blank.revise(draft, at)
    }

    /// The same matter with everything as `draft` says; tells all that is wrong with it at once.
    pub fn revise(mut self, draft: &MatterDraft, at: Timestamp) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        self.version.bump();
        self.updated_at = at;
        self.reference = invalid
            .check(text::line("reference", &draft.reference, 60))
            .unwrap_or_default();
        self.title = invalid
            .check(text::line("title", &draft.title, 200))
            .unwrap_or_default();
        self.practice_area = invalid
            .check(text::optional_line("practice_area", &draft.practice_area, 120))
            .and_then(some);
        self.stage = invalid
            .check(text::optional_line("stage", &draft.stage, 120))
            .and_then(some);
        if draft.attributes.len() > Self::MOST_ATTRIBUTES {
            invalid.errors.push(FieldError::new(
                "attributes",
                "too-many",
                format!("At most {} attributes are possible.", Self::MOST_ATTRIBUTES),
            ));
        }
        self.attributes = draft
            .attributes
            .iter()
            .take(Self::MOST_ATTRIBUTES)
            .filter_map(|(name, value)| {
                let name = invalid.check(text::line("attributes", name, 60))?;
                let value = invalid.check(text::optional_line(&format!("attributes.{name}"), value, 200))?;
                Some((name, value))
            })
            .collect();
        self.owner_id = draft.owner_id;
        self.parent_id = draft.parent_id;
        invalid.finish()?;
        Ok(self)
    }

    /// The matter as a form shows it.
    #[must_use]
    pub fn draft(&self) -> MatterDraft {
        MatterDraft {
            reference: self.reference.clone(),
            title: self.title.clone(),
            practice_area: self.practice_area.clone().unwrap_or_default(),
            stage: self.stage.clone().unwrap_or_default(),
            attributes: self.attributes.clone(),
            owner_id: self.owner_id,
            parent_id: self.parent_id,
        }
    }

    /// The names of the fields in which `other` differs.
    #[must_use]
    pub fn changed_fields(&self, other: &Self) -> Vec<&'static str> {
        [
            ("reference", self.reference != other.reference),
            ("title", self.title != other.title),
            ("practice_area", self.practice_area != other.practice_area),
            ("stage", self.stage != other.stage),
            ("attributes", self.attributes != other.attributes),
            ("owner_id", self.owner_id != other.owner_id),
            ("parent_id", self.parent_id != other.parent_id),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
    }

    /// Whether the system of record says the same in `other` of all that workflows read.
    #[must_use]
    pub fn is_written_like(&self, other: &Self) -> bool {
        self.practice_area == other.practice_area
            && self.stage == other.stage
            && self.attributes == other.attributes
    }

    /// What the taxonomy makes of this dimension, when it knows it.
    #[must_use]
    pub fn canonical(&self, dimension: &str) -> Option<&str> {
        let wanted = crate::workflow::fold(dimension);
        let found = self
            .normalised
            .iter()
            .find(|(name, _)| crate::workflow::fold(name) == wanted);
        found.map(|(_, value)| value.as_str())
    }

    /// Refuses when the matter is closed.
    pub const fn require_open(&self) -> Result<(), MatterRule> {
        match self.state {
            MatterState::Open => Ok(()),
            MatterState::Closed => Err(MatterRule::Closed),
        }
    }

    /// The matter, closed or reopened.
    #[must_use]
    pub fn with_state(mut self, state: MatterState, at: Timestamp) -> Self {
        self.version.bump();
        self.state = state;
        self.updated_at = at;
        self
    }

    /// Refuses when `ancestors` of the proposed parent (the parent first) lead back to this matter.
    pub fn require_no_circle(&self, ancestors: &[MatterId]) -> Result<(), MatterRule> {
        if ancestors.contains(&self.id) {
            Err(MatterRule::OwnParent)
        } else {
            Ok(())
        }
    }

    /// The text that searches look through, folded, without its clients' names.
    #[must_use]
    pub fn search_text(&self) -> String {
        let area = self.practice_area.as_deref().unwrap_or_default();
        let stage = self.stage.as_deref().unwrap_or_default();
        text::fold(&format!("{} {} {area} {stage}", self.reference, self.title))
    }
}

/// What a client is to a matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The main applicant, the client of the case.
    Principal,
    /// Their spouse or partner.
    Partner,
    /// A child or another person who depends on them.
    Dependant,
    /// Somebody to talk to who is not part of it: a sponsor, an accountant.
    Contact,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 4] = [Self::Principal, Self::Partner, Self::Dependant, Self::Contact];

    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Partner => "partner",
            Self::Dependant => "dependant",
            Self::Contact => "contact",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Part {
    type Err = FieldError;
    fn from_str(text: &str) -> Result<Self, FieldError> {
        Self::ALL
            .into_iter()
            .find(|part| part.as_str() == text)
            .ok_or_else(|| {
                FieldError::new(
                    "part",
                    "unknown",
                    "Choose principal, partner, dependant or contact.",
                )
            })
    }
}

/// A client's part in a matter. A matter has each client once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Its id.
    pub id: ParticipantId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// The matter.
    pub matter_id: MatterId,
    /// The client.
    pub client_id: ClientId,
    /// What they are to it.
    pub part: Part,
    /// Whether they were taken off the matter again.
    pub removed: bool,
    /// When they were first put on the matter.
    pub created_at: Timestamp,
}

impl Participant {
    /// A client's new part in a matter.
    #[must_use]
    pub fn new(id: ParticipantId, matter: &Matter, client: ClientId, part: Part, at: Timestamp) -> Self {
        Self {
            id,
            practice_id: matter.practice_id,
            version: Version::FIRST,
            matter_id: matter.id,
            client_id: client,
            part,
            removed: false,
            created_at: at,
        }
    }

    /// What putting a client on a matter with `part` does, given their place on it so far.
    #[must_use]
    pub fn what_putting_does(place: Option<&Self>, part: Part) -> Saved {
        match place {
            None => Saved::Created,
            Some(place) if place.removed => Saved::Created,
            Some(place) if place.part == part => Saved::Unchanged,
            Some(_) => Saved::Updated,
        }
    }

    /// The participant on the matter, with this part.
    #[must_use]
    pub fn with_part(mut self, part: Part) -> Self {
        self.version.bump();
        self.part = part;
        self.removed = false;
        self
    }

    /// The participant, taken off the matter.
    ///
    /// # Errors
    /// `StillHasAccess` while their portal access is active.
    pub fn remove(mut self, access: Option<&PortalAccess>) -> Result<Self, MatterRule> {
        if access.is_some_and(PortalAccess::is_active) {
            return Err(MatterRule::StillHasAccess);
        }
        self.version.bump();
        self.removed = true;
        Ok(self)
    }
}

/// A staff member's place on a matter's team, beside its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamMember {
    /// Its id.
    pub id: TeamMemberId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// The matter.
    pub matter_id: MatterId,
    /// The staff member.
    pub staff_id: StaffId,
    /// Whether they were taken off the team again.
    pub removed: bool,
}
