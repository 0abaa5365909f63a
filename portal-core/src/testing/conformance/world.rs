//! A small practice to check promises in, and the words that checks are written in.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use crate::access::PortalAccess;
use crate::approval::Approval;
use crate::checklist::{ChecklistTemplate, Request};
use crate::client::Client;
use crate::document::{Document, DocumentVersion};
use crate::identity::StaffMember;
use crate::matter::{Matter, Part, Participant, TeamMember};
use crate::policy::Role;
use crate::practice::Practice;
use crate::testing::{Samples, save};
use crate::{Change, Claim, Digest, PracticeId, Record, Store, StoreError, Timestamp};

/// Two clients on two matters, who may not see anything of each other.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) samples: Samples,
    pub(super) practice: Practice,
    pub(super) owner: StaffMember,
    pub(super) member: StaffMember,
    pub(super) anna: Client,
    pub(super) ben: Client,
    /// Anna's, where the owner's team has the member.
    pub(super) case: Matter,
    /// Ben's, a part of Anna's, which the owner has alone.
    pub(super) other: Matter,
    pub(super) anna_part: Participant,
    pub(super) ben_part: Participant,
    pub(super) seat: TeamMember,
    pub(super) anna_access: PortalAccess,
    pub(super) ben_access: PortalAccess,
    pub(super) template: ChecklistTemplate,
    pub(super) request: Request,
    pub(super) document: Document,
    pub(super) file: DocumentVersion,
    /// Anna is asked to approve the document.
    pub(super) approval: Approval,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let samples = Samples::new(seed);
        let (owner, member) = (samples.staff(Role::Owner), samples.staff(Role::Member));
        let (anna, ben) = (samples.client("Anna", "Berg"), samples.client("Ben", "Carter"));
        let case = samples.matter(&owner);
        let other = Matter {
            parent_id: Some(case.id),
            ..samples.matter(&owner)
        };
        let request = samples.request(&case, &anna);
        let (document, file) = samples.upload(&request);
        let anna_access = samples.access(&case, &anna);
        Self {
            approval: samples.approval(&case, &owner, &file, &anna_access),
            practice: samples.practice(),
            anna_part: samples.participant(&case, &anna, Part::Principal),
            ben_part: samples.participant(&other, &ben, Part::Principal),
            seat: samples.team_member(&case, &member),
            anna_access,
            ben_access: samples.access(&other, &ben),
            template: samples.template(),
            samples,
            owner,
            member,
            anna,
            ben,
            case,
            other,
            request,
            document,
            file,
        }
    }

    /// Everything in it, what others refer to first.
    pub(super) fn records(&self) -> Vec<Record> {
        vec![
            self.practice.clone().into(),
            self.owner.clone().into(),
            self.member.clone().into(),
            self.anna.clone().into(),
            self.ben.clone().into(),
            self.case.clone().into(),
            self.other.clone().into(),
            self.anna_part.clone().into(),
            self.ben_part.clone().into(),
            self.seat.clone().into(),
            self.anna_access.clone().into(),
            self.ben_access.clone().into(),
            self.template.clone().into(),
            self.request.clone().into(),
            self.document.clone().into(),
            self.file.clone().into(),
            self.approval.clone().into(),
        ]
    }

    /// A world that `store` holds.
    pub(super) async fn in_store(store: &dyn Store, seed: u64) -> Self {
        let world = Self::new(seed);
        put(store, world.records()).await;
        world
    }

    pub(super) const fn id(&self) -> PracticeId {
        self.practice.id
    }

    /// A change that leaves no audit entry.
    pub(super) fn change(&self) -> Change {
        Change::unaudited(self.id(), "a promise is checked")
    }
}

/// Saves what must be possible to save.
pub(super) async fn put<T: Into<Record>>(store: &dyn Store, records: impl IntoIterator<Item = T> + Send) {
    save(store, records).await.expect("the store saves good records");
}

/// What the store answered, which must not be an error.
/// A claim on an idempotency key, as somebody makes it who has made none before.
pub(super) fn claiming(fingerprint: Digest, until: Timestamp) -> Claim {
    static CLAIMS: AtomicU64 = AtomicU64::new(1);
    Claim {
        by: Uuid::from_u128(CLAIMS.fetch_add(1, Ordering::Relaxed).into()),
        fingerprint,
        until,
    }
}

pub(super) fn got<T>(answer: Result<T, StoreError>) -> T {
    answer.expect("the store answers")
}

/// How many of parallel commits succeeded; those that did not must have failed with one of `allowed`.
pub(super) fn winners(outcomes: &[Result<(), StoreError>], allowed: &StoreError) -> usize {
    for outcome in outcomes {
        if let Err(error) = outcome {
            assert_eq!(error, allowed, "why a commit lost a race");
        }
    }
    outcomes.iter().filter(|outcome| outcome.is_ok()).count()
}
