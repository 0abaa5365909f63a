//! Practices.

use async_trait::async_trait;
use portal_core::practice::{BrandColour, Practice, Practices};
use portal_core::{Page, PageRequest, PracticeId, StoreError, Version};
use sqlx::FromRow;
use sqlx::types::Json;

use crate::decode;
use crate::driver::Driver;
use crate::list::cursor;
use crate::statement::{Sql, Statement, Step};
use crate::store::{CountRow, DbRow, Reads, SqlStore};
use crate::table::{Selects, table};
use crate::value::{Argument, Stamp, Value};

table! {
    PRACTICE = "practice" as PracticeRow {
        name: String,
        sender_name: Option<String>,
        brand_colour: Option<String>,
        locale: String,
        time_zone: String,
        country: String,
        matter_word: String,
        help_text: String,
        settings: Json<serde_json::Value>,
        created_at: Stamp,
    } + []
}

impl Reads for PracticeRow {
    type Record = Practice;
    fn record(self) -> Result<Practice, StoreError> {
        let colour = |text: String| decode::word::<BrandColour>("brand_colour", &text);
        Ok(Practice {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            name: self.name,
            sender_name: self.sender_name,
            brand_colour: self.brand_colour.map(colour).transpose()?,
            locale: self.locale,
            time_zone: self.time_zone,
            country: self.country,
            matter_word: self.matter_word,
            help_text: self.help_text,
            settings: decode::json("settings", self.settings.0)?,
            created_at: self.created_at.0,
        })
    }
}

pub(crate) fn save(practice: &Practice) -> Result<Step, StoreError> {
    PRACTICE.save(
        practice.practice_id,
        practice.id,
        practice.version,
        vec![
            (&practice.name).value(),
            practice.sender_name.clone().value(),
            practice.brand_colour.map(|colour| colour.to_string()).value(),
            (&practice.locale).value(),
            (&practice.time_zone).value(),
            (&practice.country).value(),
            (&practice.matter_word).value(),
            (&practice.help_text).value(),
            Value::json(&practice.settings)?,
            practice.created_at.value(),
        ],
    )
}

/// A practice's id is its tenant's id too, so that the primary key serves this list.
pub(crate) fn practices(page: &PageRequest) -> Statement {
    let mut sql = Sql::new("SELECT ");
    sql.push(PracticeRow::COLUMNS).push(" FROM practice");
    if let Some(cursor) = &page.after {
        sql.push(" WHERE practice.practice_id > ").bind(cursor.id);
    }
    sql.push(" ORDER BY practice.practice_id").limit(page);
    sql.done()
}

pub(crate) fn count() -> Statement {
    Statement::fixed("SELECT COUNT(*) AS count FROM practice", Vec::new())
}

#[async_trait]
impl<D: Driver> Practices for SqlStore<D>
where
    PracticeRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn practice(&self, id: PracticeId) -> Result<Option<Practice>, StoreError> {
        self.one::<PracticeRow>(PracticeRow::by_id(id, id)).await
    }

    async fn practices(&self, page: &PageRequest) -> Result<Page<Practice>, StoreError> {
        let total = page.total.then(count);
        self.page::<PracticeRow>(practices(page), total, page, |practice| {
            cursor(&practice.id, practice.id)
        })
        .await
    }
}
