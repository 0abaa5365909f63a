use std::ops::Range;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use portal_core::document::{Download, FileType};
use portal_core::{BlobError, Error, NoRule, Portal};

use crate::error::Problem;

/// How a browser is asked to treat a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Save it.
    Attachment,
    /// Show it within a page of the portal, in a sandbox where nothing runs, if it is of a kind that can be shown; else
    /// save it.
    Preview,
}

/// In a sandbox: no script, no form, no other window, an origin of its own.
const SANDBOX: &str = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; \
    frame-ancestors 'self'";

/// Sends a file, or the part of it that `Range` asks for (RFC 9110, section 14), under a name that cannot break a header.
pub async fn send(
    portal: &Portal,
    download: &Download,
    disposition: Disposition,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let file = &download.file;
    let tag = format!("\"{}\"", file.sha256);
    let range = match wanted(headers, file.size, &tag) {
        Wanted::All => None,
        Wanted::Part(range) => Some(range),
        Wanted::Impossible => {
            let mut response = Problem::of(StatusCode::RANGE_NOT_SATISFIABLE).into_response();
            if let Ok(value) = HeaderValue::try_from(format!("bytes */{}", file.size)) {
                response.headers_mut().insert(header::CONTENT_RANGE, value);
            }
            return Ok(response);
        }
    };
    let bytes = portal.open(download, range.clone()).await.map_err(missing)?;
    let length = range.as_ref().map_or(file.size, |range| range.end - range.start);
    let mut response = Response::new(Body::from_stream(bytes));
    if let Some(range) = range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let text = format!("bytes {}-{}/{}", range.start, range.end - 1, file.size);
        insert(response.headers_mut(), header::CONTENT_RANGE, &text);
    }
    let kind = FileType::by_media_type(&file.media_type);
    let shown = disposition == Disposition::Preview && kind.is_some_and(|kind| kind.previewable);
    let how = if shown { "inline" } else { "attachment" };
    let headers = response.headers_mut();
    insert(
        headers,
        header::CONTENT_DISPOSITION,
        &content_disposition(how, file.name.as_str()),
    );
    insert(headers, header::CONTENT_TYPE, &file.media_type);
    insert(headers, header::CONTENT_LENGTH, &length.to_string());
    insert(headers, header::ETAG, &tag);
    insert(headers, header::ACCEPT_RANGES, "bytes");
    insert(headers, header::CONTENT_SECURITY_POLICY, SANDBOX);
    if shown {
        insert(headers, header::X_FRAME_OPTIONS, "SAMEORIGIN");
    }
    Ok(response)
}

fn missing(error: BlobError) -> Problem {
    Error::<NoRule>::Blob(error).into()
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

/// `Content-Disposition` with the name in ASCII for old readers and in full as RFC 8187 has it.
pub(super) fn content_disposition(how: &str, name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let encoded: String = name
        .bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect();
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Part(Range<u64>),
    Impossible,
}

/// The part that is asked for. Several parts at once, or units other than bytes, are answered with the whole, which the
/// standard allows.
fn wanted(headers: &HeaderMap, size: u64, tag: &str) -> Wanted {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let spec = match text(header::RANGE).and_then(|range| range.split_once('=')) {
        Some((unit, spec)) if unit.eq_ignore_ascii_case("bytes") => spec,
        _ => return Wanted::All,
    };
    if text(header::IF_RANGE).is_some_and(|known| known != tag) {
        return Wanted::All;
    }
    let Some((first, last)) = spec.split_once('-') else {
        return Wanted::All;
    };
    let range = match (place(first), place(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Some(first), None) if last.is_empty() => first..size,
        (None, Some(length)) if first.is_empty() => size.saturating_sub(length)..size,
        _ => return Wanted::All,
    };
    if range.is_empty() {
        Wanted::Impossible
    } else {
        Wanted::Part(range)
    }
}

/// A number of digits and nothing else. One that is too large for any file is as good as the largest.
fn place(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        let wanted = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, text.parse().unwrap());
            wanted(&headers, 100, "\"t\"")
        };
        for (text, part) in [
            ("bytes=0-9", 0..10),
            ("bytes=90-", 90..100),
            ("bytes=90-1000", 90..100),
            ("bytes=-5", 95..100),
            ("bytes=-500", 0..100),
            ("bytes=99-99", 99..100),
        ] {
            assert_eq!(wanted(text), Wanted::Part(part), "{text}");
        }
        for text in ["bytes=100-", "bytes=200-300", "bytes=-0"] {
            assert_eq!(wanted(text), Wanted::Impossible, "{text}");
        }
        for text in [
            "bytes=9-0",
            "bytes=a-b",
            "bytes=0-1,3-4",
            "lines=1-2",
            "bytes=",
            "bytes=-",
        ] {
            assert_eq!(wanted(text), Wanted::All, "{text}");
        }
    }

    #[test]
    fn a_part_of_another_version_is_not_sent() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, "bytes=0-9".parse().unwrap());
        headers.insert(header::IF_RANGE, "\"old\"".parse().unwrap());
        assert_eq!(wanted(&headers, 100, "\"new\""), Wanted::All);
    }

    #[test]
    fn no_name_breaks_the_header() {
        for name in [
            "a\"; filename=\"b.exe",
            "naïve Ünïcode 文件.pdf",
            "back\\slash.pdf",
            "100%.pdf",
            "a\r\nSet-Cookie: x",
        ] {
            let text = content_disposition("attachment", name);
            assert!(HeaderValue::try_from(&text).is_ok(), "{text}");
            assert_eq!(text.matches('"').count(), 2, "{text}");
        }
        let text = content_disposition("inline", "Ünï.pdf");
        assert_eq!(
            text,
            "inline; filename=\"_n_.pdf\"; filename*=UTF-8''%C3%9Cn%C3%AF.pdf"
        );
    }
}
