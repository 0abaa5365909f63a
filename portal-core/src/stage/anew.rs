//! What would go out to people who got it already, in other words, for the stay in a stage that their matter is in.

use std::collections::{BTreeMap, BTreeSet};

use super::{Addressee, Scene, Sending, Wanted, sendings};
use crate::notify::DeliveryFilter;
use crate::rulebook::Rules;
use crate::workflow::Workflow;
use crate::{
    Context, Error, MatterId, NoRule, PageRequest, Portal, StoreError, Timestamp, Version, WorkflowId,
};

/// What somebody got before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// Which [edition](Workflow::edition) of the automation wrote it.
    pub edition: Version,
    /// When it was written.
    pub at: Timestamp,
}

/// What whoever `sending` of `workflow` goes to got for the same stay already, from an earlier edition of the automation: the last
/// of it. `None` when they got nothing, or `sending` does not go out: it is there already, it is sent once or not again so soon, or
/// does not reach them. What was held back or failed, nobody got; a task counts also when it is done.
#[must_use]
pub fn got_before(scene: &Scene<'_>, workflow: &Workflow, sending: &Sending) -> Option<Earlier> {
    let own = workflow.automations.get(sending.automation)?;
    if sending.held.is_some() {
        return None;
    }
    // None of these is of the edition that is sent: it would be there already.
    let earlier: Vec<Earlier> = match sending.to {
        Addressee::Client(client) => {
            let theirs = scene.written.iter().filter(|written| {
                written.counts
                    && (written.client, written.workflow) == (client, workflow.id)
                    && (written.channel, written.entry) == (own.channel, scene.entry)
            });
            theirs
                .map(|written| Earlier {
                    edition: written.version,
                    at: written.at,
                })
                .collect()
        }
        Addressee::Staff(_) | Addressee::AnyStaff => {
            let alike = scene.tasks.iter().filter_map(|task| {
                let cause = task.cause()?;
                let is_alike =
                    (cause.workflow, cause.assignee, cause.entry) == (workflow.id, own.assignee, scene.entry);
                is_alike.then_some(Earlier {
                    edition: cause.version,
                    at: task.created_at,
                })
            });
            alike.collect()
        }
    };
    earlier
        .into_iter()
        .max_by_key(|earlier| (earlier.at, earlier.edition))
}

/// What would go out anew if a workflow were applied to all open matters now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Anew {
    /// How much, by automation, counted from 0; those of which nothing would are left out.
    pub by_automation: BTreeMap<usize, AnewCount>,
    /// Whether there may be more: not all matters that match were worked out.
    pub is_cut: bool,
}

/// How much of an automation would go out anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AnewCount {
    /// How many messages or tasks.
    pub count: u64,
    /// On how many matters.
    pub matters: u64,
}

/// How many matters are worked out together.
const TOGETHER: usize = 500;
/// After how many matters it is enough that there is something: it is asked for again and again while somebody types.
const ENOUGH: usize = 1_000;

impl Portal {
    /// What would go out anew of a workflow as it is among `rules`, on `matching`, the open matters that it matches.
    pub(super) async fn anew(
        &self,
        ctx: &Context,
        rules: &Rules,
        id: WorkflowId,
        matching: &[MatterId],
    ) -> Result<Anew, Error<NoRule>> {
        let mut anew = Anew::default();
        let Some(workflow) = rules.workflows().get(id) else {
            return Ok(anew);
        };
        let wanted = Wanted::by([workflow]);
        if !(wanted.tasks() || self.has_written(ctx, id).await?) {
            return Ok(anew);
        }
        let mut looked_at = 0;
        for part in matching.chunks(TOGETHER) {
            if looked_at >= ENOUGH && !anew.by_automation.is_empty() {
                anew.is_cut = true;
                break;
            }
            looked_at += part.len();
            let stays = self.stays(ctx.practice, part, wanted).await?;
            for scene in stays.scenes(ctx.at) {
                anew.count(&scene, workflow);
            }
        }
        Ok(anew)
    }

    /// Whether any of its automations ever wrote a message.
    async fn has_written(&self, ctx: &Context, id: WorkflowId) -> Result<bool, StoreError> {
        let filter = DeliveryFilter {
            workflow: Some(id),
            ..DeliveryFilter::default()
        };
        let one = PageRequest::first(1);
        let written = self.store().deliveries(ctx.practice, &filter, &one).await?;
        Ok(!written.items.is_empty())
    }
}

impl Anew {
    /// What goes out anew on one more matter.
    fn count(&mut self, scene: &Scene<'_>, workflow: &Workflow) {
        let mut met = BTreeSet::new();
        for sending in sendings(scene, workflow, None) {
            if got_before(scene, workflow, &sending).is_none() {
                continue;
            }
            let own = self.by_automation.entry(sending.automation).or_default();
            own.count += 1;
            own.matters += u64::from(met.insert(sending.automation));
        }
    }
}
