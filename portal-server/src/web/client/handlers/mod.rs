//! What the client's pages answer: each handler takes a request apart, calls one service and fills a page.

mod answer;
mod approval;
mod approvals;
mod documents;
mod door;
mod download;
mod evidence;
mod frame;
mod home;
mod link;
mod live;
mod matters;
mod preview;
mod request;
mod requests;
mod upload;
mod visit;
mod words;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::state::AppState;
use crate::web::Routes;

/// The routes of the client's pages.
pub(crate) fn routes(state: &AppState) -> Routes {
    let reads_only = from_fn_with_state(state.clone(), preview::reads_only);
    let quick = Router::new()
        .route("/p", get(matters::choose))
        .route("/p/live", get(live::signed_in))
        .route("/p/sign-out", post(door::sign_out))
        .route("/p/sign-out-everywhere", post(door::sign_out_everywhere))
        .route("/p/preview/end", post(preview::end))
        .route("/p/sign-in/{token}", get(link::look).post(link::confirm))
        .route("/p/{locator}", get(home::front))
        .route("/p/{locator}/request-link", post(door::ask))
        .route("/p/{locator}/live", get(live::inside))
        .route("/p/{locator}/requests", get(requests::list))
        .route("/p/{locator}/requests/{id}", get(request::show))
        .route(
            "/p/{locator}/approvals",
            get(approvals::list).post(approvals::answer),
        )
        .route(
            "/p/{locator}/approvals/{id}",
            get(approval::show).post(approval::answer),
        )
        .route("/p/{locator}/approvals/{id}/evidence", get(evidence::show))
        .route(
            "/p/{locator}/approvals/{id}/certificate",
            get(approval::certificate),
        )
        .route("/p/{locator}/documents", get(documents::list))
        .route("/p/{locator}/documents/{id}/open", get(download::open));
    let transfers = Router::new()
        .route("/p/{locator}/requests/{id}/documents", post(upload::receive))
        .route(
            "/p/{locator}/documents/{id}/versions/{number}",
            get(download::version),
        )
        .route("/d/{ticket}", get(download::redeem));
    Routes {
        quick: quick.layer(reads_only.clone()),
        transfers: transfers.layer(reads_only),
    }
}
