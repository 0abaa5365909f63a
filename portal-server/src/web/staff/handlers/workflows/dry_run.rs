//! What a workflow would do to every open matter today, and switching it on with that known.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use axum::response::Response;
use portal_core::client::Client;
use portal_core::stage::{Addressee, DryRunItem, DryRunTotals};
use portal_core::workflow::Channel;
use portal_core::{ClientId, StaffId, WorkflowId};

use super::super::asked::{Asked, number};
use super::super::desk::Desk;
use super::super::rows::matter_href;
use super::href;
use super::words::{channel_word, held_word, on_badge, sentence};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::workflows::{DryRun, DryRunRow, Enable};
use crate::web::staff::{Fact, Place};
use crate::web::view::Choice;

/// How many matters one page shows: each costs what saving it would.
const PAGE: u32 = 20;

/// The names of those whom a part of a dry run speaks of.
struct Names {
    clients: HashMap<ClientId, Client>,
    staff: HashMap<StaffId, String>,
}

impl Names {
    async fn of(desk: &Desk, items: &[DryRunItem]) -> Result<Self, Problem> {
        let effects = || items.iter().map(|item| &item.effects);
        let asked = effects().flat_map(|effects| effects.asked.iter().chain(&effects.withdrawn));
        let mut clients: Vec<ClientId> = asked.map(|request| request.client_id).collect();
        let mut staff = HashMap::new();
        for sending in effects().flat_map(|effects| &effects.sends) {
            match sending.to {
                Addressee::Client(id) => clients.push(id),
                Addressee::AnyStaff => {}
                Addressee::Staff(id) => {
                    if let Entry::Vacant(place) = staff.entry(id) {
                        place.insert(desk.staff_name(id).await?);
                    }
                }
            }
        }
        clients.sort_unstable();
        clients.dedup();
        Ok(Self {
            clients: desk.clients_of(clients).await?,
            staff,
        })
    }

    fn client(&self, id: ClientId) -> String {
        self.clients
            .get(&id)
            .map_or_else(|| "somebody".to_owned(), Client::name)
    }

    fn recipient(&self, to: Addressee) -> String {
        match to {
            Addressee::Client(id) => self.client(id),
            Addressee::AnyStaff => "anyone".to_owned(),
            Addressee::Staff(id) => self.staff.get(&id).cloned().unwrap_or_default(),
        }
    }

    fn row(&self, item: &DryRunItem, workflow: WorkflowId) -> DryRunRow {
        let request = |request: &portal_core::checklist::Request| {
            format!("{}, of {}", request.title, self.client(request.client_id))
        };
        let (mut sent, mut held) = (Vec::new(), Vec::new());
        let own = item
            .effects
            .sends
            .iter()
            .filter(|sending| sending.workflow == workflow);
        for sending in own {
            let (what, to) = (channel_word(sending.channel), self.recipient(sending.to));
            match sending.held {
                None if sending.channel == Channel::Task => sent.push(format!("A task for {to}")),
                None => sent.push(format!("A {what} to {to}").replace("A email", "An email")),
                Some(why) => held.push(format!("No {what} to {to}: {}", held_word(why))),
            }
        }
        DryRunRow {
            href: matter_href(item.matter),
            reference: item.reference.clone(),
            asked: item.effects.asked.iter().map(request).collect(),
            withdrawn: item.effects.withdrawn.iter().map(request).collect(),
            sent,
            held,
        }
    }
}

fn facts(totals: &DryRunTotals) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new("Matters that match", number(totals.matching)),
        Fact::new("Open matters", number(totals.matters)),
    ];
    if totals.unknown > 0 {
        let unknown = Fact::new(
            "With something the taxonomy does not know",
            number(totals.unknown),
        );
        facts.push(Fact {
            href: "/staff/taxonomy/review".into(),
            ..unknown
        });
    }
    facts
}

pub(in super::super) async fn show(
    desk: Desk,
    Path(id): Path<WorkflowId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let (portal, ctx) = (desk.portal(), desk.ctx());
    let kept = portal.workflow(ctx, id).await?;
    let run = portal.dry_run(ctx, Some(id), None, &asked.page(PAGE)).await?;
    let names = Names::of(&desk, &run.page.items).await?;
    let mut page = run.page;
    page.total = asked
        .value("of")
        .or(run.totals.as_ref().map(|totals| totals.matching));
    // The count is carried on, because only the first part counts.
    let counted = Asked::new(
        &format!("{}/dry-run", href(id)),
        &format!("of={}", page.total.unwrap_or_default()),
    );
    let pager = match (asked.text("of"), asked.text("cursor")) {
        ("", "") => counted.pager(&page),
        _ => asked.pager(&page),
    };
    let choice = |value: &str, label: &str| Choice::new(value, label, "");
    let enable = Enable {
        action: format!("{}/on", href(id)),
        version: kept.version.0.to_string(),
        apply: vec![
            choice(
                "",
                "Leave matters as they are: it begins with the next stage that each enters",
            ),
            choice(
                "ask",
                "Apply it to open matters, silently: ask for what is missing and tell nobody",
            ),
            choice("send", "Apply it to open matters and send what this page says"),
        ],
    };
    Ok(desk.page(&DryRun {
        shell: desk.shell(Some(Place::Workflows)).await?,
        sentence: sentence(&kept.draft.criteria),
        badge: on_badge(kept.draft.enabled),
        href: href(id),
        facts: run.totals.as_ref().map(facts).unwrap_or_default(),
        rows: page.items.iter().map(|item| names.row(item, id)).collect(),
        pager,
        enable: (!kept.draft.enabled).then_some(enable),
        name: kept.draft.name,
    }))
}
