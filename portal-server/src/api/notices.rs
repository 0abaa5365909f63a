//! Notifications to staff, and the history of messages.

use axum::extract::State;
use portal_core::notify::{
    Delivery, DeliveryFilter, DeliveryState, Notification, NotificationKind, Recipient,
};
use portal_core::{ClientId, MatterId, NotificationId, Portal, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::values::Failures;
use crate::error::Problem;
use crate::extract::{Json, Listed, Path, Query, Signed, page_request};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(notifications))
        .routes(routes!(unread))
        .routes(routes!(read))
        .routes(routes!(read_all))
        .routes(routes!(deliveries))
}

/// Something a staff member is told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationBody {
    id: Uuid,
    /// The sentence to read.
    headline: String,
    /// The matter that it concerns; null for a text message, which concerns none in particular.
    matter_id: Option<Uuid>,
    client_id: Option<Uuid>,
    /// The conversation in which somebody wrote.
    conversation_id: Option<Uuid>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<Timestamp>,
}

impl From<Notification> for NotificationBody {
    fn from(notification: Notification) -> Self {
        Self {
            id: notification.id.0,
            headline: notification.headline,
            matter_id: notification.matter_id.map(|id| id.0),
            client_id: notification.client_id.map(|id| id.0),
            conversation_id: match notification.kind {
                NotificationKind::TextReceived { conversation } => Some(conversation.0),
                _ => None,
            },
            created_at: notification.created_at,
            read_at: notification.read_at,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct NotificationsQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well.
    total: Option<bool>,
    /// Only what the caller has not read.
    unread: Option<bool>,
}

/// The caller's notifications, the newest first.
#[utoipa::path(get, path = "/notifications", tag = "notifications", params(NotificationsQuery),
    responses((status = 200, body = Listed<NotificationBody>), Failures))]
async fn notifications(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<NotificationsQuery>,
) -> Result<Json<Listed<NotificationBody>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    let unread = query.unread.unwrap_or(false);
    let page = portal.notifications(signed.context(), unread, &page).await?;
    Ok(Json(Listed::present(page, NotificationBody::from)))
}

/// A count.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountBody {
    pub(super) count: u64,
}

/// How many notifications the caller has not read.
#[utoipa::path(get, path = "/notifications/unread", tag = "notifications",
    responses((status = 200, body = CountBody), Failures))]
async fn unread(signed: Signed, State(portal): State<Portal>) -> Result<Json<CountBody>, Problem> {
    let count = portal.unread_notifications(signed.context()).await?;
    Ok(Json(CountBody { count }))
}

/// Marks one notification as read. Doing it twice is no error.
#[utoipa::path(post, path = "/notifications/{id}/read", tag = "notifications", params(("id" = Uuid, Path)),
    responses((status = 200, body = NotificationBody), Failures))]
async fn read(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<NotificationId>,
) -> Result<Json<NotificationBody>, Problem> {
    Ok(Json(portal.read_notification(signed.context(), id).await?.into()))
}

/// Marks all notifications of the caller as read; answers how many there were.
#[utoipa::path(post, path = "/notifications/read-all", tag = "notifications",
    responses((status = 200, body = CountBody), Failures))]
async fn read_all(signed: Signed, State(portal): State<Portal>) -> Result<Json<CountBody>, Problem> {
    let count = portal.read_all_notifications(signed.context()).await?;
    let count = count.try_into().unwrap_or(u64::MAX);
    Ok(Json(CountBody { count }))
}

/// One message to one person, without the secrets that it held.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryBody {
    id: Uuid,
    matter_id: Option<Uuid>,
    /// Set when it went to a client.
    client_id: Option<Uuid>,
    /// Set when it went to a staff member.
    staff_id: Option<Uuid>,
    to_name: String,
    to: String,
    subject: String,
    text: String,
    /// `queued`, `sending`, `sent`, `delivered`, `failed`, `unknown` or `held`.
    #[schema(example = "sent")]
    state: &'static str,
    /// How often it was tried.
    attempts: u32,
    /// Why the last try failed.
    last_error: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    sent_at: Option<Timestamp>,
}

impl From<Delivery> for DeliveryBody {
    fn from(delivery: Delivery) -> Self {
        let (client_id, staff_id) = match delivery.recipient {
            Recipient::Client(id) => (Some(id.0), None),
            Recipient::Staff(id) => (None, Some(id.0)),
        };
        Self {
            id: delivery.id.0,
            matter_id: delivery.matter_id.map(|id| id.0),
            client_id,
            staff_id,
            to_name: delivery.to_name,
            to: delivery.to.to_string(),
            subject: delivery.subject,
            text: delivery.text,
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            last_error: delivery.last_error,
            created_at: delivery.created_at,
            sent_at: delivery.sent_at,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DeliveriesQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well.
    total: Option<bool>,
    /// Only those that concern this matter. Without it, the caller must be allowed to read the whole practice's.
    #[param(value_type = Option<Uuid>)]
    matter_id: Option<MatterId>,
    /// Only those to this client.
    #[param(value_type = Option<Uuid>)]
    client_id: Option<ClientId>,
    /// Only those in this state: `queued`, `sending`, `sent`, `delivered`, `failed`, `unknown` or `held`.
    #[param(value_type = Option<String>)]
    state: Option<DeliveryState>,
}

/// The history of messages, the newest first.
#[utoipa::path(get, path = "/deliveries", tag = "history", params(DeliveriesQuery),
    responses((status = 200, body = Listed<DeliveryBody>), Failures))]
async fn deliveries(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Json<Listed<DeliveryBody>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    let filter = DeliveryFilter {
        matter: query.matter_id,
        client: query.client_id,
        state: query.state,
        ..DeliveryFilter::default()
    };
    let page = portal.deliveries(signed.context(), &filter, &page).await?;
    Ok(Json(Listed::present(page, DeliveryBody::from)))
}
