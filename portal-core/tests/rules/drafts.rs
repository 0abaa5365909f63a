//! Forms: everything that is wrong is told at once, and what is right saves as it was given.

use std::collections::BTreeMap;

use portal_core::client::{Client, ClientDraft};
use portal_core::identity::{NewStaffMember, StaffMember};
use portal_core::matter::{Matter, MatterDraft};
use portal_core::policy::Role;
use portal_core::practice::{Practice, PracticeDraft, PracticeSettings};
use portal_core::testing::{Samples, strategies};
use portal_core::{Invalid, Version};
use proptest::prelude::*;

fn fields(invalid: &Invalid) -> Vec<&str> {
    invalid.errors.iter().map(|error| error.field.as_str()).collect()
}

#[test]
fn every_wrong_field_of_a_client_is_named_at_once_in_the_order_of_the_form() {
    let samples = Samples::new(1);
    let draft = ClientDraft {
        reference: "r".repeat(61),
        given_names: " ".into(),
        family_name: "Be\u{202e}rg".into(),
        email: "anna".into(),
        phone: "12".into(),
        date_of_birth: "17.05.1990".into(),
        nationality: "n".repeat(61),
        passport_number: "a\0b".into(),
        passport_issued_on: "2021-02-30".into(),
        passport_expires_on: "soon".into(),
        language: "l".repeat(36),
        time_zone: "Mars/Olympus".into(),
    };
    let invalid = Client::new(samples.id(), samples.practice, &draft, "AU", samples.at).unwrap_err();
    let expected = [
        "reference",
        "given_names",
        "family_name",
        "email",
        "phone",
        "date_of_birth",
        "nationality",
        "passport_number",
        "passport_issued_on",
        "passport_expires_on",
        "language",
        "time_zone",
    ];
    assert_eq!(fields(&invalid), expected);
    assert!(
        invalid
            .errors
            .iter()
            .all(|error| error.message.ends_with('.') && !error.code.is_empty())
    );
}

#[test]
fn dates_must_make_sense() {
    let samples = Samples::new(1);
    let draft = |born: &str, issued: &str, expires: &str| ClientDraft {
        given_names: "Anna".into(),
        date_of_birth: born.into(),
        passport_issued_on: issued.into(),
        passport_expires_on: expires.into(),
        ..ClientDraft::default()
    };
    let outcome =
        |draft: &ClientDraft| match Client::new(samples.id(), samples.practice, draft, "AU", samples.at) {
            Ok(_) => Vec::new(),
            Err(invalid) => fields(&invalid).iter().map(ToString::to_string).collect(),
        };
    for (born, issued, expires, wrong) in [
        ("1990-05-17", "2021-02-01", "2031-02-01", &[][..]),
        ("2026-03-02", "", "", &[]),
        ("2026-03-03", "", "", &["date_of_birth"]),
        ("1849-12-31", "", "", &["date_of_birth"]),
        ("2201-01-01", "", "", &["date_of_birth"]),
        ("1990-5-17", "", "", &["date_of_birth"]),
        ("+1990-05-17", "", "", &["date_of_birth"]),
        ("1990-W20-4", "", "", &["date_of_birth"]),
        ("2023-02-29", "", "", &["date_of_birth"]),
        ("2024-02-29", "", "", &[]),
        ("", "2021-02-01", "2021-02-01", &["passport_expires_on"]),
        ("", "2021-02-02", "2021-02-01", &["passport_expires_on"]),
        ("", "", "2031-02-01", &[]),
    ] {
        assert_eq!(
            outcome(&draft(born, issued, expires)),
            wrong,
            "{born} {issued} {expires}"
        );
    }
}

#[test]
fn every_wrong_field_of_a_practice_is_named_at_once() {
    let samples = Samples::new(1);
    let draft = PracticeDraft {
        name: String::new(),
        sender_name: "s".repeat(121),
        brand_colour: "blue".into(),
        locale: String::new(),
        time_zone: "z".repeat(65),
        country: "AUS".into(),
        matter_word: String::new(),
        help_text: "h".repeat(401),
        settings: PracticeSettings {
            link_minutes: 9,
            session_minutes: 2_881,
            idle_minutes: 4,
            upload_most_bytes: 0,
            text_consent_needed: true,
            approval_factor_needed: true,
        },
    };
    let invalid = Practice::new(samples.practice, &draft, samples.at).unwrap_err();
    let named = fields(&invalid);
    for field in [
        "name",
        "sender_name",
        "brand_colour",
        "locale",
        "time_zone",
        "country",
        "matter_word",
        "help_text",
        "settings.link_minutes",
        "settings.session_minutes",
        "settings.idle_minutes",
        "settings.upload_most_bytes",
    ] {
        assert_eq!(
            named.iter().filter(|name| **name == field).count(),
            1,
            "{field} in {named:?}"
        );
    }
    assert_eq!(named.len(), 12);
}

#[test]
fn every_wrong_field_of_a_matter_is_named_at_once() {
    let samples = Samples::new(1);
    let draft = MatterDraft {
        reference: String::new(),
        title: "t".repeat(201),
        practice_area: "p\u{0}".into(),
        stage: "s".repeat(121),
        attributes: BTreeMap::from([("visa type".into(), "v".repeat(201)), (String::new(), "x".into())]),
        owner_id: samples.id(),
        parent_id: None,
    };
    let invalid = Matter::new(samples.id(), samples.practice, &draft, samples.at).unwrap_err();
    let expected = [
        "reference",
        "title",
        "practice_area",
        "stage",
        "attributes",
        "attributes.visa type",
    ];
    assert_eq!(fields(&invalid), expected);
}

#[test]
fn a_new_staff_member_needs_a_name_and_an_address() {
    let samples = Samples::new(1);
    let new = NewStaffMember {
        name: " ".into(),
        email: "nobody".into(),
        role: Role::Member,
        password: "correct horse battery".into(),
    };
    let invalid =
        StaffMember::new(samples.id(), samples.practice, &new, "$plain$".into(), samples.at).unwrap_err();
    assert_eq!(fields(&invalid), ["name", "email"]);
}

#[test]
fn a_matter_does_not_belong_to_itself() {
    let samples = Samples::new(1);
    let matter = samples.matter(&samples.staff(Role::Owner));
    let others = [samples.id(), samples.id()];
    assert!(matter.require_no_circle(&others).is_ok());
    assert!(
        matter.require_no_circle(&[others[0], matter.id]).is_err(),
        "however many steps apart"
    );
    assert!(matter.require_no_circle(&[matter.id]).is_err());
}

proptest! {
    #[test]
    fn anything_typed_into_a_client_is_kept_or_told(texts in proptest::collection::vec(strategies::any_text(70), 12)) {
        let samples = Samples::new(1);
        let mut texts = texts.into_iter();
        let mut next = || texts.next().unwrap_or_default();
        let draft = ClientDraft {
            reference: next(),
            given_names: next(),
            family_name: next(),
            email: next(),
            phone: next(),
            date_of_birth: next(),
            nationality: next(),
            passport_number: next(),
            passport_issued_on: next(),
            passport_expires_on: next(),
            language: next(),
            time_zone: next(),
        };
        match Client::new(samples.id(), samples.practice, &draft, "AU", samples.at) {
            Ok(client) => {
                let again = client.clone().revise(&client.draft(), "AU", samples.at).unwrap();
                prop_assert!(Client { version: client.version, ..again } == client, "it saves as it was given");
            }
            Err(invalid) => {
                let mut named = fields(&invalid);
                named.dedup();
                prop_assert_eq!(named.len(), invalid.errors.len(), "each field once: {}", invalid);
                prop_assert!(!invalid.errors.is_empty());
            }
        }
    }

    #[test]
    fn a_client_saves_as_the_form_shows_them(client in strategies::client(&Samples::new(1))) {
        let mut client = client;
        // A form does not take somebody born after today.
        client.date_of_birth = client.date_of_birth.filter(|born| *born <= client.updated_at.date());
        client.passport.expires_on = client.passport.expires_on.filter(|date| date.year() <= 2_200);
        // A number that was never valid, or one that another country's plan reads otherwise.
        client.phone = None;
        let again = client.clone().revise(&client.draft(), "AU", client.updated_at).unwrap();
        prop_assert_eq!(again.version, client.version.next());
        prop_assert!(Client { version: client.version, ..again.clone() } == client, "{:?} {:?}", client.draft().given_names, again.draft().given_names);
        prop_assert!(client.changed_fields(&again).is_empty());
    }

    #[test]
    fn a_matter_saves_as_the_form_shows_it(matter in strategies::matter(&Samples::new(1), &Samples::new(1).staff(Role::Owner))) {
        let again = matter.clone().revise(&matter.draft(), matter.updated_at).unwrap();
        prop_assert_eq!(again.version, matter.version.next());
        prop_assert_eq!(Matter { version: matter.version, ..again }, matter);
    }

    #[test]
    fn a_practice_saves_as_the_form_shows_it(name in strategies::line(120), settings in strategies::settings()) {
        let samples = Samples::new(1);
        let draft = PracticeDraft { name: name.clone(), settings, ..PracticeDraft::default() };
        let practice = Practice::new(samples.practice, &draft, samples.at).unwrap();
        prop_assert_eq!(practice.version, Version::FIRST);
        prop_assert_eq!(practice.sender(), name, "mail comes from the practice's name unless it says otherwise");
    }
}
