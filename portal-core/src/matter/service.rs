use super::{Matter, MatterDraft, MatterFilter, MatterRule, MatterSort, MatterState, MatterSummary};
use crate::audit::Subject;
use crate::client::Saved;
use crate::identity::SessionEnd;
use crate::policy::{Capability, Reach, Role};
use crate::practice::expect_version;
use crate::stage::{Effects, MatterChange, Occasion, Staging};
use crate::{
    Change, Context, Error, EventKind, MatterId, NoRule, Page, PageRequest, Portal, RecordKind, StaffId,
    StoreError, Version, unique,
};

impl Portal {
    /// One matter, for staff.
    pub async fn matter(&self, ctx: &Context, id: MatterId) -> Result<Matter, Error<NoRule>> {
        self.matter_for(ctx, Capability::SeeMatters, id).await
    }

    /// The matters that the caller may see, as lists show them.
    pub async fn matters(
        &self,
        ctx: &Context,
        filter: &MatterFilter,
        sort: MatterSort,
        page: &PageRequest,
    ) -> Result<Page<MatterSummary>, Error<NoRule>> {
        let mut filter = filter.clone();
        if ctx.require(Capability::SeeMatters)? == Reach::OwnMatters {
            filter.visible_to = ctx.staff().map(|(id, _)| id);
        }
        Ok(self.store().matters(ctx.practice, &filter, sort, page).await?)
    }

    /// Opens a matter.
    pub async fn open_matter(&self, ctx: &Context, draft: &MatterDraft) -> Result<Matter, Error<MatterRule>> {
        Ok(self.open_matter_with_effects(ctx, draft).await?.matter)
    }

    /// Opens a matter, and tells what that brought about.
    pub async fn open_matter_with_effects(
        &self,
        ctx: &Context,
        draft: &MatterDraft,
    ) -> Result<MatterChange, Error<MatterRule>> {
        ctx.require(Capability::OpenMatters).map_err(Error::widen)?;
        let opened = self
            .retrying(async || {
                let matter = Matter::new(self.id(), ctx.practice, draft, ctx.at)?;
                self.require_places(ctx, &matter).await?;
                let staging = Staging::opening(matter);
                let staged = self.stage(ctx, staging).await.map_err(Error::widen)?;
                let change = MatterChange {
                    matter: staged.matter,
                    effects: staged.effects,
                };
                let opening = self.opening(ctx, &change).and(staged.change);
                Ok((change, opening))
            })
            .await;
        opened.map_err(reference_taken)
    }

    fn opening(&self, ctx: &Context, MatterChange { matter, effects }: &MatterChange) -> Change {
        let entry = self
            .audit(ctx, "matter.opened", Subject::new("matter", matter.id))
            .on(matter.id);
        let change = Change::audited(effects.noted(entry)).save(matter.clone());
        let owner = matter.owner_id;
        if !tells_owner(ctx, owner) {
            return change;
        }
        change.save(self.event(
            ctx,
            EventKind::StaffAssigned {
                matter: matter.id,
                staff: owner,
            },
        ))
    }

    /// Refuses when the matter's owner or parent is not one that it can have.
    async fn require_places(&self, ctx: &Context, matter: &Matter) -> Result<(), Error<MatterRule>> {
        self.require_assignable(ctx, matter.owner_id).await?;
        if let Some(parent) = matter.parent_id {
            self.matter_for(ctx, Capability::SeeMatters, parent)
                .await
                .map_err(|error| match error {
                    Error::NotFound(_) => Error::Rule(MatterRule::NoSuchParent),
                    other => other.widen(),
                })?;
            matter.require_no_circle(&self.store().ancestors(ctx.practice, parent).await?)?;
        }
        Ok(())
    }

    pub(super) async fn require_assignable(
        &self,
        ctx: &Context,
        staff: StaffId,
    ) -> Result<(), Error<MatterRule>> {
        let staff = self.store().staff_member(ctx.practice, staff).await?;
        let works = staff.is_some_and(|staff| staff.active && staff.role != Role::Auditor);
        if works {
            Ok(())
        } else {
            Err(Error::Rule(MatterRule::NotAssignable))
        }
    }

    /// Changes a matter to what `draft` says.
    pub async fn update_matter(
        &self,
        ctx: &Context,
        id: MatterId,
        expected: Option<Version>,
        draft: &MatterDraft,
    ) -> Result<Matter, Error<MatterRule>> {
        let change = self.update_matter_with_effects(ctx, id, expected, draft).await?;
        Ok(change.matter)
    }

    /// Changes a matter to what `draft` says, and tells what that brought about.
    pub async fn update_matter_with_effects(
        &self,
        ctx: &Context,
        id: MatterId,
        expected: Option<Version>,
        draft: &MatterDraft,
    ) -> Result<MatterChange, Error<MatterRule>> {
        let result = self
            .retrying(async || {
                let matter = self
                    .matter_for(ctx, Capability::EditMatters, id)
                    .await
                    .map_err(Error::widen)?;
                expect_version(matter.version, expected)?;
                let revised = matter.clone().revise(draft, ctx.at)?;
                let fields = matter.changed_fields(&revised);
                let staged = self.restage(ctx, revised, &matter).await.map_err(Error::widen)?;
                let revised = staged.matter;
                let entry = self
                    .audit(ctx, "matter.changed", Subject::new("matter", id))
                    .on(id)
                    .with("fields", fields);
                let mut change = Change::audited(staged.effects.noted(entry))
                    .save(revised.clone())
                    .and(staged.change);
                if revised.owner_id != matter.owner_id || revised.parent_id != matter.parent_id {
                    self.require_places(ctx, &revised).await?;
                }
                if let Some(parent) = revised
                    .parent_id
                    .filter(|parent| matter.parent_id != Some(*parent))
                {
                    // The parents' own parents must stay as they were looked at, or two changes at once could
                    // close a circle.
                    for ancestor in self.store().ancestors(ctx.practice, parent).await? {
                        let Some(ancestor) = self.store().matter(ctx.practice, ancestor).await? else {
                            continue;
                        };
                        change = change.while_unchanged(RecordKind::Matter, ancestor.id, ancestor.version);
                    }
                }
                if revised.owner_id != matter.owner_id && tells_owner(ctx, revised.owner_id) {
                    change = change.save(self.event(
                        ctx,
                        EventKind::StaffAssigned {
                            matter: id,
                            staff: revised.owner_id,
                        },
                    ));
                }
                let changed = MatterChange {
                    matter: revised,
                    effects: staged.effects,
                };
                Ok((changed, change))
            })
            .await;
        result.map_err(reference_taken)
    }

    /// Opens the matter with `draft`'s reference or changes it to what `draft` says; safe to repeat. With `dry_run`
    /// nothing is written and the answer says what would be saved, but not what that would bring about.
    pub async fn save_matter_by_reference(
        &self,
        ctx: &Context,
        draft: &MatterDraft,
        dry_run: bool,
    ) -> Result<(Saved, MatterChange), Error<MatterRule>> {
        let nothing = |matter| MatterChange {
            matter,
            effects: Effects::default(),
        };
        let Some(matter) = self
            .store()
            .matter_by_reference(ctx.practice, &draft.reference)
            .await?
        else {
            if dry_run {
                ctx.require(Capability::OpenMatters).map_err(Error::widen)?;
                let matter = Matter::new(self.id(), ctx.practice, draft, ctx.at)?;
                self.require_places(ctx, &matter).await?;
                return Ok((Saved::Created, nothing(matter)));
            }
            let opened = self.open_matter_with_effects(ctx, draft).await?;
            return Ok((Saved::Created, opened));
        };
        let matter = self
            .matter_for(ctx, Capability::EditMatters, matter.id)
            .await
            .map_err(Error::widen)?;
        let revised = matter.clone().revise(draft, ctx.at)?;
        if matter.changed_fields(&revised).is_empty() {
            return Ok((Saved::Unchanged, nothing(matter)));
        }
        self.require_places(ctx, &revised).await?;
        let changed = if dry_run {
            nothing(revised)
        } else {
            self.update_matter_with_effects(ctx, matter.id, None, draft)
                .await?
        };
        Ok((Saved::Updated, changed))
    }

    /// Closes a matter: its portal accesses close with it and their clients' sessions end, unless they have another
    /// active one.
    pub async fn close_matter(&self, ctx: &Context, id: MatterId) -> Result<Matter, Error<MatterRule>> {
        self.retrying(async || {
            let matter = self
                .matter_for(ctx, Capability::EditMatters, id)
                .await
                .map_err(Error::widen)?;
            matter.require_open()?;
            let matter = matter.with_state(MatterState::Closed, ctx.at);
            let entry = self
                .audit(ctx, "matter.closed", Subject::new("matter", id))
                .on(id);
            let mut change = Change::audited(entry).save(matter.clone());
            for access in self.store().accesses_of_matter(ctx.practice, id).await? {
                let Some(access) = access.close(ctx.at) else {
                    continue;
                };
                let sessions = self.sessions_to_end(ctx, &access).await?;
                change = change
                    .save_all(
                        sessions
                            .into_iter()
                            .map(|s| s.end(SessionEnd::MatterClosed, ctx.at)),
                    )
                    .save_all(self.link_to_end(ctx, &access).await?)
                    .save(access);
            }
            Ok((matter, change))
        })
        .await
    }

    /// Reopens a matter. Its portal accesses stay closed until staff restores each. What its workflows came to ask for
    /// meanwhile is asked, of which nobody is told.
    pub async fn reopen_matter(&self, ctx: &Context, id: MatterId) -> Result<Matter, Error<MatterRule>> {
        self.retrying(async || {
            let matter = self
                .matter_for(ctx, Capability::EditMatters, id)
                .await
                .map_err(Error::widen)?;
            if matter.state == MatterState::Open {
                return Ok((
                    matter.clone(),
                    Change::unaudited(ctx.practice, "it is open already"),
                ));
            }
            let reopened = matter.clone().with_state(MatterState::Open, ctx.at);
            let staging = Staging {
                occasion: Occasion::Quiet,
                ..Staging::changing(reopened, &matter)
            };
            let staged = self.stage(ctx, staging).await.map_err(Error::widen)?;
            let entry = self
                .audit(ctx, "matter.reopened", Subject::new("matter", id))
                .on(id);
            let change = Change::audited(staged.effects.noted(entry))
                .save(staged.matter.clone())
                .and(staged.change);
            Ok((staged.matter, change))
        })
        .await
    }
}

/// Whether somebody who becomes a matter's owner is told so: not of what they did themselves, and not of what the
/// portal itself does, because an import of thousands of matters would write thousands of mails.
fn tells_owner(ctx: &Context, owner: StaffId) -> bool {
    ctx.staff().is_some_and(|(id, _)| id != owner)
}

fn reference_taken(error: Error<MatterRule>) -> Error<MatterRule> {
    match error {
        Error::Store(StoreError::Conflict(rule)) if rule == unique::MATTER_REFERENCE => {
            Error::Rule(MatterRule::ReferenceTaken)
        }
        other => other,
    }
}
