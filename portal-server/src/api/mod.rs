//! The JSON API: extract, call one service, present.

use axum::Router;

use crate::state::AppState;

/// The routes of the API.
#[derive(Debug)]
pub(crate) struct Routes {
    /// Those that answer at once.
    pub(crate) quick: Router<AppState>,
    /// Uploads and downloads.
    pub(crate) transfers: Router<AppState>,
}

pub(crate) fn routes(_: &AppState) -> Routes {
    Routes {
        quick: Router::new(),
        transfers: Router::new(),
    }
}
