use askama::Template;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::RequestId;
use crate::error::Problem;
use crate::web::client::error::ErrorPage;
use crate::web::view::Shell;

/// What an answer to a failure depends on, besides the failure.
pub(super) struct Asked {
    wants_page: bool,
    is_conditional: bool,
    by_staff: bool,
}

impl Asked {
    pub(super) fn of(request: &Request) -> Self {
        let accept = request
            .headers()
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok());
        let path = request.uri().path();
        let is_api = path.contains("/api/");
        Self {
            by_staff: path.contains("/staff/"),
            wants_page: !is_api && accept.is_some_and(|accept| accept.contains("text/html")),
            is_conditional: request.headers().contains_key(header::IF_MATCH),
        }
    }
}

/// Gives a failure its body: a page for people, problem+json for programs. Failures that a library answered with are
/// brought into the same form.
pub(super) fn write(mut answer: Response, asked: &Asked, id: &RequestId) -> Response {
    let problem = match answer.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if is_bare_failure(&answer) => Problem::of(answer.status()),
        None => return answer,
    };
    let problem = match problem.code.as_ref() {
        // The caller said which version they read, and it is not the one that is there.
        "stale" if asked.is_conditional => Problem::of(StatusCode::PRECONDITION_FAILED),
        _ => problem,
    };
    let body = if asked.wants_page {
        page(&problem, asked, id)
    } else {
        json(&problem, id)
    };
    let (mut head, _) = answer.into_parts();
    let (body_head, body) = body.into_parts();
    head.status = problem.status;
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.extend(body_head.headers);
    Response::from_parts(head, body)
}

fn is_bare_failure(answer: &Response) -> bool {
    let content_type = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .map(HeaderValue::as_bytes);
    let is_failure = answer.status().is_client_error() || answer.status().is_server_error();
    is_failure && content_type.is_none_or(|text| text.starts_with(b"text/plain"))
}

fn json(problem: &Problem, id: &RequestId) -> Response {
    let body = serde_json::to_vec(&problem.body(&id.to_string())).unwrap_or_default();
    let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
    (content_type, Body::from(body)).into_response()
}

fn page(problem: &Problem, asked: &Asked, id: &RequestId) -> Response {
    // What is said of a field is more than what is said of all.
    let text = match problem.errors.first() {
        Some(error) => error.message.clone(),
        None => problem.detail.clone().into_owned(),
    };
    let (next_href, next_label) = if asked.by_staff {
        ("/staff", "Go to your home page")
    } else {
        ("", "")
    };
    let page = ErrorPage {
        shell: Shell {
            lang: "en".into(),
            ..Shell::default()
        },
        title: title(problem.status).into(),
        text,
        next_href: next_href.to_owned(),
        next_label: next_label.to_owned(),
        request_id: if problem.status.is_server_error() {
            id.to_string()
        } else {
            String::new()
        },
    };
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "the error page failed");
            json(problem, id)
        }
    }
}

const fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "Please sign in",
        StatusCode::FORBIDDEN => "You cannot do this",
        StatusCode::NOT_FOUND => "There is nothing here",
        StatusCode::GONE => "This is not here any more",
        StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => "Somebody else was quicker",
        StatusCode::PAYLOAD_TOO_LARGE => "This is too large",
        StatusCode::TOO_MANY_REQUESTS => "Too many attempts",
        StatusCode::SERVICE_UNAVAILABLE => "The portal is busy",
        StatusCode::INSUFFICIENT_STORAGE => "There is no room for files",
        StatusCode::INTERNAL_SERVER_ERROR => "Something went wrong",
        _ => "This did not work",
    }
}
