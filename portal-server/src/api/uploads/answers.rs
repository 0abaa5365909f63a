//! What is answered about an upload.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use portal_core::Timestamp;
use portal_core::upload::{Checksum, Upload};
use serde::Serialize;
use time::macros::format_description;
use utoipa::ToSchema;
use uuid::Uuid;

use super::protocol::{EXTENSIONS, TUS_VERSION, UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_OFFSET, VERSION};

const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const DOCUMENT_ID: HeaderName = HeaderName::from_static("portal-document-id");

/// An upload in several goes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UploadBody {
    id: Uuid,
    file_name: String,
    /// How many bytes the file has.
    size: u64,
    /// How many of them have come and are durable.
    received: u64,
    /// The document that it became.
    document_id: Option<Uuid>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Until when it waits for the rest.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<Upload> for UploadBody {
    fn from(upload: Upload) -> Self {
        Self {
            id: upload.id.0,
            document_id: upload.document().map(|document| document.0),
            file_name: upload.name.as_str().to_owned(),
            size: upload.size,
            received: upload.received,
            created_at: upload.created_at,
            expires_at: upload.expires_at,
        }
    }
}

/// What of the protocol is spoken here.
pub(super) fn abilities(most_bytes: Option<u64>) -> Response {
    let mut answer = Answer::new(StatusCode::NO_CONTENT);
    answer.put(TUS_VERSION, VERSION);
    answer.put(TUS_EXTENSION, EXTENSIONS);
    answer.put(TUS_CHECKSUM_ALGORITHM, &Checksum::ALGORITHMS.join(","));
    if let Some(most_bytes) = most_bytes {
        answer.put(TUS_MAX_SIZE, &most_bytes.to_string());
    }
    answer.done()
}

/// An answer in headers.
pub(super) struct Answer(Response);

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self(response)
    }
}

impl Answer {
    pub(super) fn new(status: StatusCode) -> Self {
        Self(status.into_response())
    }

    /// How far the upload has come, and what becomes of it.
    pub(super) fn of(mut self, upload: &Upload) -> Self {
        self.put(UPLOAD_OFFSET, &upload.received.to_string());
        match upload.document() {
            Some(document) => self.put(DOCUMENT_ID, &document.to_string()),
            None => self.put(UPLOAD_EXPIRES, &http_date(upload.expires_at)),
        }
        self
    }

    /// What its sender said of it.
    pub(super) fn with_length(mut self, upload: &Upload) -> Self {
        self.put(UPLOAD_LENGTH, &upload.size.to_string());
        if !upload.metadata.is_empty() {
            self.put(UPLOAD_METADATA, &upload.metadata);
        }
        self
    }

    /// Its address: a path, so that it leads through whatever proxy the sender comes through.
    pub(super) fn at(mut self, location: &str) -> Self {
        self.put(header::LOCATION, location);
        self
    }

    pub(super) fn done(self) -> Response {
        self.0
    }

    fn put(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::try_from(value) {
            self.0.headers_mut().insert(name, value);
        }
    }
}

/// A time as HTTP writes it (RFC 9110, section 5.6.7).
fn http_date(at: Timestamp) -> String {
    let layout = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    at.to_offset_date_time().format(&layout).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_http_does() {
        let at: Timestamp = "1994-11-06T08:49:37.123456Z".parse().unwrap();
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
