//! Conversations: what came in and went out, answered from one place.

use axum::response::Response;
use portal_core::client::{Client, ClientFilter};
use portal_core::conversation::{Assigned, ConversationFilter, ConversationSummary, Entry};
use portal_core::notify::{Delivery, DeliveryState, Letter};
use portal_core::policy::Capability;
use portal_core::sms::SmsLength;
use portal_core::workflow::Channel;
use portal_core::{ClientId, ConversationId, PageRequest, StaffId, Timestamp};
use url::form_urlencoded;

use super::asked::{Asked, counted, number};
use super::desk::{Desk, Outcome, tried};
use super::rows::PAGE;
use super::sent::{Fields, Sent};
use super::words::delivery_badge;
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::inbox::{
    AssignForm, Candidate, ConversationRow, Inbox, LinkForm, Message, OpenConversation, ReplyForm,
};
use crate::web::staff::{Chip, Place};
use crate::web::view::{Choice, Errors};

const LIST: &str = "/staff/inbox";
/// How many messages are shown at once.
const MESSAGES: u32 = 30;
/// How many clients are offered for a number.
const CANDIDATES: u32 = 8;

pub(super) fn href(id: impl Into<uuid::Uuid>) -> String {
    format!("{LIST}/{}", id.into())
}

/// What was typed into the answer and is not sent.
struct Typed {
    text: String,
    once: String,
    errors: Errors,
}

fn filter(desk: &Desk, asked: &Asked) -> ConversationFilter {
    let show = asked.text("show");
    ConversationFilter {
        unread: show == "unread",
        unknown: show == "unknown",
        assigned: match show {
            "mine" => Some(Assigned::To(desk.staff.id)),
            "unassigned" => Some(Assigned::Nobody),
            _ => None,
        },
        channel: match asked.text("channel") {
            "sms" => Some(Channel::Sms),
            "email" => Some(Channel::Email),
            _ => None,
        },
        q: asked.search(),
        visible_to: None,
    }
}

/// The filters in force, as they stand in an address.
fn filters(asked: &Asked) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in ["show", "channel", "q"] {
        let value = asked.text(name);
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

fn with_filters(path: &str, filters: &str) -> String {
    match filters {
        "" => path.to_owned(),
        filters => format!("{path}?{filters}"),
    }
}

fn name_of(summary: &ConversationSummary) -> String {
    let phone = summary.conversation.phone.as_ref();
    match &summary.client {
        Some(client) => client.name(),
        None => phone.map(ToString::to_string).unwrap_or_default(),
    }
}

fn row(
    desk: &Desk,
    summary: &ConversationSummary,
    filters: &str,
    current: Option<ConversationId>,
) -> ConversationRow {
    let conversation = &summary.conversation;
    ConversationRow {
        href: with_filters(&href(conversation.id), filters),
        name: name_of(summary),
        preview: conversation.preview.clone(),
        when: desk.when.moment(conversation.last_at),
        unread: match conversation.unread {
            0 => String::new(),
            unread => number(unread.into()),
        },
        assignee: summary.assignee.clone().unwrap_or_default(),
        unknown: conversation.client_id.is_none(),
        current: current == Some(conversation.id),
    }
}

async fn chips(desk: &Desk, asked: &Asked) -> Result<Vec<Chip>, Problem> {
    let now = asked.text("show");
    let unread = desk.portal().unread_conversations(desk.ctx()).await?;
    let chip = |label: &str, show: &str, count: String| Chip {
        href: match show {
            "" => LIST.to_owned(),
            show => format!("{LIST}?show={show}"),
        },
        label: label.to_owned(),
        count,
        current: now == show,
    };
    Ok(vec![
        chip("All", "", String::new()),
        chip("Unread", "unread", number(unread)),
        chip("Mine", "mine", String::new()),
        chip("Unassigned", "unassigned", String::new()),
        chip("Unknown numbers", "unknown", String::new()),
    ])
}

async fn page(
    desk: &Desk,
    asked: &Asked,
    open: Option<(ConversationId, Option<Typed>)>,
) -> Result<Inbox, Problem> {
    let wanted = filter(desk, asked);
    // The place in the list is not the place in a conversation.
    let place = if open.is_some() {
        PageRequest::first(PAGE).with_total()
    } else {
        asked.page(PAGE)
    };
    let found = desk.portal().conversations(desk.ctx(), &wanted, &place).await?;
    let filters = filters(asked);
    let current = open.as_ref().map(|(id, _)| *id);
    let rows = found
        .items
        .iter()
        .map(|summary| row(desk, summary, &filters, current))
        .collect();
    let list = Asked::new(LIST, &filters);
    let open = match open {
        Some((id, typed)) => Some(Box::new(conversation(desk, asked, id, typed).await?)),
        None => None,
    };
    let channel = asked.text("channel");
    Ok(Inbox {
        shell: desk.shell(Some(Place::Inbox)).await?,
        counted: counted(found.total.unwrap_or_default(), "conversation", "conversations"),
        chips: chips(desk, asked).await?,
        q: asked.search().unwrap_or_default(),
        channels: [
            ("", "All"),
            ("sms", "Text messages"),
            ("email", "Mails of workflows"),
        ]
        .into_iter()
        .map(|(value, label)| Choice::new(value, label, channel))
        .collect(),
        show: asked.text("show").to_owned(),
        filtered: wanted != ConversationFilter::default(),
        rows,
        pager: if current.is_some() {
            list.pager(&found)
        } else {
            asked.pager(&found)
        },
        open,
        export_href: desk.if_may(Capability::SeeAudit, "/staff/inbox.csv"),
    })
}

fn kind_words(letter: &Letter) -> &'static str {
    match letter {
        Letter::Automated { .. } => "Workflow",
        Letter::Reply { .. } => "Staff",
        _ => "The portal",
    }
}

/// What happened to a message in words that a case manager reads.
fn why(delivery: &Delivery) -> String {
    let said = delivery.last_error.clone().unwrap_or_default();
    match delivery.state {
        DeliveryState::Unknown => format!("It may have been sent, so it is not sent again: {said}"),
        DeliveryState::Failed | DeliveryState::Held => {
            let mut letters = said.chars();
            letters
                .next()
                .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        }
        DeliveryState::Queued if !said.is_empty() => format!("Is tried again: {said}"),
        _ => String::new(),
    }
}

async fn message(desk: &Desk, name: &str, entry: &Entry) -> Result<Message, Problem> {
    let over = match entry.channel() {
        Channel::Sms => ("message", "text message"),
        Channel::Email | Channel::Task => ("mail", "mail"),
    };
    let segments = |text: &str| counted(SmsLength::of(text).segments.into(), "segment", "segments");
    Ok(match entry {
        Entry::Sent(delivery) => {
            let who = match &delivery.letter {
                Letter::Reply { by: Some(staff), .. } => {
                    let staff = desk
                        .portal()
                        .store()
                        .staff_member(desk.ctx().practice, *staff)
                        .await;
                    staff
                        .map_err(portal_core::Error::<portal_core::NoRule>::from)?
                        .map(|staff| staff.name)
                }
                _ => None,
            };
            let who = who.unwrap_or_else(|| kind_words(&delivery.letter).to_owned());
            Message {
                id: format!("message-{}", delivery.id),
                own: true,
                icon: over.0,
                who: format!("{who}, {}", over.1),
                subject: delivery.subject.clone(),
                text: delivery.text.clone(),
                when: desk.when.moment(delivery.created_at),
                segments: match entry.channel() {
                    Channel::Sms => segments(&delivery.text),
                    Channel::Email | Channel::Task => String::new(),
                },
                badge: Some(delivery_badge(delivery.state)),
                why: why(delivery),
            }
        }
        Entry::Received(sms) => Message {
            id: format!("message-{}", sms.id),
            icon: over.0,
            who: format!("{name}, {}", over.1),
            text: sms.text.clone(),
            when: desk.when.moment(sms.received_at),
            ..Message::default()
        },
    })
}

fn reached(summary: &ConversationSummary) -> String {
    let Some(client) = &summary.client else {
        return "Unknown number".into();
    };
    let phone = client.phone.as_ref().map(ToString::to_string);
    let email = client.email.as_ref().map(ToString::to_string);
    let known: Vec<String> = [phone, email].into_iter().flatten().collect();
    known.join(" \u{b7} ")
}

async fn receipt(desk: &Desk, summary: &ConversationSummary) -> Result<String, Problem> {
    let conversation = &summary.conversation;
    let (Some(staff), Some(at)) = (conversation.read_by, conversation.read_at) else {
        return Ok(String::new());
    };
    let staff = desk
        .portal()
        .store()
        .staff_member(desk.ctx().practice, staff)
        .await;
    let staff = staff.map_err(portal_core::Error::<portal_core::NoRule>::from)?;
    let name = staff.map(|staff| staff.name).unwrap_or_default();
    Ok(format!("Read by {name}, {}", desk.when.moment(at)))
}

fn candidate(client: &Client) -> Candidate {
    let parts = [
        client.reference.clone(),
        client.phone.as_ref().map(ToString::to_string),
        client.email.as_ref().map(ToString::to_string),
    ];
    Candidate {
        id: client.id.to_string(),
        name: client.name(),
        detail: parts.into_iter().flatten().collect::<Vec<_>>().join(" \u{b7} "),
    }
}

/// Clients whose number it could be: those who were looked for, else those whose record has it.
async fn link_form(
    desk: &Desk,
    asked: &Asked,
    summary: &ConversationSummary,
) -> Result<Option<LinkForm>, Problem> {
    let may = desk.may(Capability::AnswerClients) && desk.may(Capability::EditClients);
    let Some(phone) = summary
        .conversation
        .phone
        .as_ref()
        .filter(|_| may && summary.client.is_none())
    else {
        return Ok(None);
    };
    let find = asked.searched("find");
    let filter = ClientFilter {
        q: Some(find.clone().unwrap_or_else(|| phone.to_string())),
    };
    let page = PageRequest::first(CANDIDATES);
    let found = desk.portal().clients(desk.ctx(), &filter, &page).await?;
    let here = href(summary.conversation.id);
    Ok(Some(LinkForm {
        action: format!("{here}/link"),
        here,
        find: find.unwrap_or_default(),
        candidates: found.items.iter().map(candidate).collect(),
        more: found.next.is_some(),
    }))
}

async fn conversation(
    desk: &Desk,
    asked: &Asked,
    id: ConversationId,
    typed: Option<Typed>,
) -> Result<OpenConversation, Problem> {
    let (portal, ctx) = (desk.portal(), desk.ctx());
    let summary = portal.conversation(ctx, id).await?;
    let name = name_of(&summary);
    let before = asked.value("before");
    let is_newest = before.is_none();
    let page = PageRequest::first(MESSAGES).after(before);
    let entries = portal.conversation_entries(ctx, id, &page).await?;
    let mut messages = Vec::with_capacity(entries.items.len());
    for entry in entries.items.iter().rev() {
        messages.push(message(desk, &name, entry).await?);
    }
    let here = href(summary.conversation.id);
    let filters = filters(asked);
    let earlier = entries.next.as_ref().map(|cursor| {
        let query = if filters.is_empty() {
            String::new()
        } else {
            format!("&{filters}")
        };
        format!("{here}?before={cursor}{query}")
    });
    let may = desk.may(Capability::AnswerClients);
    let newest = entries.items.first().filter(|_| is_newest).map(Entry::at);
    let assignee = summary
        .conversation
        .assignee_id
        .map(|id| id.to_string())
        .unwrap_or_default();
    let staff = if may { desk.all_staff().await? } else { Vec::new() };
    let typed = typed.unwrap_or_else(|| Typed {
        text: String::new(),
        once: portal.new_message_id().to_string(),
        errors: Errors::default(),
    });
    Ok(OpenConversation {
        reached: reached(&summary),
        client_href: summary
            .client
            .as_ref()
            .map(|client| format!("/staff/clients/{}", client.id))
            .filter(|_| desk.may(Capability::SeeClients)),
        list_href: with_filters(LIST, &filters),
        earlier_href: earlier,
        newest_href: (!is_newest).then(|| with_filters(&here, &filters)),
        messages,
        receipt: receipt(desk, &summary).await?,
        read_action: (may && summary.conversation.unread > 0 && is_newest).then(|| format!("{here}/read")),
        read_up_to: newest.map(|at| at.to_string()).unwrap_or_default(),
        reply: (may && summary.client.is_some()).then(|| ReplyForm {
            action: format!("{here}/reply"),
            text: typed.text,
            once: typed.once,
            errors: typed.errors,
        }),
        assign: may.then(|| AssignForm {
            action: format!("{here}/assign"),
            staff: staff
                .into_iter()
                .filter(|staff| staff.active)
                .map(|staff| Choice::new(staff.id.to_string(), staff.name, &assignee))
                .collect(),
        }),
        link: link_form(desk, asked, &summary).await?,
        name,
    })
}

pub(super) async fn list(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    Ok(desk.page(&page(&desk, &asked, None).await?))
}

pub(super) async fn show(
    desk: Desk,
    Path(id): Path<ConversationId>,
    asked: Asked,
) -> Result<Response, Problem> {
    Ok(desk.page(&page(&desk, &asked, Some((id, None))).await?))
}

fn read_up_to(fields: &Fields) -> Option<Timestamp> {
    fields.value("read_up_to")
}

pub(super) async fn reply(
    Path(id): Path<ConversationId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let text = fields.text("text");
    let once = fields.value("once");
    let written = desk
        .portal()
        .answer_by_text(desk.ctx(), id, &text, once, read_up_to(&fields))
        .await;
    match tried(written)? {
        Outcome::Done(delivery) => {
            let segments = counted(
                SmsLength::of(&delivery.text).segments.into(),
                "segment",
                "segments",
            );
            let text = format!(
                "Your text message to {} is on its way ({segments}).",
                delivery.to_name
            );
            Ok(desk.done(&href(id), text))
        }
        Outcome::Wrong(errors) => {
            let typed = Typed {
                text,
                once: fields.text("once"),
                errors,
            };
            let asked = Asked::new(&href(id), "");
            Ok(desk.mend(&page(&desk, &asked, Some((id, Some(typed)))).await?))
        }
    }
}

pub(super) async fn read(
    Path(id): Path<ConversationId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let read = desk
        .portal()
        .read_conversation(desk.ctx(), id, read_up_to(&fields))
        .await;
    desk.after(read, &href(id), "Marked as read.")
}

pub(super) async fn assign(
    Path(id): Path<ConversationId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let staff: Option<StaffId> = fields.value::<uuid::Uuid>("staff").map(StaffId);
    let assigned = desk.portal().assign_conversation(desk.ctx(), id, staff).await;
    let text = match &assigned {
        Ok(summary) => match &summary.assignee {
            Some(name) => format!("{name} answers this conversation."),
            None => "Nobody in particular answers this conversation.".to_owned(),
        },
        Err(_) => String::new(),
    };
    desk.after(assigned, &href(id), text)
}

pub(super) async fn link(
    Path(id): Path<ConversationId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let Some(client) = fields.value::<uuid::Uuid>("client").map(ClientId) else {
        return Ok(desk.failed(&href(id), "Choose a client."));
    };
    let linked = desk.portal().link_conversation(desk.ctx(), id, client).await;
    let text = match &linked {
        Ok(summary) => format!("The number is {}'s.", name_of(summary)),
        Err(_) => String::new(),
    };
    desk.after(linked, &href(client), text)
}

pub(super) async fn export(desk: Desk) -> Result<Response, Problem> {
    Ok(crate::transfer::history::csv(desk.portal().clone(), desk.ctx().clone()).await?)
}
