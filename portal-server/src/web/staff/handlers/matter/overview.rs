//! What needs attention, who is involved.

use axum::response::Response;
use portal_core::audit::AuditFilter;
use portal_core::client::Client;
use portal_core::matter::{Matter, MatterFilter, MatterSort, MatterState, Part, Participant};
use portal_core::notify::{DeliveryFilter, DeliveryState};
use portal_core::policy::Capability;
use portal_core::workflow::{PRACTICE_AREA, STAGE};
use portal_core::{ClientId, MatterId, PageRequest, StaffId};

use super::super::desk::{Desk, Outcome, tried};
use super::super::find;
use super::super::rows::{matter_href, workers};
use super::super::sent::{Fields, Sent};
use super::super::tasks;
use super::super::words::{access_badge, part_word};
use super::{audit, documents_of, head, requests_of, stage};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::matter::{Overview, ParticipantRow, TeamRow, Tile};
use crate::web::staff::{Fact, MatterRow, Place};
use crate::web::view::{Choice, Errors};

/// How much of what happened the overview shows.
const LATEST: u32 = 6;
/// How many parts of a matter the overview shows; the list of matters has the others.
const MOST_RELATED: u32 = 50;

fn parts(chosen: Part) -> Vec<Choice> {
    Part::ALL
        .map(|part| Choice::new(part.as_str(), part_word(part), chosen.as_str()))
        .into()
}

async fn related(desk: &Desk, matter: &Matter) -> Result<Vec<MatterRow>, Problem> {
    let mut rows = Vec::new();
    if let Some(parent) = matter.parent_id
        && let Ok(parent) = desk.portal().matter(desk.ctx(), parent).await
    {
        rows.push(MatterRow {
            href: matter_href(parent.id),
            badge: super::super::words::matter_badge(parent.state),
            reference: parent.reference,
            title: parent.title,
            clients: "This matter belongs to it".into(),
            stage: parent.stage.unwrap_or_default(),
            ..MatterRow::default()
        });
    }
    let filter = MatterFilter {
        parent: Some(matter.id),
        ..MatterFilter::default()
    };
    let page = PageRequest::first(MOST_RELATED);
    let found = desk
        .portal()
        .matters(desk.ctx(), &filter, MatterSort::Reference, &page)
        .await?;
    rows.extend(found.items.iter().map(|summary| desk.matter_row(summary)));
    Ok(rows)
}

fn facts(desk: &Desk, matter: &Matter, owner: String) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new("Reference", matter.reference.clone()),
        Fact::new(
            "Practice area",
            stage::said(matter, PRACTICE_AREA, matter.practice_area.as_ref()),
        ),
        Fact::new("Stage", stage::said(matter, STAGE, matter.stage.as_ref())),
        Fact::new("Owner", owner),
        Fact::new("Opened", desk.when.day(matter.created_at)),
    ];
    facts.extend(
        matter
            .attributes
            .iter()
            .map(|(name, value)| Fact::new(name, stage::said(matter, name, Some(value)))),
    );
    facts
}

async fn people(desk: &Desk, matter: &Matter) -> Result<Vec<ParticipantRow>, Problem> {
    let participants = desk.portal().participants(desk.ctx(), matter.id).await?;
    let accesses = desk.portal().accesses(desk.ctx(), matter.id).await?;
    let may = desk.may(Capability::EditMatters);
    let is_open = matter.state == MatterState::Open;
    let row = |(participant, client): &(Participant, Client)| {
        let access = accesses.iter().find(|(access, _)| access.client_id == client.id);
        let access = access.map(|(access, _)| access);
        let action = format!("{}/participants/{}", matter_href(matter.id), client.id);
        let removable = may && !access.is_some_and(portal_core::access::PortalAccess::is_active);
        ParticipantRow {
            name: client.name(),
            href: format!("/staff/clients/{}", client.id),
            part: part_word(participant.part).to_owned(),
            badge: access_badge(access),
            remove_action: removable.then(|| format!("{action}/remove")),
            part_action: (may && is_open).then_some(action),
            parts: parts(participant.part),
        }
    };
    Ok(participants.iter().map(row).collect())
}

async fn page(desk: &Desk, matter: &Matter, fields: &Fields, errors: Errors) -> Result<Overview, Problem> {
    let (portal, ctx) = (desk.portal(), desk.ctx());
    let href = matter_href(matter.id);
    let tile = |number, label: &str, path: &str| Tile {
        number,
        label: label.to_owned(),
        href: format!("{href}{path}"),
    };
    let documents = portal.document_counts(ctx, &documents_of(matter)).await?;
    let late = portal_core::checklist::RequestFilter {
        overdue_on: Some(desk.when.today()),
        ..requests_of(matter)
    };
    let late = portal.request_counts(ctx, &late).await?;
    let requests = portal.request_counts(ctx, &requests_of(matter)).await?;
    let filter = AuditFilter {
        matter: Some(matter.id),
        ..AuditFilter::default()
    };
    let latest = portal
        .audit_entries(ctx, &filter, &PageRequest::first(LATEST))
        .await?;
    let team = portal.team(ctx, matter.id).await?;
    let may = desk.may(Capability::EditMatters);
    let is_open = matter.state == MatterState::Open;
    let team_choices = if may {
        let on_it = |id: &str| {
            matter.owner_id.to_string() == id || team.iter().any(|member| member.id.to_string() == id)
        };
        let mut choices = workers(&desk.all_staff().await?, "");
        choices.retain(|choice| !on_it(&choice.value));
        choices
    } else {
        Vec::new()
    };
    let action = |path: &str, when: bool| (may && when).then(|| format!("{href}{path}"));
    let held = DeliveryFilter {
        matter: Some(matter.id),
        state: Some(DeliveryState::Held),
        ..DeliveryFilter::default()
    };
    let held = portal
        .deliveries(ctx, &held, &PageRequest::count())
        .await?
        .total
        .unwrap_or_default();
    let held = (held > 0).then(|| tile(held, "Messages held back", "/activity?show=mail"));
    Ok(Overview {
        shell: desk.shell(Some(Place::Matters)).await?,
        head: head(desk, matter).await?,
        tiles: [
            tile(
                documents.pending_review,
                "Files to review",
                "/documents?status=pending-review",
            ),
            tile(late.to_do(), "Overdue requests", "/checklist?show=overdue"),
            tile(requests.to_do(), "With the client", "/checklist?show=outstanding"),
        ]
        .into_iter()
        .chain(held)
        .collect(),
        facts: facts(desk, matter, desk.staff_name(matter.owner_id).await?),
        stage: stage::card(desk, matter).await?,
        tasks: tasks::card(desk, matter).await?,
        people: people(desk, matter).await?,
        add_person_action: action("/participants", is_open),
        parts: parts(fields.value("part").unwrap_or(Part::Principal)),
        errors,
        client: fields.text("client"),
        team: team
            .iter()
            .map(|member| TeamRow {
                name: member.name.clone(),
                remove_action: action(&format!("/team/{}/remove", member.id), true),
            })
            .collect(),
        add_team_action: action("/team", !team_choices.is_empty()),
        team_choices,
        related: related(desk, matter).await?,
        recent: audit::happened(desk, matter, &latest.items).await?,
        close_action: action("/close", is_open),
        reopen_action: action("/reopen", !is_open),
    })
}

pub(in super::super) async fn show(desk: Desk, Path(id): Path<MatterId>) -> Result<Response, Problem> {
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    Ok(desk.page(&page(&desk, &matter, &Fields::default(), Errors::default()).await?))
}

pub(in super::super) async fn add_person(
    Path(id): Path<MatterId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    desk.ctx().require(Capability::EditMatters)?;
    let mut errors = Errors::default();
    let part: Option<Part> = fields.value("part");
    if part.is_none() {
        errors.add("part", "Choose what they are to the matter.");
    }
    match find::client(&desk, &fields.text("client")).await? {
        Err(text) => errors.add("client", text),
        Ok(client) => {
            if let Some(part) = part {
                let put = desk
                    .portal()
                    .put_participant(desk.ctx(), id, client.id, part)
                    .await;
                match tried(put)? {
                    Outcome::Done(_) => {
                        let text = format!("{} is on this matter as {}.", client.name(), part.as_str());
                        return Ok(desk.done(&matter_href(id), text));
                    }
                    Outcome::Wrong(wrong) => errors = wrong,
                }
            }
        }
    }
    Ok(desk.mend(&page(&desk, &matter, &fields, errors).await?))
}

pub(in super::super) async fn change_part(
    Path((id, client)): Path<(MatterId, ClientId)>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let part: Part = fields
        .value("part")
        .ok_or_else(|| Problem::field("part", "unknown", "Choose what they are to the matter."))?;
    // Only for who is on the matter: adding somebody is another form.
    let people = desk.portal().participants(desk.ctx(), id).await?;
    let person = people
        .into_iter()
        .find(|(participant, _)| participant.client_id == client);
    let (_, person) = person.ok_or_else(Problem::not_found)?;
    let put = desk.portal().put_participant(desk.ctx(), id, client, part).await;
    let text = format!("{} is on this matter as {} now.", person.name(), part.as_str());
    desk.after(put, &matter_href(id), text)
}

pub(in super::super) async fn remove_person(
    Path((id, client)): Path<(MatterId, ClientId)>,
    Sent { desk, .. }: Sent,
) -> Result<Response, Problem> {
    let removed = desk.portal().remove_participant(desk.ctx(), id, client).await;
    desk.after(
        removed,
        &matter_href(id),
        "They are no longer part of this matter. What they provided stays.",
    )
}

pub(in super::super) async fn join_team(
    Path(id): Path<MatterId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let staff: StaffId = fields
        .value("staff_id")
        .ok_or_else(|| Problem::field("staff_id", "unknown", "Choose somebody."))?;
    let joined = desk.portal().set_team_member(desk.ctx(), id, staff, true).await;
    desk.after(
        joined,
        &matter_href(id),
        "They are on the team and told about it.",
    )
}

pub(in super::super) async fn leave_team(
    Path((id, staff)): Path<(MatterId, StaffId)>,
    Sent { desk, .. }: Sent,
) -> Result<Response, Problem> {
    let left = desk.portal().set_team_member(desk.ctx(), id, staff, false).await;
    // A member who takes themselves off it cannot see the matter any more.
    let back = match desk.portal().matter(desk.ctx(), id).await {
        Ok(_) => matter_href(id),
        Err(_) => "/staff/matters".to_owned(),
    };
    desk.after(left, &back, "They are no longer on the team.")
}
