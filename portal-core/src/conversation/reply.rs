use super::Conversation;
use crate::ClientId;
use crate::client::Client;
use crate::sms::SmsLength;
use crate::text::Phone;
use crate::workflow::{Agreement, Channel, Held, Person};

/// A client whom staff wants to answer by text message, and what decides whether it reaches them.
#[derive(Debug, Clone, Copy)]
pub struct Answerable<'a> {
    /// Who.
    pub client: &'a Client,
    /// At which number.
    pub phone: Option<&'a Phone>,
    /// What is on record about the number.
    pub agreement: Agreement,
    /// Whether the practice wants an agreement on record.
    pub consent_needed: bool,
    /// Whether somebody wrote from this number: who writes may be answered.
    pub wrote: bool,
}

impl Answerable<'_> {
    /// The number that `text` goes to.
    ///
    /// # Errors
    /// The first reason why it must not, or cannot.
    pub fn texted(self, text: &str) -> Result<Phone, Held> {
        let client = Client {
            phone: self.phone.cloned(),
            ..self.client.clone()
        };
        let person = Person {
            client: &client,
            agreement: self.agreement,
            consent_needed: self.consent_needed && !self.wrote,
            may_enter: false,
        };
        person.reached_by(Channel::Sms, false)?;
        match SmsLength::of(text).segments {
            0 => Err(Held::Empty),
            segments if segments > SmsLength::MOST_SEGMENTS => Err(Held::TooLong { segments }),
            _ => self.phone.cloned().ok_or(Held::NoPhone),
        }
    }
}

/// The number that a client is answered at: the one they wrote from last, while it is theirs (the one on their record, or one
/// of those that staff said are); else the one on their record.
#[must_use]
pub fn answer_to<'a>(
    client: &'a Client,
    said: &'a [Phone],
    wrote_from: Option<&'a Phone>,
) -> Option<&'a Phone> {
    let own = client.phone.as_ref();
    let is_theirs = |phone: &&Phone| own == Some(*phone) || said.contains(phone);
    wrote_from.filter(is_theirs).or(own).or(said.last())
}

/// Whose number it is: the client's whom staff said it is; else the only client's who has it, where those who are still served
/// go first. `None` when nobody has it, or several do.
#[must_use]
pub fn whose(number: Option<&Conversation>, clients: &[Client]) -> Option<ClientId> {
    let only = |served: bool| {
        let mut having = clients.iter().filter(|client| client.active || !served);
        let first = having.next().map(|client| client.id);
        first.filter(|_| having.next().is_none())
    };
    let said = number.and_then(|number| number.client_id);
    let served = clients.iter().any(|client| client.active);
    said.or_else(|| only(served))
}
