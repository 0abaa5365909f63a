//! The audit trail with entries of all kinds, without any, and its checkpoint.

use askama::Template;
use portal_server::web::staff::audit::{CheckpointPage, Head, Row, Trail};
use portal_server::web::staff::{Fact, Place};
use portal_server::web::view::{Errors, Pager};

use crate::rendered::{self, all, words};
use crate::staff::{ARABIC, GERMAN, chip, shell};

fn trail() -> Trail {
    let row = |what: &str, who: &str, matter: &str, ip: &str| Row {
        when: "Today 9:41 am".to_owned(),
        who: who.to_owned(),
        who_href: "/staff/audit?client=1".to_owned(),
        what: what.to_owned(),
        what_href: "/staff/audit?subject=1".to_owned(),
        matter: matter.to_owned(),
        matter_href: if matter.is_empty() {
            String::new()
        } else {
            "/staff/audit?matter=1".to_owned()
        },
        ip: ip.to_owned(),
        ip_href: if ip.is_empty() {
            String::new()
        } else {
            "/staff/audit?ip=1".to_owned()
        },
        facts: vec![
            Fact::new("Action", "document.returned"),
            Fact::new("Record", "document 01a1fb52-040e-77b2-86cb-73b75961d8b8"),
            Fact::new(
                "reason",
                "The second page is cut off. Please scan it once more, flat and in colour.",
            ),
            Fact::new(
                "Browser",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0",
            ),
        ],
    };
    let portal = Row {
        who_href: String::new(),
        ..row("Matter read again", "The portal", GERMAN, "")
    };
    Trail {
        shell: shell(Place::Audit),
        counted: "12,345 entries".to_owned(),
        narrowed: vec![
            chip("Sam Keller \u{d7}", "", true),
            chip("HM-1042 T-Visa \u{d7}", "", true),
        ],
        since: "2026-11-01".to_owned(),
        until: "2026-11-30".to_owned(),
        action: String::new(),
        ip: String::new(),
        kept: vec![("staff", "1".to_owned())],
        errors: Errors::default(),
        rows: vec![
            row(
                "Document returned",
                "Sam Keller as Amina Haddad",
                "HM-1042 T-Visa",
                "203.0.113.7",
            ),
            row(
                "Staff sign in failed",
                "Somebody not signed in",
                "",
                "2001:db8:85a3:8d3:1319:8a2e:370:7348",
            ),
            portal,
            row("Client signed in", ARABIC, ARABIC, "203.0.113.7"),
        ],
        pager: Pager {
            shown: "51 to 100 of 12,345".to_owned(),
            first_href: Some("/staff/audit".to_owned()),
            previous_href: None,
            next_href: Some("/staff/audit?cursor=x".to_owned()),
        },
    }
}

#[test]
fn each_entry_says_who_what_and_where() {
    let html = rendered::page("staff-audit", &trail().render().unwrap());
    assert_eq!(all(&html, "tbody tr").len(), 4);
    assert_eq!(all(&html, "td a[href='']").len(), 0);
    let empty = Trail {
        rows: Vec::new(),
        narrowed: Vec::new(),
        pager: Pager::default(),
        ..trail()
    };
    let html = rendered::page("staff-audit-none", &empty.render().unwrap());
    assert_eq!(words(&html, ".empty h2"), "Nothing here");
    let mut wrong = trail();
    wrong.errors.add("ip", "This is no address of a network.");
    let html = rendered::page("staff-audit-error", &wrong.render().unwrap());
    assert_eq!(all(&html, "#ip[aria-invalid=true]").len(), 1);
}

#[test]
fn the_checkpoint_can_be_copied() {
    let origin = "portal.example.com/audit/01a1fb52-040e-77b2-86cb-73b75961d8b8";
    let note = format!(
        "{origin}\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} {origin} Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    );
    let page = CheckpointPage {
        shell: shell(Place::Audit),
        head: Some(Head {
            size: "20,852,163 entries".to_owned(),
            when: "today 9:41 am".to_owned(),
            note: note.clone(),
        }),
        keys: vec![(
            format!("{origin}+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"),
            "since 3 Mar, entry 1".to_owned(),
        )],
    };
    let html = rendered::page("staff-audit-checkpoint", &page.render().unwrap());
    assert!(all(&html, "pre").len() == 3);
    let none = CheckpointPage {
        head: None,
        keys: Vec::new(),
        ..page
    };
    let html = rendered::page("staff-audit-checkpoint-none", &none.render().unwrap());
    assert_eq!(words(&html, ".empty h2"), "Nothing is sealed yet");
}
