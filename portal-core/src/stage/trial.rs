//! A workflow as somebody writes it: what it would match, before it is saved and before it is right.

use super::{Anew, MatterCase, MatterScan, SendTotals};
use crate::policy::Capability;
use crate::rulebook::Rules;
use crate::workflow::{Workflow, WorkflowDraft};
use crate::{Context, Error, Invalid, MatterId, NoRule, Portal, WorkflowId};

/// What would become of a draft.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The workflow's id among [`Trial::rules`]: its own, or one made for this look.
    pub id: WorkflowId,
    /// The practice's rules with the draft among them, switched on. While something other than its criteria is wrong, it
    /// asks for nothing and sends nothing there; while its criteria are wrong, it is not there at all.
    pub rules: Rules,
    /// What is wrong with it; `None` when it could be saved.
    pub invalid: Option<Invalid>,
    /// Which open matters it matches today; `None` while its criteria are wrong.
    pub matters: Option<TrialMatters>,
    /// What it would send to people who got its earlier words already, if it were saved like this, switched on, and applied now.
    pub anew: Anew,
}

/// Open matters that a draft matches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrialMatters {
    /// How many open matters were looked at.
    pub looked_at: u64,
    /// Whether there may be more that were not.
    pub is_cut: bool,
    /// How many of those that were looked at it matches.
    pub matching: u64,
    /// The first of them, by id: at most [`TrialMatters::MOST_NAMED`].
    pub first: Vec<MatterCase>,
}

impl TrialMatters {
    /// The most matters, closed ones too, that one trial looks at. It is asked for again and again while somebody types; the
    /// dry run looks at all.
    pub const MOST_READ: u64 = 20_000;
    /// The most matters that it names.
    pub const MOST_NAMED: usize = 5;
}

impl Portal {
    /// Looks what `draft` would match if it were switched on, added or (`id`) in another's place. Nothing is kept, and the
    /// draft may be wrong still.
    pub async fn try_workflow(
        &self,
        ctx: &Context,
        id: Option<WorkflowId>,
        draft: &WorkflowDraft,
    ) -> Result<Trial, Error<NoRule>> {
        ctx.require(Capability::EditWorkflows)?;
        let rules = self.rules(ctx.practice).await?;
        let kept = match id {
            Some(id) => {
                let found = self.store().workflow(ctx.practice, id).await?;
                let found = found.filter(|workflow| !workflow.removed);
                Some(found.ok_or(Error::NotFound("workflow"))?)
            }
            None => None,
        };
        let id = id.unwrap_or_else(|| self.id());
        let on = WorkflowDraft {
            enabled: true,
            ..draft.clone()
        };
        let (workflow, invalid) = match Workflow::new(id, &on, rules.taxonomy()) {
            Ok(mut workflow) => {
                if let Some(kept) = &kept {
                    // As they would be if it were saved now.
                    workflow.editions = kept.editions_with(&workflow.automations);
                    workflow.version = kept.version;
                }
                (Some(workflow), None)
            }
            Err(invalid) => {
                let only_criteria = WorkflowDraft {
                    name: nameable(&draft.name),
                    requirements: Vec::new(),
                    automations: Vec::new(),
                    ..on
                };
                let workflow = Workflow::new(id, &only_criteria, rules.taxonomy());
                (workflow.ok(), Some(invalid))
            }
        };
        let is_whole = workflow.is_some();
        let others = rules.workflows().iter().filter(|other| other.id != id).cloned();
        let rules = rules.with(others.chain(workflow));
        let (matters, anew) = if is_whole {
            let mut matching = Vec::new();
            let matters = self.matched_by(ctx, &rules, id, &mut matching).await?;
            let mut anew = match kept {
                Some(_) => self.anew(ctx, &rules, id, &matching).await?,
                None => Anew::default(),
            };
            let worked_out = u64::try_from(matching.len()).unwrap_or(u64::MAX);
            anew.is_cut |= matters.is_cut || worked_out < matters.matching;
            (Some(matters), anew)
        } else {
            (None, Anew::default())
        };
        Ok(Trial {
            id,
            rules,
            invalid,
            matters,
            anew,
        })
    }

    /// Which open matters it matches; the first of them go into `matching` as well.
    async fn matched_by(
        &self,
        ctx: &Context,
        rules: &Rules,
        id: WorkflowId,
        matching: &mut Vec<MatterId>,
    ) -> Result<TrialMatters, Error<NoRule>> {
        let mut found = TrialMatters::default();
        let mut read = 0;
        let mut scan = MatterScan {
            limit: MatterScan::MOST,
            ..MatterScan::default()
        };
        let mut matches = Vec::new();
        while read < TrialMatters::MOST_READ {
            let cases = self.store().matter_cases(ctx.practice, &scan).await?;
            let count = u64::try_from(cases.len()).unwrap_or(u64::MAX);
            read += count;
            for case in cases {
                scan.after = Some(case.id);
                if !case.open {
                    continue;
                }
                found.looked_at += 1;
                let facts = rules.taxonomy().facts(&case.case);
                rules.workflows().matches_into(&facts, &mut matches);
                if matches.iter().any(|matched| matched.id == id) {
                    found.matching += 1;
                    if matching.len() < SendTotals::MOST_WORKED_OUT {
                        matching.push(case.id);
                    }
                    if found.first.len() < TrialMatters::MOST_NAMED {
                        found.first.push(case);
                    }
                }
            }
            if count < u64::from(MatterScan::MOST) {
                return Ok(found);
            }
        }
        found.is_cut = true;
        Ok(found)
    }
}

/// The name as findings give it while it may be missing or too long.
fn nameable(name: &str) -> String {
    let name: String = name
        .trim()
        .chars()
        .take(100)
        .filter(|c| !c.is_control())
        .collect();
    if name.is_empty() {
        "This workflow".to_owned()
    } else {
        name
    }
}
