//! Pages as answers.

use askama::Template;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::error::Problem;
use crate::web::client::error::ErrorPage;
use crate::web::view::Shell;

/// Whether whoever asks reads pages; programs and our own script ask for JSON.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// A page.
pub(super) fn page(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => Problem::internal(error).into_response(),
    }
}

/// Where to go after something was done, by GET.
pub(super) fn see_other(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path.to_owned())]).into_response()
}

/// A failure as a page with a way on.
pub(super) fn refusal(
    shell: Shell,
    problem: &Problem,
    (next_href, next_label): (String, &str),
    request_id: Option<&str>,
) -> Response {
    let ours = problem.status.is_server_error();
    let text = match problem.errors.as_slice() {
        [one] => one.message.clone(),
        _ => problem.detail.clone().into_owned(),
    };
    let refusal = ErrorPage {
        shell,
        title: title(problem).to_owned(),
        text,
        next_href,
        next_label: next_label.to_owned(),
        request_id: request_id.filter(|_| ours).unwrap_or_default().to_owned(),
    };
    let mut answer = page(problem.status, &refusal);
    if let Some(seconds) = problem.retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}

fn title(problem: &Problem) -> &'static str {
    match problem.status {
        StatusCode::FORBIDDEN => "This is not possible here",
        StatusCode::NOT_FOUND => "There is nothing here",
        StatusCode::CONFLICT => "This has changed in the meantime",
        StatusCode::GONE => "This is not here any more",
        StatusCode::PAYLOAD_TOO_LARGE => "This is too large",
        StatusCode::TOO_MANY_REQUESTS => "Please wait a moment",
        StatusCode::SERVICE_UNAVAILABLE => "The portal is busy",
        StatusCode::INSUFFICIENT_STORAGE => "There is no room for files",
        status if status.is_server_error() => "Something went wrong on our side",
        _ => "This did not work",
    }
}
