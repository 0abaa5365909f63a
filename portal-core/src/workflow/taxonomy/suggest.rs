use std::collections::BTreeSet;

use super::{Canonical, Dimension, Taxonomy, fold};
use crate::workflow::problem::is_too_long;

/// A value that an unknown text may have meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The value.
    pub value: Canonical,
    /// The name or alias of it that is most alike.
    pub spelling: String,
    /// How alike they are: 0 not at all, 1 the same words.
    pub likeness: f64,
}

impl Suggestion {
    /// Less alike than this is not suggested.
    pub const LEAST: f64 = 0.6;
}

impl Taxonomy {
    /// What an unknown text may have meant: at most `most` values, the most alike first.
    ///
    /// Words may be misspelled (Jaro-Winkler), stand in another order, or be missing. A person decides; nothing is ever
    /// taken because it is alike. Each spelling of the dimension is compared, a microsecond or more each. A text longer than
    /// [`Taxonomy::MOST_CHARACTERS`] is like none.
    #[must_use]
    pub fn suggest(&self, dimension: &str, raw: &str, most: usize) -> Vec<Suggestion> {
        if is_too_long(raw) {
            return Vec::new();
        }
        let wanted = fold(raw);
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut suggestions: Vec<Suggestion> = self
            .values(dimension)
            .filter_map(|value| {
                let (likeness, spelling) = value
                    .spellings()
                    .map(|spelling| (likeness(&wanted, &fold(spelling)), spelling.to_owned()))
                    .max_by(|a, b| a.0.total_cmp(&b.0))?;
                (likeness >= Suggestion::LEAST).then_some(Suggestion {
                    value,
                    spelling,
                    likeness,
                })
            })
            .collect();
        suggestions.sort_by(|a, b| {
            b.likeness
                .total_cmp(&a.likeness)
                .then_with(|| a.value.name().cmp(b.value.name()))
        });
        suggestions.truncate(most);
        suggestions
    }
}

/// How many more unknown names of a draft or file are compared with what is known: a wrong one can have millions.
pub(in crate::workflow) struct Hints {
    names: usize,
    spellings: usize,
}

impl Default for Hints {
    fn default() -> Self {
        Self {
            names: 20,
            spellings: 200_000,
        }
    }
}

impl Hints {
    /// The value that an unknown name may have meant.
    pub(in crate::workflow) fn meant(
        &mut self,
        taxonomy: &Taxonomy,
        dimension: &Dimension,
        name: &str,
    ) -> Option<Canonical> {
        self.names = self.names.checked_sub(1)?;
        self.spellings = self.spellings.checked_sub(dimension.spelled())?;
        let suggestion = taxonomy.suggest(&dimension.name, name, 1).pop()?;
        Some(suggestion.value)
    }
}

/// The best of: the texts as they are, their words in order of the alphabet, and the share of common words.
fn likeness(wanted: &str, known: &str) -> f64 {
    let as_it_is = strsim::jaro_winkler(wanted, known);
    let in_order = strsim::jaro_winkler(&sorted(wanted), &sorted(known));
    as_it_is.max(in_order).max(common_words(wanted, known))
}

fn sorted(text: &str) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    words.sort_unstable();
    words.join(" ")
}

/// A text that has all words of another and more is as alike as a slip of the pen; fewer common words count less. A word
/// that is there twice is one.
fn common_words(wanted: &str, known: &str) -> f64 {
    let words = |text| -> BTreeSet<&str> { str::split(text, ' ').collect() };
    let (wanted, known) = (words(wanted), words(known));
    let common = wanted.intersection(&known).count();
    let share = |of: usize| -> f64 {
        let small = |number: usize| f64::from(u16::try_from(number).unwrap_or(u16::MAX));
        small(common) / small(of)
    };
    let (few, many) = (wanted.len().min(known.len()), wanted.len().max(known.len()));
    0.7 * share(few) + 0.3 * share(many)
}
