//! Approvals: a question that clients answer explicitly, with evidence of each answer.
//!
//! What is asked never changes: its title, its text, and each document's version with the hash of its bytes. An answer carries
//! the hash of what its page showed ([`Approval::shown_hash`]) and is refused with another. When an attached document gets a new
//! version, the approval is superseded, in the same commit, by one that asks for the new version: an old page approves nothing.
//! A practice can need a [second factor](SecondFactor) with each answer.

mod answer;
mod asking;
mod canonical;
mod certificate;
mod error;
mod evidence;
mod factor;
mod kind;
mod model;
mod people;
mod port;
mod reading;
mod service;
mod shown;
mod superseding;
mod told;

pub use answer::{Answer, Answered, Decision};
pub use canonical::{NotBound, check_binding};
pub use certificate::{Certificate, CertificateFault, Certified, NoCertificate};
pub use error::ApprovalRule;
pub use evidence::{Assurance, Circumstances, Evidence, OnBehalfOf, SignInMethod, SignedInAs};
pub use factor::{
    FactorCheck, FactorMethod, NotAFactorMethod, Presented, SecondFactor, StepUp, factor_of_answer,
};
pub use kind::ApprovalKind;
pub use model::{Approval, ApprovalDraft, ApprovalState, Terms};
pub use people::{Asked, Needed};
pub use port::{ApprovalFilter, Approvals};
pub use reading::{ApprovalItem, ApprovalPerson};
pub use shown::{Attached, Line, Subject};
pub use told::{
    ToldDocument, ToldEvidence, ToldFactor, ToldLine, ToldOnBehalfOf, ToldOrigin, ToldPerson, ToldShown,
    ToldSignIn, ToldSubject,
};
