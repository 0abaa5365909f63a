//! What becomes of open approvals when a document that they show gets a new version.

use super::{Approval, ApprovalState, Asked, Attached};
use crate::document::DocumentVersion;
use crate::{ApprovalId, Timestamp};

impl Approval {
    /// What takes its place when a document gets `version`: itself, superseded, and one that asks the same people for the same
    /// with the new version. Nobody's answer is carried over, since nobody saw the new version. `None` when it does not show the
    /// document, and when nobody can answer it any more: what was answered stays as it was.
    #[must_use]
    pub fn supersede(self, id: ApprovalId, version: &DocumentVersion, at: Timestamp) -> Option<[Self; 2]> {
        let shows = |attached: &Attached| {
            attached.document == version.document_id && attached.number < version.number
        };
        if self.state_at(at) != ApprovalState::Open || !self.documents.iter().any(shows) {
            return None;
        }
        let documents = self.documents.iter().map(|attached| {
            if shows(attached) {
                Attached::of(version)
            } else {
                attached.clone()
            }
        });
        let people = self
            .people
            .iter()
            .map(|asked| Asked::new(asked.client, asked.access));
        let mut next = Self::ask(
            id,
            (self.practice_id, self.matter_id),
            self.terms.clone(),
            (documents.collect(), people.collect()),
            self.asked_by,
            at,
        );
        next.replaces = Some(self.id);
        let mut before = self.end(ApprovalState::Superseded, at);
        before.replaced_by = Some(id);
        Some([before, next])
    }
}
