use std::sync::{Arc, Mutex};

use crate::testing::lock;
use crate::{Hints, PracticeId};

/// Remembers which practices were said to have changed, in order. Clones share what they remember.
#[derive(Debug, Clone, Default)]
pub struct CapturedHints(Arc<Mutex<Vec<PracticeId>>>);

impl CapturedHints {
    /// The hints so far, which are forgotten by this.
    #[must_use]
    pub fn take(&self) -> Vec<PracticeId> {
        std::mem::take(&mut *lock(&self.0))
    }
}

impl Hints for CapturedHints {
    fn changed(&self, practice: PracticeId) {
        lock(&self.0).push(practice);
    }
}
