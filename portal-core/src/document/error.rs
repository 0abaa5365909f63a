use crate::{ErrorKind, Rule};

/// The rules of documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentRule {
    /// The file has no bytes.
    #[error(
        "\u{201c}{0}\u{201d} is empty. It may not have been saved properly; please save it again and try once more."
    )]
    Empty(String),
    /// The file is larger than the practice allows.
    #[error("\u{201c}{name}\u{201d} is too large. Files can have at most {} MB; try a smaller scan or split it.", .most_bytes >> 20)]
    TooLarge {
        /// The file's name.
        name: String,
        /// The most bytes a file can have.
        most_bytes: u64,
    },
    /// This kind of file is not taken.
    #[error(
        "\u{201c}{0}\u{201d} is a kind of file that cannot be taken here. Please send a PDF, a photo (JPG, PNG, HEIC), or an office document."
    )]
    KindNotTaken(String),
    /// The file's content is not what its name says.
    #[error(
        "\u{201c}{name}\u{201d} does not contain what its name says: it looks like {found}. Please save it again in the right format or rename it."
    )]
    NotWhatItSays {
        /// The file's name.
        name: String,
        /// What its content is.
        found: &'static str,
    },
    /// The connection broke before all bytes were there.
    #[error("The upload of \u{201c}{0}\u{201d} was interrupted. Nothing was kept; please try again.")]
    Interrupted(String),
    /// The request does not take documents any more.
    #[error("This request is settled and takes no more files.")]
    RequestSettled,
    /// There are as many documents as there can be.
    #[error("There are {0} files here already, which is the most possible.")]
    TooMany(u64),
    /// Only a returned or pending document of the same request can be replaced.
    #[error("This file cannot be replaced any more.")]
    NotReplaceable,
    /// The matter is closed.
    #[error("The matter is closed.")]
    MatterClosed,
    /// Only what waits for review can be accepted or returned.
    #[error("This file is not waiting for review.")]
    NotPending,
    /// A reason is needed, because the client will read it.
    #[error("Say why, in words the client understands.")]
    ReasonNeeded,
    /// A file that a client uploaded stays visible to them.
    #[error("The client uploaded this file, so it stays visible to them.")]
    UploadedByClient,
    /// A document for staff only cannot be shared.
    #[error("This file is for staff only. Change its confidentiality before you share it.")]
    StaffOnly,
    /// The portal access to share with is not active, or is the document's own.
    #[error("This portal access cannot be shared with.")]
    NotShareable,
    /// The signed address is expired, altered, or its session ended.
    #[error("This download address does not work any more. Go back to the document and open it again.")]
    TicketSpent,
    /// There is nothing to download.
    #[error("There are no files here yet.")]
    NothingToDownload,
}

impl Rule for DocumentRule {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Empty(_) | Self::ReasonNeeded | Self::Interrupted(_) => ErrorKind::Invalid,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::KindNotTaken(_) | Self::NotWhatItSays { .. } => ErrorKind::Unsupported,
            Self::TicketSpent => ErrorKind::Gone,
            Self::NothingToDownload => ErrorKind::NotFound,
            _ => ErrorKind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Empty(_) => "empty-file",
            Self::TooLarge { .. } => "file-too-large",
            Self::KindNotTaken(_) => "file-kind-not-taken",
            Self::NotWhatItSays { .. } => "file-not-what-it-says",
            Self::Interrupted(_) => "upload-interrupted",
            Self::RequestSettled => "request-settled",
            Self::TooMany(_) => "too-many-files",
            Self::NotReplaceable => "not-replaceable",
            Self::MatterClosed => "matter-closed",
            Self::NotPending => "not-pending",
            Self::ReasonNeeded => "reason-needed",
            Self::UploadedByClient => "uploaded-by-client",
            Self::StaffOnly => "staff-only",
            Self::NotShareable => "not-shareable",
            Self::TicketSpent => "ticket-spent",
            Self::NothingToDownload => "nothing-to-download",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::ReasonNeeded => Some("reason"),
            Self::Empty(_)
            | Self::TooLarge { .. }
            | Self::KindNotTaken(_)
            | Self::NotWhatItSays { .. }
            | Self::Interrupted(_) => Some("file"),
            _ => None,
        }
    }
}
