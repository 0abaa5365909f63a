//! Checkpoints that went through mail programs, editors and other systems.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The most levels of `>` that are taken off.
const MOST_QUOTES: usize = 8;

/// What is wrong with a checkpoint as a file, where its signed text cannot be restored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotACheckpoint {
    /// Nothing is in it.
    #[error("is empty")]
    Empty,
    /// No line begins with a dash and a space.
    #[error(
        "has no signature: a last line that begins with a dash and a space. Was it cut off, or is it another file?"
    )]
    NoSignature,
    /// What stands above the signature is not three lines.
    #[error("has {0} lines above its signature; there must be three, the origin, the size and the root")]
    Lines(usize),
    /// The second line.
    #[error("has {0:?} where the size must stand, a number without anything else")]
    Size(String),
    /// The third line.
    #[error("has {0:?} where the root must stand, 44 characters of base64")]
    Root(String),
    /// A signature line.
    #[error("has a signature that is not whole, or something after it: {0:?}")]
    Signature(String),
}

/// The signed checkpoint of a file as it was once, to be verified: it is whole when the signature is right, whatever was done here.
///
/// Taken away are a byte order mark, carriage returns, spaces at both ends of lines, empty lines, and `>` before every line; put
/// back are the line breaks, the empty line before the signatures and the em dash that begins each, where it became another dash;
/// a signature line that was wrapped is put together.
///
/// # Errors
/// What is there that no checkpoint has.
pub fn mended(file: &str) -> Result<String, NotACheckpoint> {
    let text = file.strip_prefix('\u{feff}').unwrap_or(file);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text
        .split('\n')
        .map(trimmed)
        .filter(|line| !line.is_empty())
        .collect();
    for _ in 0..MOST_QUOTES {
        let unquoted: Option<Vec<&str>> = lines
            .iter()
            .map(|line| line.strip_prefix('>').map(trimmed))
            .collect();
        match unquoted {
            Some(unquoted) => lines = unquoted.into_iter().filter(|line| !line.is_empty()).collect(),
            None => break,
        }
    }
    if lines.is_empty() {
        return Err(NotACheckpoint::Empty);
    }
    let first = lines.iter().position(|line| signature(line).is_some());
    let (head, signatures) = lines.split_at(first.ok_or(NotACheckpoint::NoSignature)?);
    let [origin, size, root] = head else {
        return Err(NotACheckpoint::Lines(head.len()));
    };
    if size.is_empty() || !size.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotACheckpoint::Size((*size).to_owned()));
    }
    if root.len() != 44 || STANDARD.decode(root).is_err() {
        return Err(NotACheckpoint::Root((*root).to_owned()));
    }
    let mut note = format!("{origin}\n{size}\n{root}\n");
    let mut words = Vec::<Vec<&str>>::new();
    for line in signatures {
        match (signature(line), words.last_mut()) {
            (None, Some(before)) => before.extend(line.split_whitespace()),
            (begun, _) => words.push(begun.unwrap_or(line).split_whitespace().collect()),
        }
    }
    for words in words {
        let wrong = || NotACheckpoint::Signature(words.join(" "));
        let (name, bytes) = words.split_first().ok_or_else(wrong)?;
        let bytes = bytes.concat();
        if bytes.is_empty() || STANDARD.decode(&bytes).is_err() {
            return Err(wrong());
        }
        note.extend(["\n\u{2014} ", name, " ", &bytes]);
    }
    // The first of them has the empty line before it.
    Ok(note + "\n")
}

/// Spaces as programs add them; nothing else may be missing from a line.
fn trimmed(line: &str) -> &str {
    line.trim_matches([' ', '\t', '\u{a0}'])
}

/// What follows the dash of a signature line. A dash in another encoding than UTF-8 was read as U+FFFD.
fn signature(line: &str) -> Option<&str> {
    let dashes = ["\u{2014}", "\u{2013}", "\u{2015}", "\u{fffd}", "--", "-"];
    let rest = dashes.iter().find_map(|dash| line.strip_prefix(dash))?;
    rest.strip_prefix([' ', '\t', '\u{a0}'])
}
