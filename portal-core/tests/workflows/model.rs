//! What a workflow may be.

use portal_core::matter::Part;
use portal_core::workflow::{
    Again, Assignee, Automation, Channel, Criterion, PRACTICE_AREA, QuietHours, Requirement, STAGE, Test,
    Workflow, WorkflowDraft,
};
use portal_core::{StaffId, Version};

use super::{id, sample};

fn good() -> WorkflowDraft {
    WorkflowDraft {
        name: "Filing".into(),
        criteria: vec![Criterion::one_of(STAGE, ["filing"])],
        ..WorkflowDraft::default()
    }
}

/// The places and codes of what is wrong with a draft.
fn wrong(change: impl FnOnce(&mut WorkflowDraft)) -> Vec<(String, &'static str)> {
    let mut draft = good();
    change(&mut draft);
    match Workflow::new(id(1), &draft, &sample()) {
        Ok(_) => Vec::new(),
        Err(invalid) => invalid
            .errors
            .into_iter()
            .map(|error| (error.field, error.code))
            .collect(),
    }
}

fn only(place: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(place.to_owned(), code)]
}

#[test]
fn a_workflow_is_kept_as_it_is_filled_in() {
    let workflow = Workflow::new(id(1), &good(), &sample()).unwrap();
    assert_eq!(
        (workflow.version, workflow.enabled, workflow.name.as_str()),
        (Version(1), true, "Filing")
    );
    assert_eq!(
        workflow.criteria,
        [Criterion::one_of(STAGE, ["Filing"])],
        "as the taxonomy spells it"
    );
    let revised = workflow
        .clone()
        .revise(
            &WorkflowDraft {
                enabled: false,
                priority: 7,
                ..workflow.draft()
            },
            &sample(),
        )
        .unwrap();
    assert_eq!(
        (revised.version, revised.enabled, revised.priority, revised.id),
        (Version(2), false, 7, id(1))
    );
    let json = serde_json::to_string(&revised).unwrap();
    assert_eq!(serde_json::from_str::<Workflow>(&json).unwrap(), revised);
}

#[test]
fn an_automation_keeps_its_edition_until_it_says_something_else() {
    let sms = |text: &str| Automation::new(Channel::Sms).saying("en", text);
    let first = Workflow::new(
        id(1),
        &WorkflowDraft {
            automations: vec![sms("Hello")],
            ..good()
        },
        &sample(),
    )
    .unwrap();
    assert_eq!((first.edition(0), first.edition(1)), (Version(1), Version(1)));
    // Put behind another, renamed and delayed: that one is new, and this one says the same.
    let partner = Automation {
        to: Part::Partner,
        ..sms("Hello")
    };
    let later = Automation {
        delay_minutes: 10,
        ..sms("Hello")
    };
    let draft = WorkflowDraft {
        name: "Lodging".into(),
        automations: vec![partner, later],
        ..first.draft()
    };
    let second = first.revise(&draft, &sample()).unwrap();
    assert_eq!((second.edition(0), second.edition(1)), (Version(2), Version(1)));
    let mut draft = second.draft();
    draft.automations[1] = sms("Good morning");
    let third = second.revise(&draft, &sample()).unwrap();
    assert_eq!((third.edition(0), third.edition(1)), (Version(2), Version(3)));
    // One from before editions were kept has that of its workflow.
    let old = Workflow {
        editions: Vec::new(),
        version: Version(7),
        ..third
    };
    assert_eq!(old.edition(1), Version(7));
    let draft = old.draft();
    let saved = old.revise(&draft, &sample()).unwrap();
    assert_eq!((saved.version, saved.edition(1)), (Version(8), Version(7)));
}

#[test]
fn criteria_speak_of_what_the_taxonomy_has() {
    let criterion = |criterion: Criterion| wrong(|draft| draft.criteria = vec![criterion]);
    assert_eq!(criterion(Criterion::any(PRACTICE_AREA)), []);
    assert_eq!(criterion(Criterion::below("practice_area", "immigration")), []);
    assert_eq!(
        criterion(Criterion::any("Office")),
        only("criteria.0.dimension", "unknown")
    );
    assert_eq!(
        criterion(Criterion::one_of(STAGE, ["Filing", "x"])),
        only("criteria.0.one_of.1", "unknown")
    );
    assert_eq!(
        criterion(Criterion::none_of(STAGE, ["x"])),
        only("criteria.0.none_of.0", "unknown")
    );
    assert_eq!(
        criterion(Criterion::below(STAGE, "x")),
        only("criteria.0.below", "unknown")
    );
    assert_eq!(
        criterion(Criterion::new(STAGE, Test::OneOf(Vec::new()))),
        only("criteria.0.one_of", "required")
    );
    assert_eq!(
        criterion(Criterion::new(STAGE, Test::NoneOf(Vec::new()))),
        only("criteria.0.none_of", "required")
    );
    assert_eq!(
        wrong(|draft| draft.criteria.clear()),
        only("criteria", "required")
    );
    let many = |number: usize| criterion(Criterion::one_of(STAGE, vec!["Filing"; number]));
    assert_eq!(many(Workflow::MOST_VALUES), []);
    assert_eq!(
        many(Workflow::MOST_VALUES + 1),
        only("criteria.0.one_of", "too-many")
    );
    let twice = WorkflowDraft {
        criteria: vec![Criterion::one_of(STAGE, ["Filing", "Filing (USCIS)"])],
        ..good()
    };
    assert_eq!(
        Workflow::new(id(1), &twice, &sample()).unwrap().criteria,
        [Criterion::one_of(STAGE, ["Filing"])]
    );
}

#[test]
fn a_workflow_has_limits() {
    let name = |name: &str| wrong(|draft| draft.name = name.into());
    assert_eq!(
        (name(&"x".repeat(120)), name(" ")),
        (Vec::new(), only("name", "required"))
    );
    assert_eq!(name(&"x".repeat(121)), only("name", "too-long"));
    let criteria = |number| wrong(|draft| draft.criteria = vec![Criterion::any(STAGE); number]);
    assert_eq!(criteria(Workflow::MOST_CRITERIA), []);
    assert_eq!(
        criteria(Workflow::MOST_CRITERIA + 1),
        only("criteria", "too-many")
    );
    let requirements = |number: usize| {
        wrong(|draft| draft.requirements = (0..number).map(|n| Requirement::new(n.to_string())).collect())
    };
    assert_eq!(requirements(Workflow::MOST_REQUIREMENTS), []);
    assert_eq!(
        requirements(Workflow::MOST_REQUIREMENTS + 1),
        only("requirements", "too-many")
    );
    let task = |n: usize| Automation {
        subject: [("en".to_owned(), "Call".to_owned())].into(),
        assignee: Assignee::Staff(StaffId(uuid::Uuid::from_u128(n as u128))),
        ..Automation::new(Channel::Task)
    };
    let automations = |number: usize| wrong(|draft| draft.automations = (0..number).map(task).collect());
    assert_eq!(automations(Workflow::MOST_AUTOMATIONS), []);
    assert_eq!(
        automations(Workflow::MOST_AUTOMATIONS + 1),
        only("automations", "too-many")
    );
}

#[test]
fn requirements_have_keys_and_limits() {
    let requirement = |change: fn(&mut Requirement)| {
        wrong(|draft| {
            let mut own = Requirement::new("Passport");
            change(&mut own);
            draft.requirements = vec![own];
        })
    };
    assert_eq!(requirement(|_| ()), []);
    assert_eq!(
        requirement(|own| own.title.clear()),
        only("requirements.0.title", "required")
    );
    assert_eq!(
        requirement(|own| own.wanted = 0),
        only("requirements.0.wanted", "out-of-range")
    );
    assert_eq!(requirement(|own| own.wanted = 50), []);
    assert_eq!(
        requirement(|own| own.wanted = 51),
        only("requirements.0.wanted", "out-of-range")
    );
    assert_eq!(requirement(|own| own.due_in_days = Some(3_650)), []);
    assert_eq!(
        requirement(|own| own.due_in_days = Some(3_651)),
        only("requirements.0.due_in_days", "out-of-range")
    );
    assert_eq!(
        requirement(|own| own.key = "?".into()),
        only("requirements.0.key", "required")
    );
    assert_eq!(
        requirement(|own| own.group = "x".repeat(81)),
        only("requirements.0.group", "too-long")
    );
    assert_eq!(
        requirement(|own| own.help = "x".repeat(1_001)),
        only("requirements.0.help", "too-long")
    );
    let twice =
        wrong(|draft| draft.requirements = vec![Requirement::new("Bio page"), Requirement::new("BIO-PAGE")]);
    assert_eq!(twice, only("requirements.1.key", "duplicate"));
}

#[test]
fn automations_say_what_their_channel_needs() {
    let automation = |channel: Channel, change: fn(&mut Automation)| {
        wrong(|draft| {
            let mut own = Automation::new(channel).saying("en", "Hello");
            change(&mut own);
            draft.automations = vec![own];
        })
    };
    let subject = |own: &mut Automation| drop(own.subject.insert("pt-BR".into(), "Ol\u{e1}".into()));
    let at = |field: &str, code| only(&format!("automations.0{field}"), code);
    assert_eq!(automation(Channel::Sms, |_| ()), []);
    assert_eq!(
        automation(Channel::Sms, |own| own.text.clear()),
        at(".text", "required")
    );
    assert_eq!(automation(Channel::Sms, subject), at(".subject", "unused"));
    assert_eq!(automation(Channel::Email, subject), []);
    assert_eq!(automation(Channel::Email, |_| ()), at(".subject", "required"));
    assert_eq!(automation(Channel::Task, |_| ()), at(".subject", "required"));
    assert_eq!(
        automation(Channel::Sms, |own| own.due_in_days = Some(1)),
        at("", "unused")
    );
    assert_eq!(
        automation(Channel::Sms, |own| own.assignee = Assignee::Anyone),
        at("", "unused")
    );
    assert_eq!(
        automation(Channel::Sms, |own| drop(
            own.text.insert("e n".into(), "x".into())
        )),
        at(".text.e n", "language")
    );
    assert_eq!(
        automation(Channel::Sms, |own| drop(
            own.text.insert(String::new(), "x".into())
        )),
        at(".text.", "language")
    );
    assert_eq!(
        automation(Channel::Sms, |own| drop(own.text.insert("de".into(), " ".into()))),
        at(".text.de", "required")
    );
    assert_eq!(automation(Channel::Sms, |own| own.delay_minutes = 525_600), []);
    assert_eq!(
        automation(Channel::Sms, |own| own.delay_minutes = 525_601),
        at(".delay_minutes", "out-of-range")
    );
    assert_eq!(
        automation(Channel::Sms, |own| own.again = Again::AfterDays(3_650)),
        []
    );
    assert_eq!(
        automation(Channel::Sms, |own| own.again = Again::AfterDays(3_651)),
        at(".again", "out-of-range")
    );
    for (from, until, good) in [(23, 0, true), (0, 23, true), (24, 8, false), (21, 24, false)] {
        let found = wrong(|draft| {
            let quiet_hours = Some(QuietHours { from, until });
            draft.automations = vec![Automation {
                quiet_hours,
                ..Automation::new(Channel::Sms).saying("en", "Hello")
            }];
        });
        assert_eq!(found.is_empty(), good, "{from} to {until}");
    }
    let sms = || Automation::new(Channel::Sms).saying("en", "Hello");
    assert_eq!(
        wrong(|draft| draft.automations = vec![sms(), sms()]),
        only("automations.1", "duplicate")
    );
    let partner = Automation {
        to: Part::Partner,
        ..sms()
    };
    assert_eq!(wrong(|draft| draft.automations = vec![sms(), partner]), []);
    assert_eq!(sms().reaches(), Some((Channel::Sms, Part::Principal)));
    assert_eq!(
        Automation {
            enabled: false,
            ..sms()
        }
        .reaches(),
        None
    );
    assert_eq!(Automation::new(Channel::Task).reaches(), None);
}
