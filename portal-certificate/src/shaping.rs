//! Text to glyphs: which font has which character, and how wide it is.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write;

use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{Direction, Face, UnicodeBuffer};
use unicode_bidi::{BidiInfo, Level, get_base_direction};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;

use crate::fonts::{Fonts, Loaded};

/// How text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// Each character that a font has as itself.
    AsItIs,
    /// What is not ASCII as its code point.
    InAscii,
}

/// Glyphs of one font, side by side.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// Which font.
    pub(crate) font: usize,
    /// What they say.
    pub(crate) text: String,
    /// In the order in which they stand on the page.
    pub(crate) glyphs: Vec<KrillaGlyph>,
}

impl Run {
    /// How wide it is, in parts of the font's size.
    pub(crate) fn width(&self) -> f32 {
        self.glyphs.iter().map(|glyph| glyph.x_advance).sum()
    }
}

/// Shapes text with some fonts.
pub(crate) struct Shaper<'f> {
    faces: Vec<Face<'f>>,
    written: Written,
    /// The font of each cluster that was asked for, by the font that is wanted first.
    known: RefCell<HashMap<(usize, String), Option<usize>>>,
}

impl<'f> Shaper<'f> {
    pub(crate) fn new(fonts: &'f Fonts, written: Written) -> Self {
        Self {
            faces: fonts.all().iter().filter_map(Loaded::face).collect(),
            written,
            known: RefCell::default(),
        }
    }

    /// `text` with what cannot be written spelt out, so that some font has every character of it.
    pub(crate) fn writable(&self, text: &str) -> String {
        let mut written = String::with_capacity(text.len());
        for cluster in text.graphemes(true) {
            if self.is_written(cluster) {
                written.push_str(cluster);
            } else {
                for character in cluster.chars() {
                    let mut alone = [0; 4];
                    if self.is_written(character.encode_utf8(&mut alone)) {
                        written.push(character);
                    } else {
                        // Writing to text does not fail.
                        let _ = write!(written, "[U+{:04X}]", u32::from(character));
                    }
                }
            }
        }
        written
    }

    fn is_written(&self, cluster: &str) -> bool {
        match self.written {
            Written::InAscii => cluster.chars().all(|c| c == ' ' || c.is_ascii_graphic()),
            Written::AsItIs => cluster.chars().all(is_visible) && self.font_of(0, cluster).is_some(),
        }
    }

    /// The first font that has all of a cluster, the wanted one before the others.
    fn font_of(&self, wanted: usize, cluster: &str) -> Option<usize> {
        let key = (wanted, cluster.to_owned());
        if let Some(known) = self.known.borrow().get(&key) {
            return *known;
        }
        let others = (0..self.faces.len()).filter(|font| *font != wanted);
        let font = std::iter::once(wanted).chain(others).find(|font| {
            let glyphs = self.glyphs(*font, cluster, false);
            !glyphs.is_empty() && glyphs.iter().all(|glyph| glyph.glyph_id != GlyphId::new(0))
        });
        self.known.borrow_mut().insert(key, font);
        font
    }

    /// A line of text as runs from left to right; `text` is [writable](Self::writable).
    pub(crate) fn line(&self, wanted: usize, text: &str, base: Option<Level>) -> Vec<Run> {
        let info = BidiInfo::new(text, base.or(Some(Level::ltr())));
        let mut runs = Vec::new();
        for paragraph in &info.paragraphs {
            let (levels, parts) = info.visual_runs(paragraph, paragraph.range.clone());
            for part in parts {
                let rtl = levels.get(part.start).is_some_and(Level::is_rtl);
                self.part(wanted, text.get(part).unwrap_or_default(), rtl, &mut runs);
            }
        }
        runs
    }

    /// A part of one direction, split where the font changes.
    fn part(&self, wanted: usize, text: &str, rtl: bool, runs: &mut Vec<Run>) {
        let mut parts: Vec<(usize, String)> = Vec::new();
        for cluster in text.graphemes(true) {
            let before = parts.last().map(|(font, _)| *font);
            let font = match before {
                // A space does not change the font: words stay together.
                Some(before) if cluster == " " && self.font_of(before, cluster) == Some(before) => before,
                _ => self.font_of(wanted, cluster).unwrap_or(wanted),
            };
            match parts.last_mut() {
                Some((same, text)) if *same == font => text.push_str(cluster),
                _ => parts.push((font, cluster.to_owned())),
            }
        }
        if rtl {
            parts.reverse();
        }
        runs.extend(parts.into_iter().map(|(font, text)| Run {
            glyphs: self.glyphs(font, &text, rtl),
            font,
            text,
        }));
    }

    fn glyphs(&self, font: usize, text: &str, rtl: bool) -> Vec<KrillaGlyph> {
        let Some(face) = self.faces.get(font) else {
            return Vec::new();
        };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(if rtl {
            Direction::RightToLeft
        } else {
            Direction::LeftToRight
        });
        let shaped = rustybuzz::shape(face, &[], buffer);
        let start = |cluster: u32| usize::try_from(cluster).unwrap_or_default();
        let mut starts: Vec<usize> = shaped
            .glyph_infos()
            .iter()
            .map(|info| start(info.cluster))
            .collect();
        starts.sort_unstable();
        let end = |from: usize| {
            let next = starts.partition_point(|start| *start <= from);
            starts.get(next).copied().unwrap_or(text.len())
        };
        let infos = shaped.glyph_infos().iter().zip(shaped.glyph_positions());
        let em = f32::from(i16::try_from(face.units_per_em()).unwrap_or(1_000));
        infos
            .map(|(info, position)| {
                let from = start(info.cluster);
                KrillaGlyph::new(
                    GlyphId::new(info.glyph_id),
                    in_ems(position.x_advance, em),
                    in_ems(position.x_offset, em),
                    in_ems(position.y_offset, em),
                    in_ems(position.y_advance, em),
                    from..end(from),
                    None,
                )
            })
            .collect()
    }

    /// How wide a text is when it stands in one line, in parts of the font's size.
    pub(crate) fn width(&self, wanted: usize, text: &str) -> f32 {
        let mut runs = Vec::new();
        let rtl = get_base_direction(text) == unicode_bidi::Direction::Rtl;
        self.part(wanted, text, rtl, &mut runs);
        runs.iter().map(Run::width).sum()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a glyph's measures have a few digits")]
fn in_ems(units: i32, em: f32) -> f32 {
    units as f32 / em
}

/// Whether a character is seen on paper. What is not (controls, marks of direction, private use) is spelt out: evidence hides nothing.
/// Joiners only shape what stands beside them.
fn is_visible(c: char) -> bool {
    match c.general_category() {
        GeneralCategory::Control
        | GeneralCategory::Format
        | GeneralCategory::PrivateUse
        | GeneralCategory::Surrogate
        | GeneralCategory::Unassigned
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator => matches!(c, '\u{200c}' | '\u{200d}'),
        // Blank, or drawn as nothing, whatever the font says.
        _ => !matches!(
            c,
            '\u{fe00}'..='\u{fe0f}'
                | '\u{e0100}'..='\u{e01ef}'
                | '\u{34f}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{3164}'
                | '\u{ffa0}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{2800}'
        ),
    }
}
