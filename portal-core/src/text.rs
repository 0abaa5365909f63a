//! What people type: names, labels, messages, addresses.
//!
//! Text is kept as given, apart from white space at its ends, in Unicode's composed form (NFC); it is compared
//! and searched in a folded form. Characters that are invisible and change how other text reads (control and
//! bidirectional override characters) are refused, because they can make a name or a file look like another.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::FieldError;

/// Whether a character hides itself or reorders others: C0/C1 controls, bidirectional controls (UAX #9), the
/// byte-order mark, line and paragraph separators, tags and noncharacters.
pub(crate) fn is_treacherous(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}' | '\u{E0000}'..='\u{E007F}')
}

/// A time zone of the IANA database (`Europe/London`), as it is spelt there; empty text is none.
pub(crate) fn optional_time_zone(field: &str, text: &str) -> Result<Option<String>, FieldError> {
    let name = optional_line(field, text, 64)?;
    if name.is_empty() {
        return Ok(None);
    }
    let zone = jiff::tz::TimeZone::get(&name).ok();
    let name = zone.as_ref().filter(|zone| !zone.is_unknown());
    match name.and_then(jiff::tz::TimeZone::iana_name) {
        Some(name) => Ok(Some(name.to_owned())),
        None => Err(FieldError::new(
            field,
            "time-zone",
            "There is no such time zone. Write a place of the list, like Europe/London.",
        )),
    }
}

/// One line of text of at most `most` characters, which may be empty.
pub fn optional_line(field: &str, text: &str, most: usize) -> Result<String, FieldError> {
    let text: String = text.trim().nfc().collect();
    if text.chars().any(is_treacherous) {
        return Err(FieldError::new(
            field,
            "control-characters",
            "This contains invisible control characters. Type it again instead of pasting it.",
        ));
    }
    check_length(field, &text, most)?;
    Ok(text)
}

/// One line of text of 1 to `most` characters.
pub fn line(field: &str, text: &str, most: usize) -> Result<String, FieldError> {
    let text = optional_line(field, text, most)?;
    if text.is_empty() {
        return Err(FieldError::new(field, "required", "Please fill this in."));
    }
    Ok(text)
}

/// Text of several lines, which may be empty. Line ends become `\n`.
pub fn block(field: &str, text: &str, most: usize) -> Result<String, FieldError> {
    let text: String = text.replace("\r\n", "\n").trim().nfc().collect();
    if text.chars().any(|c| c != '\n' && c != '\t' && is_treacherous(c)) {
        return Err(FieldError::new(
            field,
            "control-characters",
            "This contains invisible control characters. Type it again instead of pasting it.",
        ));
    }
    check_length(field, &text, most)?;
    Ok(text)
}

fn check_length(field: &str, text: &str, most: usize) -> Result<(), FieldError> {
    let length = text.chars().count();
    if length > most {
        return Err(FieldError::new(
            field,
            "too-long",
            format!("This has {length} characters; at most {most} are possible."),
        ));
    }
    Ok(())
}

/// The value as a spreadsheet shows it and never runs it (OWASP, CSV injection): an apostrophe goes before what
/// begins like a formula.
#[must_use]
pub fn inert(value: &str) -> Cow<'_, str> {
    let begins_a_formula = |c: char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
        )
    };
    if value
        .trim_start_matches([' ', '\u{a0}'])
        .starts_with(begins_a_formula)
    {
        Cow::Owned(format!("'{value}"))
    } else {
        Cow::Borrowed(value)
    }
}

/// The form in which text is compared and searched: compatibility-decomposed (NFKD), without accents and control
/// characters (which no kept text has, and some databases refuse), in lower case, with single spaces. The sigma that ends
/// a Greek word is a sigma like any other, as in Unicode's case folding.
#[must_use]
pub fn fold(text: &str) -> String {
    let folded: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c) && (c.is_whitespace() || !c.is_control()))
        .flat_map(char::to_lowercase)
        .map(|c| if c == '\u{3c2}' { '\u{3c3}' } else { c })
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An email address: ASCII, at most 254 characters (RFC 5321), kept as given with its domain in lower case.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// Reads an address; `field` names it in errors.
    pub fn parse(field: &str, text: &str) -> Result<Self, FieldError> {
        let wrong = || {
            FieldError::new(
                field,
                "email",
                "This does not look like an email address. It should be like name@example.com.",
            )
        };
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or_else(wrong)?;
        let local_is_fine = !local.is_empty()
            && local.len() <= 64
            && local
                .split('.')
                .all(|atom| !atom.is_empty() && atom.bytes().all(is_atom_byte));
        let domain_is_fine = domain.contains('.')
            && domain.split('.').all(|label| {
                !label.is_empty()
                    && label.len() <= 63
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            });
        if text.len() > 254 || !local_is_fine || !domain_is_fine {
            return Err(wrong());
        }
        Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
    }

    /// The address as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which addresses are compared: in practice mailboxes do not tell case apart.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The address with most of its name hidden (`a***@example.com`), for pages that strangers can open.
    #[must_use]
    pub fn hint(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or(("", &self.0));
        format!("{}***@{domain}", local.chars().next().unwrap_or('*'))
    }
}

/// The bytes of an atom (RFC 5322, section 3.2.3).
const fn is_atom_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || matches!(b, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'/' | b'=' | b'?' | b'^'..=b'`' | b'{'..=b'~')
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hint())
    }
}

impl TryFrom<String> for Email {
    type Error = FieldErrorText;
    fn try_from(text: String) -> Result<Self, FieldErrorText> {
        Self::parse("email", &text).map_err(|error| FieldErrorText(error.message))
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

/// A telephone number in E.164 form (`+61412345678`).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

impl Phone {
    /// Reads a number as people write it; one without `+` is read as dialled within `country` (ISO 3166-1).
    pub fn parse(field: &str, text: &str, country: &str) -> Result<Self, FieldError> {
        let wrong = || {
            FieldError::new(
                field,
                "phone",
                "This does not look like a telephone number. Write it with its country code, like +61 412 345 678.",
            )
        };
        let text = text.trim();
        if text.len() > 40 {
            return Err(wrong());
        }
        let number = phonenumber::parse(country.parse().ok(), text).map_err(|_| wrong())?;
        if !number.is_valid() || number.extension().is_some() {
            return Err(wrong());
        }
        Ok(Self(number.format().mode(phonenumber::Mode::E164).to_string()))
    }

    /// The number in E.164 form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the country's numbering plan has such a number. [`Phone::parse`] takes no other; one from a store or another
    /// system may be any digits.
    #[must_use]
    pub fn can_exist(&self) -> bool {
        phonenumber::parse(None, &self.0).is_ok_and(|number| number.is_valid())
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(..)")
    }
}

impl TryFrom<String> for Phone {
    type Error = FieldErrorText;
    fn try_from(text: String) -> Result<Self, FieldErrorText> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        if (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text))
        } else {
            Err(FieldErrorText("not a telephone number in E.164 form".into()))
        }
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

/// Where a message goes: to a mailbox or to a telephone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// To a mailbox.
    Email(Email),
    /// To a telephone.
    Phone(Phone),
    /// None is known: of what was held back for that reason.
    Nowhere,
}

impl Address {
    /// The address as given, or the number in E.164 form; empty for none. No address looks like a number: it has an `@`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(email) => email.as_str(),
            Self::Phone(phone) => phone.as_str(),
            Self::Nowhere => "",
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Email> for Address {
    fn from(email: Email) -> Self {
        Self::Email(email)
    }
}

impl From<Phone> for Address {
    fn from(phone: Phone) -> Self {
        Self::Phone(phone)
    }
}

impl TryFrom<String> for Address {
    type Error = FieldErrorText;
    fn try_from(text: String) -> Result<Self, FieldErrorText> {
        if text.is_empty() {
            Ok(Self::Nowhere)
        } else if text.contains('@') {
            Email::try_from(text).map(Self::Email)
        } else {
            Phone::try_from(text).map(Self::Phone)
        }
    }
}

/// A stored address or number that is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FieldErrorText(pub(crate) String);
