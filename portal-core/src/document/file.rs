//! What a file is called and what it is.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::DocumentRule;

/// A file's name, made safe to show and to send in a header: its last path segment, without characters that
/// hide or reorder text, at most 200 characters, never empty and never only dots.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileName(String);

impl FileName {
    /// The most characters kept of a name; the extension survives the cut.
    pub const MOST_CHARS: usize = 200;

    /// Makes a name safe. It never fails: what cannot be kept is left out.
    #[must_use]
    pub fn sanitise(name: &str) -> Self {
        let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let kept: String = last
            .chars()
            .map(|c| if c == '\n' || c == '\t' { ' ' } else { c })
            .filter(|c| !crate::text::is_treacherous(*c))
            .nfc()
            .map(|c| {
                if matches!(c, '"' | '<' | '>' | '|' | '*' | '?' | ':') {
                    '_'
                } else {
                    c
                }
            })
            .collect();
        let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
        let kept = kept.trim_matches(|c: char| c == '.' || c == ' ');
        if kept.is_empty() {
            return Self("file".into());
        }
        if kept.chars().count() <= Self::MOST_CHARS {
            return Self(kept.to_owned());
        }
        let extension = kept
            .rsplit_once('.')
            .map(|(_, e)| e)
            .filter(|e| !e.is_empty() && e.chars().count() <= 10);
        let suffix = extension.map(|e| format!(".{e}")).unwrap_or_default();
        let room = Self::MOST_CHARS - suffix.chars().count();
        let stem: String = kept.chars().take(room).collect();
        let stem = stem.trim_end_matches(['.', ' ']);
        Self(format!("{stem}{suffix}"))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the last dot, in lower case.
    #[must_use]
    pub fn extension(&self) -> Option<String> {
        self.0
            .rsplit_once('.')
            .map(|(_, extension)| extension.to_lowercase())
            .filter(|e| !e.is_empty())
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A kind of file that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileType {
    /// Its media type.
    pub media_type: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// The extensions it goes by.
    pub extensions: &'static [&'static str],
    /// Whether a browser may show it in a sandbox.
    pub previewable: bool,
}

const fn kind(
    media_type: &'static str,
    label: &'static str,
    extensions: &'static [&'static str],
    previewable: bool,
) -> FileType {
    FileType {
        media_type,
        label,
        extensions,
        previewable,
    }
}

/// The kinds taken. No kind that a browser would run is among them (no HTML, SVG or XML).
const TAKEN: [FileType; 20] = [
    kind("application/pdf", "a PDF", &["pdf"], true),
    kind(
        "image/jpeg",
        "a JPEG image",
        &["jpg", "jpeg", "jpe", "jfif"],
        true,
    ),
    kind("image/png", "a PNG image", &["png"], true),
    kind("image/gif", "a GIF image", &["gif"], true),
    kind("image/webp", "a WebP image", &["webp"], true),
    kind("image/heif", "a HEIC photo", &["heic", "heif"], false),
    kind("image/tiff", "a TIFF image", &["tif", "tiff"], false),
    kind("image/bmp", "a BMP image", &["bmp"], false),
    kind(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "a Word document",
        &["docx"],
        false,
    ),
    kind(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "an Excel workbook",
        &["xlsx"],
        false,
    ),
    kind(
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "a presentation",
        &["pptx"],
        false,
    ),
    kind(
        "application/vnd.oasis.opendocument.text",
        "an OpenDocument text",
        &["odt"],
        false,
    ),
    kind(
        "application/vnd.oasis.opendocument.spreadsheet",
        "an OpenDocument spreadsheet",
        &["ods"],
        false,
    ),
    kind("application/msword", "a Word document", &["doc"], false),
    kind("application/vnd.ms-excel", "an Excel workbook", &["xls"], false),
    kind("application/rtf", "a rich-text document", &["rtf"], false),
    kind("text/plain", "a text file", &["txt"], false),
    kind("text/csv", "a CSV file", &["csv"], false),
    kind("video/mp4", "a video", &["mp4", "m4v", "mov"], false),
    kind("audio/mpeg", "an audio file", &["mp3"], false),
];

impl FileType {
    /// How many of a file's first bytes [`FileType::decide`] wants to see.
    pub const HEAD: usize = 8_192;

    /// What a file's name says it is.
    ///
    /// # Errors
    /// `KindNotTaken` when no such kind is taken.
    pub fn claimed(name: &FileName) -> Result<Self, DocumentRule> {
        let extension = name.extension();
        TAKEN
            .into_iter()
            .find(|t| extension.as_deref().is_some_and(|e| t.extensions.contains(&e)))
            .ok_or_else(|| DocumentRule::KindNotTaken(name.to_string()))
    }

    /// Decides what a file is, by its name *and* its first bytes, which must agree.
    ///
    /// # Errors
    /// `KindNotTaken` when no such kind is taken, `NotWhatItSays` when name and content disagree.
    pub fn decide(name: &FileName, head: &[u8]) -> Result<Self, DocumentRule> {
        let claimed = Self::claimed(name)?;
        if claimed.matches(head) {
            return Ok(claimed);
        }
        let found = TAKEN
            .iter()
            .find(|t| t.media_type != "text/csv" && t.matches(head))
            .map_or("something else", |t| t.label);
        Err(DocumentRule::NotWhatItSays {
            name: name.to_string(),
            found,
        })
    }

    /// The kind with this media type, if it is taken.
    #[must_use]
    pub fn by_media_type(media_type: &str) -> Option<Self> {
        TAKEN.into_iter().find(|t| t.media_type == media_type)
    }

    /// What a file picker should offer: all extensions, as HTML's `accept` wants them.
    #[must_use]
    pub fn accept() -> String {
        let extensions: Vec<String> = TAKEN
            .iter()
            .flat_map(|t| t.extensions)
            .map(|e| format!(".{e}"))
            .collect();
        extensions.join(",")
    }

    fn matches(&self, head: &[u8]) -> bool {
        let found = infer::get(head).map(|found| found.mime_type());
        match self.media_type {
            "text/plain" | "text/csv" => found.is_none() && looks_like_text(head),
            "application/rtf" => head.starts_with(b"{\\rtf"),
            // Some writers put a few bytes before the header; PDF readers accept it within the first 1,024.
            "application/pdf" => head
                .get(..head.len().min(1_024))
                .is_some_and(|h| h.windows(5).any(|w| w == b"%PDF-") && !begins_as_markup(h)),
            "image/heif" => found == Some("image/heif") || is_heic(head),
            "video/mp4" => matches!(found, Some("video/mp4" | "video/x-m4v" | "video/quicktime")),
            media if media.starts_with("application/vnd.o") => {
                // The member that tells which office format it is may lie beyond the head.
                found == Some(media) || found == Some("application/zip")
            }
            "application/msword" | "application/vnd.ms-excel" => {
                found == Some(self.media_type)
                    || found == Some("application/x-ole-storage")
                    || head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
            }
            media => found == Some(media),
        }
    }
}

/// ISO base media brands that phones write for HEIC photos.
fn is_heic(head: &[u8]) -> bool {
    head.get(4..8) == Some(b"ftyp")
        && head.get(8..12).is_some_and(|brand| {
            matches!(
                brand,
                b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"mif1" | b"msf1"
            )
        })
}

/// Whether a browser that guesses would see a page here: a tag, comment or declaration comes first (WHATWG MIME
/// Sniffing, section 7.1, and more).
fn begins_as_markup(head: &[u8]) -> bool {
    let head = head
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(head)
        .trim_ascii_start();
    matches!(head, [b'<', next, ..] if next.is_ascii_alphabetic() || matches!(next, b'!' | b'?' | b'/'))
}

/// Text is UTF-8 (a character cut at the end of the head aside) without control characters, and is no markup that
/// a browser would run.
fn looks_like_text(head: &[u8]) -> bool {
    let text = match str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() && head.len() >= FileType::HEAD => head
            .get(..error.valid_up_to())
            .and_then(|valid| str::from_utf8(valid).ok())
            .unwrap_or_default(),
        Err(_) => return false,
    };
    !begins_as_markup(head)
        && !text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{C}'))
}
