//! The practice's settings.

use axum::response::Response;
use portal_core::policy::Capability;
use portal_core::practice::{Practice, PracticeDraft, PracticeSettings};

use super::desk::{Desk, Outcome, tried};
use super::sent::{Fields, Sent};
use super::words::time_zones;
use crate::error::Problem;
use crate::web::staff::Place;
use crate::web::staff::settings::Settings;
use crate::web::view::Errors;

const MEGABYTE: u64 = 1 << 20;

fn fields(practice: &Practice) -> Fields {
    let settings = &practice.settings;
    let text = |text: Option<String>| text.unwrap_or_default();
    Fields(
        [
            ("name", practice.name.clone()),
            ("sender_name", text(practice.sender_name.clone())),
            (
                "brand_colour",
                text(practice.brand_colour.map(|colour| colour.to_string())),
            ),
            ("locale", practice.locale.clone()),
            ("time_zone", practice.time_zone.clone()),
            ("country", practice.country.clone()),
            ("matter_word", practice.matter_word.clone()),
            ("help_text", practice.help_text.clone()),
            ("link_minutes", settings.link_minutes.to_string()),
            ("session_minutes", settings.session_minutes.to_string()),
            ("idle_minutes", settings.idle_minutes.to_string()),
            (
                "upload_most_mb",
                (settings.upload_most_bytes / MEGABYTE).to_string(),
            ),
            ("text_consent_needed", settings.text_consent_needed.to_string()),
            (
                "approval_factor_needed",
                settings.approval_factor_needed.to_string(),
            ),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
    )
}

fn draft(fields: &Fields, errors: &mut Errors) -> PracticeDraft {
    let mut number = |name: &str| {
        let number: Option<u32> = fields.value(name);
        if number.is_none() {
            errors.add(name, "Write the number in digits.");
        }
        number.unwrap_or_default()
    };
    let settings = PracticeSettings {
        link_minutes: number("link_minutes"),
        session_minutes: number("session_minutes"),
        idle_minutes: number("idle_minutes"),
        upload_most_bytes: u64::from(number("upload_most_mb")) * MEGABYTE,
        text_consent_needed: fields.text("text_consent_needed") == "true",
        approval_factor_needed: fields.text("approval_factor_needed") == "true",
    };
    if jiff::tz::TimeZone::get(&fields.text("time_zone")).is_err() {
        errors.add("time_zone", "Choose a time zone from the list.");
    }
    PracticeDraft {
        name: fields.text("name"),
        sender_name: fields.text("sender_name"),
        brand_colour: fields.text("brand_colour"),
        locale: fields.text("locale"),
        time_zone: fields.text("time_zone"),
        country: fields.text("country"),
        matter_word: fields.text("matter_word"),
        help_text: fields.text("help_text"),
        settings,
    }
}

async fn page(
    desk: &Desk,
    practice: &Practice,
    fields: &Fields,
    errors: Errors,
) -> Result<Settings, Problem> {
    let mut placed = Errors::default();
    for error in &errors.0 {
        let field = error.field.strip_prefix("settings.").unwrap_or(&error.field);
        let field = if field == "upload_most_bytes" {
            "upload_most_mb"
        } else {
            field
        };
        placed.add(field, error.text.clone());
    }
    let locator = portal_core::Locator::of_practice(practice.id);
    Ok(Settings {
        shell: desk.shell(Some(Place::Settings)).await?,
        version: practice.version.0.to_string(),
        errors: placed,
        name: fields.text("name"),
        sender_name: fields.text("sender_name"),
        brand_colour: fields.text("brand_colour"),
        locale: fields.text("locale"),
        time_zones: time_zones(&fields.text("time_zone")),
        country: fields.text("country"),
        matter_word: fields.text("matter_word"),
        help_text: fields.text("help_text"),
        link_minutes: fields.text("link_minutes"),
        session_minutes: fields.text("session_minutes"),
        idle_minutes: fields.text("idle_minutes"),
        upload_most_mb: fields.text("upload_most_mb"),
        text_consent_needed: fields.text("text_consent_needed") == "true",
        approval_factor_needed: fields.text("approval_factor_needed") == "true",
        second_factor: desk
            .portal()
            .second_factor()
            .map(|factor| factor.label().to_owned()),
        sign_in_url: desk.portal().url(&format!("/staff/sign-in/{locator}")),
    })
}

pub(super) async fn show(desk: Desk) -> Result<Response, Problem> {
    desk.ctx().require(Capability::ManagePractice)?;
    let practice = desk.practice().clone();
    Ok(desk.page(&page(&desk, &practice, &fields(&practice), Errors::default()).await?))
}

pub(super) async fn update(Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    desk.ctx().require(Capability::ManagePractice)?;
    let mut errors = Errors::default();
    let draft = draft(&fields, &mut errors);
    if errors.is_empty() {
        match tried(
            desk.portal()
                .update_practice(desk.ctx(), fields.version(), &draft)
                .await,
        )? {
            Outcome::Done(_) => return Ok(desk.done("/staff/settings", "The settings are changed.")),
            Outcome::Wrong(wrong) => errors = wrong,
        }
    }
    let practice = desk.portal().practice(desk.ctx()).await?;
    Ok(desk.mend(&page(&desk, &practice, &fields, errors).await?))
}
