//! Server-rendered pages: they work without scripts, and speak plain words.

pub mod assets;
mod brand;
pub mod client;
mod proof;
pub mod staff;
pub mod view;
pub mod when;

use axum::Router;

use crate::state::AppState;

/// The routes of the pages.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    /// Those that answer at once: their time and the size of what they take are limited.
    pub(crate) quick: Router<AppState>,
    /// Uploads and downloads, which take as long as they take.
    pub(crate) transfers: Router<AppState>,
}

/// All pages, with the style sheets and scripts that they load.
pub(crate) fn routes(state: &AppState) -> Routes {
    let client = client::handlers::routes(state);
    Routes {
        quick: Router::new()
            .merge(assets::routes())
            .merge(brand::routes())
            .merge(client.quick)
            .merge(staff::handlers::quick()),
        transfers: Router::new()
            .merge(client.transfers)
            .merge(staff::handlers::transfers()),
    }
}
