use super::{Heard, PhoneRecord, agreement_at};
use crate::client::Client;
use crate::text::{self, Phone};
use crate::workflow::{Agreement, Channel, Held, Person};
use crate::{
    ClientId, ConsentId, Date, Duration, ErrorKind, FieldError, Invalid, PracticeId, Rule, StaffId,
    Timestamp, Version,
};

/// How somebody told staff what they want.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentHow {
    /// In person or by telephone.
    Spoken,
    /// By letter or mail.
    Written,
    /// On a form.
    Form,
}

impl ConsentHow {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Spoken, Self::Written, Self::Form];

    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spoken => "spoken",
            Self::Written => "written",
            Self::Form => "form",
        }
    }
}

/// What was said about text messages to a number, and how we know: an entry of its history, which is never changed. What holds
/// now is the number's [`PhoneRecord`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// The practice.
    pub practice_id: PracticeId,
    /// How often it was saved: once.
    pub version: Version,
    /// The number.
    pub phone: Phone,
    /// The client for whom staff recorded it.
    pub client_id: Option<ClientId>,
    /// What they want.
    pub agreement: Agreement,
    /// How we know.
    pub heard: Heard,
    /// How they told staff; `None` for what they wrote or their provider said.
    pub how: Option<ConsentHow>,
    /// On which day they told staff.
    pub said_on: Option<Date>,
    /// What else is worth knowing.
    pub note: String,
    /// Who recorded it.
    pub staff_id: Option<StaffId>,
    /// When it was recorded.
    pub created_at: Timestamp,
}

/// What somebody told staff, as that is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentDraft {
    /// That they agree to text messages; else that they want none.
    pub agreed: bool,
    /// How they said so.
    pub how: ConsentHow,
    /// On which day; not in the future.
    pub said_on: Date,
    /// What else is worth knowing: at most 500 characters.
    pub note: String,
}

/// The rules of consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsentRule {
    /// There is no number that they could speak of.
    #[error("There is no telephone number yet. Add it to the client's details first.")]
    NoPhone,
    /// They asked for no more themselves: only they can take that back.
    #[error("They stopped text messages themselves. Only they can start them again, by texting START.")]
    StoppedByThem,
}

impl Rule for ConsentRule {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Conflict
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoPhone => "no-phone",
            Self::StoppedByThem => "stopped-by-them",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NoPhone => None,
            Self::StoppedByThem => Some("agreement"),
        }
    }
}

impl ConsentDraft {
    /// The most characters of a note.
    pub const LONGEST_NOTE: usize = 500;

    /// What a staff member records of it at `at`.
    ///
    /// # Errors
    /// A note that is too long, a day that has not come anywhere yet or was before 1990.
    pub fn recorded(
        &self,
        id: ConsentId,
        (client, phone): (&Client, &Phone),
        staff: Option<StaffId>,
        at: Timestamp,
    ) -> Result<Consent, Invalid> {
        // Where the day is furthest ahead it is fourteen hours later than in UTC.
        let latest = (at + Duration::hours(14)).date();
        let mut invalid = Invalid::default();
        let note = invalid.check(text::block("note", &self.note, Self::LONGEST_NOTE));
        if self.said_on > latest || self.said_on.year() < 1_990 {
            let text = "Give the day on which they said so: today or before.";
            invalid
                .errors
                .push(FieldError::new("said_on", "out-of-range", text));
        }
        invalid.finish()?;
        Ok(Consent {
            id,
            practice_id: client.practice_id,
            version: Version::FIRST,
            phone: phone.clone(),
            client_id: Some(client.id),
            agreement: if self.agreed {
                Agreement::Agreed
            } else {
                Agreement::OptedOut
            },
            heard: Heard::ByStaff,
            how: Some(self.how),
            said_on: Some(self.said_on),
            note: note.unwrap_or_default(),
            staff_id: staff,
            created_at: at,
        })
    }
}

impl Consent {
    /// The entry of what was heard without staff.
    #[must_use]
    pub fn heard(id: ConsentId, record: &PhoneRecord) -> Self {
        Self {
            id,
            practice_id: record.practice_id,
            version: Version::FIRST,
            phone: record.phone.clone(),
            client_id: None,
            agreement: record.agreement,
            heard: record.heard,
            how: None,
            said_on: None,
            note: String::new(),
            staff_id: None,
            created_at: record.since,
        }
    }

    /// The entry of a START that lifted a STOP and agrees to nothing: `record` is what holds since.
    #[must_use]
    pub fn started(id: ConsentId, record: &PhoneRecord, at: Timestamp) -> Self {
        Self {
            agreement: Agreement::Unknown,
            heard: Heard::ByKeyword,
            created_at: at,
            ..Self::heard(id, record)
        }
    }

    /// What becomes of the number's record, `before`, by what staff recorded; `None` when it says so already.
    ///
    /// # Errors
    /// `StoppedByThem` when it says that they agree, and they themselves asked for no more.
    pub fn apply(&self, before: Option<&PhoneRecord>) -> Result<Option<PhoneRecord>, ConsentRule> {
        if self.agreement == Agreement::Agreed && before.is_some_and(PhoneRecord::is_stopped_by_them) {
            return Err(ConsentRule::StoppedByThem);
        }
        let heard = (self.agreement, self.heard);
        Ok(PhoneRecord::hearing(
            before,
            self.practice_id,
            &self.phone,
            heard,
            self.created_at,
        ))
    }
}

/// What is on record about text messages to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextConsent {
    /// Their number.
    pub phone: Option<Phone>,
    /// What is on record about it.
    pub record: Option<PhoneRecord>,
    /// Another number of theirs from which they asked for no more: that holds at this one too.
    pub stopped_at: Option<Phone>,
    /// Why a text message would not reach them now.
    pub held: Option<Held>,
    /// Whether the practice texts only numbers that agreed.
    pub consent_needed: bool,
    /// The last entries of the number's history, the newest first.
    pub history: Vec<Consent>,
}

impl TextConsent {
    /// What follows from what is on record: about their number, and about other numbers of theirs.
    #[must_use]
    pub fn of(
        client: &Client,
        (record, others): (Option<PhoneRecord>, &[PhoneRecord]),
        consent_needed: bool,
        history: Vec<Consent>,
    ) -> Self {
        let person = Person {
            client,
            agreement: agreement_at(record.as_ref(), others),
            consent_needed,
            may_enter: true,
        };
        let mut others = others.iter();
        let stopped = others.find(|other| other.agreement == Agreement::OptedOut);
        Self {
            stopped_at: stopped.map(|other| other.phone.clone()),
            held: person.reached_by(Channel::Sms, false).err(),
            phone: client.phone.clone(),
            record,
            consent_needed,
            history,
        }
    }

    /// Whether they asked for no more themselves, which staff cannot take back.
    #[must_use]
    pub fn is_stopped_by_them(&self) -> bool {
        self.record.as_ref().is_some_and(PhoneRecord::is_stopped_by_them)
    }
}
