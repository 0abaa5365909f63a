use lettre::address::{Address, Envelope};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use portal_core::notify::{EmailMessage, SendError};
use portal_core::text::Email;

/// The message as it goes over the wire (RFC 5322), and whom it is from and to.
pub(super) fn write(message: &EmailMessage, from: &Email) -> Result<(Envelope, Vec<u8>), SendError> {
    let from_address = address(from)?;
    let to_address = address(&message.to)?;
    let id = |local: &str| message_id(local, from_address.domain());
    let mut mail = Message::builder()
        .from(Mailbox::new(
            display_name(&message.from_name),
            from_address.clone(),
        ))
        .to(Mailbox::new(display_name(&message.to_name), to_address))
        .subject(one_line(&message.content.subject))
        .message_id(Some(id(&message.message_id)))
        .date_now()
        // No out-of-office answers to a machine, please (RFC 3834, section 5).
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".into(),
        ));
    if let Some(thread) = &message.thread_id {
        // A mail of this id was never sent; naming it as the parent is what keeps a matter's mails together.
        mail = mail.references(id(thread)).in_reply_to(id(thread));
    }
    let mail = mail
        .multipart(MultiPart::alternative_plain_html(
            message.content.text.clone(),
            message.content.html.clone(),
        ))
        .map_err(|error| SendError::Refused(format!("the mail cannot be written: {error}")))?;
    Ok((mail.envelope().clone(), mail.formatted()))
}

fn address(email: &Email) -> Result<Address, SendError> {
    email
        .as_str()
        .parse()
        .map_err(|error| SendError::Refused(format!("the address {email:?} cannot be written to: {error}")))
}

/// An id within angle brackets. Only letters, digits and a few signs come through, so nothing can be smuggled in.
fn message_id(local: &str, domain: &str) -> String {
    let local: String = local
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '-'
            }
        })
        .collect();
    format!("<{local}@{domain}>")
}

fn display_name(name: &str) -> Option<String> {
    Some(one_line(name)).filter(|name| !name.is_empty())
}

/// The text on one line: every control character, and so every line end, becomes a space.
fn one_line(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| {
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
                ' '
            } else {
                c
            }
        })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}
