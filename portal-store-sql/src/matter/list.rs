//! Matters as lists show them: one statement for the page, three for what stands beside each matter.

use portal_core::checklist::RequestState;
use portal_core::matter::{Matter, MatterFilter, MatterSort, Part};
use portal_core::{Date, MatterId, PageRequest, PracticeId, StoreError};
use sqlx::FromRow;
use uuid::Uuid;

use super::rows::MatterRow;
use super::visible_to;
use crate::decode;
use crate::list::Key;
use crate::statement::{Sql, Statement};
use crate::store::Reads;
use crate::table::Selects;
use crate::value::Day;

/// A matter with its owner's name.
#[derive(FromRow)]
pub(crate) struct OwnedMatterRow {
    #[sqlx(flatten)]
    matter: MatterRow,
    owner_name: String,
}

impl Reads for OwnedMatterRow {
    type Record = (Matter, String);
    fn record(self) -> Result<Self::Record, StoreError> {
        Ok((self.matter.record()?, self.owner_name))
    }
}

fn narrow(sql: &mut Sql, practice: PracticeId, filter: &MatterFilter) {
    sql.and(
        " AND matter.state = ",
        filter.state.map(portal_core::matter::MatterState::as_str),
    )
    .and(" AND matter.owner_id = ", filter.owner)
    .and(" AND matter.practice_area = ", filter.practice_area.as_deref())
    .and(" AND matter.stage = ", filter.stage.as_deref())
    .and(" AND matter.parent_id = ", filter.parent);
    visible_to!(sql, practice, filter.visible_to, "matter.id");
    if let Some(client) = filter.client {
        sql.push(
            " AND matter.id IN (SELECT part.matter_id FROM participant AS part WHERE part.practice_id = ",
        )
        .bind(practice)
        .push(" AND part.client_id = ")
        .bind(client)
        .push(" AND NOT part.removed)");
    }
    if filter.to_review {
        sql.push(
            " AND EXISTS (SELECT 1 FROM document WHERE document.practice_id = matter.practice_id \
             AND document.matter_id = matter.id AND document.status = 'pending-review')",
        );
    }
    sql.words(filter.q.as_deref(), |sql, pattern| {
        sql.like("matter.search_text", pattern.clone())
            .push(
                " OR matter.id IN (SELECT part.matter_id FROM client JOIN participant AS part \
                 ON part.practice_id = client.practice_id AND part.client_id = client.id \
                 WHERE client.practice_id = ",
            )
            .bind(practice)
            .push(" AND NOT part.removed AND ");
        sql.like("client.search_text", pattern).push(")");
    });
}

pub(crate) fn matters(
    practice: PracticeId,
    filter: &MatterFilter,
    sort: MatterSort,
    page: &PageRequest,
) -> Result<Statement, StoreError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(MatterRow::COLUMNS)
        .push(
            ", (SELECT owner.name FROM staff_member AS owner WHERE owner.practice_id = matter.practice_id \
             AND owner.id = matter.owner_id) AS owner_name",
        )
        .push(MatterRow::FROM)
        .bind(practice);
    narrow(&mut sql, practice, filter);
    let (key, after, order) = match sort {
        MatterSort::Updated => (
            Key::Stamp,
            " AND (matter.updated_at, matter.id) < (",
            " ORDER BY matter.updated_at DESC, matter.id DESC",
        ),
        MatterSort::Reference => (
            Key::Text,
            " AND (matter.reference_key, matter.id) > (",
            " ORDER BY matter.reference_key, matter.id",
        ),
        MatterSort::Title => (
            Key::Text,
            " AND (matter.title_key, matter.id) > (",
            " ORDER BY matter.title_key, matter.id",
        ),
    };
    sql.after(page, key, after)?.push(order).limit(page);
    Ok(sql.done())
}

pub(crate) fn matters_count(practice: PracticeId, filter: &MatterFilter) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM matter WHERE matter.practice_id = ");
    sql.bind(practice);
    narrow(&mut sql, practice, filter);
    sql.done()
}

/// Somebody who takes part in a matter.
#[derive(FromRow)]
pub(crate) struct PartyRow {
    matter_id: Uuid,
    part: String,
    given_names: String,
    family_name: String,
}

pub(crate) struct Party {
    pub(super) matter: MatterId,
    pub(super) part: Part,
    pub(super) name: String,
}

impl Reads for PartyRow {
    type Record = Party;
    fn record(self) -> Result<Party, StoreError> {
        Ok(Party {
            matter: self.matter_id.into(),
            part: decode::word("part", &self.part)?,
            name: format!("{} {}", self.given_names, self.family_name)
                .trim()
                .to_owned(),
        })
    }
}

pub(crate) fn parties(practice: PracticeId, matters: &[Uuid]) -> Statement {
    let mut sql = Sql::new(
        "SELECT participant.matter_id, participant.part, client.given_names, client.family_name FROM participant \
         JOIN client ON client.practice_id = participant.practice_id AND client.id = participant.client_id \
         WHERE participant.practice_id = ",
    );
    sql.bind(practice)
        .push(" AND NOT participant.removed AND participant.matter_id IN ")
        .bind_ids(matters)
        .push(" ORDER BY participant.created_at, participant.id");
    sql.done()
}

/// How many of a matter's requests are in one state, and when the first of them is due.
#[derive(FromRow)]
pub(crate) struct AgendaRow {
    matter_id: Uuid,
    state: String,
    count: i64,
    due_on: Option<Day>,
}

pub(crate) struct Agenda {
    pub(super) matter: MatterId,
    pub(super) state: RequestState,
    pub(super) count: u64,
    pub(super) due_on: Option<Date>,
}

impl Reads for AgendaRow {
    type Record = Agenda;
    fn record(self) -> Result<Agenda, StoreError> {
        Ok(Agenda {
            matter: self.matter_id.into(),
            state: decode::word("state", &self.state)?,
            count: decode::number("count", self.count)?,
            due_on: self.due_on.map(|day| day.0),
        })
    }
}

pub(crate) fn agenda(practice: PracticeId, matters: &[Uuid]) -> Statement {
    let mut sql = Sql::new(
        "SELECT request.matter_id, request.state, COUNT(*) AS count, MIN(request.due_on) AS due_on FROM request \
         WHERE request.practice_id = ",
    );
    sql.bind(practice)
        .push(" AND request.matter_id IN ")
        .bind_ids(matters)
        .push(" GROUP BY request.matter_id, request.state");
    sql.done()
}

/// How many of a matter's documents wait for review.
#[derive(FromRow)]
pub(crate) struct ReviewRow {
    matter_id: Uuid,
    count: i64,
}

impl Reads for ReviewRow {
    type Record = (MatterId, u64);
    fn record(self) -> Result<Self::Record, StoreError> {
        Ok((self.matter_id.into(), decode::number("count", self.count)?))
    }
}

pub(crate) fn to_review(practice: PracticeId, matters: &[Uuid]) -> Statement {
    let mut sql =
        Sql::new("SELECT document.matter_id, COUNT(*) AS count FROM document WHERE document.practice_id = ");
    sql.bind(practice)
        .push(" AND document.status = 'pending-review' AND document.matter_id IN ")
        .bind_ids(matters)
        .push(" GROUP BY document.matter_id");
    sql.done()
}
