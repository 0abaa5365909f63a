//! A session or a sign-in link with all that decides whether somebody may come in, each in one statement: every request
//! begins with one of them.

use portal_core::access::{AccessState, LinkStanding, Workspace};
use portal_core::identity::{SessionKey, Standing};
use portal_core::{Digest, PracticeId, StoreError};
use sqlx::{ColumnIndex, Decode, FromRow, Row, Type};
use uuid::Uuid;

use crate::access::{AccessRow, LinkRow};
use crate::client::ClientRow;
use crate::identity::{SessionRow, StaffRow};
use crate::matter::MatterRow;
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
    fn record(self) -> Result<Standing, StoreError> {
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

pub(crate) struct LinkStandingRow {
    link: LinkRow,
    access: AccessRow,
    matter: MatterRow,
    client: ClientRow,
    practice: PracticeRow,
    newest: Uuid,
}

impl<'r, R: Row> FromRow<'r, R> for LinkStandingRow
where
    usize: ColumnIndex<R>,
    LinkRow: At<'r, R>,
    AccessRow: At<'r, R>,
    MatterRow: At<'r, R>,
    ClientRow: At<'r, R>,
    PracticeRow: At<'r, R>,
    Uuid: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let access = LinkRow::WIDTH;
        let matter = access + AccessRow::WIDTH;
        let client = matter + MatterRow::WIDTH;
        let practice = client + ClientRow::WIDTH;
        let newest = practice + PracticeRow::WIDTH;
        Ok(Self {
            link: At::at(row, 0)?,
            access: At::at(row, access)?,
            matter: At::at(row, matter)?,
            client: At::at(row, client)?,
            practice: At::at(row, practice)?,
            newest: row.try_get(newest)?,
        })
    }
}

impl Reads for LinkStandingRow {
    type Record = LinkStanding;
    fn record(self) -> Result<LinkStanding, StoreError> {
        Ok(LinkStanding {
            link: self.link.record()?,
            newest: self.newest.into(),
            workspace: Workspace {
                access: self.access.record()?,
                matter: self.matter.record()?,
                client: self.client.record()?,
            },
            practice: self.practice.record()?,
        })
    }
}

pub(crate) fn link_standing(practice: PracticeId, token: Digest) -> Statement {
    let mut sql = Sql::new("SELECT ");
    for columns in [
        LinkRow::COLUMNS,
        AccessRow::COLUMNS,
        MatterRow::COLUMNS,
        ClientRow::COLUMNS,
        PracticeRow::COLUMNS,
    ] {
        sql.push(columns).push(", ");
    }
    sql.push(
        "(SELECT newest.id FROM sign_in_link AS newest WHERE newest.practice_id = sign_in_link.practice_id \
         AND newest.access_id = sign_in_link.access_id ORDER BY newest.issued_at DESC, newest.id DESC LIMIT 1) AS newest \
         FROM sign_in_link \
         JOIN portal_access ON portal_access.practice_id = sign_in_link.practice_id \
         AND portal_access.id = sign_in_link.access_id \
         JOIN matter ON matter.practice_id = sign_in_link.practice_id AND matter.id = portal_access.matter_id \
         JOIN client ON client.practice_id = sign_in_link.practice_id AND client.id = portal_access.client_id \
         JOIN practice ON practice.practice_id = sign_in_link.practice_id AND practice.id = sign_in_link.practice_id \
         WHERE sign_in_link.practice_id = ",
    )
    .bind(practice)
    .push(" AND sign_in_link.token_digest = ")
    .bind(token);
    sql.done()
}
