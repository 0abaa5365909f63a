//! Lines to pages: A4, one column, labels on the left of what they name.

use crate::fonts::{MONO, SANS};
use crate::lines::{Reading, wrap};
use crate::shaping::{Run, Shaper};

/// A4, in points.
pub(crate) const PAGE: (f32, f32) = (595.28, 841.89);
const LEFT: f32 = 62.0;
const RIGHT: f32 = PAGE.0 - 62.0;
const TOP: f32 = 64.0;
const BOTTOM: f32 = PAGE.1 - 74.0;
/// Where what a label names begins.
const VALUES: f32 = LEFT + 128.0;

/// A colour as red, green, blue.
pub(crate) type Colour = (u8, u8, u8);
pub(crate) const INK: Colour = (0x1b, 0x1f, 0x24);
pub(crate) const QUIET: Colour = (0x57, 0x60, 0x6a);
pub(crate) const RULE: Colour = (0xd0, 0xd7, 0xde);
pub(crate) const ACCENT: Colour = (0x1f, 0x4e, 0x79);

/// How a piece of text looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) font: usize,
    pub(crate) size: f32,
    pub(crate) colour: Colour,
}

pub(crate) const BODY: Style = Style {
    font: SANS,
    size: 10.0,
    colour: INK,
};
pub(crate) const LABEL: Style = Style {
    font: SANS,
    size: 9.5,
    colour: QUIET,
};
pub(crate) const CODE: Style = Style {
    font: MONO,
    size: 8.0,
    colour: INK,
};
pub(crate) const SMALL: Style = Style {
    font: SANS,
    size: 8.5,
    colour: QUIET,
};
pub(crate) const HEADING: Style = Style {
    font: SANS,
    size: 12.5,
    colour: ACCENT,
};
pub(crate) const TITLE: Style = Style {
    font: SANS,
    size: 21.0,
    colour: INK,
};

impl Style {
    /// From one line to the next.
    const fn leading(self) -> f32 {
        self.size * 1.42
    }
}

/// A line of text at its place.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    /// The part of the document that it belongs to; `None` for what a page repeats.
    pub(crate) part: Option<usize>,
    pub(crate) x: f32,
    pub(crate) baseline: f32,
    pub(crate) style: Style,
    pub(crate) runs: Vec<Run>,
    /// Where pressing it leads.
    pub(crate) link: Option<String>,
}

/// A page.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageOf {
    pub(crate) lines: Vec<Placed>,
    /// Thin lines across the page, by height.
    pub(crate) rules: Vec<f32>,
}

/// What the document is made of, for readers who do not see it. Numbers name the parts whose lines belong to it.
#[derive(Debug, Clone)]
pub(crate) enum Element {
    /// A heading of a level, and its text.
    Heading(u16, String, usize),
    /// A paragraph.
    Paragraph(usize),
    /// Labels with what they name.
    Table(Vec<(usize, usize)>),
}

/// The finished pages.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pages {
    pub(crate) sheets: Vec<PageOf>,
    pub(crate) elements: Vec<Element>,
    /// How many parts there are.
    pub(crate) parts: usize,
}

/// Puts one thing below the other.
pub(crate) struct Layout<'s, 'f> {
    pub(crate) shaper: &'s Shaper<'f>,
    done: Pages,
    page: PageOf,
    /// Where the next thing begins, from the top of the page.
    y: f32,
}

impl<'s, 'f> Layout<'s, 'f> {
    pub(crate) fn new(shaper: &'s Shaper<'f>) -> Self {
        Self {
            shaper,
            done: Pages::default(),
            page: PageOf::default(),
            y: TOP,
        }
    }

    fn part(&mut self) -> usize {
        self.done.parts += 1;
        self.done.parts - 1
    }

    /// Begins another page when less than `height` is left.
    fn need(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.done.sheets.push(std::mem::take(&mut self.page));
            self.y = TOP;
        }
    }

    pub(crate) fn space(&mut self, height: f32) {
        self.y += height;
    }

    pub(crate) fn rule(&mut self) {
        self.page.rules.push(self.y);
        self.y += 1.0;
    }

    fn put(&mut self, part: usize, (x, size): (f32, f32), style: Style, runs: Vec<Run>, link: Option<&str>) {
        self.page.lines.push(Placed {
            part: Some(part),
            x,
            // Where the largest of the line stands in the middle of its leading.
            baseline: self.y + size * 1.08,
            style,
            runs,
            link: link.map(str::to_owned),
        });
    }

    fn paragraph_in(&mut self, part: usize, style: Style, text: (&str, Reading), link: Option<&str>) {
        for runs in wrap(self.shaper, style.font, text, (RIGHT - LEFT) / style.size) {
            self.need(style.leading());
            self.put(part, (LEFT, style.size), style, runs, link);
            self.y += style.leading();
        }
    }

    pub(crate) fn heading(&mut self, level: u16, style: Style, text: &str) {
        // Not at the end of a page, away from what it is the heading of.
        self.need(style.leading() + 4.0 * BODY.leading());
        let part = self.part();
        self.paragraph_in(part, style, (text, Reading::AsItBegins), None);
        self.done
            .elements
            .push(Element::Heading(level, self.shaper.writable(text), part));
    }

    pub(crate) fn paragraph(&mut self, style: Style, text: &str) {
        let part = self.part();
        self.paragraph_in(part, style, (text, Reading::LeftToRight), None);
        self.done.elements.push(Element::Paragraph(part));
    }

    /// A paragraph that is nothing but an address.
    pub(crate) fn link(&mut self, style: Style, address: &str) {
        let part = self.part();
        self.paragraph_in(part, style, (address, Reading::LeftToRight), Some(address));
        self.done.elements.push(Element::Paragraph(part));
    }

    /// Begins a table, to which [`row`](Self::row) adds.
    pub(crate) fn table(&mut self) {
        self.done.elements.push(Element::Table(Vec::new()));
    }

    /// A label, and what it names in one or more pieces below each other.
    pub(crate) fn row(&mut self, label: &str, values: &[(Style, &str)]) {
        let width = VALUES - LEFT - 10.0;
        let label = (label, Reading::AsItBegins);
        let mut labels = wrap(self.shaper, LABEL.font, label, width / LABEL.size).into_iter();
        let (named, value) = (self.part(), self.part());
        let lines = values.iter().flat_map(|(style, text)| {
            let text = (*text, Reading::AsItBegins);
            let lines = wrap(self.shaper, style.font, text, (RIGHT - VALUES) / style.size);
            lines.into_iter().map(move |runs| (*style, runs))
        });
        let mut lines: std::collections::VecDeque<_> = lines.collect();
        loop {
            let (label, line) = (labels.next(), lines.pop_front());
            if label.is_none() && line.is_none() {
                break;
            }
            let style = line.as_ref().map_or(LABEL, |(style, _)| *style);
            let leading = style
                .leading()
                .max(if label.is_some() { LABEL.leading() } else { 0.0 });
            self.need(leading);
            let size = if label.is_some() {
                LABEL.size.max(style.size)
            } else {
                style.size
            };
            if let Some(runs) = label {
                self.put(named, (LEFT, size), LABEL, runs, None);
            }
            if let Some((style, runs)) = line {
                self.put(value, (VALUES, size), style, runs, None);
            }
            self.y += leading;
        }
        self.y += 3.0;
        if let Some(Element::Table(rows)) = self.done.elements.last_mut() {
            rows.push((named, value));
        }
    }

    /// The pages, each with its number.
    pub(crate) fn finish(mut self) -> Pages {
        self.done.sheets.push(std::mem::take(&mut self.page));
        let count = self.done.sheets.len();
        for (number, page) in (1..).zip(&mut self.done.sheets) {
            let runs = self.shaper.line(SANS, &format!("Page {number} of {count}"), None);
            let width: f32 = runs.iter().map(Run::width).sum();
            page.rules.push(BOTTOM + 20.0);
            page.lines.push(Placed {
                part: None,
                x: RIGHT - width * SMALL.size,
                baseline: BOTTOM + 36.0,
                style: SMALL,
                runs,
                link: None,
            });
        }
        self.done
    }
}

/// Where rules begin and end.
pub(crate) const ACROSS: (f32, f32) = (LEFT, RIGHT);
