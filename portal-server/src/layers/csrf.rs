use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::config::PublicUrl;
use crate::cookies;
use crate::error::Problem;
use crate::state::AppState;

/// Refuses what another site made a browser send (OWASP CSRF prevention, "Verifying Origin With Standard Headers").
///
/// A request that changes something must come from this origin, as the browser itself says in `Origin` or, where that
/// says nothing, in `Sec-Fetch-Site`. One that carries an access token is the work of a program: no browser adds it
/// by itself, and its cookies do not count. So is one to the API that carries no session and says neither.
pub(crate) async fn refuse_forgeries(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    if is_ours(request.method(), request.headers(), is_api, state.public_url()) {
        return next.run(request).await;
    }
    Problem::new(
        StatusCode::FORBIDDEN,
        "cross-site",
        "This request came from another site. Open the portal itself and try again.",
    )
    .into_response()
}

fn is_ours(method: &Method, headers: &HeaderMap, is_api: bool, url: &PublicUrl) -> bool {
    if method.is_safe() || headers.contains_key(header::AUTHORIZATION) {
        return true;
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (text("origin"), text("sec-fetch-site")) {
        (Some("null") | None, Some(site)) => site == "same-origin",
        (Some(origin), _) => origin == url.origin(),
        (None, None) => is_api && !cookies::has_session(headers, url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(headers: &[(&str, &str)], is_api: bool) -> bool {
        let url = "https://portal.example.com/below".parse().unwrap();
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    name.parse::<header::HeaderName>().unwrap(),
                    value.parse().unwrap(),
                )
            })
            .collect();
        is_ours(&Method::POST, &headers, is_api, &url)
    }

    #[test]
    fn only_this_origin_passes() {
        let ours = ("origin", "https://portal.example.com");
        let cookie = ("cookie", "__Host-portal=x");
        assert!(passes(&[ours], false));
        assert!(passes(&[ours, cookie, ("sec-fetch-site", "same-origin")], true));
        assert!(passes(&[("sec-fetch-site", "same-origin"), cookie], false));
        assert!(passes(
            &[("origin", "null"), ("sec-fetch-site", "same-origin")],
            false
        ));
        for forged in [
            "https://evil.example",
            "http://portal.example.com",
            "https://portal.example.com:8443",
            "https://portal.example.com.evil.example",
            "https://evil.portal.example.com",
            "null",
            "",
        ] {
            assert!(!passes(&[("origin", forged), cookie], false), "{forged}");
            assert!(!passes(&[("origin", forged), cookie], true), "{forged}");
        }
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(!passes(&[("sec-fetch-site", site), cookie], true), "{site}");
            assert!(
                !passes(&[("origin", "null"), ("sec-fetch-site", site), cookie], true),
                "{site}"
            );
        }
    }

    #[test]
    fn without_any_word_of_its_origin_only_a_program_without_a_session_passes() {
        assert!(passes(&[], true));
        assert!(!passes(&[("cookie", "__Host-portal=x")], true));
        assert!(!passes(&[], false));
        assert!(passes(
            &[("authorization", "Bearer x"), ("origin", "https://evil.example")],
            true
        ));
    }
}
