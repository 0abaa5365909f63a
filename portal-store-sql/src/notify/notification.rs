use async_trait::async_trait;
use portal_core::notify::{Notification, Notifications};
use portal_core::{NotificationId, Page, PageRequest, PracticeId, StaffId, StoreError, Version};
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use crate::decode;
use crate::driver::Driver;
use crate::list::{Key, cursor};
use crate::statement::{Sql, Statement, Step};
use crate::store::{CountRow, DbRow, Reads, SqlStore};
use crate::table::{Selects, table};
use crate::value::{Argument, Stamp, Value};

table! {
    NOTIFICATION = "notification" as NotificationRow {
        staff_id: Uuid,
        kind: Json<serde_json::Value>,
        matter_id: Option<Uuid>,
        client_id: Option<Uuid>,
        headline: String,
        created_at: Stamp,
        read_at: Option<Stamp>,
    } + []
}

impl Reads for NotificationRow {
    type Record = Notification;
    fn record(self) -> Result<Notification, StoreError> {
        Ok(Notification {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            staff_id: self.staff_id.into(),
            kind: decode::json("kind", self.kind.0)?,
            matter_id: self.matter_id.map(Into::into),
            client_id: self.client_id.map(Into::into),
            headline: self.headline,
            created_at: self.created_at.0,
            read_at: self.read_at.map(|at| at.0),
        })
    }
}

pub(crate) fn save(notification: &Notification) -> Result<Step, StoreError> {
    NOTIFICATION.save(
        notification.practice_id,
        notification.id,
        notification.version,
        vec![
            notification.staff_id.value(),
            Value::json(&notification.kind)?,
            notification.matter_id.value(),
            notification.client_id.value(),
            (&notification.headline).value(),
            notification.created_at.value(),
            notification.read_at.value(),
        ],
    )
}

fn narrow(sql: &mut Sql, staff: StaffId, unread: bool) {
    sql.push(" AND notification.staff_id = ").bind(staff);
    if unread {
        sql.push(" AND notification.read_at IS NULL");
    }
}

pub(crate) fn notifications(
    practice: PracticeId,
    staff: StaffId,
    unread: bool,
    page: &PageRequest,
) -> Result<Statement, StoreError> {
    let mut sql = NotificationRow::select(practice);
    narrow(&mut sql, staff, unread);
    sql.after(
        page,
        Key::Stamp,
        " AND (notification.created_at, notification.id) < (",
    )?
    .push(" ORDER BY notification.created_at DESC, notification.id DESC")
    .limit(page);
    Ok(sql.done())
}

pub(crate) fn notifications_count(practice: PracticeId, staff: StaffId, unread: bool) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM notification WHERE notification.practice_id = ");
    sql.bind(practice);
    narrow(&mut sql, staff, unread);
    sql.done()
}

#[async_trait]
impl<D: Driver> Notifications for SqlStore<D>
where
    NotificationRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn notification(
        &self,
        practice: PracticeId,
        id: NotificationId,
    ) -> Result<Option<Notification>, StoreError> {
        self.one::<NotificationRow>(NotificationRow::by_id(practice, id))
            .await
    }

    async fn notifications(
        &self,
        practice: PracticeId,
        staff: StaffId,
        unread: bool,
        page: &PageRequest,
    ) -> Result<Page<Notification>, StoreError> {
        let total = page.total.then(|| notifications_count(practice, staff, unread));
        self.page::<NotificationRow>(
            notifications(practice, staff, unread, page)?,
            total,
            page,
            |notification| cursor(&notification.created_at, notification.id),
        )
        .await
    }

    async fn unread_notifications(&self, practice: PracticeId, staff: StaffId) -> Result<u64, StoreError> {
        self.count(notifications_count(practice, staff, true)).await
    }
}
