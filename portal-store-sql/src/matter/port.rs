use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use portal_core::matter::{
    Matter, MatterFilter, MatterSort, MatterSummary, Matters, Part, Participant, TeamMember,
};
use portal_core::{ClientId, Cursor, MatterId, Page, PageRequest, PracticeId, StaffId, StoreError, text};
use sqlx::FromRow;
use uuid::Uuid;

use super::list::{Beside, BesideRow, OwnedMatterRow, What, beside, matters, matters_count};
use super::rows::{MatterRow, ParticipantRow, TeamMemberRow};
use crate::driver::Driver;
use crate::list::{cursor, sort_key};
use crate::statement::{Sql, Statement};
use crate::store::{CountRow, DbRow, IdRow, Reads, SqlStore};
use crate::table::Selects;

pub(crate) fn matter_by_reference(practice: PracticeId, reference: &str) -> Statement {
    let mut sql = MatterRow::select(practice);
    sql.push(" AND matter.reference_key = ")
        .bind(text::fold(reference));
    sql.done()
}

pub(crate) fn matters_by_id(practice: PracticeId, ids: &[Uuid]) -> Statement {
    let mut sql = MatterRow::select(practice);
    sql.push(" AND matter.id IN ").bind_ids(ids);
    sql.done()
}

/// The depth keeps a circle from going on for ever.
pub(crate) fn ancestors(practice: PracticeId, matter: MatterId) -> Statement {
    let mut sql = Sql::new(
        "WITH RECURSIVE line (id, parent_id, depth) AS (\
         SELECT matter.id, matter.parent_id, 1 FROM matter WHERE matter.practice_id = ",
    );
    sql.bind(practice)
        .push(" AND matter.id = ")
        .bind(matter)
        .push(
            " UNION ALL SELECT matter.id, matter.parent_id, line.depth + 1 FROM line JOIN matter \
             ON matter.practice_id = ",
        )
        .placeholder(1)
        .push(" AND matter.id = line.parent_id WHERE line.depth < 64) SELECT line.id FROM line ORDER BY line.depth");
    sql.done()
}

/// It goes from word to word by the index instead of looking at all matters.
pub(crate) fn words(column: &'static str, practice: PracticeId) -> Statement {
    let mut sql = Sql::new("WITH RECURSIVE used (word, place) AS (SELECT (SELECT matter.");
    sql.push(column)
        .push(" FROM matter WHERE matter.practice_id = ")
        .bind(practice)
        .push(" AND matter.")
        .push(column)
        .push(" IS NOT NULL ORDER BY matter.")
        .push(column)
        .push(" LIMIT 1), 1 UNION ALL SELECT (SELECT matter.")
        .push(column)
        .push(" FROM matter WHERE matter.practice_id = ")
        .placeholder(1)
        .push(" AND matter.")
        .push(column)
        .push(" > used.word ORDER BY matter.")
        .push(column)
        .push(
            " LIMIT 1), used.place + 1 FROM used WHERE used.word IS NOT NULL AND used.place < 200) \
             SELECT used.word FROM used WHERE used.word IS NOT NULL ORDER BY used.place",
        );
    sql.done()
}

#[derive(FromRow)]
pub(crate) struct WordRow {
    word: String,
}

impl Reads for WordRow {
    type Record = String;
    fn record(self) -> Result<String, StoreError> {
        Ok(self.word)
    }
}

pub(crate) fn participants(practice: PracticeId, matter: MatterId) -> Statement {
    let mut sql = ParticipantRow::select(practice);
    sql.push(" AND participant.matter_id = ")
        .bind(matter)
        .push(" ORDER BY participant.created_at, participant.id");
    sql.done()
}

pub(crate) fn participants_on(practice: PracticeId, matters: &[Uuid]) -> Statement {
    let mut sql = ParticipantRow::select(practice);
    sql.push(" AND participant.matter_id IN ")
        .bind_ids(matters)
        .push(" ORDER BY participant.created_at, participant.id");
    sql.done()
}

pub(crate) fn participations(practice: PracticeId, client: ClientId) -> Statement {
    let mut sql = ParticipantRow::select(practice);
    sql.push(" AND participant.client_id = ")
        .bind(client)
        .push(" ORDER BY participant.created_at, participant.id");
    sql.done()
}

pub(crate) fn team(practice: PracticeId, matter: MatterId) -> Statement {
    let mut sql = TeamMemberRow::select(practice);
    sql.push(" AND team_member.matter_id = ")
        .bind(matter)
        .push(" ORDER BY team_member.id");
    sql.done()
}

pub(crate) fn is_on_team(practice: PracticeId, matter: MatterId, staff: StaffId) -> Statement {
    let mut sql = Sql::new("SELECT team_member.id FROM team_member WHERE team_member.practice_id = ");
    sql.bind(practice)
        .push(" AND team_member.matter_id = ")
        .bind(matter)
        .push(" AND team_member.staff_id = ")
        .bind(staff)
        .push(" AND NOT team_member.removed");
    sql.done()
}

impl<D: Driver> SqlStore<D>
where
    BesideRow: for<'r> FromRow<'r, DbRow<D>>,
{
    /// Puts beside each matter what a list shows of it.
    async fn summaries(
        &self,
        practice: PracticeId,
        matters: Vec<(Matter, String)>,
    ) -> Result<Vec<MatterSummary>, StoreError> {
        let ids: Vec<Uuid> = matters.iter().map(|(matter, _)| matter.id.0).collect();
        let mut summaries: Vec<MatterSummary> = matters
            .into_iter()
            .map(|(matter, owner_name)| MatterSummary {
                matter,
                owner_name,
                client_name: None,
                requests: portal_core::checklist::RequestCounts::default(),
                to_review: 0,
                next_due_on: None,
            })
            .collect();
        let mut by_id: HashMap<MatterId, &mut MatterSummary> = summaries
            .iter_mut()
            .map(|summary| (summary.matter.id, summary))
            .collect();
        let mut has_principal = HashSet::new();
        for Beside { matter, what } in self.by_ids::<BesideRow>(ids, |ids| beside(practice, ids)).await? {
            let Some(summary) = by_id.get_mut(&matter) else {
                continue;
            };
            match what {
                What::Party { part, name } => {
                    let leads = part == Part::Principal && has_principal.insert(matter);
                    if leads || summary.client_name.is_none() {
                        summary.client_name = Some(name);
                    }
                }
                What::Requests { state, count, due_on } => {
                    summary.requests = summary.requests.plus(state, count);
                    if state.waits_for_client() {
                        summary.next_due_on = summary.next_due_on.into_iter().chain(due_on).min();
                    }
                }
                What::ToReview(count) => summary.to_review = count,
            }
        }
        Ok(summaries)
    }
}

fn matter_cursor(sort: MatterSort, matter: &Matter) -> Cursor {
    match sort {
        MatterSort::Updated => cursor(&matter.updated_at, matter.id),
        MatterSort::Reference => cursor(&text::fold(&matter.reference), matter.id),
        MatterSort::Title => cursor(&sort_key(&text::fold(&matter.title)), matter.id),
    }
}

#[async_trait]
impl<D: Driver> Matters for SqlStore<D>
where
    MatterRow: for<'r> FromRow<'r, DbRow<D>>,
    OwnedMatterRow: for<'r> FromRow<'r, DbRow<D>>,
    ParticipantRow: for<'r> FromRow<'r, DbRow<D>>,
    TeamMemberRow: for<'r> FromRow<'r, DbRow<D>>,
    BesideRow: for<'r> FromRow<'r, DbRow<D>>,
    WordRow: for<'r> FromRow<'r, DbRow<D>>,
    IdRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn matter(&self, practice: PracticeId, id: MatterId) -> Result<Option<Matter>, StoreError> {
        self.one::<MatterRow>(MatterRow::by_id(practice, id)).await
    }

    async fn matter_by_reference(
        &self,
        practice: PracticeId,
        reference: &str,
    ) -> Result<Option<Matter>, StoreError> {
        self.one::<MatterRow>(matter_by_reference(practice, reference))
            .await
    }

    async fn matters_by_id(&self, practice: PracticeId, ids: &[MatterId]) -> Result<Vec<Matter>, StoreError> {
        self.by_ids::<MatterRow>(ids.iter().map(|id| id.0), |ids| matters_by_id(practice, ids))
            .await
    }

    async fn matters(
        &self,
        practice: PracticeId,
        filter: &MatterFilter,
        sort: MatterSort,
        page: &PageRequest,
    ) -> Result<Page<MatterSummary>, StoreError> {
        let total = page.total.then(|| matters_count(practice, filter));
        let list = matters(practice, filter, sort, page)?;
        let Page { items, next, total } = self
            .page::<OwnedMatterRow>(list, total, page, |(matter, _)| matter_cursor(sort, matter))
            .await?;
        let items = self.summaries(practice, items).await?;
        Ok(Page { items, next, total })
    }

    async fn ancestors(&self, practice: PracticeId, matter: MatterId) -> Result<Vec<MatterId>, StoreError> {
        let ids = self.all::<IdRow>(ancestors(practice, matter)).await?;
        // In a circle, the line ends where it would begin again.
        let mut seen = HashSet::new();
        Ok(ids
            .into_iter()
            .take_while(|id| seen.insert(*id))
            .map(MatterId)
            .collect())
    }

    async fn matter_vocabulary(
        &self,
        practice: PracticeId,
    ) -> Result<(Vec<String>, Vec<String>), StoreError> {
        let areas = self.all::<WordRow>(words("practice_area", practice)).await?;
        let stages = self.all::<WordRow>(words("stage", practice)).await?;
        Ok((areas, stages))
    }

    async fn participants(
        &self,
        practice: PracticeId,
        matter: MatterId,
    ) -> Result<Vec<Participant>, StoreError> {
        self.all::<ParticipantRow>(participants(practice, matter)).await
    }

    async fn participants_on(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<Participant>, StoreError> {
        self.by_ids::<ParticipantRow>(matters.iter().map(|id| id.0), |ids| {
            participants_on(practice, ids)
        })
        .await
    }

    async fn participations(
        &self,
        practice: PracticeId,
        client: ClientId,
    ) -> Result<Vec<Participant>, StoreError> {
        self.all::<ParticipantRow>(participations(practice, client)).await
    }

    async fn team(&self, practice: PracticeId, matter: MatterId) -> Result<Vec<TeamMember>, StoreError> {
        self.all::<TeamMemberRow>(team(practice, matter)).await
    }

    async fn is_on_team(
        &self,
        practice: PracticeId,
        matter: MatterId,
        staff: StaffId,
    ) -> Result<bool, StoreError> {
        let found = self.one::<IdRow>(is_on_team(practice, matter, staff)).await?;
        Ok(found.is_some())
    }
}
