use super::export::AuditProof;
use super::{AuditEntry, AuditFilter, AuditKey, AuditTree, Checkpoint, Subject};
use crate::policy::Capability;
use crate::{AuditId, Change, Context, Error, NoRule, Page, PageRequest, Portal};

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

    /// The head of the practice's tree with its signed checkpoint; `None` before anything was sealed.
    pub async fn audit_checkpoint(&self, ctx: &Context) -> Result<Option<AuditTree>, Error<NoRule>> {
        ctx.require(Capability::SeeAudit)?;
        Ok(self.store().audit_tree(ctx.practice).await?)
    }

    /// The public keys by which the practice's checkpoints are believed, the previous ones first and last the one that signs now. They
    /// come from the configuration: what the database says of keys proves nothing.
    pub async fn audit_keys(&self, ctx: &Context) -> Result<Vec<AuditKey>, Error<NoRule>> {
        ctx.require(Capability::SeeAudit)?;
        let store = self.store();
        let origin = match store.audit_tree(ctx.practice).await? {
            Some(tree) => tree.origin,
            None => Checkpoint::origin_of(&self.settings().public_url, ctx.practice),
        };
        let kept = store.audit_keys(ctx.practice).await?;
        let keys = self.keys().audit_verifiers(ctx.practice, &origin);
        let mut keys: Vec<AuditKey> = keys.into_iter().map(|key| AuditKey::of(key, &kept)).collect();
        // The one that signs now is configured first.
        if !keys.is_empty() {
            keys.rotate_left(1);
        }
        Ok(keys)
    }

    /// The proof that an entry stands in the trail; see [`audit_proof`](Portal::audit_proof).
    pub async fn audit_entry_proof(
        &self,
        ctx: &Context,
        entry: AuditId,
    ) -> Result<AuditProof, Error<NoRule>> {
        ctx.require(Capability::SeeAudit)?;
        let proof = self.audit_proof(ctx.practice, entry).await?;
        proof.ok_or(Error::NotFound("sealed audit entry"))
    }
}
