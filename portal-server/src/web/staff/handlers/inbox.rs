//! Conversations: what came in and went out, answered from one place.

use axum::response::Response;
use portal_core::conversation::{Assigned, ConversationFilter, ConversationRule, ConversationSummary};
use portal_core::policy::Capability;
use portal_core::sms::SmsLength;
use portal_core::workflow::Channel;
use portal_core::{ClientId, ConversationId, Error, PageRequest, StaffId, Timestamp, Version};
use url::form_urlencoded;

use super::asked::{Asked, counted, number};
use super::conversation::{self, Typed};
use super::desk::{Desk, Outcome, tried};
use super::rows::PAGE;
use super::sent::{Fields, Sent};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::inbox::{ConversationRow, Inbox};
use crate::web::staff::{Chip, Place};
use crate::web::view::{Choice, Errors};

pub(super) const LIST: &str = "/staff/inbox";

pub(super) fn href(id: impl Into<uuid::Uuid>) -> String {
    format!("{LIST}/{}", id.into())
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
        ..ConversationFilter::default()
    }
}

/// The filters in force, as they stand in an address.
pub(super) fn filters(asked: &Asked) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in ["show", "channel", "q"] {
        let value = asked.text(name);
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

pub(super) fn with_filters(path: &str, filters: &str) -> String {
    match filters {
        "" => path.to_owned(),
        filters => format!("{path}?{filters}"),
    }
}

pub(super) fn name_of(summary: &ConversationSummary) -> String {
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
    let unread = desk.unread_conversations().await?;
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
        chip("Unread", "unread", unread),
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
    let place = PageRequest::first(PAGE);
    let place = if open.is_some() {
        place
    } else {
        place.after(asked.value("cursor"))
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
    let pager = if current.is_some() {
        list.pager(&found)
    } else {
        asked.pager(&found)
    };
    let open = match open {
        Some((id, typed)) => Some(Box::new(conversation::open(desk, asked, id, typed).await?)),
        None => None,
    };
    let channel = asked.text("channel");
    Ok(Inbox {
        shell: desk.shell(Some(Place::Inbox)).await?,
        counted: if found.next.is_none() && (current.is_some() || asked.text("cursor").is_empty()) {
            let all = u64::try_from(found.items.len()).unwrap_or(u64::MAX);
            counted(all, "conversation", "conversations")
        } else {
            String::new()
        },
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
        pager,
        open,
        export_href: desk.if_may(Capability::SeeAudit, "/staff/inbox.csv"),
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
    let is_used = matches!(written, Err(Error::Rule(ConversationRule::OtherMessage)));
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
        Outcome::Wrong(mut errors) => {
            // The page was opened before the answer that was sent from it, as a browser's way back does: what is written now is
            // another one.
            let once = if is_used {
                errors = Errors::default();
                errors.add(
                    "text",
                    "Your answer before was sent. This one is not yet: send it again if you want to.",
                );
                desk.portal().new_message_id().to_string()
            } else {
                fields.text("once")
            };
            let typed = Typed { text, once, errors };
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
    if matches!(linked, Err(Error::Denied(_))) {
        let text = "You do not work for this client. Ask somebody who does, or a manager, to say that it is their number.";
        return Ok(desk.failed(&href(id), text));
    }
    let text = match &linked {
        Ok(summary) => format!("The number is {}'s.", name_of(summary)),
        Err(_) => String::new(),
    };
    desk.after(linked, &href(client), text)
}

pub(super) async fn unlink(
    Path(id): Path<ConversationId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let client = desk.portal().conversation(desk.ctx(), id).await?.conversation.id;
    let version = fields.value("version").map(Version);
    let unlinked = desk.portal().unlink_conversation(desk.ctx(), id, version).await;
    let phone = match &unlinked {
        Ok(summary) => name_of(summary),
        Err(_) => return desk.after(unlinked, &href(client), ""),
    };
    // Who worked for the client need not see the number's conversation.
    let may_see = desk.portal().conversation(desk.ctx(), id).await.is_ok();
    let place = if may_see { href(id) } else { href(client) };
    desk.after(unlinked, &place, format!("{phone} is not theirs any more."))
}

pub(super) async fn export(desk: Desk) -> Result<Response, Problem> {
    let (portal, ctx) = (desk.portal().clone(), desk.ctx().clone());
    Ok(crate::transfer::history::csv(portal, ctx, desk.state.cost_of(1)).await?)
}
