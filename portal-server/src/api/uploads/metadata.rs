//! `Upload-Metadata`: pairs of a key and a value in base64, separated by commas.

use std::collections::HashMap;

use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portal_core::document::{Confidentiality, UploadTarget};
use portal_core::upload::NewUpload;

use super::protocol::{UPLOAD_LENGTH, UPLOAD_METADATA, needed};
use crate::error::Problem;
use crate::transfer::{set_client, set_confidentiality, set_replaced};

/// The upload that the headers of a creation describe. Keys that mean nothing here are kept for the sender and otherwise
/// passed over: clients send some of their own.
pub(super) fn new_upload(headers: &HeaderMap) -> Result<NewUpload, Problem> {
    let size = needed(headers, &UPLOAD_LENGTH)?;
    let metadata = match headers.get(UPLOAD_METADATA).map(|value| value.to_str()) {
        None => "",
        Some(Ok(text)) => text,
        Some(Err(_)) => return Err(malformed()),
    };
    let pairs = pairs(metadata).ok_or_else(malformed)?;
    let text = |key: &str| pairs.get(key).map(String::as_str);
    let file_name = text("filename")
        .or(text("name"))
        .ok_or_else(|| Problem::field("filename", "required", "Say what the file is called."))?;
    Ok(NewUpload {
        target: target(text)?,
        file_name: file_name.to_owned(),
        size,
        metadata: metadata.to_owned(),
    })
}

fn target<'a>(text: impl Fn(&str) -> Option<&'a str>) -> Result<UploadTarget, Problem> {
    let mut target = match (text("request_id"), text("matter_id")) {
        (Some(request), None) => UploadTarget::Request {
            request: request
                .parse()
                .map_err(|_| Problem::field("request_id", "type", "This is not the id of a request."))?,
            replaces: None,
        },
        (None, Some(matter)) => UploadTarget::Matter {
            matter: matter
                .parse()
                .map_err(|_| Problem::field("matter_id", "type", "This is not the id of a matter."))?,
            client: None,
            confidentiality: Confidentiality::StaffOnly,
            replaces: None,
        },
        _ => {
            let words = "Say where the file goes: request_id or matter_id, one of them.";
            return Err(Problem::field("request_id", "required", words));
        }
    };
    if let Some(replaced) = text("replaces") {
        set_replaced(&mut target, replaced)?;
    }
    if let Some(client) = text("client_id") {
        set_client(&mut target, client)?;
    }
    if let Some(confidentiality) = text("confidentiality") {
        set_confidentiality(&mut target, confidentiality)?;
    }
    Ok(target)
}

/// The pairs; values that are no text are left out. `None` when the header is malformed, or has a key twice.
fn pairs(metadata: &str) -> Option<HashMap<&str, String>> {
    let mut pairs = HashMap::new();
    if metadata.is_empty() {
        return Some(pairs);
    }
    for pair in metadata.split(',') {
        let pair = pair.trim();
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        if key.is_empty() {
            return None;
        }
        let value = STANDARD.decode(value.trim()).ok()?;
        let value = String::from_utf8(value).unwrap_or_default();
        if pairs.insert(key, value).is_some() {
            return None;
        }
    }
    Some(pairs)
}

fn malformed() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "malformed-header",
        "Upload-Metadata is not as the protocol has it: each key once, with its value in base64, separated by commas.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_as_the_protocol_has_them() {
        // The example of the protocol's text: a key without a value is allowed.
        let found = pairs("filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential").unwrap();
        assert_eq!(found["filename"], "world_domination_plan.pdf");
        assert_eq!(found["is_confidential"], "");
        assert_eq!(pairs("a eA==, b eQ==").unwrap().len(), 2);
        assert_eq!(pairs("").unwrap().len(), 0);
        for wrong in ["a eA==,a eA==", ",", "a eA==,", "a !", "a eA== eA=="] {
            assert_eq!(pairs(wrong), None, "{wrong:?}");
        }
    }
}
