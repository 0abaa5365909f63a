//! The JSON API through the real router, on both databases.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    unreachable_pub,
    reason = "a test fails by panicking, and nobody else reads it"
)]

mod access_table;
mod approvals;
mod audit;
mod bad_input;
mod certificates;
mod consents;
mod conversations;
mod erasure;
mod every_route;
mod factors;
mod hanging;
mod hooks;
mod journey;
mod pressure;
mod ranges;
mod repeated;
mod reports;
mod tasks;
mod uploads;
mod workflows;
mod world;

/// Runs a test on both databases, each time in a world of its own.
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* async fn $name:ident($world:ident: World) $body:block)*) => {$(
        mod $name {
            use super::*;
            async fn run($world: &World) $body

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
pub(crate) use on_both_databases;
