//! Who may open the portal of a matter.

use axum::response::Response;
use portal_core::access::{AccessState, PortalAccess};
use portal_core::client::Client;
use portal_core::identity::Person;
use portal_core::matter::{Matter, MatterState, Participant};
use portal_core::policy::Capability;
use portal_core::{AccessId, ClientId, Error, Locator, MatterId, NoRule};

use super::super::desk::{Desk, Outcome, see_other, tried};
use super::super::rows::matter_href;
use super::super::sent::Sent;
use super::super::words::{access_badge, part_word};
use super::head;
use crate::cookies;
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::Place;
use crate::web::staff::matter::{Access, AccessRow};

fn access_href(matter: MatterId) -> String {
    format!("{}/access", matter_href(matter))
}

/// When somebody was invited, came in first, and is there at present.
async fn dates(desk: &Desk, access: &PortalAccess) -> Result<Vec<String>, Problem> {
    let ctx = desk.ctx();
    let mut dates = vec![format!("Enabled {}", desk.when.day_within(access.created_at))];
    dates.extend(
        access
            .invited_at
            .map(|at| format!("Invited {}", desk.when.moment_within(at))),
    );
    match access.first_entered_at {
        Some(at) => dates.push(format!("First opened {}", desk.when.moment_within(at))),
        None => dates.push("Never opened".into()),
    }
    let sessions = desk
        .portal()
        .store()
        .live_client_sessions(ctx.practice, access.client_id, ctx.at)
        .await;
    let sessions = sessions.map_err(Error::<NoRule>::from)?;
    let own: Vec<_> = sessions
        .iter()
        .filter(|session| matches!(session.person, Person::Client(_)) && access.is_active())
        .collect();
    if let Some(last) = own.iter().map(|session| session.seen_at).max() {
        let devices = if own.len() == 1 { "device" } else { "devices" };
        let seen = desk.when.moment(last);
        dates.push(format!("Signed in on {} {devices}, last seen {seen}", own.len()));
    }
    Ok(dates)
}

async fn row(
    desk: &Desk,
    matter: &Matter,
    client: &Client,
    participant: Option<&Participant>,
    access: Option<&PortalAccess>,
) -> Result<AccessRow, Problem> {
    let may = desk.may(Capability::ManageAccess) && matter.state == MatterState::Open;
    let may_enter = may && participant.is_some() && client.active;
    let state = access.map(|access| access.state);
    let action = |when: bool, path: &str| {
        access
            .filter(|_| when)
            .map(|access| format!("/staff/accesses/{}/{path}", access.id))
    };
    let is_active = state == Some(AccessState::Active);
    let is_shut = matches!(state, Some(AccessState::Revoked | AccessState::Closed));
    let has_email = client.email.is_some();
    let previews = desk.may(Capability::PreviewAsClient) && is_active && client.active;
    Ok(AccessRow {
        name: client.name(),
        client_href: format!("/staff/clients/{}", client.id),
        email: client.email.as_ref().map(ToString::to_string).unwrap_or_default(),
        part: participant
            .map_or("No longer on the matter", |participant| {
                part_word(participant.part)
            })
            .into(),
        badge: access_badge(access),
        url: access
            .map(|access| desk.portal().portal_url(access))
            .unwrap_or_default(),
        dates: match access {
            Some(access) => dates(desk, access).await?,
            None => Vec::new(),
        },
        enable_action: (may_enter && access.is_none())
            .then(|| format!("{}/{}/enable", access_href(matter.id), client.id)),
        can_invite: has_email,
        invite_action: action(may_enter && is_active && has_email, "invite"),
        preview_action: action(previews && matter.state == MatterState::Open, "preview"),
        revoke_action: action(desk.may(Capability::ManageAccess) && is_active, "revoke"),
        restore_action: action(may_enter && is_shut, "restore"),
    })
}

pub(in super::super) async fn show(desk: Desk, Path(id): Path<MatterId>) -> Result<Response, Problem> {
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    let participants = desk.portal().participants(desk.ctx(), id).await?;
    let accesses = desk.portal().accesses(desk.ctx(), id).await?;
    let mut rows = Vec::new();
    for (participant, client) in &participants {
        let access = accesses.iter().find(|(access, _)| access.client_id == client.id);
        let access = access.map(|(access, _)| access);
        rows.push(row(&desk, &matter, client, Some(participant), access).await?);
    }
    for (access, client) in &accesses {
        if !participants.iter().any(|(_, known)| known.id == client.id) {
            rows.push(row(&desk, &matter, client, None, Some(access)).await?);
        }
    }
    Ok(desk.page(&Access {
        shell: desk.shell(Some(Place::Matters)).await?,
        head: head(&desk, &matter).await?,
        rows,
        people_href: matter_href(id),
    }))
}

pub(in super::super) async fn enable(
    Path((id, client)): Path<(MatterId, ClientId)>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let invite = fields.text("invite") == "yes";
    let enabled = desk.portal().enable_access(desk.ctx(), id, client, invite).await;
    let text = if invite {
        "The portal is open to them, and an invitation is on its way."
    } else {
        "The portal is open to them. Nobody was told yet: send them the address, or an invitation."
    };
    desk.after(enabled, &access_href(id), text)
}

/// The page that a portal access is on, for who may see it.
async fn back(desk: &Desk, id: AccessId) -> Result<(String, String), Problem> {
    let found = desk.portal().access(desk.ctx(), id).await?;
    Ok((access_href(found.matter.id), found.client.name()))
}

pub(in super::super) async fn invite(
    Path(id): Path<AccessId>,
    Sent { desk, .. }: Sent,
) -> Result<Response, Problem> {
    let (back, name) = back(&desk, id).await?;
    let invited = desk.portal().invite(desk.ctx(), id).await;
    desk.after(
        invited,
        &back,
        format!("An invitation to {name} is on its way. Earlier links stop working."),
    )
}

pub(in super::super) async fn revoke(
    Path(id): Path<AccessId>,
    Sent { desk, .. }: Sent,
) -> Result<Response, Problem> {
    let (back, name) = back(&desk, id).await?;
    let revoked = desk.portal().revoke_access(desk.ctx(), id).await;
    desk.after(
        revoked,
        &back,
        format!("{name} is shut out of this portal, at once."),
    )
}

pub(in super::super) async fn restore(
    Path(id): Path<AccessId>,
    Sent { desk, .. }: Sent,
) -> Result<Response, Problem> {
    let (back, name) = back(&desk, id).await?;
    let restored = desk.portal().restore_access(desk.ctx(), id).await;
    desk.after(
        restored,
        &back,
        format!("{name} can sign in again, with a new link."),
    )
}

/// Opens the portal as its client sees it. The staff member stays signed in as themselves.
pub(in super::super) async fn preview(
    Path(id): Path<AccessId>,
    Sent { desk, .. }: Sent,
) -> Result<Response, Problem> {
    let (back, _) = back(&desk, id).await?;
    let previewed = desk.portal().preview(desk.ctx(), id).await;
    let signed_in = match tried(previewed)? {
        Outcome::Done(signed_in) => signed_in,
        Outcome::Wrong(errors) => {
            let text = errors
                .0
                .into_iter()
                .map(|error| error.text)
                .collect::<Vec<_>>()
                .join(" ");
            return Ok(desk.failed(&back, text));
        }
    };
    let locator = Locator::of_access(desk.ctx().practice, id);
    let mut response = see_other(&format!("/p/{locator}"));
    cookies::set_session(response.headers_mut(), desk.state.public_url(), &signed_in.token);
    Ok(response)
}
