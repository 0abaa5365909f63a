use serde::{Deserialize, Serialize};

use super::{ApprovalKind, ApprovalRule, Asked, Attached, Needed, Subject};
use crate::{
    ApprovalId, ClientId, Date, DocumentId, Error, Invalid, MatterId, PracticeId, StaffId, Timestamp,
    Version, text,
};

/// How far an approval has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovalState {
    /// It waits for answers.
    Open,
    /// Everybody whose answer was needed said yes.
    Approved,
    /// Somebody said no.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// Staff took it back.
    Withdrawn,
    /// What it showed changed; another took its place.
    Superseded,
}

impl ApprovalState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::Approved,
        Self::Declined,
        Self::Expired,
        Self::Withdrawn,
        Self::Superseded,
    ];

    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Superseded => "superseded",
        }
    }
}

/// What is asked and on which terms. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// What is to be approved.
    pub kind: ApprovalKind,
    /// The question in one line.
    pub title: String,
    /// What it is about, and what the answer means.
    pub description: String,
    /// Another record that it is about.
    pub subject: Option<Subject>,
    /// Whose answer is needed.
    pub needed: Needed,
    /// Whether people are asked one after the other, in their order.
    pub in_turn: bool,
    /// The day by which an answer is wished for, in the practice's zone.
    pub due_on: Option<Date>,
    /// The last day on which it can be answered, in the practice's zone.
    pub expires_on: Option<Date>,
    /// When that day ends.
    pub expires_at: Option<Timestamp>,
    /// After how many days those who have not answered are asked again, and again.
    pub remind_every_days: Option<u32>,
}

/// A question that clients must answer explicitly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// The matter.
    pub matter_id: MatterId,
    /// What is asked.
    pub terms: Terms,
    /// The versions of documents that are shown, in order.
    pub documents: Vec<Attached>,
    /// Who is asked, in order.
    pub people: Vec<Asked>,
    /// How far it has come.
    pub state: ApprovalState,
    /// Why staff took it back; may be empty.
    pub reason: String,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
    /// The one whose place it took.
    pub replaces: Option<ApprovalId>,
    /// The one that took its place.
    pub replaced_by: Option<ApprovalId>,
    /// Who asks.
    pub asked_by: StaffId,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When it was saved last.
    pub updated_at: Timestamp,
}

/// An approval as staff fill it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalDraft {
    /// See [`Terms::kind`].
    pub kind: ApprovalKind,
    /// See [`Terms::title`]: 1 to 200 characters.
    pub title: String,
    /// See [`Terms::description`]: at most 5,000 characters.
    pub description: String,
    /// See [`Terms::subject`].
    pub subject: Option<Subject>,
    /// Documents of the matter, in order: at most 50. Their newest versions are shown.
    pub documents: Vec<DocumentId>,
    /// Who is asked, in order: 1 to 20 people who can enter the portal of the matter.
    pub people: Vec<ClientId>,
    /// See [`Terms::needed`].
    pub needed: Needed,
    /// See [`Terms::in_turn`].
    pub in_turn: bool,
    /// See [`Terms::due_on`].
    pub due_on: Option<Date>,
    /// See [`Terms::expires_on`].
    pub expires_on: Option<Date>,
    /// See [`Terms::remind_every_days`]: 1 to 30.
    pub remind_every_days: Option<u32>,
}

impl Default for ApprovalDraft {
    fn default() -> Self {
        Self {
            kind: ApprovalKind::Draft,
            title: String::new(),
            description: String::new(),
            subject: None,
            documents: Vec::new(),
            people: Vec::new(),
            needed: Needed::All,
            in_turn: false,
            due_on: None,
            expires_on: None,
            remind_every_days: None,
        }
    }
}

impl ApprovalDraft {
    /// Its terms; `today` is the day in the practice's zone, and `expires_at` the end of the draft's last day.
    ///
    /// # Errors
    /// All that is wrong with what was filled in.
    pub(super) fn terms(&self, today: Date, expires_at: Option<Timestamp>) -> Result<Terms, Invalid> {
        let mut invalid = Invalid::default();
        let title = invalid.check(text::line("title", &self.title, Approval::LONGEST_TITLE));
        let description = invalid.check(text::block(
            "description",
            &self.description,
            Approval::LONGEST_DESCRIPTION,
        ));
        for (field, day) in [("due_on", self.due_on), ("expires_on", self.expires_on)] {
            if day.is_some_and(|day| day < today || day.year() > 2_200) {
                let text = "Choose today or a later day, before the year 2200.";
                invalid
                    .errors
                    .push(crate::FieldError::new(field, "out-of-range", text));
            }
        }
        if let (Some(due), Some(last)) = (self.due_on, self.expires_on)
            && last < due
        {
            let text = "The last day to answer cannot be before the day on which the answer is due.";
            invalid
                .errors
                .push(crate::FieldError::new("expires_on", "before-due", text));
        }
        if self
            .remind_every_days
            .is_some_and(|days| !(1..=30).contains(&days))
        {
            let text = "Choose 1 to 30 days, or none.";
            invalid
                .errors
                .push(crate::FieldError::new("remind_every_days", "out-of-range", text));
        }
        invalid.finish()?;
        Ok(Terms {
            kind: self.kind,
            title: title.unwrap_or_default(),
            description: description.unwrap_or_default(),
            subject: self.subject.clone(),
            needed: self.needed,
            in_turn: self.in_turn,
            due_on: self.due_on,
            expires_on: self.expires_on,
            expires_at,
            remind_every_days: self.remind_every_days,
        })
    }
}

impl Approval {
    /// The most characters of a title.
    pub const LONGEST_TITLE: usize = 200;
    /// The most characters of a description.
    pub const LONGEST_DESCRIPTION: usize = 5_000;
    /// The most characters of the reason for which it is taken back.
    pub const LONGEST_REASON: usize = 1_000;
    /// The most documents that can be attached.
    pub const MOST_DOCUMENTS: usize = 50;
    /// The most people who can be asked.
    pub const MOST_PEOPLE: usize = 20;
    /// The most times that people are reminded.
    pub const MOST_REMINDERS: u32 = 10;

    /// A new approval.
    #[must_use]
    pub fn ask(
        id: ApprovalId,
        (practice, matter): (PracticeId, MatterId),
        terms: Terms,
        (documents, people): (Vec<Attached>, Vec<Asked>),
        asked_by: StaffId,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            practice_id: practice,
            version: Version::FIRST,
            matter_id: matter,
            terms,
            documents,
            people,
            state: ApprovalState::Open,
            reason: String::new(),
            ended_at: None,
            replaces: None,
            replaced_by: None,
            asked_by,
            created_at: at,
            updated_at: at,
        }
    }

    /// Its state at `now`: the time to answer is over when it is, whether or not the worker noted it.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> ApprovalState {
        let is_over = self.terms.expires_at.is_some_and(|end| end <= now);
        match self.state {
            ApprovalState::Open if is_over => ApprovalState::Expired,
            state => state,
        }
    }

    /// Taken back by staff, with or without a reason that clients read.
    ///
    /// # Errors
    /// `NotOpen` when it came to its end before; a reason that is too long.
    pub fn withdraw(self, reason: &str, at: Timestamp) -> Result<Self, Error<ApprovalRule>> {
        let reason = text::block("reason", reason, Self::LONGEST_REASON)?;
        if self.state_at(at) != ApprovalState::Open {
            return Err(ApprovalRule::NotOpen.into());
        }
        let mut withdrawn = self.end(ApprovalState::Withdrawn, at);
        withdrawn.reason = reason;
        Ok(withdrawn)
    }

    /// The approval, expired; `None` while it can be answered, and when it came to its end before.
    #[must_use]
    pub fn expire(self, now: Timestamp) -> Option<Self> {
        let is_due = self.state == ApprovalState::Open && self.state_at(now) == ApprovalState::Expired;
        is_due.then(|| self.end(ApprovalState::Expired, now))
    }

    pub(super) fn end(mut self, state: ApprovalState, at: Timestamp) -> Self {
        self.version.bump();
        self.state = state;
        self.ended_at = Some(at);
        self.updated_at = at;
        self
    }

    /// The text that searches look through, folded: its words, and the names of its documents.
    #[must_use]
    pub fn search_text(&self) -> String {
        let names = self.documents.iter().map(|attached| attached.name.as_str());
        let words = [
            self.terms.title.as_str(),
            self.terms.kind.label(),
            self.terms.description.as_str(),
        ];
        text::fold(&words.into_iter().chain(names).collect::<Vec<_>>().join(" "))
    }
}
