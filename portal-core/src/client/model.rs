use std::fmt;

use serde::{Deserialize, Serialize};
use time::macros::format_description;

use crate::text::{self, Email, Phone};
use crate::{ClientId, Date, FieldError, Invalid, PracticeId, Timestamp, Version};

/// A passport's facts.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Passport {
    /// Its number.
    pub number: Option<String>,
    /// When it was issued.
    pub issued_on: Option<Date>,
    /// When it expires.
    pub expires_on: Option<Date>,
}

impl fmt::Debug for Passport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passport(..)")
    }
}

/// A person the practice serves.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    /// Their id.
    pub id: ClientId,
    /// Their practice.
    pub practice_id: PracticeId,
    /// How often the record was saved.
    pub version: Version,
    /// Their number in the practice's own system; no other client has it.
    pub reference: Option<String>,
    /// Given names, as in their passport.
    pub given_names: String,
    /// Family name; empty for people who have one name only.
    pub family_name: String,
    /// Their address. Families may share one.
    pub email: Option<Email>,
    /// Their telephone.
    pub phone: Option<Phone>,
    /// Their date of birth.
    pub date_of_birth: Option<Date>,
    /// Their nationality, in words or as a code.
    pub nationality: Option<String>,
    /// Their passport.
    pub passport: Passport,
    /// The language they want to be written in (BCP 47).
    pub language: Option<String>,
    /// Where they live, as a time zone (IANA, like `Europe/London`); `None`: in the practice's. Quiet hours are theirs.
    pub time_zone: Option<String>,
    /// Whether the practice still serves them.
    pub active: bool,
    /// When they were added.
    pub created_at: Timestamp,
    /// When the record was last changed.
    pub updated_at: Timestamp,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// A client as someone fills them in; empty text means "not known".
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ClientDraft {
    /// See [`Client::reference`].
    pub reference: String,
    /// See [`Client::given_names`].
    pub given_names: String,
    /// See [`Client::family_name`].
    pub family_name: String,
    /// See [`Client::email`].
    pub email: String,
    /// See [`Client::phone`].
    pub phone: String,
    /// ISO 8601, like `1990-05-17`.
    pub date_of_birth: String,
    /// See [`Client::nationality`].
    pub nationality: String,
    /// See [`Passport::number`].
    pub passport_number: String,
    /// ISO 8601.
    pub passport_issued_on: String,
    /// ISO 8601.
    pub passport_expires_on: String,
    /// See [`Client::language`].
    pub language: String,
    /// See [`Client::time_zone`].
    pub time_zone: String,
}

impl fmt::Debug for ClientDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientDraft(..)")
    }
}

/// Reads a date as `YYYY-MM-DD` (ISO 8601); empty text is none.
pub(crate) fn optional_date(field: &str, text: &str) -> Result<Option<Date>, FieldError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match Date::parse(text, format_description!("[year]-[month]-[day]")) {
        Ok(date) if text.len() == 10 && (1_850..=2_200).contains(&date.year()) => Ok(Some(date)),
        _ => Err(FieldError::new(
            field,
            "date",
            "Write the date as year-month-day, like 1990-05-17.",
        )),
    }
}

fn optional(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

impl Client {
    /// A new client. `country` is the practice's, for telephone numbers without a country code.
    pub fn new(
        id: ClientId,
        practice: PracticeId,
        draft: &ClientDraft,
        country: &str,
        at: Timestamp,
    ) -> Result<Self, Invalid> {
        let blank = Self {
            id,
            practice_id: practice,
            version: Version(0),
            reference: None,
            given_names: String::new(),
            family_name: String::new(),
            email: None,
            phone: None,
            date_of_birth: None,
            nationality: None,
            passport: Passport::default(),
            language: None,
            time_zone: None,
            active: true,
            created_at: at,
            updated_at: at,
        };
        blank.revise(draft, country, at)
    }

    /// The same client with everything as `draft` says; tells all that is wrong with it at once.
    pub fn revise(mut self, draft: &ClientDraft, country: &str, at: Timestamp) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        self.version.bump();
        self.updated_at = at;
        self.reference = invalid
            .check(text::optional_line("reference", &draft.reference, 60))
            .and_then(optional);
        self.given_names = invalid
            .check(text::line("given_names", &draft.given_names, 120))
            .unwrap_or_default();
        self.family_name = invalid
            .check(text::optional_line("family_name", &draft.family_name, 120))
            .unwrap_or_default();
        self.email = match draft.email.trim() {
            "" => None,
            email => invalid.check(Email::parse("email", email)),
        };
        self.phone = match draft.phone.trim() {
            "" => None,
            phone => invalid.check(Phone::parse("phone", phone, country)),
        };
        self.date_of_birth = invalid
            .check(optional_date("date_of_birth", &draft.date_of_birth))
            .flatten();
        if self.date_of_birth.is_some_and(|born| born > at.date()) {
            invalid.errors.push(FieldError::new(
                "date_of_birth",
                "in-the-future",
                "This date is in the future.",
            ));
        }
        self.nationality = invalid
            .check(text::optional_line("nationality", &draft.nationality, 60))
            .and_then(optional);
        self.passport = Passport {
            number: invalid
                .check(text::optional_line("passport_number", &draft.passport_number, 40))
                .and_then(optional),
            issued_on: invalid
                .check(optional_date("passport_issued_on", &draft.passport_issued_on))
                .flatten(),
            expires_on: invalid
                .check(optional_date("passport_expires_on", &draft.passport_expires_on))
                .flatten(),
        };
        if let (Some(issued), Some(expires)) = (self.passport.issued_on, self.passport.expires_on)
            && expires <= issued
        {
            invalid.errors.push(FieldError::new(
                "passport_expires_on",
                "before-issue",
                "A passport expires after it was issued.",
            ));
        }
        self.language = invalid
            .check(text::optional_line("language", &draft.language, 35))
            .and_then(optional);
        self.time_zone = invalid
            .check(text::optional_time_zone("time_zone", &draft.time_zone))
            .flatten();
        invalid.finish()?;
        Ok(self)
    }

    /// The client as a form shows them.
    #[must_use]
    pub fn draft(&self) -> ClientDraft {
        let date = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
        ClientDraft {
            reference: self.reference.clone().unwrap_or_default(),
            given_names: self.given_names.clone(),
            family_name: self.family_name.clone(),
            email: self.email.as_ref().map(ToString::to_string).unwrap_or_default(),
            phone: self.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
            date_of_birth: date(self.date_of_birth),
            nationality: self.nationality.clone().unwrap_or_default(),
            passport_number: self.passport.number.clone().unwrap_or_default(),
            passport_issued_on: date(self.passport.issued_on),
            passport_expires_on: date(self.passport.expires_on),
            language: self.language.clone().unwrap_or_default(),
            time_zone: self.time_zone.clone().unwrap_or_default(),
        }
    }

    /// The names of the fields in which `other` differs: for the audit trail, which need not hold the values.
    #[must_use]
    pub fn changed_fields(&self, other: &Self) -> Vec<&'static str> {
        [
            ("reference", self.reference != other.reference),
            ("given_names", self.given_names != other.given_names),
            ("family_name", self.family_name != other.family_name),
            ("email", self.email != other.email),
            ("phone", self.phone != other.phone),
            ("date_of_birth", self.date_of_birth != other.date_of_birth),
            ("nationality", self.nationality != other.nationality),
            ("passport", self.passport != other.passport),
            ("language", self.language != other.language),
            ("time_zone", self.time_zone != other.time_zone),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
    }

    /// The client, served by the practice or not any more.
    #[must_use]
    pub fn with_active(mut self, active: bool, at: Timestamp) -> Self {
        self.version.bump();
        self.active = active;
        self.updated_at = at;
        self
    }

    /// The time zone that their clock shows, when their practice is in the zone `practice`.
    #[must_use]
    pub fn zone<'a>(&'a self, practice: &'a str) -> &'a str {
        self.time_zone.as_deref().unwrap_or(practice)
    }

    /// Their full name, given names first.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given_names, self.family_name)
            .trim()
            .to_owned()
    }

    /// The text that searches look through, folded.
    #[must_use]
    pub fn search_text(&self) -> String {
        let email = self.email.as_ref().map(Email::key).unwrap_or_default();
        let phone = self.phone.as_ref().map_or("", Phone::as_str);
        let reference = self.reference.as_deref().unwrap_or_default();
        text::fold(&format!("{} {reference} {email} {phone}", self.name()))
    }

    /// The text that lists sort by, folded: family name first.
    #[must_use]
    pub fn sort_text(&self) -> String {
        text::fold(&format!("{} {}", self.family_name, self.given_names))
    }
}
