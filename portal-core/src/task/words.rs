//! The words of a task that an automation sets.

use super::Task;
use crate::text::is_treacherous;
use crate::workflow::{Automation, Fields, Template, in_language};

/// What a task says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// One line of 1 to [`Task::LONGEST_TITLE`] characters.
    pub title: String,
    /// At most [`Task::LONGEST_NOTE`] characters.
    pub note: String,
}

/// Title and note of the task that `automation` sets, in the language of the practice (BCP 47).
///
/// A task is never lost for its words: where the title comes to nothing it is the workflow's name, what is too long is cut, and
/// a template that fails says so in the note.
#[must_use]
pub fn words(automation: &Automation, workflow: &str, locale: &str, fields: &Fields) -> Words {
    let fill = |words| {
        let Some((_, source)) = in_language(words, [locale]) else {
            return Ok(String::new());
        };
        Template::parse(source).and_then(|template| template.render(fields))
    };
    let (title, fault) = split(fill(&automation.subject));
    let (text, note_fault) = split(fill(&automation.text));
    let title = [title.as_str(), workflow, "Task"]
        .into_iter()
        .map(one_line)
        .find(|title| !title.is_empty())
        .unwrap_or_default();
    let note = match fault.or(note_fault) {
        Some(why) => format!("{text}\nIts template failed: {why}"),
        None => text,
    };
    Words {
        title,
        note: cut(&note.replace("\r\n", "\n"), Task::LONGEST_NOTE, |c| {
            matches!(c, '\n' | '\t') || !is_treacherous(c)
        }),
    }
}

fn split<E: ToString>(filled: Result<String, E>) -> (String, Option<String>) {
    match filled {
        Ok(text) => (text, None),
        Err(error) => (String::new(), Some(error.to_string())),
    }
}

fn one_line(text: &str) -> String {
    let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&spaced, Task::LONGEST_TITLE, |c| !is_treacherous(c))
}

/// As much of the text as may be kept, with `most` characters in the form in which it is kept.
fn cut(text: &str, most: usize, keep: impl Fn(char) -> bool) -> String {
    use unicode_normalization::UnicodeNormalization;

    let kept: String = text.chars().filter(|c| keep(*c)).nfc().collect();
    let cut: String = kept.trim().chars().take(most).collect();
    cut.trim_end().to_owned()
}
