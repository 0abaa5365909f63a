use portal_core::document::{Document, DocumentVersion, FileVersion, Share, Uploader};
use portal_core::{ClientId, StaffId, StoreError, Version, text};
use uuid::Uuid;

use crate::decode;
use crate::statement::Step;
use crate::store::Reads;
use crate::table::table;
use crate::value::{Argument, Stamp, Value};

table! {
    DOCUMENT = "document" as DocumentRow {
        matter_id: Uuid,
        client_id: Option<Uuid>,
        request_id: Option<Uuid>,
        category: String,
        status: String,
        reason: Option<String>,
        confidentiality: String,
        versions: i64,
        file_name: String,
        media_type: String,
        size: i64,
        sha256: Vec<u8>,
        blob: Uuid,
        uploaded_by_client: Option<Uuid>,
        uploaded_by_staff: Option<Uuid>,
        created_at: Stamp,
        updated_at: Stamp,
    } + [search_text]
}

impl Reads for DocumentRow {
    type Record = Document;
    fn record(self) -> Result<Document, StoreError> {
        Ok(Document {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            matter_id: self.matter_id.into(),
            client_id: self.client_id.map(Into::into),
            request_id: self.request_id.map(Into::into),
            category: self.category,
            status: decode::word("status", &self.status)?,
            reason: self.reason,
            confidentiality: decode::word("confidentiality", &self.confidentiality)?,
            versions: decode::number("versions", self.versions)?,
            current: file(
                &self.file_name,
                self.media_type,
                self.size,
                &self.sha256,
                self.blob,
            )?,
            uploaded_by: uploader(self.uploaded_by_client, self.uploaded_by_staff)?,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}

fn file(
    name: &str,
    media_type: String,
    size: i64,
    sha256: &[u8],
    blob: Uuid,
) -> Result<FileVersion, StoreError> {
    Ok(FileVersion {
        name: decode::word("file_name", name)?,
        media_type,
        size: decode::number("size", size)?,
        sha256: decode::digest("sha256", sha256)?,
        blob,
    })
}

fn file_values(file: &FileVersion) -> [Value; 5] {
    [
        file.name.as_str().value(),
        (&file.media_type).value(),
        file.size.value(),
        file.sha256.value(),
        file.blob.value(),
    ]
}

pub(crate) fn uploader(client: Option<Uuid>, staff: Option<Uuid>) -> Result<Uploader, StoreError> {
    match (client, staff) {
        (Some(client), None) => Ok(Uploader::Client(ClientId(client))),
        (None, Some(staff)) => Ok(Uploader::Staff(StaffId(staff))),
        _ => Err(decode::missing("uploaded_by_client")),
    }
}

pub(crate) fn uploader_values(uploader: Uploader) -> [Value; 2] {
    match uploader {
        Uploader::Client(client) => [client.value(), Value::Id(None)],
        Uploader::Staff(staff) => [Value::Id(None), staff.value()],
    }
}

pub(crate) fn save_document(document: &Document) -> Result<Step, StoreError> {
    let searched = text::fold(&format!("{} {}", document.current.name, document.category));
    let mut values = vec![
        document.matter_id.value(),
        document.client_id.value(),
        document.request_id.value(),
        (&document.category).value(),
        document.status.as_str().value(),
        document.reason.clone().value(),
        document.confidentiality.as_str().value(),
        document.versions.value(),
    ];
    values.extend(file_values(&document.current));
    values.extend(uploader_values(document.uploaded_by));
    values.extend([
        document.created_at.value(),
        document.updated_at.value(),
        searched.value(),
    ]);
    DOCUMENT.save(document.practice_id, document.id, document.version, values)
}

table! {
    DOCUMENT_VERSION = "document_version" as DocumentVersionRow {
        document_id: Uuid,
        number: i64,
        file_name: String,
        media_type: String,
        size: i64,
        sha256: Vec<u8>,
        blob: Uuid,
        uploaded_by_client: Option<Uuid>,
        uploaded_by_staff: Option<Uuid>,
        created_at: Stamp,
    } + []
}

impl Reads for DocumentVersionRow {
    type Record = DocumentVersion;
    fn record(self) -> Result<DocumentVersion, StoreError> {
        Ok(DocumentVersion {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            document_id: self.document_id.into(),
            number: decode::number("number", self.number)?,
            file: file(
                &self.file_name,
                self.media_type,
                self.size,
                &self.sha256,
                self.blob,
            )?,
            uploaded_by: uploader(self.uploaded_by_client, self.uploaded_by_staff)?,
            created_at: self.created_at.0,
        })
    }
}

pub(crate) fn save_version(version: &DocumentVersion) -> Result<Step, StoreError> {
    let mut values = vec![version.document_id.value(), version.number.value()];
    values.extend(file_values(&version.file));
    values.extend(uploader_values(version.uploaded_by));
    values.push(version.created_at.value());
    DOCUMENT_VERSION.save(version.practice_id, version.id, version.version, values)
}

table! {
    SHARE = "share" as ShareRow {
        document_id: Uuid,
        access_id: Uuid,
        removed: bool,
        created_at: Stamp,
    } + []
}

impl Reads for ShareRow {
    type Record = Share;
    fn record(self) -> Result<Share, StoreError> {
        Ok(Share {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            document_id: self.document_id.into(),
            access_id: self.access_id.into(),
            removed: self.removed,
            created_at: self.created_at.0,
        })
    }
}

pub(crate) fn save_share(share: &Share) -> Result<Step, StoreError> {
    SHARE.save(
        share.practice_id,
        share.id,
        share.version,
        vec![
            share.document_id.value(),
            share.access_id.value(),
            share.removed.value(),
            share.created_at.value(),
        ],
    )
}
