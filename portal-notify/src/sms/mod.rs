//! Providers of text messages over HTTP.
//!
//! A message is never sent twice by these: an error that leaves open whether the provider has it is
//! [`SmsError::Unknown`], and nothing here tries again. Callbacks are believed when their signature is right, and only then.

mod gateway;
pub(crate) mod http;
mod pace;
mod params;
mod signing;
mod twilio;
mod vonage;

pub use gateway::{HttpGateway, HttpGatewaySettings};
pub use http::{CONNECT_TIME, HttpSetupError, TOTAL_TIME};
pub use pace::Paced;
pub use twilio::{Twilio, TwilioFrom, TwilioSettings};
pub use vonage::{Vonage, VonageSettings};

#[cfg(doc)]
use portal_core::sms::SmsError;
