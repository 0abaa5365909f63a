//! Every page of the staff, rendered with samples: ordinary ones, long German and Arabic names, nothing, much, errors.

use askama::Template;
use portal_server::web::{
    client::Due,
    staff::{
        self, Chip, Column, Fact, Happened, MatterRow, Place,
        door::SignIn,
        mail::{MailPage, MailRow, Mails, PhoneScreen, TextBubble},
        matters::{MatterForm, Matters},
        notifications::{NotificationRow, Notifications},
    },
    view::{Badge, Bell, Choice, Errors, Flash, Live, Pager, Person, Search, Shell, Tone},
};

use crate::rendered::{self, all, words};

pub(crate) const GERMAN: &str =
    "Maximiliane-Friederike Freifrau von Hohenstaufen-Rechtsschutzversicherungsgesellschaft";
pub(crate) const ARABIC: &str = "أمينة عبد الرحمن حداد";

fn door() -> Shell {
    Shell {
        lang: "en".to_owned(),
        practice_name: "Harbour Migration".to_owned(),
        home_href: "/staff".to_owned(),
        ..Shell::default()
    }
}

pub(crate) fn shell(place: Place) -> Shell {
    Shell {
        nav: staff::nav(Some(place), 3, true),
        person: Some(Person {
            name: "Sam Keller".to_owned(),
            detail: "Manager".to_owned(),
            links: Vec::new(),
            sign_out: "/staff/sign-out".to_owned(),
            sign_out_everywhere: Some("/staff/sign-out-everywhere".to_owned()),
        }),
        live: Some(Live::new("/staff/live")),
        search: Some(Search {
            action: "/staff/matters".to_owned(),
            value: String::new(),
        }),
        bell: Some(Bell {
            href: "/staff/notifications".to_owned(),
            unread: 3,
        }),
        ..door()
    }
}

pub(crate) fn chip(label: &str, count: &str, current: bool) -> Chip {
    Chip {
        href: "?".to_owned(),
        label: label.to_owned(),
        count: count.to_owned(),
        current,
    }
}

pub(crate) fn columns(labels: &[&str]) -> Vec<Column> {
    let column = |(at, label): (usize, &&str)| Column {
        label: (*label).to_owned(),
        href: if at < 2 {
            format!("?sort={at}")
        } else {
            String::new()
        },
        sorted: if at == 0 { "descending" } else { "" },
    };
    labels.iter().enumerate().map(column).collect()
}

pub(crate) fn matter(n: u32, clients: &str, stage: &str, badge: Badge) -> MatterRow {
    MatterRow {
        href: format!("/staff/matters/{n}"),
        reference: format!("HM-{n}"),
        title: "Partner visa 820".to_owned(),
        clients: clients.to_owned(),
        stage: stage.to_owned(),
        owner: "Sam Keller".to_owned(),
        badge,
        done: "2 of 7".to_owned(),
        updated: "Today, 14:05".to_owned(),
        access: Badge::default(),
    }
}

fn page_of(shown: &str) -> Pager {
    Pager {
        shown: shown.to_owned(),
        first_href: Some("?".to_owned()),
        previous_href: None,
        next_href: Some("?cursor=abc".to_owned()),
    }
}

fn matters(rows: Vec<MatterRow>) -> Matters {
    Matters {
        shell: shell(Place::Matters),
        counted: format!("{} matters", rows.len()),
        chips: vec![
            chip("All", "1,204", true),
            chip("Mine", "38", false),
            chip("To review", "5", false),
        ],
        q: String::new(),
        areas: vec![Choice::new("", "Any practice area", "")],
        stages: vec![
            Choice::new("", "Any stage", ""),
            Choice::new("d", "Antragsunterlagenvollständigkeitsprüfung", ""),
        ],
        owners: vec![Choice::new("", "Anyone", "")],
        states: vec![
            Choice::new("open", "Open", "open"),
            Choice::new("closed", "Closed", "open"),
        ],
        sort: "-updated".to_owned(),
        show: "to-review".to_owned(),
        filtered: false,
        columns: columns(&[
            "Reference",
            "Matter",
            "Stage",
            "Owner",
            "Provided",
            "Needs",
            "Updated",
        ]),
        rows,
        pager: page_of("Showing 51-100 of 1,204"),
        new_href: Some("/staff/matters/new".to_owned()),
    }
}

#[test]
fn signing_in_asks_for_two_things_and_never_says_which_was_wrong() {
    let mut page = SignIn {
        shell: door(),
        action: "/staff/sign-in".to_owned(),
        next: "/staff/matters".to_owned(),
        email: String::new(),
        errors: Errors::default(),
        note: String::new(),
        kept: vec![("kept_action".to_owned(), "/staff/clients".to_owned())],
    };
    let html = rendered::page("staff-sign-in", &page.render().unwrap());
    assert_eq!(all(&html, "input:not([type=hidden])").len(), 2);
    assert!(all(&html, "nav").is_empty());

    page.email = "sam@harbour.example".to_owned();
    page.note = "You were signed out. What you had typed is kept.".to_owned();
    page.errors
        .add("", "The email address or the password is not right.");
    let html = rendered::page("staff-sign-in-error", &page.render().unwrap());
    assert!(words(&html, "[role=alert]").contains("The email address or the password is not right."));
    assert!(all(&html, "[aria-invalid]").is_empty());
}

#[test]
fn matters_are_listed_filtered_and_paged() {
    let review = || Badge::new(Tone::Info, "2 to review").with_icon("eye");
    let late = || Badge::new(Tone::Danger, "Overdue");
    let quiet = || Badge::new(Tone::Success, "Nothing");
    let rows = vec![
        matter(
            2041,
            "Amina Haddad, and 2 more",
            "Documents being collected",
            review(),
        ),
        matter(2042, GERMAN, "Antragsunterlagenvollständigkeitsprüfung", late()),
        matter(2043, ARABIC, "Lodged", quiet()),
    ];
    let html = rendered::page("staff-matters", &matters(rows).render().unwrap());
    assert_eq!(all(&html, "tr[data-item]").len(), 3);
    assert_eq!(all(&html, "th[aria-sort=descending]").len(), 1);
    assert_eq!(
        all(
            &html,
            "form.filters[method=get] input[name=sort][value='-updated']"
        )
        .len(),
        1
    );
    assert_eq!(all(&html, "nav[aria-label=Main] [aria-current=page]").len(), 1);
    assert_eq!(words(&html, ".staff-side [aria-current=page]"), "Matters");

    let many = (0..50)
        .map(|n| matter(3_000 + n, "Amina Haddad", "Lodged", quiet()))
        .collect();
    rendered::page("staff-matters-many", &matters(many).render().unwrap());

    let html = rendered::page("staff-matters-none", &matters(Vec::new()).render().unwrap());
    assert_eq!(words(&html, ".empty h2"), "No matters yet");
    let unmatched = Matters {
        filtered: true,
        q: "zzz".to_owned(),
        ..matters(Vec::new())
    };
    let html = rendered::page("staff-matters-no-match", &unmatched.render().unwrap());
    assert_eq!(words(&html, ".empty h2"), "No matter matches");
    let reader = Matters {
        new_href: None,
        ..matters(Vec::new())
    };
    assert!(
        !words(
            &rendered::page("staff-matters-reader", &reader.render().unwrap()),
            "main"
        )
        .contains("New matter")
    );
}

#[test]
fn a_refused_form_keeps_what_was_sent_and_says_what_is_wrong() {
    let mut errors = Errors::default();
    errors.add("reference", "Another matter has this reference already.");
    errors.add("title", "Enter a title.");
    let page = MatterForm {
        shell: shell(Place::Matters),
        heading: "New matter".to_owned(),
        action: "/staff/matters".to_owned(),
        cancel_href: "/staff/matters".to_owned(),
        version: String::new(),
        errors,
        reference: "HM-2041".to_owned(),
        title: String::new(),
        practice_area: "Immigration > Partner".to_owned(),
        stage: "Filing".to_owned(),
        owners: vec![Choice::new("1", "Sam Keller", "1")],
        parent: String::new(),
        client: Some("amina@example.test".to_owned()),
        attributes: "Visa type: 820/801".to_owned(),
    };
    let html = rendered::page("staff-matter-form", &page.render().unwrap());
    assert_eq!(
        all(&html, "#reference[value='HM-2041'][aria-invalid=true]").len(),
        1
    );
    assert_eq!(all(&html, "[role=alert] a").len(), 2);
    assert_eq!(all(&html, "form[data-keep]").len(), 1);
}

#[test]
fn notifications_lead_to_what_they_are_about() {
    let row = |headline: &str, unread| NotificationRow {
        icon: "upload",
        headline: headline.to_owned(),
        open_action: "/staff/notifications/1/open".to_owned(),
        matter: "HM-2041 Partner visa 820".to_owned(),
        when: "Today, 14:05".to_owned(),
        unread,
    };
    let page = Notifications {
        shell: shell(Place::Notifications),
        chips: vec![chip("Unread", "2", true), chip("All", "128", false)],
        rows: vec![
            row("Amina Haddad sent 2 files for Passport bio page", true),
            row(&format!("{GERMAN} sent 1 file for Marriage certificate"), true),
            row(
                "An invitation to amina@example.test could not be delivered",
                false,
            ),
        ],
        pager: page_of("Showing 1-50 of 128"),
        read_all_action: Some("/staff/notifications/read".to_owned()),
    };
    let html = rendered::page("staff-notifications", &page.render().unwrap());
    assert_eq!(all(&html, "li[data-item] form[method=post] button").len(), 3);
    assert_eq!(all(&html, "li.is-unread").len(), 2);
    let none = Notifications {
        rows: Vec::new(),
        read_all_action: None,
        ..page
    };
    assert_eq!(
        words(
            &rendered::page("staff-notifications-none", &none.render().unwrap()),
            ".empty h2"
        ),
        "Nothing new"
    );
}

#[test]
fn captured_mail_is_listed_and_shown_in_a_sandbox() {
    let page = Mails {
        shell: shell(Place::Mail),
        mails_are_captured: true,
        rows: vec![MailRow {
            href: "/dev/outbox/1".to_owned(),
            subject: "Your sign-in link for Harbour Migration".to_owned(),
            to: "Amina Haddad <amina@example.test>".to_owned(),
            when: "Today, 14:05".to_owned(),
            badge: Badge::new(Tone::Success, "Sent"),
        }],
        pager: Pager {
            shown: "Showing all 1".to_owned(),
            ..Pager::default()
        },
        phones: vec![PhoneScreen {
            id: "61491570156".to_owned(),
            number: "+61491570156".to_owned(),
            texts: vec![
                TextBubble {
                    text: "Hello Amina, HM-2041 is at Filing.".to_owned(),
                    note: "No. 1, 1 segment, GSM-7".to_owned(),
                    badge: Badge::new(Tone::Success, "Delivered"),
                    ..TextBubble::default()
                },
                TextBubble {
                    text: "Thank you! When do I hear more?".to_owned(),
                    written_here: true,
                    ..TextBubble::default()
                },
                TextBubble {
                    text: "<b>مرحبا</b>\nhttps://portal.example.test/p/AZqk3nT0d7W9exampleexample".to_owned(),
                    note: "No. 2, 2 segments, UCS-2".to_owned(),
                    badge: Badge::new(Tone::Success, "Sent"),
                    report_action: Some("/dev/outbox/texts/2/report".to_owned()),
                    ..TextBubble::default()
                },
            ],
        }],
        write_action: Some("/dev/outbox/texts".to_owned()),
    };
    let html = rendered::page("staff-mails", &page.render().unwrap());
    assert_eq!(all(&html, ".phone__bubble").len(), 3);
    assert_eq!(all(&html, ".phone__text--own").len(), 1);
    assert!(all(&html, ".phone__bubble b").is_empty(), "a message is text");
    let mail = MailPage {
        shell: shell(Place::Mail),
        list_href: "/dev/outbox".to_owned(),
        subject: "Your sign-in link for Harbour Migration".to_owned(),
        from: "Harbour Migration <portal@harbour.example>".to_owned(),
        to: "Amina Haddad <amina@example.test>".to_owned(),
        when: "Today, 14:05".to_owned(),
        text: "Hello Amina,\n\nopen your portal with this link:\nhttps://portal.example.test/p/sign-in/AZqk3nT0d7W9exampleexampleexample\n\nCode: 4821 9034\n".to_owned(),
        html_href: "/dev/outbox/1/html".to_owned(),
        links: vec!["https://portal.example.test/p/sign-in/AZqk3nT0d7W9exampleexampleexample".to_owned()],
    };
    let html = rendered::page("staff-mail", &mail.render().unwrap());
    assert_eq!(
        all(&html, "iframe[sandbox='']").len(),
        1,
        "no script, no forms, no origin"
    );
}

#[test]
fn what_happened_is_said_once_on_top() {
    let mut page = matters(Vec::new());
    page.shell.flash = Some(Flash {
        tone: Tone::Success,
        text: "HM-2041 was closed.".to_owned(),
    });
    let html = rendered::page("staff-flash", &page.render().unwrap());
    assert_eq!(words(&html, "main [role=status]"), "HM-2041 was closed.");
}

pub(crate) fn fact(label: &str, value: &str) -> Fact {
    Fact::new(label, value)
}

pub(crate) fn happened(icon: &'static str, who: &str, what: &str, note: &str) -> Happened {
    Happened {
        icon,
        who: who.to_owned(),
        what: what.to_owned(),
        href: "/staff/matters/1/requests/1".to_owned(),
        when: "Today, 14:05".to_owned(),
        note: note.to_owned(),
    }
}

pub(crate) fn due(text: &str, late: bool) -> Due {
    Due {
        text: text.to_owned(),
        late,
    }
}
