//! The outbox, deliveries and notifications.

mod delivery;
mod event;
mod notification;
mod outbox;

pub(crate) use delivery::open_deliveries;
pub(crate) use delivery::{
    DELIVERY, DeliveryRow, deliveries, deliveries_count, delivery_counts, save as save_delivery, written_on,
};
pub(crate) use event::{EVENT, save as save_event};
pub(crate) use notification::{
    NOTIFICATION, NotificationRow, notifications, notifications_count, save as save_notification,
};
pub(crate) use outbox::{claim_deliveries, claim_events, due_practices};
