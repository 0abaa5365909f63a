//! The style guide: every component in every state.

use askama::Template;
use portal_server::web::view::{Badge, Choice, Direction, Errors, Pager, Progress, Shell, Tone};

use crate::rendered;
use crate::rendered::icons;

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
    assert!(icons().len() >= 30, "the sprite holds {}", icons().len());
    for density in ["client", "staff"] {
        rendered::page(&format!("styleguide-{density}"), &style_guide(density));
    }
}
