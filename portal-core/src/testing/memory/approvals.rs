use async_trait::async_trait;

use super::lists::{Order, finds, page};
use super::scan::{Look, Scan};
use super::tables::Tables;
use crate::approval::{Approval, ApprovalFilter, Approvals, Evidence};
use crate::{ApprovalId, Page, PageRequest, PracticeId, StoreError};

#[async_trait]
impl<S: Scan> Approvals for S {
    async fn approval(&self, practice: PracticeId, id: ApprovalId) -> Result<Option<Approval>, StoreError> {
        self.one(practice, id)
    }

    async fn approvals(
        &self,
        practice: PracticeId,
        filter: &ApprovalFilter,
        request: &PageRequest,
    ) -> Result<Page<Approval>, StoreError> {
        let rows = self.held()?.approvals_kept(practice, filter);
        Ok(page(rows, request, Order::Falling, |row| {
            (row.created_at.to_string(), row.id.into())
        }))
    }

    async fn approval_count(&self, practice: PracticeId, filter: &ApprovalFilter) -> Result<u64, StoreError> {
        let rows = self.held()?.approvals_kept(practice, filter);
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }

    async fn evidence(
        &self,
        practice: PracticeId,
        approval: ApprovalId,
    ) -> Result<Vec<Evidence>, StoreError> {
        let mut rows = self.all(practice, |row: &Evidence| row.approval_id == approval)?;
        rows.sort_by_key(|row| (row.at, row.id));
        Ok(rows)
    }
}

impl Tables {
    fn approvals_kept(&self, practice: PracticeId, filter: &ApprovalFilter) -> Vec<Approval> {
        self.of(practice)
            .filter(|row: &&Approval| {
                let is_asked = |client| row.people.iter().any(|asked| asked.client == client);
                filter.matter.is_none_or(|matter| row.matter_id == matter)
                    && filter.client.is_none_or(is_asked)
                    && filter.shown_to.is_none_or(|client| row.is_shown_to(client))
                    && filter.state.is_none_or(|state| row.state == state)
                    && filter.kind.is_none_or(|kind| row.terms.kind == kind)
                    && filter.since.is_none_or(|since| row.created_at >= since)
                    && filter.before.is_none_or(|before| row.created_at < before)
                    && filter
                        .visible_to
                        .is_none_or(|staff| self.works_on(practice, row.matter_id, staff))
                    && finds(filter.q.as_deref(), &row.search_text())
            })
            .cloned()
            .collect()
    }
}
