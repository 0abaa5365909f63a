use std::collections::BTreeSet;

use async_trait::async_trait;

use super::lists::{Order, finds, page};
use super::scan::{Look, Scan};
use super::tables::Tables;
use crate::checklist::{Request, RequestCounts};
use crate::client::Client;
use crate::document::{Document, DocumentStatus};
use crate::matter::{
    Matter, MatterFilter, MatterSort, MatterSummary, Matters, Part, Participant, TeamMember,
};
use crate::text::fold;
use crate::{ClientId, MatterId, Page, PageRequest, PracticeId, StaffId, StoreError};

#[async_trait]
impl<S: Scan> Matters for S {
    async fn matter(&self, practice: PracticeId, id: MatterId) -> Result<Option<Matter>, StoreError> {
        self.one(practice, id)
    }

    async fn matter_by_reference(
        &self,
        practice: PracticeId,
        reference: &str,
    ) -> Result<Option<Matter>, StoreError> {
        let wanted = fold(reference);
        let found = self.all(practice, |row: &Matter| fold(&row.reference) == wanted)?;
        Ok(found.into_iter().next())
    }

    async fn matters_by_id(&self, practice: PracticeId, ids: &[MatterId]) -> Result<Vec<Matter>, StoreError> {
        self.all(practice, |row: &Matter| ids.contains(&row.id))
    }

    async fn matters(
        &self,
        practice: PracticeId,
        filter: &MatterFilter,
        sort: MatterSort,
        request: &PageRequest,
    ) -> Result<Page<MatterSummary>, StoreError> {
        let tables = self.held()?;
        let kept = tables.of(practice).filter(|row| tables.keeps(row, filter));
        let rows: Vec<MatterSummary> = kept.map(|row| tables.summary(row)).collect();
        let order = match sort {
            MatterSort::Updated => Order::Falling,
            MatterSort::Reference | MatterSort::Title => Order::Rising,
        };
        Ok(page(rows, request, order, |row| {
            let key = match sort {
                MatterSort::Updated => row.matter.updated_at.to_string(),
                MatterSort::Reference => fold(&row.matter.reference),
                MatterSort::Title => fold(&row.matter.title),
            };
            (key, row.matter.id.into())
        }))
    }

    async fn ancestors(&self, practice: PracticeId, matter: MatterId) -> Result<Vec<MatterId>, StoreError> {
        let tables = self.held()?;
        let mut line: Vec<MatterId> = Vec::new();
        let mut next = Some(matter);
        while let Some(row) = next.and_then(|id| tables.matters.get(&(practice, id.into()))) {
            if line.len() == 64 || line.contains(&row.id) {
                break;
            }
            line.push(row.id);
            next = row.parent_id;
        }
        Ok(line)
    }

    async fn matter_vocabulary(
        &self,
        practice: PracticeId,
    ) -> Result<(Vec<String>, Vec<String>), StoreError> {
        let matters = self.all(practice, |_: &Matter| true)?;
        let areas: BTreeSet<String> = matters
            .iter()
            .filter_map(|row| row.practice_area.clone())
            .collect();
        let stages: BTreeSet<String> = matters.iter().filter_map(|row| row.stage.clone()).collect();
        let most = |words: BTreeSet<String>| words.into_iter().take(200).collect();
        Ok((most(areas), most(stages)))
    }

    async fn participants(
        &self,
        practice: PracticeId,
        matter: MatterId,
    ) -> Result<Vec<Participant>, StoreError> {
        Ok(self.held()?.participants_of(practice, matter))
    }

    async fn participants_on(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<Participant>, StoreError> {
        let mut rows = self.all(practice, |row: &Participant| matters.contains(&row.matter_id))?;
        rows.sort_by_key(|row| (row.created_at, row.id));
        Ok(rows)
    }

    async fn participations(
        &self,
        practice: PracticeId,
        client: ClientId,
    ) -> Result<Vec<Participant>, StoreError> {
        self.all(practice, |row: &Participant| row.client_id == client)
    }

    async fn team(&self, practice: PracticeId, matter: MatterId) -> Result<Vec<TeamMember>, StoreError> {
        self.all(practice, |row: &TeamMember| row.matter_id == matter)
    }

    async fn is_on_team(
        &self,
        practice: PracticeId,
        matter: MatterId,
        staff: StaffId,
    ) -> Result<bool, StoreError> {
        Ok(self.held()?.is_on_team(practice, matter, staff))
    }
}

impl Tables {
    fn participants_of(&self, practice: PracticeId, matter: MatterId) -> Vec<Participant> {
        let mut rows: Vec<Participant> = self
            .of(practice)
            .filter(|row: &&Participant| row.matter_id == matter)
            .cloned()
            .collect();
        rows.sort_by_key(|row| (row.created_at, row.id));
        rows
    }

    fn is_on_team(&self, practice: PracticeId, matter: MatterId, staff: StaffId) -> bool {
        self.of(practice)
            .any(|row: &TeamMember| row.matter_id == matter && row.staff_id == staff && !row.removed)
    }

    /// Whether `staff` owns the matter or is on its team.
    pub(super) fn works_on(&self, practice: PracticeId, matter: MatterId, staff: StaffId) -> bool {
        let matters = self.matters.get(&(practice, matter.into()));
        matters.is_some_and(|row| row.owner_id == staff) || self.is_on_team(practice, matter, staff)
    }

    fn keeps(&self, row: &Matter, filter: &MatterFilter) -> bool {
        let people: Vec<Participant> = self
            .participants_of(row.practice_id, row.id)
            .into_iter()
            .filter(|participant| !participant.removed)
            .collect();
        let clients = people.iter().filter_map(|p| self.client_of(p));
        let searched = clients.fold(row.search_text(), |text, client| {
            format!("{text}\n{}", client.search_text())
        });
        finds(filter.q.as_deref(), &searched)
            && filter.state.is_none_or(|state| row.state == state)
            && filter.owner.is_none_or(|owner| row.owner_id == owner)
            && filter
                .visible_to
                .is_none_or(|staff| self.works_on(row.practice_id, row.id, staff))
            && (filter.practice_area.is_none() || row.practice_area == filter.practice_area)
            && (filter.stage.is_none() || row.stage == filter.stage)
            && filter
                .client
                .is_none_or(|client| people.iter().any(|p| p.client_id == client))
            && (filter.parent.is_none() || row.parent_id == filter.parent)
            && (!filter.to_review || self.to_review(row) > 0)
    }

    fn client_of(&self, participant: &Participant) -> Option<&Client> {
        let key = (participant.practice_id, participant.client_id.into());
        self.clients.get(&key)
    }

    fn to_review(&self, matter: &Matter) -> u64 {
        let waiting = self.of(matter.practice_id).filter(|row: &&Document| {
            row.matter_id == matter.id && row.status == DocumentStatus::PendingReview
        });
        u64::try_from(waiting.count()).unwrap_or(u64::MAX)
    }

    fn summary(&self, matter: &Matter) -> MatterSummary {
        let practice = matter.practice_id;
        let people = self.participants_of(practice, matter.id);
        let present = || people.iter().filter(|row| !row.removed);
        let principal = present().find(|row| row.part == Part::Principal);
        let requests: Vec<&Request> = self
            .of(practice)
            .filter(|row: &&Request| row.matter_id == matter.id)
            .collect();
        let owner = self.staff.get(&(practice, matter.owner_id.into()));
        MatterSummary {
            matter: matter.clone(),
            owner_name: owner.map(|row| row.name.clone()).unwrap_or_default(),
            client_name: principal
                .or_else(|| present().next())
                .and_then(|row| self.client_of(row))
                .map(Client::name),
            requests: requests
                .iter()
                .fold(RequestCounts::default(), |counts, row| counts.plus(row.state, 1)),
            to_review: self.to_review(matter),
            next_due_on: requests
                .iter()
                .filter(|row| row.state.waits_for_client())
                .filter_map(|row| row.due_on)
                .min(),
        }
    }
}
