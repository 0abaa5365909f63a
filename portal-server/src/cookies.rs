//! The two cookies that the portal sets: the session, and the mark of the browser that asked for a sign-in link.
//!
//! Over TLS their names begin with `__Host-`, so that no other site and no sub-domain can set them (RFC 6265bis, section
//! 4.1.3.2). A browser would refuse such names over plain HTTP, which is possible on the own computer only.

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::CookieJar;
use portal_core::{Digest, Secret, SecretLocator};

use crate::config::PublicUrl;

/// How long the browser that asked for a link is remembered: as long as a link lives at most.
const BROWSER_SECONDS: u32 = 48 * 60 * 60;

fn name(url: &PublicUrl, what: &str) -> String {
    let prefix = if url.is_secure() { "__Host-" } else { "" };
    format!("{prefix}{what}")
}

fn cookie(url: &PublicUrl, what: &str, value: &str, seconds: Option<u32>) -> Option<HeaderValue> {
    let name = name(url, what);
    let secure = if url.is_secure() { "; Secure" } else { "" };
    let age = seconds
        .map(|seconds| format!("; Max-Age={seconds}"))
        .unwrap_or_default();
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    // Tokens are base64url, so the text is always a header value.
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn read(headers: &HeaderMap, url: &PublicUrl, what: &str) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(&name(url, what)).map(|cookie| cookie.value().to_owned())
}

/// The session that the browser holds, if it sent one.
#[must_use]
pub fn session(headers: &HeaderMap, url: &PublicUrl) -> Option<SecretLocator> {
    read(headers, url, "portal")?.parse().ok()
}

/// Whether the browser sent a session at all, good or not.
pub(crate) fn has_session(headers: &HeaderMap, url: &PublicUrl) -> bool {
    read(headers, url, "portal").is_some()
}

/// Lets the browser hold this session, until it is closed or the session ends.
pub fn set_session(headers: &mut HeaderMap, url: &PublicUrl, token: &SecretLocator) {
    if let Some(cookie) = cookie(url, "portal", &token.reveal(), None) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Lets the browser forget its session.
pub fn clear_session(headers: &mut HeaderMap, url: &PublicUrl) {
    if let Some(cookie) = cookie(url, "portal", "", Some(0)) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// What is known of the browser that asked for a link: the hash of the secret that it keeps.
#[must_use]
pub fn browser(headers: &HeaderMap, url: &PublicUrl) -> Option<Digest> {
    let secret: Secret = read(headers, url, "portal-browser")?.parse().ok()?;
    Some(secret.digest())
}

/// Marks the browser that asks for a link.
pub fn set_browser(headers: &mut HeaderMap, url: &PublicUrl, secret: &Secret) {
    if let Some(cookie) = cookie(url, "portal-browser", &secret.reveal(), Some(BROWSER_SECONDS)) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use portal_core::{Ids, RandomIds};

    use super::*;

    fn token() -> SecretLocator {
        SecretLocator {
            practice: RandomIds.uuid().into(),
            secret: Secret::new([5; 32]),
        }
    }

    fn set(url: &str) -> String {
        let mut headers = HeaderMap::new();
        set_session(&mut headers, &url.parse().unwrap(), &token());
        headers[header::SET_COOKIE].to_str().unwrap().to_owned()
    }

    #[test]
    fn over_tls_the_cookie_is_bound_to_the_host() {
        let text = set("https://portal.example.com/below");
        assert!(text.starts_with("__Host-portal="), "{text}");
        for part in ["; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("Domain"), "{text}");
    }

    #[test]
    fn on_the_own_computer_it_works_without_tls() {
        let text = set("http://127.0.0.1:8080");
        assert!(text.starts_with("portal=") && !text.contains("Secure"), "{text}");
    }

    #[test]
    fn what_was_set_is_read_and_nothing_else() {
        let url: PublicUrl = "https://portal.example.com".parse().unwrap();
        let token = token();
        let read = |cookie: String| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            session(&headers, &url).map(|token| token.reveal())
        };
        assert_eq!(
            read(format!("a=b; __Host-portal={}", token.reveal())),
            Some(token.reveal())
        );
        assert_eq!(read(format!("portal={}", token.reveal())), None);
        assert_eq!(read("__Host-portal=nonsense".into()), None);
    }
}
