//! What clients want of text messages, as staff record it.

use axum::extract::State;
use portal_core::sms::{Consent, ConsentDraft, ConsentHow, Heard, TextConsent};
use portal_core::workflow::{Agreement, Held};
use portal_core::{ClientId, Portal, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::values::{Failures, IsoDate};
use crate::error::Problem;
use crate::extract::{Json, Path, Signed};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(show, record))
}

const fn agreement_word(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::Unknown => "unknown",
        Agreement::Agreed => "agreed",
        Agreement::OptedOut => "declined",
    }
}

const fn heard_word(heard: Heard) -> &'static str {
    match heard {
        Heard::ByKeyword => "by-keyword",
        Heard::ByProvider => "by-provider",
        Heard::ByStaff => "by-staff",
    }
}

/// Something that was said about text messages to a number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentBody {
    id: Uuid,
    /// `agreed` or `declined`; `unknown` for a START that took back a STOP and agreed to nothing here, as it answered another
    /// practice with the same number.
    #[schema(example = "agreed")]
    agreement: &'static str,
    /// `by-staff`, who recorded it; `by-keyword`, which they wrote (STOP, START); `by-provider`, who refused a message for it.
    #[schema(example = "by-staff")]
    heard: &'static str,
    /// How they told staff: `spoken`, `written` or `form`.
    how: Option<&'static str>,
    /// On which day they told staff.
    said_on: Option<IsoDate>,
    note: String,
    /// Who recorded it.
    staff_id: Option<Uuid>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Consent> for ConsentBody {
    fn from(consent: Consent) -> Self {
        Self {
            id: consent.id.0,
            agreement: agreement_word(consent.agreement),
            heard: heard_word(consent.heard),
            how: consent.how.map(ConsentHow::as_str),
            said_on: consent.said_on.map(IsoDate),
            note: consent.note,
            staff_id: consent.staff_id.map(|id| id.0),
            created_at: consent.created_at,
        }
    }
}

/// What is on record about text messages to a client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TextConsentBody {
    /// Their number (E.164), whom all of this is about; another number begins anew.
    phone: Option<String>,
    /// `unknown`, `agreed` or `declined`.
    #[schema(example = "agreed")]
    agreement: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// Whether they stopped the messages themselves, by STOP: only they can take that back, by START.
    stopped_by_them: bool,
    /// Another number of theirs (one that staff linked to them) from which they stopped the messages: that holds for all of
    /// their numbers, until they text START from there.
    stopped_at: Option<String>,
    /// Whether the practice texts only numbers that agreed.
    consent_needed: bool,
    /// Why a text message would not reach them now: `no-phone`, `invalid-phone`, `no-consent`, `opted-out` or `not-served`.
    held: Option<&'static str>,
    /// The last 50 things that were said, the newest first.
    history: Vec<ConsentBody>,
}

impl From<TextConsent> for TextConsentBody {
    fn from(consent: TextConsent) -> Self {
        let record = consent.record.as_ref();
        Self {
            agreement: agreement_word(record.map(|record| record.agreement).unwrap_or_default()),
            since: record.map(|record| record.since),
            stopped_by_them: consent.is_stopped_by_them(),
            stopped_at: consent.stopped_at.map(String::from),
            consent_needed: consent.consent_needed,
            held: consent.held.as_ref().map(Held::as_str),
            phone: consent.phone.map(String::from),
            history: consent.history.into_iter().map(ConsentBody::from).collect(),
        }
    }
}

/// What a client told staff.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentInput {
    /// `agreed`, or `declined` when they want no text messages.
    #[schema(value_type = String, example = "agreed")]
    agreement: Said,
    /// How they said so: `spoken`, `written` or `form`.
    #[schema(value_type = String, example = "spoken")]
    how: ConsentHow,
    /// On which day; today or before.
    #[schema(value_type = String, format = Date)]
    said_on: IsoDate,
    /// What else is worth knowing; at most 500 characters.
    #[serde(default)]
    note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Said {
    Agreed,
    Declined,
}

/// What is on record about text messages to a client.
#[utoipa::path(get, path = "/clients/{id}/text-consent", tag = "clients", params(("id" = Uuid, Path)),
    responses((status = 200, body = TextConsentBody), Failures))]
async fn show(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ClientId>,
) -> Result<Json<TextConsentBody>, Problem> {
    Ok(Json(portal.text_consent(signed.context(), id).await?.into()))
}

/// Records that a client told staff that they agree to text messages, or want none. Whoever stopped the messages themselves is
/// left alone.
#[utoipa::path(post, path = "/clients/{id}/text-consent", tag = "clients", params(("id" = Uuid, Path)),
    request_body = ConsentInput, responses((status = 200, body = TextConsentBody), Failures))]
async fn record(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ClientId>,
    Json(input): Json<ConsentInput>,
) -> Result<Json<TextConsentBody>, Problem> {
    let draft = ConsentDraft {
        agreed: input.agreement == Said::Agreed,
        how: input.how,
        said_on: input.said_on.0,
        note: input.note,
    };
    let consent = portal.record_consent(signed.context(), id, &draft).await?;
    Ok(Json(consent.into()))
}
