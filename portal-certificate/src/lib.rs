//! The certificate of an approval's answer as a PDF/A-3a: pages for people, and the evidence for programs, attached as JSON.
//!
//! The pages repeat what the attached file says, and nothing else: they are a pure function of it and of the fonts. So a certificate
//! is the same, byte for byte, whenever it is made, and whoever makes it again knows whether its pages were changed.
//!
//! Text may be in any script. A character that no font has is written as `[U+1F600]`, and the page says that the attached file has it.

mod content;
mod document;
mod fonts;
mod layout;
mod lines;
mod shaping;
#[cfg(test)]
mod tests;

pub use content::{ATTACHED_NAME, MEDIA_TYPE};
pub use fonts::{FontProblem, Fonts};

use portal_core::approval::Certificate;

use crate::layout::Layout;
use crate::shaping::{Shaper, Written};

/// Why no PDF was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotMade {
    /// The certificate's evidence is not of its form.
    #[error("the certificate's evidence cannot be read")]
    Malformed,
    /// The PDF would not be a valid PDF/A.
    #[error("the certificate could not be written as PDF/A-3: {0}")]
    Refused(String),
}

/// The PDF of a certificate, with its JSON attached. It does not verify it.
///
/// # Errors
/// When what the certificate holds is not evidence.
pub fn pdf(certificate: &Certificate, fonts: &Fonts) -> Result<Vec<u8>, NotMade> {
    // A font may have a character and still have no way to write it that an archive accepts: then all that is not ASCII is spelt out,
    // rather than no certificate made.
    made(certificate, fonts, Written::AsItIs).or_else(|_| made(certificate, fonts, Written::InAscii))
}

fn made(certificate: &Certificate, fonts: &Fonts, written: Written) -> Result<Vec<u8>, NotMade> {
    let (evidence, shown) = certificate.told().ok_or(NotMade::Malformed)?;
    let shaper = Shaper::new(fonts, written);
    let mut layout = Layout::new(&shaper);
    content::write(&mut layout, certificate, &evidence, &shown);
    let title = shaper.writable(&content::title(&evidence, &shown));
    let pages = layout.finish();
    document::write(&pages, fonts, (&title, &evidence), &certificate.json())
}
