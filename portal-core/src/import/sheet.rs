use std::fmt;
use std::str::FromStr;

/// What a file of records holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sheet {
    /// Clients, by their reference.
    Clients,
    /// Matters, by their reference.
    Matters,
    /// Who takes part in which matter, by both references.
    Participants,
}

impl Sheet {
    /// Every sheet, in the order in which they are best imported.
    pub const ALL: [Self; 3] = [Self::Clients, Self::Matters, Self::Participants];

    /// What the names of attribute columns begin with: `attribute:office`.
    pub const ATTRIBUTE: &str = "attribute:";

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Matters => "matters",
            Self::Participants => "participants",
        }
    }

    /// The columns that it must have.
    #[must_use]
    pub const fn required(self) -> &'static [&'static str] {
        match self {
            Self::Clients => &["reference", "given_names"],
            Self::Matters => &["reference", "title"],
            Self::Participants => &["matter_reference", "client_reference", "part"],
        }
    }

    /// The columns that it may have beside them. Matters may have attributes too: [`Sheet::ATTRIBUTE`].
    #[must_use]
    pub const fn optional(self) -> &'static [&'static str] {
        match self {
            Self::Clients => &[
                "family_name",
                "email",
                "phone",
                "date_of_birth",
                "nationality",
                "passport_number",
                "passport_issued_on",
                "passport_expires_on",
                "language",
                "time_zone",
            ],
            Self::Matters => &["practice_area", "stage", "owner_email", "parent_reference"],
            Self::Participants => &[],
        }
    }

    /// The columns that name the record.
    #[must_use]
    pub const fn key(self) -> &'static [&'static str] {
        match self {
            Self::Clients | Self::Matters => &["reference"],
            Self::Participants => &["matter_reference", "client_reference"],
        }
    }

    pub(super) fn columns(self) -> impl Iterator<Item = &'static str> {
        self.required().iter().chain(self.optional()).copied()
    }

    /// Other words for a column, as other systems write it.
    pub(super) fn meant_by(self, name: &str) -> Option<&'static str> {
        const WORDS: [(Sheet, &str, &[&str]); 12] = [
            (
                Sheet::Clients,
                "reference",
                &["id", "client_id", "client_reference", "number"],
            ),
            (
                Sheet::Clients,
                "given_names",
                &["first_name", "firstname", "forename", "name", "given_name"],
            ),
            (
                Sheet::Clients,
                "family_name",
                &["last_name", "lastname", "surname"],
            ),
            (Sheet::Clients, "email", &["mail", "e_mail", "email_address"]),
            (
                Sheet::Clients,
                "phone",
                &["mobile", "telephone", "phone_number", "cell"],
            ),
            (
                Sheet::Clients,
                "date_of_birth",
                &["dob", "birthday", "birth_date", "born"],
            ),
            (Sheet::Clients, "passport_number", &["passport", "passport_no"]),
            (
                Sheet::Matters,
                "reference",
                &["id", "matter_id", "matter_reference", "number", "case_number"],
            ),
            (Sheet::Matters, "title", &["name", "matter", "description"]),
            (
                Sheet::Matters,
                "owner_email",
                &["owner", "staff", "responsible", "case_manager"],
            ),
            (
                Sheet::Matters,
                "parent_reference",
                &["parent", "parent_id", "parent_matter"],
            ),
            (Sheet::Participants, "part", &["role", "type", "kind"]),
        ];
        WORDS
            .iter()
            .find(|(sheet, _, words)| *sheet == self && words.contains(&name))
            .map(|(_, column, _)| *column)
    }
}

impl fmt::Display for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Sheet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|sheet| sheet.as_str() == text)
            .ok_or_else(|| "choose clients, matters or participants".into())
    }
}
