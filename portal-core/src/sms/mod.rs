//! Text messages: how long they are, what they cost, and the words that stop them.
//!
//! ```
//! use portal_core::sms::{Encoding, Keyword, SmsLength};
//!
//! let length = SmsLength::of("Your file is complete. Thank you!");
//! assert_eq!((length.encoding, length.segments, length.left), (Encoding::Gsm7, 1, 127));
//! // One character that the alphabet lacks, and everything takes twice the room.
//! assert_eq!(SmsLength::of("Your file is complete \u{2013} thank you!").encoding, Encoding::Ucs2);
//! assert_eq!(Keyword::of("stop."), Some(Keyword::Stop));
//! ```

mod alphabet;
mod consent;
mod hearers;
mod keyword;
mod length;
mod model;
pub(crate) mod parts;
mod port;
mod price;
mod receiving;
mod service;

pub use consent::{Consent, ConsentDraft, ConsentHow, ConsentRule, TextConsent};
pub use hearers::{Hearers, Texted};
pub use keyword::Keyword;
pub use length::{Encoding, SmsLength, cost, segments};
pub use model::{Heard, PhoneRecord, ReceivedSms, agreement_at};
pub use parts::joined_ids;
pub use port::{
    Callback, CallbackError, InboundSms, ReceivedFilter, SmsCallbacks, SmsError, SmsMessage, SmsProgress,
    SmsReport, SmsSender, TextMessages,
};
pub use price::{NoPrice, Price};
