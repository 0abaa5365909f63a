//! Asking, and taking back.

use super::{Approval, ApprovalDraft, ApprovalItem, ApprovalRule, Asked, Attached};
use crate::access::PortalAccess;
use crate::audit::Subject;
use crate::document::{Confidentiality, Document};
use crate::matter::{Matter, MatterState};
use crate::notify::{Span, day_of};
use crate::policy::Capability;
use crate::{
    ApprovalId, Change, ClientId, Context, DocumentId, Duration, Error, EventKind, MatterId, Portal,
    RecordKind, StoreError, Version,
};

impl Approval {
    /// Whether people on `matter` can be asked about `document`.
    ///
    /// # Errors
    /// `NotOnMatter`, `MatterClosed` and `StaffOnly`.
    pub fn may_show(document: &Document, matter: &Matter) -> Result<(), ApprovalRule> {
        if document.matter_id != matter.id {
            return Err(ApprovalRule::NotOnMatter);
        }
        if matter.state == MatterState::Closed {
            return Err(ApprovalRule::MatterClosed);
        }
        if document.confidentiality == Confidentiality::StaffOnly {
            return Err(ApprovalRule::StaffOnly(document.current.name.to_string()));
        }
        Ok(())
    }
}

impl Portal {
    /// Asks people on a matter to approve something.
    ///
    /// # Errors
    /// What is wrong with the draft; `NobodyAsked`, `TooManyPeople` and `CannotBeAsked`; `TooManyDocuments`, `NotOnMatter` and
    /// `StaffOnly`; `MatterClosed`.
    pub async fn ask_approval(
        &self,
        ctx: &Context,
        matter: MatterId,
        draft: &ApprovalDraft,
    ) -> Result<ApprovalItem, Error<ApprovalRule>> {
        let id = self.id();
        let asked = self
            .retrying(async || {
                let matter = self.matter_for(ctx, Capability::AskApprovals, matter).await;
                self.asking(ctx, id, &matter.map_err(Error::widen)?, draft).await
            })
            .await?;
        self.described_approval(ctx, asked).await.map_err(Error::widen)
    }

    async fn asking(
        &self,
        ctx: &Context,
        id: ApprovalId,
        matter: &Matter,
        draft: &ApprovalDraft,
    ) -> Result<(Approval, Change), Error<ApprovalRule>> {
        let (staff, _) = ctx
            .staff()
            .ok_or(Error::Denied(Capability::AskApprovals.words()))?;
        let zone = self.practice_of(ctx).await.map_err(Error::widen)?.time_zone;
        let expires = draft.expires_on.and_then(|day| Span::of_days(day, day, &zone));
        let terms = draft.terms(day_of(ctx.at, &zone), expires.map(|day| day.until))?;
        if matter.state == MatterState::Closed {
            return Err(ApprovalRule::MatterClosed.into());
        }
        let accesses = self.can_be_asked(matter, &draft.people).await?;
        let (documents, attached) = self.to_attach(matter, &draft.documents).await?;
        let people = accesses
            .iter()
            .map(|access| Asked::new(access.client_id, access.id));
        let approval = Approval::ask(
            id,
            (ctx.practice, matter.id),
            terms,
            (attached, people.collect()),
            staff,
            ctx.at,
        );
        let entry = self
            .audit(ctx, "approval.asked", Subject::new("approval", id))
            .on(matter.id)
            .with("title", approval.terms.title.as_str())
            .with("kind", approval.terms.kind.as_str())
            .with("sha256", approval.shown_hash().to_string())
            .with("people", people_of(&approval));
        let mut change = Change::audited(entry);
        for access in &accesses {
            change = change.while_unchanged(RecordKind::PortalAccess, access.id, access.version);
        }
        // A new version on its way must see this approval: whoever saves a document next has to read again.
        let touched = documents.into_iter().map(|document| document.touched(ctx.at));
        change = change.save_all(touched).save(approval.clone());
        change = change.and(self.telling_of_new(ctx, &approval));
        Ok((approval, change))
    }

    /// The portal accesses of those who are to be asked, in their order.
    async fn can_be_asked(
        &self,
        matter: &Matter,
        people: &[ClientId],
    ) -> Result<Vec<PortalAccess>, Error<ApprovalRule>> {
        if people.is_empty() {
            return Err(ApprovalRule::NobodyAsked.into());
        }
        if people.len() > Approval::MOST_PEOPLE {
            return Err(ApprovalRule::TooManyPeople(Approval::MOST_PEOPLE).into());
        }
        let (store, practice) = (self.store(), matter.practice_id);
        let participants = store.participants(practice, matter.id).await?;
        let accesses = store.accesses_of_matter(practice, matter.id).await?;
        let clients = store.clients_by_id(practice, people).await?;
        let mut asked: Vec<PortalAccess> = Vec::with_capacity(people.len());
        for id in people {
            let takes_part = participants
                .iter()
                .any(|part| part.client_id == *id && !part.removed);
            let client = clients.iter().find(|client| client.id == *id);
            let access = accesses.iter().find(|access| access.client_id == *id);
            let admitted = access
                .zip(client)
                .filter(|(access, client)| takes_part && access.admits(matter, client));
            let (access, _) = admitted.ok_or(ApprovalRule::CannotBeAsked)?;
            // Named twice is asked once.
            if asked.iter().all(|known| known.id != access.id) {
                asked.push(access.clone());
            }
        }
        Ok(asked)
    }

    /// The documents to attach, each once, and their newest versions.
    async fn to_attach(
        &self,
        matter: &Matter,
        ids: &[DocumentId],
    ) -> Result<(Vec<Document>, Vec<Attached>), Error<ApprovalRule>> {
        if ids.len() > Approval::MOST_DOCUMENTS {
            return Err(ApprovalRule::TooManyDocuments(Approval::MOST_DOCUMENTS).into());
        }
        let (mut documents, mut attached): (Vec<Document>, Vec<Attached>) = (Vec::new(), Vec::new());
        for id in ids {
            if documents.iter().any(|known| known.id == *id) {
                continue;
            }
            let found = self.store().document(matter.practice_id, *id).await?;
            let document = found.ok_or(ApprovalRule::NotOnMatter)?;
            Approval::may_show(&document, matter)?;
            let versions = self.store().document_versions(matter.practice_id, *id).await?;
            let newest = versions
                .iter()
                .find(|version| version.number == document.versions);
            attached.push(Attached::of(newest.ok_or(StoreError::Stale)?));
            documents.push(document);
        }
        Ok((documents, attached))
    }

    /// Word to those whose turn it is, when its time will be over, and when to remind.
    pub(super) fn telling_of_new(&self, ctx: &Context, approval: &Approval) -> Change {
        let mut change = Change::unaudited(ctx.practice, "joined to the change that has the entry");
        for client in approval.waiting(ctx.at) {
            let asked = EventKind::ApprovalAsked {
                approval: approval.id,
                client,
            };
            change = change.save(self.event(ctx, asked));
        }
        if let Some(end) = approval.terms.expires_at {
            let over = EventKind::ApprovalOver {
                approval: approval.id,
            };
            change = change.save(self.event(ctx, over).not_before(end));
        }
        if let Some(days) = approval.terms.remind_every_days {
            let due = EventKind::ApprovalReminderDue {
                approval: approval.id,
                number: 1,
            };
            let at = ctx.at + Duration::days(days.into());
            change = change.save(self.event(ctx, due).not_before(at));
        }
        change
    }

    /// Takes an approval back, with or without a reason that clients read.
    ///
    /// # Errors
    /// `NotOpen` when it came to its end before.
    pub async fn withdraw_approval(
        &self,
        ctx: &Context,
        id: ApprovalId,
        expected: Option<Version>,
        reason: &str,
    ) -> Result<ApprovalItem, Error<ApprovalRule>> {
        let withdrawn = self
            .retrying(async || {
                let found = self.approval_for(ctx, Capability::AskApprovals, id).await;
                let approval = found.map_err(Error::widen)?;
                crate::practice::expect_version(approval.version, expected)?;
                let approval = approval.withdraw(reason, ctx.at)?;
                let entry = self
                    .audit(ctx, "approval.withdrawn", Subject::new("approval", id))
                    .on(approval.matter_id)
                    .with("reason", approval.reason.as_str());
                let told = EventKind::ApprovalWithdrawn { approval: id };
                let change = Change::audited(entry).save(self.event(ctx, told));
                Ok((approval.clone(), change.save(approval)))
            })
            .await?;
        self.described_approval(ctx, withdrawn)
            .await
            .map_err(Error::widen)
    }
}

fn people_of(approval: &Approval) -> Vec<String> {
    approval
        .people
        .iter()
        .map(|asked| asked.client.to_string())
        .collect()
}
