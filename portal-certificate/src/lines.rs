//! Paragraphs to lines.

use unicode_bidi::{Direction, Level, get_base_direction};
use unicode_segmentation::UnicodeSegmentation;

use crate::shaping::{Run, Shaper};

/// Which way a paragraph reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As our own sentences do, whatever name begins them.
    LeftToRight,
    /// As its first letter does: what somebody filled in.
    AsItBegins,
}

/// `text` in lines that are at most `width` wide, in parts of the font's size. Nothing is left out but the blank at which a line
/// breaks; a word that is wider than a line is broken wherever it is full.
///
/// Lines begin on the left; what of them reads from right to left does so within the line, or over all of it where `direction` is that of
/// the text itself and it begins so.
pub(crate) fn wrap(
    shaper: &Shaper<'_>,
    font: usize,
    (text, direction): (&str, Reading),
    width: f32,
) -> Vec<Vec<Run>> {
    let mut lines = Vec::new();
    for paragraph in text.split(['\n', '\u{85}', '\u{2028}', '\u{2029}']) {
        // A tab is as good as a blank on paper, and so is what came before a line's end.
        let paragraph = paragraph.trim_end_matches('\r').replace('\t', " ");
        let written = shaper.writable(&paragraph);
        let base = match get_base_direction(written.as_str()) {
            Direction::Rtl if direction == Reading::AsItBegins => Level::rtl(),
            _ => Level::ltr(),
        };
        for line in broken(shaper, font, &written, width) {
            lines.push(shaper.line(font, &line, Some(base)));
        }
    }
    lines
}

fn broken(shaper: &Shaper<'_>, font: usize, text: &str, width: f32) -> Vec<String> {
    let blank = shaper.width(font, " ");
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0.0);
    for (number, word) in text.split(' ').enumerate() {
        let needed = shaper.width(font, word);
        let before = if number == 0 { 0.0 } else { blank };
        if used + before + needed <= width {
            if number > 0 {
                line.push(' ');
            }
            line.push_str(word);
            used += before + needed;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        used = 0.0;
        if needed <= width {
            line.push_str(word);
            used = needed;
            continue;
        }
        for cluster in word.graphemes(true) {
            let more = shaper.width(font, cluster);
            if used + more > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            line.push_str(cluster);
            used += more;
        }
    }
    lines.push(line);
    lines
}
