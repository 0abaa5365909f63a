//! What needs the reader, and the lists behind each number.

use axum::response::Response;
use portal_core::checklist::RequestFilter;
use portal_core::document::{DocumentFilter, DocumentStatus};
use portal_core::matter::{MatterFilter, MatterSort, MatterState};
use portal_core::notify::{Delivery, DeliveryFilter, DeliveryState, Recipient};
use portal_core::policy::Capability;
use portal_core::workflow::Channel;
use portal_core::{Context, PageRequest, Portal};

use super::asked::{Asked, counted, number};
use super::desk::Desk;
use super::reports;
use super::rows::{PAGE, document_href, matter_name, request_href};
use super::{tasks, words};
use crate::error::Problem;
use crate::web::client::Due;
use crate::web::staff::home::Home;
use crate::web::staff::matter::Tile;
use crate::web::staff::work::{Work, WorkRow};
use crate::web::staff::{Chip, Place};
use crate::web::view::Badge;

fn to_review() -> DocumentFilter {
    DocumentFilter {
        status: Some(DocumentStatus::PendingReview),
        ..DocumentFilter::default()
    }
}

fn overdue(desk: &Desk) -> RequestFilter {
    RequestFilter {
        overdue_on: Some(desk.when.today()),
        ..RequestFilter::default()
    }
}

fn failed() -> DeliveryFilter {
    DeliveryFilter {
        state: Some(DeliveryState::Failed),
        ..DeliveryFilter::default()
    }
}

async fn failed_count(portal: &Portal, ctx: &Context) -> Result<u64, Problem> {
    let page = PageRequest::count();
    Ok(portal
        .deliveries(ctx, &failed(), &page)
        .await?
        .total
        .unwrap_or_default())
}

pub(super) async fn show(desk: Desk) -> Result<Response, Problem> {
    let (portal, ctx) = (desk.portal(), desk.ctx());
    let tile = |number, label: &str, href: &str| Tile {
        number,
        label: label.to_owned(),
        href: href.to_owned(),
    };
    let review = portal.document_counts(ctx, &to_review()).await?.pending_review;
    let late = portal.request_counts(ctx, &overdue(&desk)).await?.to_do();
    let told = portal.notifications(ctx, true, &PageRequest::first(5)).await?;
    let unread = portal.unread_notifications(ctx).await?;
    let mut tiles = vec![
        tile(review, "Files to review", "/staff/review"),
        tile(late, "Overdue requests", "/staff/overdue"),
    ];
    tiles.extend(tasks::tiles(&desk).await?);
    tiles.extend([tile(unread, "Unread", "/staff/notifications?show=unread")]);
    if desk.may(Capability::SeeAudit) {
        let failed = failed_count(portal, ctx).await?;
        tiles.push(tile(failed, "Messages that failed", "/staff/mails?state=failed"));
    }
    let mut mine = MatterFilter {
        state: Some(MatterState::Open),
        owner: desk.may(Capability::EditMatters).then_some(desk.staff.id),
        ..MatterFilter::default()
    };
    let newest = PageRequest::first(8);
    let mut matters = portal.matters(ctx, &mine, MatterSort::Updated, &newest).await?;
    let mut matters_href = format!("/staff/matters?state=open&owner={}", desk.staff.id);
    if matters.items.is_empty() || mine.owner.is_none() {
        mine.owner = None;
        matters = portal.matters(ctx, &mine, MatterSort::Updated, &newest).await?;
        "/staff/matters?state=open".clone_into(&mut matters_href);
    }
    let first_name = desk.staff.name.split_whitespace().next().unwrap_or_default();
    Ok(desk.page(&Home {
        shell: desk.shell(Some(Place::Home)).await?,
        greeting: format!("Hello, {first_name}"),
        tiles,
        matters: matters
            .items
            .iter()
            .map(|summary| desk.matter_row(summary))
            .collect(),
        matters_href,
        unread: desk.notification_rows(&told.items).await?,
        new_href: desk.if_may(Capability::OpenMatters, "/staff/matters/new"),
    }))
}

/// All files that wait for review, whatever their matter.
pub(super) async fn review(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    let page = desk
        .portal()
        .documents(desk.ctx(), &to_review(), &asked.page(PAGE))
        .await?;
    let matters = desk
        .matters_of(page.items.iter().map(|document| document.matter_id))
        .await?;
    let rows = desk.document_rows(&page.items).await?;
    let rows = page.items.iter().zip(rows).map(|(document, row)| WorkRow {
        href: document_href(document.id),
        icon: "document",
        title: row.name,
        person: row.from,
        matter: matters
            .get(&document.matter_id)
            .map(matter_name)
            .unwrap_or_default(),
        when: row.when,
        badge: row.badge,
    });
    Ok(desk.page(&Work {
        shell: desk.shell(Some(Place::Home)).await?,
        heading: "Files to review".into(),
        counted: counted(page.total.unwrap_or_default(), "file waits", "files wait"),
        chips: Vec::new(),
        nothing: (
            "Nothing to review".into(),
            "What clients provide waits here until somebody accepts or returns it.".into(),
        ),
        rows: rows.collect(),
        pager: asked.pager(&page),
    }))
}

/// All requests that are overdue, whatever their matter.
pub(super) async fn late(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    let page = desk
        .portal()
        .requests(desk.ctx(), &overdue(&desk), &asked.page(PAGE))
        .await?;
    let matters = desk
        .matters_of(page.items.iter().map(|request| request.matter_id))
        .await?;
    let clients = desk
        .clients_of(page.items.iter().map(|request| request.client_id))
        .await?;
    let rows = page.items.iter().map(|request| WorkRow {
        href: request_href(request.matter_id, request.id),
        icon: "checklist",
        title: request.title.clone(),
        person: clients
            .get(&request.client_id)
            .map(portal_core::client::Client::name)
            .unwrap_or_default(),
        matter: matters
            .get(&request.matter_id)
            .map(matter_name)
            .unwrap_or_default(),
        when: request
            .due_on
            .map(|due| desk.when.due(due))
            .map_or_else(String::new, |Due { text, .. }| text),
        badge: words::request_badge(request.state, true),
    });
    Ok(desk.page(&Work {
        shell: desk.shell(Some(Place::Home)).await?,
        heading: "Overdue requests".into(),
        counted: counted(
            page.total.unwrap_or_default(),
            "request is overdue",
            "requests are overdue",
        ),
        chips: Vec::new(),
        nothing: (
            "Nothing is overdue".into(),
            "Requests that wait for a client after their due date appear here.".into(),
        ),
        rows: rows.collect(),
        pager: asked.pager(&page),
    }))
}

/// What a message is listed by: its subject; a text message, which has none, by how it begins.
fn title_of(mail: &Delivery) -> String {
    const LONGEST: usize = 90;
    if !mail.subject.is_empty() {
        return mail.subject.clone();
    }
    let words = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}\u{2026}", words.get(..end).unwrap_or_default().trim_end()),
        None if words.is_empty() => "Text message".to_owned(),
        None => words,
    }
}

/// The history of mails of the whole practice.
pub(super) async fn mails(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    let only_failed = asked.text("state") == "failed";
    let (filter, narrowed) = reports::narrowed(&desk, &asked).await?;
    let page = desk
        .portal()
        .deliveries(desk.ctx(), &filter, &asked.page(PAGE))
        .await?;
    let matters = desk
        .matters_of(page.items.iter().filter_map(|mail| mail.matter_id))
        .await?;
    let failures = failed_count(desk.portal(), desk.ctx()).await?;
    let rows = page.items.iter().map(|mail| WorkRow {
        href: match (mail.matter_id, mail.recipient) {
            (Some(matter), _) => format!("/staff/matters/{matter}/activity?show=mail#mail-{}", mail.id),
            (None, Recipient::Client(client)) => format!("/staff/inbox/{client}"),
            (None, Recipient::Staff(_)) => "/staff/mails".into(),
        },
        icon: match mail.channel() {
            Channel::Sms => "message",
            Channel::Email | Channel::Task => "mail",
        },
        title: title_of(mail),
        person: format!("{} <{}>", mail.to_name, mail.to),
        matter: mail
            .matter_id
            .and_then(|id| matters.get(&id))
            .map(matter_name)
            .unwrap_or_default(),
        when: desk.when.moment(mail.created_at),
        badge: Badge {
            text: mail
                .last_error
                .clone()
                .filter(|_| mail.state == DeliveryState::Failed)
                .map_or_else(
                    || words::delivery_badge(mail.state).text,
                    |error| format!("Failed: {error}"),
                ),
            ..words::delivery_badge(mail.state)
        },
    });
    let chip = |label: &str, state: &str, count: String, current| Chip {
        href: asked.with("state", state),
        label: label.to_owned(),
        count,
        current,
    };
    Ok(desk.page(&Work {
        shell: desk.shell(Some(Place::Home)).await?,
        heading: "Messages sent".into(),
        counted: [counted(page.total.unwrap_or_default(), "message", "messages")]
            .into_iter()
            .chain(narrowed)
            .collect::<Vec<_>>()
            .join(" · "),
        chips: vec![
            chip("All", "", String::new(), filter.state.is_none()),
            chip("Failed", "failed", number(failures), only_failed),
        ],
        nothing: (
            "No messages here".into(),
            "Every mail and text message that the portal sends is kept here, with what became of it.".into(),
        ),
        rows: rows.collect(),
        pager: asked.pager(&page),
    }))
}
