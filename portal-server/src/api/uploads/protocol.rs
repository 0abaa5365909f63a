//! What the protocol says in headers.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portal_core::upload::Checksum;

use crate::error::Problem;

pub(super) const VERSION: &str = "1.0.0";
pub(super) const EXTENSIONS: &str = "creation,creation-with-upload,checksum,expiration,termination";

pub(super) const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub(super) const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
pub(super) const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(super) const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub(super) const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

const BYTES: &str = "application/offset+octet-stream";

/// 460: the protocol's own, which no registry has.
pub(super) fn checksum_mismatch() -> StatusCode {
    StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST)
}

/// Refuses senders of another version, and says which is spoken here, also with every failure. Whoever only looks at an
/// upload, or asks what is spoken, need not speak it.
pub(super) async fn speak(request: Request, next: Next) -> Response {
    let version = request.headers().get(TUS_RESUMABLE);
    let only_looks = matches!(*request.method(), Method::GET | Method::OPTIONS);
    let mut answer = if only_looks || version.is_some_and(|version| version == VERSION) {
        next.run(request).await
    } else {
        let text = "Send the header Tus-Resumable: 1.0.0; no other version of the protocol is spoken here.";
        let problem = Problem::new(StatusCode::PRECONDITION_FAILED, "tus-version", text);
        let mut answer = problem.into_response();
        let headers = answer.headers_mut();
        headers.insert(TUS_VERSION, HeaderValue::from_static(VERSION));
        answer
    };
    let headers = answer.headers_mut();
    headers.insert(TUS_RESUMABLE, HeaderValue::from_static(VERSION));
    answer
}

/// Refuses bodies that are not said to be a file's bytes.
pub(super) fn expect_bytes(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(header::CONTENT_TYPE) {
        Some(content_type) if content_type == BYTES => Ok(()),
        _ => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "Send the bytes as application/offset+octet-stream.",
        )),
    }
}

fn malformed(name: &HeaderName) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "malformed-header",
        format!("The header {name} is missing or not as the protocol has it."),
    )
}

/// The number in a header, if it is there.
pub(super) fn number(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let is_plain = !value.is_empty() && value.as_bytes().iter().all(u8::is_ascii_digit);
    let number = value.to_str().ok().filter(|_| is_plain);
    let number = number.and_then(|number| number.parse().ok());
    number.map(Some).ok_or_else(|| malformed(name))
}

/// The number in a header that must be there.
pub(super) fn needed(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Problem> {
    number(headers, name)?.ok_or_else(|| malformed(name))
}

/// The checksum of the bytes that follow, if there is one.
pub(super) fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Problem> {
    let Some(value) = headers.get(UPLOAD_CHECKSUM) else {
        return Ok(None);
    };
    let (algorithm, value) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(|| malformed(&UPLOAD_CHECKSUM))?;
    if !Checksum::ALGORITHMS.contains(&algorithm) {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "unknown-checksum",
            format!("Checksums are compared by {}.", Checksum::ALGORITHMS.join(" or ")),
        ));
    }
    let value = STANDARD.decode(value).ok();
    let checksum = value.and_then(|value| Checksum::new(algorithm, &value));
    checksum.map(Some).ok_or_else(|| malformed(&UPLOAD_CHECKSUM))
}

/// The method that the sender means.
pub(super) fn method(headers: &HeaderMap) -> Option<Method> {
    headers.get(METHOD_OVERRIDE)?.as_bytes().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.clone(), value.parse().unwrap())])
    }

    #[test]
    fn numbers_are_plain_digits() {
        let number = |text: &str| number(&headers(&UPLOAD_OFFSET, text), &UPLOAD_OFFSET);
        assert_eq!(number("0"), Ok(Some(0)));
        assert_eq!(number("18446744073709551615"), Ok(Some(u64::MAX)));
        for wrong in [
            "",
            "-1",
            "+1",
            "1.0",
            "1e3",
            "0x1",
            "18446744073709551616",
            " 1 2",
        ] {
            assert!(number(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(super::number(&HeaderMap::new(), &UPLOAD_OFFSET), Ok(None));
        assert!(needed(&HeaderMap::new(), &UPLOAD_OFFSET).is_err());
    }

    #[test]
    fn checksums_are_read_as_the_protocol_has_them() {
        let checksum = |text: &str| checksum(&headers(&UPLOAD_CHECKSUM, text));
        // The example of the protocol's text.
        assert!(matches!(
            checksum("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="),
            Ok(Some(Checksum::Sha1(_)))
        ));
        for wrong in [
            "",
            "sha1",
            "sha1 ",
            "sha1 not-base64!",
            "md5 1B2M2Y8AsgTpgAmY7PhCfg==",
            "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
        ] {
            assert!(checksum(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(super::checksum(&HeaderMap::new()), Ok(None));
    }
}
