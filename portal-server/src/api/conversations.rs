//! Conversations with clients, and with numbers that nobody knows yet.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use portal_core::conversation::{Assigned, ConversationFilter, ConversationSummary, Entry, LinkedNumber};
use portal_core::notify::Delivery;
use portal_core::sms::{ReceivedSms, SmsLength};
use portal_core::workflow::Channel;
use portal_core::{ClientId, ConversationId, Portal, StaffId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::notices::CountBody;
use super::values::Failures;
use crate::error::Problem;
use crate::extract::{IfMatch, Json, Listed, Path, Query, Signed, page_request};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(unread))
        .routes(routes!(get))
        .routes(routes!(entries))
        .routes(routes!(reply))
        .routes(routes!(read))
        .routes(routes!(assign))
        .routes(routes!(link))
        .routes(routes!(unlink))
}

/// What takes as long as it takes.
pub(super) fn transfers() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(history))
}

/// Every message that the practice wrote or received as a CSV file for spreadsheets, the newest first: when, in which direction,
/// over what, to or from whom, what became of it and why, what it says, and how many segments its provider charges for, with what
/// those cost where a price is set. No value is a formula.
#[utoipa::path(get, path = "/history.csv", tag = "history",
    responses((status = 200, content((String = "text/csv"))), Failures))]
async fn history(signed: Signed, State(state): State<AppState>) -> Result<Response, Problem> {
    let (portal, ctx) = (state.portal().clone(), signed.context().clone());
    Ok(crate::transfer::history::csv(portal, ctx, state.cost_of(1)).await?)
}

/// Everything that went to a client and that they wrote; or what came from a number that nobody knows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationBody {
    /// The client's id, or one made of the number.
    id: Uuid,
    /// Whose it is; null while nobody said whose number it is.
    client_id: Option<Uuid>,
    /// The client's name.
    client_name: Option<String>,
    /// The number, where nobody said whose it is.
    phone: Option<String>,
    /// The staff member who answers it.
    assignee_id: Option<Uuid>,
    /// Their name.
    assignee_name: Option<String>,
    /// How many messages came in that nobody read.
    unread: u32,
    /// Up to where it was read.
    #[schema(value_type = Option<String>, format = DateTime)]
    read_up_to: Option<Timestamp>,
    /// Who read it last.
    read_by: Option<Uuid>,
    /// When they did.
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<Timestamp>,
    /// When something last happened.
    #[schema(value_type = String, format = DateTime)]
    last_at: Timestamp,
    /// How the last message that a person wrote begins.
    preview: String,
    /// The numbers that staff said are the client's; null in lists.
    numbers: Option<Vec<LinkedNumberBody>>,
}

/// A number that staff said is a client's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkedNumberBody {
    /// The id of the number's own conversation, which takes it back.
    id: Uuid,
    /// How often its record was saved; `If-Match` takes it.
    version: i64,
    phone: String,
    /// Who said so.
    linked_by_name: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    linked_at: Option<Timestamp>,
}

impl From<LinkedNumber> for LinkedNumberBody {
    fn from(number: LinkedNumber) -> Self {
        Self {
            id: number.id.0,
            version: number.version.0,
            phone: number.phone.to_string(),
            linked_by_name: number.by,
            linked_at: number.at,
        }
    }
}

impl From<ConversationSummary> for ConversationBody {
    fn from(summary: ConversationSummary) -> Self {
        let conversation = summary.conversation;
        let is_known = conversation.client_id.is_some();
        Self {
            id: conversation.id.0,
            client_id: conversation.client_id.map(|id| id.0),
            client_name: summary.client.map(|client| client.name()),
            phone: conversation
                .phone
                .filter(|_| !is_known)
                .map(|phone| phone.to_string()),
            assignee_id: conversation.assignee_id.map(|id| id.0),
            assignee_name: summary.assignee,
            unread: conversation.unread,
            read_up_to: conversation.read_up_to,
            read_by: conversation.read_by.map(|id| id.0),
            read_at: conversation.read_at,
            last_at: conversation.last_at,
            preview: conversation.preview,
            numbers: summary
                .numbers
                .map(|numbers| numbers.into_iter().map(LinkedNumberBody::from).collect()),
        }
    }
}

/// One message of a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryBody {
    id: Uuid,
    /// `out` for what went to them, or was to; `in` for what they wrote.
    #[schema(example = "out")]
    direction: &'static str,
    /// `sms` or `email`.
    #[schema(example = "sms")]
    channel: &'static str,
    /// The address or number at the other end; empty when none was known.
    with: String,
    /// The matter that it concerns.
    matter_id: Option<Uuid>,
    /// The subject of a mail.
    subject: String,
    text: String,
    /// What a text message costs in segments; 0 for mail.
    segments: u32,
    /// `queued`, `sending`, `sent`, `delivered`, `failed`, `unknown` or `held`; `received` for what they wrote.
    #[schema(example = "delivered")]
    state: &'static str,
    /// Why it failed, was held back, or is not known to have left.
    why: Option<String>,
    /// What wrote it: `reply`, `automated`, `sign-in`, ..; `client` for what they wrote.
    #[schema(example = "reply")]
    kind: &'static str,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<Delivery> for EntryBody {
    fn from(delivery: Delivery) -> Self {
        let entry = Entry::Sent(Box::new(delivery.clone()));
        let is_sms = entry.channel() == Channel::Sms;
        Self {
            id: delivery.id.0,
            direction: "out",
            channel: entry.channel().as_str(),
            with: delivery.to.to_string(),
            matter_id: delivery.matter_id.map(|id| id.0),
            subject: delivery.subject,
            segments: if is_sms {
                SmsLength::of(&delivery.text).segments
            } else {
                0
            },
            text: delivery.text,
            state: delivery.state.as_str(),
            why: delivery.last_error,
            kind: delivery.letter.name(),
            at: delivery.created_at,
        }
    }
}

impl From<ReceivedSms> for EntryBody {
    fn from(sms: ReceivedSms) -> Self {
        Self {
            id: sms.id.0,
            direction: "in",
            channel: Channel::Sms.as_str(),
            with: sms.from.to_string(),
            matter_id: None,
            subject: String::new(),
            segments: SmsLength::of(&sms.text).segments,
            text: sms.text,
            state: "received",
            why: None,
            kind: "client",
            at: sms.received_at,
        }
    }
}

impl From<Entry> for EntryBody {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::Sent(delivery) => (*delivery).into(),
            Entry::Received(sms) => (*sms).into(),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ConversationsQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well.
    total: Option<bool>,
    /// Only those with something that nobody read.
    unread: Option<bool>,
    /// Only those of numbers that nobody knows.
    unknown: Option<bool>,
    /// Only those that this staff member answers; `none` for those that nobody in particular does.
    assignee: Option<String>,
    /// Only those with something over this channel: `sms`, or `email` of automations.
    channel: Option<String>,
    /// Words of the client's name, reference, address or number, or of the number that nobody knows.
    q: Option<String>,
}

fn filter(query: &ConversationsQuery) -> Result<ConversationFilter, Problem> {
    let assigned = match query.assignee.as_deref() {
        None => None,
        Some("none") => Some(Assigned::Nobody),
        Some(id) => {
            let id: Uuid = id
                .parse()
                .map_err(|_| Problem::field("assignee", "type", "This is a staff member's id, or none."))?;
            Some(Assigned::To(StaffId(id)))
        }
    };
    let channel = match query.channel.as_deref() {
        None => None,
        Some("sms") => Some(Channel::Sms),
        Some("email") => Some(Channel::Email),
        Some(_) => return Err(Problem::field("channel", "unknown", "Choose sms or email.")),
    };
    Ok(ConversationFilter {
        unread: query.unread.unwrap_or_default(),
        unknown: query.unknown.unwrap_or_default(),
        assigned,
        channel,
        q: query.q.clone(),
        ..ConversationFilter::default()
    })
}

/// Conversations that the caller may see, the one where something happened last first. Those of clients to whom only mails
/// about sign-in and requests went are not listed; each can be asked for by the client's id.
#[utoipa::path(get, path = "/conversations", tag = "conversations", params(ConversationsQuery),
    responses((status = 200, body = Listed<ConversationBody>), Failures))]
async fn list(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<ConversationsQuery>,
) -> Result<Json<Listed<ConversationBody>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    let page = portal
        .conversations(signed.context(), &filter(&query)?, &page)
        .await?;
    Ok(Json(Listed::present(page, ConversationBody::from)))
}

/// The most unread conversations that are counted.
const MOST_UNREAD: u32 = 10_000;

/// How many conversations have something that nobody read: at most 10,000 are counted.
#[utoipa::path(get, path = "/conversations/unread", tag = "conversations",
    responses((status = 200, body = CountBody), Failures))]
async fn unread(signed: Signed, State(portal): State<Portal>) -> Result<Json<CountBody>, Problem> {
    let count = portal.unread_conversations(signed.context(), MOST_UNREAD).await?;
    Ok(Json(CountBody { count }))
}

/// One conversation. That of a number that joined a client's is theirs.
#[utoipa::path(get, path = "/conversations/{id}", tag = "conversations",
    params(("id" = Uuid, Path, description = "The client's id, or that of a number's conversation")),
    responses((status = 200, body = ConversationBody), Failures))]
async fn get(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ConversationId>,
) -> Result<Json<ConversationBody>, Problem> {
    Ok(Json(portal.conversation(signed.context(), id).await?.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EntriesQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well; not told to whom some of it is hidden.
    total: Option<bool>,
}

/// The messages of a conversation, the newest first. Those about matters that the caller may not see are left out.
#[utoipa::path(get, path = "/conversations/{id}/entries", tag = "conversations",
    params(("id" = Uuid, Path), EntriesQuery),
    responses((status = 200, body = Listed<EntryBody>), Failures))]
async fn entries(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ConversationId>,
    Query(query): Query<EntriesQuery>,
) -> Result<Json<Listed<EntryBody>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    let page = portal.conversation_entries(signed.context(), id, &page).await?;
    Ok(Json(Listed::present(page, EntryBody::from)))
}

/// An answer by text message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplyInput {
    /// What it says: at most ten segments.
    text: String,
    /// The id that the message shall have. What is sent again under the same is sent once.
    once: Option<Uuid>,
    /// What came in up to this time is read now.
    #[schema(value_type = Option<String>, format = DateTime)]
    read_up_to: Option<Timestamp>,
}

/// Answers by text message: at the number they wrote from last, while it is theirs, else at the one on their record. It is
/// written into the history first and leaves from there.
#[utoipa::path(post, path = "/conversations/{id}/reply", tag = "conversations", params(("id" = Uuid, Path)),
    request_body = ReplyInput, responses((status = 201, body = EntryBody), Failures))]
async fn reply(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ConversationId>,
    Json(input): Json<ReplyInput>,
) -> Result<(StatusCode, Json<EntryBody>), Problem> {
    let written = portal
        .answer_by_text(signed.context(), id, &input.text, input.once, input.read_up_to)
        .await?;
    Ok((StatusCode::CREATED, Json(written.into())))
}

/// Up to where a conversation was read.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReadInput {
    /// Up to this time, inclusive; now when it is left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    up_to: Option<Timestamp>,
}

/// Marks a conversation as read. Doing it twice is no error.
#[utoipa::path(post, path = "/conversations/{id}/read", tag = "conversations", params(("id" = Uuid, Path)),
    request_body = ReadInput, responses((status = 200, body = ConversationBody), Failures))]
async fn read(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ConversationId>,
    Json(input): Json<ReadInput>,
) -> Result<Json<ConversationBody>, Problem> {
    let read = portal
        .read_conversation(signed.context(), id, input.up_to)
        .await?;
    Ok(Json(read.into()))
}

/// Who answers a conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignInput {
    /// The staff member; null for nobody in particular.
    #[schema(value_type = Option<Uuid>)]
    staff_id: Option<StaffId>,
}

/// Says who answers a conversation. They can see it then, whatever matters they work on.
#[utoipa::path(post, path = "/conversations/{id}/assign", tag = "conversations", params(("id" = Uuid, Path)),
    request_body = AssignInput, responses((status = 200, body = ConversationBody), Failures))]
async fn assign(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ConversationId>,
    Json(input): Json<AssignInput>,
) -> Result<Json<ConversationBody>, Problem> {
    let assigned = portal
        .assign_conversation(signed.context(), id, input.staff_id)
        .await?;
    Ok(Json(assigned.into()))
}

/// Whose number it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkInput {
    /// The client.
    #[schema(value_type = Uuid)]
    client_id: ClientId,
}

/// Says whose number it is: what was written from it, and what will be, stands in the client's conversation, which is answered.
/// Only for clients whose conversation the caller sees without the number.
#[utoipa::path(post, path = "/conversations/{id}/link", tag = "conversations", params(("id" = Uuid, Path)),
    request_body = LinkInput, responses((status = 200, body = ConversationBody), Failures))]
async fn link(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ConversationId>,
    Json(input): Json<LinkInput>,
) -> Result<Json<ConversationBody>, Problem> {
    let linked = portal
        .link_conversation(signed.context(), id, input.client_id)
        .await?;
    Ok(Json(linked.into()))
}

/// Takes back that a number is a client's: what was written from it, and what will be, stands in the number's own conversation
/// again, which is answered here. What was answered stays in the client's history. `If-Match` takes the `version` of the number
/// as `numbers` of the client's conversation says it.
#[utoipa::path(post, path = "/conversations/{id}/unlink", tag = "conversations",
    params(("id" = Uuid, Path, description = "That of the number, as `numbers` says it"),
        ("If-Match" = Option<String>, Header, description = "The `version` of the number's record that the caller read")),
    responses((status = 200, body = ConversationBody), Failures))]
async fn unlink(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ConversationId>,
    IfMatch(expected): IfMatch,
) -> Result<Json<ConversationBody>, Problem> {
    let unlinked = portal.unlink_conversation(signed.context(), id, expected).await?;
    Ok(Json(unlinked.into()))
}
