//! Uploads that come in several goes.

use async_trait::async_trait;
use portal_core::document::{UploadTarget, Uploader};
use portal_core::upload::{Upload, UploadState, Uploads};
use portal_core::{ClientId, DocumentId, PracticeId, StaffId, StoreError, Timestamp, UploadId, Version};
use sqlx::FromRow;
use uuid::Uuid;

use crate::decode;
use crate::document::{uploader, uploader_values};
use crate::driver::Driver;
use crate::statement::{Sql, Statement, Step};
use crate::store::{CountRow, DbRow, Reads, SqlStore};
use crate::table::{Selects, table};
use crate::value::{Argument, Stamp, Value};

table! {
    UPLOAD = "upload" as UploadRow {
        request_id: Option<Uuid>,
        replaces_id: Option<Uuid>,
        matter_id: Option<Uuid>,
        client_id: Option<Uuid>,
        confidentiality: Option<String>,
        uploaded_by_client: Option<Uuid>,
        uploaded_by_staff: Option<Uuid>,
        file_name: String,
        size: i64,
        received: i64,
        metadata: String,
        state: String,
        document_id: Option<Uuid>,
        created_at: Stamp,
        expires_at: Stamp,
    } + []
}

const RECEIVING: &str = "receiving";
const FINISHED: &str = "finished";
const ENDED: &str = "ended";

impl Reads for UploadRow {
    type Record = Upload;
    fn record(self) -> Result<Upload, StoreError> {
        let target = match (self.request_id, self.matter_id) {
            (Some(request), None) => UploadTarget::Request {
                request: request.into(),
                replaces: self.replaces_id.map(Into::into),
            },
            (None, Some(matter)) => UploadTarget::Matter {
                matter: matter.into(),
                client: self.client_id.map(Into::into),
                confidentiality: decode::word(
                    "confidentiality",
                    self.confidentiality.as_deref().unwrap_or_default(),
                )?,
                replaces: self.replaces_id.map(Into::into),
            },
            _ => return Err(decode::missing("matter_id")),
        };
        let state = match (self.state.as_str(), self.document_id) {
            (RECEIVING, None) => UploadState::Receiving,
            (FINISHED, Some(document)) => UploadState::Finished(document.into()),
            (ENDED, None) => UploadState::Ended,
            _ => return Err(decode::missing("state")),
        };
        Ok(Upload {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            target,
            by: uploader(self.uploaded_by_client, self.uploaded_by_staff)?,
            name: decode::word("file_name", &self.file_name)?,
            size: decode::number("size", self.size)?,
            received: decode::number("received", self.received)?,
            metadata: self.metadata,
            state,
            created_at: self.created_at.0,
            expires_at: self.expires_at.0,
        })
    }
}

fn target_values(target: UploadTarget) -> [Value; 5] {
    match target {
        UploadTarget::Request { request, replaces } => [
            request.value(),
            replaces.value(),
            Value::Id(None),
            Value::Id(None),
            Value::Text(None),
        ],
        UploadTarget::Matter {
            matter,
            client,
            confidentiality,
            replaces,
        } => [
            Value::Id(None),
            replaces.value(),
            matter.value(),
            client.value(),
            confidentiality.as_str().value(),
        ],
    }
}

fn state_values(state: UploadState) -> (Value, Value) {
    let none = None::<DocumentId>;
    match state {
        UploadState::Receiving => (RECEIVING.value(), none.value()),
        UploadState::Finished(document) => (FINISHED.value(), document.value()),
        UploadState::Ended => (ENDED.value(), none.value()),
    }
}

pub(crate) fn save(upload: &Upload) -> Result<Step, StoreError> {
    let mut values = target_values(upload.target).to_vec();
    values.extend(uploader_values(upload.by));
    let (state, document) = state_values(upload.state);
    values.extend([
        upload.name.as_str().value(),
        upload.size.value(),
        upload.received.value(),
        (&upload.metadata).value(),
        state,
        document,
        upload.created_at.value(),
        upload.expires_at.value(),
    ]);
    UPLOAD.save(upload.practice_id, upload.id, upload.version, values)
}

/// The same rule as `Upload::is_waiting`.
pub(crate) fn waiting(practice: PracticeId, by: Uploader, at: Timestamp) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM upload WHERE upload.practice_id = ");
    sql.bind(practice);
    match by {
        Uploader::Client(ClientId(id)) => sql.push(" AND upload.uploaded_by_client = ").bind(id),
        Uploader::Staff(StaffId(id)) => sql.push(" AND upload.uploaded_by_staff = ").bind(id),
    };
    sql.push(" AND upload.state = 'receiving' AND upload.expires_at > ")
        .bind(at);
    sql.done()
}

#[async_trait]
impl<D: Driver> Uploads for SqlStore<D>
where
    UploadRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn upload(&self, practice: PracticeId, id: UploadId) -> Result<Option<Upload>, StoreError> {
        self.one::<UploadRow>(UploadRow::by_id(practice, id)).await
    }

    async fn uploads_waiting(
        &self,
        practice: PracticeId,
        by: Uploader,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        self.count(waiting(practice, by, at)).await
    }
}
