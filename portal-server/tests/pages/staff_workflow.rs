//! A workflow as a form: blank, full, with long German and Arabic words, with errors, and after a conflict.

use askama::Template;
use portal_server::web::{
    staff::{
        Place,
        workflow_form::{
            AutomationFields, Changed, CriterionFields, CriterionValue, FieldRow, Part, Preview,
            RequirementFields, TextFields, TrialView, WorkflowForm,
        },
    },
    view::{Choice, Errors},
};

use crate::rendered::{self, all, words};
use crate::staff::{ARABIC, GERMAN, shell};

fn at(id: &str, errors: &Errors) -> Part {
    Part {
        id: id.to_owned(),
        errors: errors.clone(),
    }
}

fn tests(chosen: &str) -> Vec<Choice> {
    [
        ("", "does not matter"),
        ("one-of", "is one of"),
        ("below", "is anything below"),
        ("none-of", "is none of"),
    ]
    .map(|(value, label)| Choice::new(value, label, chosen))
    .to_vec()
}

fn parts() -> Vec<Choice> {
    vec![
        Choice::new("principal", "Principal", "principal"),
        Choice::new("partner", "Partner", ""),
    ]
}

fn value(name: &str, depth: usize, chosen: &str) -> CriterionValue {
    CriterionValue {
        choice: Choice::new(name, name, chosen),
        depth,
    }
}

fn criteria(errors: &Errors) -> Vec<CriterionFields> {
    vec![
        CriterionFields {
            at: at("c0", errors),
            dimension: "Practice area".to_owned(),
            tests: tests("one-of"),
            values: vec![
                value("Immigration", 0, ""),
                value("T-Visa", 1, "T-Visa"),
                value(GERMAN, 2, ""),
                value("الهجرة", 0, ""),
            ],
            parents: vec![Choice::new("Immigration", "Immigration", "")],
            is_more: false,
            findings: vec![
                "T-Visa, filing has a criterion on the value “T-Visa (old)” of Practice area, which the taxonomy does not have.".to_owned(),
            ],
        },
        CriterionFields {
            at: at("c1", errors),
            dimension: "Antragsunterlagenvollständigkeitsprüfungsabschnitt".to_owned(),
            tests: tests("below"),
            values: vec![value("Filing", 0, "")],
            parents: vec![Choice::new("Filing", "Filing", "Filing")],
            is_more: true,
            findings: Vec::new(),
        },
    ]
}

fn requirement(id: &str, title: &str, errors: &Errors) -> RequirementFields {
    RequirementFields {
        at: at(id, errors),
        title: title.to_owned(),
        help: "The page with your photo, so that we can prove who you are.".to_owned(),
        group: "Identity".to_owned(),
        key: "passport-bio-page".to_owned(),
        parts: parts(),
        wanted: "1".to_owned(),
        due: "14".to_owned(),
        required: true,
        findings: Vec::new(),
    }
}

fn text(id: &str, language: &str, text: &str, preview: Preview, errors: &Errors) -> TextFields {
    TextFields {
        at: at(id, errors),
        language: language.to_owned(),
        subject: String::new(),
        text: text.to_owned(),
        preview: Some(preview),
        is_more: true,
    }
}

fn phone(text: &str, notes: [&str; 4], warning: &str) -> Preview {
    Preview {
        phone: true,
        text: text.to_owned(),
        notes: notes.map(str::to_owned).to_vec(),
        warning: warning.to_owned(),
        ..Preview::default()
    }
}

fn hours(chosen: &str) -> Vec<Choice> {
    vec![
        Choice::new("", "never", chosen),
        Choice::new("8", "08:00", chosen),
        Choice::new("21", "21:00", chosen),
    ]
}

fn message(errors: &Errors) -> AutomationFields {
    AutomationFields {
        at: at("a0", errors),
        channel: "sms".to_owned(),
        title: "Text message",
        icon: "phone",
        enabled: true,
        parts: parts(),
        text: "Text",
        texts: vec![
            text(
                "a0_l0",
                "de",
                "Guten Tag {{ client.name }}, bitte senden Sie uns Ihren Reisepass.",
                phone(
                    &format!("Guten Tag {GERMAN}, bitte senden Sie uns Ihren Reisepass."),
                    ["With HM-2041", "1 segment", "138 of 160 characters", "GSM-7"],
                    "",
                ),
                errors,
            ),
            text(
                "a0_l1",
                "ar",
                "نحتاج إلى مستند منك.",
                phone(
                    &format!("{ARABIC}، نحتاج إلى مستند منك."),
                    ["With HM-2041", "1 segment", "43 of 70 characters", "UCS-2"],
                    "One segment holds 70 characters, not 160, because of: “",
                ),
                errors,
            ),
            TextFields {
                preview: Some(Preview {
                    fault: "There is no client.frist_name. Did you mean client.first_name?".to_owned(),
                    ..Preview::default()
                }),
                ..text("a0_l2", "en", "Hi {{ client.frist_name }}", Preview::default(), errors)
            },
        ],
        timing: "after 2 hours, not from 21:00 to 08:00, each time".to_owned(),
        delay: "2".to_owned(),
        delay_units: vec![Choice::new("hours", "hours", "hours")],
        quiet_from: hours("21"),
        quiet_until: hours(""),
        again: vec![Choice::new("", "Each time a matter enters", "")],
        findings: vec![
            "The original and This workflow both write to the principal by text message on the same entry. See: Practice area: T-Visa.".to_owned(),
        ],
        ..AutomationFields::default()
    }
}

fn task(errors: &Errors) -> AutomationFields {
    AutomationFields {
        at: at("a1", errors),
        channel: "task".to_owned(),
        title: "Task for staff",
        icon: "check-circle",
        parts: Vec::new(),
        assignees: vec![
            Choice::new("", "The matter's owner", ""),
            Choice::new("1", GERMAN, ""),
        ],
        subject: "What is to be done",
        text: "Notes",
        text_optional: true,
        texts: vec![TextFields {
            at: at("a1_l0", errors),
            language: "en".to_owned(),
            subject: "Call {{ client.name }}".to_owned(),
            ..TextFields::default()
        }],
        findings: Vec::new(),
        ..message(errors)
    }
}

fn full(errors: Errors) -> WorkflowForm {
    WorkflowForm {
        shell: shell(Place::Workflows),
        heading: "T-Visa, filing".to_owned(),
        lead: "It is on. What you save counts from then on; what it asked for and sent stays.".to_owned(),
        action: "/staff/workflows/1/edit".to_owned(),
        keep: "workflow".to_owned(),
        cancel_href: "/staff/workflows/1".to_owned(),
        version: "3".to_owned(),
        base: "{}".to_owned(),
        changed: Vec::new(),
        name: "T-Visa, filing".to_owned(),
        priority: "0".to_owned(),
        states: vec![
            Choice::new("", "On", ""),
            Choice::new("draft", "Draft, which matches nothing", ""),
        ],
        criteria: criteria(&errors),
        requirements: vec![
            requirement("r0", "Passport bio page", &errors),
            requirement("r3", "Mietvertragsverlängerungsvereinbarungsbestätigung", &errors),
            requirement("r4", "شهادة الزواج", &errors),
        ],
        automations: vec![message(&errors), task(&errors)],
        kinds: vec![
            ("add-sms".to_owned(), "Add a text message".to_owned(), "phone"),
            ("add-email".to_owned(), "Add an email".to_owned(), "mail"),
        ],
        fields: vec![
            FieldRow {
                code: "{{ client.name }}".to_owned(),
                example: GERMAN.to_owned(),
            },
            FieldRow {
                code: "{{ portal.url }}".to_owned(),
                example: "https://portal.example.com/p/AZsQ2fX7c9mJr1xk0a8Tqg".to_owned(),
            },
        ],
        languages: &[("en", "English"), ("de", "German")],
        trial: TrialView {
            sentence: "A matter in T-Visa enters Filing".to_owned(),
            count: "12 open matters match it today".to_owned(),
            bound: "Of 1,204 open matters.".to_owned(),
            first: vec![
                (
                    "/staff/matters/1".to_owned(),
                    "HM-2041".to_owned(),
                    "Filing · T-Visa".to_owned(),
                ),
                (
                    "/staff/matters/2".to_owned(),
                    GERMAN.to_owned(),
                    ARABIC.to_owned(),
                ),
            ],
            more: "and 10 more".to_owned(),
            findings: vec![
                "This workflow matches exactly the same as The original. See: Practice area: T-Visa."
                    .to_owned(),
            ],
            note: "2 findings stand beside what causes them.".to_owned(),
            matters: vec![
                Choice::new("1", "HM-2041", "1"),
                Choice::new("example", "An example", ""),
            ],
        },
        save: "Save".to_owned(),
        begin_at: String::new(),
        errors,
    }
}

#[test]
fn a_workflow_is_a_form_with_what_it_brings_beside_it() {
    let html = rendered::page("staff-workflow-form", &full(Errors::default()).render().unwrap());
    assert_eq!(all(&html, "form[data-preview][data-keep]").len(), 1);
    assert_eq!(all(&html, ".preview--phone").len(), 2);
    assert_eq!(
        all(&html, "[data-fresh]:not([id])").len(),
        0,
        "what is put in place has a name"
    );
    // Enter checks, and neither saves nor takes anything out.
    let buttons = all(&html, "#workflow button");
    assert_eq!(buttons.first().unwrap().attr("value"), Some("check"));
    assert_eq!(all(&html, "[name=a1_to]").len(), 0, "a task goes to staff");
    assert_eq!(all(&html, "[name=a0_assignee]").len(), 0);

    let blank = WorkflowForm {
        heading: "New workflow".to_owned(),
        version: String::new(),
        base: String::new(),
        states: Vec::new(),
        criteria: Vec::new(),
        requirements: Vec::new(),
        automations: Vec::new(),
        trial: TrialView {
            count: "Once it says which matters it is for, the number of those stands here.".to_owned(),
            ..TrialView::default()
        },
        ..full(Errors::default())
    };
    let html = rendered::page("staff-workflow-form-blank", &blank.render().unwrap());
    assert_eq!(all(&html, ".empty a[href='/staff/taxonomy']").len(), 1);
}

#[test]
fn what_is_wrong_stands_on_top_and_beside_its_field() {
    let mut errors = Errors::default();
    let wrong = [
        ("name", "Another workflow has this name."),
        ("c0_test", "This criterion is empty: name at least one value."),
        ("r3_wanted", "Choose 1 to 50 files."),
        (
            "r4_key",
            "Two requirements of this workflow have the key “passport-bio-page”.",
        ),
        ("a0_to", "Two automations send the same people a text message."),
        (
            "a0_l2_text",
            "There is no client.frist_name. Did you mean client.first_name?",
        ),
        ("a0_until", "Give both hours, or none."),
        ("a1_due", "Choose at most 3650 days."),
    ];
    for (field, text) in wrong {
        errors.add(field, text);
    }
    let html = rendered::page(
        "staff-workflow-form-error",
        &full(errors.clone()).render().unwrap(),
    );
    for (field, text) in wrong {
        assert_eq!(words(&html, &format!("#{field}-error")), text, "{field}");
        assert_eq!(
            all(&html, &format!("#{field}[aria-invalid=true]")).len(),
            1,
            "{field}"
        );
        assert_eq!(
            all(&html, &format!("[role=alert] a[href='#{field}']")).len(),
            1,
            "{field}"
        );
    }
    assert_eq!(
        all(&html, "details[open] #a0_until, details[open] #r4_key").len(),
        2
    );

    errors.0.truncate(1);
    let change = |what: &str, before: &str, now: &str, both| Changed {
        what: what.to_owned(),
        before: before.to_owned(),
        now: now.to_owned(),
        both,
    };
    let conflict = WorkflowForm {
        changed: vec![
            change("Name", "T-Visa, filing", GERMAN, true),
            change("Document", "", &format!("{ARABIC}: Required"), false),
            change(
                "Text message",
                "Text message to the principal: en “Hello”",
                "",
                false,
            ),
        ],
        ..full(errors)
    };
    let html = rendered::page("staff-workflow-form-conflict", &conflict.render().unwrap());
    assert_eq!(all(&html, "section.notice li").len(), 3);
}
