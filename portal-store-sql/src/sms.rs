//! Telephone numbers' records, and text messages that were received.

use async_trait::async_trait;
use portal_core::conversation::Conversation;
use portal_core::sms::{Consent, ConsentHow, PhoneRecord, ReceivedFilter, ReceivedSms, TextMessages, Texted};
use portal_core::text::Phone;
use portal_core::{Page, PageRequest, PracticeId, ReceivedSmsId, StoreError, Version};
use sqlx::FromRow;
use uuid::Uuid;

use crate::decode;
use crate::driver::Driver;
use crate::list::{Key, cursor};
use crate::statement::{Sql, Statement, Step};
use crate::store::{CountRow, DbRow, Reads, SqlStore};
use crate::table::{Selects, table};
use crate::value::{Argument, Day, Stamp};

table! {
    PHONE_RECORD = "phone_record" as PhoneRecordRow {
        phone: String,
        agreement: String,
        heard: String,
        since: Stamp,
    } + []
}

impl Reads for PhoneRecordRow {
    type Record = PhoneRecord;
    fn record(self) -> Result<PhoneRecord, StoreError> {
        Ok(PhoneRecord {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            phone: decode::phone("phone", self.phone)?,
            agreement: decode::word("agreement", &self.agreement)?,
            heard: decode::word("heard", &self.heard)?,
            since: self.since.0,
        })
    }
}

pub(crate) fn save_phone_record(record: &PhoneRecord) -> Result<Step, StoreError> {
    PHONE_RECORD.save(
        record.practice_id,
        record.id,
        record.version,
        vec![
            record.phone.as_str().value(),
            decode::text_of(&record.agreement)?.value(),
            decode::text_of(&record.heard)?.value(),
            record.since.value(),
        ],
    )
}

table! {
    TEXT_CONSENT = "text_consent" as ConsentRow {
        phone: String,
        client_id: Option<Uuid>,
        agreement: String,
        heard: String,
        how: Option<String>,
        said_on: Option<Day>,
        note: String,
        staff_id: Option<Uuid>,
        created_at: Stamp,
    } + []
}

impl Reads for ConsentRow {
    type Record = Consent;
    fn record(self) -> Result<Consent, StoreError> {
        let how = self.how.map(|how| decode::word("how", &how));
        Ok(Consent {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            phone: decode::phone("phone", self.phone)?,
            client_id: self.client_id.map(Into::into),
            agreement: decode::word("agreement", &self.agreement)?,
            heard: decode::word("heard", &self.heard)?,
            how: how.transpose()?,
            said_on: self.said_on.map(|day| day.0),
            note: self.note,
            staff_id: self.staff_id.map(Into::into),
            created_at: self.created_at.0,
        })
    }
}

pub(crate) fn save_consent(consent: &Consent) -> Result<Step, StoreError> {
    TEXT_CONSENT.save(
        consent.practice_id,
        consent.id,
        consent.version,
        vec![
            consent.phone.as_str().value(),
            consent.client_id.value(),
            decode::text_of(&consent.agreement)?.value(),
            decode::text_of(&consent.heard)?.value(),
            consent.how.map(ConsentHow::as_str).value(),
            consent.said_on.value(),
            (&consent.note).value(),
            consent.staff_id.value(),
            consent.created_at.value(),
        ],
    )
}

table! {
    RECEIVED_SMS = "received_sms" as ReceivedSmsRow {
        provider: String,
        provider_id: String,
        from_phone: String,
        to_number: String,
        body: String,
        received_at: Stamp,
        conversation_id: Option<Uuid>,
    } + []
}

impl Reads for ReceivedSmsRow {
    type Record = ReceivedSms;
    fn record(self) -> Result<ReceivedSms, StoreError> {
        let from = decode::phone("from_phone", self.from_phone)?;
        // Messages that came before conversations were kept stand in their number's.
        let conversation = self.conversation_id.map(Into::into);
        Ok(ReceivedSms {
            conversation_id: conversation.unwrap_or_else(|| Conversation::id_of_number(&from)),
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            provider: self.provider,
            provider_id: self.provider_id,
            from,
            to: self.to_number,
            text: self.body,
            received_at: self.received_at.0,
        })
    }
}

pub(crate) fn save_received(sms: &ReceivedSms) -> Result<Step, StoreError> {
    RECEIVED_SMS.save(
        sms.practice_id,
        sms.id,
        sms.version,
        vec![
            (&sms.provider).value(),
            (&sms.provider_id).value(),
            sms.from.as_str().value(),
            (&sms.to).value(),
            (&sms.text).value(),
            sms.received_at.value(),
            sms.conversation_id.value(),
        ],
    )
}

/// A number's record has an id made of the number.
pub(crate) fn phone_records(practice: PracticeId, ids: &[Uuid]) -> Statement {
    let mut sql = PhoneRecordRow::select(practice);
    sql.push(" AND phone_record.id IN ").bind_ids(ids);
    sql.done()
}

pub(crate) fn phone_record(practice: PracticeId, phone: &Phone) -> Statement {
    PhoneRecordRow::by_id(practice, PhoneRecord::id_of(phone))
}

fn narrow(sql: &mut Sql, filter: &ReceivedFilter) {
    sql.and(
        " AND received_sms.from_phone = ",
        filter.from.as_ref().map(Phone::as_str),
    )
    .and(" AND received_sms.conversation_id = ", filter.conversation)
    .and(" AND received_sms.received_at > ", filter.after);
}

pub(crate) fn consents(
    practice: PracticeId,
    phone: &Phone,
    page: &PageRequest,
) -> Result<Statement, StoreError> {
    let mut sql = ConsentRow::select(practice);
    sql.push(" AND text_consent.phone = ")
        .bind(phone.as_str())
        .after(
            page,
            Key::Stamp,
            " AND (text_consent.created_at, text_consent.id) < (",
        )?;
    sql.push(" ORDER BY text_consent.created_at DESC, text_consent.id DESC")
        .limit(page);
    Ok(sql.done())
}

pub(crate) fn consent_count(practice: PracticeId, phone: &Phone) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM text_consent WHERE text_consent.practice_id = ");
    sql.bind(practice)
        .push(" AND text_consent.phone = ")
        .bind(phone.as_str());
    sql.done()
}

pub(crate) fn received(
    practice: PracticeId,
    filter: &ReceivedFilter,
    page: &PageRequest,
) -> Result<Statement, StoreError> {
    let mut sql = ReceivedSmsRow::select(practice);
    narrow(&mut sql, filter);
    sql.after(
        page,
        Key::Stamp,
        " AND (received_sms.received_at, received_sms.id) < (",
    )?
    .push(" ORDER BY received_sms.received_at DESC, received_sms.id DESC")
    .limit(page);
    Ok(sql.done())
}

pub(crate) fn received_count(practice: PracticeId, filter: &ReceivedFilter) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM received_sms WHERE received_sms.practice_id = ");
    sql.bind(practice);
    narrow(&mut sql, filter);
    sql.done()
}

/// A practice that texted a number.
#[derive(FromRow)]
pub(crate) struct TextedRow {
    practice_id: Uuid,
    last_left: Option<Stamp>,
}

impl Reads for TextedRow {
    type Record = Texted;
    fn record(self) -> Result<Texted, StoreError> {
        Ok(Texted {
            practice: self.practice_id.into(),
            left: self.last_left.map(|at| at.0),
        })
    }
}

/// This statement serves all practices, by an index of its own that telephone numbers lead.
pub(crate) fn who_texted(phone: &Phone) -> Statement {
    let mut sql = Sql::new(
        "SELECT delivery.practice_id, MAX(CASE WHEN delivery.sent_at IS NOT NULL THEN delivery.sent_at \
         WHEN delivery.state <> 'failed' THEN delivery.tried_at END) AS last_left \
         FROM delivery WHERE substr(delivery.to_email, 1, 1) = '+' AND delivery.to_email = ",
    );
    sql.bind(phone.as_str())
        .push(" AND delivery.tried_at IS NOT NULL GROUP BY delivery.practice_id");
    sql.done()
}

#[async_trait]
impl<D: Driver> TextMessages for SqlStore<D>
where
    PhoneRecordRow: for<'r> FromRow<'r, DbRow<D>>,
    ConsentRow: for<'r> FromRow<'r, DbRow<D>>,
    ReceivedSmsRow: for<'r> FromRow<'r, DbRow<D>>,
    TextedRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn phone_record(
        &self,
        practice: PracticeId,
        phone: &Phone,
    ) -> Result<Option<PhoneRecord>, StoreError> {
        self.one::<PhoneRecordRow>(phone_record(practice, phone)).await
    }

    async fn phone_records(
        &self,
        practice: PracticeId,
        phones: &[Phone],
    ) -> Result<Vec<PhoneRecord>, StoreError> {
        let ids = phones.iter().map(|phone| PhoneRecord::id_of(phone).0);
        self.by_ids::<PhoneRecordRow>(ids, |ids| phone_records(practice, ids))
            .await
    }

    async fn consents(
        &self,
        practice: PracticeId,
        phone: &Phone,
        page: &PageRequest,
    ) -> Result<Page<Consent>, StoreError> {
        let total = page.total.then(|| consent_count(practice, phone));
        self.page::<ConsentRow>(consents(practice, phone, page)?, total, page, |consent| {
            cursor(&consent.created_at, consent.id)
        })
        .await
    }

    async fn received_sms(
        &self,
        practice: PracticeId,
        id: ReceivedSmsId,
    ) -> Result<Option<ReceivedSms>, StoreError> {
        self.one::<ReceivedSmsRow>(ReceivedSmsRow::by_id(practice, id))
            .await
    }

    async fn received(
        &self,
        practice: PracticeId,
        filter: &ReceivedFilter,
        page: &PageRequest,
    ) -> Result<Page<ReceivedSms>, StoreError> {
        let total = page.total.then(|| received_count(practice, filter));
        self.page::<ReceivedSmsRow>(received(practice, filter, page)?, total, page, |sms| {
            cursor(&sms.received_at, sms.id)
        })
        .await
    }

    async fn who_texted(&self, phone: &Phone) -> Result<Vec<Texted>, StoreError> {
        self.all::<TextedRow>(who_texted(phone)).await
    }
}
