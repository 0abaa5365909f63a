//! Email and SMS adapters of the portal, and the letters it writes.
//!
//! * [`SmtpMailer`] hands mail to a mail server (RFC 5321).
//! * [`CapturedMailer`] and [`CapturedSms`] keep messages in memory instead, for a demo and for tests.
//! * [`sms`] hands text messages to Twilio, Vonage, or any HTTP endpoint, and reads their callbacks (feature
//!   `sms-providers`, on by default).
//! * [`webhook`] posts to an address of whoever runs the portal (the same feature).
//! * [`Letters`] puts [letters](portal_core::notify::Letter) into words: a subject, plain text and HTML.
//!
//! Nothing here knows the store, decides who is told what, or logs a message's content.

mod captured;
mod letters;
#[cfg(feature = "sms-providers")]
pub mod sms;
pub mod smtp;
#[cfg(feature = "sms-providers")]
pub mod webhook;

pub use captured::{CapturedMail, CapturedMailer, CapturedSms, CapturedText, WrittenText};
pub use letters::Letters;
pub use smtp::{SmtpMailer, SmtpSettings};
