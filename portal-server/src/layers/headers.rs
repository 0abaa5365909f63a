use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

use crate::config::PublicUrl;

/// What a page may load and do: nothing but what this server sends, nothing inline, no frame around it.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; \
    frame-ancestors 'none'; base-uri 'none'; object-src 'none'; manifest-src 'self'";

/// The same for the page of the API's reference, whose script sets styles itself.
pub(crate) const API_REFERENCE_POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
    form-action 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";

/// Headers that every answer carries, unless its handler decided otherwise.
///
/// `Referrer-Policy` is `strict-origin` and not `no-referrer`: neither lets a path (and so a token) out, but under the
/// latter browsers send `Origin: null` with forms, which older ones could not be told from a forgery by.
const ALWAYS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "strict-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), autoplay=(), browsing-topics=(), display-capture=(), geolocation=(), gyroscope=(), \
         magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (header::CACHE_CONTROL, "no-store"),
];

/// Two years, as hstspreload.org wants it; sub-domains are not ours to decide about.
const HSTS: &str = "max-age=63072000";

pub(super) fn secure(answer: &mut Response, url: &PublicUrl) {
    let headers = answer.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if url.is_secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
}
