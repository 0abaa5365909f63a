//! Clients: the list, one of them, adding and changing.

use axum::response::Response;
use portal_core::ClientId;
use portal_core::client::{Client, ClientDraft, ClientFilter};
use portal_core::conversation::Conversation;
use portal_core::matter::{MatterFilter, MatterSort};
use portal_core::policy::Capability;

use super::asked::{Asked, counted};
use super::consent;
use super::desk::{Desk, Outcome, tried};
use super::rows::PAGE;
use super::sent::{Fields, Sent};
use super::words::{active_badge, time_zones, zone_words};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::clients::{ClientForm, ClientPage, ClientRow, Clients};
use crate::web::staff::{Column, Fact, Place};
use crate::web::view::Errors;
use crate::web::when::When;

pub(super) fn client_href(id: ClientId) -> String {
    format!("/staff/clients/{id}")
}

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

pub(super) async fn list(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    let filter = ClientFilter { q: asked.search() };
    let page = desk
        .portal()
        .clients(desk.ctx(), &filter, &asked.page(PAGE))
        .await?;
    let columns = ["Name", "Reference", "Email", "Phone", "State"].map(|label| Column {
        label: label.to_owned(),
        ..Column::default()
    });
    let row = |client: &Client| ClientRow {
        href: client_href(client.id),
        name: client.name(),
        reference: client.reference.clone().unwrap_or_default(),
        email: text(client.email.as_ref()),
        phone: text(client.phone.as_ref()),
        badge: active_badge(client.active),
    };
    Ok(desk.page(&Clients {
        shell: desk.shell(Some(Place::Clients)).await?,
        counted: counted(page.total.unwrap_or_default(), "client", "clients"),
        q: asked.text("q").to_owned(),
        columns: columns.into(),
        rows: page.items.iter().map(row).collect(),
        pager: asked.pager(&page),
        new_href: desk.if_may(Capability::EditClients, "/staff/clients/new"),
    }))
}

pub(super) async fn show(desk: Desk, Path(id): Path<ClientId>, asked: Asked) -> Result<Response, Problem> {
    let client = desk.portal().client(desk.ctx(), id).await?;
    let nothing = (&Fields::default(), Errors::default());
    Ok(desk.page(&page(&desk, &client, &asked, nothing).await?))
}

/// The page of a client; with what was sent about text messages, and what is wrong with that.
pub(super) async fn page(
    desk: &Desk,
    client: &Client,
    asked: &Asked,
    sent: (&Fields, Errors),
) -> Result<ClientPage, Problem> {
    let id = client.id;
    let filter = MatterFilter {
        client: Some(id),
        ..MatterFilter::default()
    };
    let page = desk
        .portal()
        .matters(desk.ctx(), &filter, MatterSort::Updated, &asked.page(PAGE))
        .await?;
    let mut rows = Vec::with_capacity(page.items.len());
    for summary in &page.items {
        let accesses = desk.portal().accesses(desk.ctx(), summary.matter.id).await?;
        let access = accesses.iter().find(|(access, _)| access.client_id == id);
        let mut row = desk.matter_row(summary);
        row.access = super::words::access_badge(access.map(|(access, _)| access));
        rows.push(row);
    }
    let date = |date: Option<portal_core::Date>| date.map(When::full_date).unwrap_or_default();
    let href = client_href(id);
    let action = |active: bool, name: &str| {
        (client.active == active)
            .then(|| desk.if_may(Capability::EditClients, format!("{href}/{name}")))
            .flatten()
    };
    Ok(ClientPage {
        shell: desk.shell(Some(Place::Clients)).await?,
        name: client.name(),
        badge: active_badge(client.active),
        contact: vec![
            Fact::new("Email", text(client.email.as_ref())),
            Fact::new("Phone", text(client.phone.as_ref())),
            Fact::new("Language", client.language.clone().unwrap_or_default()),
            Fact::new("Time zone", zone_words(client.zone(&desk.practice().time_zone))),
            Fact::new("Reference", client.reference.clone().unwrap_or_default()),
        ],
        identity: vec![
            Fact::new("Date of birth", date(client.date_of_birth)),
            Fact::new("Nationality", client.nationality.clone().unwrap_or_default()),
            Fact::new("Passport", client.passport.number.clone().unwrap_or_default()),
            Fact::new("Issued", date(client.passport.issued_on)),
            Fact::new("Expires", date(client.passport.expires_on)),
        ],
        texts: consent::card(desk, client, sent).await?,
        matters: rows,
        total: page.total.unwrap_or_default(),
        pager: asked.pager(&page),
        edit_href: desk.if_may(Capability::EditClients, format!("{href}/edit")),
        messages_href: desk
            .portal()
            .conversation(desk.ctx(), Conversation::id_of(id))
            .await
            .is_ok()
            .then(|| super::inbox::href(id)),
        new_matter_href: desk
            .if_may(Capability::OpenMatters, format!("/staff/matters/new?client={id}"))
            .filter(|_| client.active),
        deactivate_action: action(true, "deactivate"),
        activate_action: action(false, "activate"),
        erase_href: desk.if_may(Capability::ManagePractice, format!("{href}/erase")),
    })
}

async fn form(
    desk: &Desk,
    client: Option<&Client>,
    fields: &Fields,
    errors: Errors,
) -> Result<ClientForm, Problem> {
    let href = client.map(|client| client_href(client.id));
    Ok(ClientForm {
        shell: desk.shell(Some(Place::Clients)).await?,
        heading: client.map_or_else(
            || "New client".to_owned(),
            |client| format!("Change {}", client.name()),
        ),
        action: href
            .as_ref()
            .map_or_else(|| "/staff/clients".to_owned(), |href| format!("{href}/edit")),
        cancel_href: href.unwrap_or_else(|| "/staff/clients".to_owned()),
        version: client.map_or_else(String::new, |client| client.version.0.to_string()),
        errors,
        given_names: fields.text("given_names"),
        family_name: fields.text("family_name"),
        email: fields.text("email"),
        phone: fields.text("phone"),
        reference: fields.text("reference"),
        date_of_birth: fields.text("date_of_birth"),
        nationality: fields.text("nationality"),
        language: fields.text("language"),
        time_zones: time_zones(&fields.text("time_zone")),
        own_time_zone: format!("As the practice ({})", zone_words(&desk.practice().time_zone)),
        passport_number: fields.text("passport_number"),
        passport_issued_on: fields.text("passport_issued_on"),
        passport_expires_on: fields.text("passport_expires_on"),
    })
}

fn draft(fields: &Fields) -> ClientDraft {
    ClientDraft {
        reference: fields.text("reference"),
        given_names: fields.text("given_names"),
        family_name: fields.text("family_name"),
        email: fields.text("email"),
        phone: fields.text("phone"),
        date_of_birth: fields.text("date_of_birth"),
        nationality: fields.text("nationality"),
        passport_number: fields.text("passport_number"),
        passport_issued_on: fields.text("passport_issued_on"),
        passport_expires_on: fields.text("passport_expires_on"),
        language: fields.text("language"),
        time_zone: fields.text("time_zone"),
    }
}

fn fields(draft: ClientDraft) -> Fields {
    Fields(
        [
            ("reference", draft.reference),
            ("given_names", draft.given_names),
            ("family_name", draft.family_name),
            ("email", draft.email),
            ("phone", draft.phone),
            ("date_of_birth", draft.date_of_birth),
            ("nationality", draft.nationality),
            ("passport_number", draft.passport_number),
            ("passport_issued_on", draft.passport_issued_on),
            ("passport_expires_on", draft.passport_expires_on),
            ("language", draft.language),
            ("time_zone", draft.time_zone),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
    )
}

pub(super) async fn new(desk: Desk) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditClients)?;
    Ok(desk.page(&form(&desk, None, &Fields::default(), Errors::default()).await?))
}

pub(super) async fn create(Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    match tried(desk.portal().add_client(desk.ctx(), &draft(&fields)).await)? {
        Outcome::Done(client) => {
            Ok(desk.done(&client_href(client.id), format!("{} is added.", client.name())))
        }
        Outcome::Wrong(errors) => Ok(desk.mend(&form(&desk, None, &fields, errors).await?)),
    }
}

pub(super) async fn edit(desk: Desk, Path(id): Path<ClientId>) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditClients)?;
    let client = desk.portal().client(desk.ctx(), id).await?;
    let fields = fields(client.draft());
    Ok(desk.page(&form(&desk, Some(&client), &fields, Errors::default()).await?))
}

pub(super) async fn update(
    Path(id): Path<ClientId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let draft = draft(&fields);
    match tried(
        desk.portal()
            .update_client(desk.ctx(), id, fields.version(), &draft)
            .await,
    )? {
        Outcome::Done(client) => Ok(desk.done(&client_href(id), format!("{} is changed.", client.name()))),
        Outcome::Wrong(errors) => {
            let client = desk.portal().client(desk.ctx(), id).await?;
            Ok(desk.mend(&form(&desk, Some(&client), &fields, errors).await?))
        }
    }
}

async fn set_active(desk: &Desk, id: ClientId, active: bool, text: &str) -> Result<Response, Problem> {
    let set = desk.portal().set_client_active(desk.ctx(), id, active).await;
    let text = match &set {
        Ok(client) => format!("{} {text}", client.name()),
        Err(_) => String::new(),
    };
    desk.after(set, &client_href(id), text)
}

pub(super) async fn deactivate(
    Path(id): Path<ClientId>,
    Sent { desk, .. }: Sent,
) -> Result<Response, Problem> {
    set_active(&desk, id, false, "is inactive and signed out everywhere.").await
}

pub(super) async fn activate(Path(id): Path<ClientId>, Sent { desk, .. }: Sent) -> Result<Response, Problem> {
    set_active(&desk, id, true, "is active again.").await
}
