//! Whether a request has written anything yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use portal_core::{Hints, PracticeId};

tokio::task_local! {
    static NOTED: Arc<AtomicBool>;
}

/// Does work, and notes whether anything is committed meanwhile.
#[derive(Debug)]
pub(crate) struct Wrote(Arc<AtomicBool>);

/// What was noted.
#[derive(Debug)]
pub(crate) struct Noted(Arc<AtomicBool>);

pub(crate) fn noting() -> (Wrote, Noted) {
    let noted = Arc::new(AtomicBool::new(false));
    (Wrote(Arc::clone(&noted)), Noted(noted))
}

impl Wrote {
    pub(crate) async fn by<T>(self, work: impl Future<Output = T>) -> T {
        NOTED.scope(self.0, work).await
    }
}

impl Noted {
    pub(crate) fn something(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Work that goes on in a task of its own, and still counts for the request that it belongs to.
pub(crate) fn counted<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let noted = NOTED.try_with(Arc::clone);
    async move {
        match noted {
            Ok(noted) => NOTED.scope(noted, work).await,
            // Nobody wants to know.
            Err(_) => work.await,
        }
    }
}

/// Told after each commit, in whose task it runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoteIt;

impl Hints for NoteIt {
    fn changed(&self, _practice: PracticeId) {
        // Work without a request is nobody's to note.
        let _ = NOTED.try_with(|noted| noted.store(true, Ordering::SeqCst));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit() {
        NoteIt.changed(PracticeId(uuid::Uuid::nil()));
    }

    #[tokio::test]
    async fn what_is_committed_for_a_request_is_noted_and_nothing_else() {
        let (wrote, noted) = noting();
        commit();
        wrote
            .by(async { tokio::spawn(async { commit() }).await.unwrap() })
            .await;
        assert!(!noted.something());
        let (wrote, noted) = noting();
        wrote.by(async { commit() }).await;
        assert!(noted.something());
        let (wrote, noted) = noting();
        wrote
            .by(async { tokio::spawn(counted(async { commit() })).await.unwrap() })
            .await;
        assert!(noted.something(), "in a task of its own");
    }
}
