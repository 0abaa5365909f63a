//! The queue over all matters, and a matter's approvals.

use axum::response::Response;
use portal_core::approval::{ApprovalFilter, ApprovalKind, ApprovalState};
use portal_core::matter::MatterState;
use portal_core::notify::Span;
use portal_core::policy::Capability;
use portal_core::{ClientId, Date, MatterId};

use super::super::asked::{Asked, counted, number};
use super::super::desk::Desk;
use super::super::matter::checklist::date;
use super::super::matter::head;
use super::super::rows::{PAGE, matter_href};
use super::row;
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::approvals::{Approvals, MatterApprovals};
use crate::web::staff::{Chip, Place};
use crate::web::view::{Choice, Errors};

const STATES: [(&str, &str, Option<ApprovalState>); 7] = [
    ("open", "Waiting", Some(ApprovalState::Open)),
    ("approved", "Approved", Some(ApprovalState::Approved)),
    ("declined", "Declined", Some(ApprovalState::Declined)),
    ("expired", "Expired", Some(ApprovalState::Expired)),
    ("withdrawn", "Withdrawn", Some(ApprovalState::Withdrawn)),
    ("superseded", "Replaced", Some(ApprovalState::Superseded)),
    ("all", "All", None),
];

fn state(asked: &Asked) -> Option<ApprovalState> {
    let text = asked.text("state");
    let found = STATES.iter().find(|(value, ..)| *value == text);
    found.map_or(Some(ApprovalState::Open), |(.., state)| *state)
}

/// Each state with how many there are; what ended may be very many, and is counted where it is looked at.
async fn chips(
    desk: &Desk,
    asked: &Asked,
    filter: &ApprovalFilter,
    total: u64,
) -> Result<Vec<Chip>, Problem> {
    let mut chips = Vec::new();
    for (value, label, this) in STATES {
        let is_current = this == filter.state;
        let count = if is_current {
            number(total)
        } else if this == Some(ApprovalState::Open) {
            let open = ApprovalFilter {
                state: this,
                ..filter.clone()
            };
            number(desk.portal().approval_count(desk.ctx(), &open).await?)
        } else {
            String::new()
        };
        chips.push(Chip {
            href: asked.with("state", value),
            label: label.to_owned(),
            count,
            current: is_current,
        });
    }
    Ok(chips)
}

pub(in super::super) async fn queue(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    let mut unread = Errors::default();
    let day = |name: &str, errors: &mut Errors| date(name, asked.text(name), errors);
    let (since, until) = (day("since", &mut unread), day("until", &mut unread));
    let zone = &desk.practice().time_zone;
    let span = |day: Date| Span::of_days(day, day, zone);
    let filter = ApprovalFilter {
        state: state(&asked),
        kind: asked.value::<ApprovalKind>("kind"),
        client: asked.value::<ClientId>("client"),
        q: asked.search(),
        since: since.and_then(span).map(|day| day.from),
        before: until.and_then(span).map(|day| day.until),
        ..ApprovalFilter::default()
    };
    let page = desk
        .portal()
        .approvals(desk.ctx(), &filter, &asked.page(PAGE))
        .await?;
    let total = page.total.unwrap_or_default();
    let person = match filter.client {
        Some(id) => {
            let clients = desk.clients_of([id]).await?;
            let name = clients.get(&id).map(portal_core::client::Client::name);
            name.map(|name| (name, asked.with("client", "")))
        }
        None => None,
    };
    let kind = asked.text("kind");
    let mut kinds = vec![Choice::new("", "Any kind", kind)];
    kinds.extend(ApprovalKind::ALL.map(|known| Choice::new(known.as_str(), known.label(), kind)));
    let everything = ApprovalFilter {
        state: filter.state,
        ..ApprovalFilter::default()
    };
    Ok(desk.page(&Approvals {
        shell: desk.shell(Some(Place::Approvals)).await?,
        counted: counted(total, "approval", "approvals"),
        chips: chips(&desk, &asked, &filter, total).await?,
        q: asked.text("q").to_owned(),
        state: asked.text("state").to_owned(),
        kinds,
        since: asked.text("since").to_owned(),
        until: asked.text("until").to_owned(),
        client: filter.client.map(|id| id.to_string()).unwrap_or_default(),
        person,
        filtered: filter != everything,
        rows: page.items.iter().map(|item| row(&desk, item, true)).collect(),
        pager: asked.pager(&page),
    }))
}

pub(in super::super) async fn of_matter(
    desk: Desk,
    Path(id): Path<MatterId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    let filter = ApprovalFilter {
        matter: Some(id),
        // A matter has few: all of them, unless one state is asked for.
        state: if asked.text("state").is_empty() {
            None
        } else {
            state(&asked)
        },
        ..ApprovalFilter::default()
    };
    let page = desk
        .portal()
        .approvals(desk.ctx(), &filter, &asked.page(PAGE))
        .await?;
    let states = [("", "All", None), ("open", "Waiting", Some(ApprovalState::Open))];
    let ended = STATES
        .into_iter()
        .filter(|(_, _, state)| state.is_some_and(|state| state != ApprovalState::Open));
    let chips = states.into_iter().chain(ended).map(|(value, label, this)| Chip {
        href: asked.with("state", value),
        label: label.to_owned(),
        count: String::new(),
        current: this == filter.state,
    });
    let may_ask = desk.may(Capability::AskApprovals) && matter.state == MatterState::Open;
    Ok(desk.page(&MatterApprovals {
        shell: desk.shell(Some(Place::Matters)).await?,
        head: head(&desk, &matter).await?,
        chips: chips.collect(),
        rows: page.items.iter().map(|item| row(&desk, item, false)).collect(),
        pager: asked.pager(&page),
        new_href: may_ask.then(|| format!("{}/approvals/new", matter_href(id))),
    }))
}
