//! Which language a message is in.

use std::collections::BTreeMap;

use portal_core::workflow::in_language;

fn words(languages: &[&str]) -> BTreeMap<String, String> {
    languages
        .iter()
        .map(|language| ((*language).to_owned(), format!("in {language}")))
        .collect()
}

fn chosen(languages: &[&str], wishes: &[&str]) -> Option<String> {
    in_language(&words(languages), wishes.iter().copied()).map(|(language, _)| language.to_owned())
}

#[test]
fn the_nearest_language_is_taken() {
    let all = ["en", "pt", "pt-BR", "zh-Hant"];
    for (wishes, language) in [
        (["pt-BR", "en"], "pt-BR"),
        (["PT-br", "en"], "pt-BR"),
        (["pt-PT", "en"], "pt"),
        (["zh-Hant-TW", "en"], "zh-Hant"),
        (["fr", "pt"], "pt"),
        (["", "en-AU"], "en"),
        (["fr", "de"], "en"),
        (["zh-x-twain", "pt-BR"], "pt-BR"),
    ] {
        assert_eq!(chosen(&all, &wishes).as_deref(), Some(language), "{wishes:?}");
    }
    assert_eq!(
        chosen(&["de"], &["fr", "en"]).as_deref(),
        Some("de"),
        "better another language than none"
    );
    assert_eq!(chosen(&[], &["en"]), None);
}
