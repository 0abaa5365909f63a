//! Whom a message reaches, and why it does not.

use portal_core::client::Client;
use portal_core::testing::Samples;
use portal_core::text::{Address, Phone};
use portal_core::workflow::{Agreement, Channel, Held, Person};

fn anna() -> Client {
    let mut client = Samples::new(1).client("Anna", "Berg");
    client.phone = Some(Phone::parse("phone", "+61 412 345 678", "AU").unwrap());
    client
}

fn person(client: &Client) -> Person<'_> {
    Person {
        client,
        agreement: Agreement::Unknown,
        consent_needed: false,
        may_enter: true,
    }
}

#[test]
fn somebody_with_a_number_is_reached() {
    let anna = anna();
    let phone = Address::Phone(anna.phone.clone().unwrap());
    let email = Address::Email(anna.email.clone().unwrap());
    assert_eq!(
        person(&anna).reached_by(Channel::Sms, true),
        Ok(Some(phone.clone()))
    );
    assert_eq!(person(&anna).reached_by(Channel::Email, true), Ok(Some(email)));
    assert_eq!(person(&anna).reached_by(Channel::Task, true), Ok(None));
    let agreed = Person {
        agreement: Agreement::Agreed,
        consent_needed: true,
        ..person(&anna)
    };
    assert_eq!(agreed.reached_by(Channel::Sms, false), Ok(Some(phone)));
}

#[test]
fn whoever_is_not_reached_is_told_of_with_the_reason() {
    let anna = anna();
    let without = Client {
        phone: None,
        email: None,
        ..anna.clone()
    };
    let gone = Client {
        active: false,
        ..anna.clone()
    };
    // Digits that no numbering plan has, as another system might hand over.
    let wrong = Client {
        phone: Some(Phone::try_from("+61000000000".to_owned()).unwrap()),
        ..anna.clone()
    };
    let opted_out = |client| Person {
        agreement: Agreement::OptedOut,
        ..person(client)
    };
    let sms = Channel::Sms;
    for (person, channel, gives_portal, held) in [
        (person(&without), sms, false, Held::NoPhone),
        (person(&without), Channel::Email, false, Held::NoEmail),
        (person(&gone), sms, false, Held::NotServed),
        (person(&gone), Channel::Email, false, Held::NotServed),
        (person(&wrong), sms, false, Held::InvalidPhone),
        (opted_out(&anna), sms, false, Held::OptedOut),
        (
            Person {
                consent_needed: true,
                ..opted_out(&anna)
            },
            sms,
            false,
            Held::OptedOut,
        ),
        (
            Person {
                consent_needed: true,
                ..person(&anna)
            },
            sms,
            false,
            Held::NoConsent,
        ),
        (
            Person {
                may_enter: false,
                ..person(&anna)
            },
            sms,
            true,
            Held::NoAccess,
        ),
    ] {
        assert_eq!(
            person.reached_by(channel, gives_portal),
            Err(held.clone()),
            "{held}"
        );
        assert!(!held.to_string().is_empty());
    }
    let shut_out = Person {
        may_enter: false,
        ..person(&anna)
    };
    assert_eq!(
        shut_out.reached_by(Channel::Email, true),
        Err(Held::NoAccess),
        "whatever the channel"
    );
    assert!(
        shut_out.reached_by(sms, false).is_ok(),
        "it says nothing of the portal"
    );
    assert!(
        opted_out(&anna).reached_by(Channel::Email, false).is_ok(),
        "mail is another matter"
    );
}

#[test]
fn a_reason_has_one_name_and_a_sentence_and_may_be_in_the_history_already() {
    let until = "2026-03-01T00:00:00Z".parse().unwrap();
    let why = || "there is no such field".to_owned();
    let entered = [
        Held::NotServed,
        Held::NoPhone,
        Held::InvalidPhone,
        Held::NoConsent,
        Held::OptedOut,
        Held::NoEmail,
        Held::NoAccess,
        Held::NotInvolved,
        Held::SwitchedOff,
        Held::OtherAddress,
        Held::Empty,
        Held::TooLong { segments: 11 },
        Held::Template { why: why() },
    ];
    let not_again = [Held::Written, Held::Once, Held::Pause { until }];
    for held in entered.iter().chain(&not_again) {
        let data = serde_json::to_value(held).unwrap();
        assert_eq!(data["reason"], held.as_str());
        assert!(!held.to_string().is_empty());
    }
    assert!(entered.iter().all(Held::leaves_an_entry));
    assert!(!not_again.iter().any(Held::leaves_an_entry));
    assert_eq!(
        not_again[2].to_string(),
        "it was sent not long ago; again from 2026-03-01 on"
    );
    assert_eq!(
        Held::TooLong { segments: 11 }.to_string(),
        "it is too long: 11 text messages"
    );
}
