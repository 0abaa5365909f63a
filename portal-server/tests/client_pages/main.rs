//! The client's pages, through the real router, as a browser and as somebody who means harm would ask for them.
//!
//! Each test runs on the store in memory and on SQLite.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod approvals;
mod browser;
mod documents;
mod files;
mod isolation;
mod journey;
mod links;
mod preview;
mod world;

/// Runs a test on every store, each time in a world of its own.
macro_rules! on_every_store {
    ($($(#[$attribute:meta])* async fn $name:ident($world:ident: World) $body:block)*) => {$(
        mod $name {
            use super::*;
            async fn run($world: &World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_memory() {
                run(&World::in_memory().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                run(&World::on_sqlite().await).await;
            }
        }
    )*};
}
pub(crate) use on_every_store;
