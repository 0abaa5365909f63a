//! Staff and sessions.

use async_trait::async_trait;
use portal_core::identity::{Identities, Person, Session, SessionKey, StaffMember, Standing};
use portal_core::{
    ClientId, Page, PageRequest, PracticeId, SessionId, StaffId, StoreError, Timestamp, Version, text,
};
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use crate::decode;
use crate::driver::Driver;
use crate::list::{Key, cursor, sort_key};
use crate::standing::{StandingRow, standing};
use crate::statement::{Sql, Statement, Step};
use crate::store::{CountRow, DbRow, Reads, SqlStore};
use crate::table::{Selects, table};
use crate::value::{Argument, Stamp, Value};

table! {
    STAFF_MEMBER = "staff_member" as StaffRow {
        name: String,
        email: String,
        role: String,
        password_hash: Option<String>,
        active: bool,
        created_at: Stamp,
    } + [name_key, email_key]
}

impl Reads for StaffRow {
    type Record = StaffMember;
    fn record(self) -> Result<StaffMember, StoreError> {
        Ok(StaffMember {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            name: self.name,
            email: decode::email("email", self.email)?,
            role: decode::word("role", &self.role)?,
            password_hash: self.password_hash,
            active: self.active,
            created_at: self.created_at.0,
        })
    }
}

pub(crate) fn save_staff_member(staff: &StaffMember) -> Result<Step, StoreError> {
    STAFF_MEMBER.save(
        staff.practice_id,
        staff.id,
        staff.version,
        vec![
            (&staff.name).value(),
            staff.email.as_str().value(),
            staff.role.as_str().value(),
            staff.password_hash.clone().value(),
            staff.active.value(),
            staff.created_at.value(),
            sort_key(&text::fold(&staff.name)).value(),
            staff.email.key().value(),
        ],
    )
}

table! {
    SESSION = "session" as SessionRow {
        staff_id: Option<Uuid>,
        client_id: Option<Uuid>,
        access_id: Option<Uuid>,
        secret_digest: Vec<u8>,
        created_at: Stamp,
        expires_at: Stamp,
        seen_at: Stamp,
        ended_at: Option<Stamp>,
        end_reason: Option<String>,
        origin: Json<serde_json::Value>,
    } + []
}

impl Reads for SessionRow {
    type Record = Session;
    fn record(self) -> Result<Session, StoreError> {
        let person = match (self.staff_id, self.client_id, self.access_id) {
            (Some(staff), None, None) => Person::Staff(staff.into()),
            (None, Some(client), None) => Person::Client(client.into()),
            (Some(staff), Some(client), Some(access)) => Person::Preview {
                staff: staff.into(),
                client: client.into(),
                access: access.into(),
            },
            _ => return Err(decode::missing("staff_id")),
        };
        let ended = match (self.ended_at, self.end_reason) {
            (Some(at), Some(why)) => Some((at.0, decode::word("end_reason", &why)?)),
            _ => None,
        };
        Ok(Session {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            person,
            secret_digest: decode::digest("secret_digest", &self.secret_digest)?,
            created_at: self.created_at.0,
            expires_at: self.expires_at.0,
            seen_at: self.seen_at.0,
            ended,
            origin: decode::json("origin", self.origin.0)?,
        })
    }
}

pub(crate) fn save_session(session: &Session) -> Result<Step, StoreError> {
    let (staff, client, access) = match session.person {
        Person::Staff(staff) => (Some(staff), None, None),
        Person::Client(client) => (None, Some(client), None),
        Person::Preview {
            staff,
            client,
            access,
        } => (Some(staff), Some(client), Some(access)),
    };
    let (ended_at, end_reason) = session.ended.unzip();
    SESSION.save(
        session.practice_id,
        session.id,
        session.version,
        vec![
            staff.value(),
            client.value(),
            access.value(),
            session.secret_digest.value(),
            session.created_at.value(),
            session.expires_at.value(),
            session.seen_at.value(),
            ended_at.value(),
            end_reason.map(|why| decode::text_of(&why)).transpose()?.value(),
            Value::json(&session.origin)?,
        ],
    )
}

pub(crate) fn staff_by_email(practice: PracticeId, email_key: &str) -> Statement {
    let mut sql = StaffRow::select(practice);
    sql.push(" AND staff_member.email_key = ").bind(email_key);
    sql.done()
}

pub(crate) fn staff(practice: PracticeId, page: &PageRequest) -> Result<Statement, StoreError> {
    let mut sql = StaffRow::select(practice);
    sql.after(
        page,
        Key::Text,
        " AND (staff_member.name_key, staff_member.id) > (",
    )?
    .push(" ORDER BY staff_member.name_key, staff_member.id")
    .limit(page);
    Ok(sql.done())
}

pub(crate) fn staff_count(practice: PracticeId) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM staff_member WHERE staff_member.practice_id = ");
    sql.bind(practice);
    sql.done()
}

pub(crate) fn active_owners(practice: PracticeId) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM staff_member WHERE staff_member.practice_id = ");
    sql.bind(practice)
        .push(" AND staff_member.role = 'owner' AND staff_member.active");
    sql.done()
}

pub(crate) const OF_STAFF: &str = " AND session.staff_id = ";
pub(crate) const OF_CLIENT: &str = " AND session.client_id = ";

/// `whose` is [`OF_STAFF`] or [`OF_CLIENT`].
pub(crate) fn live_sessions(
    practice: PracticeId,
    whose: &'static str,
    person: impl Argument,
    now: Timestamp,
) -> Statement {
    let mut sql = SessionRow::select(practice);
    sql.push(whose)
        .bind(person)
        .push(" AND session.ended_at IS NULL AND session.expires_at > ")
        .bind(now)
        .push(" ORDER BY session.created_at, session.id");
    sql.done()
}

#[async_trait]
impl<D: Driver> Identities for SqlStore<D>
where
    StaffRow: for<'r> FromRow<'r, DbRow<D>>,
    SessionRow: for<'r> FromRow<'r, DbRow<D>>,
    StandingRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn staff_member(
        &self,
        practice: PracticeId,
        id: StaffId,
    ) -> Result<Option<StaffMember>, StoreError> {
        self.one::<StaffRow>(StaffRow::by_id(practice, id)).await
    }

    async fn staff_by_email(
        &self,
        practice: PracticeId,
        email_key: &str,
    ) -> Result<Option<StaffMember>, StoreError> {
        self.one::<StaffRow>(staff_by_email(practice, email_key)).await
    }

    async fn staff(&self, practice: PracticeId, page: &PageRequest) -> Result<Page<StaffMember>, StoreError> {
        let total = page.total.then(|| staff_count(practice));
        self.page::<StaffRow>(staff(practice, page)?, total, page, |staff| {
            cursor(&sort_key(&text::fold(&staff.name)), staff.id)
        })
        .await
    }

    async fn active_owners(&self, practice: PracticeId) -> Result<u64, StoreError> {
        self.count(active_owners(practice)).await
    }

    async fn session(&self, practice: PracticeId, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.one::<SessionRow>(SessionRow::by_id(practice, id)).await
    }

    async fn standing(&self, practice: PracticeId, key: SessionKey) -> Result<Option<Standing>, StoreError> {
        self.one::<StandingRow>(standing(practice, key)).await
    }

    async fn live_staff_sessions(
        &self,
        practice: PracticeId,
        staff: StaffId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        self.all::<SessionRow>(live_sessions(practice, OF_STAFF, staff, now))
            .await
    }

    async fn live_client_sessions(
        &self,
        practice: PracticeId,
        client: ClientId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        self.all::<SessionRow>(live_sessions(practice, OF_CLIENT, client, now))
            .await
    }
}
