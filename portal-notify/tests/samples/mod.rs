//! Letters as they might be: short and long, in several scripts, and hostile.

use portal_core::notify::{About, AskedNow, Cause, Letter, LetterSecrets, Opens};
use portal_core::practice::{Practice, PracticeDraft};
use portal_core::workflow::Channel;
use portal_core::{Date, LinkId, PracticeId, StageEntryId, Timestamp, Version, WorkflowId};
use time::Month;
use uuid::Uuid;

/// A letter with the practice that writes it, under a name.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) practice: Practice,
    pub(crate) letter: Letter,
}

/// What people type who mean no harm, or do.
pub(crate) struct Names {
    pub(crate) practice: String,
    pub(crate) colour: &'static str,
    pub(crate) locale: &'static str,
    pub(crate) word: &'static str,
    pub(crate) help: String,
    pub(crate) reader: String,
    pub(crate) title: String,
    pub(crate) reference: &'static str,
    pub(crate) request: String,
    pub(crate) file: String,
    pub(crate) reason: String,
}

pub(crate) fn plain() -> Names {
    Names {
        practice: "Harbour Migration".into(),
        colour: "#0f6e84",
        locale: "en-AU",
        word: "Application",
        help: "Call 02 9000 0000 on weekdays from 9 to 5,\nor write to help@harbour.example.".into(),
        reader: "Amina Haddad".into(),
        title: "Partner visa 820".into(),
        reference: "HM-2041",
        request: "Passport bio page".into(),
        file: "passport.pdf".into(),
        reason: "The bottom edge is cut off.\nPlease photograph the whole page.".into(),
    }
}

pub(crate) fn german() -> Names {
    Names {
        practice: "Rechtsanwaltskanzlei Freifrau von Schwarzenberg-Hohenlohe & Donaudampfschifffahrtsgesellschaft mbB"
            .into(),
        colour: "#ffd400",
        locale: "de-DE",
        word: "Mandat",
        help: String::new(),
        reader: "Maximiliane-Friederike Freifrau von und zu Rindfleischetikettierungsüberwachungsaufgabenübertragung"
            .into(),
        title: "Aufenthaltserlaubnis nach Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung".into(),
        reference: "AZ/2026/0000004711-Süd",
        request: "Krankenversicherungsbescheinigungsbeglaubigung mit Übersetzung".into(),
        file: "Scan_2026-11-20_Krankenversicherungsbescheinigungsbeglaubigung_endgültig_wirklich_final_v17.pdf"
            .into(),
        reason: "Das Siegel ist nicht lesbar.".into(),
    }
}

pub(crate) fn arabic() -> Names {
    Names {
        practice: "مكتب الميناء للهجرة".into(),
        colour: "#7a1f5c",
        locale: "ar",
        word: "Case",
        help: "اتصل بنا على ‎".replace('\u{200e}', "") + "+971 4 000 0000",
        reader: "أمينة بنت محمد الحداد".into(),
        title: "تأشيرة الشريك 820".into(),
        reference: "HM-2042",
        request: "صفحة بيانات جواز السفر".into(),
        file: "جواز السفر (نسخة).pdf".into(),
        reason: "الصورة غير واضحة.".into(),
    }
}

pub(crate) fn hostile() -> Names {
    Names {
        practice: "<script>alert('practice')</script> \"O'Neil\" & Söhne 🧑‍⚖️".into(),
        colour: "#ffffff",
        locale: "en",
        word: "<b>Project</b>",
        help: "<img src=http://evil.example/x.png onerror=alert(1)>\n</style><script>alert('help')</script>"
            .into(),
        reader: "{{ frame.url }} \"><a href=\"http://evil.example\">Robert'); DROP TABLE clients;--</a>"
            .into(),
        title: "</title><script src=http://evil.example/a.js></script> 👨‍👩‍👧‍👦".repeat(3),
        reference: "${7*7}&lt;",
        request: "<svg onload=alert('request')> ﷽ Ṱ̺̺̕o͞ ".repeat(4).trim().to_owned(),
        file: "../../etc/passwd\"; filename=\"x.html".into(),
        reason: "<iframe src=\"http://evil.example\">\n.\n\r\nBcc: everyone@evil.example".into(),
    }
}

impl Names {
    pub(crate) fn practice(&self) -> Practice {
        let draft = PracticeDraft {
            name: self.practice.clone(),
            brand_colour: self.colour.into(),
            locale: self.locale.into(),
            matter_word: self.word.into(),
            help_text: self.help.clone(),
            ..PracticeDraft::default()
        };
        Practice::new(PracticeId(Uuid::from_u128(1)), &draft, Timestamp::UNIX_EPOCH).unwrap()
    }

    pub(crate) fn about(&self) -> About {
        About {
            reader: self.reader.clone(),
            matter_title: self.title.clone(),
            matter_reference: self.reference.into(),
            url: "https://portal.example/p/AAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAI".into(),
        }
    }

    pub(crate) fn sign_in(&self, minutes: i64) -> Letter {
        Letter::SignIn {
            link: LinkId(Uuid::from_u128(3)),
            about: self.about(),
            expires_at: Timestamp::UNIX_EPOCH,
            minutes,
        }
    }

    pub(crate) fn invitation(&self) -> Letter {
        Letter::Invitation {
            link: LinkId(Uuid::from_u128(3)),
            about: self.about(),
            expires_at: Timestamp::UNIX_EPOCH,
            minutes: 2_880,
        }
    }

    /// Every second one without a due date, the first among them.
    pub(crate) fn requests(&self, count: u8) -> Letter {
        let due = |n: u8| Date::from_calendar_date(2026, Month::December, 1 + n % 28).ok();
        let request = |n: u8| {
            let title = if count == 1 {
                self.request.clone()
            } else {
                format!("{} {}", self.request, n + 1)
            };
            (title, due(n).filter(|_| n % 2 == 1))
        };
        Letter::RequestsAdded {
            about: self.about(),
            requests: (0..count).map(request).collect(),
        }
    }

    pub(crate) fn returned(&self) -> Letter {
        Letter::DocumentReturned {
            about: self.about(),
            request_title: Some(self.request.clone()),
            file_name: self.file.clone(),
            reason: self.reason.clone(),
        }
    }

    pub(crate) fn approval(&self, why: AskedNow) -> Letter {
        Letter::ApprovalAsked {
            about: self.about(),
            approval: None,
            title: self.request.clone(),
            files: vec![self.file.clone(), "statement.pdf".into()],
            due_on: Date::from_calendar_date(2026, Month::December, 4).ok(),
            why,
        }
    }

    pub(crate) fn withdrawn(&self) -> Letter {
        Letter::ApprovalWithdrawn {
            about: self.about(),
            title: self.request.clone(),
            reason: self.reason.clone(),
        }
    }

    pub(crate) fn automated(&self) -> Letter {
        Letter::Automated {
            about: self.about(),
            subject: format!("{}: {}", self.reference, self.title),
            text: format!(
                "Dear {},\n\nwe filed {}.\n{}",
                self.reader, self.title, self.reason
            ),
            cause: Cause {
                workflow: WorkflowId(Uuid::from_u128(4)),
                version: Version(1),
                entry: StageEntryId(Uuid::from_u128(5)),
                channel: Channel::Email,
                not_before: Timestamp::UNIX_EPOCH,
                gives_portal: false,
                quiet_hours: None,
            },
        }
    }

    pub(crate) fn notice(&self) -> Letter {
        Letter::StaffNotice {
            about: self.about(),
            headline: format!("{} uploaded {}.", self.reader, self.file),
            opens: Opens::Matter,
        }
    }

    pub(crate) fn task(&self) -> Letter {
        Letter::StaffNotice {
            about: self.about(),
            headline: "You have a task: Call them about the lodgement, due on 2026-11-22.".into(),
            opens: Opens::Task,
        }
    }

    /// About no matter in particular.
    pub(crate) fn text_notice(&self) -> Letter {
        Letter::StaffNotice {
            about: About {
                matter_title: String::new(),
                matter_reference: String::new(),
                ..self.about()
            },
            headline: format!("{} sent a text message.", self.reader),
            opens: Opens::Conversation,
        }
    }
}

pub(crate) fn secrets() -> LetterSecrets {
    LetterSecrets {
        url: "https://portal.example/p/sign-in/AAAAAAAAAAAAAAAAAAAAASb7wd0W8c0o1m2z9_Qq-3uXJ5yKk8Vt4r6N0eLhPzTa".into(),
        code: "83517402".into(),
    }
}

pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut add = |name, names: &Names, letter| {
        samples.push(Sample {
            name,
            practice: names.practice(),
            letter,
        });
    };
    let (plain, german, arabic, hostile) = (plain(), german(), arabic(), hostile());
    add("sign-in", &plain, plain.sign_in(2_880));
    add("sign-in-ten-minutes-german", &german, german.sign_in(10));
    add("sign-in-arabic", &arabic, arabic.sign_in(2_880));
    add("sign-in-hostile", &hostile, hostile.sign_in(90));
    add("invitation", &plain, plain.invitation());
    add("invitation-german", &german, german.invitation());
    add("invitation-arabic", &arabic, arabic.invitation());
    add("invitation-hostile", &hostile, hostile.invitation());
    add("one-request-without-date", &plain, plain.requests(1));
    add("two-requests-arabic", &arabic, arabic.requests(2));
    add("two-requests-german", &german, german.requests(2));
    add("two-requests-hostile", &hostile, hostile.requests(2));
    add("thirty-requests", &plain, plain.requests(30));
    add("returned", &plain, plain.returned());
    add("returned-german", &german, german.returned());
    add("returned-arabic", &arabic, arabic.returned());
    add("returned-hostile", &hostile, hostile.returned());
    add("approval", &plain, plain.approval(AskedNow::New));
    add("approval-changed", &plain, plain.approval(AskedNow::Changed));
    add("approval-german", &german, german.approval(AskedNow::New));
    add("approval-arabic", &arabic, arabic.approval(AskedNow::Reminder));
    add("approval-hostile", &hostile, hostile.approval(AskedNow::Changed));
    add("withdrawn", &plain, plain.withdrawn());
    add("withdrawn-german", &german, german.withdrawn());
    add("withdrawn-arabic", &arabic, arabic.withdrawn());
    add("withdrawn-hostile", &hostile, hostile.withdrawn());
    add("automated", &plain, plain.automated());
    add("automated-arabic", &arabic, arabic.automated());
    add("automated-hostile", &hostile, hostile.automated());
    add("notice", &plain, plain.notice());
    add("notice-task", &plain, plain.task());
    add("text-notice", &plain, plain.text_notice());
    add("text-notice-hostile", &hostile, hostile.text_notice());
    add("notice-german", &german, german.notice());
    add("notice-arabic", &arabic, arabic.notice());
    add("notice-hostile", &hostile, hostile.notice());
    samples
}
