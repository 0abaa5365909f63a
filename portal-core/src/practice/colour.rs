//! Colours that can be read: the contrast of WCAG 2.2 and the correction of a brand colour to it.

use super::BrandColour;

/// The least contrast of text with its background (WCAG 2.2, success criterion 1.4.3, level AA).
pub const LEAST_CONTRAST: f64 = 4.5;

impl BrandColour {
    /// Black.
    pub const BLACK: Self = Self([0, 0, 0]);
    /// White.
    pub const WHITE: Self = Self([255, 255, 255]);

    /// How light it is, from 0 (black) to 1 (white): the relative luminance of WCAG 2.2.
    #[must_use]
    pub fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|value| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast of two colours, from 1 (the same) to 21 (black and white), whichever of them is the background.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(two) / one.min(two)
    }

    /// This colour with `parts` of 255 of `other` in it: 0 gives this one, 255 the other.
    #[must_use]
    pub fn mixed_with(self, other: Self, parts: u8) -> Self {
        let mix = |own: u8, its: u8| {
            let (own, its, parts) = (u32::from(own), u32::from(its), u32::from(parts));
            let sum = own * (255 - parts) + its * parts;
            u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX)
        };
        let ([r, g, b], [other_r, other_g, other_b]) = (self.0, other.0);
        Self([mix(r, other_r), mix(g, other_g), mix(b, other_b)])
    }

    /// This colour, as little darker or lighter as is needed for a contrast of 4.5:1 with `background`: for text
    /// on it, and for a button that has to stand out from it.
    ///
    /// There is always an answer: black or white has at least 4.58:1 on any background.
    #[must_use]
    pub fn readable_on(self, background: Self) -> Self {
        let goal = background.on_accent();
        (0..=u8::MAX)
            .map(|parts| self.mixed_with(goal, parts))
            .find(|colour| colour.contrast(background) >= LEAST_CONTRAST)
            .unwrap_or(goal)
    }

    /// Black or white, for text on a surface of this colour: white wherever it can be read.
    #[must_use]
    pub fn on_accent(self) -> Self {
        if self.contrast(Self::WHITE) >= LEAST_CONTRAST {
            Self::WHITE
        } else {
            Self::BLACK
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn colours() -> impl Strategy<Value = BrandColour> {
        any::<[u8; 3]>().prop_map(BrandColour)
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((BrandColour::BLACK.contrast(BrandColour::WHITE) - 21.0).abs() < 1e-9);
        // The darkest grey that is too light, and the next one, on white.
        assert!(BrandColour([0x77; 3]).contrast(BrandColour::WHITE) < LEAST_CONTRAST);
        assert!(BrandColour([0x76; 3]).contrast(BrandColour::WHITE) >= LEAST_CONTRAST);
    }

    #[test]
    fn a_colour_that_can_be_read_stays_as_it_is() {
        let navy = BrandColour([0x1f, 0x3f, 0x7f]);
        assert_eq!(navy.readable_on(BrandColour::WHITE), navy);
        let yellow = BrandColour([0xff, 0xd4, 0x00]);
        assert_eq!(yellow.readable_on(BrandColour::BLACK), yellow);
        assert_eq!(yellow.on_accent(), BrandColour::BLACK);
    }

    #[test]
    fn yellow_on_white_becomes_a_dark_yellow() {
        let BrandColour([red, green, blue]) = BrandColour([0xff, 0xd4, 0x00]).readable_on(BrandColour::WHITE);
        assert!(red > green && green > blue, "it keeps its hue");
    }

    proptest! {
        #[test]
        fn what_is_corrected_can_be_read(colour in colours(), background in colours()) {
            let corrected = colour.readable_on(background);
            prop_assert!(corrected.contrast(background) >= LEAST_CONTRAST);
        }

        #[test]
        fn text_on_any_colour_can_be_read(colour in colours()) {
            prop_assert!(colour.on_accent().contrast(colour) >= LEAST_CONTRAST);
        }

        #[test]
        fn contrast_does_not_care_which_is_behind(one in colours(), two in colours()) {
            prop_assert!((one.contrast(two) - two.contrast(one)).abs() < f64::EPSILON);
            prop_assert!((1.0..=21.000_001).contains(&one.contrast(two)));
        }

        #[test]
        fn mixing_stays_between_its_colours(one in colours(), two in colours(), parts: u8) {
            prop_assert_eq!(one.mixed_with(two, 0), one);
            prop_assert_eq!(one.mixed_with(two, 255), two);
            let (one, mixed, two) = (one.0, one.mixed_with(two, parts).0, two.0);
            for ((own, mix), its) in one.into_iter().zip(mixed).zip(two) {
                prop_assert!((own.min(its)..=own.max(its)).contains(&mix));
            }
        }
    }
}
