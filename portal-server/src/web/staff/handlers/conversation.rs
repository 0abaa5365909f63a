//! One conversation, as it stands beside the list.

use portal_core::client::{Client, ClientFilter};
use portal_core::conversation::{ConversationSummary, Entry, LinkedNumber};
use portal_core::notify::{Delivery, DeliveryState, Letter};
use portal_core::policy::Capability;
use portal_core::sms::SmsLength;
use portal_core::text::{Address, Phone};
use portal_core::workflow::Channel;
use portal_core::{ConversationId, PageRequest};

use super::asked::{Asked, counted};
use super::desk::Desk;
use super::inbox::{LIST, filters, href, name_of, with_filters};
use super::words::delivery_badge;
use crate::error::Problem;
use crate::web::staff::inbox::{
    AssignForm, Candidate, LinkForm, Message, OpenConversation, ReplyForm, TheirNumber,
};
use crate::web::view::{Choice, Errors};

/// How many messages are shown at once.
const MESSAGES: u32 = 30;
/// How many clients are offered for a number.
const CANDIDATES: u32 = 8;

/// What was typed into the answer and is not sent.
pub(super) struct Typed {
    pub(super) text: String,
    pub(super) once: String,
    pub(super) errors: Errors,
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

/// The number at the other end, where it is not the one on the client's record.
fn other_number(summary: &ConversationSummary, entry: &Entry) -> Option<Phone> {
    let own = summary.client.as_ref()?.phone.as_ref();
    let number = match entry {
        Entry::Received(sms) => &sms.from,
        Entry::Sent(delivery) => match &delivery.to {
            Address::Phone(phone) => phone,
            Address::Email(_) | Address::Nowhere => return None,
        },
    };
    (own != Some(number)).then(|| number.clone())
}

/// A number that staff said is the client's.
fn their_number(desk: &Desk, number: LinkedNumber) -> TheirNumber {
    let when = number.at.map(|at| desk.when.moment(at));
    TheirNumber {
        phone: number.phone.to_string(),
        said: match (number.by, when) {
            (Some(who), Some(when)) => format!("{who} said so, {when}"),
            _ => String::new(),
        },
        unlink_action: desk
            .if_may(Capability::AnswerClients, format!("{}/unlink", href(number.id)))
            .filter(|_| desk.may(Capability::EditClients)),
        version: number.version.0.to_string(),
    }
}

async fn message(desk: &Desk, summary: &ConversationSummary, entry: &Entry) -> Result<Message, Problem> {
    let over = match entry.channel() {
        Channel::Sms => ("message", "text message"),
        Channel::Email | Channel::Task => ("mail", "mail"),
    };
    let other = other_number(summary, entry).map(|number| number.to_string());
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
                who: match other {
                    Some(number) => format!("{who}, {} to {number}", over.1),
                    None => format!("{who}, {}", over.1),
                },
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
            who: match other {
                Some(number) => format!("{}, {} from {number}", name_of(summary), over.1),
                None => format!("{}, {}", name_of(summary), over.1),
            },
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
    Ok(format!("Read by {name}, {}", desk.when.moment_within(at)))
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

pub(super) async fn open(
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
        messages.push(message(desk, &summary, entry).await?);
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
        numbers: summary
            .numbers
            .unwrap_or_default()
            .into_iter()
            .map(|number| their_number(desk, number))
            .collect(),
        name,
    })
}
