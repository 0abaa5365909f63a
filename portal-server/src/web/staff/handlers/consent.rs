//! Text messages to a client: what is on record, what they told staff, and what was held back.

use axum::response::Response;
use portal_core::ClientId;
use portal_core::client::Client;
use portal_core::policy::Capability;
use portal_core::sms::{Consent, ConsentDraft, ConsentHow, Heard, TextConsent};
use portal_core::workflow::{Agreement, Held};

use super::clients::{client_href, page};
use super::desk::{Desk, Outcome, tried};
use super::matter::checklist::date;
use super::rows::matter_href;
use super::sent::{Fields, Sent};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::Happened;
use crate::web::staff::clients::{ConsentForm, HeldText, TextCard};
use crate::web::view::{Badge, Choice, Errors, Tone};

const fn how_word(how: ConsentHow) -> &'static str {
    match how {
        ConsentHow::Spoken => "In person or on the telephone",
        ConsentHow::Written => "By letter or mail",
        ConsentHow::Form => "On a form",
    }
}

/// Where it stands, and what that means.
fn state(desk: &Desk, consent: &TextConsent) -> (Badge, String) {
    let since = consent
        .record
        .as_ref()
        .map(|record| desk.when.day(record.since))
        .unwrap_or_default();
    let record = consent.record.as_ref();
    let heard = record.map(|record| (record.agreement, record.heard));
    let none = |text: &str| Badge::new(Tone::Warning, text).with_icon("minus-circle");
    match (&consent.held, heard) {
        (Some(Held::NoPhone), _) => (
            Badge::new(Tone::Neutral, "No number").with_icon("phone"),
            "Text messages need a telephone number. Add it to the details.".to_owned(),
        ),
        (Some(Held::InvalidPhone), _) => (
            none("No such number"),
            "No telephone has this number, so nothing is sent to it. Check the details.".to_owned(),
        ),
        (_, Some((Agreement::OptedOut, Heard::ByKeyword))) => (
            none("Stopped by them"),
            format!(
                "They texted STOP ({since}). Nothing is texted to this number, and nobody here can change that: they start \
                 messages again by texting START."
            ),
        ),
        (_, Some((Agreement::OptedOut, Heard::ByProvider))) => (
            none("Stopped by them"),
            format!(
                "Their provider says that they stopped our messages ({since}). Nobody here can change that: they start \
                 messages again by texting START."
            ),
        ),
        (_, Some((Agreement::OptedOut, Heard::ByStaff))) => (
            none("Wants none"),
            format!("They told us that they want no text messages ({since})."),
        ),
        (Some(Held::OptedOut), _) if consent.stopped_at.is_some() => (
            none("Stopped by them"),
            format!(
                "They stopped text messages from another number, {}. That holds for all of their numbers, until they text \
                 START from there.",
                consent.stopped_at.as_ref().map(ToString::to_string).unwrap_or_default()
            ),
        ),
        (_, Some((Agreement::Agreed, _))) => (
            Badge::new(Tone::Success, "Agreed"),
            format!("They agreed to text messages ({since})."),
        ),
        (Some(Held::NoConsent), _) => (
            none("Not agreed yet"),
            "The practice texts only numbers that agreed. Record here that they did, or ask them to text START.".to_owned(),
        ),
        (_, _) => (
            Badge::new(Tone::Neutral, "Nothing recorded").with_icon("circle"),
            "Nobody recorded what they want. The practice's settings allow text messages until they stop them.".to_owned(),
        ),
    }
}

async fn entry(desk: &Desk, consent: &Consent) -> Result<Happened, Problem> {
    let said = match consent.agreement {
        Agreement::Agreed => "agreed to text messages",
        Agreement::OptedOut | Agreement::Unknown => "wanted no more text messages",
    };
    let how = consent.how.map(|how| how_word(how).to_lowercase());
    let (who, what) = match (consent.heard, consent.staff_id) {
        (Heard::ByStaff, Some(staff)) => (
            desk.staff_name(staff).await?,
            format!("recorded that they {said}, {}", how.unwrap_or_default()),
        ),
        (Heard::ByStaff, None) => ("The portal".to_owned(), format!("recorded that they {said}")),
        (Heard::ByKeyword, _) => {
            let word = match consent.agreement {
                Agreement::OptedOut => "STOP",
                Agreement::Agreed | Agreement::Unknown => "START",
            };
            ("They".to_owned(), format!("texted {word}"))
        }
        (Heard::ByProvider, _) => ("Their provider".to_owned(), format!("said that they {said}")),
    };
    let day = consent.said_on.map(|day| format!("On {}", desk.when.date(day)));
    let note: Vec<String> = day
        .into_iter()
        .chain(Some(consent.note.clone()).filter(|note| !note.is_empty()))
        .collect();
    Ok(Happened {
        icon: match consent.agreement {
            Agreement::Agreed | Agreement::Unknown => "check-circle",
            Agreement::OptedOut => "minus-circle",
        },
        who,
        what,
        href: String::new(),
        when: desk.when.moment(consent.created_at),
        note: note.join(": "),
    })
}

/// What a client's page shows of it.
pub(super) async fn card(
    desk: &Desk,
    client: &Client,
    (fields, errors): (&Fields, Errors),
) -> Result<TextCard, Problem> {
    let consent = desk.portal().text_consent(desk.ctx(), client.id).await?;
    let (badge, text) = state(desk, &consent);
    let mut history = Vec::with_capacity(consent.history.len());
    for own in &consent.history {
        history.push(entry(desk, own).await?);
    }
    let held = desk.portal().held_texts(desk.ctx(), client.id).await?;
    let held = held.iter().map(|text| HeldText {
        href: text.matter_id.map_or_else(String::new, |matter| {
            format!("{}/activity?show=mail#mail-{}", matter_href(matter), text.id)
        }),
        when: desk.when.moment(text.created_at),
        why: text.last_error.clone().unwrap_or_default(),
    });
    let may = desk.may(Capability::EditClients) && consent.phone.is_some() && !consent.is_stopped_by_them();
    let mut refused = Errors::default();
    if !may {
        for error in &errors.0 {
            refused.add("", error.text.clone());
        }
    }
    let form = may.then(|| {
        let said_on = fields.text("said_on");
        ConsentForm {
            action: format!("{}/consent", client_href(client.id)),
            agreements: vec![
                Choice::new("agreed", "They agree to text messages", &fields.text("agreement")),
                Choice::new(
                    "declined",
                    "They want no text messages",
                    &fields.text("agreement"),
                ),
            ],
            ways: ConsentHow::ALL
                .map(|how| Choice::new(how.as_str(), how_word(how), &fields.text("how")))
                .into(),
            said_on: if said_on.is_empty() && errors.is_empty() {
                desk.when.today().to_string()
            } else {
                said_on
            },
            note: fields.text("note"),
            errors,
        }
    });
    Ok(TextCard {
        badge,
        text,
        held: held.collect(),
        history,
        refused,
        form,
    })
}

fn draft(fields: &Fields, errors: &mut Errors) -> Option<ConsentDraft> {
    let agreed = match fields.text("agreement").as_str() {
        "agreed" => Some(true),
        "declined" => Some(false),
        _ => None,
    };
    if agreed.is_none() {
        errors.add("agreement", "Choose what they said.");
    }
    let how = fields.text("how");
    let how = ConsentHow::ALL.into_iter().find(|known| known.as_str() == how);
    if how.is_none() {
        errors.add("how", "Choose how they said so.");
    }
    let said_on = date("said_on", &fields.text("said_on"), errors);
    if said_on.is_none() && errors.of("said_on").is_empty() {
        errors.add("said_on", "Give the day on which they said so.");
    }
    Some(ConsentDraft {
        agreed: agreed?,
        how: how?,
        said_on: said_on?,
        note: fields.text("note"),
    })
}

pub(super) async fn record(
    Path(id): Path<ClientId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditClients)?;
    let client = desk.portal().client(desk.ctx(), id).await?;
    let mut errors = Errors::default();
    if let Some(draft) = draft(&fields, &mut errors) {
        match tried(desk.portal().record_consent(desk.ctx(), id, &draft).await)? {
            Outcome::Done(_) => {
                let text = if draft.agreed {
                    format!("It is on record that {} agrees to text messages.", client.name())
                } else {
                    format!("It is on record that {} wants no text messages.", client.name())
                };
                return Ok(desk.done(&client_href(id), text));
            }
            Outcome::Wrong(wrong) => errors = wrong,
        }
    }
    let asked = super::asked::Asked::new(&client_href(id), "");
    Ok(desk.mend(&page(&desk, &client, &asked, (&fields, errors)).await?))
}
