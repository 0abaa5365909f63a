use serde::{Deserialize, Serialize};

use super::{Approval, ApprovalRule, ApprovalState, Needed};
use crate::{ClientId, Digest, Error, Timestamp, text};

/// What somebody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Yes.
    Approved,
    /// No.
    Declined,
}

impl Decision {
    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
        }
    }
}

/// An answer on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Yes or no.
    pub decision: Decision,
    /// What they said with it; may be empty.
    pub comment: String,
    /// When.
    pub at: Timestamp,
}

/// An answer as somebody gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Yes or no.
    pub decision: Decision,
    /// What they say with it: at most 2,000 characters, may be empty.
    pub comment: String,
    /// The hash of what their page showed: [`Approval::shown_hash`] as it was then.
    pub shown: Digest,
}

impl Answer {
    /// The most characters of a comment.
    pub const LONGEST_COMMENT: usize = 2_000;
}

impl Approval {
    /// Whether `client` is to answer at `now`: it is open, not over, they have not answered, and it is their turn.
    #[must_use]
    pub fn waits_for(&self, client: ClientId, now: Timestamp) -> bool {
        self.state_at(now) == ApprovalState::Open && self.turn_of(client)
    }

    /// Whether nobody before `client` has still to answer, nor they themselves have.
    fn turn_of(&self, client: ClientId) -> bool {
        let mut waiting = self.people.iter().filter(|asked| asked.answered.is_none());
        if self.terms.in_turn {
            waiting.next().is_some_and(|asked| asked.client == client)
        } else {
            waiting.any(|asked| asked.client == client)
        }
    }

    /// Whom it waits for at `now`.
    #[must_use]
    pub fn waiting(&self, now: Timestamp) -> Vec<ClientId> {
        let people = self.people.iter().map(|asked| asked.client);
        people.filter(|client| self.waits_for(*client, now)).collect()
    }

    /// Whether `client` sees it at all: they are asked, and it is or was their turn.
    #[must_use]
    pub fn is_shown_to(&self, client: ClientId) -> bool {
        let before = self.people.iter().take_while(|asked| asked.client != client);
        let is_asked = self.people.iter().any(|asked| asked.client == client);
        let mut before = before.map(|asked| asked.answered.as_ref().map(|it| it.decision));
        let is_turn = match self.terms.needed {
            Needed::All => before.all(|decision| decision == Some(Decision::Approved)),
            // One answer settles it, whatever it says.
            Needed::Any => before.next().is_none(),
        };
        is_asked && (!self.terms.in_turn || is_turn)
    }

    /// Whether it gives `client` the attached versions: what they are asked about, and what they answered; not what was taken back
    /// before they did.
    #[must_use]
    pub fn opens_documents_to(&self, client: ClientId) -> bool {
        let has_answered = self.answer_of(client).is_some();
        let is_over = matches!(self.state, ApprovalState::Withdrawn | ApprovalState::Superseded);
        self.is_shown_to(client) && (has_answered || !is_over)
    }

    /// What `client` answered.
    #[must_use]
    pub fn answer_of(&self, client: ClientId) -> Option<&Answered> {
        let asked = self.people.iter().find(|asked| asked.client == client)?;
        asked.answered.as_ref()
    }

    /// The approval with the answer of `client`, who is asked. Each person answers once, and what they answer is what their page
    /// showed.
    ///
    /// # Errors
    /// `AnsweredAlready`; `Settled`, `Withdrawn`, `Superseded` and `Expired` when it is not open any more; `SubjectChanged` when
    /// the page showed something else; `Settled` too for somebody whose turn it is not, who does not get to see it; a comment that
    /// is too long.
    pub fn answer(
        mut self,
        client: ClientId,
        answer: &Answer,
        at: Timestamp,
    ) -> Result<Self, Error<ApprovalRule>> {
        if self.answer_of(client).is_some() {
            return Err(ApprovalRule::AnsweredAlready.into());
        }
        match self.state_at(at) {
            ApprovalState::Open => {}
            ApprovalState::Approved | ApprovalState::Declined => return Err(ApprovalRule::Settled.into()),
            ApprovalState::Withdrawn => return Err(ApprovalRule::Withdrawn.into()),
            ApprovalState::Superseded => return Err(ApprovalRule::Superseded.into()),
            ApprovalState::Expired => return Err(ApprovalRule::Expired.into()),
        }
        if answer.shown != self.shown_hash() {
            return Err(ApprovalRule::SubjectChanged.into());
        }
        if !self.turn_of(client) {
            return Err(Error::NotFound("approval"));
        }
        let comment = text::block("comment", &answer.comment, Answer::LONGEST_COMMENT)?;
        if let Some(asked) = self.people.iter_mut().find(|asked| asked.client == client) {
            asked.answered = Some(Answered {
                decision: answer.decision,
                comment,
                at,
            });
        }
        self.version.bump();
        self.updated_at = at;
        if let Some(state) = self.outcome() {
            self.state = state;
            self.ended_at = Some(at);
        }
        Ok(self)
    }

    /// What the answers so far come to; `None` while more are needed.
    fn outcome(&self) -> Option<ApprovalState> {
        let decisions = || {
            self.people
                .iter()
                .map(|asked| asked.answered.as_ref().map(|it| it.decision))
        };
        if decisions().any(|decision| decision == Some(Decision::Declined)) {
            return Some(ApprovalState::Declined);
        }
        let approved = |decision: Option<Decision>| decision == Some(Decision::Approved);
        let enough = match self.terms.needed {
            Needed::All => decisions().all(approved),
            Needed::Any => decisions().any(approved),
        };
        enough.then_some(ApprovalState::Approved)
    }
}
