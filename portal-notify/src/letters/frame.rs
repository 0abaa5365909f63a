use portal_core::notify::About;
use portal_core::practice::{BrandColour, Practice};

use super::words;

/// The surfaces that a mail is shown on; `layout.html` uses the same values.
const LIGHT: BrandColour = BrandColour::WHITE;
const DARK: BrandColour = BrandColour([0x1d, 0x21, 0x28]);

/// The colour of a practice that chose none.
const NO_BRAND: BrandColour = BrandColour([0x1f, 0x4f, 0x96]);

/// What every letter shows around its own words.
pub(super) struct Frame<'a> {
    pub(super) subject: &'a str,
    pub(super) practice: &'a str,
    pub(super) about: &'a About,
    /// The word for a matter within a sentence.
    pub(super) matter_word: String,
    /// Where the button leads.
    pub(super) url: &'a str,
    pub(super) help: Vec<&'a str>,
    pub(super) light: Brand,
    pub(super) dark: Brand,
}

/// The practice's colour as it can be read on one surface.
pub(super) struct Brand {
    pub(super) accent: BrandColour,
    pub(super) on_accent: BrandColour,
}

impl Brand {
    fn on(surface: BrandColour, colour: BrandColour) -> Self {
        let accent = colour.readable_on(surface);
        Self {
            accent,
            on_accent: accent.on_accent(),
        }
    }
}

impl<'a> Frame<'a> {
    pub(super) fn new(practice: &'a Practice, about: &'a About, subject: &'a str, url: &'a str) -> Self {
        let colour = practice.brand_colour.unwrap_or(NO_BRAND);
        Self {
            subject,
            practice: &practice.name,
            about,
            matter_word: words::within_sentence(&practice.matter_word, &practice.locale),
            url,
            help: practice.help_text.lines().collect(),
            light: Brand::on(LIGHT, colour),
            dark: Brand::on(DARK, colour),
        }
    }

    /// Whether it is about a matter.
    pub(super) fn has_matter(&self) -> bool {
        !self.about.matter_reference.is_empty()
    }

    /// Whether the address is one to press: not where the real one is withheld, and never a script.
    pub(super) fn can_be_pressed(&self) -> bool {
        self.url.starts_with("https://") || self.url.starts_with("http://")
    }
}
