use crate::{ErrorKind, Rule};

/// The rules of approvals.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalRule {
    /// Nobody is asked.
    #[error("Choose who has to answer.")]
    NobodyAsked,
    /// More people than an approval takes.
    #[error("At most {0} people can be asked at once.")]
    TooManyPeople(usize),
    /// Somebody who is asked has no active portal access on the matter.
    #[error("Everybody who is asked must take part in the matter and have active access to the portal.")]
    CannotBeAsked,
    /// More documents than an approval takes.
    #[error("At most {0} documents can be attached.")]
    TooManyDocuments(usize),
    /// A document that is attached is not on the matter.
    #[error("Choose documents of this matter.")]
    NotOnMatter,
    /// A document that is attached is for staff only.
    #[error(
        "\u{201c}{0}\u{201d} is for staff only. Let the client see it first, or choose another document."
    )]
    StaffOnly(String),
    /// The matter is closed.
    #[error("This matter is closed. Reopen it first.")]
    MatterClosed,
    /// They answered before.
    #[error(
        "You have answered this already. An answer cannot be changed; please write to us if it was a mistake."
    )]
    AnsweredAlready,
    /// Enough others answered before.
    #[error("This has been answered already, so your answer is not needed any more.")]
    Settled,
    /// Staff took it back.
    #[error("We have withdrawn this, so it does not need an answer any more.")]
    Withdrawn,
    /// What it shows has a newer version.
    #[error(
        "We have replaced what you were looking at, so nothing was approved. Please look at the new version, where there is one, and answer that."
    )]
    Superseded,
    /// Its time is over.
    #[error("The time to answer this is over. Please write to us if you still want to answer.")]
    Expired,
    /// What the page showed is not what is asked.
    #[error(
        "This is not what your page showed, so nothing was approved. Please load the page again and look at it once more."
    )]
    SubjectChanged,
    /// The practice needs a second factor with an answer, and none came.
    #[error(
        "An answer needs your second factor too, and none came, so nothing was answered. Please fill it in and answer again."
    )]
    FactorNeeded,
    /// What was presented as a second factor is not theirs, over, or used before.
    #[error(
        "Your second factor is not right, or it was used before, so nothing was answered. Please take a new one and answer again."
    )]
    WrongFactor,
    /// They have no second factor.
    #[error(
        "You have no second factor set up that this could be, so nothing was answered. Please write to us, and we help you."
    )]
    NoFactorSetUp,
    /// A second factor is needed or was presented, and this portal has none.
    #[error(
        "This portal cannot take a second factor at the moment, so nothing was answered. Please write to us, and we see to it."
    )]
    FactorNotOffered,
    /// Staff can only take back what is open.
    #[error("Only an approval that is open can be withdrawn.")]
    NotOpen,
    /// Many answers at once, more than are taken.
    #[error("Choose 1 to {0} approvals.")]
    TooManyAtOnce(usize),
    /// The answer's audit entry has no place in the sealed trail yet.
    #[error("The answer is being sealed, which takes a second or so. Please try again in a moment.")]
    NotSealed,
    /// The answer's audit entry does not hold the hash of the evidence.
    #[error(
        "There is no certificate of this answer: it was given before the audit trail held its hash. The evidence is on record all the same."
    )]
    NoCertificate,
}

impl Rule for ApprovalRule {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NobodyAsked
            | Self::TooManyPeople(_)
            | Self::CannotBeAsked
            | Self::TooManyDocuments(_)
            | Self::NotOnMatter
            | Self::StaffOnly(_)
            | Self::TooManyAtOnce(_) => ErrorKind::Invalid,
            Self::FactorNeeded | Self::WrongFactor | Self::NoFactorSetUp | Self::FactorNotOffered => {
                ErrorKind::Denied
            }
            _ => ErrorKind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NobodyAsked => "nobody-asked",
            Self::TooManyPeople(_) => "too-many-people",
            Self::CannotBeAsked => "cannot-be-asked",
            Self::TooManyDocuments(_) => "too-many-documents",
            Self::NotOnMatter => "not-on-matter",
            Self::StaffOnly(_) => "staff-only",
            Self::MatterClosed => "matter-closed",
            Self::AnsweredAlready => "answered-already",
            Self::Settled => "settled",
            Self::Withdrawn => "withdrawn",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::SubjectChanged => "subject-changed",
            Self::FactorNeeded => "factor-needed",
            Self::WrongFactor => "wrong-factor",
            Self::NoFactorSetUp => "no-factor-set-up",
            Self::FactorNotOffered => "factor-not-offered",
            Self::NotOpen => "not-open",
            Self::TooManyAtOnce(_) => "too-many-at-once",
            Self::NotSealed => "not-sealed",
            Self::NoCertificate => "no-certificate",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NobodyAsked | Self::TooManyPeople(_) | Self::CannotBeAsked => Some("people"),
            Self::TooManyDocuments(_) | Self::NotOnMatter | Self::StaffOnly(_) => Some("documents"),
            Self::SubjectChanged => Some("shown"),
            Self::FactorNeeded | Self::WrongFactor | Self::NoFactorSetUp | Self::FactorNotOffered => {
                Some("factor")
            }
            Self::TooManyAtOnce(_) => Some("items"),
            _ => None,
        }
    }
}
