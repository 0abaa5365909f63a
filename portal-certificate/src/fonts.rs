//! The fonts: two that every build has, and those that an installation adds for further scripts.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use krilla::Data;
use krilla::text::Font;
use rustybuzz::Face;

use crate::document;

/// Where text is set in a proportional font.
pub(crate) const SANS: usize = 0;
/// Where hashes and commands are set.
pub(crate) const MONO: usize = 1;

/// Why a font is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FontProblem {
    /// It is no font, or a kind that cannot be read.
    #[error("is not a TrueType or OpenType font that can be read")]
    Unreadable,
    /// Its licence or its form forbids that it is put into a document for archiving.
    #[error("cannot be embedded in a PDF/A: its licence or its form does not allow it")]
    NotEmbeddable,
}

/// One font's bytes.
#[derive(Clone)]
struct Bytes(Arc<Cow<'static, [u8]>>);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// One font.
#[derive(Clone)]
pub(crate) struct Loaded {
    bytes: Bytes,
    font: Font,
}

impl Loaded {
    fn new(bytes: Cow<'static, [u8]>) -> Option<Self> {
        let bytes = Bytes(Arc::new(bytes));
        // Both readers have to understand it.
        Face::from_slice(bytes.as_ref(), 0)?;
        let data: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::new(bytes.clone());
        let font = Font::new(Data::from(data), 0)?;
        Some(Self { bytes, font })
    }

    pub(crate) fn face(&self) -> Option<Face<'_>> {
        Face::from_slice(self.bytes.as_ref(), 0)
    }

    pub(crate) const fn font(&self) -> &Font {
        &self.font
    }
}

/// The fonts that certificates are set in. Cheap to clone.
///
/// Each character is set in the first font that has it, so the same fonts in the same order make the same certificates.
#[derive(Clone)]
pub struct Fonts(Vec<Loaded>);

impl fmt::Debug for Fonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fonts({})", self.0.len())
    }
}

impl Default for Fonts {
    /// Those that every build has: Latin, Greek and Cyrillic.
    fn default() -> Self {
        let built_in = [
            epaint_default_fonts::UBUNTU_LIGHT,
            epaint_default_fonts::HACK_REGULAR,
        ];
        Self(
            built_in
                .into_iter()
                .filter_map(|bytes| Loaded::new(Cow::Borrowed(bytes)))
                .collect(),
        )
    }
}

impl Fonts {
    /// With one more, for characters that those before it do not have. The first font of a collection is taken.
    ///
    /// # Errors
    /// When it cannot be read, or not be embedded.
    pub fn with(mut self, bytes: Vec<u8>) -> Result<Self, FontProblem> {
        let loaded = Loaded::new(Cow::Owned(bytes)).ok_or(FontProblem::Unreadable)?;
        if !document::takes(&loaded) {
            return Err(FontProblem::NotEmbeddable);
        }
        self.0.push(loaded);
        Ok(self)
    }

    pub(crate) fn all(&self) -> &[Loaded] {
        &self.0
    }
}
