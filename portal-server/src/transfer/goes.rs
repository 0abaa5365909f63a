use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portal_core::{PracticeId, UploadId};
use tokio_util::sync::CancellationToken;

/// How long a go is given to end. What it has to do is to write what came; a disk that takes longer is ill.
const PATIENCE: Duration = Duration::from_secs(10);

/// The goes of uploads that are under way in this process.
///
/// When a phone changes its network the server does not notice for a while that the old connection is dead, and would let
/// nobody else go on with the upload: whoever asks where it stands ends that go.
#[derive(Debug, Clone, Default)]
pub(crate) struct Goes(Arc<Mutex<UnderWay>>);

type UnderWay = HashMap<(PracticeId, UploadId), Vec<Arc<Signals>>>;

#[derive(Debug, Default)]
struct Signals {
    end: CancellationToken,
    ended: CancellationToken,
}

/// One go, from its first byte until it is dropped.
#[derive(Debug)]
pub(crate) struct Go {
    goes: Goes,
    key: (PracticeId, UploadId),
    signals: Arc<Signals>,
}

impl Goes {
    pub(crate) fn begin(&self, practice: PracticeId, upload: UploadId) -> Go {
        let (key, signals) = ((practice, upload), Arc::<Signals>::default());
        self.lock().entry(key).or_default().push(Arc::clone(&signals));
        Go {
            goes: self.clone(),
            key,
            signals,
        }
    }

    /// Tells the goes of an upload to end, and waits until they have. Answers whether there were any.
    pub(crate) async fn end(&self, practice: PracticeId, upload: UploadId) -> bool {
        let under_way = self.lock().get(&(practice, upload)).cloned().unwrap_or_default();
        for go in &under_way {
            go.end.cancel();
        }
        let all = async {
            for go in &under_way {
                go.ended.cancelled().await;
            }
        };
        if tokio::time::timeout(PATIENCE, all).await.is_err() {
            tracing::warn!(%upload, "a go of an upload does not end");
        }
        !under_way.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, UnderWay> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Go {
    /// Says when it shall end.
    pub(crate) fn told_to_end(&self) -> CancellationToken {
        self.signals.end.clone()
    }
}

impl Drop for Go {
    fn drop(&mut self) {
        let mut goes = self.goes.lock();
        if let Some(of_upload) = goes.get_mut(&self.key) {
            of_upload.retain(|signals| !Arc::ptr_eq(signals, &self.signals));
            if of_upload.is_empty() {
                goes.remove(&self.key);
            }
        }
        self.signals.ended.cancel();
    }
}

#[cfg(test)]
mod tests {
    use portal_core::{Ids, RandomIds};

    use super::*;

    #[tokio::test]
    async fn who_tells_a_go_to_end_waits_until_it_has() {
        let goes = Goes::default();
        let (practice, upload) = (RandomIds.uuid().into(), RandomIds.uuid().into());
        assert!(!goes.end(practice, upload).await);
        let go = goes.begin(practice, upload);
        let told = go.told_to_end();
        let mut ending = Box::pin(goes.end(practice, upload));
        assert!(futures_util::poll!(&mut ending).is_pending());
        assert!(told.is_cancelled());
        let other = goes.begin(practice, RandomIds.uuid().into());
        drop(go);
        assert!(ending.await);
        assert!(!other.told_to_end().is_cancelled());
        drop(other);
        assert!(goes.lock().is_empty());
    }
}
