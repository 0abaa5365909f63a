use super::{Practice, PracticeDraft, PracticeSettings};
use crate::audit::Subject;
use crate::identity::{IdentityRule, NewStaffMember, Password, StaffMember};
use crate::policy::{Capability, Role};
use crate::{Change, Context, Error, Invalid, NoRule, Portal, PracticeId, StoreError, Version};

/// Refuses when the caller read another version than the one that is there now.
pub(crate) fn expect_version<R>(current: Version, expected: Option<Version>) -> Result<(), Error<R>> {
    match expected {
        Some(expected) if expected != current => Err(StoreError::Stale.into()),
        _ => Ok(()),
    }
}

impl Portal {
    /// Sets up a practice with its first owner.
    ///
    /// # Errors
    /// `Invalid` tells all that is wrong with either; the owner's fields are prefixed `owner.`.
    pub async fn create_practice(
        &self,
        draft: &PracticeDraft,
        owner: NewStaffMember,
    ) -> Result<(Practice, StaffMember), Error<IdentityRule>> {
        let id: PracticeId = self.id();
        let ctx = Context::system(id, "setup", self.now());
        let practice = self.with_what_is_there(
            Practice::new(id, draft, ctx.at),
            (&PracticeSettings::default(), &draft.settings),
        )?;
        let owner = NewStaffMember {
            role: Role::Owner,
            ..owner
        };
        let hash = self.hash(Password::chosen(owner.password.clone())?).await?;
        let owner = StaffMember::new(self.id(), id, &owner, hash, ctx.at)?;
        let change = Change::audited(self.audit(&ctx, "practice.created", Subject::new("practice", id)))
            .save(practice.clone())
            .save(owner.clone())
            .audit(self.audit(&ctx, "staff.added", Subject::new("staff", owner.id)));
        self.commit(change).await?;
        Ok((practice, owner))
    }

    /// The practice as it was revised, unless it switches on what this portal cannot do. All that is wrong is told at once.
    fn with_what_is_there(
        &self,
        revised: Result<Practice, Invalid>,
        (before, after): (&PracticeSettings, &PracticeSettings),
    ) -> Result<Practice, Invalid> {
        let mut invalid = Invalid::default();
        let revised = revised.map_err(|wrong| invalid.errors.extend(wrong.errors));
        invalid.check(after.can_follow(before, self.second_factor().is_some()));
        match revised {
            Ok(practice) if invalid.errors.is_empty() => Ok(practice),
            _ => Err(invalid),
        }
    }

    /// The practice that the caller belongs to.
    pub async fn practice(&self, ctx: &Context) -> Result<Practice, Error<NoRule>> {
        self.practice_of(ctx).await
    }

    /// Changes the practice's name, branding and settings.
    pub async fn update_practice(
        &self,
        ctx: &Context,
        expected: Option<Version>,
        draft: &PracticeDraft,
    ) -> Result<Practice, Error<NoRule>> {
        ctx.require(Capability::ManagePractice)?;
        self.retrying(async || {
            let practice = self.practice_of(ctx).await?;
            expect_version(practice.version, expected)?;
            let before = practice.settings.clone();
            let practice = self.with_what_is_there(practice.revise(draft), (&before, &draft.settings))?;
            let mut entry = self.audit(ctx, "practice.changed", Subject::new("practice", practice.id));
            let needed = practice.settings.approval_factor_needed;
            if needed != before.approval_factor_needed {
                entry = entry.with("approval_factor_needed", needed);
            }
            Ok((practice.clone(), Change::audited(entry).save(practice)))
        })
        .await
    }
}
