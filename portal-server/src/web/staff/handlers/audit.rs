//! The audit trail of the practice: search, files, and the checkpoint.

use std::net::IpAddr;

use axum::response::Response;
use portal_core::audit::{AuditEntry, AuditFilter};
use portal_core::notify::Span;
use portal_core::{ClientId, Date, MatterId, StaffId};
use uuid::Uuid;

use super::asked::{Asked, counted, number};
use super::desk::Desk;
use super::reports::{date, iso};
use super::rows::{PAGE, matter_name};
use crate::error::Problem;
use crate::web::staff::audit::{CheckpointPage, Head, Row, Trail};
use crate::web::staff::{Chip, Fact, Place};
use crate::web::view::Errors;

/// The filters of the address, and what is wrong with them.
fn narrowed(desk: &Desk, asked: &Asked) -> (AuditFilter, Errors) {
    let mut errors = Errors::default();
    let mut day = |name: &'static str| {
        let text = asked.text(name);
        let day = date(text);
        if day.is_none() && !text.is_empty() {
            errors.add(name, "Choose a day.");
        }
        day
    };
    let (since, until) = (day("since"), day("until"));
    let ip = asked.searched("ip").map(|text| text.parse::<IpAddr>());
    if let Some(Err(_)) = ip {
        errors.add(
            "ip",
            "This is no address of a network, like 203.0.113.7 or 2001:db8::7.",
        );
    }
    if let (Some(since), Some(until)) = (since, until)
        && until < since
    {
        errors.add("until", "This day is before the first.");
    }
    let zone = &desk.practice().time_zone;
    let whole = |day: Option<Date>| Span::of_days(day?, day?, zone);
    let filter = AuditFilter {
        matter: asked.value::<Uuid>("matter").map(MatterId),
        subject: asked.value("subject"),
        action: asked
            .searched("action")
            .map(|text| text.to_lowercase().replace(' ', ".")),
        staff: asked.value::<Uuid>("staff").map(StaffId),
        client: asked.value::<Uuid>("client").map(ClientId),
        ip: ip.and_then(Result::ok),
        from: whole(since).map(|day| day.from),
        until: whole(until).map(|day| day.until),
    };
    (filter, errors)
}

pub(super) async fn list(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    let (filter, errors) = narrowed(&desk, &asked);
    let page = desk
        .portal()
        .audit_entries(desk.ctx(), &filter, &asked.page(PAGE))
        .await?;
    let names = Names::of(&desk, &page.items, &filter).await?;
    let mut chips = Vec::new();
    let mut chip = |name: &str, label: Option<String>| {
        chips.extend(label.map(|label| Chip {
            href: asked.with(name, ""),
            label: format!("{label} \u{d7}"),
            count: String::new(),
            current: true,
        }));
    };
    chip("staff", filter.staff.map(|id| names.staff(id)));
    chip("client", filter.client.map(|id| names.client(id)));
    chip("matter", filter.matter.map(|id| names.matter(id)));
    chip("subject", filter.subject.map(|_| "One record".to_owned()));
    let kept = ["staff", "client", "matter", "subject"];
    Ok(desk.page(&Trail {
        shell: desk.shell(Some(Place::Audit)).await?,
        counted: counted(page.total.unwrap_or_default(), "entry", "entries"),
        narrowed: chips,
        since: date(asked.text("since")).map(iso).unwrap_or_default(),
        until: date(asked.text("until")).map(iso).unwrap_or_default(),
        action: asked.searched("action").unwrap_or_default(),
        ip: asked.searched("ip").unwrap_or_default(),
        kept: kept
            .into_iter()
            .map(|name| (name, asked.text(name).to_owned()))
            .filter(|(_, value)| !value.is_empty())
            .collect(),
        errors,
        rows: page
            .items
            .iter()
            .map(|entry| row(&desk, &asked, &names, entry))
            .collect(),
        pager: asked.pager(&page),
    }))
}

/// The names of whom and what entries speak of.
#[derive(Default)]
struct Names {
    staff: std::collections::HashMap<StaffId, String>,
    clients: std::collections::HashMap<ClientId, String>,
    matters: std::collections::HashMap<MatterId, String>,
}

impl Names {
    async fn of(desk: &Desk, entries: &[AuditEntry], filter: &AuditFilter) -> Result<Self, Problem> {
        let mut names = Self::default();
        for id in entries
            .iter()
            .filter_map(|entry| entry.staff_id)
            .chain(filter.staff)
        {
            if let std::collections::hash_map::Entry::Vacant(place) = names.staff.entry(id) {
                place.insert(desk.staff_name(id).await?);
            }
        }
        let clients = entries
            .iter()
            .filter_map(|entry| entry.client_id)
            .chain(filter.client);
        for (id, client) in desk.clients_of(clients).await? {
            names.clients.insert(id, client.name());
        }
        let matters = entries
            .iter()
            .filter_map(|entry| entry.matter_id)
            .chain(filter.matter);
        for (id, matter) in desk.matters_of(matters).await? {
            names.matters.insert(id, matter_name(&matter));
        }
        Ok(names)
    }

    fn staff(&self, id: StaffId) -> String {
        self.staff
            .get(&id)
            .cloned()
            .unwrap_or_else(|| "Somebody".to_owned())
    }

    fn client(&self, id: ClientId) -> String {
        self.clients
            .get(&id)
            .cloned()
            .unwrap_or_else(|| "A client".to_owned())
    }

    fn matter(&self, id: MatterId) -> String {
        self.matters
            .get(&id)
            .cloned()
            .unwrap_or_else(|| "A matter".to_owned())
    }
}

/// `document.returned` as people read it: `Document returned`.
fn worded(action: &str) -> String {
    let text = action.replace(['.', '-'], " ");
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn row(desk: &Desk, asked: &Asked, names: &Names, entry: &AuditEntry) -> Row {
    let (who, who_href) = match (entry.staff_id, entry.client_id) {
        (Some(staff), Some(client)) => (
            format!("{} as {}", names.staff(staff), names.client(client)),
            asked.with("staff", &staff.to_string()),
        ),
        (Some(staff), None) => (names.staff(staff), asked.with("staff", &staff.to_string())),
        (None, Some(client)) => (names.client(client), asked.with("client", &client.to_string())),
        (None, None) if entry.actor_kind == "anyone" => ("Somebody not signed in".to_owned(), String::new()),
        (None, None) => ("The portal".to_owned(), String::new()),
    };
    let ip = entry.origin.ip.map(|ip| ip.to_string()).unwrap_or_default();
    let mut facts = vec![
        Fact::new("Action", &entry.action),
        Fact::new("Record", format!("{} {}", entry.subject_kind, entry.subject_id)),
    ];
    let details = entry.detail.iter().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Fact::new(name, text)
    });
    facts.extend(details);
    let rest = [
        ("Part of the portal", entry.system.clone()),
        ("Browser", entry.origin.user_agent.clone()),
        ("Request", entry.origin.request_id.clone()),
        ("Entry", Some(entry.id.to_string())),
    ];
    facts.extend(
        rest.into_iter()
            .filter_map(|(label, value)| Some(Fact::new(label, value?))),
    );
    Row {
        when: desk.when.moment(entry.at),
        who,
        who_href,
        what: worded(&entry.action),
        what_href: asked.with("subject", &entry.subject_id.to_string()),
        matter: entry.matter_id.map(|id| names.matter(id)).unwrap_or_default(),
        matter_href: entry
            .matter_id
            .map(|id| asked.with("matter", &id.to_string()))
            .unwrap_or_default(),
        ip_href: if ip.is_empty() {
            String::new()
        } else {
            asked.with("ip", &ip)
        },
        ip,
        facts,
    }
}

pub(super) async fn checkpoint(desk: Desk) -> Result<Response, Problem> {
    let tree = desk.portal().audit_checkpoint(desk.ctx()).await?;
    let any = tree.is_some();
    let keys = desk.portal().audit_keys(desk.ctx()).await?;
    let keys = keys.into_iter().map(|it| {
        let since = it.since.map_or_else(
            || "signed nothing yet that is kept".to_owned(),
            |(size, at)| format!("since {}, entry {}", desk.when.moment_within(at), number(size)),
        );
        (it.key.to_string(), since)
    });
    Ok(desk.page(&CheckpointPage {
        shell: desk.shell(Some(Place::Audit)).await?,
        head: tree.map(|tree| Head {
            size: counted(tree.size, "entry", "entries"),
            when: desk.when.moment_within(tree.signed_at),
            note: tree.note,
        }),
        // Before anything is sealed, nothing says what the trail is called for good.
        keys: keys.filter(|_| any).collect(),
    }))
}

pub(super) async fn lines(desk: Desk) -> Result<Response, Problem> {
    Ok(crate::transfer::audit::lines(desk.portal(), desk.ctx()).await?)
}

pub(super) async fn spreadsheet(desk: Desk) -> Result<Response, Problem> {
    Ok(crate::transfer::audit::csv(desk.portal(), desk.ctx()).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_worded() {
        assert_eq!(worded("staff.sign-in-failed"), "Staff sign in failed");
        assert_eq!(worded(""), "");
    }
}
