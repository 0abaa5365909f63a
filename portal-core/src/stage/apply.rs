//! Reading what a decision needs, and turning it into a change.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    Effects, Known, MatchedWorkflow, Notice, Occasion, Plan, Sending, Situation, StageEntry, Wanted, decide,
    sendings,
};
use crate::checklist::{Request, RequestFilter};
use crate::document::DocumentCounts;
use crate::matter::{Matter, Participant};
use crate::policy::Capability;
use crate::rulebook::Rules;
use crate::workflow::Case;
use crate::{
    Change, ClientId, Context, Error, EventKind, MatterId, NoRule, Page, PageRequest, Portal, RequestId,
    StageEntryId,
};

/// A matter about to be saved.
#[derive(Debug, Clone)]
pub(crate) struct Staging<'a> {
    /// As it is to be saved, at its next version; its normalised values are still those that it had.
    pub(crate) matter: Matter,
    /// As it was read; `None` when it is opened just now.
    pub(crate) before: Option<&'a Matter>,
    /// Who takes part, when the same command changes that.
    pub(crate) participants: Option<Vec<Participant>>,
    /// What sets it off.
    pub(crate) occasion: Occasion,
    /// What is known already of this and other matters, so that it need not be read again.
    pub(crate) known: Option<&'a Known>,
}

impl<'a> Staging<'a> {
    pub(crate) const fn opening(matter: Matter) -> Self {
        Self::new(matter, None)
    }

    pub(crate) const fn changing(matter: Matter, before: &'a Matter) -> Self {
        Self::new(matter, Some(before))
    }

    const fn new(matter: Matter, before: Option<&'a Matter>) -> Self {
        Self {
            matter,
            before,
            participants: None,
            occasion: Occasion::Change,
            known: None,
        }
    }

    /// The client who joins by the same command.
    const fn joins(&self) -> Option<ClientId> {
        match self.occasion {
            Occasion::Join(client) => Some(client),
            _ => None,
        }
    }
}

/// What is to be saved.
#[derive(Debug, Clone)]
pub(crate) struct Staged {
    /// The matter, with its values normalised.
    pub(crate) matter: Matter,
    /// Everything but the matter itself, to be added to its change after it.
    pub(crate) change: Change,
    /// What it brings about.
    pub(crate) effects: Effects,
    /// Whether there is anything beside the matter's own values.
    pub(crate) is_nothing: bool,
}

impl Portal {
    /// The stages that a matter was in, the last first, for staff.
    pub async fn stages(
        &self,
        ctx: &Context,
        matter: MatterId,
        page: &PageRequest,
    ) -> Result<Page<StageEntry>, Error<NoRule>> {
        self.matter_for(ctx, Capability::SeeMatters, matter).await?;
        Ok(self.store().stage_entries(ctx.practice, matter, page).await?)
    }

    /// Decides what follows from what is known of a matter. The change holds only while the practice's rules do.
    pub(crate) async fn stage(&self, ctx: &Context, staging: Staging<'_>) -> Result<Staged, Error<NoRule>> {
        let rules = self.rules(ctx.practice).await?;
        self.stage_by(ctx, &rules, staging).await
    }

    /// The same for a matter that may be written as it was: then nothing more is read.
    pub(crate) async fn restage(
        &self,
        ctx: &Context,
        revised: Matter,
        before: &Matter,
    ) -> Result<Staged, Error<NoRule>> {
        let rules = self.rules(ctx.practice).await?;
        let reading = rules.taxonomy().read(&Case::of(&revised));
        let is_as_kept = reading.unknown == before.unknown && reading.facts.names() == before.normalised;
        if !(is_as_kept && revised.is_written_like(before)) {
            return self
                .stage_by(ctx, &rules, Staging::changing(revised, before))
                .await;
        }
        let matched = rules.workflows().matches(&reading.facts);
        let matched = matched.into_iter().map(|found| {
            let own = MatchedWorkflow {
                workflow: found.id,
                version: found.version,
            };
            (own, found.name.clone())
        });
        Ok(Staged {
            matter: revised,
            change: Change::unaudited(ctx.practice, "nothing follows from what stayed"),
            effects: Effects {
                matched: matched.collect(),
                ..Effects::default()
            },
            is_nothing: true,
        })
    }

    pub(crate) async fn stage_by(
        &self,
        ctx: &Context,
        rules: &Rules,
        staging: Staging<'_>,
    ) -> Result<Staged, Error<NoRule>> {
        let mut matter = staging.matter.clone();
        let entry = match staging.before {
            Some(_) => self.last_entry(ctx, matter.id).await?,
            None => None,
        };
        let participants = match (staging.participants.clone(), staging.before) {
            (Some(given), _) => given,
            (None, Some(_)) if rules.exist() => self.store().participants(ctx.practice, matter.id).await?,
            (None, _) => Vec::new(),
        };
        let (requests, documents) = if staging.before.is_some() && rules.exist() {
            self.asked_on(ctx, matter.id).await?
        } else {
            (Vec::new(), HashMap::new())
        };
        let situation = Situation {
            workflows: rules.workflows(),
            matter: &matter,
            before: staging.before,
            entry: entry.as_ref(),
            participants: &participants,
            requests: &requests,
            documents: &documents,
            accepting: rules.accepting(),
            occasion: staging.occasion,
        };
        let mut plan = decide(&situation, || self.ids().uuid(), ctx.at)?;
        for fires in [&mut plan.fires, &mut plan.fires_for_joiner] {
            fires.retain(|own| {
                let workflow = rules.workflows().get(own.workflow);
                workflow.is_some_and(|workflow| workflow.automations.iter().any(|own| own.enabled))
            });
        }
        matter.normalised.clone_from(&plan.normalised);
        matter.unknown.clone_from(&plan.unknown);
        let effects = self
            .effects_of(
                ctx,
                rules,
                (&matter, entry.as_ref()),
                &plan,
                &participants,
                &staging,
            )
            .await?;
        let is_nothing = plan.is_nothing() && !effects.sends.iter().any(Sending::is_written);
        let change = self.change_of(ctx, &matter, plan, entry.as_ref(), &staging);
        Ok(Staged {
            matter,
            change: rules.hold(change),
            effects,
            is_nothing,
        })
    }

    /// The stay that the matter is in, or was in last.
    pub(crate) async fn last_entry(
        &self,
        ctx: &Context,
        matter: MatterId,
    ) -> Result<Option<StageEntry>, Error<NoRule>> {
        let page = PageRequest::first(1);
        let entries = self.store().stage_entries(ctx.practice, matter, &page).await?;
        Ok(entries.items.into_iter().next())
    }

    /// Everything that is or was asked on a matter, and what was provided for what workflows ask.
    async fn asked_on(
        &self,
        ctx: &Context,
        matter: MatterId,
    ) -> Result<(Vec<Request>, HashMap<RequestId, DocumentCounts>), Error<NoRule>> {
        let filter = RequestFilter {
            matter: Some(matter),
            ..RequestFilter::default()
        };
        let mut requests = Vec::new();
        let mut next = None;
        loop {
            let page = PageRequest::first(PageRequest::MOST).after(next);
            let page = self.store().requests(ctx.practice, &filter, &page).await?;
            requests.extend(page.items);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        let by_workflows = requests.iter().filter(|request| request.requirement().is_some());
        let ids: Vec<RequestId> = by_workflows.map(|request| request.id).collect();
        let counts = self
            .store()
            .document_counts_by_request(ctx.practice, &ids)
            .await?;
        Ok((requests, counts.into_iter().collect()))
    }

    async fn effects_of(
        &self,
        ctx: &Context,
        rules: &Rules,
        (matter, entry): (&Matter, Option<&StageEntry>),
        plan: &Plan,
        participants: &[Participant],
        staging: &Staging<'_>,
    ) -> Result<Effects, Error<NoRule>> {
        let named = |own: &MatchedWorkflow| {
            let workflow = rules.workflows().get(own.workflow);
            (
                *own,
                workflow.map(|workflow| workflow.name.clone()).unwrap_or_default(),
            )
        };
        let joiner = plan.fires_for_joiner.iter().map(|own| (own, staging.joins()));
        let fires: Vec<_> = (plan.fires.iter().map(|own| (own, None)).chain(joiner))
            .filter_map(|(own, only)| Some((rules.workflows().get(own.workflow)?, only)))
            .collect();
        let (mut sends, mut notices) = (Vec::new(), Vec::new());
        let told = plan.told();
        if !(fires.is_empty() && told.is_empty()) {
            let wanted = Wanted::by(fires.iter().map(|(workflow, _)| *workflow));
            let known = if staging.known.is_some() {
                None
            } else {
                let given = Some((matter.id, participants));
                Some(self.known(ctx.practice, &[matter], wanted, given).await?)
            };
            if let Some(known) = staging.known.or(known.as_ref()) {
                let current = plan.current(entry).map(|entry| entry.id);
                let scene = known.scene(
                    matter,
                    current.unwrap_or(StageEntryId(Uuid::nil())),
                    (ctx.at, ctx.at),
                );
                for (workflow, only) in fires.into_iter().filter(|_| current.is_some()) {
                    sends.extend(sendings(&scene, workflow, only));
                }
                let notice = |(client, requests): (&ClientId, &Vec<RequestId>)| {
                    Some(Notice {
                        client: *client,
                        requests: requests.len(),
                        to: scene.invited(*client)?,
                    })
                };
                notices.extend(told.iter().filter_map(notice));
            }
        }
        Ok(Effects {
            matched: plan.matched.iter().map(named).collect(),
            entered: plan.entered.clone(),
            asked: plan.added.iter().chain(&plan.revived).cloned().collect(),
            withdrawn: plan.withdrawn.clone(),
            sends,
            notices,
        })
    }

    fn change_of(
        &self,
        ctx: &Context,
        matter: &Matter,
        plan: Plan,
        entry: Option<&StageEntry>,
        staging: &Staging<'_>,
    ) -> Change {
        let current = plan.current(entry).map(|entry| entry.id);
        let told = plan.told();
        let mut change = Change::unaudited(ctx.practice, "joined to the change that has the entry")
            .save_all(plan.changed_entry)
            .save_all(plan.entered)
            .save_all(plan.added)
            .save_all(plan.revived)
            .save_all(plan.withdrawn);
        for (workflows, client) in [(plan.fires, None), (plan.fires_for_joiner, staging.joins())] {
            if let Some(entry) = current.filter(|_| !workflows.is_empty()) {
                let kind = EventKind::WorkflowsMatched {
                    matter: matter.id,
                    entry,
                    workflows,
                    client,
                };
                change = change.save(self.event(ctx, kind));
            }
        }
        for (client, requests) in told {
            let kind = EventKind::RequestsAdded {
                matter: matter.id,
                client,
                requests,
            };
            change = change.save(self.event(ctx, kind));
        }
        change
    }
}

impl Effects {
    /// The audit entry of the command, which says what it brought about beside what it says itself.
    pub(crate) fn noted(&self, mut entry: crate::audit::AuditEntry) -> crate::audit::AuditEntry {
        if let Some(stage) = &self.entered {
            let name = stage.canonical.as_ref().unwrap_or(&stage.raw);
            entry = entry.with("stage", name.as_str());
        }
        for (name, number) in [
            ("asked", self.asked.len()),
            ("withdrawn", self.withdrawn.len()),
            ("sends", self.sends.iter().filter(|it| it.held.is_none()).count()),
        ] {
            if number > 0 {
                entry = entry.with(name, number);
            }
        }
        entry
    }
}
