//! What every rendered page must be, and a place to keep it for looking at.

use std::{collections::BTreeSet, fs, path::PathBuf};

use portal_server::web::assets;
use scraper::{ElementRef, Html, Selector};

/// The names of the icons in the sprite.
pub(crate) fn icons() -> Vec<String> {
    let sprite = String::from_utf8(assets::asset("icons.svg").unwrap().bytes.to_vec()).unwrap();
    sprite
        .split("<symbol id=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

/// Keeps the page as `target/tmp/pages/NAME.html`, fails for what no page may have, and returns it parsed.
pub(crate) fn page(name: &str, page: &str) -> Html {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.html")), page).unwrap();

    let html = Html::parse_document(page);
    let root = html.root_element();
    assert!(
        !root.attr("lang").unwrap_or_default().is_empty(),
        "{name}: no lang"
    );
    assert!(matches!(root.attr("dir"), Some("ltr" | "rtl")), "{name}: no dir");
    assert_eq!(all(&html, "h1").len(), 1, "{name}: one h1");
    assert_eq!(all(&html, "main#main").len(), 1, "{name}: one main");
    let inline = "[style], style, script:not([src]), [onclick], [onchange], [onsubmit], [onload], [href^='javascript:']";
    assert!(
        all(&html, inline).is_empty(),
        "{name}: something inline, which the policy forbids"
    );

    let mut ids = BTreeSet::new();
    for element in all(&html, "[id]") {
        let id = element.attr("id").unwrap();
        assert!(ids.insert(id), "{name}: the id {id} stands twice");
    }
    for attribute in ["aria-describedby", "aria-labelledby", "for"] {
        for element in all(&html, &format!("[{attribute}]")) {
            for id in element.attr(attribute).unwrap().split_whitespace() {
                assert!(
                    ids.contains(id),
                    "{name}: {attribute} names {id}, which is not there"
                );
            }
        }
    }
    let known = icons();
    for used in all(&html, "use") {
        let icon = used.attr("href").unwrap().rsplit('#').next().unwrap();
        assert!(
            known.iter().any(|name| name == icon),
            "{name}: there is no icon {icon}"
        );
    }
    for link in all(&html, "a") {
        assert!(
            !link.attr("href").unwrap_or_default().is_empty(),
            "{name}: a link to nowhere: {}",
            link.html()
        );
    }
    for form in all(&html, "form[method=post]") {
        assert!(
            !form.attr("action").unwrap_or_default().is_empty(),
            "{name}: a form to nowhere"
        );
    }
    for address in all(&html, "link[rel=stylesheet], script[src], link[rel=icon]") {
        let address = address.attr("href").or(address.attr("src")).unwrap();
        assert!(address.starts_with("/assets/"), "{name}: {address} is not ours");
    }
    html
}

/// What matches, in order.
pub(crate) fn all<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

/// The words of the first match, with single spaces.
pub(crate) fn words(html: &Html, selector: &str) -> String {
    let element = html.select(&Selector::parse(selector).unwrap()).next();
    let text: String = element.into_iter().flat_map(|element| element.text()).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
