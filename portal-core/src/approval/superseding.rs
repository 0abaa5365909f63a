//! What becomes of open approvals when a document that they show gets a new version.

use super::{Approval, ApprovalState, Asked, Attached};
use crate::document::{Confidentiality, Document, DocumentVersion, Uploader};
use crate::{ApprovalId, Timestamp};

impl Approval {
    /// Whether a new version of a document may be shown to those who are asked: staff gave it, or the one person whom this asks,
    /// and it is not for staff only by now. Else staff decide over it first, and ask anew if they want to.
    #[must_use]
    pub fn may_go_on_with(&self, document: &Document, version: &DocumentVersion) -> bool {
        let is_from_them = match version.uploaded_by {
            Uploader::Staff(_) => true,
            Uploader::Client(client) => self.people.iter().all(|asked| asked.client == client),
        };
        is_from_them && document.confidentiality != Confidentiality::StaffOnly
    }

    /// The approval, superseded by nothing: a document that it shows has a newer version, with which it may not go on. `None` as
    /// for [`Approval::supersede`].
    #[must_use]
    pub fn overtake(self, version: &DocumentVersion, at: Timestamp) -> Option<Self> {
        self.is_overtaken_by(version, at)
            .then(|| self.end(ApprovalState::Superseded, at))
    }

    fn is_overtaken_by(&self, version: &DocumentVersion, at: Timestamp) -> bool {
        let mut attached = self.documents.iter();
        self.state_at(at) == ApprovalState::Open && attached.any(|attached| shows(attached, version))
    }

    /// What takes its place when a document gets `version`: itself, superseded, and one that asks the same people for the same
    /// with the new version. Nobody's answer is carried over, since nobody saw the new version. `None` when it does not show the
    /// document, and when nobody can answer it any more: what was answered stays as it was.
    #[must_use]
    pub fn supersede(self, id: ApprovalId, version: &DocumentVersion, at: Timestamp) -> Option<[Self; 2]> {
        if !self.is_overtaken_by(version, at) {
            return None;
        }
        let documents = self.documents.iter().map(|attached| {
            if shows(attached, version) {
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

fn shows(attached: &Attached, version: &DocumentVersion) -> bool {
    attached.document == version.document_id && attached.number < version.number
}
