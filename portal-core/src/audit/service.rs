use super::export::AuditProof;
use super::{AuditEntry, AuditFilter, AuditTree, KeptCheckpoint, Subject, erase, tells_of};
use crate::policy::Capability;
use crate::{AuditId, Change, ClientId, Context, Error, NoRule, Page, PageRequest, Portal};

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

    /// The public keys that signed the practice's checkpoints, each with the first checkpoint that it signed, the oldest first.
    pub async fn audit_keys(&self, ctx: &Context) -> Result<Vec<KeptCheckpoint>, Error<NoRule>> {
        ctx.require(Capability::SeeAudit)?;
        Ok(self.store().audit_keys(ctx.practice).await?)
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

    /// Erases what is personal of a client in every sealed entry of the trail, which leaves all proofs as they are:
    /// [`tells_of`] says what that is. Answers in how many entries something was erased. Entries that are not sealed yet
    /// are left: ask again, until it answers 0.
    pub async fn erase_from_audit(&self, ctx: &Context, client: ClientId) -> Result<u64, Error<NoRule>> {
        ctx.require(Capability::ManagePractice)?;
        let mut erased = 0;
        for about in [AuditFilter::acted_by(client), AuditFilter::done_to(client)] {
            let mut page = PageRequest::first(PageRequest::MOST);
            loop {
                let found = self.store().audit_entries(ctx.practice, &about, &page).await?;
                let mut erasures = Vec::new();
                for entry in &found.items {
                    if let Some(seal) = self.store().seal_of(ctx.practice, entry.id).await? {
                        erasures.extend(erase(entry, &seal, |fact| tells_of(client, entry, fact)));
                    }
                }
                if !erasures.is_empty() {
                    let count = u64::try_from(erasures.len()).unwrap_or(u64::MAX);
                    let entry = self
                        .audit(ctx, "audit.erased", Subject::new("client", client))
                        .with("entries", count);
                    self.commit(erasures.into_iter().fold(Change::audited(entry), Change::erase))
                        .await?;
                    erased += count;
                }
                match found.next {
                    Some(next) => page = page.after(Some(next)),
                    None => break,
                }
            }
        }
        Ok(erased)
    }
}
