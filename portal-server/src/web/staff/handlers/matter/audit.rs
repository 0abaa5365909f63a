//! The audit trail in plain words.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use portal_core::access::PortalAccess;
use portal_core::audit::AuditEntry;
use portal_core::client::Client;
use portal_core::matter::Matter;
use portal_core::{AccessId, ApprovalId, ClientId, DocumentId, Error, NoRule, RequestId, StaffId, TaskId};
use uuid::Uuid;

use super::super::approvals::approval_href;
use super::super::desk::Desk;
use super::super::rows::{document_href, matter_href, request_href};
use super::super::tasks::task_href;
use crate::error::Problem;
use crate::web::staff::Happened;

/// The names of what entries speak of.
#[derive(Default)]
struct Names {
    people: HashMap<Uuid, String>,
    things: HashMap<Uuid, (String, String)>,
}

async fn names(desk: &Desk, matter: &Matter, entries: &[AuditEntry]) -> Result<Names, Problem> {
    let (store, practice) = (desk.portal().store(), desk.ctx().practice);
    let failed = Error::<NoRule>::from;
    let of = |kind: &'static str| {
        entries
            .iter()
            .filter(move |entry| entry.subject_kind == kind)
            .map(|entry| entry.subject_id)
    };
    let mut names = Names::default();
    let requests: Vec<RequestId> = of("request").map(RequestId).collect();
    for request in store.requests_by_id(practice, &requests).await.map_err(failed)? {
        let href = request_href(request.matter_id, request.id);
        names.things.insert(request.id.0, (request.title, href));
    }
    for id in of("document") {
        if names.things.contains_key(&id) {
            continue;
        }
        if let Some(document) = store.document(practice, DocumentId(id)).await.map_err(failed)? {
            let href = document_href(document.id);
            names.things.insert(id, (document.current.name.to_string(), href));
        }
    }
    for id in of("task") {
        if names.things.contains_key(&id) {
            continue;
        }
        if let Some(task) = store.task(practice, TaskId(id)).await.map_err(failed)? {
            names.things.insert(id, (task.title, task_href(task.id)));
        }
    }
    for id in of("approval") {
        if names.things.contains_key(&id) {
            continue;
        }
        if let Some(approval) = store.approval(practice, ApprovalId(id)).await.map_err(failed)? {
            let href = approval_href(approval.id);
            names.things.insert(id, (approval.terms.title, href));
        }
    }
    let accesses: Vec<PortalAccess> = store
        .accesses_of_matter(practice, matter.id)
        .await
        .map_err(failed)?;
    let clients = of("client")
        .map(ClientId)
        .chain(entries.iter().filter_map(|entry| entry.client_id))
        .chain(accesses.iter().map(|access| access.client_id));
    let clients = desk.clients_of(clients).await?;
    for id in of("portal-access") {
        let access = accesses.iter().find(|access| access.id == AccessId(id));
        if let Some(client) = access.and_then(|access| clients.get(&access.client_id)) {
            let href = format!("{}/access", matter_href(matter.id));
            names.things.insert(id, (client.name(), href));
        }
    }
    names.people.extend(
        clients
            .iter()
            .map(|(id, client): (&ClientId, &Client)| (id.0, client.name())),
    );
    let staff = of("staff")
        .map(StaffId)
        .chain(entries.iter().filter_map(|entry| entry.staff_id));
    for id in staff {
        if let Entry::Vacant(place) = names.people.entry(id.0) {
            place.insert(desk.staff_name(id).await?);
        }
    }
    Ok(names)
}

/// The icon of an action, and the words around its subject.
fn words(action: &str) -> (&'static str, &'static str, &'static str) {
    match action {
        "matter.opened" => ("matter", "opened the matter", ""),
        "matter.changed" => ("edit", "changed the matter", ""),
        "matter.read-again" => ("refresh", "read the matter again by its workflows", ""),
        "matter.closed" => ("lock", "closed the matter", ""),
        "matter.reopened" => ("refresh", "reopened the matter", ""),
        "participant.put" => ("user", "put", "on the matter"),
        "participant.removed" => ("user", "took", "off the matter"),
        "team.joined" => ("users", "put", "on the team"),
        "team.left" => ("users", "took", "off the team"),
        "access.enabled" => ("check-circle", "enabled portal access for", ""),
        "access.invited" => ("mail", "invited", "to the portal"),
        "access.revoked" => ("lock", "revoked portal access of", ""),
        "access.restored" => ("refresh", "restored portal access of", ""),
        "access.previewed" => ("eye", "looked at the portal as", ""),
        "link.issued" => ("link", "issued a sign-in link for", ""),
        "link.limited" => ("warning", "met the limit of sign-in links for", ""),
        "client.signed-in" => ("user", "signed in to the portal", ""),
        "client.sign-in-failed" => ("warning", "typed a wrong code for the portal of", ""),
        "client.sign-in-limited" => ("warning", "typed too many wrong codes for the portal of", ""),
        "request.added" => ("plus", "asked for", ""),
        "request.changed" => ("edit", "changed the request", ""),
        "request.accepted" => ("check-circle", "accepted", ""),
        "request.returned" => ("return", "returned", ""),
        "request.waived" => ("minus-circle", "waived", ""),
        "request.withdrawn" => ("x", "withdrew", ""),
        "request.reopened" => ("refresh", "asked again for", ""),
        "client.texts-agreed" => ("check-circle", "recorded consent to text messages of", ""),
        "client.texts-declined" => ("minus-circle", "recorded that no text messages are wanted by", ""),
        "task.added" => ("plus", "added the task", ""),
        "task.changed" => ("edit", "changed the task", ""),
        "task.done" => ("check-circle", "did the task", ""),
        "task.reopened" => ("refresh", "reopened the task", ""),
        "approval.asked" => ("approval", "asked for approval of", ""),
        "approval.approved" => ("check-circle", "approved", ""),
        "approval.declined" => ("x", "declined", ""),
        "approval.withdrawn" => ("minus-circle", "withdrew", ""),
        "approval.superseded" => ("refresh", "replaced", "by asking for the new version"),
        "approval.expired" => ("clock", "ended", "because nobody answered in time"),
        "approval.evidence-read" => ("eye", "read the evidence of", ""),
        "template.applied" => ("template", "applied a checklist template", ""),
        "checklist.downloaded" => ("archive", "downloaded all files", ""),
        "document.uploaded" => ("upload", "sent", ""),
        "document.downloaded" => ("download", "opened", ""),
        "document.accepted" => ("check-circle", "accepted", ""),
        "document.returned" => ("return", "returned", ""),
        "document.changed" => ("edit", "changed who sees, or the category of,", ""),
        "document.shared" => ("users", "shared", ""),
        "document.unshared" => ("users", "stopped sharing", ""),
        _ => ("activity", "", ""),
    }
}

fn what(entry: &AuditEntry, subject: Option<&str>) -> (&'static str, String) {
    let (icon, before, after) = words(&entry.action);
    if before.is_empty() {
        // An action that is newer than these words.
        return (icon, entry.action.replace(['.', '-'], " "));
    }
    let text = [before, subject.unwrap_or_default(), after];
    let text: Vec<&str> = text.into_iter().filter(|part| !part.is_empty()).collect();
    (icon, text.join(" "))
}

fn note(entry: &AuditEntry) -> String {
    let text = |name: &str| entry.detail.get(name).and_then(|value| value.as_str());
    if let Some(reason) = text("reason") {
        return format!("\u{201c}{reason}\u{201d}");
    }
    if entry.action == "matter.changed" {
        let fields = entry.detail.get("fields").and_then(|value| value.as_array());
        let fields: Vec<String> = fields
            .into_iter()
            .flatten()
            .filter_map(|field| field.as_str())
            .map(|field| field.trim_end_matches("_id").replace('_', " "))
            .collect();
        return fields.join(", ");
    }
    if entry.action == "participant.put" {
        return text("part").map(|part| format!("As {part}")).unwrap_or_default();
    }
    String::new()
}

/// The entries as a person reads them.
pub(super) async fn happened(
    desk: &Desk,
    matter: &Matter,
    entries: &[AuditEntry],
) -> Result<Vec<Happened>, Problem> {
    let names = names(desk, matter, entries).await?;
    let person = |id: Uuid| names.people.get(&id).cloned();
    let row = |entry: &AuditEntry| {
        let staff = entry.staff_id.and_then(|id| person(id.0));
        let client = entry.client_id.and_then(|id| person(id.0));
        let who = match (staff, client) {
            (Some(staff), Some(client)) => format!("{staff} as {client}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) if entry.actor_kind == "anyone" => "Somebody not signed in".to_owned(),
            (None, None) => "The portal".to_owned(),
        };
        let thing = names.things.get(&entry.subject_id);
        // What was sent bore this name then; the document may have another file by now.
        let sent = entry.detail.get("name").and_then(|name| name.as_str());
        let sent = sent
            .filter(|_| entry.action == "document.uploaded")
            .map(str::to_owned);
        let subject = sent
            .or_else(|| thing.map(|(name, _)| name.clone()))
            .or_else(|| person(entry.subject_id));
        let subject = subject.filter(|_| entry.action != "client.signed-in");
        let (icon, what) = what(entry, subject.as_deref());
        Happened {
            icon,
            who,
            what,
            href: thing.map(|(_, href)| href.clone()).unwrap_or_default(),
            when: desk.when.moment(entry.at),
            note: note(entry),
        }
    };
    Ok(entries.iter().map(row).collect())
}
