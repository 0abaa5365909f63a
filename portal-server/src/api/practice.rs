//! The practice.

use axum::extract::State;
use portal_core::practice::{Practice, PracticeDraft, PracticeSettings};
use portal_core::{Portal, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::values::{Failures, given, patched};
use crate::error::Problem;
use crate::extract::{ETagged, IfMatch, Json, Signed};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get, change))
}

/// The tenant that runs the portal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PracticeBody {
    id: Uuid,
    /// How often the record was saved; `If-Match` takes it.
    version: i64,
    name: String,
    /// The name that mail comes from; the practice's own when null.
    sender_name: Option<String>,
    #[schema(example = "#1f5fbf")]
    brand_colour: Option<String>,
    /// BCP 47.
    locale: String,
    /// IANA.
    #[schema(example = "Australia/Sydney")]
    time_zone: String,
    /// ISO 3166-1 alpha-2.
    country: String,
    /// The word its clients read for a matter.
    matter_word: String,
    help_text: String,
    settings: SettingsBody,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// What a practice can set.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingsBody {
    link_minutes: u32,
    session_minutes: u32,
    idle_minutes: u32,
    upload_most_bytes: u64,
    text_consent_needed: bool,
    approval_factor_needed: bool,
}

impl From<Practice> for PracticeBody {
    fn from(practice: Practice) -> Self {
        Self {
            id: practice.id.0,
            version: practice.version.0,
            name: practice.name,
            sender_name: practice.sender_name,
            brand_colour: practice.brand_colour.map(|colour| colour.to_string()),
            locale: practice.locale,
            time_zone: practice.time_zone,
            country: practice.country,
            matter_word: practice.matter_word,
            help_text: practice.help_text,
            settings: SettingsBody {
                link_minutes: practice.settings.link_minutes,
                session_minutes: practice.settings.session_minutes,
                idle_minutes: practice.settings.idle_minutes,
                upload_most_bytes: practice.settings.upload_most_bytes,
                text_consent_needed: practice.settings.text_consent_needed,
                approval_factor_needed: practice.settings.approval_factor_needed,
            },
            created_at: practice.created_at,
        }
    }
}

fn tagged(practice: Practice) -> ETagged<PracticeBody> {
    ETagged::new(practice.version, practice.into())
}

/// What changes about the practice; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent and null say different things")]
pub(crate) struct PracticeInput {
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    sender_name: Option<Option<String>>,
    /// `#` and six hexadecimal digits.
    #[serde(default, deserialize_with = "given")]
    brand_colour: Option<Option<String>>,
    locale: Option<String>,
    time_zone: Option<String>,
    country: Option<String>,
    matter_word: Option<String>,
    help_text: Option<String>,
    settings: Option<SettingsInput>,
}

/// What changes about the settings; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsInput {
    /// How long a sign-in link works: 10 to 2,880 minutes.
    link_minutes: Option<u32>,
    /// How long a session lasts at most: 10 to 2,880 minutes.
    session_minutes: Option<u32>,
    /// How long a session lasts unused: 5 to 2,880 minutes.
    idle_minutes: Option<u32>,
    /// The largest file that clients may upload, in bytes: up to 5 GiB.
    upload_most_bytes: Option<u64>,
    /// Whether automations text only numbers that agreed to it, by START for one.
    text_consent_needed: Option<bool>,
    /// Whether clients need a second factor with each answer to an approval. Refused with `no-second-factor` on a server that has none.
    approval_factor_needed: Option<bool>,
}

impl PracticeInput {
    fn onto(self, mut draft: PracticeDraft) -> PracticeDraft {
        patched(&mut draft.sender_name, self.sender_name);
        patched(&mut draft.brand_colour, self.brand_colour);
        let given = self.settings.unwrap_or_default();
        let settings = PracticeSettings {
            link_minutes: given.link_minutes.unwrap_or(draft.settings.link_minutes),
            session_minutes: given.session_minutes.unwrap_or(draft.settings.session_minutes),
            idle_minutes: given.idle_minutes.unwrap_or(draft.settings.idle_minutes),
            upload_most_bytes: given
                .upload_most_bytes
                .unwrap_or(draft.settings.upload_most_bytes),
            text_consent_needed: given
                .text_consent_needed
                .unwrap_or(draft.settings.text_consent_needed),
            approval_factor_needed: given
                .approval_factor_needed
                .unwrap_or(draft.settings.approval_factor_needed),
        };
        PracticeDraft {
            name: self.name.unwrap_or(draft.name),
            locale: self.locale.unwrap_or(draft.locale),
            time_zone: self.time_zone.unwrap_or(draft.time_zone),
            country: self.country.unwrap_or(draft.country),
            matter_word: self.matter_word.unwrap_or(draft.matter_word),
            help_text: self.help_text.unwrap_or(draft.help_text),
            settings,
            ..draft
        }
    }
}

/// The practice that the caller belongs to.
#[utoipa::path(get, path = "/practice", tag = "practice", responses((status = 200, body = PracticeBody), Failures))]
async fn get(signed: Signed, State(portal): State<Portal>) -> Result<ETagged<PracticeBody>, Problem> {
    Ok(tagged(portal.practice(signed.context()).await?))
}

/// Changes the practice's name, branding and settings.
#[utoipa::path(patch, path = "/practice", tag = "practice", request_body = PracticeInput,
    responses((status = 200, body = PracticeBody), Failures))]
async fn change(
    signed: Signed,
    State(portal): State<Portal>,
    IfMatch(expected): IfMatch,
    Json(input): Json<PracticeInput>,
) -> Result<ETagged<PracticeBody>, Problem> {
    let practice = portal.practice(signed.context()).await?;
    let expected = expected.or(Some(practice.version));
    let draft = input.onto(practice.draft());
    Ok(tagged(
        portal.update_practice(signed.context(), expected, &draft).await?,
    ))
}
