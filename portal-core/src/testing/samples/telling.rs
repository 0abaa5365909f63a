use super::Samples;
use crate::audit::{AuditEntry, AuditTree, Subject};
use crate::client::Client;
use crate::conversation::{Conversation, Happening};
use crate::identity::StaffMember;
use crate::matter::Matter;
use crate::notify::{
    About, Cause, Delivery, DeliveryState, Letter, Notification, NotificationKind, Recipient,
};
use crate::sms::{Consent, ConsentHow, Heard, InboundSms, PhoneRecord, ReceivedSms};
use crate::text::Phone;
use crate::workflow::{Agreement, Channel};
use crate::{Context, Date, DeliveryId, Duration, Event, EventKind, Version};

impl Samples {
    /// A notification to `staff` that they were put on `matter`, not read yet.
    #[must_use]
    pub fn notification(&self, staff: &StaffMember, matter: &Matter) -> Notification {
        Notification {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            staff_id: staff.id,
            kind: NotificationKind::Assigned,
            matter_id: Some(matter.id),
            client_id: None,
            headline: format!("You were put on {}", matter.title),
            created_at: self.at,
            read_at: None,
        }
    }

    /// An event that `staff` was put on `matter`, due at once.
    #[must_use]
    pub fn event(&self, matter: &Matter, staff: &StaffMember) -> Event {
        let kind = EventKind::StaffAssigned {
            matter: matter.id,
            staff: staff.id,
        };
        Event::new(self.id(), self.practice, kind, self.at)
    }

    /// A queued mail to `client` that tells of `event`, due at once.
    #[must_use]
    pub fn delivery(&self, event: &Event, matter: &Matter, client: &Client) -> Delivery {
        Delivery {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            event_id: event.id,
            matter_id: Some(matter.id),
            recipient: Recipient::Client(client.id),
            to_name: client.name(),
            to: client
                .email
                .clone()
                .unwrap_or_else(|| self.email("reader"))
                .into(),
            letter: Letter::RequestsAdded {
                about: self.about(matter, &client.name()),
                requests: vec![("Passport".into(), None)],
            },
            subject: "Harbour Migration asks for documents".into(),
            text: "Please provide: Passport".into(),
            state: DeliveryState::Queued,
            attempts: 0,
            due_at: self.at,
            last_error: None,
            created_at: self.at,
            tried_at: None,
            sent_at: None,
            provider_id: None,
            in_doubt: false,
        }
    }

    /// A queued mail with a sign-in link to `client`, due at once.
    #[must_use]
    pub fn link_letter(&self, event: &Event, matter: &Matter, client: &Client) -> Delivery {
        Delivery {
            letter: Letter::SignIn {
                link: self.id(),
                about: self.about(matter, &client.name()),
                expires_at: self.at + Duration::hours(48),
                minutes: 48 * 60,
            },
            ..self.delivery(event, matter, client)
        }
    }

    /// A queued text message of a workflow's automation to `client`, due at once.
    #[must_use]
    pub fn automated(&self, event: &Event, matter: &Matter, client: &Client) -> Delivery {
        let text = "Your case moved on.".to_owned();
        let cause = Cause {
            workflow: self.id(),
            version: Version::FIRST,
            entry: self.id(),
            channel: Channel::Sms,
            not_before: self.at,
            gives_portal: false,
            quiet_hours: None,
        };
        Delivery {
            to: self.phone().into(),
            letter: Letter::Automated {
                about: self.about(matter, &client.name()),
                subject: String::new(),
                text: text.clone(),
                cause,
            },
            subject: String::new(),
            text,
            ..self.delivery(event, matter, client)
        }
    }

    /// A number of Australia's, for fiction.
    ///
    /// # Panics
    /// Never: it is a number.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a sample with a wrong number is a wrong test")]
    pub fn phone(&self) -> Phone {
        Phone::try_from("+61491570156".to_owned()).expect("a number in E.164 form")
    }

    /// What is on record about [`Samples::phone`]: they opted out.
    #[must_use]
    pub fn phone_record(&self) -> PhoneRecord {
        PhoneRecord {
            id: PhoneRecord::id_of(&self.phone()),
            practice_id: self.practice,
            version: Version::FIRST,
            phone: self.phone(),
            agreement: Agreement::OptedOut,
            heard: Heard::ByKeyword,
            since: self.at,
        }
    }

    /// That `client` told `staff` on the telephone that [`Samples::phone`] may be texted.
    #[must_use]
    pub fn consent(&self, client: &Client, staff: &StaffMember) -> Consent {
        Consent {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            phone: self.phone(),
            client_id: Some(client.id),
            agreement: Agreement::Agreed,
            heard: Heard::ByStaff,
            how: Some(ConsentHow::Spoken),
            said_on: Date::from_ordinal_date(2026, 60).ok(),
            note: "On the telephone \u{260e}".into(),
            staff_id: Some(staff.id),
            created_at: self.at,
        }
    }

    /// A message from [`Samples::phone`].
    #[must_use]
    pub fn received_sms(&self) -> ReceivedSms {
        let inbound = InboundSms {
            provider_id: self.id::<DeliveryId>().to_string(),
            from: self.phone(),
            to: "+61480000000".into(),
            text: "Thank you \u{1f44d}".into(),
            is_part: false,
        };
        let conversation = Conversation::id_of_number(&self.phone());
        ReceivedSms::new(self.practice, conversation, "captured", inbound, self.at)
    }

    /// The conversation of [`Samples::phone`], which nobody knows, with a message that nobody read.
    #[must_use]
    pub fn conversation(&self) -> Conversation {
        Conversation::of_number(self.practice, self.phone(), self.at)
            .noting(Happening::Wrote("Thank you \u{1f44d}"), self.at)
    }

    /// The head of a tree of one entry, which nobody signed.
    #[must_use]
    pub fn audit_tree(&self) -> AuditTree {
        AuditTree {
            practice_id: self.practice,
            id: self.practice,
            version: Version::FIRST,
            origin: format!("portal.test/audit/{}", self.practice),
            size: 1,
            root: self.digest(),
            note: "portal.test\n".into(),
            key: "portal.test+00000000+AA==".into(),
            signed_at: self.at,
            kept_at: self.at,
            kept_size: 1,
        }
    }

    /// What a letter on `matter` speaks of.
    #[must_use]
    pub fn about(&self, matter: &Matter, reader: &str) -> About {
        About {
            reader: reader.to_owned(),
            matter_title: matter.title.clone(),
            matter_reference: matter.reference.clone(),
            url: format!("https://portal.test/p/{}", matter.id),
        }
    }

    /// An entry that `ctx` says `matter` was updated.
    #[must_use]
    pub fn audit(&self, ctx: &Context, matter: &Matter) -> AuditEntry {
        AuditEntry::new(
            self.id(),
            ctx,
            "matter.updated",
            Subject::new("matter", matter.id),
        )
        .on(matter.id)
    }
}
