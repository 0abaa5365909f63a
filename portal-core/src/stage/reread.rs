//! Reading matters again, after the taxonomy changed or when workflows are applied.

use super::{MatterScan, Occasion, Rereading, Staging};
use crate::audit::Subject;
use crate::matter::Matter;
use crate::rulebook::Rules;
use crate::{Change, Context, Error, Event, EventKind, MatterId, NoRule, Portal, PracticeId};

/// How many matters are changed for one event before its successor goes on. It fits into the event's lease many times.
const CHANGED_AT_ONCE: usize = 100;
/// How many matters are looked at for one event.
const LOOKED_AT: usize = 50_000;

impl Portal {
    /// Reads matters again after the rules changed, and answers the event that goes on with the rest.
    pub(crate) async fn apply_rules(
        &self,
        practice: PracticeId,
        after: Option<MatterId>,
        which: &Rereading,
        send: bool,
    ) -> Result<Option<Event>, Error<NoRule>> {
        let ctx = Context::system(practice, "workflows", self.now());
        let Some(last) = self.read_again(&ctx, after, which, send).await? else {
            if let Rereading::Changed { since } | Rereading::Carrying { since, .. } = which {
                self.end_accepting(&ctx, *since).await?;
            }
            return Ok(None);
        };
        Ok(Some({
            let kind = EventKind::RulesChanged {
                after: Some(last),
                which: which.clone(),
                send,
            };
            self.event(&ctx, kind)
        }))
    }

    /// Reads the matters after `after` again, as many as one event may; answers the last of them, and `None` at the end.
    /// What it did is done, so doing it again does nothing.
    async fn read_again(
        &self,
        ctx: &Context,
        after: Option<MatterId>,
        which: &Rereading,
        send: bool,
    ) -> Result<Option<MatterId>, Error<NoRule>> {
        let rules = self.rules(ctx.practice).await?;
        let mut scan = MatterScan {
            after,
            unknown: matches!(which, Rereading::Carrying { .. }),
            limit: if *which == Rereading::Every {
                500
            } else {
                MatterScan::MOST
            },
        };
        let (mut looked_at, mut changed) = (0, 0);
        loop {
            let cases = self.store().matter_cases(ctx.practice, &scan).await?;
            let limit = usize::try_from(scan.limit).unwrap_or(usize::MAX);
            let is_last = cases.len() < limit;
            for case in cases {
                if changed >= CHANGED_AT_ONCE {
                    return Ok(scan.after);
                }
                looked_at += 1;
                scan.after = Some(case.id);
                let reading = rules.taxonomy().read(&case.case);
                let is_as_kept = reading.unknown == case.unknown && reading.facts.names() == case.normalised;
                let matches = |id| rules.workflows().matching(&reading.facts).contains(&id);
                if !which.takes(&case, is_as_kept, matches) {
                    continue;
                }
                changed += 1;
                self.reread_matter(ctx, case.id, which, send).await?;
            }
            if is_last {
                return Ok(None);
            }
            if looked_at >= LOOKED_AT {
                return Ok(scan.after);
            }
        }
    }

    async fn reread_matter(
        &self,
        ctx: &Context,
        id: MatterId,
        which: &Rereading,
        send: bool,
    ) -> Result<(), Error<NoRule>> {
        self.retrying(async || {
            let nothing = || Change::unaudited(ctx.practice, "the matter is as its values say");
            let Some(before) = self.store().matter(ctx.practice, id).await? else {
                return Ok(((), nothing()));
            };
            let rules = self.rules(ctx.practice).await?;
            let change = self.reread_change(ctx, &rules, &before, which, send).await?;
            Ok(((), change.unwrap_or_else(nothing)))
        })
        .await
    }

    async fn reread_change(
        &self,
        ctx: &Context,
        rules: &Rules,
        before: &Matter,
        which: &Rereading,
        send: bool,
    ) -> Result<Option<Change>, Error<NoRule>> {
        let mut matter = before.clone();
        matter.version.bump();
        let occasion = match which {
            Rereading::Changed { .. } | Rereading::Carrying { .. } => Occasion::Rereading,
            Rereading::Every => Occasion::Applied { only: None, send },
            Rereading::Matching { workflow } => Occasion::Applied {
                only: Some(*workflow),
                send,
            },
        };
        let staging = Staging {
            occasion,
            ..Staging::changing(matter, before)
        };
        let staged = self.stage_by(ctx, rules, staging).await?;
        let is_as_kept =
            staged.matter.normalised == before.normalised && staged.matter.unknown == before.unknown;
        if is_as_kept && staged.is_nothing {
            return Ok(None);
        }
        let entry = self
            .audit(ctx, "matter.read-again", Subject::new("matter", before.id))
            .on(before.id);
        let change = Change::audited(staged.effects.noted(entry))
            .save(staged.matter)
            .and(staged.change);
        Ok(Some(change))
    }
}
