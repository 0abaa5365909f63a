//! What is on record about conversations.

use async_trait::async_trait;
use portal_core::conversation::{Assigned, Conversation, ConversationFilter, Conversations};
use portal_core::text::Phone;
use portal_core::workflow::Channel;
use portal_core::{ClientId, ConversationId, Page, PageRequest, PracticeId, StaffId, StoreError, Version};
use sqlx::FromRow;
use uuid::Uuid;

use crate::decode;
use crate::driver::Driver;
use crate::list::{Key, cursor};
use crate::matter::visible_to;
use crate::statement::{Sql, Statement, Step};
use crate::store::{CountRow, DbRow, Reads, SqlStore};
use crate::table::{Selects, table};
use crate::value::{Argument, Stamp};

table! {
    CONVERSATION = "conversation" as ConversationRow {
        client_id: Option<Uuid>,
        phone: Option<String>,
        assignee_id: Option<Uuid>,
        unread: i64,
        read_up_to: Option<Stamp>,
        read_by: Option<Uuid>,
        read_at: Option<Stamp>,
        last_at: Stamp,
        texted_at: Option<Stamp>,
        mailed_at: Option<Stamp>,
        wrote_at: Option<Stamp>,
        preview: String,
        linked_by: Option<Uuid>,
        linked_at: Option<Stamp>,
    } + []
}

impl Reads for ConversationRow {
    type Record = Conversation;
    fn record(self) -> Result<Conversation, StoreError> {
        Ok(Conversation {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            client_id: self.client_id.map(Into::into),
            phone: self
                .phone
                .map(|phone| decode::phone("phone", phone))
                .transpose()?,
            assignee_id: self.assignee_id.map(Into::into),
            unread: decode::number("unread", self.unread)?,
            read_up_to: self.read_up_to.map(|at| at.0),
            read_by: self.read_by.map(Into::into),
            read_at: self.read_at.map(|at| at.0),
            last_at: self.last_at.0,
            texted_at: self.texted_at.map(|at| at.0),
            mailed_at: self.mailed_at.map(|at| at.0),
            wrote_at: self.wrote_at.map(|at| at.0),
            preview: self.preview,
            linked_by: self.linked_by.map(Into::into),
            linked_at: self.linked_at.map(|at| at.0),
        })
    }
}

pub(crate) fn save(conversation: &Conversation) -> Result<Step, StoreError> {
    CONVERSATION.save(
        conversation.practice_id,
        conversation.id,
        conversation.version,
        vec![
            conversation.client_id.value(),
            conversation.phone.as_ref().map(Phone::as_str).value(),
            conversation.assignee_id.value(),
            conversation.unread.value(),
            conversation.read_up_to.value(),
            conversation.read_by.value(),
            conversation.read_at.value(),
            conversation.last_at.value(),
            conversation.texted_at.value(),
            conversation.mailed_at.value(),
            conversation.wrote_at.value(),
            (&conversation.preview).value(),
            conversation.linked_by.value(),
            conversation.linked_at.value(),
        ],
    )
}

fn narrow(sql: &mut Sql, practice: PracticeId, filter: &ConversationFilter) {
    sql.push(if filter.joined {
        " AND conversation.phone IS NOT NULL AND conversation.client_id IS NOT NULL"
    } else {
        " AND (conversation.phone IS NULL OR conversation.client_id IS NULL)"
    });
    if filter.unread {
        sql.push(" AND conversation.unread > 0");
    }
    if filter.unknown {
        sql.push(" AND conversation.client_id IS NULL");
    }
    match filter.assigned {
        None => {}
        Some(Assigned::Nobody) => {
            sql.push(
                " AND (conversation.assignee_id IS NULL OR NOT (SELECT staff_member.active FROM staff_member \
                 WHERE staff_member.practice_id = conversation.practice_id AND staff_member.id = conversation.assignee_id))",
            );
        }
        Some(Assigned::To(staff)) => {
            sql.push(" AND conversation.assignee_id = ").bind(staff);
        }
    }
    match filter.channel {
        None => {}
        Some(Channel::Sms) => {
            sql.push(" AND conversation.texted_at IS NOT NULL");
        }
        Some(Channel::Email | Channel::Task) => {
            sql.push(" AND conversation.mailed_at IS NOT NULL");
        }
    }
    if let Some(staff) = filter.visible_to {
        sql.push(" AND (conversation.assignee_id = ")
            .bind(staff)
            .push(" OR conversation.client_id IN (SELECT part.client_id FROM participant AS part WHERE part.practice_id = ")
            .bind(practice)
            .push(" AND NOT part.removed");
        visible_to!(sql, practice, Some(staff), "part.matter_id");
        sql.push("))");
    }
    sql.words(filter.q.as_deref(), |sql, pattern| {
        sql.like(
            "COALESCE((SELECT client.search_text FROM client WHERE client.practice_id = conversation.practice_id \
             AND client.id = conversation.client_id), conversation.phone)",
            pattern,
        );
    });
}

pub(crate) fn conversations(
    practice: PracticeId,
    filter: &ConversationFilter,
    page: &PageRequest,
) -> Result<Statement, StoreError> {
    let mut sql = ConversationRow::select(practice);
    narrow(&mut sql, practice, filter);
    sql.after(
        page,
        Key::Stamp,
        " AND (conversation.last_at, conversation.id) < (",
    )?
    .push(" ORDER BY conversation.last_at DESC, conversation.id DESC")
    .limit(page);
    Ok(sql.done())
}

pub(crate) fn conversations_count(practice: PracticeId, filter: &ConversationFilter) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM conversation WHERE conversation.practice_id = ");
    sql.bind(practice);
    narrow(&mut sql, practice, filter);
    sql.done()
}

/// How many there are, counted no further than `at_most`.
pub(crate) fn conversations_up_to(
    practice: PracticeId,
    filter: &ConversationFilter,
    at_most: u32,
) -> Statement {
    let mut sql = Sql::new(
        "SELECT COUNT(*) AS count FROM (SELECT conversation.id FROM conversation WHERE conversation.practice_id = ",
    );
    sql.bind(practice);
    narrow(&mut sql, practice, filter);
    sql.push(" LIMIT ").bind(at_most).push(") AS found");
    sql.done()
}

pub(crate) fn joined_numbers(practice: PracticeId, clients: &[Uuid]) -> Statement {
    let mut sql = ConversationRow::select(practice);
    sql.push(" AND conversation.phone IS NOT NULL AND conversation.client_id IN ")
        .bind_ids(clients);
    sql.done()
}

#[async_trait]
impl<D: Driver> Conversations for SqlStore<D>
where
    ConversationRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn conversation(
        &self,
        practice: PracticeId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        self.one::<ConversationRow>(ConversationRow::by_id(practice, id))
            .await
    }

    async fn conversations(
        &self,
        practice: PracticeId,
        filter: &ConversationFilter,
        page: &PageRequest,
    ) -> Result<Page<Conversation>, StoreError> {
        let total = page.total.then(|| conversations_count(practice, filter));
        self.page::<ConversationRow>(
            conversations(practice, filter, page)?,
            total,
            page,
            |conversation| cursor(&conversation.last_at, conversation.id),
        )
        .await
    }

    async fn unread_conversations(
        &self,
        practice: PracticeId,
        visible_to: Option<StaffId>,
        at_most: u32,
    ) -> Result<u64, StoreError> {
        let filter = ConversationFilter {
            unread: true,
            visible_to,
            ..ConversationFilter::default()
        };
        self.count(conversations_up_to(practice, &filter, at_most)).await
    }

    async fn joined_numbers(
        &self,
        practice: PracticeId,
        clients: &[ClientId],
    ) -> Result<Vec<Conversation>, StoreError> {
        self.by_ids::<ConversationRow>(clients.iter().map(|id| id.0), |ids| joined_numbers(practice, ids))
            .await
    }
}
