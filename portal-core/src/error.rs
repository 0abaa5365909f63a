//! What can go wrong, and what a caller may be told of it.

use std::convert::Infallible;
use std::fmt;

use crate::BlobError;

/// What kind of failure this is; an HTTP server maps each kind to one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The command itself is wrong; the caller can mend it.
    Invalid,
    /// Nobody is signed in, or the proof is no longer good.
    Unauthenticated,
    /// A known thing that this person may not do.
    Denied,
    /// There is no such thing, or none that this person may see.
    NotFound,
    /// The record is in a state that does not allow it, or somebody else was quicker.
    Conflict,
    /// It was here and is not any more.
    Gone,
    /// Too many bytes.
    TooLarge,
    /// A kind of file or body that is not taken.
    Unsupported,
    /// Too often; try again later.
    Limited,
    /// There is no room left to keep it.
    Full,
    /// The portal cannot do it at the moment.
    Unavailable,
    /// A fault of the portal.
    Internal,
}

/// A rule of one capability that a caller can break.
pub trait Rule: std::error::Error + Send + Sync + 'static {
    /// What kind of failure breaking it is.
    fn kind(&self) -> ErrorKind;
    /// A stable name in kebab-case, part of the API.
    fn code(&self) -> &'static str;
    /// The field that the rule speaks of, if it is one.
    fn field(&self) -> Option<&'static str> {
        None
    }
}

/// The rule of commands that have no rule of their own to break.
pub type NoRule = Infallible;

impl Rule for Infallible {
    fn kind(&self) -> ErrorKind {
        match *self {}
    }
    fn code(&self) -> &'static str {
        match *self {}
    }
}

/// One field of a command that is wrong, and the way on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name, as in the API; nested fields are joined with dots.
    pub field: String,
    /// A stable name in kebab-case.
    pub code: &'static str,
    /// A sentence for the person who filled it in.
    pub message: String,
}

impl FieldError {
    /// A field error.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code,
            message: message.into(),
        }
    }
}

/// All that is wrong with a command, at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Invalid {
    /// The fields that are wrong, in the order of the form.
    pub errors: Vec<FieldError>,
}

impl Invalid {
    /// One wrong field.
    pub fn field(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            errors: vec![FieldError::new(field, code, message)],
        }
    }

    /// Keeps `result`'s value, or notes its error and goes on to the next field.
    pub fn check<T>(&mut self, result: Result<T, FieldError>) -> Option<T> {
        result.map_err(|error| self.errors.push(error)).ok()
    }

    /// `Ok` when nothing was noted.
    pub fn finish(self) -> Result<(), Self> {
        if self.errors.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{}: {}", error.field, error.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}

impl From<FieldError> for Invalid {
    fn from(error: FieldError) -> Self {
        Self { errors: vec![error] }
    }
}

/// What a store can answer instead of a result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A record moved on since it was read. Read again and decide again.
    #[error("the record was changed by somebody else in the meantime")]
    Stale,
    /// A unique rule broke; carries the rule's name.
    #[error("there is one already ({0})")]
    Conflict(String),
    /// The database cannot be reached or has no room; nothing was changed.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// The connection broke while a change was on its way: it may have been done or not, and nobody who asks now can be told.
    /// Whoever does it again does it twice, perhaps.
    #[error("whether this was done is not known: {0}")]
    InDoubt(String),
    /// The cursor of a page is none that this list gave out.
    #[error("this is not a cursor that the list gave out")]
    Cursor,
    /// The database answered what it never should.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// Why a command was not done. `R` holds the rules of its capability.
#[derive(Debug, thiserror::Error)]
pub enum Error<R> {
    /// A rule of the capability.
    #[error(transparent)]
    Rule(R),
    /// There is no such thing, or none that the caller may see. Carries the word for the thing.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// The caller sees it but may not do this.
    #[error("You are not allowed to {0}.")]
    Denied(&'static str),
    /// Nobody is signed in.
    #[error("Please sign in.")]
    Unauthenticated,
    /// Fields of the command are wrong.
    #[error(transparent)]
    Invalid(Invalid),
    /// Too often.
    #[error("Too many attempts. Please try again in {} minutes.", retry_after_seconds.div_ceil(60))]
    Limited {
        /// When it is worth trying again, in seconds.
        retry_after_seconds: u32,
    },
    /// The store.
    #[error(transparent)]
    Store(StoreError),
    /// The blob store.
    #[error(transparent)]
    Blob(BlobError),
}

impl<R: Rule> Error<R> {
    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Rule(rule) => rule.kind(),
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Denied(_) => ErrorKind::Denied,
            Self::Unauthenticated => ErrorKind::Unauthenticated,
            Self::Invalid(_) => ErrorKind::Invalid,
            Self::Limited { .. } => ErrorKind::Limited,
            Self::Store(StoreError::Stale | StoreError::Conflict(_)) => ErrorKind::Conflict,
            Self::Store(StoreError::Cursor) => ErrorKind::Invalid,
            Self::Store(StoreError::Unavailable(_) | StoreError::InDoubt(_)) => ErrorKind::Unavailable,
            Self::Store(StoreError::Failed(_)) => ErrorKind::Internal,
            Self::Blob(BlobError::Full) => ErrorKind::Full,
            Self::Blob(BlobError::Busy) => ErrorKind::Conflict,
            Self::Blob(_) => ErrorKind::Internal,
        }
    }

    /// A stable name in kebab-case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.code(),
            Self::NotFound(_) => "not-found",
            Self::Denied(_) => "denied",
            Self::Unauthenticated => "unauthenticated",
            Self::Invalid(_) => "invalid",
            Self::Limited { .. } => "too-many-requests",
            Self::Store(StoreError::Stale) => "stale",
            Self::Store(StoreError::Cursor) => "invalid",
            Self::Store(StoreError::Conflict(_)) => "conflict",
            Self::Store(StoreError::Unavailable(_)) => "unavailable",
            Self::Store(StoreError::InDoubt(_)) => "outcome-unknown",
            Self::Blob(BlobError::Full) => "storage-full",
            Self::Blob(BlobError::Busy) => "busy",
            Self::Store(StoreError::Failed(_)) | Self::Blob(_) => "internal",
        }
    }

    /// The same failure among rules that hold these too.
    #[must_use]
    pub fn among<S: From<R>>(self) -> Error<S> {
        self.map_rule(|rule| Error::Rule(rule.into()))
    }

    /// The same failure among another capability's rules.
    pub fn map_rule<S>(self, map: impl FnOnce(R) -> Error<S>) -> Error<S> {
        match self {
            Self::Rule(rule) => map(rule),
            Self::NotFound(what) => Error::NotFound(what),
            Self::Denied(what) => Error::Denied(what),
            Self::Unauthenticated => Error::Unauthenticated,
            Self::Invalid(invalid) => Error::Invalid(invalid),
            Self::Limited { retry_after_seconds } => Error::Limited { retry_after_seconds },
            Self::Store(error) => Error::Store(error),
            Self::Blob(error) => Error::Blob(error),
        }
    }
}

impl Error<NoRule> {
    /// The same failure where a capability's own rules may break too.
    #[must_use]
    pub fn widen<S>(self) -> Error<S> {
        self.map_rule(|never| match never {})
    }
}

impl<R: Rule> From<R> for Error<R> {
    fn from(rule: R) -> Self {
        Self::Rule(rule)
    }
}

impl<R> From<StoreError> for Error<R> {
    /// A cursor that came from a caller is a wrong field of the command; all else is the store's.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Cursor => Self::Invalid(crate::Cursor::malformed().into()),
            other => Self::Store(other),
        }
    }
}

impl<R> From<Invalid> for Error<R> {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl<R> From<FieldError> for Error<R> {
    fn from(error: FieldError) -> Self {
        Self::Invalid(error.into())
    }
}

impl<R> From<BlobError> for Error<R> {
    fn from(error: BlobError) -> Self {
        Self::Blob(error)
    }
}
