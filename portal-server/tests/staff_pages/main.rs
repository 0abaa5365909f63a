//! The staff's pages, through the real router, as browsers with scripts off ask for them and send their forms.
//!
//! Each test runs on the store in memory, on SQLite and on PostgreSQL. Every page that is looked at is checked as a page too: one
//! heading, nothing inline, every label and link with what it names.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![expect(clippy::too_many_lines, reason = "the journey is one story")]

mod approvals;
mod audit;
#[allow(dead_code, reason = "the tests of the client's pages use the rest")]
#[path = "../client_pages/browser.rs"]
mod browser;
mod builder;
mod consents;
mod door;
mod erasing;
mod files;
mod forms;
mod inbox;
mod journey;
mod lists;
mod phones;
#[allow(dead_code, reason = "the tests of sample pages use the rest")]
#[path = "../pages/rendered.rs"]
mod rendered;
mod reports;
mod roles;
mod tasks;
mod workflows;
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

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                run(&World::on_postgres().await).await;
            }
        }
    )*};
}
pub(crate) use on_every_store;
