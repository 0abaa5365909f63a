//! Every letter, as its readers get it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod samples;

use portal_core::notify::{Composed, Composer, Letter, LetterSecrets};
use portal_core::practice::{BrandColour, LEAST_CONTRAST};
use portal_notify::Letters;
use proptest::prelude::*;
use scraper::{Html, Selector};
use unicode_segmentation::UnicodeSegmentation;

use samples::{Sample, plain, samples, secrets};

fn composed(sample: &Sample) -> Composed {
    Letters
        .compose(&sample.practice, &sample.letter, &secrets())
        .expect("every letter can be written")
}

fn text_of(html: &str) -> String {
    let page = Html::parse_document(html);
    let body = Selector::parse("body").unwrap();
    let text: String = page.select(&body).flat_map(|body| body.text()).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text without the marks that keep directions apart.
fn plain_text(text: &str) -> String {
    text.replace(['\u{2068}', '\u{2069}'], "")
}

#[test]
fn letters_read_as_they_should() {
    for sample in samples() {
        let composed = composed(&sample);
        let text = format!("Subject: {}\n\n{}", composed.subject, composed.text);
        insta::assert_snapshot!(format!("{}.txt", sample.name), text);
        insta::assert_snapshot!(format!("{}.html", sample.name), composed.html);
    }
}

#[test]
fn there_is_one_button_and_it_leads_where_the_text_says() {
    for sample in samples() {
        let composed = composed(&sample);
        let url = if sample.letter.link().is_some() {
            secrets().url
        } else {
            sample.letter.about().url.clone()
        };
        let page = Html::parse_document(&composed.html);
        let links: Vec<_> = page.select(&Selector::parse("a").unwrap()).collect();
        assert_eq!(links.len(), 1, "{}", sample.name);
        assert_eq!(
            links[0].value().attr("href"),
            Some(url.as_str()),
            "{}",
            sample.name
        );
        let label: String = links[0].text().collect();
        assert!(!label.trim().is_empty(), "{}", sample.name);
        assert!(text_of(&composed.html).contains(&url), "{}", sample.name);
        assert!(composed.text.lines().any(|line| line == url), "{}", sample.name);
    }
}

#[test]
fn the_code_is_in_both_parts_of_what_needs_one() {
    for sample in samples() {
        let composed = composed(&sample);
        let needs_one = sample.letter.link().is_some();
        let in_html = text_of(&composed.html).contains("8351 7402");
        let in_text = composed.text.lines().any(|line| line == "8351 7402");
        assert_eq!((in_html, in_text), (needs_one, needs_one), "{}", sample.name);
        assert!(!composed.subject.contains("8351"), "{}", sample.name);
    }
}

#[test]
fn what_people_typed_arrives_whole_in_both_parts() {
    for sample in samples() {
        let composed = composed(&sample);
        let (html, text) = (text_of(&composed.html), plain_text(&composed.text));
        let about = sample.letter.about();
        let mut wanted = vec![
            sample.practice.name.clone(),
            about.reader.clone(),
            about.matter_title.clone(),
            about.matter_reference.clone(),
        ];
        match &sample.letter {
            Letter::RequestsAdded { requests, .. } => {
                wanted.extend(requests.iter().map(|(title, _)| title.clone()));
            }
            Letter::DocumentReturned {
                file_name, reason, ..
            } => {
                wanted.push(file_name.clone());
                wanted.extend(reason.lines().map(str::to_owned));
            }
            Letter::ApprovalAsked { title, files, .. } => {
                wanted.push(title.clone());
                wanted.extend(files.iter().cloned());
            }
            Letter::ApprovalWithdrawn { title, reason, .. } => {
                wanted.push(title.clone());
                wanted.extend(reason.lines().map(str::to_owned));
            }
            Letter::Automated { text, .. } | Letter::Reply { text, .. } => {
                wanted.extend(text.lines().map(str::to_owned));
            }
            Letter::StaffNotice { headline, .. } => wanted.push(headline.clone()),
            Letter::SignIn { .. } | Letter::Invitation { .. } => {}
        }
        if !matches!(sample.letter, Letter::StaffNotice { .. }) {
            wanted.extend(sample.practice.help_text.lines().map(str::to_owned));
        }
        for wanted in wanted {
            assert!(text.contains(&wanted), "{}: {wanted:?} in {text}", sample.name);
            let wanted = wanted.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(html.contains(&wanted), "{}: {wanted:?} in {html}", sample.name);
        }
    }
}

#[test]
fn due_dates_are_told_and_their_absence_is_not() {
    let names = plain();
    let compose = |count| {
        Letters
            .compose(&names.practice(), &names.requests(count), &secrets())
            .unwrap()
    };
    let none = compose(1);
    assert!(!none.text.contains("due") && !text_of(&none.html).contains("Due"));
    let thirty = compose(30);
    assert_eq!(thirty.text.matches(", due ").count(), 15);
    assert_eq!(text_of(&thirty.html).matches("Due ").count(), 15);
    assert!(
        thirty
            .text
            .contains("- Passport bio page 2, due Wed 2 Dec 2026\n")
    );
}

#[test]
fn nothing_runs_and_nothing_is_loaded() {
    for sample in samples() {
        let composed = composed(&sample);
        let page = Html::parse_document(&composed.html);
        let foreign =
            Selector::parse("script, img, svg, iframe, object, link, form, input, base, [src], [srcset]")
                .unwrap();
        assert_eq!(page.select(&foreign).count(), 0, "{}", sample.name);
        for element in page.select(&Selector::parse("*").unwrap()) {
            for (name, value) in element.value().attrs() {
                assert!(!name.starts_with("on"), "{}: {name}", sample.name);
                assert!(
                    name != "style" || !value.contains("url("),
                    "{}: {value}",
                    sample.name
                );
            }
        }
        let styles: String = page
            .select(&Selector::parse("style").unwrap())
            .flat_map(|style| style.text())
            .collect();
        assert!(!styles.contains("url(") && !styles.contains("@import"));
        assert_eq!(page.select(&Selector::parse("style").unwrap()).count(), 1);
    }
}

#[test]
fn the_language_is_named_and_typed_text_keeps_its_own_direction() {
    for sample in samples() {
        let html = composed(&sample).html;
        assert!(html.contains(r#"<html lang="en" dir="ltr">"#), "{}", sample.name);
        let page = Html::parse_document(&html);
        let isolated: Vec<String> = page
            .select(&Selector::parse("[dir=auto]").unwrap())
            .map(|element| element.text().collect())
            .collect();
        assert!(isolated.contains(&sample.practice.name), "{}", sample.name);
        assert!(
            isolated.contains(&sample.letter.about().reader),
            "{}",
            sample.name
        );
        let title = &sample.letter.about().matter_title;
        assert!(title.is_empty() || isolated.contains(title), "{}", sample.name);
    }
}

#[test]
fn what_is_withheld_is_in_no_part() {
    for sample in samples() {
        let composed = Letters
            .compose(&sample.practice, &sample.letter, &LetterSecrets::withheld())
            .unwrap();
        for part in [&composed.subject, &composed.text, &composed.html] {
            assert!(!part.contains("/p/sign-in/"), "{}", sample.name);
            assert!(!part.contains("8351"), "{}", sample.name);
        }
        if sample.letter.link().is_some() {
            assert!(composed.text.contains("[the link was sent and is not kept]"));
            let page = Html::parse_document(&composed.html);
            assert_eq!(
                page.select(&Selector::parse("a").unwrap()).count(),
                0,
                "a button that leads nowhere"
            );
        }
    }
}

#[test]
fn an_address_that_is_a_script_cannot_be_pressed() {
    let names = plain();
    let secrets = LetterSecrets {
        url: "javascript:alert(1)//https://".into(),
        code: "1".into(),
    };
    let composed = Letters
        .compose(&names.practice(), &names.sign_in(10), &secrets)
        .unwrap();
    assert!(!composed.html.contains("href"));
}

#[test]
fn dark_and_light_can_be_read() {
    // The colours of the layout: text and muted text on each surface that carries them.
    let pairs = [
        ("#1c2230", "#ffffff"),
        ("#545d6b", "#ffffff"),
        ("#1c2230", "#f4f5f7"),
        ("#545d6b", "#f4f5f7"),
        ("#e8eaed", "#1d2128"),
        ("#abb2bd", "#1d2128"),
        ("#e8eaed", "#262b34"),
        ("#abb2bd", "#262b34"),
    ];
    let html = composed(&samples()[0]).html;
    for (text, surface) in pairs {
        assert!(
            html.contains(text) && html.contains(surface),
            "{text} on {surface}"
        );
        let (text, surface): (BrandColour, BrandColour) = (text.parse().unwrap(), surface.parse().unwrap());
        assert!(text.contrast(surface) >= LEAST_CONTRAST, "{text} on {surface}");
    }
}

/// The colour after `before` in the first rule that matches.
fn colour_after(html: &str, before: &str) -> BrandColour {
    let (_, rest) = html.split_once(before).unwrap();
    rest.get(..7).unwrap().parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_brand_gives_a_button_that_can_be_read(brand: [u8; 3]) {
        let mut sample = samples().remove(0);
        sample.practice.brand_colour = Some(BrandColour(brand));
        let html = composed(&sample).html;
        let cases = [
            ("border-radius:6px;background:", ";color:", BrandColour::WHITE),
            (".button { background: ", " !important; color: ", "#1d2128".parse().unwrap()),
        ];
        for (before, between, surface) in cases {
            let fill = colour_after(&html, before);
            let label = colour_after(&html, &format!("{before}{fill}{between}"));
            prop_assert!(fill.contrast(surface) >= LEAST_CONTRAST);
            prop_assert!(fill.contrast(label) >= LEAST_CONTRAST);
        }
    }

    #[test]
    fn whatever_people_type_changes_no_structure(
        name in "\\PC{1,120}",
        reader in "\\PC{0,200}",
        title in ".{0,200}",
        file in "(?s).{0,255}",
        reason in "[^\n]{1,400}",
    ) {
        let mut names = plain();
        names.reason = "One line.".into();
        let plainly = every_letter(&names);
        names.reader = reader;
        names.title = title.clone();
        names.request = title;
        names.file = file;
        names.reason = reason;
        let mut practice = names.practice();
        practice.name = name;
        for (letter, plain_letter) in every_letter(&names).iter().zip(&plainly) {
            let plainly = Letters.compose(&plain().practice(), plain_letter, &secrets()).unwrap();
            let composed = Letters.compose(&practice, letter, &secrets()).unwrap();
            prop_assert!(!composed.subject.chars().any(char::is_control), "{:?}", composed.subject);
            prop_assert!(composed.subject.graphemes(true).count() <= 250, "{}", composed.subject);
            prop_assert_eq!(elements(&composed.html), elements(&plainly.html));
        }
    }
}

fn every_letter(names: &samples::Names) -> [Letter; 5] {
    [
        names.sign_in(2_880),
        names.invitation(),
        names.requests(3),
        names.returned(),
        names.notice(),
    ]
}

/// The names of all elements, in order.
fn elements(html: &str) -> Vec<String> {
    Html::parse_document(html)
        .select(&Selector::parse("*").unwrap())
        .map(|element| element.value().name().to_owned())
        .collect()
}
