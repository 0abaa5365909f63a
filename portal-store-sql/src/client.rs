//! Clients.

use async_trait::async_trait;
use portal_core::client::{Client, ClientFilter, Clients, Passport};
use portal_core::text::{self, Phone};
use portal_core::{ClientId, Page, PageRequest, PracticeId, StoreError, Version};
use sqlx::FromRow;
use uuid::Uuid;

use crate::decode;
use crate::driver::Driver;
use crate::list::{Key, cursor, sort_key};
use crate::statement::{Sql, Statement, Step};
use crate::store::{CountRow, DbRow, Reads, SqlStore};
use crate::table::{Selects, table};
use crate::value::{Argument, Day, Stamp};

table! {
    CLIENT = "client" as ClientRow {
        reference: Option<String>,
        given_names: String,
        family_name: String,
        email: Option<String>,
        phone: Option<String>,
        date_of_birth: Option<Day>,
        nationality: Option<String>,
        passport_number: Option<String>,
        passport_issued_on: Option<Day>,
        passport_expires_on: Option<Day>,
        language: Option<String>,
        active: bool,
        created_at: Stamp,
        updated_at: Stamp,
        time_zone: Option<String>,
    } + [reference_key, search_text, sort_text]
}

impl Reads for ClientRow {
    type Record = Client;
    fn record(self) -> Result<Client, StoreError> {
        let phone = |text: String| decode::word::<Phone>("phone", &text);
        Ok(Client {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            reference: self.reference,
            given_names: self.given_names,
            family_name: self.family_name,
            email: self
                .email
                .map(|email| decode::email("email", email))
                .transpose()?,
            phone: self.phone.map(phone).transpose()?,
            date_of_birth: self.date_of_birth.map(|day| day.0),
            nationality: self.nationality,
            passport: Passport {
                number: self.passport_number,
                issued_on: self.passport_issued_on.map(|day| day.0),
                expires_on: self.passport_expires_on.map(|day| day.0),
            },
            language: self.language,
            time_zone: self.time_zone,
            active: self.active,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}

pub(crate) fn save(client: &Client) -> Result<Step, StoreError> {
    CLIENT.save(
        client.practice_id,
        client.id,
        client.version,
        vec![
            client.reference.clone().value(),
            (&client.given_names).value(),
            (&client.family_name).value(),
            client.email.as_ref().map(text::Email::as_str).value(),
            client.phone.as_ref().map(Phone::as_str).value(),
            client.date_of_birth.value(),
            client.nationality.clone().value(),
            client.passport.number.clone().value(),
            client.passport.issued_on.value(),
            client.passport.expires_on.value(),
            client.language.clone().value(),
            client.active.value(),
            client.created_at.value(),
            client.updated_at.value(),
            client.time_zone.clone().value(),
            client.reference.as_deref().map(text::fold).value(),
            client.search_text().value(),
            sort_key(&client.sort_text()).value(),
        ],
    )
}

pub(crate) fn client_by_reference(practice: PracticeId, reference: &str) -> Statement {
    let mut sql = ClientRow::select(practice);
    sql.push(" AND client.reference_key = ")
        .bind(text::fold(reference));
    sql.done()
}

pub(crate) fn clients_by_id(practice: PracticeId, ids: &[Uuid]) -> Statement {
    let mut sql = ClientRow::select(practice);
    sql.push(" AND client.id IN ").bind_ids(ids);
    sql.done()
}

pub(crate) fn clients_by_phone(practice: PracticeId, phone: &Phone) -> Statement {
    let mut sql = ClientRow::select(practice);
    sql.push(" AND client.phone = ").bind(phone.as_str());
    sql.done()
}

fn narrow(sql: &mut Sql, filter: &ClientFilter) {
    sql.words(filter.q.as_deref(), |sql, pattern| {
        sql.like("client.search_text", pattern);
    });
}

pub(crate) fn clients(
    practice: PracticeId,
    filter: &ClientFilter,
    page: &PageRequest,
) -> Result<Statement, StoreError> {
    let mut sql = ClientRow::select(practice);
    narrow(&mut sql, filter);
    sql.after(page, Key::Text, " AND (client.sort_text, client.id) > (")?
        .push(" ORDER BY client.sort_text, client.id")
        .limit(page);
    Ok(sql.done())
}

pub(crate) fn clients_count(practice: PracticeId, filter: &ClientFilter) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM client WHERE client.practice_id = ");
    sql.bind(practice);
    narrow(&mut sql, filter);
    sql.done()
}

#[async_trait]
impl<D: Driver> Clients for SqlStore<D>
where
    ClientRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn client(&self, practice: PracticeId, id: ClientId) -> Result<Option<Client>, StoreError> {
        self.one::<ClientRow>(ClientRow::by_id(practice, id)).await
    }

    async fn client_by_reference(
        &self,
        practice: PracticeId,
        reference: &str,
    ) -> Result<Option<Client>, StoreError> {
        self.one::<ClientRow>(client_by_reference(practice, reference))
            .await
    }

    async fn clients_by_id(&self, practice: PracticeId, ids: &[ClientId]) -> Result<Vec<Client>, StoreError> {
        self.by_ids::<ClientRow>(ids.iter().map(|id| id.0), |ids| clients_by_id(practice, ids))
            .await
    }

    async fn clients_by_phone(&self, practice: PracticeId, phone: &Phone) -> Result<Vec<Client>, StoreError> {
        self.all::<ClientRow>(clients_by_phone(practice, phone)).await
    }

    async fn clients(
        &self,
        practice: PracticeId,
        filter: &ClientFilter,
        page: &PageRequest,
    ) -> Result<Page<Client>, StoreError> {
        let total = page.total.then(|| clients_count(practice, filter));
        self.page::<ClientRow>(clients(practice, filter, page)?, total, page, |client| {
            cursor(&sort_key(&client.sort_text()), client.id)
        })
        .await
    }
}
