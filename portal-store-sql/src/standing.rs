//! A session with its practice and its person, in one statement: every request begins with it.

use portal_core::PracticeId;
use portal_core::access::AccessState;
use portal_core::identity::{SessionKey, Standing};
use sqlx::{ColumnIndex, Decode, FromRow, Row, Type};

use crate::client::ClientRow;
use crate::identity::{SessionRow, StaffRow};
use crate::practice::PracticeRow;
use crate::statement::{Sql, Statement};
use crate::store::Reads;
use crate::table::{At, Selects};

pub(crate) struct StandingRow {
    session: SessionRow,
    practice: PracticeRow,
    staff: Option<StaffRow>,
    client: Option<ClientRow>,
    has_active_access: bool,
}

impl<'r, R: Row> FromRow<'r, R> for StandingRow
where
    usize: ColumnIndex<R>,
    SessionRow: At<'r, R>,
    PracticeRow: At<'r, R>,
    Option<StaffRow>: At<'r, R>,
    Option<ClientRow>: At<'r, R>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let practice = SessionRow::WIDTH;
        let staff = practice + PracticeRow::WIDTH;
        let client = staff + <Option<StaffRow>>::WIDTH;
        let has_active_access = client + <Option<ClientRow>>::WIDTH;
        Ok(Self {
            session: At::at(row, 0)?,
            practice: At::at(row, practice)?,
            staff: At::at(row, staff)?,
            client: At::at(row, client)?,
            has_active_access: row.try_get(has_active_access)?,
        })
    }
}

impl Reads for StandingRow {
    type Record = Standing;
    fn record(self) -> Result<Standing, portal_core::StoreError> {
        Ok(Standing {
            session: self.session.record()?,
            practice: self.practice.record()?,
            staff: self.staff.map(Reads::record).transpose()?,
            client: self.client.map(Reads::record).transpose()?,
            has_active_access: self.has_active_access,
        })
    }
}

pub(crate) fn standing(practice: PracticeId, key: SessionKey) -> Statement {
    let mut sql = Sql::new("SELECT ");
    sql.push(SessionRow::COLUMNS)
        .push(", ")
        .push(PracticeRow::COLUMNS)
        .push(", ")
        .push(StaffRow::COLUMNS)
        .push(", ")
        .push(ClientRow::COLUMNS)
        .push(
            ", EXISTS (SELECT 1 FROM portal_access WHERE portal_access.practice_id = session.practice_id \
             AND portal_access.client_id = session.client_id AND portal_access.state = ",
        )
        .bind(AccessState::Active.as_str())
        .push(
            ") AS has_active_access FROM session \
             JOIN practice ON practice.practice_id = session.practice_id AND practice.id = session.practice_id \
             LEFT JOIN staff_member ON staff_member.practice_id = session.practice_id \
             AND staff_member.id = session.staff_id \
             LEFT JOIN client ON client.practice_id = session.practice_id AND client.id = session.client_id \
             WHERE session.practice_id = ",
        )
        .bind(practice);
    match key {
        SessionKey::Id(id) => sql.push(" AND session.id = ").bind(id),
        SessionKey::Secret(digest) => sql.push(" AND session.secret_digest = ").bind(digest),
    };
    sql.done()
}
