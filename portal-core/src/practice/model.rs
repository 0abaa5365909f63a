use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Duration, FieldError, Invalid, PracticeId, Timestamp, Version, text};

/// A brand colour, as `#rrggbb` (sRGB). Pages correct its lightness until text on it can be read.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BrandColour(pub [u8; 3]);

impl FromStr for BrandColour {
    type Err = FieldError;
    fn from_str(text: &str) -> Result<Self, FieldError> {
        let wrong = || {
            FieldError::new(
                "brand_colour",
                "colour",
                "Write the colour as # and six hexadecimal digits, like #1f5fbf.",
            )
        };
        let digits = text
            .trim()
            .strip_prefix('#')
            .filter(|d| d.len() == 6)
            .ok_or_else(wrong)?;
        let number = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
        let [_, r, g, b] = number.to_be_bytes();
        Ok(Self([r, g, b]))
    }
}

impl TryFrom<String> for BrandColour {
    type Error = text::FieldErrorText;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
            .map_err(|error: FieldError| text::FieldErrorText(error.message))
    }
}

impl fmt::Display for BrandColour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl fmt::Debug for BrandColour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<BrandColour> for String {
    fn from(colour: BrandColour) -> Self {
        colour.to_string()
    }
}

/// What a practice can set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PracticeSettings {
    /// How long a sign-in link works, in minutes: 10 to 2,880 (48 hours, the default).
    pub link_minutes: u32,
    /// How long a session lasts at most, in minutes: 10 to 2,880 (48 hours, the default).
    pub session_minutes: u32,
    /// How long a session lasts unused, in minutes: 5 to 2,880 (default 12 hours).
    pub idle_minutes: u32,
    /// The largest file that clients may upload, in bytes (default 100 MiB).
    pub upload_most_bytes: u64,
    /// Whether automations send text messages only to numbers that agreed to them, by START for one (default: no). Whoever
    /// opted out gets none in any case.
    pub text_consent_needed: bool,
    /// Whether clients need a second factor with each answer to an approval (default: no). It can be switched on where the portal
    /// has [one to check](crate::Parts::second_factor).
    pub approval_factor_needed: bool,
}

impl Default for PracticeSettings {
    fn default() -> Self {
        Self {
            link_minutes: 2_880,
            session_minutes: 2_880,
            idle_minutes: 720,
            upload_most_bytes: 100 << 20,
            text_consent_needed: false,
            approval_factor_needed: false,
        }
    }
}

impl PracticeSettings {
    /// How long a sign-in link works.
    #[must_use]
    pub fn link_life(&self) -> Duration {
        Duration::minutes(self.link_minutes.clamp(10, 2_880).into())
    }

    /// How long a session lasts at most.
    #[must_use]
    pub fn session_life(&self) -> Duration {
        Duration::minutes(self.session_minutes.clamp(10, 2_880).into())
    }

    /// How long a session lasts unused.
    #[must_use]
    pub fn idle_life(&self) -> Duration {
        Duration::minutes(self.idle_minutes.clamp(5, 2_880).into())
    }

    /// Refuses to switch on, after `before`, what the portal cannot do: nobody could answer an approval any more. What is on already
    /// stays on, and never keeps anybody from changing something else.
    ///
    /// # Errors
    /// The field that cannot be switched on.
    pub fn can_follow(&self, before: &Self, has_second_factor: bool) -> Result<(), FieldError> {
        if self.approval_factor_needed && !before.approval_factor_needed && !has_second_factor {
            return Err(FieldError::new(
                "settings.approval_factor_needed",
                "no-second-factor",
                "This server has no second factor that it could ask clients for, so nobody could answer. Leave this off until it \
                 has one.",
            ));
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Invalid> {
        let mut invalid = Invalid::default();
        let mut range = |field: &str, value: u32, least: u32| {
            if !(least..=2_880).contains(&value) {
                invalid.errors.push(FieldError::new(
                    format!("settings.{field}"),
                    "out-of-range",
                    format!("Choose {least} to 2880 minutes (48 hours)."),
                ));
            }
        };
        range("link_minutes", self.link_minutes, 10);
        range("session_minutes", self.session_minutes, 10);
        range("idle_minutes", self.idle_minutes, 5);
        if !(1..=5 << 30).contains(&self.upload_most_bytes) {
            invalid.errors.push(FieldError::new(
                "settings.upload_most_bytes",
                "out-of-range",
                "Choose 1 byte to 5 GiB.",
            ));
        }
        invalid.finish()
    }
}

/// The tenant that runs the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Practice {
    /// Its id.
    pub id: PracticeId,
    /// Itself: the practice is its own tenant.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// Its name, on every page and mail.
    pub name: String,
    /// The name that mail comes from; the practice's own name when `None`.
    pub sender_name: Option<String>,
    /// Its colour.
    pub brand_colour: Option<BrandColour>,
    /// Its language (BCP 47).
    pub locale: String,
    /// Its time zone (IANA), for dates people read.
    pub time_zone: String,
    /// Its country (ISO 3166-1 alpha-2): how telephone numbers without a country code are read.
    pub country: String,
    /// The word its clients read for a matter: "Case", "Application", "Project".
    pub matter_word: String,
    /// A line that tells clients how to get help: a telephone number or address.
    pub help_text: String,
    /// Its settings.
    pub settings: PracticeSettings,
    /// When it was set up.
    pub created_at: Timestamp,
}

/// A practice as someone fills it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PracticeDraft {
    /// See [`Practice::name`].
    pub name: String,
    /// See [`Practice::sender_name`]; empty for none.
    pub sender_name: String,
    /// See [`Practice::brand_colour`]; empty for none.
    pub brand_colour: String,
    /// See [`Practice::locale`].
    pub locale: String,
    /// See [`Practice::time_zone`].
    pub time_zone: String,
    /// See [`Practice::country`].
    pub country: String,
    /// See [`Practice::matter_word`].
    pub matter_word: String,
    /// See [`Practice::help_text`].
    pub help_text: String,
    /// See [`Practice::settings`].
    pub settings: PracticeSettings,
}

impl Default for PracticeDraft {
    fn default() -> Self {
        Self {
            name: String::new(),
            sender_name: String::new(),
            brand_colour: String::new(),
            locale: "en".into(),
            time_zone: "UTC".into(),
            country: "AU".into(),
            matter_word: "Matter".into(),
            help_text: String::new(),
            settings: PracticeSettings::default(),
        }
    }
}

impl Practice {
    /// The practice as `draft` describes it.
    pub fn new(id: PracticeId, draft: &PracticeDraft, at: Timestamp) -> Result<Self, Invalid> {
        let blank = Self {
            id,
            practice_id: id,
            version: Version(0),
            name: String::new(),
            sender_name: None,
            brand_colour: None,
            locale: String::new(),
            time_zone: String::new(),
            country: String::new(),
            matter_word: String::new(),
            help_text: String::new(),
            settings: PracticeSettings::default(),
            created_at: at,
        };
        blank.revise(draft)
    }

    /// The same practice with everything as `draft` says.
    pub fn revise(mut self, draft: &PracticeDraft) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        self.version.bump();
        self.name = invalid
            .check(text::line("name", &draft.name, 120))
            .unwrap_or_default();
        self.sender_name = invalid
            .check(text::optional_line("sender_name", &draft.sender_name, 120))
            .filter(|name| !name.is_empty());
        self.brand_colour = match draft.brand_colour.trim() {
            "" => None,
            colour => invalid.check(colour.parse()),
        };
        self.locale = invalid
            .check(text::line("locale", &draft.locale, 35))
            .unwrap_or_default();
        self.time_zone = invalid
            .check(text::line("time_zone", &draft.time_zone, 64))
            .and_then(|zone| invalid.check(text::optional_time_zone("time_zone", &zone)))
            .flatten()
            .unwrap_or_default();
        self.country = draft.country.trim().to_ascii_uppercase();
        if self.country.len() != 2 || !self.country.bytes().all(|b| b.is_ascii_uppercase()) {
            invalid.errors.push(FieldError::new(
                "country",
                "country",
                "Write the country as two letters, like AU or GB.",
            ));
        }
        self.matter_word = invalid
            .check(text::line("matter_word", &draft.matter_word, 40))
            .unwrap_or_default();
        self.help_text = invalid
            .check(text::block("help_text", &draft.help_text, 400))
            .unwrap_or_default();
        if let Err(wrong) = draft.settings.check() {
            invalid.errors.extend(wrong.errors);
        }
        self.settings = draft.settings.clone();
        invalid.finish()?;
        Ok(self)
    }

    /// The same practice, one version on: what decides over the practice as a whole holds on to this.
    #[must_use]
    pub(crate) fn touched(mut self) -> Self {
        self.version.bump();
        self
    }

    /// The practice as a form shows it.
    #[must_use]
    pub fn draft(&self) -> PracticeDraft {
        PracticeDraft {
            name: self.name.clone(),
            sender_name: self.sender_name.clone().unwrap_or_default(),
            brand_colour: self
                .brand_colour
                .map(|colour| colour.to_string())
                .unwrap_or_default(),
            locale: self.locale.clone(),
            time_zone: self.time_zone.clone(),
            country: self.country.clone(),
            matter_word: self.matter_word.clone(),
            help_text: self.help_text.clone(),
            settings: self.settings.clone(),
        }
    }

    /// The name that mail comes from.
    #[must_use]
    pub fn sender(&self) -> &str {
        self.sender_name.as_deref().unwrap_or(&self.name)
    }
}
