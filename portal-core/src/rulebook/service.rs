use std::sync::Arc;

use super::{KeptWorkflow, Rulebook, RulebookRule, Rules};
use crate::audit::Subject;
use crate::matter::Matter;
use crate::policy::Capability;
use crate::practice::expect_version;
use crate::stage::Rereading;
use crate::task::assignable;
use crate::workflow::{Analysis, Assignee, Taxonomy, TaxonomyDraft, WorkflowDraft};
use crate::{
    Change, Context, Error, EventKind, FieldError, Invalid, MatterId, NoRule, Page, PageRequest, Portal,
    Rule, StoreError, Version, WorkflowId, unique,
};

/// A practice's taxonomy, and how often it was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTaxonomy {
    /// How often it was saved; 0 before the first time.
    pub version: Version,
    /// The taxonomy.
    pub draft: TaxonomyDraft,
}

impl From<Rulebook> for KeptTaxonomy {
    fn from(book: Rulebook) -> Self {
        Self {
            version: book.taxonomy_version,
            draft: book.taxonomy,
        }
    }
}

impl Portal {
    pub(super) async fn rulebook_or_blank(&self, ctx: &Context) -> Result<Rulebook, StoreError> {
        let book = self.store().rulebook(ctx.practice).await?;
        Ok(book.unwrap_or_else(|| Rulebook::blank(ctx.practice, ctx.at)))
    }

    /// The practice's taxonomy.
    pub async fn taxonomy(&self, ctx: &Context) -> Result<KeptTaxonomy, Error<NoRule>> {
        ctx.require(Capability::SeeWorkflows)?;
        Ok(self.rulebook_or_blank(ctx).await?.into())
    }

    /// Replaces the taxonomy. Matters are read again by it soon after, of which nobody is told.
    ///
    /// # Errors
    /// `Invalid` tells all that is wrong with it, each with its place.
    pub async fn save_taxonomy(
        &self,
        ctx: &Context,
        expected: Option<Version>,
        draft: &TaxonomyDraft,
    ) -> Result<KeptTaxonomy, Error<NoRule>> {
        ctx.require(Capability::EditWorkflows)?;
        let taxonomy = Taxonomy::new(draft)?;
        self.retrying(async || {
            let book = self.rulebook_or_blank(ctx).await?;
            expect_version(book.taxonomy_version, expected)?;
            if book.taxonomy == taxonomy.draft() {
                let nothing = Change::unaudited(ctx.practice, "the taxonomy is like that already");
                return Ok((book.into(), nothing));
            }
            let book = book.with_taxonomy(&taxonomy, ctx.at).accepting(None, false);
            let which = Rereading::Changed {
                since: book.taxonomy_version,
            };
            let entry = self.audit(ctx, "taxonomy.changed", Subject::new("taxonomy", ctx.practice));
            let change = Change::audited(entry)
                .save(book.clone())
                .save(self.event(ctx, reading_again(which, false)));
            Ok((book.into(), change))
        })
        .await
    }

    /// One workflow.
    pub async fn workflow(&self, ctx: &Context, id: WorkflowId) -> Result<KeptWorkflow, Error<NoRule>> {
        ctx.require(Capability::SeeWorkflows)?;
        self.workflow_to_change(ctx, id).await
    }

    async fn workflow_to_change(&self, ctx: &Context, id: WorkflowId) -> Result<KeptWorkflow, Error<NoRule>> {
        let found = self.store().workflow(ctx.practice, id).await?;
        found
            .filter(|workflow| !workflow.removed)
            .ok_or(Error::NotFound("workflow"))
    }

    /// The workflows, by name.
    pub async fn workflows(
        &self,
        ctx: &Context,
        page: &PageRequest,
    ) -> Result<Page<KeptWorkflow>, Error<NoRule>> {
        ctx.require(Capability::SeeWorkflows)?;
        Ok(self.store().workflows(ctx.practice, page).await?)
    }

    /// Adds a workflow. Matters meet it when what is known of them changes next, or when workflows are
    /// [applied](Portal::apply_workflows).
    ///
    /// # Errors
    /// `Invalid` tells all that is wrong with it, each with its place.
    pub async fn add_workflow(
        &self,
        ctx: &Context,
        draft: &WorkflowDraft,
    ) -> Result<KeptWorkflow, Error<RulebookRule>> {
        ctx.require(Capability::EditWorkflows).map_err(Error::widen)?;
        let added = self
            .retrying(async || {
                let book = self.rulebook_or_blank(ctx).await?;
                let counted = PageRequest::first(1).with_total();
                let others = self.store().workflows(ctx.practice, &counted).await?.total;
                if others.unwrap_or_default() >= KeptWorkflow::MOST {
                    return Err(RulebookRule::TooManyWorkflows.into());
                }
                let taxonomy = Taxonomy::new(&book.taxonomy)?;
                let workflow = KeptWorkflow::new(self.id(), ctx.practice, draft, &taxonomy, ctx.at)?;
                self.require_assignees(ctx, draft, None).await?;
                let entry = self.audit(ctx, "workflow.added", Subject::new("workflow", workflow.id));
                let change = Change::audited(entry)
                    .save(book.touched(ctx.at))
                    .save(workflow.clone());
                Ok((workflow, change))
            })
            .await;
        added.map_err(name_taken)
    }

    /// Changes a workflow to what `draft` says. What it asked for and sent stays.
    ///
    /// # Errors
    /// `Invalid` tells all that is wrong with it, each with its place.
    pub async fn update_workflow(
        &self,
        ctx: &Context,
        id: WorkflowId,
        expected: Option<Version>,
        draft: &WorkflowDraft,
    ) -> Result<KeptWorkflow, Error<RulebookRule>> {
        self.save_workflow(ctx, id, expected, |_| draft.clone(), None)
            .await
    }

    /// Switches a workflow on or off. With `applied`, when it is switched on, it is applied to the open matters that it matches,
    /// as by [`Portal::apply_workflow`]; the value says whether that sends.
    ///
    /// # Errors
    /// `Invalid` when it speaks of what the taxonomy does not have any more.
    pub async fn switch_workflow(
        &self,
        ctx: &Context,
        id: WorkflowId,
        expected: Option<Version>,
        enabled: bool,
        applied: Option<bool>,
    ) -> Result<KeptWorkflow, Error<RulebookRule>> {
        let switched = |draft: &WorkflowDraft| WorkflowDraft {
            enabled,
            ..draft.clone()
        };
        self.save_workflow(ctx, id, expected, switched, applied.filter(|_| enabled))
            .await
    }

    async fn save_workflow(
        &self,
        ctx: &Context,
        id: WorkflowId,
        expected: Option<Version>,
        draft: impl Fn(&WorkflowDraft) -> WorkflowDraft + Send + Sync,
        applied: Option<bool>,
    ) -> Result<KeptWorkflow, Error<RulebookRule>> {
        ctx.require(Capability::EditWorkflows).map_err(Error::widen)?;
        let updated = self
            .retrying(async || {
                let book = self.rulebook_or_blank(ctx).await?;
                let before = self.workflow_to_change(ctx, id).await.map_err(Error::widen)?;
                expect_version(before.version, expected)?;
                let taxonomy = Taxonomy::new(&book.taxonomy)?;
                let draft = draft(&before.draft);
                let workflow = before.clone().revise(&draft, &taxonomy, ctx.at)?;
                self.require_assignees(ctx, &draft, Some(&before.draft)).await?;
                let action = match (before.draft.enabled, workflow.draft.enabled) {
                    (false, true) => "workflow.enabled",
                    (true, false) => "workflow.disabled",
                    _ => "workflow.changed",
                };
                let mut entry = self.audit(ctx, action, Subject::new("workflow", id));
                if let Some(send) = applied {
                    entry = entry.with("applied", true).with("send", send);
                }
                let applied = applied.map(|send| self.event(ctx, applying(Some(id), send)));
                let change = Change::audited(entry)
                    .save(book.touched(ctx.at))
                    .save(workflow.clone())
                    .save_all(applied);
                Ok((workflow, change))
            })
            .await;
        updated.map_err(name_taken)
    }

    /// That whoever a task is newly given to could do it. Somebody whom it named before may have left: their tasks say so.
    async fn require_assignees(
        &self,
        ctx: &Context,
        draft: &WorkflowDraft,
        before: Option<&WorkflowDraft>,
    ) -> Result<(), Error<RulebookRule>> {
        let mut invalid = Invalid::default();
        let known: Vec<Assignee> = before
            .iter()
            .flat_map(|before| &before.automations)
            .map(|automation| automation.assignee)
            .collect();
        for (number, automation) in draft.automations.iter().enumerate() {
            let Assignee::Staff(id) = automation.assignee else {
                continue;
            };
            if known.contains(&automation.assignee) {
                continue;
            }
            let staff = self.store().staff_member(ctx.practice, id).await?;
            if let Err(rule) = assignable(staff.as_ref()) {
                let place = format!("automations.{number}.assignee");
                invalid
                    .errors
                    .push(FieldError::new(place, rule.code(), rule.to_string()));
            }
        }
        Ok(invalid.finish()?)
    }

    /// Removes a workflow. What it asked for and sent stays.
    pub async fn remove_workflow(
        &self,
        ctx: &Context,
        id: WorkflowId,
        expected: Option<Version>,
    ) -> Result<(), Error<RulebookRule>> {
        ctx.require(Capability::EditWorkflows).map_err(Error::widen)?;
        self.retrying(async || {
            let book = self.rulebook_or_blank(ctx).await?;
            let workflow = self.workflow_to_change(ctx, id).await.map_err(Error::widen)?;
            expect_version(workflow.version, expected)?;
            let entry = self.audit(ctx, "workflow.removed", Subject::new("workflow", id));
            let change = Change::audited(entry)
                .save(book.touched(ctx.at))
                .save(workflow.remove(ctx.at));
            Ok(((), change))
        })
        .await
    }

    /// The practice's rules as they are now, ready to match and explain.
    pub async fn compiled_rules(&self, ctx: &Context) -> Result<Arc<Rules>, Error<NoRule>> {
        ctx.require(Capability::SeeWorkflows)?;
        Ok(self.rules(ctx.practice).await?)
    }

    /// A matter with the rules that it is matched by, for whoever may see it.
    pub async fn rules_on(
        &self,
        ctx: &Context,
        matter: MatterId,
    ) -> Result<(Matter, Arc<Rules>), Error<NoRule>> {
        let matter = self.matter_for(ctx, Capability::SeeMatters, matter).await?;
        Ok((matter, self.rules(ctx.practice).await?))
    }

    /// What is odd about the workflows, each with a case that shows it.
    pub async fn analyse_workflows(&self, ctx: &Context) -> Result<Analysis, Error<NoRule>> {
        ctx.require(Capability::SeeWorkflows)?;
        Ok(self.rules(ctx.practice).await?.workflows().analyse())
    }

    /// Applies the workflows as they are now to every open matter, soon after: what they ask for is asked, and what nobody
    /// asks for any more and nobody touched is withdrawn. With `send` clients are told of it, and the automations fire that
    /// did not yet for the stage each matter is in. One whose words or recipients were changed since is another edition
    /// ([`Workflow::edition`](crate::workflow::Workflow::edition)), which did not; another name, priority or criterion of its
    /// workflow sends nothing again.
    pub async fn apply_workflows(&self, ctx: &Context, send: bool) -> Result<(), Error<NoRule>> {
        ctx.require(Capability::EditWorkflows)?;
        let kind = applying(None, send);
        let entry = self
            .audit(ctx, "workflows.applied", Subject::new("practice", ctx.practice))
            .with("send", send);
        let change = Change::audited(entry).save(self.event(ctx, kind));
        Ok(self.commit(change).await?)
    }

    /// Applies one workflow to every open matter that it matches, soon after: what workflows ask of these is asked, and with
    /// `send` they are told of what this one asks, and its automations fire that did not yet for the stage each matter is in.
    /// No other workflow's fire: what leaves is what a [dry run](Portal::dry_run) of this one says.
    ///
    /// # Errors
    /// `NotOn` when it is switched off.
    pub async fn apply_workflow(
        &self,
        ctx: &Context,
        id: WorkflowId,
        send: bool,
    ) -> Result<(), Error<RulebookRule>> {
        ctx.require(Capability::EditWorkflows).map_err(Error::widen)?;
        let workflow = self.workflow_to_change(ctx, id).await.map_err(Error::widen)?;
        if !workflow.draft.enabled {
            return Err(RulebookRule::NotOn.into());
        }
        let entry = self
            .audit(ctx, "workflow.applied", Subject::new("workflow", id))
            .with("send", send);
        let change = Change::audited(entry).save(self.event(ctx, applying(Some(id), send)));
        Ok(self.commit(change).await?)
    }

    /// All matters were read by what the taxonomy was given then.
    pub(crate) async fn end_accepting(&self, ctx: &Context, since: Version) -> Result<(), Error<NoRule>> {
        self.retrying(async || {
            let ended = |change| Ok(((), change));
            let nothing = Change::unaudited(ctx.practice, "whoever gave it to the taxonomy left the entry");
            match self.store().rulebook(ctx.practice).await? {
                Some(book) if book.accepting.iter().any(|own| own.since == since) => {
                    ended(nothing.save(book.accepted(since, ctx.at)))
                }
                _ => ended(nothing),
            }
        })
        .await
    }
}

/// All workflows, or one, are to be applied.
const fn applying(only: Option<WorkflowId>, send: bool) -> EventKind {
    let which = match only {
        Some(workflow) => Rereading::Matching { workflow },
        None => Rereading::Every,
    };
    EventKind::RulesChanged {
        after: None,
        which,
        send,
    }
}

/// Matters are to be read again after the taxonomy changed.
pub(super) const fn reading_again(which: Rereading, send: bool) -> EventKind {
    EventKind::RulesChanged {
        after: None,
        which,
        send,
    }
}

fn name_taken(error: Error<RulebookRule>) -> Error<RulebookRule> {
    match error {
        Error::Store(StoreError::Conflict(rule)) if rule == unique::WORKFLOW_NAME => {
            Error::Rule(RulebookRule::NameTaken)
        }
        other => other,
    }
}
