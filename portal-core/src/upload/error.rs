use crate::document::DocumentRule;
use crate::{ErrorKind, Rule};

/// The rules of uploads in several goes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UploadRule {
    /// A rule of the document that it would become.
    #[error(transparent)]
    Document(#[from] DocumentRule),
    /// It expired, was given up or refused, or is a document already.
    #[error("This upload is over. Please start it again.")]
    Over,
    /// The bytes sent begin where the upload does not.
    #[error("The upload goes on at byte {received}. Ask where it stands and send the bytes from there.")]
    Elsewhere {
        /// How many bytes are there.
        received: u64,
    },
    /// There are more bytes than the file has.
    #[error("These are more bytes than the file was said to have: {size}.")]
    TooMuch {
        /// The file's size.
        size: u64,
    },
    /// The connection broke in between.
    #[error("The connection broke. {received} bytes are kept; go on from there.")]
    Interrupted {
        /// How many bytes are kept.
        received: u64,
    },
    /// The bytes are not those that were sent.
    #[error(
        "The bytes that came are not those that were sent. They were thrown away; please send them again."
    )]
    Garbled,
    /// Bytes of it are being taken in.
    #[error("Another request sends this file at the moment. Please try again in a moment.")]
    Busy,
    /// The person began many and finished none of them.
    #[error("There are {0} unfinished uploads already. Finish or give up some of them first.")]
    TooMany(u64),
    /// What the sender says of it is too long to keep.
    #[error("The upload's metadata has more than {0} characters.")]
    TooTalkative(usize),
}

impl Rule for UploadRule {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Document(rule) => rule.kind(),
            Self::Over => ErrorKind::Gone,
            Self::TooMuch { .. } => ErrorKind::TooLarge,
            Self::Garbled | Self::TooTalkative(_) => ErrorKind::Invalid,
            Self::TooMany(_) => ErrorKind::Limited,
            Self::Elsewhere { .. } | Self::Interrupted { .. } | Self::Busy => ErrorKind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Document(rule) => rule.code(),
            Self::Over => "upload-over",
            Self::Elsewhere { .. } => "wrong-offset",
            Self::TooMuch { .. } => "upload-too-long",
            Self::Interrupted { .. } => "upload-interrupted",
            Self::Garbled => "checksum-mismatch",
            Self::Busy => "upload-busy",
            Self::TooMany(_) => "too-many-uploads",
            Self::TooTalkative(_) => "metadata-too-long",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Document(rule) => rule.field(),
            _ => None,
        }
    }
}
