//! What would be sent, in numbers.

use std::collections::{BTreeMap, HashMap};

use super::dry_run::Matching;
use super::{Sending, Wanted, sendings};
use crate::rulebook::Rules;
use crate::workflow::{Channel, Workflow};
use crate::{Context, Error, MatterId, NoRule, Portal};

/// What workflows would send if they were applied to all open matters now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SendTotals {
    /// How many text messages.
    pub texts: u64,
    /// How many segments these have together: what providers charge for.
    pub segments: u64,
    /// How many mails.
    pub mails: u64,
    /// How many tasks would be set.
    pub tasks: u64,
    /// How much would be held back, by the name of the reason ([`Held::as_str`](crate::workflow::Held::as_str)).
    pub held: BTreeMap<&'static str, u64>,
    /// Whether only the first [`SendTotals::MOST_WORKED_OUT`] matters that match were worked out, and the numbers are reckoned
    /// from those.
    pub is_estimate: bool,
}

/// How many matters are worked out together.
const TOGETHER: usize = 500;

impl SendTotals {
    /// The most matters that are worked out for the numbers. Pages of a dry run work out each that they show.
    pub const MOST_WORKED_OUT: usize = 5_000;

    /// One more.
    pub fn count(&mut self, sending: &Sending) {
        if let Some(why) = &sending.held {
            *self.held.entry(why.as_str()).or_default() += 1;
            return;
        }
        match sending.channel {
            Channel::Sms => {
                self.texts += 1;
                self.segments += sending.length().map_or(0, |length| length.segments.into());
            }
            Channel::Email => self.mails += 1,
            Channel::Task => self.tasks += 1,
        }
    }

    /// The same for `all` matters, when these are the numbers of `some`.
    fn reckoned(mut self, some: u64, all: u64) -> Self {
        if some >= all || some == 0 {
            return self;
        }
        let scaled = |number: &mut u64| {
            let exact = u128::from(*number) * u128::from(all) / u128::from(some);
            *number = u64::try_from(exact).unwrap_or(u64::MAX);
        };
        let numbers = [
            &mut self.texts,
            &mut self.segments,
            &mut self.mails,
            &mut self.tasks,
        ];
        numbers.into_iter().chain(self.held.values_mut()).for_each(scaled);
        self.is_estimate = true;
        self
    }
}

impl Portal {
    /// What would be sent on `matching`, the first of `all` that match.
    pub(super) async fn send_totals(
        &self,
        ctx: &Context,
        rules: &Rules,
        matching: &[Matching],
        all: u64,
    ) -> Result<SendTotals, Error<NoRule>> {
        let is_sending = |workflow: &&Workflow| workflow.automations.iter().any(|own| own.enabled);
        let mut totals = SendTotals::default();
        let some = u64::try_from(matching.len()).unwrap_or(u64::MAX);
        for part in matching.chunks(TOGETHER) {
            let workflows = |(_, ids): &Matching| -> Vec<&Workflow> {
                let found = ids.iter().filter_map(|id| rules.workflows().get(*id));
                found.filter(is_sending).collect()
            };
            let fires: HashMap<MatterId, Vec<&Workflow>> = part
                .iter()
                .map(|own| (own.0, workflows(own)))
                .filter(|(_, workflows)| !workflows.is_empty())
                .collect();
            let ids: Vec<MatterId> = fires.keys().copied().collect();
            let wanted = Wanted::by(fires.values().flatten().copied());
            let stays = self.stays(ctx.practice, &ids, wanted).await?;
            for scene in stays.scenes(ctx.at) {
                for workflow in fires.get(&scene.matter.id).into_iter().flatten() {
                    for sending in sendings(&scene, workflow, None) {
                        totals.count(&sending);
                    }
                }
            }
        }
        Ok(totals.reckoned(some, all))
    }
}
