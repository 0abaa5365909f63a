//! The store in memory keeps what every store promises; and the checks can fail.

use std::sync::Arc;

use portal_core::Store;
use portal_core::testing::{MemoryStore, conformance};

#[tokio::test]
async fn it_keeps_every_promise() {
    conformance::run_all(async || Arc::new(MemoryStore::default()) as Arc<dyn Store>).await;
}
