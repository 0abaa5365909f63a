use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use portal_core::{Ids, RandomIds};

pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Names one request in the log, in its answer and in the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    /// The id that a proxy gave the request, when it is a harmless one; else a new one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(HEADER).and_then(|value| value.to_str().ok());
        let is_harmless = |id: &&str| {
            (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        match given.filter(is_harmless) {
            Some(id) => Self(id.into()),
            None => Self(RandomIds.uuid().to_string().into()),
        }
    }

    pub(super) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxys_id_is_kept_unless_it_could_do_harm() {
        let id = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_static(text));
            RequestId::of(&headers).to_string()
        };
        assert_eq!(id("0123-abcd-4567"), "0123-abcd-4567");
        for harmful in [
            "short",
            "with space in it",
            "a=b&c=d;e=f",
            "{\"level\":\"error\"}",
        ] {
            assert_ne!(id(harmful), harmful);
        }
        assert_ne!(RequestId::of(&HeaderMap::new()), RequestId::of(&HeaderMap::new()));
    }
}
