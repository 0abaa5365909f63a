//! The filters of templates. Each works on any value, and none makes text much longer.

use minijinja::{Environment, Value};

/// A filter's name and the arguments that it takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Arguments {
    /// None.
    Nothing,
    /// What is said instead of an empty value.
    Instead,
    /// A number of characters, written out.
    Length,
}

/// Every filter.
pub(super) const ALL: [(&str, Arguments); 5] = [
    ("default", Arguments::Instead),
    ("lower", Arguments::Nothing),
    ("trim", Arguments::Nothing),
    ("truncate", Arguments::Length),
    ("upper", Arguments::Nothing),
];

/// The most characters that `truncate` may be told to leave.
pub(super) const MOST: u16 = 1_000;

pub(super) fn add_to(engine: &mut Environment<'static>) {
    engine.add_filter(
        "default",
        |value: Value, instead: Value| {
            if value.is_true() { value } else { instead }
        },
    );
    engine.add_filter("lower", |value: Value| value.to_string().to_lowercase());
    engine.add_filter("trim", |value: Value| value.to_string().trim().to_owned());
    engine.add_filter("truncate", |value: Value, most: u16| {
        truncate(&value.to_string(), most.into())
    });
    engine.add_filter("upper", |value: Value| value.to_string().to_uppercase());
}

/// The text, or so much of it that with three full stops it has `most` characters. (The character "…" would make a whole text
/// message be written in twice the room.)
fn truncate(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(3)).collect();
    format!("{}...", kept.trim_end())
}
