use super::{AuditEntry, AuditFilter};
use crate::policy::Capability;
use crate::{Context, Error, NoRule, Page, PageRequest, Portal};

impl Portal {
    /// The audit trail, the newest entry first: a matter's for whoever may see the matter, the practice's for
    /// whoever may read all of it.
    pub async fn audit_entries(
        &self,
        ctx: &Context,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, Error<NoRule>> {
        match filter.matter {
            Some(matter) => {
                self.matter_for(ctx, Capability::SeeMatters, matter).await?;
            }
            None => {
                ctx.require(Capability::SeeAudit)?;
            }
        }
        Ok(self.store().audit_entries(ctx.practice, filter, page).await?)
    }
}
