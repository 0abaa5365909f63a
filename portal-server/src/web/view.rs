//! What every page needs, as plain values: handlers fill these, templates only show them.
//!
//! Everything here is already decided and worded. A template chooses no state, counts nothing and formats no date.

use std::fmt;

pub use super::assets::href as asset;

/// The frame around a page: who it is from, who reads it, where they can go.
#[derive(Debug, Clone, Default)]
pub struct Shell {
    /// BCP 47 language of the page's words, such as `en` or `de-AT`.
    pub lang: String,
    /// Writing direction of that language.
    pub dir: Direction,
    /// The name the reader knows the practice by.
    pub practice_name: String,
    /// Where the practice's name leads: the reader's home.
    pub home_href: String,
    /// Address of the practice's logo, shown in place of its first letter.
    pub logo: Option<String>,
    /// Address of the practice's brand sheet (see the top of `assets/tokens.css`).
    pub brand_css: Option<String>,
    /// What just happened, said once on top of the page.
    pub flash: Option<Flash>,
    /// Address and pace of the question "may I still see this?"; `None` on pages that need no session.
    pub live: Option<Live>,
    /// Where the reader can go. Empty when signed out, and then no navigation is shown.
    pub nav: Vec<NavItem>,
    /// Who is signed in.
    pub person: Option<Person>,
    /// Set while staff look at the portal as a client would.
    pub preview: Option<Preview>,
    /// Staff pages: the search box of the top bar.
    pub search: Option<Search>,
    /// Staff pages: the bell of the top bar.
    pub bell: Option<Bell>,
}

/// Writing direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    /// Left to right.
    #[default]
    Ltr,
    /// Right to left, as in Arabic, Hebrew, Persian and Urdu.
    Rtl,
}

impl Direction {
    /// The direction a language is written in.
    #[must_use]
    pub fn of(lang: &str) -> Self {
        match lang.split(['-', '_']).next().unwrap_or_default() {
            "ar" | "arc" | "ckb" | "dv" | "fa" | "he" | "ps" | "sd" | "ug" | "ur" | "yi" => Self::Rtl,
            _ => Self::Ltr,
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        })
    }
}

/// What a state means to its reader. Always shown with an icon and a word, never as colour alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do, nothing wrong.
    #[default]
    Neutral,
    /// The practice's own colour.
    Accent,
    /// Under way.
    Info,
    /// Done.
    Success,
    /// Needs a look.
    Warning,
    /// Wrong, late or ended.
    Danger,
}

impl Tone {
    /// The icon that goes with it where nothing better is known.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Neutral | Self::Accent => "circle",
            Self::Info => "info",
            Self::Success => "check-circle",
            Self::Warning => "warning",
            Self::Danger => "alert",
        }
    }
}

impl fmt::Display for Tone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Neutral => "neutral",
            Self::Accent => "accent",
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Danger => "danger",
        })
    }
}

/// A state in an icon and a word.
#[derive(Debug, Clone, Default)]
pub struct Badge {
    /// What it means.
    pub tone: Tone,
    /// Name of a symbol in `assets/icons.svg`.
    pub icon: &'static str,
    /// The word.
    pub text: String,
}

impl Badge {
    /// A badge with the icon its tone has.
    #[must_use]
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            tone,
            icon: tone.icon(),
            text: text.into(),
        }
    }

    /// The same with another icon.
    #[must_use]
    pub fn with_icon(self, icon: &'static str) -> Self {
        Self { icon, ..self }
    }
}

/// What just happened, shown once.
#[derive(Debug, Clone)]
pub struct Flash {
    /// How it went.
    pub tone: Tone,
    /// One sentence that names what happened and to what.
    pub text: String,
}

/// How an open page learns that it may no longer be seen.
#[derive(Debug, Clone)]
pub struct Live {
    /// A path that answers 204 while the session lives, and 401, 404 or 410 once it does not.
    pub href: String,
    /// Milliseconds between two questions while the page is visible; it asks rarely while hidden.
    pub every_ms: u32,
}

impl Live {
    /// A live check at the usual pace, which ends an open page within a second.
    #[must_use]
    pub fn new(href: impl Into<String>) -> Self {
        Self {
            href: href.into(),
            every_ms: 400,
        }
    }
}

/// One place to go.
#[derive(Debug, Clone, Default)]
pub struct NavItem {
    /// Where it leads.
    pub href: String,
    /// Its name, short enough for a phone's tab bar.
    pub label: String,
    /// Name of a symbol in `assets/icons.svg`.
    pub icon: &'static str,
    /// A count beside it, worded for the eye: `3`, `2/7`.
    pub count: Option<String>,
    /// Whether this is where the reader is.
    pub current: bool,
}

/// Someone signed in, with their menu.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// Their name, as given.
    pub name: String,
    /// A line under the name: an address, or a role.
    pub detail: String,
    /// Further entries of their menu.
    pub links: Vec<NavItem>,
    /// Path that signs them out on POST.
    pub sign_out: String,
    /// Path that signs them out on every device on POST.
    pub sign_out_everywhere: Option<String>,
}

impl Person {
    /// Up to two letters for the avatar.
    #[must_use]
    pub fn initials(&self) -> String {
        initials(&self.name)
    }
}

/// Staff are looking at the portal as this client.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The client's name.
    pub client: String,
    /// Path that ends the preview on POST and leads back to the matter.
    pub end_action: String,
}

/// The search box on top of the staff's pages; it sends `q`.
#[derive(Debug, Clone)]
pub struct Search {
    /// Where the form goes.
    pub action: String,
    /// What was searched for.
    pub value: String,
}

/// The bell on top of the staff's pages.
#[derive(Debug, Clone)]
pub struct Bell {
    /// The notifications page.
    pub href: String,
    /// How many are unread.
    pub unread: u64,
}

/// One broken rule of a form, beside its field and in the summary on top.
#[derive(Debug, Clone)]
pub struct FieldError {
    /// The field's name; empty for what concerns the whole form.
    pub field: String,
    /// What to do about it, in one sentence.
    pub text: String,
}

/// Everything that is wrong with a form as sent.
#[derive(Debug, Clone, Default)]
pub struct Errors(pub Vec<FieldError>);

impl Errors {
    /// Adds one.
    pub fn add(&mut self, field: impl Into<String>, text: impl Into<String>) {
        self.0.push(FieldError {
            field: field.into(),
            text: text.into(),
        });
    }

    /// What is wrong with that field; empty when nothing is.
    #[must_use]
    pub fn of(&self, field: &str) -> &str {
        self.0
            .iter()
            .find(|error| error.field == field)
            .map_or("", |error| &error.text)
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One entry of a select.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Whether it is the one chosen.
    pub selected: bool,
}

impl Choice {
    /// An entry, chosen when its value is `chosen`.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>, chosen: &str) -> Self {
        let value = value.into();
        Self {
            selected: value == chosen,
            label: label.into(),
            value,
        }
    }
}

/// Where the reader is in a long list, and the ways on.
#[derive(Debug, Clone, Default)]
pub struct Pager {
    /// `Showing 51-100 of 1,204`.
    pub shown: String,
    /// Back to the first page, when this is not it.
    pub first_href: Option<String>,
    /// The page before, where it is known.
    pub previous_href: Option<String>,
    /// The page after this one.
    pub next_href: Option<String>,
}

/// How much of something is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many are done.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

impl Progress {
    /// Whether there was something to do and all of it is done.
    #[must_use]
    pub const fn complete(self) -> bool {
        self.total > 0 && self.done >= self.total
    }
}

/// Up to two letters that stand for a name: of its first and last word.
///
/// ```
/// assert_eq!(portal_server::web::view::initials("Amina El Haddad"), "AH");
/// assert_eq!(portal_server::web::view::initials("أمينة"), "أ");
/// ```
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect()
}

/// A size in bytes as a person reads it: `0 bytes`, `1 byte`, `340 KB`, `1.2 MB` (decimal, as phones and desktops
/// show it), with a space that does not break.
///
/// ```
/// use portal_server::web::view::file_size;
/// assert_eq!(file_size(1), "1\u{a0}byte");
/// assert_eq!(file_size(1_240_000), "1.2\u{a0}MB");
/// ```
#[must_use]
pub fn file_size(bytes: u64) -> String {
    if bytes == 1 {
        return "1\u{a0}byte".to_owned();
    }
    if bytes < 1_000 {
        return format!("{bytes}\u{a0}bytes");
    }
    let whole = (u128::from(bytes) + 500) / 1_000;
    if whole < 1_000 {
        return format!("{whole}\u{a0}KB");
    }
    // Tenths, rounded half up, carried into the next unit when they fill it.
    let (mut unit, mut name) = (1_000_000, "MB");
    for (larger, larger_name) in [
        (1_000_000_000, "GB"),
        (1_000_000_000_000, "TB"),
        (1_000_000_000_000_000, "PB"),
    ] {
        if u128::from(bytes) * 10 + unit / 2 < unit * 10_000 {
            break;
        }
        (unit, name) = (larger, larger_name);
    }
    let tenths = (u128::from(bytes) * 10 + unit / 2) / unit;
    format!("{}.{}\u{a0}{name}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_take_the_first_and_last_word() {
        assert_eq!(initials("Amina Haddad"), "AH");
        assert_eq!(initials("  jean-luc   von der goltz "), "JG");
        assert_eq!(initials("أمينة حداد"), "أح");
        assert_eq!(initials("Prince"), "P");
        assert_eq!(initials("(unknown)"), "U");
        assert_eq!(initials(" \t"), "");
    }

    #[test]
    fn file_sizes_round_and_carry() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1 KB"),
            (1_499, "1 KB"),
            (340_200, "340 KB"),
            (999_400, "999 KB"),
            (999_500, "1.0 MB"),
            (25_000_000, "25.0 MB"),
            (999_960_000, "1.0 GB"),
            (3_000_000_000_000, "3.0 TB"),
        ] {
            assert_eq!(file_size(bytes).replace('\u{a0}', " "), text, "{bytes}");
        }
        assert!(file_size(u64::MAX).ends_with("PB"));
    }

    #[test]
    fn errors_are_found_by_field() {
        let mut errors = Errors::default();
        assert!(errors.is_empty());
        errors.add("email", "Enter an email address.");
        assert_eq!(errors.of("email"), "Enter an email address.");
        assert_eq!(errors.of("phone"), "");
    }

    #[test]
    fn arabic_and_hebrew_run_right_to_left() {
        assert_eq!(Direction::of("ar-SY"), Direction::Rtl);
        assert_eq!(Direction::of("he"), Direction::Rtl);
        assert_eq!(Direction::of("de-AT"), Direction::Ltr);
        assert_eq!(Direction::of(""), Direction::Ltr);
    }
}
