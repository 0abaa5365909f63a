use std::collections::BTreeMap;

/// The words in the first of the wished languages that there are words in: `pt-BR` is looked for as `pt-BR`, then as `pt`
/// (RFC 4647, section 3.4, lookup). When no wish can be met, whatever comes first by its language. Case does not matter.
///
/// ```
/// use std::collections::BTreeMap;
/// use portal_core::workflow::in_language;
///
/// let words = BTreeMap::from([("en", "Hello"), ("pt", "Olá")].map(|(l, w)| (l.to_owned(), w.to_owned())));
/// assert_eq!(in_language(&words, ["pt-BR", "en"]), Some(("pt", "Olá")));
/// assert_eq!(in_language(&words, ["fr", "en-AU"]), Some(("en", "Hello")));
/// ```
pub fn in_language<'w, 'l>(
    words: &'w BTreeMap<String, String>,
    wishes: impl IntoIterator<Item = &'l str>,
) -> Option<(&'w str, &'w str)> {
    let find = |wish: &str| {
        words
            .iter()
            .find(|(language, _)| language.eq_ignore_ascii_case(wish))
    };
    wishes
        .into_iter()
        .find_map(|wish| ranges(wish).find_map(find))
        .or_else(|| words.iter().next())
        .map(|(language, words)| (language.as_str(), words.as_str()))
}

/// A language and what it is a kind of: `zh-Hant-TW`, `zh-Hant`, `zh`.
fn ranges(wish: &str) -> impl Iterator<Item = &str> {
    let whole = Some(wish.trim()).filter(|wish| !wish.is_empty());
    std::iter::successors(whole, |range| {
        let (shorter, _) = range.rsplit_once('-')?;
        // A subtag of one character introduces others and means nothing without them.
        let single = shorter
            .rsplit_once('-')
            .filter(|(_, last)| last.len() == 1)
            .map(|(rest, _)| rest);
        Some(single.unwrap_or(shorter))
    })
}
