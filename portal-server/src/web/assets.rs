//! Style sheets, script and icons, compiled into the binary.
//!
//! An address carries the first bytes of the content's hash (`/assets/portal.css?v=1f2e3d4c5b6a`), so a browser may keep
//! what it fetched for ever and still sees the next release at once.

use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

use crate::error::Problem;
use crate::state::AppState;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// One embedded file.
#[derive(Debug)]
pub struct Asset {
    /// The bytes, as they stand in the repository.
    pub bytes: Cow<'static, [u8]>,
    /// The `Content-Type` to serve it under.
    pub content_type: &'static str,
    /// The first twelve hexadecimal digits of its SHA-256: the `v` of its address, and good as an `ETag`.
    pub version: String,
    href: String,
}

static ASSETS: LazyLock<BTreeMap<Cow<'static, str>, Asset>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|name| {
            let file = Files::get(&name)?;
            let mut version = hex::encode(file.metadata.sha256_hash());
            version.truncate(12);
            let asset = Asset {
                content_type: content_type(&name),
                href: format!("/assets/{name}?v={version}"),
                version,
                bytes: file.data,
            };
            Some((name, asset))
        })
        .collect()
});

/// The embedded file of that name, such as `portal.css`; `None` for anything else.
#[must_use]
pub fn asset(name: &str) -> Option<&'static Asset> {
    ASSETS.get(name)
}

tokio::task_local! {
    /// The path that the portal is mounted below, while one of its requests is being answered.
    static BASE: String;
}

/// Answers a request of a portal that is mounted below `base`: pages that it renders link their files there.
pub(crate) async fn below<F: Future>(base: &str, answer: F) -> F::Output {
    BASE.scope(base.to_owned(), answer).await
}

/// The address to link an embedded file under; empty for a name that does not exist.
#[must_use]
pub fn href(name: &str) -> String {
    let base = BASE.try_with(Clone::clone).unwrap_or_default();
    asset(name).map_or_else(String::new, |asset| format!("{base}{}", asset.href))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/assets/{name}", get(serve))
}

async fn serve(Path(name): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(asset) = asset(&name) else {
        return Problem::not_found().into_response();
    };
    let tag = format!("\"{}\"", asset.version);
    let is_current = uri
        .query()
        .is_some_and(|query| query == format!("v={}", asset.version));
    let cache = if is_current {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let common = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, cache),
        (header::ETAG, &tag),
    ];
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.contains(&tag)) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let bytes = match &asset.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::copy_from_slice(bytes),
    };
    (common, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_pages_link_is_embedded_under_a_versioned_address() {
        for name in [
            "tokens.css",
            "portal.css",
            "forms.css",
            "components.css",
            "client.css",
            "staff.css",
            "portal.js",
            "icons.svg",
            "favicon.svg",
        ] {
            let found = asset(name).unwrap_or_else(|| panic!("{name} is not embedded"));
            assert!(!found.bytes.is_empty(), "{name} is empty");
            assert_eq!(href(name), format!("/assets/{name}?v={}", found.version));
            assert_ne!(found.content_type, "application/octet-stream", "{name}");
        }
        assert!(asset("../Cargo.toml").is_none());
        assert_eq!(href("absent.css"), "");
    }
}
