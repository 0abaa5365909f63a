//! A practice's colour as a style sheet: corrected until text can be read on it and in it, in light and in dark.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use portal_core::practice::{BrandColour, Practice};
use portal_core::{Error, NoRule, PracticeId};

use crate::error::Problem;
use crate::extract::Path;
use crate::state::AppState;

/// The darkest of the light backgrounds, and the lightest of the dark ones (`--sunken` and `--raised` of
/// `assets/tokens.css`): what can be read on these can be read on the others.
const LIGHT: BrandColour = BrandColour([0xee, 0xf0, 0xf3]);
const DARK: BrandColour = BrandColour([0x25, 0x28, 0x2d]);

/// The address of a practice's sheet; `None` for a practice without a colour.
pub(crate) fn href(practice: &Practice) -> Option<String> {
    practice
        .brand_colour
        .map(|_| format!("/assets/brand/{}.css?v={}", practice.id, practice.version.0))
}

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/assets/brand/{sheet}", get(serve))
}

async fn serve(State(state): State<AppState>, Path(sheet): Path<String>) -> Result<Response, Problem> {
    let id = sheet
        .strip_suffix(".css")
        .and_then(|id| id.parse::<PracticeId>().ok());
    let id = id.ok_or_else(Problem::not_found)?;
    let practice = state.portal().store().practice(id).await;
    let practice = practice.map_err(Error::<NoRule>::from)?;
    let colour = practice.and_then(|practice| practice.brand_colour);
    let head = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        // Another version of the practice has another address.
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    Ok((head, css(colour.ok_or_else(Problem::not_found)?)).into_response())
}

fn css(brand: BrandColour) -> String {
    let light = Shades::on(LIGHT, brand, 20);
    let dark = Shades::on(DARK, brand, 45);
    format!(
        ":root {{\n  --accent: light-dark({}, {});\n  --on-accent: light-dark({}, {});\n  --accent-soft: light-dark({}, {});\n}}\n",
        light.accent, dark.accent, light.on_accent, dark.on_accent, light.soft, dark.soft,
    )
}

struct Shades {
    accent: BrandColour,
    on_accent: BrandColour,
    soft: BrandColour,
}

impl Shades {
    /// The shades of `brand` on `background`, with so many of 255 parts of it in the soft one.
    fn on(background: BrandColour, brand: BrandColour, parts: u8) -> Self {
        let soft = background.mixed_with(brand, parts);
        let accent = brand.readable_on(background);
        // A correction for one can only be too little for the other, never too much: both lead the same way.
        let accent = accent.readable_on(soft);
        Self {
            on_accent: accent.on_accent(),
            accent,
            soft,
        }
    }
}

#[cfg(test)]
mod tests {
    use portal_core::practice::LEAST_CONTRAST;

    use super::*;

    #[test]
    fn every_brand_can_be_read_in_light_and_dark() {
        let text = [
            (LIGHT, BrandColour([0x1c, 0x20, 0x28])),
            (DARK, BrandColour([0xe9, 0xea, 0xec])),
        ];
        for step in 0..=0xFFF_u32 {
            let part = |shift: u32| u8::try_from((step >> shift) & 0xF).unwrap_or(0) * 17;
            let brand = BrandColour([part(8), part(4), part(0)]);
            for ((background, text), parts) in text.into_iter().zip([20, 45]) {
                let shades = Shades::on(background, brand, parts);
                for (what, contrast) in [
                    ("accent on the page", shades.accent.contrast(background)),
                    (
                        "accent on its soft background",
                        shades.accent.contrast(shades.soft),
                    ),
                    ("text on the accent", shades.on_accent.contrast(shades.accent)),
                    ("text on the soft background", text.contrast(shades.soft)),
                ] {
                    assert!(
                        contrast >= LEAST_CONTRAST,
                        "{brand} on {background}: {what} has {contrast:.2}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_sheet_sets_what_the_tokens_leave_to_it() {
        let css = css("#1f5fbf".parse().unwrap());
        for token in [
            "--accent: light-dark(#",
            "--on-accent: light-dark(#",
            "--accent-soft: light-dark(#",
        ] {
            assert!(css.contains(token), "{css}");
        }
    }
}
