use super::{AuditEntry, AuditFilter, Subject};
use crate::policy::Capability;
use crate::{Change, Context, Error, NoRule, Page, PageRequest, Portal};

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

    /// Leaves word that somebody takes the practice's whole history of messages away as a file, before it is read.
    pub async fn note_history_export(&self, ctx: &Context) -> Result<(), Error<NoRule>> {
        ctx.require(Capability::SeeAudit)?;
        let entry = self.audit(ctx, "history.exported", Subject::new("practice", ctx.practice));
        Ok(self.commit(Change::audited(entry)).await?)
    }
}
