//! Every page of the client, rendered with samples: an ordinary one, a long German name, an Arabic one, nothing, much, an error.

use askama::Template;
use portal_server::web::{
    client::{
        self, ApprovalRow, Contact, Due, Earlier, FileRow, Matter, Outcome, Place, RequestRow, Upload,
        approval::{AnswerForm, ApprovalPage, Given, Said, ShownFile},
        approvals::Approvals,
        documents::Documents,
        door::{AskForLink, AskedForLink, ConfirmLink, LinkOver},
        ended::Ended,
        error::ErrorPage,
        evidence::{EvidencePage, Kept},
        home::{Home, Next, Stage, Step},
        matters::{ChooseMatter, MatterCard},
        request::RequestPage,
        requests::{Group, Requests},
    },
    view::{Badge, Direction, Errors, Flash, Live, Pager, Person, Preview, Progress, Shell, Tone},
};

use crate::rendered::{self, all, words};

const GERMAN: &str = "Maximiliane-Friederike Freifrau von Hohenstaufen-Rechtsschutzversicherungsgesellschaft";
const ARABIC: &str = "أمينة عبد الرحمن حداد";
const BASE: &str = "/p/AZqk3nT0d7W9";

fn door() -> Shell {
    Shell {
        lang: "en".to_owned(),
        practice_name: "Harbour Migration".to_owned(),
        home_href: BASE.to_owned(),
        ..Shell::default()
    }
}

fn shell(place: Place, name: &str, requests: Progress, documents: u64) -> Shell {
    Shell {
        nav: client::nav(BASE, place, requests, 0, documents),
        person: Some(Person {
            name: name.to_owned(),
            detail: "amina@example.test".to_owned(),
            links: Vec::new(),
            sign_out: format!("{BASE}/sign-out"),
            sign_out_everywhere: Some(format!("{BASE}/sign-out-everywhere")),
        }),
        live: Some(Live::new(format!("{BASE}/live"))),
        ..door()
    }
}

fn matter() -> Matter {
    Matter {
        title: "Partner visa 820".to_owned(),
        reference: "HM-2041".to_owned(),
    }
}

fn practice() -> Contact {
    Contact {
        name: "Harbour Migration".to_owned(),
        role: String::new(),
        email: "hello@harbour.example".to_owned(),
        phone: "+61255500100".to_owned(),
        note: "Monday to Friday, 9 to 5.".to_owned(),
    }
}

fn upload() -> Upload {
    Upload {
        action: format!("{BASE}/requests/1/files"),
        limits: "PDF, photo or Word document, up to 25 MB each".to_owned(),
        accept: ".pdf,.jpg,.jpeg,.png,.heic,.doc,.docx".to_owned(),
        outcomes: Vec::new(),
    }
}

fn row(title: &str, badge: Badge, due: Option<(&str, bool)>, provided: &str) -> RequestRow {
    RequestRow {
        href: format!("{BASE}/requests/2"),
        title: title.to_owned(),
        badge,
        due: due.map(|(text, late)| Due {
            text: text.to_owned(),
            late,
        }),
        provided: provided.to_owned(),
    }
}

fn to_provide() -> Badge {
    Badge::new(Tone::Neutral, "To provide")
}

fn checking() -> Badge {
    Badge::new(Tone::Info, "Being checked").with_icon("clock")
}

fn again() -> Badge {
    Badge::new(Tone::Warning, "Please send again").with_icon("return")
}

fn accepted() -> Badge {
    Badge::new(Tone::Success, "Accepted")
}

fn file(name: &str, badge: Badge, reason: &str) -> FileRow {
    FileRow {
        name: name.to_owned(),
        kind: name
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .chars()
            .take(4)
            .collect::<String>()
            .to_uppercase(),
        size: "1.2 MB".to_owned(),
        when: "Sent Fri 20 Nov, 09:12".to_owned(),
        badge,
        reason: reason.to_owned(),
        download_href: format!("{BASE}/documents/7"),
        ..FileRow::default()
    }
}

fn approval_row() -> ApprovalRow {
    ApprovalRow {
        href: format!("{BASE}/approvals/1"),
        title: "Your statement, second draft".to_owned(),
        about: "Statement · 2 documents · Asked today".to_owned(),
        badge: Badge::new(Tone::Accent, "Please answer").with_icon("approval"),
        due: Some(Due {
            text: "Due Fri 27 Nov".to_owned(),
            late: false,
        }),
        choice: "1 00".to_owned(),
        is_chosen: false,
    }
}

fn approval(title: &str) -> ApprovalPage {
    let file = |name: &str, about: &str| ShownFile {
        name: name.to_owned(),
        kind: "PDF".to_owned(),
        about: about.to_owned(),
        view_href: format!("{BASE}/documents/7/versions/1?view=1"),
        download_href: format!("{BASE}/documents/7/versions/1"),
    };
    ApprovalPage {
        shell: shell(
            Place::Approvals,
            "Amina Haddad",
            Progress { done: 2, total: 7 },
            4,
        ),
        matter: matter(),
        approvals_href: format!("{BASE}/approvals"),
        kind: "Statement".to_owned(),
        title: title.to_owned(),
        badge: Badge::new(Tone::Accent, "Please answer").with_icon("approval"),
        due: approval_row().due,
        asked: "Asked by Sam Keller, today".to_owned(),
        said: None,
        description: "Please read it carefully.\n\nIs everything right?".to_owned(),
        lines: vec![("Amount".to_owned(), "AUD 120.50".to_owned())],
        files: vec![
            file("statement.pdf", "1.2 MB"),
            file("annex.pdf", "48 KB · Version 2"),
        ],
        form: Some(AnswerForm {
            action: format!("{BASE}/approvals/1"),
            shown: "0".repeat(64),
            ..AnswerForm::default()
        }),
        given: None,
    }
}

#[test]
fn an_approval_shows_what_is_to_be_read_and_takes_an_answer() {
    for (name, title) in [
        ("client-approval", "Your statement, second draft"),
        ("client-approval-german", GERMAN),
        ("client-approval-arabic", ARABIC),
    ] {
        let html = rendered::page(name, &approval(title).render().unwrap());
        assert_eq!(words(&html, "h1"), title);
        assert_eq!(all(&html, ".file").len(), 2);
        let buttons = all(&html, "main form button[name=decision]");
        assert_eq!(buttons.len(), 2);
        assert_eq!(all(&html, "main form input[name=shown]").len(), 1);
    }
}

#[test]
fn an_approval_says_why_it_cannot_be_answered_and_what_was() {
    let said = Said {
        tone: Tone::Warning,
        title: "Your answer was not taken".to_owned(),
        text: "We have replaced what you were looking at.".to_owned(),
        way_on: Some((
            "Look at the new version".to_owned(),
            format!("{BASE}/approvals/2"),
        )),
        is_answer: true,
    };
    let page = ApprovalPage {
        said: Some(said),
        form: None,
        ..approval("Draft")
    };
    let html = rendered::page("client-approval-refused", &page.render().unwrap());
    assert_eq!(words(&html, "[role=alert] a"), "Look at the new version");
    assert!(all(&html, "main form").is_empty());
    let given = Given {
        certificate_href: format!("{BASE}/approvals/1/certificate"),
        text: "You approved this today, 09:12.".to_owned(),
        comment: "Fine \u{1f44d}".to_owned(),
        evidence_href: format!("{BASE}/approvals/1/evidence"),
    };
    let page = ApprovalPage {
        given: Some(given),
        form: None,
        due: None,
        files: Vec::new(),
        lines: Vec::new(),
        ..approval("Draft")
    };
    let html = rendered::page("client-approval-given", &page.render().unwrap());
    assert!(words(&html, "aside").contains("You approved this today"));
    assert_eq!(
        words(&html, "aside a[href$='/evidence']"),
        "What is kept about it"
    );
    let wrong = ApprovalPage {
        form: Some(AnswerForm {
            comment: "x".repeat(300),
            errors: {
                let mut errors = Errors::default();
                errors.add("comment", "This has 3000 characters; at most 2000 are possible.");
                errors
            },
            ..approval("Draft").form.unwrap()
        }),
        ..approval("Draft")
    };
    let html = rendered::page("client-approval-error", &wrong.render().unwrap());
    assert_eq!(all(&html, "#comment[aria-invalid]").len(), 1);
}

#[test]
fn an_approval_asks_for_a_second_factor_beside_its_comment() {
    let with = |label: &str, errors: Errors| ApprovalPage {
        form: Some(AnswerForm {
            factor: Some(label.to_owned()),
            errors,
            ..approval("Draft").form.unwrap()
        }),
        ..approval("Draft")
    };
    let mut wrong = Errors::default();
    wrong.add(
        "factor",
        "What you filled in as “Code from your authenticator app” is not right, or it was used before, so nothing was answered.",
    );
    for (name, label, errors) in [
        (
            "client-approval-factor",
            "Code from your authenticator app",
            Errors::default(),
        ),
        (
            "client-approval-factor-wrong",
            "Code from your authenticator app",
            wrong,
        ),
        ("client-approval-factor-german", GERMAN, Errors::default()),
        ("client-approval-factor-arabic", ARABIC, Errors::default()),
    ] {
        let is_wrong = !errors.is_empty();
        let html = rendered::page(name, &with(label, errors).render().unwrap());
        assert_eq!(words(&html, "label[for=factor]"), label);
        assert_eq!(
            all(&html, "#factor[required][autocomplete=one-time-code]").len(),
            1
        );
        assert_eq!(all(&html, "#factor[aria-invalid]").len(), usize::from(is_wrong));
        // Enter in the field presses the first button, which is off: nobody approves by it.
        let buttons = all(&html, "main form button");
        assert!(
            buttons[0].attr("disabled").is_some() && buttons[0].attr("name").is_none(),
            "{}",
            buttons[0].html()
        );
    }
}

#[test]
fn what_is_kept_about_an_answer_is_told_to_whoever_gave_it() {
    let told = |label: &str, value: &str| (label.to_owned(), value.to_owned());
    let hash = "3fdba35f04dc8c462986c992bcf875546257113072a909c162f7e470e581e278";
    let kept = |comment: &str, file: &str| Kept {
        text: "You approved this today, 09:12.".to_owned(),
        badge: Badge::new(Tone::Success, "You approved"),
        comment: comment.to_owned(),
        facts: vec![
            told("Answered by", "Amina Haddad"),
            told("At", "2026-11-20T20:59:25.642066Z (server clock, UTC)"),
            told(
                "Answered from network address",
                "2001:db8:85a3:8d3:1319:8a2e:370:7348",
            ),
            told("Request", ""),
            told("SHA-256 of all this, which that entry has as “evidence”", hash),
        ],
        documents: vec![told(&format!("{file}, version 2"), hash)],
        sha256: hash.to_owned(),
        shown: format!("{{\"approval\":\"{hash}\",\"title\":\"<b>{file}</b>\"}}"),
        json_href: "/api/v1/approvals/1/evidence".to_owned(),
        json_name: "evidence-1.json".to_owned(),
    };
    for (name, title, comment) in [
        (
            "client-evidence",
            "Your statement, second draft",
            "Fine \u{1f44d}",
        ),
        ("client-evidence-german", GERMAN, ""),
        ("client-evidence-arabic", ARABIC, ARABIC),
    ] {
        let page = EvidencePage {
            shell: approval(title).shell,
            back: (title.to_owned(), format!("{BASE}/approvals/1")),
            kept: Some(kept(comment, title)),
        };
        let html = rendered::page(name, &page.render().unwrap());
        assert_eq!(words(&html, "h1"), "What is kept about your answer");
        assert!(words(&html, "pre").contains(&format!("<b>{title}</b>")));
        assert_eq!(all(&html, "a[download]").len(), 1);
        assert_eq!(all(&html, "blockquote").len(), usize::from(!comment.is_empty()));
    }
    let page = EvidencePage {
        shell: approval("Draft").shell,
        back: ("Draft".to_owned(), format!("{BASE}/approvals/1")),
        kept: None,
    };
    let html = rendered::page("client-evidence-none", &page.render().unwrap());
    assert!(words(&html, "main").contains("No answer yet"));
}

#[test]
fn approvals_wait_and_are_kept() {
    let list = |waiting: Vec<ApprovalRow>, history: Vec<ApprovalRow>| Approvals {
        shell: shell(
            Place::Approvals,
            "Amina Haddad",
            Progress { done: 2, total: 7 },
            4,
        ),
        matter: matter(),
        here: format!("{BASE}/approvals"),
        answer_action: (waiting.len() > 1).then(|| format!("{BASE}/approvals")),
        waiting,
        factor: Some("Code from your authenticator app".to_owned()),
        comment: String::new(),
        errors: Errors::default(),
        history,
        q: String::new(),
        pager: Pager::default(),
    };
    let done = ApprovalRow {
        badge: Badge::new(Tone::Success, "You approved"),
        due: None,
        choice: String::new(),
        ..approval_row()
    };
    let empty = rendered::page("client-approvals-empty", &list(vec![], vec![]).render().unwrap());
    assert_eq!(words(&empty, ".empty h2"), "Nothing to answer");
    let full = list(vec![approval_row(); 3], vec![done; 12]);
    let full = rendered::page("client-approvals", &full.render().unwrap());
    assert_eq!(all(&full, "input[name=item]").len(), 3);
    assert_eq!(all(&full, ".rows__row").len(), 15);
}

fn home(name: &str) -> Home {
    let progress = Progress { done: 2, total: 7 };
    let step = |label: &str, done, current| Step {
        label: label.to_owned(),
        done,
        current,
    };
    Home {
        shell: shell(Place::Home, name, progress, 4),
        greeting: format!("Good morning, {name}"),
        matter: matter(),
        stage: Some(Stage {
            steps: vec![
                step("Getting started", true, false),
                step("Strategy agreed", true, false),
                step("Documents being collected", false, true),
                step("Application lodged", false, false),
                step("Decision", false, false),
            ],
            now: "Documents being collected".to_owned(),
            meaning: "We need everything on your list before we can lodge the application.".to_owned(),
        }),
        approvals: vec![approval_row()],
        next: Some(Next {
            href: format!("{BASE}/requests/1"),
            title: "Passport bio page".to_owned(),
            why: "The page with your photo, so that the application carries your name exactly as your passport does.".to_owned(),
            due: Some(Due { text: "Due Fri 27 Nov".to_owned(), late: false }),
            returned: String::new(),
            upload: Some(upload()),
        }),
        progress,
        then: vec![
            row("Marriage certificate", to_provide(), Some(("Due Fri 27 Nov", false)), ""),
            row("Bank statements, last three months", again(), Some(("Was due Fri 13 Nov", true)), "3 files"),
            row("Police certificate", checking(), None, "1 file"),
        ],
        requests_href: format!("{BASE}/requests"),
        people: vec![Contact {
            name: "Sam Keller".to_owned(),
            role: "Your case manager".to_owned(),
            email: "sam@harbour.example".to_owned(),
            phone: "+61255500101".to_owned(),
            note: String::new(),
        }],
    }
}

fn request(files: Vec<FileRow>, total: u64) -> RequestPage {
    RequestPage {
        shell: shell(Place::Requests, "Amina Haddad", Progress { done: 2, total: 7 }, 4),
        matter: matter(),
        requests_href: format!("{BASE}/requests"),
        title: "Passport bio page".to_owned(),
        badge: to_provide(),
        due: Some(Due { text: "Due Fri 27 Nov".to_owned(), late: false }),
        wanted: "2 files needed, 1 more to send".to_owned(),
        why: "The page with your photo, so that the application carries your name exactly as your passport does.".to_owned(),
        help: "All four corners and the two lines of letters at the bottom can be read.\nNo flash: it hides what is under it.\nColour, not black and white.".to_owned(),
        returned: String::new(),
        files,
        total,
        pager: None,
        upload: Some(upload()),
        next: Some(("Marriage certificate".to_owned(), format!("{BASE}/requests/2"))),
    }
}

#[test]
fn signing_in_is_one_sentence_and_one_button() {
    let ask = AskForLink {
        shell: door(),
        action: BASE.to_owned(),
    };
    let html = rendered::page("client-ask", &ask.render().unwrap());
    assert_eq!(all(&html, "main button").len(), 1);
    assert!(all(&html, "main input").is_empty());
    assert!(all(&html, "nav").is_empty(), "nowhere to go before signing in");

    let asked = AskedForLink {
        shell: door(),
        action: BASE.to_owned(),
        lifetime: "48 hours".to_owned(),
        contact: Some(practice()),
    };
    let html = rendered::page("client-asked", &asked.render().unwrap());
    assert!(
        all(&html, "main input").is_empty(),
        "the code belongs to the link's own page"
    );
}

#[test]
fn a_link_is_confirmed_by_a_press_and_elsewhere_by_the_code_too() {
    let mut confirm = ConfirmLink {
        shell: door(),
        action: "/p/sign-in/tok".to_owned(),
        needs_code: false,
        errors: Errors::default(),
        session: "48 hours".to_owned(),
    };
    let html = rendered::page("client-confirm", &confirm.render().unwrap());
    assert!(all(&html, "main input").is_empty());
    assert_eq!(
        all(&html, "form[method=post][action='/p/sign-in/tok'] button").len(),
        1
    );

    confirm.needs_code = true;
    let html = rendered::page("client-confirm-code", &confirm.render().unwrap());
    assert_eq!(
        all(
            &html,
            "input[name=code][autocomplete=one-time-code][inputmode=numeric]"
        )
        .len(),
        1
    );

    confirm.errors.add(
        "code",
        "That is not the code in the newest email. You have 4 more tries.",
    );
    let html = rendered::page("client-confirm-code-wrong", &confirm.render().unwrap());
    assert_eq!(all(&html, "[role=alert] a[href='#code']").len(), 1);
    assert_eq!(
        words(&html, "#code-error"),
        "That is not the code in the newest email. You have 4 more tries."
    );
    assert_eq!(all(&html, "#code[aria-invalid=true]").len(), 1);
}

#[test]
fn what_is_over_offers_a_way_on_in_one_press() {
    let over = LinkOver {
        shell: door(),
        action: Some(BASE.to_owned()),
        lifetime: "48 hours".to_owned(),
        contact: Some(practice()),
    };
    let html = rendered::page("client-link-over", &over.render().unwrap());
    assert_eq!(all(&html, "main form[method=post] button").len(), 1);
    let html = rendered::page(
        "client-link-unknown",
        &LinkOver {
            action: None,
            contact: None,
            ..over
        }
        .render()
        .unwrap(),
    );
    assert!(all(&html, "main form").is_empty());

    let ended = Ended {
        shell: door(),
        action: Some(BASE.to_owned()),
        contact: Some(practice()),
    };
    let html = rendered::page("client-ended", &ended.render().unwrap());
    assert_eq!(all(&html, "main form[method=post] button").len(), 1);
    assert!(
        all(&html, "[data-live]").is_empty(),
        "it has no session to ask about"
    );

    let error = ErrorPage {
        shell: door(),
        title: "Something went wrong on our side".to_owned(),
        text: "Nothing you sent was lost. Please try again in a moment.".to_owned(),
        next_href: BASE.to_owned(),
        next_label: "Back to your portal".to_owned(),
        request_id: "019ab1c2-7d3e-7f00-8a4b-1c2d3e4f5a6b".to_owned(),
    };
    let html = rendered::page("client-error", &error.render().unwrap());
    assert_eq!(all(&html, "main a.button").len(), 1);
    assert!(words(&html, "main").contains("019ab1c2-7d3e-7f00-8a4b-1c2d3e4f5a6b"));
}

#[test]
fn home_shows_the_one_thing_to_do_next() {
    let html = rendered::page("client-home", &home("Amina").render().unwrap());
    assert_eq!(words(&html, ".next h2"), "Passport bio page");
    assert_eq!(all(&html, "form[data-upload]").len(), 1);
    assert_eq!(all(&html, "input[type=file][capture=environment]").len(), 1);
    assert_eq!(all(&html, "input[type=file][multiple]").len(), 1);
    assert_eq!(all(&html, "[aria-current=step]").len(), 1);
    assert_eq!(all(&html, "body[data-live='/p/AZqk3nT0d7W9/live']").len(), 1);

    rendered::page("client-home-german", &home(GERMAN).render().unwrap());
    let mut arabic = home(ARABIC);
    arabic.shell.lang = "ar".to_owned();
    arabic.shell.dir = Direction::of("ar");
    rendered::page("client-home-arabic", &arabic.render().unwrap());

    let mut returned = home("Amina");
    let next = returned.next.as_mut().unwrap();
    next.returned =
        "The bottom edge is cut off. Please take the photo again with the whole page in view.".to_owned();
    next.due = Some(Due {
        text: "Was due Fri 13 Nov".to_owned(),
        late: true,
    });
    next.upload.as_mut().unwrap().outcomes = vec![
        Outcome {
            name: "passport.exe".to_owned(),
            text: "This kind of file can't be used here. Please send a PDF or a photo.".to_owned(),
            ..Outcome::default()
        },
        Outcome {
            name: "passport.pdf".to_owned(),
            sent: true,
            ..Outcome::default()
        },
    ];
    returned.shell.flash = Some(Flash {
        tone: Tone::Success,
        text: "2 files sent.".to_owned(),
    });
    returned.shell.preview = Some(Preview {
        client: "Amina Haddad".to_owned(),
        end_action: "/p/preview/end".to_owned(),
    });
    let html = rendered::page("client-home-returned-preview", &returned.render().unwrap());
    assert!(words(&html, ".next").contains("The bottom edge is cut off."));
    assert!(words(&html, ".banner").contains("what Amina Haddad sees"));
    assert_eq!(all(&html, "form[data-upload] [role=alert]").len(), 1);
}

#[test]
fn home_says_why_there_is_nothing_to_do() {
    for (name, progress, said) in [
        (
            "client-home-done",
            Progress { done: 7, total: 7 },
            "All done for now",
        ),
        (
            "client-home-waiting",
            Progress { done: 5, total: 7 },
            "Nothing to do right now",
        ),
        ("client-home-new", Progress::default(), "Nothing to do yet"),
    ] {
        let page = Home {
            next: None,
            approvals: Vec::new(),
            then: Vec::new(),
            progress,
            stage: None,
            people: Vec::new(),
            ..home("Amina")
        };
        let html = rendered::page(name, &page.render().unwrap());
        assert_eq!(words(&html, ".empty h2"), said);
    }
}

#[test]
fn requests_are_grouped_and_counted() {
    let shell = || shell(Place::Requests, "Amina Haddad", Progress { done: 2, total: 7 }, 4);
    let page = Requests {
        shell: shell(),
        matter: matter(),
        progress: Progress { done: 2, total: 7 },
        groups: vec![
            Group {
                title: "To provide".to_owned(),
                rows: vec![
                    row(
                        "Bank statements, last three months",
                        again(),
                        Some(("Was due Fri 13 Nov", true)),
                        "3 files",
                    ),
                    row(
                        "Passport bio page",
                        to_provide(),
                        Some(("Due Fri 27 Nov", false)),
                        "",
                    ),
                    row(
                        "Mietvertragsverlängerungsvereinbarung Ihrer gemeinsamen Wohnung",
                        to_provide(),
                        None,
                        "",
                    ),
                ],
            },
            Group {
                title: "Being checked".to_owned(),
                rows: vec![row("شهادة الزواج", checking(), None, "1 file")],
            },
            Group {
                title: "Done".to_owned(),
                rows: vec![row("Police certificate", accepted(), None, "1 file")],
            },
        ],
    };
    let html = rendered::page("client-requests", &page.render().unwrap());
    assert_eq!(all(&html, ".rows__row").len(), 5);
    assert_eq!(words(&html, "section h2"), "To provide 3");

    let none = Requests {
        shell: shell(),
        matter: matter(),
        progress: Progress::default(),
        groups: Vec::new(),
    };
    let html = rendered::page("client-requests-none", &none.render().unwrap());
    assert_eq!(words(&html, ".empty h2"), "Nothing to provide yet");
}

#[test]
fn a_request_shows_what_was_sent_and_every_page_of_it() {
    let html = rendered::page("client-request", &request(Vec::new(), 0).render().unwrap());
    assert_eq!(words(&html, "#files-title"), "What you sent 0");
    assert_eq!(all(&html, "aside p").len(), 3);

    let mut sent = request(
        vec![
            file("IMG_2041.jpg", checking(), ""),
            file(
                "passport scan 2026 final_version(3).pdf",
                again(),
                "The bottom edge is cut off.",
            ),
            file(
                "Aufenthaltstitelverlängerungsbescheinigung_Niederlassungserlaubnis_2026.pdf",
                accepted(),
                "",
            ),
            file("جواز السفر.pdf", accepted(), ""),
        ],
        4,
    );
    sent.badge = again();
    sent.returned =
        "The bottom edge is cut off. Please take the photo again with the whole page in view.".to_owned();
    sent.files[1].replace = Some((format!("{BASE}/requests/1/documents"), "d1".to_owned()));
    sent.files[2].earlier = vec![Earlier {
        name: "Aufenthaltstitel.pdf".to_owned(),
        about: "48 KB \u{b7} Thu 19 Nov, 18:40".to_owned(),
        href: format!("{BASE}/documents/3/versions/1"),
    }];
    let html = rendered::page("client-request-returned", &sent.render().unwrap());
    assert_eq!(all(&html, "li.file").len(), 4);
    assert_eq!(all(&html, "li.file form input[name=replaces][value=d1]").len(), 1);
    assert_eq!(words(&html, ".file__earlier summary"), "1 earlier version");
    assert_eq!(words(&html, ".file__reason"), "The bottom edge is cut off.");

    let mut many = request(
        (0..50)
            .map(|n| file(&format!("page-{n:04}.pdf"), checking(), ""))
            .collect(),
        1_000,
    );
    many.pager = Some(Pager {
        shown: "Showing 51-100 of 1,000".to_owned(),
        first_href: Some("?".to_owned()),
        previous_href: None,
        next_href: Some("?cursor=abc".to_owned()),
    });
    let html = rendered::page("client-request-many", &many.render().unwrap());
    assert_eq!(all(&html, "a[rel=next][href='?cursor=abc']").len(), 1);

    let mut accepted_page = request(vec![file("passport.pdf", accepted(), "")], 1);
    accepted_page.upload = None;
    accepted_page.badge = accepted();
    let html = rendered::page("client-request-accepted", &accepted_page.render().unwrap());
    assert!(all(&html, "form[data-upload]").is_empty());
}

#[test]
fn documents_say_how_many_there_are() {
    let mut files: Vec<_> = (0..4)
        .map(|n| file(&format!("statement {n}.pdf"), accepted(), ""))
        .collect();
    files[0].request = Some((
        "Bank statements, last three months".to_owned(),
        format!("{BASE}/requests/2"),
    ));
    files[1].download_href = String::new();
    let page = Documents {
        shell: shell(
            Place::Documents,
            "Amina Haddad",
            Progress { done: 2, total: 7 },
            4,
        ),
        matter: matter(),
        total: 4,
        files,
        pager: Pager {
            shown: "Showing all 4".to_owned(),
            ..Pager::default()
        },
        requests_href: format!("{BASE}/requests"),
    };
    let html = rendered::page("client-documents", &page.render().unwrap());
    assert!(words(&html, ".page-head").contains("4 documents"));
    assert_eq!(all(&html, ".file__name a").len(), 3);

    let none = Documents {
        total: 0,
        files: Vec::new(),
        ..page
    };
    let html = rendered::page("client-documents-none", &none.render().unwrap());
    assert_eq!(words(&html, ".empty h2"), "No documents yet");
}

#[test]
fn several_matters_are_offered_to_choose_from() {
    let card = |title: &str, badge| MatterCard {
        href: BASE.to_owned(),
        title: title.to_owned(),
        reference: "HM-2041".to_owned(),
        stage: "Documents being collected".to_owned(),
        badge,
        progress: Progress { done: 2, total: 7 },
    };
    let page = ChooseMatter {
        shell: Shell {
            nav: Vec::new(),
            ..shell(Place::Home, "Amina Haddad", Progress::default(), 0)
        },
        greeting: "Good morning, Amina".to_owned(),
        word: "applications".to_owned(),
        matters: vec![
            card("Partner visa 820", Badge::new(Tone::Warning, "1 to send again")),
            card(
                "Aufenthaltstitelverlängerungsbescheinigungsverfahren",
                Badge::new(Tone::Neutral, "5 to provide"),
            ),
            card("تأشيرة الوالدين", Badge::new(Tone::Success, "All done")),
        ],
    };
    let html = rendered::page("client-matters", &page.render().unwrap());
    assert_eq!(all(&html, "a.choice").len(), 3);
    let none = ChooseMatter {
        matters: Vec::new(),
        ..page
    };
    let html = rendered::page("client-matters-none", &none.render().unwrap());
    assert_eq!(words(&html, ".empty h2"), "Nothing open right now");
}

#[test]
fn what_people_type_is_shown_as_text() {
    let evil = "<script>alert(1)</script>\"' & {{ 7 }}";
    let mut page = home(evil);
    page.matter.title = evil.to_owned();
    page.next.as_mut().unwrap().returned = evil.to_owned();
    page.next.as_mut().unwrap().title = evil.to_owned();
    page.then[0].title = evil.to_owned();
    page.people[0].name = evil.to_owned();
    let html = rendered::page("client-home-evil", &page.render().unwrap());
    assert_eq!(all(&html, "script").len(), 1, "only our own");
    assert_eq!(words(&html, "#next-title"), evil);

    let mut sent = request(vec![file(evil, again(), evil)], 1);
    sent.title = evil.to_owned();
    sent.help = evil.to_owned();
    let html = rendered::page("client-request-evil", &sent.render().unwrap());
    assert_eq!(all(&html, "script").len(), 1, "only our own");
    assert_eq!(words(&html, ".file__name"), evil);
}
