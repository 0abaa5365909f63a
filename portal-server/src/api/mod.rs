//! The JSON API: extract, call one service, present.

mod accesses;
mod approvals;
mod audit;
mod auth;
mod clients;
mod consents;
mod conversations;
mod documents;
mod effects;
mod evidence;
mod files;
mod matters;
mod notices;
mod people;
mod practice;
mod reference;
mod reports;
mod requests;
mod staff;
mod tasks;
mod taxonomies;
mod templates;
mod uploads;
mod values;
mod workflows;

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// The routes of the API.
#[derive(Debug)]
pub(crate) struct Routes {
    /// Those that answer at once.
    pub(crate) quick: Router<AppState>,
    /// Uploads and downloads.
    pub(crate) transfers: Router<AppState>,
}

pub(crate) fn routes(state: &AppState) -> Routes {
    let (quick, _) = quick().split_for_parts();
    let (transfers, _) = transfers().split_for_parts();
    Routes {
        quick: quick.merge(reference::routes(state, openapi())),
        transfers,
    }
}

fn quick() -> OpenApiRouter<AppState> {
    let routes = OpenApiRouter::new()
        .merge(auth::routes())
        .merge(clients::routes())
        .merge(consents::routes())
        .merge(matters::routes())
        .merge(people::routes())
        .merge(accesses::routes())
        .merge(requests::routes())
        .merge(templates::routes())
        .merge(taxonomies::routes())
        .merge(workflows::routes())
        .merge(documents::routes())
        .merge(tasks::routes())
        .merge(approvals::routes())
        .merge(files::quick())
        .merge(uploads::quick())
        .merge(notices::routes())
        .merge(conversations::routes())
        .merge(reports::routes())
        .merge(staff::routes())
        .merge(practice::routes())
        .merge(audit::routes());
    OpenApiRouter::new().nest("/api/v1", routes)
}

fn transfers() -> OpenApiRouter<AppState> {
    let routes = files::transfers()
        .merge(uploads::transfers())
        .merge(conversations::transfers())
        .merge(audit::transfers());
    OpenApiRouter::new().nest("/api/v1", routes)
}

/// The API's description (OpenAPI 3.1).
#[must_use]
pub fn openapi() -> OpenApi {
    let mut openapi = quick().into_openapi();
    openapi.merge(transfers().into_openapi());
    openapi.merge(crate::hooks::routes().into_openapi());
    reference::describe(&mut openapi);
    openapi
}
