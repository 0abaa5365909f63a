//! The cookies that the portal sets: a client's session, a staff member's session, the mark of the browser that asked
//! for a sign-in link, and what just happened, to be said on the next page.
//!
//! Staff have a cookie of their own: while they look at the portal as a client sees it, they stay signed in as themselves.
//!
//! Over TLS their names begin with `__Host-`, so that no other site and no sub-domain can set them (RFC 6265bis, section
//! 4.1.3.2). A browser would refuse such names over plain HTTP, which is possible on the own computer only.

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::CookieJar;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portal_core::{Digest, Secret, SecretLocator};

use crate::config::PublicUrl;
use crate::web::view::{Flash, Tone};

const CLIENT: &str = "portal";
const STAFF: &str = "portal-staff";
const BROWSER: &str = "portal-browser";
const SAID: &str = "portal-said";

/// How long what just happened waits for the next page.
const SAID_SECONDS: u32 = 60;

/// The most characters that are said of it; browsers drop cookies of more than 4,096 bytes.
const SAID_CHARS: usize = 400;

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

/// The client's session that the browser holds, if it sent one: also that of staff who look at the portal as a client.
#[must_use]
pub fn session(headers: &HeaderMap, url: &PublicUrl) -> Option<SecretLocator> {
    read(headers, url, CLIENT)?.parse().ok()
}

/// The staff member's session that the browser holds, if it sent one.
#[must_use]
pub fn staff_session(headers: &HeaderMap, url: &PublicUrl) -> Option<SecretLocator> {
    read(headers, url, STAFF)?.parse().ok()
}

/// Whether the browser sent a session at all, good or not.
pub(crate) fn has_session(headers: &HeaderMap, url: &PublicUrl) -> bool {
    [CLIENT, STAFF]
        .into_iter()
        .any(|what| read(headers, url, what).is_some())
}

/// Lets the browser hold a staff member's session, until it is closed or the session ends.
pub fn set_staff_session(headers: &mut HeaderMap, url: &PublicUrl, token: &SecretLocator) {
    if let Some(cookie) = cookie(url, STAFF, &token.reveal(), None) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Lets the browser forget the staff member's session.
pub fn clear_staff_session(headers: &mut HeaderMap, url: &PublicUrl) {
    if let Some(cookie) = cookie(url, STAFF, "", Some(0)) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Lets the next page say what just happened.
pub fn set_flash(headers: &mut HeaderMap, url: &PublicUrl, flash: &Flash) {
    let text: String = flash.text.chars().take(SAID_CHARS).collect();
    let text = URL_SAFE_NO_PAD.encode(format!("{}\n{text}", flash.tone));
    if let Some(cookie) = cookie(url, SAID, &text, Some(SAID_SECONDS)) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// What the page before left to be said.
#[must_use]
pub fn flash(headers: &HeaderMap, url: &PublicUrl) -> Option<Flash> {
    let bytes = URL_SAFE_NO_PAD.decode(read(headers, url, SAID)?).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (tone, text) = text.split_once('\n')?;
    let tone = [Tone::Success, Tone::Info, Tone::Warning, Tone::Danger]
        .into_iter()
        .find(|known| known.to_string() == tone)?;
    Some(Flash {
        tone,
        text: text.to_owned(),
    })
}

/// It was said.
pub fn clear_flash(headers: &mut HeaderMap, url: &PublicUrl) {
    if let Some(cookie) = cookie(url, SAID, "", Some(0)) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Lets the browser hold a client's session, until it is closed or the session ends.
pub fn set_session(headers: &mut HeaderMap, url: &PublicUrl, token: &SecretLocator) {
    if let Some(cookie) = cookie(url, CLIENT, &token.reveal(), None) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Lets the browser forget the client's session.
pub fn clear_session(headers: &mut HeaderMap, url: &PublicUrl) {
    if let Some(cookie) = cookie(url, CLIENT, "", Some(0)) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// What is known of the browser that asked for a link: the hash of the secret that it keeps.
#[must_use]
pub fn browser(headers: &HeaderMap, url: &PublicUrl) -> Option<Digest> {
    browser_secret(headers, url).map(|secret| secret.digest())
}

/// The secret that the browser was given when it asked before.
pub(crate) fn browser_secret(headers: &HeaderMap, url: &PublicUrl) -> Option<Secret> {
    read(headers, url, BROWSER)?.parse().ok()
}

/// Marks the browser that asks for a link.
pub fn set_browser(headers: &mut HeaderMap, url: &PublicUrl, secret: &Secret) {
    if let Some(cookie) = cookie(url, BROWSER, &secret.reveal(), Some(BROWSER_SECONDS)) {
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

    #[test]
    fn staff_and_clients_have_cookies_of_their_own() {
        let url: PublicUrl = "https://portal.example.com".parse().unwrap();
        let mut headers = HeaderMap::new();
        set_staff_session(&mut headers, &url, &token());
        let set = headers[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(set.starts_with("__Host-portal-staff="), "{set}");
        for part in ["; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(set.contains(part), "{part} in {set}");
        }
        headers.insert(header::COOKIE, set.split(';').next().unwrap().parse().unwrap());
        assert!(staff_session(&headers, &url).is_some() && has_session(&headers, &url));
        assert!(session(&headers, &url).is_none());
    }

    #[test]
    fn what_happened_is_said_once_whatever_it_is() {
        let url: PublicUrl = "https://portal.example.com".parse().unwrap();
        for text in [
            "Accepted \u{201c}a;b=\"c\"\r\nSet-Cookie: x\u{201d}",
            "أمينة",
            &"ß".repeat(2_000),
        ] {
            let mut headers = HeaderMap::new();
            let said = Flash {
                tone: Tone::Success,
                text: text.to_owned(),
            };
            set_flash(&mut headers, &url, &said);
            let set = headers[header::SET_COOKIE].to_str().unwrap().to_owned();
            assert!(set.len() < 4_096, "{}", set.len());
            headers.insert(header::COOKIE, set.split(';').next().unwrap().parse().unwrap());
            let read = flash(&headers, &url).unwrap();
            assert_eq!(read.tone, Tone::Success);
            assert!(
                text.starts_with(&read.text) && read.text.chars().count() >= text.chars().count().min(400)
            );
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "__Host-portal-said=bm9uc2Vuc2U".parse().unwrap());
        assert!(flash(&headers, &url).is_none());
    }
}
