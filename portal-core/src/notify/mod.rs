//! Telling people: letters, deliveries and their history, notifications to staff, and the ports to the world.

mod approving;
mod automation;
mod delivery;
mod incoming;
mod letter;
mod model;
mod overtaken;
mod plan;
mod planning;
mod port;
mod readers;
mod report;
mod samples;
mod service;
mod tasking;
mod texting;
mod worker;
mod written;

pub use delivery::{Delivery, DeliveryState, Lane, Queue, Recipient, retry_after};
pub use letter::{About, AskedNow, Cause, Letter, LetterSecrets, Opens};
pub use model::{Notification, NotificationKind};
pub use port::{Composed, Composer, DeliveryFilter, EmailMessage, Mailer, Notifications, Outbox, SendError};
pub(crate) use report::day_of;
pub use report::{DeliveryCount, MessageReport, ReportDay, Span};
pub use samples::Samples;
pub use texting::Told;
pub use worker::Worked;
pub use written::Written;
