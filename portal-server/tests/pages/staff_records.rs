//! One matter, one request, one client, one template, as staff see them.

use askama::Template;
use portal_server::web::{
    staff::{
        MatterRow, Place,
        clients::{ClientForm, ClientPage, ClientRow, Clients, ConsentForm, ErasePage, HeldText, TextCard},
        matter::{
            Access, AccessRow, Activity, Adding, Checklist, DocumentRow, Documents, Head, Matched, Overview,
            ParticipantRow, RequestGroup, SentMail, StaffRequestRow, StaffUpload, StageCard, StageRow,
            TaskCard, TeamRow, Tile,
        },
        review::Review,
        tasks::{TaskForm, TaskPage, TaskRow, Tasks},
        templates::{
            Editing, ItemForm, NewTemplate, TemplateGroup, TemplateItem, TemplatePage, TemplateRow, Templates,
        },
    },
    view::{Badge, Choice, Errors, Pager, Progress, Tone},
};

use crate::rendered::{self, all, words};
use crate::staff::{ARABIC, GERMAN, chip, columns, due, fact, happened, matter, shell};

const BASE: &str = "/staff/matters/1";

fn head() -> Head {
    Head {
        base: BASE.to_owned(),
        reference: "HM-2041".to_owned(),
        title: "Partner visa 820".to_owned(),
        badge: Badge::new(Tone::Success, "Open"),
        line: ["Immigration > Partner", "Documents being collected", "Sam Keller"]
            .map(str::to_owned)
            .to_vec(),
        progress: Progress { done: 2, total: 7 },
        documents: 4,
        approvals: 2,
        accesses: 1,
        edit_href: Some(format!("{BASE}/edit")),
    }
}

fn active() -> Badge {
    Badge::new(Tone::Success, "Active")
}

fn revoked() -> Badge {
    Badge::new(Tone::Danger, "Revoked").with_icon("lock")
}

fn without() -> Badge {
    Badge::new(Tone::Neutral, "No access").with_icon("minus-circle")
}

fn submitted() -> Badge {
    Badge::new(Tone::Info, "To review").with_icon("eye")
}

fn overview() -> Overview {
    let person = |name: &str, part: &str, badge, removable: bool| ParticipantRow {
        name: name.to_owned(),
        href: "/staff/clients/1".to_owned(),
        part: part.to_owned(),
        badge,
        remove_action: removable.then(|| format!("{BASE}/participants/2/remove")),
        part_action: Some(format!("{BASE}/participants/2")),
        parts: vec![Choice::new("principal", "Principal", "principal")],
    };
    let member = |name: &str| TeamRow {
        name: name.to_owned(),
        remove_action: Some(format!("{BASE}/team/1/remove")),
    };
    let tile = |number, label: &str| Tile {
        number,
        label: label.to_owned(),
        href: format!("{BASE}/checklist"),
    };
    Overview {
        shell: shell(Place::Matters),
        head: head(),
        tiles: vec![
            tile(2, "to review"),
            tile(1, "overdue"),
            tile(4, "waiting for the client"),
        ],
        facts: vec![
            fact("Practice area", "Immigration > Partner"),
            fact("Stage", "Filing"),
            fact("Office", ""),
        ],
        stage: StageCard {
            matched: vec![Matched {
                href: "/staff/workflows/1".to_owned(),
                name: "T-Visa, filing".to_owned(),
            }],
            rows: vec![
                StageRow {
                    icon: "circle",
                    name: "Filing".to_owned(),
                    note: "Written \u{201c}FILING (USCIS)\u{201d}".to_owned(),
                    when: "Since Fri 20 Nov, 09:12".to_owned(),
                },
                StageRow {
                    icon: "check-circle",
                    name: GERMAN.to_owned(),
                    note: String::new(),
                    when: "Mon 2 Nov, 10:00 to Fri 20 Nov, 09:12".to_owned(),
                },
            ],
            is_cut: true,
            why_href: Some(format!("{BASE}/why")),
        },
        tasks: task_card(),
        people: vec![
            person("Amina Haddad", "Principal", active(), false),
            person(GERMAN, "Partner", revoked(), false),
            person(ARABIC, "Dependant", without(), true),
        ],
        add_person_action: Some(format!("{BASE}/participants")),
        parts: vec![
            Choice::new("principal", "Principal", "principal"),
            Choice::new("partner", "Partner", ""),
        ],
        errors: Errors::default(),
        client: String::new(),
        team: vec![member("Sam Keller"), member(GERMAN)],
        add_team_action: Some(format!("{BASE}/team")),
        team_choices: vec![Choice::new("2", "Ana Lopes", "")],
        related: vec![matter(
            2040,
            "Yusuf Haddad",
            "Lodged",
            Badge::new(Tone::Neutral, "Main matter"),
        )],
        recent: vec![
            happened("check-circle", "Sam Keller", "accepted Passport bio page", ""),
            happened(
                "return",
                "Sam Keller",
                "returned Bank statements",
                "The second page is missing.",
            ),
            happened("upload", GERMAN, "sent 2 files for Marriage certificate", ""),
        ],
        close_action: Some(format!("{BASE}/close")),
        reopen_action: None,
    }
}

fn document(name: &str, badge: Badge) -> DocumentRow {
    DocumentRow {
        name: name.to_owned(),
        kind: "PDF".to_owned(),
        href: "/staff/documents/1".to_owned(),
        download_href: "/staff/documents/1/file".to_owned(),
        request: Some(("Passport bio page".to_owned(), format!("{BASE}/requests/1"))),
        from: "Amina Haddad".to_owned(),
        size: "1.2\u{a0}MB".to_owned(),
        when: "Fri 20 Nov, 09:12".to_owned(),
        category: "Portal Upload".to_owned(),
        audience: "Amina Haddad".to_owned(),
        badge,
        accept: Some(("/staff/documents/1/accept".to_owned(), "2".to_owned())),
    }
}

#[test]
fn a_matter_shows_what_needs_attention_and_who_is_involved() {
    let html = rendered::page("staff-matter", &overview().render().unwrap());
    assert_eq!(all(&html, ".tabs__tab").len(), 6);
    assert_eq!(words(&html, ".tabs [aria-current=page]"), "Overview");
    assert_eq!(all(&html, "a.tile[href]").len(), 3);
    assert_eq!(
        all(&html, "form[data-confirm] button").len(),
        1,
        "only who has no access can be taken off"
    );
    assert_eq!(all(&html, "form[action='/staff/matters/1/close']").len(), 1);

    let mut wrong = overview();
    wrong
        .errors
        .add("client", "No client has this email address or reference.");
    wrong.client = "nobody@example.test".to_owned();
    let html = rendered::page("staff-matter-person-error", &wrong.render().unwrap());
    assert_eq!(all(&html, "details[open] #client[aria-invalid=true]").len(), 1);

    let mut closed = overview();
    closed.head.edit_href = None;
    closed.head.badge = Badge::new(Tone::Neutral, "Closed").with_icon("lock");
    closed.add_person_action = None;
    closed.close_action = None;
    closed.reopen_action = Some(format!("{BASE}/reopen"));
    let nothing = Overview {
        tiles: Vec::new(),
        tasks: TaskCard::default(),
        people: Vec::new(),
        team: Vec::new(),
        add_team_action: None,
        related: Vec::new(),
        recent: Vec::new(),
        ..closed
    };
    let html = rendered::page("staff-matter-closed", &nothing.render().unwrap());
    assert_eq!(all(&html, "main form").len(), 1, "only reopening is left");
}

#[test]
fn the_checklist_asks_for_more_by_template_and_by_hand() {
    let row = |title: &str, person: &str, badge, date| StaffRequestRow {
        href: format!("{BASE}/requests/1"),
        title: title.to_owned(),
        person: person.to_owned(),
        badge,
        due: date,
        files: "2 files".to_owned(),
    };
    let people = vec![
        Choice::new("1", "Amina Haddad", "1"),
        Choice::new("2", GERMAN, "1"),
    ];
    let mut page = Checklist {
        shell: shell(Place::Matters),
        head: head(),
        chips: vec![
            chip("All", "7", true),
            chip("To review", "2", false),
            chip("Waiting", "4", false),
        ],
        people: vec![chip("Everybody", "", true), chip(GERMAN, "1/4", false)],
        filtered: false,
        groups: vec![
            RequestGroup {
                title: "Identity".to_owned(),
                rows: vec![
                    row(
                        "Passport bio page",
                        "Amina Haddad",
                        submitted(),
                        Some(due("Due Fri 27 Nov", false)),
                    ),
                    row(
                        "Mietvertragsverlängerungsvereinbarung",
                        GERMAN,
                        submitted(),
                        Some(due("Was due Fri 13 Nov", true)),
                    ),
                ],
            },
            RequestGroup {
                title: "الحالة المالية".to_owned(),
                rows: vec![row(
                    "شهادة الزواج",
                    ARABIC,
                    Badge::new(Tone::Success, "Accepted"),
                    None,
                )],
            },
        ],
        zip_href: Some(format!("{BASE}/documents.zip")),
        adding: Some(Adding {
            people,
            template_action: format!("{BASE}/templates"),
            templates: vec![Choice::new("1", "Partner visa 820", "")],
            request_action: format!("{BASE}/requests"),
            ..Adding::default()
        }),
    };
    let html = rendered::page("staff-checklist", &page.render().unwrap());
    assert_eq!(all(&html, "li[data-item] a").len(), 3);
    assert_eq!(all(&html, "select[name=client_id]").len(), 2);

    page.adding
        .as_mut()
        .unwrap()
        .errors
        .add("title", "Say what you need.");
    page.adding.as_mut().unwrap().templates.clear();
    page.groups.clear();
    page.zip_href = None;
    let html = rendered::page("staff-checklist-none", &page.render().unwrap());
    assert_eq!(all(&html, "#title[aria-invalid=true]").len(), 1);
    page.adding = None;
    let html = rendered::page("staff-checklist-reader", &page.render().unwrap());
    assert!(all(&html, "main form").is_empty());
}

fn review() -> Review {
    Review {
        shell: shell(Place::Matters),
        head: head(),
        title: "Passport bio page".to_owned(),
        person: "Amina Haddad".to_owned(),
        badge: submitted(),
        due: Some(due("Due Fri 27 Nov", false)),
        reason: String::new(),
        help: "The page with your photo.".to_owned(),
        example: "A colour scan of both pages.".to_owned(),
        wanted: 2,
        edit_href: Some(format!("{BASE}/requests/1/edit")),
        upload_action: Some(format!("{BASE}/requests/1/files")),
        here: format!("{BASE}/requests/1"),
        version: "3".to_owned(),
        files: vec![
            document("IMG_2041.jpg", submitted()),
            document("جواز السفر.pdf", submitted()),
        ],
        total: 2,
        pager: None,
        pictures: vec![("IMG_2041.jpg".to_owned(), "/assets/favicon.svg".to_owned())],
        accept_action: Some(format!("{BASE}/requests/1/accept")),
        return_action: Some(format!("{BASE}/requests/1/return")),
        reasons: vec![Choice::new("The photo is too dark to read.", "Too dark", "")],
        errors: Errors::default(),
        sent_reason: String::new(),
        waive_action: Some(format!("{BASE}/requests/1/waive")),
        withdraw_action: None,
        reopen_action: None,
        next: Some(("Marriage certificate".to_owned(), format!("{BASE}/requests/2"))),
    }
}

#[test]
fn a_decision_is_about_the_version_that_was_seen() {
    let html = rendered::page("staff-review", &review().render().unwrap());
    for action in ["accept", "return", "waive"] {
        let version = format!("form[action='{BASE}/requests/1/{action}'] input[name=version][value='3']");
        assert_eq!(all(&html, &version).len(), 1, "{action}");
    }
    let mut wrong = review();
    wrong.errors.add("reason", "Say what the client should change.");
    let html = rendered::page("staff-review-error", &wrong.render().unwrap());
    assert_eq!(all(&html, "#reason[aria-invalid=true]").len(), 1);

    let done = Review {
        badge: Badge::new(Tone::Warning, "Returned").with_icon("return"),
        reason: "The bottom edge is cut off.".to_owned(),
        accept_action: None,
        return_action: None,
        waive_action: None,
        withdraw_action: Some(format!("{BASE}/requests/1/withdraw")),
        files: Vec::new(),
        total: 0,
        pictures: Vec::new(),
        next: None,
        ..review()
    };
    let html = rendered::page("staff-review-returned", &done.render().unwrap());
    assert!(words(&html, ".notice").contains("The bottom edge is cut off."));
}

#[test]
fn documents_and_activity_are_paged() {
    let pager = Pager {
        shown: "Showing 51-100 of 1,000".to_owned(),
        next_href: Some("?cursor=abc".to_owned()),
        ..Pager::default()
    };
    let page = Documents {
        shell: shell(Place::Matters),
        head: head(),
        chips: vec![chip("All", "4", true), chip("Pending review", "2", false)],
        q: String::new(),
        status: String::new(),
        upload: Some(StaffUpload {
            action: format!("{BASE}/files"),
            people: vec![Choice::new("1", GERMAN, "")],
            audiences: vec![Choice::new("staff-only", "Staff only", "staff-only")],
        }),
        filtered: false,
        rows: vec![
            document("passport.pdf", submitted()),
            document(
                "Aufenthaltstitelverlängerungsbescheinigung_Niederlassungserlaubnis_2026.pdf",
                active(),
            ),
            document("جواز السفر.pdf", submitted()),
        ],
        pager: pager.clone(),
        zip_href: Some(format!("{BASE}/documents.zip")),
    };
    let html = rendered::page("staff-documents", &page.render().unwrap());
    assert_eq!(all(&html, "a[rel=next]").len(), 1);
    let none = Documents {
        rows: Vec::new(),
        zip_href: None,
        ..page.clone()
    };
    assert_eq!(
        words(
            &rendered::page("staff-documents-none", &none.render().unwrap()),
            ".empty h2"
        ),
        "No documents yet"
    );
    let unmatched = Documents {
        filtered: true,
        ..none
    };
    assert_eq!(
        words(
            &rendered::page("staff-documents-no-match", &unmatched.render().unwrap()),
            ".empty h2"
        ),
        "No document matches"
    );

    let activity = Activity {
        shell: shell(Place::Matters),
        head: head(),
        chips: vec![chip("What happened", "", true), chip("Messages", "", false)],
        only_mail: false,
        items: overview().recent,
        mails: Vec::new(),
        pager,
    };
    let html = rendered::page("staff-activity", &activity.render().unwrap());
    assert_eq!(all(&html, ".timeline__item").len(), 3);
    let mail = |n: u32, subject: &str, error: &str| SentMail {
        id: format!("mail-{n}"),
        is_text: n == 3,
        subject: subject.to_owned(),
        to: format!("{GERMAN} <amina@example.test>"),
        when: "Today, 14:05".to_owned(),
        badge: Badge::new(Tone::Danger, "Failed"),
        error: error.to_owned(),
        text: "Hello Amina,\n\nplease send your passport.".to_owned(),
    };
    let mails = Activity {
        only_mail: true,
        mails: vec![
            mail(1, "Your documents", ""),
            mail(2, "جواز السفر", "refused: no such mailbox"),
            mail(3, "Text message", ""),
        ],
        ..activity
    };
    let html = rendered::page("staff-activity-mail", &mails.render().unwrap());
    assert!(words(&html, "#mail-2").contains("no such mailbox"));
    assert!(all(&html, "#mail-1 use[href$='#message']").is_empty());
    assert_eq!(
        all(&html, "#mail-3 use[href$='#message']").len(),
        1,
        "a text message has an icon of its own"
    );
    assert!(all(&html, ".timeline__item").is_empty());
}

#[test]
fn access_is_given_and_taken_person_by_person() {
    let row = |name: &str, badge, url: &str| AccessRow {
        name: name.to_owned(),
        client_href: "/staff/clients/1".to_owned(),
        email: "amina@example.test".to_owned(),
        part: "Principal".to_owned(),
        badge,
        url: url.to_owned(),
        dates: vec![
            "Invited Fri 20 Nov".to_owned(),
            "First opened Sat 21 Nov".to_owned(),
        ],
        ..AccessRow::default()
    };
    let url = "https://portal.example.test/p/AZqk3nT0d7W9example";
    let page = Access {
        shell: shell(Place::Matters),
        head: head(),
        rows: vec![
            AccessRow {
                invite_action: Some("/a/1/invite".to_owned()),
                preview_action: Some("/a/1/preview".to_owned()),
                revoke_action: Some("/a/1/revoke".to_owned()),
                ..row("Amina Haddad", active(), url)
            },
            AccessRow {
                restore_action: Some("/a/2/restore".to_owned()),
                ..row(GERMAN, revoked(), url)
            },
            AccessRow {
                enable_action: Some("/a/3/enable".to_owned()),
                can_invite: false,
                email: String::new(),
                dates: Vec::new(),
                ..row(ARABIC, without(), "")
            },
        ],
        people_href: BASE.to_owned(),
    };
    let html = rendered::page("staff-access", &page.render().unwrap());
    assert!(
        words(&html, "form[action='/a/1/revoke']").contains("Amina Haddad is signed out everywhere at once")
    );
    assert_eq!(all(&html, "[data-copy-from]").len(), 2);
    let none = Access {
        rows: Vec::new(),
        ..page
    };
    assert_eq!(
        words(
            &rendered::page("staff-access-none", &none.render().unwrap()),
            ".empty h2"
        ),
        "Nobody on this matter yet"
    );
}

#[test]
fn clients_are_listed_shown_and_changed() {
    let row = |name: &str| ClientRow {
        href: "/staff/clients/1".to_owned(),
        name: name.to_owned(),
        reference: "C-100".to_owned(),
        email: "amina@example.test".to_owned(),
        phone: "+61 2 5550 0100".to_owned(),
        badge: active(),
    };
    let list = Clients {
        shell: shell(Place::Clients),
        counted: "3 clients".to_owned(),
        q: String::new(),
        columns: columns(&["Name", "Reference", "Email", "Phone", "State"]),
        rows: vec![row("Amina Haddad"), row(GERMAN), row(ARABIC)],
        pager: Pager {
            shown: "Showing all 3".to_owned(),
            ..Pager::default()
        },
        new_href: Some("/staff/clients/new".to_owned()),
    };
    rendered::page("staff-clients", &list.render().unwrap());
    let unmatched = Clients {
        rows: Vec::new(),
        q: "zzz".to_owned(),
        ..list
    };
    assert_eq!(
        words(
            &rendered::page("staff-clients-no-match", &unmatched.render().unwrap()),
            ".empty h2"
        ),
        "No client matches"
    );

    let page = client_page();
    let html = rendered::page("staff-client", &page.render().unwrap());
    assert!(words(&html, "form[action$='/deactivate']").contains("is signed out everywhere at once"));
    let mut errors = Errors::default();
    errors.add("email", "Enter an email address, such as name@example.com.");
    let form = ClientForm {
        shell: shell(Place::Clients),
        heading: "New client".to_owned(),
        action: "/staff/clients".to_owned(),
        cancel_href: "/staff/clients".to_owned(),
        version: String::new(),
        errors,
        given_names: "Amina".to_owned(),
        family_name: "Haddad".to_owned(),
        email: "amina@".to_owned(),
        phone: String::new(),
        reference: String::new(),
        date_of_birth: "1991-03-03".to_owned(),
        nationality: "SY".to_owned(),
        language: "ar".to_owned(),
        time_zones: vec![Choice::new("Europe/London", "Europe/London", "Europe/London")],
        own_time_zone: "As the practice (Australia/Sydney)".to_owned(),
        passport_number: String::new(),
        passport_issued_on: String::new(),
        passport_expires_on: String::new(),
    };
    let html = rendered::page("staff-client-form", &form.render().unwrap());
    assert_eq!(all(&html, "#email[value='amina@'][aria-invalid=true]").len(), 1);
}

#[test]
fn templates_are_listed_and_changed() {
    let row = |name: &str| TemplateRow {
        href: "/staff/templates/1".to_owned(),
        name: name.to_owned(),
        items: "7 requests".to_owned(),
        updated: "Fri 20 Nov".to_owned(),
        archived: name.is_empty(),
    };
    let mut list = Templates {
        shell: shell(Place::Templates),
        rows: vec![
            row("Partner visa 820"),
            row("Aufenthaltstitelverlängerungsbescheinigungsverfahren"),
            row("تأشيرة الشريك"),
        ],
        chips: vec![chip("In use", "", true)],
        pager: Pager::default(),
        new_href: Some("/staff/templates/new".to_owned()),
    };
    rendered::page("staff-templates", &list.render().unwrap());
    list.rows.clear();
    rendered::page("staff-templates-none", &list.render().unwrap());
    let mut new = NewTemplate {
        shell: shell(Place::Templates),
        name: "Partner visa 820".to_owned(),
        description: String::new(),
        form: ItemForm::default(),
    };
    new.form.errors.add("name", "Another template has this name.");
    new.form.errors.add("title", "Please fill this in.");
    let html = rendered::page("staff-template-new", &new.render().unwrap());
    let wrong = "#name[value='Partner visa 820'][aria-invalid=true], #title[aria-invalid=true]";
    assert_eq!(all(&html, wrong).len(), 2);

    let item = |title: &str| TemplateItem {
        title: title.to_owned(),
        help: "The page with your photo.".to_owned(),
        notes: vec!["Required".to_owned(), "Due after 14 days".to_owned()],
        edit_href: Some("/staff/templates/1/items/0/1".to_owned()),
        up_action: Some("/staff/templates/1/items/0/1/up".to_owned()),
        remove_action: Some("/staff/templates/1/items/0/1/remove".to_owned()),
    };
    let page = TemplatePage {
        shell: shell(Place::Templates),
        name: "Partner visa 820".to_owned(),
        description: "What every partner visa needs".to_owned(),
        archived: false,
        version: "4".to_owned(),
        groups: vec![TemplateGroup {
            title: "Identity".to_owned(),
            items: vec![item("Passport bio page"), item("شهادة الميلاد")],
        }],
        editing: Some(Editing {
            rename_action: "/staff/templates/1".to_owned(),
            add_action: "/staff/templates/1/items".to_owned(),
            archive_action: Some("/staff/templates/1/archive".to_owned()),
            form: ItemForm {
                wanted: "1".to_owned(),
                required: true,
                ..ItemForm::default()
            },
            ..Editing::default()
        }),
    };
    let html = rendered::page("staff-template", &page.render().unwrap());
    assert_eq!(all(&html, "input[name=version][value='4']").len(), 7);
    let reader = TemplatePage {
        groups: Vec::new(),
        editing: None,
        ..page
    };
    let html = rendered::page("staff-template-reader", &reader.render().unwrap());
    assert!(all(&html, "main form").is_empty());
}

fn task_row(
    title: &str,
    person: &str,
    badge: Badge,
    due: Option<portal_server::web::client::Due>,
) -> TaskRow {
    TaskRow {
        href: "/staff/tasks/1".to_owned(),
        title: title.to_owned(),
        note: "Ask which of the two passports is valid until the journey \u{2026}".to_owned(),
        person: person.to_owned(),
        matter: None,
        due,
        done_action: Some("/staff/tasks/1/done".to_owned()),
        badge,
        back: "matter".to_owned(),
    }
}

fn open_badge() -> Badge {
    Badge::new(Tone::Info, "Open").with_icon("circle")
}

fn late_badge() -> Badge {
    Badge::new(Tone::Danger, "Overdue").with_icon("clock")
}

fn task_form() -> TaskForm {
    TaskForm {
        action: format!("{BASE}/tasks"),
        button: "Add the task".to_owned(),
        assignees: vec![Choice::new("1", "Sam Keller", ""), Choice::new("2", GERMAN, "")],
        ..TaskForm::default()
    }
}

fn task_card() -> TaskCard {
    TaskCard {
        hidden: 3,
        rows: vec![
            task_row(
                "Call Amina about Filing",
                "You",
                late_badge(),
                Some(due("Was due Fri 13 Nov", true)),
            ),
            TaskRow {
                note: String::new(),
                ..task_row(
                    "Antragsunterlagenvollständigkeitsprüfungsprotokoll an die Landesbehörde senden",
                    &format!("{GERMAN}, who does not work here any more"),
                    Badge::new(Tone::Warning, "Needs somebody"),
                    Some(due("Due tomorrow", false)),
                )
            },
            task_row(
                "اتصل بالعميل",
                "Anyone",
                Badge::new(Tone::Neutral, "From Fri 27 Nov, 09:12").with_icon("clock"),
                None,
            ),
        ],
        all_href: Some("/staff/tasks?show=all&matter=1".to_owned()),
        form: Some(task_form()),
    }
}

fn tasks(rows: Vec<TaskRow>) -> Tasks {
    Tasks {
        shell: shell(Place::Tasks),
        counted: format!("{} tasks to do", rows.len()),
        matter: None,
        chips: vec![
            chip("Mine", "3", true),
            chip("For anyone", "12", false),
            chip("All", "1,204", false),
            chip("Of people who left", "1", false),
            chip("Done", "", false),
        ],
        nothing: (
            "Nothing for you to do".to_owned(),
            "Tasks that workflows or colleagues give you appear here.".to_owned(),
        ),
        rows,
        pager: Pager {
            shown: "All 3".to_owned(),
            ..Pager::default()
        },
    }
}

#[test]
fn tasks_are_done_in_one_press() {
    let on_matters = |(number, row): (usize, TaskRow)| TaskRow {
        matter: Some((
            if number == 1 {
                ARABIC.to_owned()
            } else {
                "HM-2041 Partner visa 820".to_owned()
            },
            if number == 2 {
                String::new()
            } else {
                BASE.to_owned()
            },
        )),
        back: String::new(),
        ..row
    };
    let rows: Vec<TaskRow> = task_card().rows.into_iter().enumerate().map(on_matters).collect();
    let html = rendered::page("staff-tasks", &tasks(rows).render().unwrap());
    assert_eq!(
        all(&html, "li[data-item] form[action='/staff/tasks/1/done'] button").len(),
        3
    );
    assert_eq!(
        all(&html, "li[data-item] .meta a[href='/staff/matters/1']").len(),
        2
    );
    assert_eq!(words(&html, "main .chip[aria-current=true]"), "Mine 3");

    let mut nothing = tasks(Vec::new());
    nothing.matter = Some(("HM-2041 Partner visa 820".to_owned(), BASE.to_owned()));
    let html = rendered::page("staff-tasks-none", &nothing.render().unwrap());
    assert!(words(&html, "main .empty").starts_with("Nothing for you to do"));

    let done = TaskRow {
        person: "Sam Keller, Today, 14:05".to_owned(),
        badge: Badge::new(Tone::Success, "Done"),
        done_action: None,
        ..task_row("Call Amina about Filing", "", open_badge(), None)
    };
    let html = rendered::page("staff-tasks-done", &tasks(vec![done]).render().unwrap());
    assert!(all(&html, "main form").is_empty());
}

#[test]
fn one_task_says_where_it_comes_from() {
    let page = TaskPage {
        shell: shell(Place::Tasks),
        heading: "Call Amina about Filing".to_owned(),
        badge: Some(late_badge()),
        back: ("HM-2041 Partner visa 820".to_owned(), BASE.to_owned()),
        facts: vec![
            fact("Matter", "HM-2041 Partner visa 820"),
            fact("For", "You"),
            fact("Due", "Fri 13 Nov"),
            fact("Set by the workflow", "T-Visa, filing"),
        ],
        note: "Ask which passport is valid.\nIn the morning.".to_owned(),
        form: Some(TaskForm {
            action: "/staff/tasks/1".to_owned(),
            button: "Save".to_owned(),
            version: "2".to_owned(),
            title: "Call Amina about Filing".to_owned(),
            note: "Ask which passport is valid.\nIn the morning.".to_owned(),
            due_on: "2026-11-13".to_owned(),
            ..task_form()
        }),
        done_action: Some("/staff/tasks/1/done".to_owned()),
        reopen_action: None,
    };
    let html = rendered::page("staff-task", &page.render().unwrap());
    assert_eq!(all(&html, "form[action='/staff/tasks/1/done'] button").len(), 1);
    assert_eq!(
        all(
            &html,
            "form[action='/staff/tasks/1'] input[name=version][value='2']"
        )
        .len(),
        1
    );

    let mut wrong = page.clone();
    let form = wrong.form.as_mut().unwrap();
    form.title = String::new();
    form.errors.add("title", "Please fill this in.");
    form.errors.add("assignee_id", "Choose somebody who works here.");
    let html = rendered::page("staff-task-errors", &wrong.render().unwrap());
    assert_eq!(all(&html, "main [aria-invalid=true]").len(), 2);

    let seen = TaskPage {
        form: None,
        done_action: None,
        ..page
    };
    let html = rendered::page("staff-task-read", &seen.render().unwrap());
    assert!(words(&html, ".task__note").contains("In the morning."));
    assert!(all(&html, "main form").is_empty());
}

fn texts() -> TextCard {
    let held = |when: &str| HeldText {
        href: format!("{BASE}/activity?show=mail#mail-1"),
        when: when.to_owned(),
        why: "they did not agree to text messages".to_owned(),
    };
    let mut later = happened(
        "minus-circle",
        GERMAN,
        "recorded that they wanted no more text messages, in person or on the telephone",
        "",
    );
    later.note = String::from("On Mon 2 Nov: no note \u{2013} \u{0646}\u{0639}\u{0645}");
    TextCard {
        badge: Badge::new(Tone::Warning, "Not agreed yet").with_icon("minus-circle"),
        text: "The practice texts only numbers that agreed. Record here that they did, or ask them to text START.".to_owned(),
        held: vec![held("Fri 20 Nov, 09:12"), held("Today, 14:05")],
        history: vec![
            later,
            happened("check-circle", "They", "texted START", ""),
        ],
        refused: Errors::default(),
        form: Some(ConsentForm {
            action: "/staff/clients/1/consent".to_owned(),
            agreements: vec![
                Choice::new("agreed", "They agree to text messages", "agreed"),
                Choice::new("declined", "They want no text messages", "agreed"),
            ],
            ways: vec![Choice::new("spoken", "In person or on the telephone", "spoken")],
            said_on: "2026-11-20".to_owned(),
            ..ConsentForm::default()
        }),
    }
}

fn client_page() -> ClientPage {
    ClientPage {
        messages_href: Some("/staff/inbox/1".to_owned()),
        shell: shell(Place::Clients),
        name: GERMAN.to_owned(),
        badge: active(),
        contact: vec![fact("Email", "amina@example.test"), fact("Phone", "")],
        identity: vec![
            fact("Date of birth", "3 Mar 1991"),
            fact("Passport", "N1234567, expires 1 Feb 2030"),
        ],
        texts: texts(),
        matters: vec![
            matter(2041, GERMAN, "Filing", submitted()),
            MatterRow {
                stage: String::new(),
                access: revoked(),
                ..matter(2042, "", "", active())
            },
        ],
        total: 2,
        pager: Pager::default(),
        edit_href: Some("/staff/clients/1/edit".to_owned()),
        new_matter_href: Some("/staff/matters/new?client=1".to_owned()),
        deactivate_action: Some("/staff/clients/1/deactivate".to_owned()),
        activate_action: None,
        erase_href: Some("/staff/clients/1/erase".to_owned()),
    }
}

#[test]
fn erasing_says_what_goes_and_what_stays_and_asks_for_the_reference() {
    let page = ErasePage {
        shell: shell(Place::Clients),
        name: GERMAN.to_owned(),
        client_href: "/staff/clients/1".to_owned(),
        action: "/staff/clients/1/erase".to_owned(),
        question: "Type \u{201c}C-1001\u{201d} to confirm".to_owned(),
        confirm: String::new(),
        errors: Errors::default(),
    };
    let html = rendered::page("staff-client-erase", &page.render().unwrap());
    assert_eq!(
        all(&html, "form[action='/staff/clients/1/erase'] #confirm").len(),
        1
    );
    let mut wrong = page;
    wrong
        .errors
        .add("confirm", "Type \u{201c}C-1001\u{201d} to confirm.");
    let html = rendered::page("staff-client-erase-error", &wrong.render().unwrap());
    assert_eq!(all(&html, "#confirm[aria-invalid=true]").len(), 1);
}

#[test]
fn a_client_says_what_they_want_of_text_messages() {
    let page = client_page();
    let html = rendered::page("staff-client", &page.render().unwrap());
    assert_eq!(all(&html, "[aria-labelledby=texts-title] .notice a").len(), 2);

    let mut wrong = page.clone();
    let form = wrong.texts.form.as_mut().unwrap();
    form.errors
        .add("said_on", "Give the day on which they said so: today or before.");
    let html = rendered::page("staff-client-consent-error", &wrong.render().unwrap());
    assert_eq!(all(&html, "details[open] #said_on[aria-invalid=true]").len(), 1);

    let mut stopped = page;
    stopped.texts = TextCard {
        badge: Badge::new(Tone::Warning, "Stopped by them").with_icon("minus-circle"),
        text: "They texted STOP (Fri 20 Nov). Nothing is texted to this number, and nobody here can change that: they \
               start messages again by texting START."
            .to_owned(),
        held: Vec::new(),
        form: None,
        ..texts()
    };
    let html = rendered::page("staff-client-stopped", &stopped.render().unwrap());
    assert!(all(&html, "form[action$='/consent']").is_empty());
}
