//! Matters as lists show them: one statement for the page, one for what stands beside each matter.

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

/// Something that a list shows beside a matter.
#[derive(FromRow)]
pub(crate) struct BesideRow {
    matter_id: Uuid,
    kind: String,
    word: String,
    given_names: String,
    family_name: String,
    count: i64,
    due_on: Option<Day>,
}

pub(crate) struct Beside {
    pub(super) matter: MatterId,
    pub(super) what: What,
}

pub(crate) enum What {
    /// Somebody who takes part in it.
    Party { part: Part, name: String },
    /// How many of its requests are in one state, and when the first of them is due.
    Requests {
        state: RequestState,
        count: u64,
        due_on: Option<Date>,
    },
    /// How many of its documents wait for review.
    ToReview(u64),
}

impl Reads for BesideRow {
    type Record = Beside;
    fn record(self) -> Result<Beside, StoreError> {
        let count = decode::number("count", self.count);
        let what = match self.kind.as_str() {
            "party" => What::Party {
                part: decode::word("word", &self.word)?,
                name: format!("{} {}", self.given_names, self.family_name)
                    .trim()
                    .to_owned(),
            },
            "requests" => What::Requests {
                state: decode::word("word", &self.word)?,
                count: count?,
                due_on: self.due_on.map(|day| day.0),
            },
            _ => What::ToReview(count?),
        };
        Ok(Beside {
            matter: self.matter_id.into(),
            what,
        })
    }
}

/// Parties come in the order in which they joined.
pub(crate) fn beside(practice: PracticeId, matters: &[Uuid]) -> Statement {
    let mut sql = Sql::new(
        "SELECT participant.matter_id, 'party' AS kind, participant.part AS word, client.given_names, \
         client.family_name, CAST(0 AS BIGINT) AS count, CAST(NULL AS DATE) AS due_on, \
         participant.created_at AS joined_at, participant.id AS joined_id FROM participant \
         JOIN client ON client.practice_id = participant.practice_id AND client.id = participant.client_id \
         WHERE participant.practice_id = ",
    );
    let ids = sql
        .bind(practice)
        .push(" AND NOT participant.removed AND participant.matter_id IN ")
        .list_of_ids(matters);
    sql.push(
        " UNION ALL SELECT request.matter_id, 'requests', request.state, '', '', COUNT(*), MIN(request.due_on), \
         NULL, NULL FROM request WHERE request.practice_id = ",
    )
    .placeholder(1)
    .push(" AND request.matter_id IN ")
    .placeholders(ids.clone())
    .push(
        " GROUP BY request.matter_id, request.state \
         UNION ALL SELECT document.matter_id, 'review', '', '', '', COUNT(*), NULL, NULL, NULL FROM document \
         WHERE document.practice_id = ",
    )
    .placeholder(1)
    .push(" AND document.status = 'pending-review' AND document.matter_id IN ")
    .placeholders(ids)
    .push(" GROUP BY document.matter_id ORDER BY joined_at, joined_id");
    sql.done()
}
