//! What a workflow would do to every open matter today, and switching it on with that known.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use axum::response::Response;
use portal_core::client::Client;
use portal_core::sms::Price;
use portal_core::stage::{Addressee, DryRunItem, DryRunTotals, SendTotals};
use portal_core::workflow::Channel;
use portal_core::{ClientId, StaffId, Timestamp, WorkflowId};

use super::super::asked::{Asked, number};
use super::super::desk::Desk;
use super::super::rows::matter_href;
use super::href;
use super::words::{held_label, on_badge, sentence};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::workflows::{DryRun, DryRunRow, DryRunSend, Enable};
use crate::web::staff::{Fact, Place};
use crate::web::view::Choice;
use crate::web::when::When;

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

    fn row(&self, item: &DryRunItem, workflow: WorkflowId, (when, now): (&When, Timestamp)) -> DryRunRow {
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
            let what = what(sending.channel, &self.recipient(sending.to));
            let icon = channel_icon(sending.channel);
            match &sending.held {
                None if sending.not_before > now => {
                    let later = if sending.channel == Channel::Task {
                        "to begin"
                    } else {
                        "to leave"
                    };
                    let text = format!("A {what}, {later} {}", when.moment_within(sending.not_before));
                    sent.push(DryRunSend { icon, text });
                }
                None => sent.push(DryRunSend {
                    icon,
                    text: format!("A {what}"),
                }),
                Some(why) => held.push(format!("No {what}: {why}")),
            }
        }
        for notice in &item.effects.notices {
            let to = self.client(notice.client);
            match &notice.to {
                Ok(_) => sent.push(DryRunSend {
                    icon: channel_icon(Channel::Email),
                    text: format!("A mail to {to} about what is asked"),
                }),
                Err(why) => held.push(format!("No mail to {to} about what is asked: {why}")),
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

/// The icon of a message or task.
const fn channel_icon(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "message",
        Channel::Email => "mail",
        Channel::Task => "check-circle",
    }
}

/// A message or task: `text message to Amina Haddad`.
fn what(channel: Channel, to: &str) -> String {
    match channel {
        Channel::Sms => format!("text message to {to}"),
        Channel::Email => format!("mail to {to}"),
        Channel::Task => format!("task for {to}"),
    }
}

/// What would be sent over all matters.
fn sends(totals: &SendTotals, cost: Option<Price>) -> Vec<Fact> {
    let about = if totals.is_estimate { "about " } else { "" };
    let segments = if totals.segments == 1 {
        "segment"
    } else {
        "segments"
    };
    let cost = cost.map(|cost| format!(", {cost}")).unwrap_or_default();
    let texts = format!(
        "{about}{}, {} {segments}{cost}",
        number(totals.texts),
        number(totals.segments)
    );
    let lines = [
        ("Text messages", totals.texts, texts),
        ("Mails", totals.mails, format!("{about}{}", number(totals.mails))),
        ("Tasks", totals.tasks, format!("{about}{}", number(totals.tasks))),
    ];
    let sent = lines.into_iter().filter(|(_, count, _)| *count > 0);
    let sent = sent.map(|(label, _, line)| Fact::new(label, line));
    let held = totals.held.iter();
    let held = held.map(|(why, count)| Fact::new(held_label(why), format!("{about}{}", number(*count))));
    sent.chain(held).collect()
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
                "Leave matters as they are: each meets it when it next changes",
            ),
            choice(
                "ask",
                "Apply it to the matters that it matches, silently: ask for what is missing and tell nobody",
            ),
            choice(
                "send",
                "Apply it to the matters that it matches, and send what this page says",
            ),
        ],
    };
    Ok(desk.page(&DryRun {
        shell: desk.shell(Some(Place::Workflows)).await?,
        sentence: sentence(&kept.draft.criteria),
        badge: on_badge(kept.draft.enabled),
        href: href(id),
        facts: run.totals.as_ref().map(facts).unwrap_or_default(),
        sends: run
            .sends
            .as_ref()
            .map(|totals| sends(totals, desk.state.cost_of(totals.segments)))
            .unwrap_or_default(),
        is_estimate: run.sends.is_some_and(|sends| sends.is_estimate),
        rows: page
            .items
            .iter()
            .map(|item| names.row(item, id, (&desk.when, ctx.at)))
            .collect(),
        pager,
        enable: (!kept.draft.enabled).then_some(enable),
        name: kept.draft.name,
    }))
}
