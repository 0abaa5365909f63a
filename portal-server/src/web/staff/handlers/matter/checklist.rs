//! What is asked of the clients of a matter.

use axum::response::Response;
use portal_core::checklist::{Request, RequestDraft, RequestState};
use portal_core::client::Client;
use portal_core::document::DocumentCounts;
use portal_core::matter::{Matter, MatterState};
use portal_core::policy::Capability;
use portal_core::{ClientId, Date, MatterId, PageRequest, RequestId, TemplateId};
use std::collections::HashMap;
use time::format_description::well_known::Iso8601;

use super::super::asked::{Asked, counted, number};
use super::super::desk::{Desk, Outcome, tried};
use super::super::rows::{matter_href, request_href};
use super::super::sent::{Fields, Sent};
use super::super::words::request_badge;
use super::{documents_of, head, requests_of};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::matter::{Adding, Checklist, RequestGroup, StaffRequestRow};
use crate::web::staff::{Chip, Place};
use crate::web::view::{Choice, Errors};

/// Which requests a filter shows.
fn shows(filter: &str, request: &Request, today: Date) -> bool {
    match filter {
        "to-review" => request.state == RequestState::Submitted,
        "outstanding" => request.state.waits_for_client(),
        "overdue" => request.is_overdue(today),
        "done" => matches!(request.state, RequestState::Accepted | RequestState::Waived),
        _ => true,
    }
}

const FILTERS: [(&str, &str); 5] = [
    ("", "All"),
    ("to-review", "To review"),
    ("outstanding", "With the client"),
    ("overdue", "Overdue"),
    ("done", "Accepted or waived"),
];

/// All requests of a matter, in order: there are as many as people can be asked for.
pub(super) async fn all_requests(desk: &Desk, matter: &Matter) -> Result<Vec<Request>, Problem> {
    let mut requests = Vec::new();
    let mut next = None;
    loop {
        let page = PageRequest::first(PageRequest::MOST).after(next);
        let page = desk
            .portal()
            .requests(desk.ctx(), &requests_of(matter), &page)
            .await?;
        requests.extend(page.items);
        next = page.next;
        if next.is_none() {
            return Ok(requests);
        }
    }
}

async fn counts(desk: &Desk, requests: &[Request]) -> Result<HashMap<RequestId, DocumentCounts>, Problem> {
    let ids: Vec<RequestId> = requests.iter().map(|request| request.id).collect();
    let mut counts = HashMap::new();
    for ids in ids.chunks(200) {
        counts.extend(desk.portal().document_counts_of(desk.ctx(), ids).await?);
    }
    Ok(counts)
}

fn files(request: &Request, counts: Option<&DocumentCounts>) -> String {
    let total = counts.map_or(0, DocumentCounts::total);
    let waiting = counts.map_or(0, |counts| counts.pending_review);
    let files = match (total, request.wanted) {
        (0, 0..=1) => String::new(),
        (0, wanted) => format!("{wanted} files asked for"),
        (total, wanted) if u64::from(wanted) > total => format!("{} of {wanted} files", number(total)),
        (total, _) => counted(total, "file", "files"),
    };
    if waiting > 0 {
        format!("{files}, {} to review", number(waiting))
    } else {
        files
    }
}

/// The requests under their headings: by person where several have a checklist, then by group.
fn groups(
    desk: &Desk,
    requests: &[Request],
    clients: &HashMap<ClientId, Client>,
    counts: &HashMap<RequestId, DocumentCounts>,
    several: bool,
) -> Vec<RequestGroup> {
    let mut groups: Vec<((ClientId, &str), RequestGroup)> = Vec::new();
    for request in requests {
        let key = (request.client_id, request.group.as_str());
        let row = StaffRequestRow {
            href: request_href(request.matter_id, request.id),
            title: request.title.clone(),
            person: String::new(),
            badge: request_badge(request.state, request.is_overdue(desk.when.today())),
            due: request
                .due_on
                .filter(|_| request.state.waits_for_client())
                .map(|due| desk.when.due(due)),
            files: files(request, counts.get(&request.id)),
        };
        if let Some((_, group)) = groups.iter_mut().find(|(known, _)| *known == key) {
            group.rows.push(row);
            continue;
        }
        let name = if request.group.is_empty() {
            "Other"
        } else {
            &request.group
        };
        let title = match clients.get(&request.client_id).filter(|_| several) {
            Some(client) => format!("{name} - {}", client.name()),
            None => name.to_owned(),
        };
        groups.push((
            key,
            RequestGroup {
                title,
                rows: vec![row],
            },
        ));
    }
    let mut order: Vec<ClientId> = Vec::new();
    for ((client, _), _) in &groups {
        if !order.contains(client) {
            order.push(*client);
        }
    }
    groups.sort_by_key(|((client, _), _)| order.iter().position(|known| known == client));
    groups.into_iter().map(|(_, group)| group).collect()
}

async fn adding(
    desk: &Desk,
    matter: &Matter,
    fields: &Fields,
    errors: Errors,
) -> Result<Option<Adding>, Problem> {
    if !desk.may(Capability::EditChecklists) || matter.state == MatterState::Closed {
        return Ok(None);
    }
    let people = desk.portal().participants(desk.ctx(), matter.id).await?;
    let mut templates = Vec::new();
    let mut next = None;
    loop {
        let page = PageRequest::first(PageRequest::MOST).after(next);
        let page = desk.portal().templates(desk.ctx(), false, &page).await?;
        templates.extend(page.items);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    let chosen = fields.text("client_id");
    let href = matter_href(matter.id);
    Ok(Some(Adding {
        people: people
            .iter()
            .map(|(_, client)| Choice::new(client.id.to_string(), client.name(), &chosen))
            .collect(),
        template_action: format!("{href}/templates"),
        templates: templates
            .iter()
            .map(|template| Choice::new(template.id.to_string(), template.name.clone(), ""))
            .collect(),
        request_action: format!("{href}/requests"),
        errors,
        title: fields.text("title"),
        group: fields.text("group"),
        help: fields.text("help"),
        wanted: Some(fields.text("wanted"))
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| "1".to_owned()),
        due_on: fields.text("due_on"),
        people_href: href,
    }))
}

async fn page(
    desk: &Desk,
    matter: &Matter,
    asked: &Asked,
    (fields, errors): (&Fields, Errors),
) -> Result<Checklist, Problem> {
    let today = desk.when.today();
    let all = all_requests(desk, matter).await?;
    let person: Option<ClientId> = asked.value("client");
    let of_person = |request: &&Request| person.is_none_or(|person| request.client_id == person);
    let filter = asked.text("show");
    let mut chips: Vec<Chip> = FILTERS
        .iter()
        .map(|(value, label)| {
            let count = all
                .iter()
                .filter(of_person)
                .filter(|request| shows(value, request, today))
                .count();
            Chip {
                href: asked.with("show", value),
                label: (*label).to_owned(),
                count: number(u64::try_from(count).unwrap_or_default()),
                current: *value == filter,
            }
        })
        .collect();
    if !chips.iter().any(|chip| chip.current)
        && let Some(all) = chips.first_mut()
    {
        all.current = true;
    }
    let clients = desk
        .clients_of(all.iter().map(|request| request.client_id))
        .await?;
    let shown: Vec<Request> = all
        .iter()
        .filter(of_person)
        .filter(|request| shows(filter, request, today))
        .cloned()
        .collect();
    let counts = counts(desk, &shown).await?;
    let several = clients.len() > 1;
    let mut people = Vec::new();
    if several {
        people.push(Chip {
            href: asked.with("client", ""),
            label: "Everybody".into(),
            count: String::new(),
            current: person.is_none(),
        });
        let mut named: Vec<(&ClientId, &Client)> = clients.iter().collect();
        named.sort_by_key(|(_, client)| client.sort_text());
        people.extend(named.into_iter().map(|(id, client)| {
            let theirs = all.iter().filter(|request| request.client_id == *id);
            let counts = theirs.fold(
                portal_core::checklist::RequestCounts::default(),
                |counts, request| counts.plus(request.state, 1),
            );
            Chip {
                href: asked.with("client", &id.to_string()),
                label: client.name(),
                count: format!("{}/{}", counts.done(), counts.asked()),
                current: person == Some(*id),
            }
        }));
    }
    let documents = desk
        .portal()
        .document_counts(desk.ctx(), &documents_of(matter))
        .await?;
    let zip = format!("{}/documents.zip", matter_href(matter.id));
    let zip = person.map_or_else(|| zip.clone(), |person| format!("{zip}?client={person}"));
    Ok(Checklist {
        shell: desk.shell(Some(Place::Matters)).await?,
        head: head(desk, matter).await?,
        chips,
        people,
        groups: groups(desk, &shown, &clients, &counts, several),
        filtered: !filter.is_empty() || person.is_some(),
        zip_href: (documents.total() > 0).then_some(zip),
        adding: adding(desk, matter, fields, errors).await?,
    })
}

pub(in super::super) async fn show(
    desk: Desk,
    Path(id): Path<MatterId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    let nothing = (&Fields::default(), Errors::default());
    Ok(desk.page(&page(&desk, &matter, &asked, nothing).await?))
}

/// A date as a form sends it; empty for none.
pub(in super::super) fn date(field: &str, text: &str, errors: &mut Errors) -> Option<Date> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let date = Date::parse(text, &Iso8601::DATE)
        .ok()
        .filter(|date| (1..=9_999).contains(&date.year()));
    if date.is_none() {
        errors.add(field, "Write the date as year-month-day, like 2026-11-27.");
    }
    date
}

/// What a request's form says; what is no number or date is noted.
pub(super) fn draft(fields: &Fields, errors: &mut Errors) -> RequestDraft {
    let wanted = fields.text("wanted");
    let wanted = match wanted.trim() {
        "" => Some(1),
        text => text.parse().ok(),
    };
    if wanted.is_none() {
        errors.add("wanted", "Write the number of files in digits, like 2.");
    }
    RequestDraft {
        group: fields.text("group"),
        title: fields.text("title"),
        help: fields.text("help"),
        example: fields.text("example"),
        wanted: wanted.unwrap_or(1),
        required: fields.ticked("required"),
        due_on: date("due_on", &fields.text("due_on"), errors),
    }
}

fn checklist_href(id: MatterId) -> String {
    format!("{}/checklist", matter_href(id))
}

pub(in super::super) async fn add_request(
    Path(id): Path<MatterId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    desk.ctx().require(Capability::EditChecklists)?;
    let mut errors = Errors::default();
    let draft = draft(&fields, &mut errors);
    match fields.value::<ClientId>("client_id") {
        None => errors.add(
            "client_id",
            "Choose who is asked. Add people to the matter first.",
        ),
        Some(client) if errors.is_empty() => {
            match tried(desk.portal().add_request(desk.ctx(), id, client, &draft).await)? {
                Outcome::Done(request) => {
                    let text = format!("{} is asked for. The client is told by email.", request.title);
                    return Ok(desk.done(&checklist_href(id), text));
                }
                Outcome::Wrong(wrong) => errors = wrong,
            }
        }
        Some(_) => {}
    }
    let asked = Asked::new(&checklist_href(id), "");
    Ok(desk.mend(&page(&desk, &matter, &asked, (&fields, errors)).await?))
}

pub(in super::super) async fn apply_template(
    Path(id): Path<MatterId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let choose = |field: &'static str, text: &str| Problem::field(field, "required", text);
    let template: TemplateId = fields
        .value("template_id")
        .ok_or_else(|| choose("template_id", "Choose a template."))?;
    let client: ClientId = fields.value("client_id").ok_or_else(|| {
        choose(
            "client_id",
            "Choose who is asked. Add people to the matter first.",
        )
    })?;
    let applied = desk
        .portal()
        .apply_template(desk.ctx(), id, client, template)
        .await;
    let text = match &applied {
        Ok(requests) => {
            let count = u64::try_from(requests.len()).unwrap_or_default();
            format!(
                "{} added. The client is told by email.",
                counted(count, "request is", "requests are")
            )
        }
        Err(_) => String::new(),
    };
    desk.after(applied, &checklist_href(id), text)
}
