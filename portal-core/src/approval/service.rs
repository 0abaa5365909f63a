//! Answering, and what follows from other changes.

use super::{
    Answer, Approval, ApprovalFilter, ApprovalItem, ApprovalRule, ApprovalState, Assurance, Circumstances,
    Evidence, FactorCheck, FactorMethod, OnBehalfOf, Presented, SignInMethod, SignedInAs, StepUp,
    factor_of_answer,
};
use crate::access::Workspace;
use crate::audit::Subject;
use crate::document::{Document, DocumentVersion};
use crate::identity::Session;
use crate::matter::{MatterState, Part};
use crate::policy::Capability;
use crate::practice::Practice;
use crate::{
    Allowance, ApprovalId, Change, Context, Duration, Error, EventKind, MatterId, NoRule, PageRequest,
    Portal, PracticeId, RecordKind, StoreError, Version, unique,
};

/// How many answers one person may give or try in a while: more than anybody reads.
const ANSWERS_EACH: Allowance = Allowance {
    times: 300,
    every: Duration::minutes(10),
};

/// How often one person may present a second factor in a while: as often as there is a new code where one holds for thirty seconds.
const FACTORS_EACH: Allowance = Allowance {
    times: 20,
    every: Duration::minutes(10),
};

/// The most answers given at once.
const MOST_AT_ONCE: usize = 50;

/// How the clock is called in evidence.
const CLOCK: &str = "server clock, UTC";

/// A second factor as it was checked, and for which answers.
#[derive(Default)]
struct Stepped {
    approvals: Vec<ApprovalId>,
    checked: Option<FactorCheck>,
}

impl Stepped {
    /// What it says of the answer to this one: nothing, if it could not be answered yet when the factor was checked.
    fn of(&self, approval: ApprovalId) -> Option<&FactorCheck> {
        let checked = self.checked.as_ref();
        checked.filter(|_| self.approvals.contains(&approval))
    }
}

impl Portal {
    /// Answers an approval, as the signed-in client who is asked, with what they present as their second factor, if anything. The
    /// evidence is written in the same commit.
    ///
    /// # Errors
    /// What is not theirs to answer does not exist. Those of [`Approval::answer`], then those of [`factor_of_answer`]; `Limited`;
    /// `Denied` while previewing.
    pub async fn answer_approval(
        &self,
        ctx: &Context,
        id: ApprovalId,
        answer: &Answer,
        presented: Option<&Presented>,
    ) -> Result<ApprovalItem, Error<ApprovalRule>> {
        self.limit_answers(ctx).await?;
        let factor = self.step_up(ctx, &[(id, answer.clone())], presented).await?;
        let answered = self.answer_one(ctx, id, answer, factor.of(id)).await?;
        self.described_approval(ctx, answered).await.map_err(Error::widen)
    }

    /// Answers several approvals alike, each with evidence of its own and each for itself: one that is refused keeps no other
    /// from being answered. One second factor counts for all of them: where it is needed and missing or wrong, none is answered.
    ///
    /// # Errors
    /// `TooManyAtOnce` for none or more than 50; those of [`factor_of_answer`]; `Limited`; `Denied` while previewing.
    pub async fn answer_approvals(
        &self,
        ctx: &Context,
        answers: &[(ApprovalId, Answer)],
        presented: Option<&Presented>,
    ) -> Result<Vec<(ApprovalId, Result<Approval, Error<ApprovalRule>>)>, Error<ApprovalRule>> {
        ctx.acting_client().map_err(Error::widen)?;
        if answers.is_empty() || answers.len() > MOST_AT_ONCE {
            return Err(ApprovalRule::TooManyAtOnce(MOST_AT_ONCE).into());
        }
        let factor = self.step_up(ctx, answers, presented).await?;
        let mut done = Vec::with_capacity(answers.len());
        for (id, answer) in answers {
            let outcome = match self.limit_answers(ctx).await {
                Ok(()) => self.answer_one(ctx, *id, answer, factor.of(*id)).await,
                Err(limited) => Err(limited),
            };
            done.push((*id, outcome));
        }
        Ok(done)
    }

    async fn limit_answers(&self, ctx: &Context) -> Result<(), Error<ApprovalRule>> {
        let client = ctx.acting_client().map_err(Error::widen)?;
        // Several that are answered at once take their time.
        let ctx = Context {
            at: self.now(),
            ..ctx.clone()
        };
        let key = format!("approval-answers/{client}");
        let entry = || self.audit(&ctx, "approval.limited", Subject::new("client", client));
        self.limit(&ctx, &key, ANSWERS_EACH, entry).await
    }

    /// Has the second factor checked, once for all of `answers`, where one is needed or was presented. It is not spent on what could
    /// not be answered with it, and what is not theirs says nothing of it: whatever stands in the way is found again by each answer.
    async fn step_up(
        &self,
        ctx: &Context,
        answers: &[(ApprovalId, Answer)],
        presented: Option<&Presented>,
    ) -> Result<Stepped, Error<ApprovalRule>> {
        let client = ctx.acting_client().map_err(Error::widen)?;
        let practice = self.practice_of(ctx).await.map_err(Error::widen)?;
        if presented.is_none() && !practice.settings.approval_factor_needed {
            return Ok(Stepped::default());
        }
        let now = Context {
            at: self.now(),
            ..ctx.clone()
        };
        let mut open = Vec::with_capacity(answers.len());
        for (id, answer) in answers {
            match self.decided(&now, *id, answer).await {
                Ok(_) => open.push(*id),
                Err(Error::Store(error)) => return Err(error.into()),
                Err(_) => {}
            }
        }
        if open.is_empty() {
            return Ok(Stepped::default());
        }
        let checked = match (self.second_factor(), presented) {
            (Some(factor), Some(presented)) => {
                let key = format!("approval-factors/{client}");
                let entry = || {
                    self.audit(&now, "approval.limited", Subject::new("client", client))
                        .with("limit", "factor")
                };
                self.limit(&now, &key, FACTORS_EACH, entry).await?;
                let step = StepUp {
                    practice: ctx.practice,
                    client,
                    approvals: &open,
                    presented,
                    at: now.at,
                };
                let checked = factor.check(&step).await;
                Some(checked.map_err(StoreError::Unavailable)?)
            }
            (None, Some(_)) => return Err(ApprovalRule::FactorNotOffered.into()),
            (_, None) => None,
        };
        self.factor_of(&practice, checked.as_ref())?;
        Ok(Stepped {
            approvals: open,
            checked,
        })
    }

    fn factor_of(
        &self,
        practice: &Practice,
        checked: Option<&FactorCheck>,
    ) -> Result<Option<FactorMethod>, ApprovalRule> {
        let is_offered = self.second_factor().is_some();
        factor_of_answer((practice.settings.approval_factor_needed, is_offered), checked)
    }

    /// The approval as it was read and as the answer makes it, and whose workspace it is answered in. All but the second factor is
    /// decided.
    async fn decided(
        &self,
        ctx: &Context,
        id: ApprovalId,
        answer: &Answer,
    ) -> Result<(Approval, Approval, Workspace), Error<ApprovalRule>> {
        let client = ctx.acting_client().map_err(Error::widen)?;
        let read = self.approval_for(ctx, Capability::SeeMatters, id).await;
        let read = read.map_err(Error::widen)?;
        let workspace = self.workspace_on(ctx, read.matter_id).await;
        let workspace = workspace.map_err(Error::widen)?;
        let approval = read.clone().answer(client, answer, ctx.at)?;
        Ok((read, approval, workspace))
    }

    async fn answer_one(
        &self,
        ctx: &Context,
        id: ApprovalId,
        answer: &Answer,
        checked: Option<&FactorCheck>,
    ) -> Result<Approval, Error<ApprovalRule>> {
        let answered = self
            .retrying(async || {
                // The time of the answer is when it is decided, not when the request began to be read.
                let ctx = Context {
                    at: self.now(),
                    ..ctx.clone()
                };
                let (read, approval, workspace) = self.decided(&ctx, id, answer).await?;
                let practice = self.practice_of(&ctx).await.map_err(Error::widen)?;
                let factor = self.factor_of(&practice, checked)?;
                let change = self
                    .answered(&ctx, &read, &approval, (&workspace, factor))
                    .await?;
                // Whoever begins to need a factor meanwhile is not answered without.
                let held = change.while_unchanged(RecordKind::Practice, practice.id, practice.version);
                Ok((approval, held))
            })
            .await;
        match answered {
            // Somebody with the same name was quicker, in a store that has seen it before us.
            Err(Error::Store(StoreError::Conflict(rule))) if rule == unique::APPROVAL_ANSWER_ONCE => {
                Err(ApprovalRule::AnsweredAlready.into())
            }
            other => other,
        }
    }

    /// The change that an answer is: the approval, the evidence, the entry, and word to whom it concerns. It holds on to all that
    /// was read to decide it: the versions of the documents, and the access that lets the client in.
    async fn answered(
        &self,
        ctx: &Context,
        read: &Approval,
        approval: &Approval,
        (workspace, factor): (&Workspace, Option<FactorMethod>),
    ) -> Result<Change, Error<ApprovalRule>> {
        let client = workspace.client.id;
        let given = approval
            .answer_of(client)
            .ok_or(Error::NotFound("approval"))?
            .clone();
        let subject = Subject::new("approval", approval.id);
        let entry = self
            .audit(ctx, given.decision.audit_action(), subject)
            .on(approval.matter_id);
        let session = ctx.session.ok_or(Error::Unauthenticated)?;
        let session = self.store().session(ctx.practice, session).await?;
        let session = session.ok_or(Error::Unauthenticated)?;
        let participants = self
            .store()
            .participants(ctx.practice, approval.matter_id)
            .await?;
        let part = participants.iter().find(|part| part.client_id == client);
        let shown = approval.shown();
        let evidence = Evidence {
            id: self.id(),
            practice_id: ctx.practice,
            version: Version::FIRST,
            approval_id: approval.id,
            matter_id: approval.matter_id,
            client_id: client,
            decision: given.decision,
            comment: given.comment,
            shown_hash: crate::Digest::of(&shown),
            shown,
            circumstances: Circumstances {
                name: workspace.client.name(),
                on_behalf_of: on_behalf_of(workspace, part.map(|part| part.part)),
                signed_in: signed_in(&session),
                factor,
                from: ctx.origin.clone(),
                clock: CLOCK.to_owned(),
                approval_version: read.version,
                audit_entry: entry.id,
            },
            at: given.at,
        };
        // The evidence names its entry, and the entry binds the evidence: its id is known before it is whole.
        let entry = entry
            .with("sha256", evidence.shown_hash.to_string())
            .with("evidence", evidence.hash().to_string());
        let mut change = Change::audited(entry);
        for attached in &approval.documents {
            let document = self.store().document(ctx.practice, attached.document).await?;
            let document = document.ok_or(ApprovalRule::SubjectChanged)?;
            if document.versions != attached.number {
                // A new version came in between; the approval that asks for it is there when this is read again.
                return Err(ApprovalRule::Superseded.into());
            }
            change = change.while_unchanged(RecordKind::Document, document.id, document.version);
        }
        let access = &workspace.access;
        change = change
            .while_unchanged(RecordKind::PortalAccess, access.id, access.version)
            .save(approval.clone())
            .save(evidence);
        let told = EventKind::ApprovalAnswered {
            approval: approval.id,
            client,
        };
        change = change.save(self.event(ctx, told));
        if approval.terms.in_turn {
            // Whose turn it is now did not know of it.
            for client in approval.waiting(ctx.at) {
                let asked = EventKind::ApprovalAsked {
                    approval: approval.id,
                    client,
                };
                change = change.save(self.event(ctx, asked));
            }
        }
        Ok(change)
    }

    /// What a new version of a document does to the open approvals that show it, joined to the change that brings the version.
    pub(crate) async fn superseding(
        &self,
        ctx: &Context,
        document: &Document,
        version: &DocumentVersion,
    ) -> Result<Change, Error<NoRule>> {
        let matter = document.matter_id;
        let mut change = Change::unaudited(ctx.practice, "each approval adds its own entry");
        let told = |approval: &Approval| {
            self.audit(ctx, "approval.superseded", Subject::new("approval", approval.id))
                .on(matter)
                .with("document", version.document_id.to_string())
                .with("number", version.number)
        };
        for approval in self.open_approvals(ctx.practice, matter).await? {
            if !approval.may_go_on_with(document, version) {
                if let Some(over) = approval.overtake(version, ctx.at) {
                    change = change.audit(told(&over)).save(over);
                }
                continue;
            }
            let Some([before, next]) = approval.supersede(self.id(), version, ctx.at) else {
                continue;
            };
            let entry = told(&before)
                .with("by", next.id.to_string())
                .with("sha256", next.shown_hash().to_string());
            change = change.audit(entry);
            change = change.and(self.telling_of_new(ctx, &next));
            // The new one first: the old one points to it.
            change = change.save(next).save(before);
        }
        Ok(change)
    }

    async fn open_approvals(
        &self,
        practice: PracticeId,
        matter: MatterId,
    ) -> Result<Vec<Approval>, Error<NoRule>> {
        let filter = ApprovalFilter {
            matter: Some(matter),
            state: Some(ApprovalState::Open),
            ..ApprovalFilter::default()
        };
        self.all_approvals(practice, &filter).await
    }

    pub(crate) async fn all_approvals(
        &self,
        practice: PracticeId,
        filter: &ApprovalFilter,
    ) -> Result<Vec<Approval>, Error<NoRule>> {
        let mut approvals = Vec::new();
        let mut next = None;
        loop {
            let page = PageRequest::first(PageRequest::MOST).after(next);
            let page = self.store().approvals(practice, filter, &page).await?;
            approvals.extend(page.items);
            next = page.next;
            if next.is_none() {
                return Ok(approvals);
            }
        }
    }
}

fn on_behalf_of(workspace: &Workspace, part: Option<Part>) -> OnBehalfOf {
    debug_assert_eq!(
        workspace.matter.state,
        MatterState::Open,
        "nobody is let in elsewhere"
    );
    OnBehalfOf {
        client: workspace.client.id,
        name: workspace.client.name(),
        part,
        access: workspace.access.id,
    }
}

/// Clients sign in by the link of a mail and by nothing else.
fn signed_in(session: &Session) -> SignedInAs {
    SignedInAs {
        session: session.id,
        method: SignInMethod::EmailLink,
        assurance: Assurance::SingleFactor,
        since: session.created_at,
        from: session.origin.clone(),
    }
}
