//! Who works for the practice.

use super::{IdentityRule, NewStaffMember, Password, SessionEnd, StaffMember};
use crate::audit::Subject;
use crate::policy::{Capability, Role};
use crate::{Change, Context, Error, NoRule, Page, PageRequest, Portal, StaffId, StoreError, unique};

impl Portal {
    /// The practice's staff, by name.
    pub async fn staff(&self, ctx: &Context, page: &PageRequest) -> Result<Page<StaffMember>, Error<NoRule>> {
        ctx.require(Capability::SeeStaff)?;
        Ok(self.store().staff(ctx.practice, page).await?)
    }

    /// One staff member.
    pub async fn staff_member(&self, ctx: &Context, id: StaffId) -> Result<StaffMember, Error<NoRule>> {
        ctx.require(Capability::SeeStaff)?;
        self.store()
            .staff_member(ctx.practice, id)
            .await?
            .ok_or(Error::NotFound("staff member"))
    }

    /// Adds a staff member. Only an owner can add another owner.
    pub async fn add_staff(
        &self,
        ctx: &Context,
        new: NewStaffMember,
    ) -> Result<StaffMember, Error<IdentityRule>> {
        ctx.require(Capability::ManageStaff).map_err(Error::widen)?;
        require_may_grant(ctx, new.role)?;
        let password = Password::chosen(new.password.clone());
        let blank = StaffMember::new(self.id(), ctx.practice, &new, String::new(), ctx.at);
        let mut staff = match (blank, password.clone()) {
            (Ok(staff), Ok(_)) => staff,
            (Err(mut invalid), Err(error)) => {
                invalid.errors.push(error);
                return Err(invalid.into());
            }
            (Err(invalid), Ok(_)) => return Err(invalid.into()),
            (Ok(_), Err(error)) => return Err(error.into()),
        };
        staff.password_hash = Some(self.hash(password?).await?);
        let entry = self
            .audit(ctx, "staff.added", Subject::new("staff", staff.id))
            .with("role", staff.role.as_str());
        self.commit(Change::audited(entry).save(staff.clone()))
            .await
            .map_err(email_taken)?;
        Ok(staff)
    }

    /// Gives a staff member another role, or lets them sign in or not. Deactivating ends all their sessions, and
    /// nobody in particular answers their conversations.
    pub async fn update_staff(
        &self,
        ctx: &Context,
        id: StaffId,
        expected: Option<crate::Version>,
        (role, active): (Role, bool),
    ) -> Result<StaffMember, Error<IdentityRule>> {
        ctx.require(Capability::ManageStaff).map_err(Error::widen)?;
        let changed = self
            .retrying(async || {
                let staff = self
                    .store()
                    .staff_member(ctx.practice, id)
                    .await?
                    .ok_or(Error::NotFound("staff member"))?;
                crate::practice::expect_version(staff.version, expected)?;
                require_may_grant(ctx, role)?;
                require_may_grant(ctx, staff.role)?;
                // Held at its version, so that two owners who step down at once cannot leave none.
                let practice = self.practice_of(ctx).await.map_err(Error::widen)?;
                let others = self.store().active_owners(ctx.practice).await?;
                let staff = staff.with_standing(role, active, others)?;
                let entry = self
                    .audit(ctx, "staff.changed", Subject::new("staff", id))
                    .with("role", role.as_str())
                    .with("active", active);
                let mut change = Change::audited(entry).save(staff.clone());
                if role != Role::Owner || !active {
                    change = change.save(practice.touched());
                }
                if !active {
                    let sessions = self.store().live_staff_sessions(ctx.practice, id, ctx.at).await?;
                    change = change.save_all(
                        sessions
                            .into_iter()
                            .map(|s| s.end(SessionEnd::Deactivated, ctx.at)),
                    );
                }
                Ok((staff, change))
            })
            .await?;
        if !changed.active {
            self.release_conversations(ctx, id).await?;
        }
        Ok(changed)
    }
}

fn email_taken(error: StoreError) -> Error<IdentityRule> {
    match error {
        StoreError::Conflict(rule) if rule == unique::STAFF_EMAIL => Error::Rule(IdentityRule::EmailTaken),
        other => other.into(),
    }
}

fn require_may_grant(ctx: &Context, role: Role) -> Result<(), Error<IdentityRule>> {
    let is_owner = ctx.staff().is_none_or(|(_, role)| role == Role::Owner);
    if role == Role::Owner && !is_owner {
        Err(Error::Denied("appoint or change an owner"))
    } else {
        Ok(())
    }
}
