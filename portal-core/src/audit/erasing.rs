use std::collections::BTreeSet;

use super::{AuditFilter, OwnRecords, Subject, erase};
use crate::approval::ApprovalFilter;
use crate::client::Client;
use crate::policy::Capability;
use crate::text::fold;
use crate::{AuditId, Change, ClientId, Context, Error, ErrorKind, NoRule, PageRequest, Portal, Rule};

/// The rules of erasing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErasureRule {
    /// Nobody says that it is meant; what has to be said.
    #[error("Type \u{201c}{0}\u{201d} to confirm. What is erased cannot be brought back.")]
    NotConfirmed(String),
}

impl Rule for ErasureRule {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }

    fn code(&self) -> &'static str {
        "not-confirmed"
    }

    fn field(&self) -> Option<&'static str> {
        Some("confirm")
    }
}

/// What somebody repeats to confirm that a client's personal data is to be erased: the client's reference, or the name of one
/// who has none.
#[must_use]
pub fn erasure_words(client: &Client) -> String {
    client.reference.clone().unwrap_or_else(|| client.name())
}

/// What an erasure did to the trail, and what it left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// In how many entries something was erased.
    pub entries: u64,
    /// How many entries tell of the client and are not sealed yet, which takes a second or so: they are left, so ask again.
    pub unsealed: u64,
    /// How many approvals the client answered. The evidence of each is kept as it is, name, comment and network address with it: it is
    /// the record of a legal act, which a practice may keep for as long as it may have to establish, exercise or defend a
    /// claim (GDPR, Article 17(3)(e)). With any part of it gone it would prove nothing, since the hash in the trail binds all of it.
    pub evidence_kept: u64,
}

impl Portal {
    /// Does what [`erase_from_audit`](Self::erase_from_audit) does when `confirmed` is [`erasure_words`] of the client; case and
    /// accents do not matter.
    ///
    /// # Errors
    /// `NotConfirmed`; `Denied` for whoever does not manage the practice.
    pub async fn erase_client(
        &self,
        ctx: &Context,
        client: ClientId,
        confirmed: &str,
    ) -> Result<Erased, Error<ErasureRule>> {
        let words = self.words_to_erase(ctx, client).await.map_err(Error::widen)?.1;
        if fold(confirmed) != fold(&words) {
            return Err(ErasureRule::NotConfirmed(words).into());
        }
        self.erase_from_audit(ctx, client).await.map_err(Error::widen)
    }

    /// The client whose personal data may be erased, and what is to be repeated to confirm it.
    ///
    /// # Errors
    /// `Denied` for whoever does not manage the practice.
    pub async fn words_to_erase(
        &self,
        ctx: &Context,
        client: ClientId,
    ) -> Result<(Client, String), Error<NoRule>> {
        ctx.require(Capability::ManagePractice)?;
        let client = self.store().client(ctx.practice, client).await?;
        let client = client.ok_or(Error::NotFound("client"))?;
        let words = erasure_words(&client);
        Ok((client, words))
    }

    /// Erases what is personal of a client in every sealed entry of the trail, which leaves all proofs as they are:
    /// [`OwnRecords::are_told_of`] says what that is. When it is done again, and nobody acted in between, it erases nothing.
    ///
    /// # Errors
    /// `Denied` for whoever does not manage the practice. A client whose record is gone by now is no error.
    pub async fn erase_from_audit(&self, ctx: &Context, client: ClientId) -> Result<Erased, Error<NoRule>> {
        ctx.require(Capability::ManagePractice)?;
        let (store, practice) = (self.store(), ctx.practice);
        let accesses = store.accesses_of_client(practice, client).await?;
        let own = OwnRecords {
            client,
            accesses: accesses.iter().map(|access| access.id).collect(),
        };
        let done_to = own.subjects().map(AuditFilter::done_to);
        let mut done = Erased::default();
        let mut unsealed = BTreeSet::new();
        for about in std::iter::once(AuditFilter::acted_by(client)).chain(done_to) {
            done.entries += self.erase_among(ctx, &own, &about, &mut unsealed).await?;
        }
        done.unsealed = u64::try_from(unsealed.len()).unwrap_or(u64::MAX);
        done.evidence_kept = self.answered_by(ctx, client).await?;
        Ok(done)
    }

    /// Erases in the entries of one kind. Adds those that are not sealed yet to `unsealed`.
    async fn erase_among(
        &self,
        ctx: &Context,
        own: &OwnRecords,
        about: &AuditFilter,
        unsealed: &mut BTreeSet<AuditId>,
    ) -> Result<u64, Error<NoRule>> {
        let mut erased = 0;
        let mut next = None;
        loop {
            let page = PageRequest::first(PageRequest::MOST).after(next);
            let found = self.store().audit_entries(ctx.practice, about, &page).await?;
            let mut erasures = Vec::new();
            for entry in &found.items {
                match self.store().seal_of(ctx.practice, entry.id).await? {
                    Some(seal) => erasures.extend(erase(entry, &seal, |fact| own.are_told_of(entry, fact))),
                    None if own.are_told_of_in(entry) => {
                        unsealed.insert(entry.id);
                    }
                    None => {}
                }
            }
            if !erasures.is_empty() {
                let count = u64::try_from(erasures.len()).unwrap_or(u64::MAX);
                let entry = self
                    .audit(ctx, OwnRecords::ERASED, Subject::new("client", own.client))
                    .with("entries", count);
                self.commit(erasures.into_iter().fold(Change::audited(entry), Change::erase))
                    .await?;
                erased += count;
            }
            next = found.next;
            if next.is_none() {
                return Ok(erased);
            }
        }
    }

    /// How many approvals a client answered.
    async fn answered_by(&self, ctx: &Context, client: ClientId) -> Result<u64, Error<NoRule>> {
        let filter = ApprovalFilter {
            client: Some(client),
            ..ApprovalFilter::default()
        };
        let asked = self.all_approvals(ctx.practice, &filter).await?;
        let answered = asked
            .iter()
            .filter(|approval| approval.answer_of(client).is_some());
        Ok(u64::try_from(answered.count()).unwrap_or(u64::MAX))
    }
}
