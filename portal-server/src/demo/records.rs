//! The people and matters of the demo practice. All of them are made up; addresses are in domains that RFC 2606
//! keeps free.

use portal_core::checklist::{TemplateDraft, TemplateGroup, TemplateItem};
use portal_core::client::ClientDraft;
use portal_core::matter::Part;
use portal_core::policy::Role;
use portal_core::practice::{PracticeDraft, PracticeSettings};

/// The password of everybody who works for the demo practice.
pub const PASSWORD: &str = "harbour-demo-portal";

pub(super) fn practice() -> PracticeDraft {
    PracticeDraft {
        name: "Harbour Migration".into(),
        sender_name: "Harbour Migration".into(),
        brand_colour: "#0b6e75".into(),
        locale: "en-AU".into(),
        time_zone: "Australia/Sydney".into(),
        country: "AU".into(),
        matter_word: "Application".into(),
        help_text: "Call us on (02) 5550 0148, Monday to Friday from 9 am to 5 pm, or write to hello@harbour.example.".into(),
        settings: PracticeSettings::default(),
    }
}

/// Name, address and role; the first is the owner.
pub(super) const STAFF: [(&str, &str, Role); 5] = [
    ("Sam Keller", "sam@harbour.example", Role::Owner),
    ("Priya Nair", "priya@harbour.example", Role::Admin),
    ("Jonas Weber", "jonas@harbour.example", Role::Manager),
    ("Lucy Tran", "lucy@harbour.example", Role::Member),
    ("Ruth Stone", "ruth@harbour.example", Role::Auditor),
];

/// A client: reference, given names, family name, address, telephone, nationality, language.
pub(super) type Person = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

pub(super) const CLIENTS: [Person; 14] = [
    (
        "C-1001",
        "Amina",
        "Haddad",
        "amina.haddad@example.com",
        "0491 570 156",
        "Lebanon",
        "en",
    ),
    (
        "C-1002",
        "Omar",
        "Haddad",
        "omar.haddad@example.com",
        "0491 570 157",
        "Australia",
        "en",
    ),
    (
        "C-1003",
        "\u{644}\u{64a}\u{644}\u{649}",
        "\u{62d}\u{62f}\u{627}\u{62f}",
        "layla.haddad@example.com",
        "",
        "Lebanon",
        "ar",
    ),
    (
        "C-1004",
        "Karl-Friedrich Maximilian",
        "von und zu Hohenstein-Waldburg",
        "kf.hohenstein@example.org",
        "",
        "Germany",
        "de",
    ),
    (
        "C-1005",
        "Siobh\u{e1}n",
        "O\u{2019}Reilly",
        "siobhan@example.net",
        "0491 570 158",
        "Ireland",
        "en",
    ),
    (
        "C-1006",
        "Minh Anh",
        "Nguy\u{1ec5}n",
        "minh.anh@example.com",
        "0491 570 159",
        "Vietnam",
        "vi",
    ),
    (
        "C-1007",
        "Thabo",
        "Mokoena",
        "thabo.mokoena@example.org",
        "0491 570 110",
        "South Africa",
        "en",
    ),
    (
        "C-1008",
        "Isabela",
        "Ferreira Costa",
        "isabela@example.com",
        "",
        "Brazil",
        "pt",
    ),
    (
        "C-1009",
        "Rafael",
        "Ferreira Costa",
        "rafael@example.com",
        "",
        "Brazil",
        "pt",
    ),
    (
        "C-1010",
        "Priyanka",
        "Deshmukh",
        "priyanka.d@example.net",
        "0491 571 266",
        "India",
        "en",
    ),
    (
        "C-1011",
        "Yuki",
        "Tanaka",
        "yuki.tanaka@example.com",
        "",
        "Japan",
        "ja",
    ),
    (
        "C-1012",
        "Grace",
        "Okafor",
        "grace.okafor@example.org",
        "0491 571 491",
        "Nigeria",
        "en",
    ),
    (
        "C-1013",
        "Daniel",
        "Kowalczyk",
        "daniel.k@example.com",
        "0491 571 804",
        "Poland",
        "pl",
    ),
    ("C-1014", "Mele", "Taufa", "", "0491 572 549", "Tonga", "en"),
];

pub(super) fn client((reference, given, family, email, phone, nationality, language): Person) -> ClientDraft {
    ClientDraft {
        reference: reference.into(),
        given_names: given.into(),
        family_name: family.into(),
        email: email.into(),
        phone: phone.into(),
        nationality: nationality.into(),
        language: language.into(),
        ..ClientDraft::default()
    }
}

/// How far a matter's principal has come with the checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Nothing was asked yet.
    NotAsked,
    /// Asked and not begun.
    Asked,
    /// Some is provided, some waits for review, one was returned.
    Halfway,
    /// All is provided and accepted.
    Complete,
}

/// A matter of the demo.
pub(super) struct Case {
    pub reference: &'static str,
    pub title: &'static str,
    pub area: &'static str,
    pub stage: &'static str,
    /// Index into [`STAFF`].
    pub owner: usize,
    /// Reference of the matter that it is part of.
    pub parent: Option<&'static str>,
    /// Index into [`CLIENTS`], and the part.
    pub people: &'static [(usize, Part)],
    /// Index into [`templates`].
    pub template: usize,
    pub progress: Progress,
    pub closed: bool,
}

#[expect(clippy::too_many_arguments, reason = "a row of the table below")]
const fn case(
    reference: &'static str,
    title: &'static str,
    area: &'static str,
    stage: &'static str,
    owner: usize,
    people: &'static [(usize, Part)],
    template: usize,
    progress: Progress,
) -> Case {
    Case {
        reference,
        title,
        area,
        stage,
        owner,
        parent: None,
        people,
        template,
        progress,
        closed: false,
    }
}

use Part::{Contact, Dependant, Partner, Principal};
use Progress::{Asked, Complete, Halfway, NotAsked};

pub(super) const CASES: [Case; 12] = [
    case(
        "HM-2041",
        "Partner visa 820",
        "Partner",
        "Documents",
        0,
        &[(0, Principal), (1, Partner)],
        0,
        Halfway,
    ),
    Case {
        parent: Some("HM-2041"),
        ..case(
            "HM-2042",
            "Dependent child 445",
            "Partner",
            "Documents",
            0,
            &[(2, Dependant)],
            1,
            Asked,
        )
    },
    case(
        "HM-2035",
        "Skilled independent 189",
        "Skilled",
        "Assessment",
        2,
        &[(3, Principal)],
        2,
        Halfway,
    ),
    case(
        "HM-2036",
        "Employer nomination 186",
        "Skilled",
        "Documents",
        3,
        &[(4, Principal), (6, Contact)],
        2,
        Asked,
    ),
    case(
        "HM-2037",
        "Student visa 500",
        "Student",
        "Lodged",
        3,
        &[(5, Principal)],
        1,
        Complete,
    ),
    case(
        "HM-2038",
        "Skills in demand 482",
        "Skilled",
        "Documents",
        3,
        &[(6, Principal)],
        2,
        Halfway,
    ),
    case(
        "HM-2039",
        "Partner visa 309",
        "Partner",
        "Intake",
        2,
        &[(7, Principal), (8, Partner)],
        0,
        Asked,
    ),
    case(
        "HM-2040",
        "Citizenship by conferral",
        "Citizenship",
        "Documents",
        1,
        &[(9, Principal)],
        1,
        Halfway,
    ),
    case(
        "HM-2043",
        "Working holiday 417",
        "Visitor",
        "Intake",
        3,
        &[(10, Principal)],
        1,
        NotAsked,
    ),
    case(
        "HM-2044",
        "Parent visa 143",
        "Family",
        "Documents",
        0,
        &[(11, Principal)],
        0,
        Asked,
    ),
    Case {
        closed: true,
        ..case(
            "HM-1987",
            "Skilled regional 491",
            "Skilled",
            "Granted",
            2,
            &[(12, Principal)],
            2,
            Complete,
        )
    },
    case(
        "HM-2045",
        "Visitor visa 600",
        "Visitor",
        "Intake",
        0,
        &[(13, Principal)],
        1,
        Asked,
    ),
];

fn item(title: &str, help: &str, example: &str, wanted: u32, due_in_days: u32) -> TemplateItem {
    TemplateItem {
        key: String::new(),
        title: title.into(),
        help: help.into(),
        example: example.into(),
        wanted,
        required: true,
        due_in_days: Some(due_in_days),
    }
}

fn group(name: &str, items: Vec<TemplateItem>) -> TemplateGroup {
    TemplateGroup {
        name: name.into(),
        items,
    }
}

fn identity() -> TemplateGroup {
    group(
        "Identity",
        vec![
            item(
                "Passport bio page",
                "The page with your photo and details. The visa office checks every letter of it, so all four corners must show.",
                "A colour photo or scan taken in daylight, without a flash.",
                1,
                21,
            ),
            item(
                "Birth certificate",
                "The full certificate that names your parents.",
                "If it is not in English, add a certified translation as a second file.",
                1,
                28,
            ),
            item(
                "Passport photo",
                "Taken in the last six months.",
                "Plain background, no glasses.",
                1,
                28,
            ),
        ],
    )
}

/// The templates of the demo practice.
pub(super) fn templates() -> [TemplateDraft; 3] {
    [
        TemplateDraft {
            name: "Partner visa".into(),
            description: "For the applicant of an onshore or offshore partner visa.".into(),
            groups: vec![
                identity(),
                group(
                    "Relationship",
                    vec![
                        item(
                            "Marriage certificate",
                            "Or the registration of your relationship.",
                            "",
                            1,
                            28,
                        ),
                        item(
                            "Photos together",
                            "Photos over the time you have known each other, with family and friends.",
                            "Three to ten photos, each with a date.",
                            3,
                            35,
                        ),
                        item(
                            "Statement of your relationship",
                            "How you met, when you moved in together, and how you share your life.",
                            "One or two pages in your own words, signed and dated.",
                            1,
                            35,
                        ),
                    ],
                ),
                group(
                    "Character",
                    vec![item(
                        "Police certificate",
                        "From every country where you lived for a year or more since you turned 16.",
                        "",
                        1,
                        42,
                    )],
                ),
            ],
            archived: false,
        },
        TemplateDraft {
            name: "Identity documents".into(),
            description: "What every application begins with.".into(),
            groups: vec![identity()],
            archived: false,
        },
        TemplateDraft {
            name: "Skilled visa".into(),
            description: "For skilled and employer-sponsored visas.".into(),
            groups: vec![
                identity(),
                group(
                    "Employment",
                    vec![
                        item(
                            "R\u{e9}sum\u{e9}",
                            "Your full work history, newest first.",
                            "",
                            1,
                            14,
                        ),
                        item(
                            "Work references",
                            "From each employer of the last ten years.",
                            "On letterhead, with dates, hours and duties.",
                            2,
                            28,
                        ),
                    ],
                ),
                group(
                    "Education",
                    vec![item(
                        "Degree and transcript",
                        "For each qualification that you rely on.",
                        "",
                        2,
                        28,
                    )],
                ),
                group(
                    "English",
                    vec![item(
                        "English test result",
                        "Not older than three years.",
                        "IELTS, PTE or TOEFL.",
                        1,
                        28,
                    )],
                ),
            ],
            archived: false,
        },
    ]
}
