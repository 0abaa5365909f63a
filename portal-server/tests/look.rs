//! The style guide: every component in every state, rendered for looking at.
//!
//! The page is written to `target/tmp/pages/`, where `tests/browser/look.mjs` photographs it and runs axe on it.

use std::{fs, path::PathBuf};

use askama::Template;
use portal_server::web::{
    assets,
    view::{Badge, Choice, Direction, Errors, Pager, Progress, Shell, Tone},
};
use scraper::{Html, Selector};

mod web {
    //! The templates name what they call by `crate::web::view`, which here is the library's.
    pub(crate) mod view {
        pub(crate) use portal_server::web::view::{asset, initials};
    }
}
use web::view::{asset, initials};

const LONG: &str = "Maximiliane-Friederike Freifrau von Hohenstaufen-Rechtsschutzversicherungsgesellschaft";

#[derive(Template)]
#[template(path = "development/styleguide.html")]
struct StyleGuide {
    shell: Shell,
    density: &'static str,
    long: &'static str,
    names: [&'static str; 4],
    errors: Errors,
    choices: Vec<Choice>,
    tones: Vec<Tone>,
    badges: Vec<Badge>,
    pager: Pager,
    some: Progress,
    all: Progress,
    none: Progress,
    icons: Vec<String>,
}

fn icons() -> Vec<String> {
    let sprite = String::from_utf8(assets::asset("icons.svg").unwrap().bytes.to_vec()).unwrap();
    sprite.split("<symbol id=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

fn style_guide(density: &'static str) -> String {
    let mut errors = Errors::default();
    errors.add("email", "Enter an email address, such as name@example.com.");
    errors.add("phone", "Enter a phone number with its country code.");
    StyleGuide {
        shell: Shell {
            lang: "en".to_owned(),
            dir: Direction::Ltr,
            practice_name: "Harbour Migration".to_owned(),
            ..Shell::default()
        },
        density,
        long: LONG,
        names: ["Amina Haddad", LONG, "أمينة عبد الرحمن حداد", "Đặng Thị Ngọc Ánh"],
        errors,
        choices: vec![
            Choice::new("a", "Documents being collected", "b"),
            Choice::new("b", "Antragsunterlagenvollständigkeitsprüfung", "b"),
        ],
        tones: vec![Tone::Info, Tone::Success, Tone::Warning, Tone::Danger],
        badges: vec![
            Badge::new(Tone::Neutral, "To provide"),
            Badge::new(Tone::Info, "Being checked").with_icon("clock"),
            Badge::new(Tone::Success, "Accepted"),
            Badge::new(Tone::Warning, "Please send again"),
            Badge::new(Tone::Danger, "Overdue"),
            Badge::new(Tone::Neutral, "Not needed").with_icon("minus-circle"),
        ],
        pager: Pager {
            shown: "Showing 51-100 of 1,204".to_owned(),
            first_href: Some("#main".to_owned()),
            previous_href: None,
            next_href: Some("#main".to_owned()),
        },
        some: Progress { done: 2, total: 7 },
        all: Progress { done: 7, total: 7 },
        none: Progress::default(),
        icons: icons(),
    }
    .render()
    .unwrap()
}

#[test]
fn every_component_renders_and_every_icon_it_names_exists() {
    let known = icons();
    assert!(known.len() >= 30, "the sprite holds {}", known.len());
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&folder).unwrap();
    for density in ["client", "staff"] {
        let page = style_guide(density);
        fs::write(folder.join(format!("styleguide-{density}.html")), &page).unwrap();
        let html = Html::parse_document(&page);
        for used in html.select(&Selector::parse("use").unwrap()) {
            let name = used.attr("href").unwrap().rsplit('#').next().unwrap();
            assert!(known.iter().any(|icon| icon == name), "no icon {name}");
        }
        for control in html.select(&Selector::parse("[aria-describedby]").unwrap()) {
            for id in control.attr("aria-describedby").unwrap().split(' ') {
                let note = Selector::parse(&format!("#{id}")).unwrap();
                assert_eq!(html.select(&note).count(), 1, "described by {id}");
            }
        }
        assert!(html.select(&Selector::parse("[style], style, [onclick], script:not([src])").unwrap()).next().is_none());
    }
}
