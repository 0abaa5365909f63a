//! What workflows would do today, without doing it.

use std::collections::BTreeMap;

use super::{Effects, MatterCase, MatterScan, Occasion, SendTotals, Staging, Wanted};
use crate::matter::Matter;
use crate::policy::Capability;
use crate::rulebook::Rules;
use crate::workflow::{Workflow, WorkflowDraft, Workflows};
use crate::{Context, Cursor, Error, MatterId, NoRule, Page, PageRequest, Portal, WorkflowId};

/// What workflows would do to every open matter if they were applied now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRun {
    /// The numbers over all matters; only with the first part.
    pub totals: Option<DryRunTotals>,
    /// What would be sent over all matters; only with the first part.
    pub sends: Option<SendTotals>,
    /// The matters that match, by id, each with what it would bring.
    pub page: Page<DryRunItem>,
}

/// Numbers over all open matters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DryRunTotals {
    /// How many open matters there are.
    pub matters: u64,
    /// How many of them something matches.
    pub matching: u64,
    /// How many have something that the taxonomy does not know, which may be why nothing matches.
    pub unknown: u64,
    /// How many each workflow matches, where it matches any.
    pub by_workflow: BTreeMap<WorkflowId, u64>,
}

/// A matter that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRunItem {
    /// The matter.
    pub matter: MatterId,
    /// Its reference.
    pub reference: String,
    /// What would be brought about, now: what all workflows together ask and withdraw, and what those that are tried send.
    pub effects: Effects,
}

/// A matter, and what matches it.
pub(super) type Matching = (MatterId, Vec<WorkflowId>);

/// What is tried out.
enum Tried {
    /// All workflows as they are.
    All,
    /// One of them, which need not be switched on yet.
    One(WorkflowId),
}

impl Portal {
    /// Looks what the workflows would do to every open matter now: what they would ask, withdraw and send. With `draft` they
    /// are as they would be with this workflow, switched on, added or (`id`) in another's place, and only matters that it
    /// matches count. The totals are counted in constant memory, however many matters there are.
    ///
    /// # Errors
    /// `Invalid` tells all that is wrong with the draft.
    pub async fn dry_run(
        &self,
        ctx: &Context,
        id: Option<WorkflowId>,
        draft: Option<&WorkflowDraft>,
        page: &PageRequest,
    ) -> Result<DryRun, Error<NoRule>> {
        ctx.require(Capability::EditWorkflows)?;
        let rules = self.rules(ctx.practice).await?;
        let (rules, tried) = self.tried(ctx, &rules, id, draft).await?;
        let (totals, sends) = match page.after {
            None => {
                let mut matching = Vec::new();
                let totals = self.totals(ctx, &rules, &tried, Some(&mut matching)).await?;
                let sends = self.send_totals(ctx, &rules, &matching, totals.matching).await?;
                (Some(totals), Some(sends))
            }
            Some(_) => (None, None),
        };
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let mut found: Vec<MatterCase> = Vec::new();
        let mut scan = MatterScan {
            after: page.after.as_ref().map(|cursor| MatterId(cursor.id)),
            unknown: false,
            limit: 1_000,
        };
        'scan: loop {
            let cases = self.store().matter_cases(ctx.practice, &scan).await?;
            let is_last = cases.len() < 1_000;
            for case in cases {
                scan.after = Some(case.id);
                if !case.open || !tried.matches(rules.workflows(), &case) {
                    continue;
                }
                found.push(case);
                if found.len() > limit {
                    break 'scan;
                }
            }
            if is_last {
                break;
            }
        }
        let Page { items, next, total } = Page::cut(found, page, None, |case: &MatterCase| Cursor {
            key: String::new(),
            id: case.id.into(),
        });
        let items = self.dry_run_items(ctx, &rules, &tried, items).await?;
        let page = Page { items, next, total };
        Ok(DryRun { totals, sends, page })
    }

    /// How many open matters each workflow matches today, or would match if it were switched on; counted in constant memory.
    pub async fn matching_today(&self, ctx: &Context) -> Result<DryRunTotals, Error<NoRule>> {
        ctx.require(Capability::EditWorkflows)?;
        let rules = self.rules(ctx.practice).await?;
        let on = |workflow: &Workflow| Workflow {
            enabled: true,
            ..workflow.clone()
        };
        let rules = rules.with(rules.workflows().iter().map(on));
        self.totals(ctx, &rules, &Tried::All, None).await
    }

    async fn tried(
        &self,
        ctx: &Context,
        rules: &Rules,
        id: Option<WorkflowId>,
        draft: Option<&WorkflowDraft>,
    ) -> Result<(Rules, Tried), Error<NoRule>> {
        let kept = match id {
            Some(id) => {
                let found = self.store().workflow(ctx.practice, id).await?;
                let found = found.filter(|workflow| !workflow.removed);
                Some(found.ok_or(Error::NotFound("workflow"))?)
            }
            None => None,
        };
        let draft = match (draft, &kept) {
            (Some(draft), _) => draft.clone(),
            (None, Some(kept)) => kept.draft.clone(),
            (None, None) => return Ok((rules.clone(), Tried::All)),
        };
        let on = WorkflowDraft {
            enabled: true,
            ..draft
        };
        let id = id.unwrap_or_else(|| self.id());
        let mut workflow = Workflow::new(id, &on, rules.taxonomy())?;
        if let Some(kept) = kept {
            // As it would be if it were saved now.
            workflow.editions = kept.editions_with(&workflow.automations);
            workflow.version = kept.version;
        }
        let others = rules.workflows().iter().filter(|other| other.id != id).cloned();
        Ok((rules.with(others.chain([workflow])), Tried::One(id)))
    }

    async fn totals(
        &self,
        ctx: &Context,
        rules: &Rules,
        tried: &Tried,
        mut matching: Option<&mut Vec<Matching>>,
    ) -> Result<DryRunTotals, Error<NoRule>> {
        let mut totals = DryRunTotals::default();
        let mut scan = MatterScan {
            limit: MatterScan::MOST,
            ..MatterScan::default()
        };
        let mut matches = Vec::new();
        loop {
            let cases = self.store().matter_cases(ctx.practice, &scan).await?;
            let is_last = cases.len() < usize::try_from(MatterScan::MOST).unwrap_or(usize::MAX);
            for case in &cases {
                scan.after = Some(case.id);
                if !case.open {
                    continue;
                }
                totals.matters += 1;
                totals.unknown += u64::from(!case.unknown.is_empty());
                let facts = rules.taxonomy().facts(&case.case);
                rules.workflows().matches_into(&facts, &mut matches);
                if let Tried::One(id) = tried {
                    matches.retain(|found| found.id == *id);
                }
                totals.matching += u64::from(!matches.is_empty());
                if let Some(matching) = matching.as_deref_mut()
                    && !matches.is_empty()
                    && matching.len() < SendTotals::MOST_WORKED_OUT
                {
                    matching.push((case.id, matches.iter().map(|found| found.id).collect()));
                }
                for found in &matches {
                    *totals.by_workflow.entry(found.id).or_default() += 1;
                }
            }
            if is_last {
                return Ok(totals);
            }
        }
    }

    /// What would happen to these matters. Who takes part and what was written before is read of all at once.
    async fn dry_run_items(
        &self,
        ctx: &Context,
        rules: &Rules,
        tried: &Tried,
        cases: Vec<MatterCase>,
    ) -> Result<Vec<DryRunItem>, Error<NoRule>> {
        let ids: Vec<MatterId> = cases.iter().map(|case| case.id).collect();
        let mut matters = self.store().matters_by_id(ctx.practice, &ids).await?;
        matters.sort_by_key(|matter| matter.id);
        let all: Vec<&Matter> = matters.iter().collect();
        let wanted = Wanted::by(rules.workflows().iter());
        let known = self.known(ctx.practice, &all, wanted, None).await?;
        let mut items = Vec::with_capacity(matters.len());
        for before in &matters {
            let staging = Staging {
                occasion: tried.occasion(),
                participants: Some(known.participants_of(before.id)),
                known: Some(&known),
                ..Staging::changing(before.clone(), before)
            };
            let staged = self.stage_by(ctx, rules, staging).await?;
            items.push(DryRunItem {
                matter: before.id,
                reference: before.reference.clone(),
                effects: staged.effects,
            });
        }
        Ok(items)
    }
}

impl Tried {
    const fn occasion(&self) -> Occasion {
        let only = match self {
            Self::All => None,
            Self::One(id) => Some(*id),
        };
        Occasion::Applied { only, send: true }
    }

    fn matches(&self, workflows: &Workflows, case: &MatterCase) -> bool {
        let facts = workflows.taxonomy().facts(&case.case);
        let matches = workflows.matches(&facts);
        match self {
            Self::All => !matches.is_empty(),
            Self::One(id) => matches.iter().any(|found| found.id == *id),
        }
    }
}
