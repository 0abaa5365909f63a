//! Conversations: everything that went to a client and everything they wrote, over text messages and mail, in one place.
//!
//! A conversation is no second record of messages: what was sent is read from the history of [deliveries](crate::notify), what
//! came in from the [text messages that were received](crate::sms). Kept beside them is only what neither says: since when it
//! is unread, who answers it, and when something last happened.
//!
//! A client has one conversation. A number that belongs to nobody, or to several, has one of its own until somebody says whose
//! it is; then it joins theirs. Nobody is guessed.

mod answering;
mod entry;
mod error;
mod joining;
mod keeping;
mod model;
mod numbers;
mod port;
mod reading;
mod reply;
mod seeing;
mod summary;

pub use entry::Entry;
pub use error::ConversationRule;
pub use joining::{Joining, Parting};
pub use model::{Conversation, Happening, ReadUpTo};
pub(crate) use numbers::Incoming;
pub use port::{Assigned, ConversationFilter, Conversations};
pub use reply::{Answerable, answer_to, whose};
pub use summary::{ConversationSummary, LinkedNumber};
