use serde::{Deserialize, Serialize};

use super::ChecklistRule;
use crate::document::DocumentCounts;
use crate::{
    ClientId, Date, FieldError, Invalid, MatterId, PracticeId, RequestId, TemplateId, Timestamp, Version,
    WorkflowId, text,
};

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestState {
    /// It waits for the client.
    Outstanding,
    /// As much as was asked for is there; it waits for staff.
    Submitted,
    /// Staff accepted it.
    Accepted,
    /// Staff returned it with a reason; it waits for the client again.
    Returned,
    /// Staff do not need it any more and say so.
    Waived,
    /// It was asked for in error, or nothing asks for it any more.
    Withdrawn,
}

impl RequestState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Outstanding,
        Self::Submitted,
        Self::Accepted,
        Self::Returned,
        Self::Waived,
        Self::Withdrawn,
    ];

    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outstanding => "outstanding",
            Self::Submitted => "submitted",
            Self::Accepted => "accepted",
            Self::Returned => "returned",
            Self::Waived => "waived",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether the client has something to do.
    #[must_use]
    pub const fn waits_for_client(self) -> bool {
        matches!(self, Self::Outstanding | Self::Returned)
    }

    /// Whether it takes documents: everything but what was withdrawn.
    #[must_use]
    pub const fn takes_documents(self) -> bool {
        matches!(self, Self::Outstanding | Self::Submitted | Self::Returned)
    }
}

/// What a request comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum RequestSource {
    /// Staff added it by hand.
    Hand,
    /// A template asks for it. A client is asked at most once for each item of a template.
    Template {
        /// The template.
        template: TemplateId,
        /// The item's key.
        key: String,
    },
    /// Workflows that match the matter ask for it. A client is asked at most once under each key.
    Workflow {
        /// The workflow that asked first.
        workflow: WorkflowId,
        /// The requirement's key.
        key: String,
    },
}

/// One thing that a client is asked to provide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// The matter.
    pub matter_id: MatterId,
    /// Who is asked.
    pub client_id: ClientId,
    /// The group that it stands in: "Identity", "Employment", ..
    pub group: String,
    /// What it is.
    pub title: String,
    /// What it is and why it is asked, in plain words.
    pub help: String,
    /// An example in words.
    pub example: String,
    /// How many files are wanted, at least 1.
    pub wanted: u32,
    /// Whether the matter cannot go on without it.
    pub required: bool,
    /// Until when.
    pub due_on: Option<Date>,
    /// Its place in the checklist.
    pub position: i32,
    /// What it comes from.
    pub source: RequestSource,
    /// How far it has come.
    pub state: RequestState,
    /// Whether it was withdrawn because no workflow asks for it any more: it comes back by itself when one does. What staff
    /// withdrew does not.
    pub obsolete: bool,
    /// Why it was returned or waived.
    pub reason: Option<String>,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When the record was last changed.
    pub updated_at: Timestamp,
}

/// A request as someone fills it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestDraft {
    /// See [`Request::group`].
    pub group: String,
    /// See [`Request::title`].
    pub title: String,
    /// See [`Request::help`].
    pub help: String,
    /// See [`Request::example`].
    pub example: String,
    /// See [`Request::wanted`].
    pub wanted: u32,
    /// See [`Request::required`].
    pub required: bool,
    /// See [`Request::due_on`].
    pub due_on: Option<Date>,
}

impl Default for RequestDraft {
    fn default() -> Self {
        Self {
            group: String::new(),
            title: String::new(),
            help: String::new(),
            example: String::new(),
            wanted: 1,
            required: true,
            due_on: None,
        }
    }
}

/// The most files a request can want.
pub(super) const MOST_WANTED: u32 = 50;

pub(super) fn check_wanted(field: &str, wanted: u32) -> Result<u32, FieldError> {
    if (1..=MOST_WANTED).contains(&wanted) {
        Ok(wanted)
    } else {
        Err(FieldError::new(
            field,
            "out-of-range",
            format!("Choose 1 to {MOST_WANTED} files."),
        ))
    }
}

/// Dates far away are slips of the pen, and years of other than four digits would not sort as text.
fn check_due(due_on: Option<Date>) -> Result<Option<Date>, FieldError> {
    match due_on {
        Some(date) if !(1_850..=2_200).contains(&date.year()) => Err(FieldError::new(
            "due_on",
            "out-of-range",
            "Choose a date between the years 1850 and 2200.",
        )),
        _ => Ok(due_on),
    }
}

impl Request {
    /// A new request to a client.
    pub fn new(
        id: RequestId,
        (practice, matter, client): (PracticeId, MatterId, ClientId),
        draft: &RequestDraft,
        source: RequestSource,
        position: i32,
        at: Timestamp,
    ) -> Result<Self, Invalid> {
        let blank = Self {
            id,
            practice_id: practice,
            version: Version(0),
            matter_id: matter,
            client_id: client,
            group: String::new(),
            title: String::new(),
            help: String::new(),
            example: String::new(),
            wanted: 1,
            required: true,
            due_on: None,
            position,
            source,
            state: RequestState::Outstanding,
            obsolete: false,
            reason: None,
            created_at: at,
            updated_at: at,
        };
        blank.describe(draft, at)
    }

    /// The same request with its words, number and date as `draft` says.
    pub fn describe(mut self, draft: &RequestDraft, at: Timestamp) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        self.version.bump();
        self.updated_at = at;
        self.group = invalid
            .check(text::optional_line("group", &draft.group, 80))
            .unwrap_or_default();
        self.title = invalid
            .check(text::line("title", &draft.title, 160))
            .unwrap_or_default();
        self.help = invalid
            .check(text::block("help", &draft.help, 1_000))
            .unwrap_or_default();
        self.example = invalid
            .check(text::block("example", &draft.example, 500))
            .unwrap_or_default();
        self.wanted = invalid.check(check_wanted("wanted", draft.wanted)).unwrap_or(1);
        self.required = draft.required;
        self.due_on = invalid.check(check_due(draft.due_on)).flatten();
        invalid.finish()?;
        Ok(self)
    }

    /// The request as a form shows it.
    #[must_use]
    pub fn draft(&self) -> RequestDraft {
        RequestDraft {
            group: self.group.clone(),
            title: self.title.clone(),
            help: self.help.clone(),
            example: self.example.clone(),
            wanted: self.wanted,
            required: self.required,
            due_on: self.due_on,
        }
    }

    /// The state that follows from what was provided: `counts` are of this request's documents.
    ///
    /// Settled requests stay as they are. With a returned document that was not replaced the request is returned;
    /// with as many good ones as wanted it is submitted; otherwise it is outstanding.
    #[must_use]
    pub fn with_documents(mut self, counts: DocumentCounts, at: Timestamp) -> Self {
        if !self.state.takes_documents() {
            return self;
        }
        self.version.bump();
        self.updated_at = at;
        self.state = if counts.returned > 0 {
            RequestState::Returned
        } else if counts.pending_review + counts.accepted >= u64::from(self.wanted) {
            RequestState::Submitted
        } else {
            RequestState::Outstanding
        };
        if self.state != RequestState::Returned {
            self.reason = None;
        }
        self
    }

    /// The state that follows from a review, document by document: once as many as wanted are accepted and none
    /// waits or was returned, the request is accepted.
    #[must_use]
    pub fn with_reviewed_documents(self, counts: DocumentCounts, at: Timestamp) -> Self {
        let mut request = self.with_documents(counts, at);
        let all_reviewed = counts.pending_review == 0 && counts.returned == 0;
        if request.state == RequestState::Submitted && all_reviewed {
            request.state = RequestState::Accepted;
        }
        request
    }

    /// Accepts what was provided.
    pub fn accept(mut self, counts: DocumentCounts, at: Timestamp) -> Result<Self, ChecklistRule> {
        if !self.state.takes_documents() {
            return Err(ChecklistRule::Settled);
        }
        if counts.pending_review + counts.accepted == 0 {
            return Err(ChecklistRule::NothingToAccept);
        }
        self.version.bump();
        self.updated_at = at;
        self.state = RequestState::Accepted;
        self.reason = None;
        Ok(self)
    }

    /// Returns what was provided, with a reason that the client reads.
    pub fn return_with(
        mut self,
        reason: &str,
        counts: DocumentCounts,
        at: Timestamp,
    ) -> Result<Self, crate::Error<ChecklistRule>> {
        let reason = text::block("reason", reason, 1_000)?;
        if reason.is_empty() {
            return Err(ChecklistRule::ReasonNeeded.into());
        }
        if !self.state.takes_documents() {
            return Err(ChecklistRule::Settled.into());
        }
        if counts.pending_review + counts.returned == 0 {
            return Err(ChecklistRule::NothingToReturn.into());
        }
        self.version.bump();
        self.updated_at = at;
        self.state = RequestState::Returned;
        self.reason = Some(reason);
        Ok(self)
    }

    /// One of its documents was returned, with a reason that the client reads. What was accepted as a whole is open
    /// again.
    #[must_use]
    pub fn with_returned_document(mut self, reason: &str, at: Timestamp) -> Self {
        if !matches!(self.state, RequestState::Waived | RequestState::Withdrawn) {
            self.version.bump();
            self.updated_at = at;
            self.state = RequestState::Returned;
            self.reason = Some(reason.to_owned());
        }
        self
    }

    /// The same request in other words; with another number of files its state may follow.
    pub fn redescribe(
        self,
        draft: &RequestDraft,
        counts: DocumentCounts,
        at: Timestamp,
    ) -> Result<Self, Invalid> {
        let version = self.version.next();
        let mut request = self.describe(draft, at)?.with_documents(counts, at);
        request.version = version;
        Ok(request)
    }

    /// Asks for it no longer; what was provided stays visible.
    pub fn waive(mut self, reason: &str, at: Timestamp) -> Result<Self, crate::Error<ChecklistRule>> {
        let reason = text::block("reason", reason, 1_000)?;
        if !self.state.takes_documents() {
            return Err(ChecklistRule::Settled.into());
        }
        self.version.bump();
        self.updated_at = at;
        self.state = RequestState::Waived;
        self.reason = Some(reason).filter(|reason| !reason.is_empty());
        Ok(self)
    }

    /// Takes it back, because it was asked for in error; what was provided stays visible.
    pub fn withdraw(mut self, at: Timestamp) -> Result<Self, ChecklistRule> {
        if self.state == RequestState::Withdrawn {
            return Err(ChecklistRule::Settled);
        }
        self.version.bump();
        self.updated_at = at;
        self.state = RequestState::Withdrawn;
        Ok(self)
    }

    /// The key under which workflows ask for it, when they do.
    #[must_use]
    pub fn requirement(&self) -> Option<&str> {
        match &self.source {
            RequestSource::Workflow { key, .. } => Some(key),
            RequestSource::Hand | RequestSource::Template { .. } => None,
        }
    }

    /// Takes it back, because no workflow asks for it any more. `None` when a workflow never asked, or when somebody did
    /// something about it: then it stays as it is.
    #[must_use]
    pub fn retire(mut self, counts: DocumentCounts, at: Timestamp) -> Option<Self> {
        let is_untouched = self.state == RequestState::Outstanding && counts == DocumentCounts::default();
        if self.requirement().is_none() || !is_untouched {
            return None;
        }
        self.version.bump();
        self.updated_at = at;
        self.state = RequestState::Withdrawn;
        self.obsolete = true;
        Some(self)
    }

    /// Whether it was withdrawn for want of a workflow and not by anybody: a file that was on its way to it then is still taken.
    #[must_use]
    pub fn takes_late_documents(&self) -> bool {
        self.state == RequestState::Withdrawn && self.obsolete
    }

    /// The same request with a file that was on its way to it when it was withdrawn for want of a workflow. It stays withdrawn; when a
    /// workflow asks for it again, the file counts.
    #[must_use]
    pub fn with_late_document(mut self, at: Timestamp) -> Self {
        self.version.bump();
        self.updated_at = at;
        self
    }

    /// Asks for it anew, in the words of today, because a workflow asks for it again. `None` when it was not withdrawn for
    /// want of one.
    pub fn revive(
        self,
        draft: &RequestDraft,
        counts: DocumentCounts,
        at: Timestamp,
    ) -> Result<Option<Self>, Invalid> {
        if !self.obsolete {
            return Ok(None);
        }
        let version = self.version.next();
        let mut request = self.describe(draft, at)?;
        request.state = RequestState::Outstanding;
        request.obsolete = false;
        request.reason = None;
        let mut request = request.with_documents(counts, at);
        request.version = version;
        Ok(Some(request))
    }

    /// Asks for it again after it was settled; its state follows from what was provided.
    pub fn reopen(mut self, counts: DocumentCounts, at: Timestamp) -> Result<Self, ChecklistRule> {
        if self.state.takes_documents() {
            return Err(ChecklistRule::StillOpen);
        }
        self.state = RequestState::Outstanding;
        self.obsolete = false;
        self.reason = None;
        Ok(self.with_documents(counts, at))
    }

    /// Whether it is late on `today`.
    #[must_use]
    pub fn is_overdue(&self, today: Date) -> bool {
        self.state.waits_for_client() && self.due_on.is_some_and(|due| due < today)
    }
}

/// How many requests are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RequestCounts {
    /// Waiting for the client.
    pub outstanding: u64,
    /// Waiting for staff.
    pub submitted: u64,
    /// Accepted.
    pub accepted: u64,
    /// Returned to the client.
    pub returned: u64,
    /// Not needed any more.
    pub waived: u64,
    /// Taken back.
    pub withdrawn: u64,
}

impl RequestCounts {
    /// Adds `count` requests in `state`.
    #[must_use]
    pub const fn plus(mut self, state: RequestState, count: u64) -> Self {
        match state {
            RequestState::Outstanding => self.outstanding += count,
            RequestState::Submitted => self.submitted += count,
            RequestState::Accepted => self.accepted += count,
            RequestState::Returned => self.returned += count,
            RequestState::Waived => self.waived += count,
            RequestState::Withdrawn => self.withdrawn += count,
        }
        self
    }

    /// What is asked: everything but what was waived or withdrawn.
    #[must_use]
    pub const fn asked(&self) -> u64 {
        self.outstanding + self.submitted + self.accepted + self.returned
    }

    /// What the client has done: provided or accepted.
    #[must_use]
    pub const fn done(&self) -> u64 {
        self.submitted + self.accepted
    }

    /// What the client still has to do.
    #[must_use]
    pub const fn to_do(&self) -> u64 {
        self.outstanding + self.returned
    }
}
