use crate::document::{DocumentRule, FileName, FileType, UploadTarget, Uploader};
use crate::{BlobKey, DocumentId, Duration, PracticeId, Timestamp, UploadId, Version};

use super::{Checksum, UploadRule};

/// How far an upload has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadState {
    /// It waits for bytes, or, when all are there, for its filing.
    Receiving,
    /// It is this document, or a version of it.
    Finished(DocumentId),
    /// It was given up or refused.
    Ended,
}

/// A file that comes in several goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its id, which is its blob's too.
    pub id: UploadId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// What it is for.
    pub target: UploadTarget,
    /// Who began it, and alone may go on.
    pub by: Uploader,
    /// The file's name.
    pub name: FileName,
    /// How many bytes the file has.
    pub size: u64,
    /// How many of them were acknowledged: they are durable.
    pub received: u64,
    /// What the sender said of it, as they said it.
    pub metadata: String,
    /// How far it has come.
    pub state: UploadState,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Until when it waits.
    pub expires_at: Timestamp,
}

/// An upload as somebody wants to begin it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUpload {
    /// What it is for.
    pub target: UploadTarget,
    /// What the file is called.
    pub file_name: String,
    /// How many bytes it has.
    pub size: u64,
    /// See [`Upload::metadata`].
    pub metadata: String,
}

/// How much more may be begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// The most bytes that a file can have in the practice.
    pub most_bytes: u64,
    /// How many uploads of the same person wait.
    pub waiting: u64,
}

/// Some of an upload's bytes, before they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadPart {
    /// Where in the file they begin.
    pub offset: u64,
    /// How many they are, where that is known.
    pub length: Option<u64>,
    /// What they hash to. Then they are taken whole or not at all.
    pub checksum: Option<Checksum>,
}

impl Upload {
    /// How long an upload waits for its next bytes.
    pub const PATIENCE: Duration = Duration::hours(24);
    /// How long it can take altogether.
    pub const LONGEST: Duration = Duration::days(7);
    /// How many a person can leave waiting.
    pub const MOST_WAITING: u64 = 200;
    /// The most characters of [`metadata`](Self::metadata).
    pub const MOST_METADATA: usize = 4_096;

    /// Begins an upload. What can be told before the first byte is refused now: its size and what its name says it is.
    ///
    /// # Errors
    /// `Empty`, `TooLarge` and `KindNotTaken` of [`DocumentRule`]; `TooMany`, `TooTalkative`.
    pub fn begin(
        id: UploadId,
        practice: PracticeId,
        by: Uploader,
        new: &NewUpload,
        room: Room,
        at: Timestamp,
    ) -> Result<Self, UploadRule> {
        let name = FileName::sanitise(&new.file_name);
        if new.size == 0 {
            return Err(DocumentRule::Empty(name.to_string()).into());
        }
        if new.size > room.most_bytes {
            return Err(DocumentRule::TooLarge {
                name: name.to_string(),
                most_bytes: room.most_bytes,
            }
            .into());
        }
        FileType::claimed(&name)?;
        if new.metadata.len() > Self::MOST_METADATA {
            return Err(UploadRule::TooTalkative(Self::MOST_METADATA));
        }
        if room.waiting >= Self::MOST_WAITING {
            return Err(UploadRule::TooMany(room.waiting));
        }
        Ok(Self {
            id,
            practice_id: practice,
            version: Version::FIRST,
            target: new.target,
            by,
            name,
            size: new.size,
            received: 0,
            metadata: new.metadata.clone(),
            state: UploadState::Receiving,
            created_at: at,
            expires_at: at + Self::PATIENCE,
        })
    }

    /// Whether bytes can still come, or the filing of all of them.
    #[must_use]
    pub fn is_waiting(&self, at: Timestamp) -> bool {
        self.state == UploadState::Receiving && at < self.expires_at
    }

    /// Whether all bytes are there.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.received == self.size
    }

    /// The document that it became.
    #[must_use]
    pub const fn document(&self) -> Option<DocumentId> {
        match self.state {
            UploadState::Finished(document) => Some(document),
            UploadState::Receiving | UploadState::Ended => None,
        }
    }

    /// Refuses bytes that are not the next ones. Of a finished upload there are none left, which may be said again.
    ///
    /// # Errors
    /// `Over`, `Elsewhere`, `TooMuch`.
    pub fn expect(&self, part: &UploadPart, at: Timestamp) -> Result<(), UploadRule> {
        if self.document().is_none() && !self.is_waiting(at) {
            return Err(UploadRule::Over);
        }
        if part.offset != self.received {
            return Err(UploadRule::Elsewhere {
                received: self.received,
            });
        }
        if part
            .length
            .is_some_and(|length| length > self.size - self.received)
        {
            return Err(UploadRule::TooMuch { size: self.size });
        }
        Ok(())
    }

    /// The upload once its first `received` bytes are durable.
    ///
    /// # Errors
    /// `Over`; `Elsewhere` when these are fewer than before; `TooMuch`.
    pub fn receive(mut self, received: u64, at: Timestamp) -> Result<Self, UploadRule> {
        if !self.is_waiting(at) {
            return Err(UploadRule::Over);
        }
        if received < self.received {
            return Err(UploadRule::Elsewhere {
                received: self.received,
            });
        }
        if received > self.size {
            return Err(UploadRule::TooMuch { size: self.size });
        }
        self.version.bump();
        self.received = received;
        let patience = (at + Self::PATIENCE).min(self.created_at + Self::LONGEST);
        self.expires_at = self.expires_at.max(patience);
        Ok(self)
    }

    /// The upload once its file is that document.
    ///
    /// # Errors
    /// `Over`; `Elsewhere` while bytes are missing.
    pub fn finish(mut self, document: DocumentId, at: Timestamp) -> Result<Self, UploadRule> {
        if !self.is_waiting(at) {
            return Err(UploadRule::Over);
        }
        if !self.is_whole() {
            return Err(UploadRule::Elsewhere {
                received: self.received,
            });
        }
        self.version.bump();
        self.state = UploadState::Finished(document);
        Ok(self)
    }

    /// The upload, given up or refused.
    ///
    /// # Errors
    /// `Over` when it is finished or was ended before.
    pub fn end(mut self) -> Result<Self, UploadRule> {
        if self.state != UploadState::Receiving {
            return Err(UploadRule::Over);
        }
        self.version.bump();
        self.state = UploadState::Ended;
        Ok(self)
    }

    /// Where its bytes lie.
    #[must_use]
    pub const fn blob(&self) -> BlobKey {
        BlobKey {
            practice: self.practice_id,
            id: self.id.0,
        }
    }
}
