//! What a dry run and the answer to a change of stage say is what the worker then writes: to whom, what, when, and why not.

use std::collections::BTreeSet;

use portal_core::client::Client;
use portal_core::matter::Part;
use portal_core::notify::{Delivery, DeliveryFilter, DeliveryState};
use portal_core::practice::{PracticeDraft, PracticeSettings};
use portal_core::rulebook::KeptWorkflow;
use portal_core::sms::{Heard, PhoneRecord, TextMessages};
use portal_core::stage::{Addressee, Effects, SendTotals, Sending};
use portal_core::task::{TaskFilter, TaskSource};
use portal_core::text::Phone;
use portal_core::workflow::{
    Again, Agreement, Automation, Channel, Criterion, DimensionDraft, QuietHours, STAGE, TaxonomyDraft,
    WorkflowDraft,
};
use portal_core::{Change, Context, Duration, PageRequest, Timestamp, Version};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::world::{World, matter_draft};

/// Somebody who may be written to.
#[derive(Debug, Clone)]
pub struct Reader {
    phone: Option<&'static str>,
    agreement: Agreement,
    has_email: bool,
    active: bool,
    /// `Some(false)`: it was revoked.
    access: Option<bool>,
}

/// What happened on the matter before.
#[derive(Debug, Clone, Copy)]
pub enum Past {
    /// It was in the stage, and left it so many days before now.
    Was(i64),
    /// It is in the stage since so many days, and the workflows may have been changed since.
    Is(i64, Edit),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Edit {
    Nothing,
    Rename,
    Rewrite,
}

#[derive(Debug, Clone)]
pub struct Case {
    consent_needed: bool,
    readers: [Reader; 2],
    automations: Vec<Automation>,
    past: Vec<Past>,
}

fn reader() -> impl Strategy<Value = Reader> {
    // One number belongs to nobody, by any plan.
    let phone = option::weighted(0.85, select(vec!["+61412345678", "+61412345679", "+61000000000"]));
    let agreement = select(vec![
        Agreement::Unknown,
        Agreement::Unknown,
        Agreement::Agreed,
        Agreement::OptedOut,
    ]);
    let flags = (prop::bool::weighted(0.85), prop::bool::weighted(0.9));
    let access = option::of(prop::bool::weighted(0.7));
    (phone, agreement, flags, access).prop_map(|(phone, agreement, (has_email, active), access)| Reader {
        phone,
        agreement,
        has_email,
        active,
        access,
    })
}

fn automation() -> impl Strategy<Value = Automation> {
    let text = select(vec![
        "Hello {{ client.first_name }}, {{ matter.reference }} is at {{ matter.stage }}.",
        "See {{ portal.url }}",
        // It says nothing to who may not enter, and gives no address to hold it back for.
        "{% if client.first_name == 'Amina' %}Only for Amina{% endif %}",
    ]);
    let again = select(vec![
        Again::Always,
        Again::Once,
        Again::AfterDays(3),
        Again::AfterDays(30),
    ]);
    let quiet = option::weighted(
        0.3,
        (0_u8..24, 0_u8..24).prop_map(|(from, until)| QuietHours { from, until }),
    );
    let channel = select(vec![Channel::Sms, Channel::Sms, Channel::Email, Channel::Task]);
    let part = select(vec![Part::Principal, Part::Partner]);
    let rest = (
        select(vec![0_u32, 0, 90, 2_000]),
        quiet,
        prop::bool::weighted(0.9),
    );
    (channel, part, text, again, rest).prop_map(|(channel, to, text, again, (delay, quiet, enabled))| {
        let text = if channel == Channel::Task {
            "For {{ client.name }}"
        } else {
            text
        };
        let mut own = Automation {
            to,
            again,
            enabled,
            delay_minutes: delay,
            quiet_hours: quiet.filter(|_| channel != Channel::Task),
            ..Automation::new(channel).saying("en", text)
        };
        if channel != Channel::Sms {
            own.subject
                .insert("en".into(), "On {{ matter.reference }}".into());
        }
        own
    })
}

pub fn case() -> impl Strategy<Value = Case> {
    let edit = select(vec![Edit::Nothing, Edit::Rename, Edit::Rewrite]);
    let past = prop_oneof![
        (1_i64..8).prop_map(Past::Was),
        (1_i64..8, edit).prop_map(|(days, edit)| Past::Is(days, edit)),
    ];
    let readers = [reader(), reader()];
    (any::<bool>(), readers, vec(automation(), 1..5), vec(past, 0..3)).prop_map(
        |(consent_needed, readers, mut automations, past)| {
            let mut reached = BTreeSet::new();
            automations.retain(|own| {
                let to = (own.channel != Channel::Task).then_some(own.to);
                reached.insert((own.channel, to.map(Part::as_str)))
            });
            Case {
                consent_needed,
                readers,
                automations,
                past,
            }
        },
    )
}

pub struct Stage {
    pub world: World,
    pub workflow: KeptWorkflow,
}

/// What somebody is told or not, as both sides say it.
type Said = (
    &'static str,
    Option<uuid::Uuid>,
    String,
    String,
    Timestamp,
    Option<String>,
);

fn foretold(sends: &[Sending]) -> Vec<Said> {
    let written = sends.iter().filter(|sending| sending.is_written());
    let mut said: Vec<Said> = written
        .map(|sending| {
            let to = match sending.to {
                Addressee::Client(id) => Some(id.0),
                Addressee::Staff(id) => Some(id.0),
                Addressee::AnyStaff => None,
            };
            (
                sending.channel.as_str(),
                to,
                sending.subject.clone(),
                sending.text.clone(),
                sending.not_before,
                sending.held.as_ref().map(ToString::to_string),
            )
        })
        .collect();
    said.sort();
    said
}

impl Stage {
    pub async fn set(case: &Case) -> Self {
        let world = World::new().await;
        let stages = DimensionDraft::new(STAGE).value("Filing").value("Decision");
        let taxonomy = TaxonomyDraft {
            dimensions: vec![stages],
        };
        let portal = &world.portal;
        portal.save_taxonomy(&world.owner, None, &taxonomy).await.unwrap();
        let draft = PracticeDraft {
            settings: PracticeSettings {
                text_consent_needed: case.consent_needed,
                ..PracticeSettings::default()
            },
            ..world.practice.draft()
        };
        portal.update_practice(&world.owner, None, &draft).await.unwrap();
        for (client, reader) in [&world.amina, &world.omar].into_iter().zip(&case.readers) {
            Self::put(&world, client, reader).await;
        }
        let draft = WorkflowDraft {
            name: "Filing".into(),
            criteria: vec![Criterion::one_of(STAGE, ["Filing"])],
            automations: case.automations.clone(),
            ..WorkflowDraft::default()
        };
        let workflow = portal.add_workflow(&world.owner, &draft).await.unwrap();
        portal.drain().await.unwrap();
        let mut stage = Self { world, workflow };
        for past in &case.past {
            stage.move_to("Filing").await;
            stage.world.portal.drain().await.unwrap();
            match *past {
                Past::Was(days) => {
                    stage.world.fakes.clock.advance(Duration::days(days));
                    stage.move_to("Decision").await;
                }
                Past::Is(days, edit) => {
                    stage.world.fakes.clock.advance(Duration::days(days));
                    stage.edit(edit).await;
                }
            }
            stage.world.portal.drain().await.unwrap();
        }
        stage
    }

    async fn put(world: &World, client: &Client, reader: &Reader) {
        let portal = &world.portal;
        if let Some(active) = reader.access {
            let (matter, owner) = (world.matter.id, &world.owner);
            let access = portal
                .enable_access(owner, matter, client.id, false)
                .await
                .unwrap();
            if !active {
                portal.revoke_access(owner, access.id).await.unwrap();
            }
        }
        let phone = reader
            .phone
            .map(|digits| Phone::try_from(digits.to_owned()).unwrap());
        let mut client = client.clone();
        client.version.bump();
        client.active = reader.active;
        client.phone.clone_from(&phone);
        if !reader.has_email {
            client.email = None;
        }
        let mut change = Change::unaudited(world.practice.id, "as another system left it").save(client);
        if let Some(phone) = phone.filter(|_| reader.agreement != Agreement::Unknown) {
            let known = world.store.phone_record(world.practice.id, &phone).await.unwrap();
            if known.is_none() {
                change = change.save(PhoneRecord {
                    id: PhoneRecord::id_of(&phone),
                    practice_id: world.practice.id,
                    version: Version::FIRST,
                    phone,
                    agreement: reader.agreement,
                    heard: Heard::ByKeyword,
                    since: world.portal.now(),
                });
            }
        }
        portal.commit(change).await.unwrap();
    }

    pub fn ctx(&self) -> Context {
        Context {
            at: self.world.portal.now(),
            ..Context::system(self.world.practice.id, "test", self.world.portal.now())
        }
    }

    async fn move_to(&self, stage: &str) -> Effects {
        let mut draft = matter_draft("HM-1", self.world.owner_id);
        draft.stage = stage.into();
        let portal = &self.world.portal;
        let change = portal
            .update_matter_with_effects(&self.ctx(), self.world.matter.id, None, &draft)
            .await
            .unwrap();
        change.effects
    }

    async fn edit(&mut self, edit: Edit) {
        let mut draft = self.workflow.draft.clone();
        match edit {
            Edit::Nothing => return,
            Edit::Rename => {
                draft.name.push_str(" again");
                draft.priority += 1;
            }
            Edit::Rewrite => {
                let text = draft.automations[0].text.get_mut("en").unwrap();
                text.push('!');
            }
        }
        let portal = &self.world.portal;
        let updated = portal
            .update_workflow(&self.ctx(), self.workflow.id, None, &draft)
            .await;
        self.workflow = updated.unwrap();
    }

    /// Plans all that happened, and sends nothing.
    pub async fn plan(&self) {
        while self.world.portal.plan_due().await.unwrap().planned > 0 {}
    }

    pub async fn deliveries(&self) -> Vec<Delivery> {
        let filter = DeliveryFilter {
            workflow: Some(self.workflow.id),
            ..DeliveryFilter::default()
        };
        let page = PageRequest::first(200);
        let portal = &self.world.portal;
        portal
            .deliveries(&self.world.owner, &filter, &page)
            .await
            .unwrap()
            .items
    }

    /// All that automations wrote and set.
    async fn written(&self) -> Vec<Said> {
        let deliveries = self.deliveries().await;
        let mut said: Vec<Said> = deliveries
            .into_iter()
            .map(|delivery| {
                let portal_core::notify::Recipient::Client(to) = delivery.recipient else {
                    panic!("automations write to clients");
                };
                let cause = delivery.letter.cause().unwrap();
                assert_eq!(
                    delivery.last_error.is_some(),
                    delivery.state == DeliveryState::Held
                );
                (
                    cause.channel.as_str(),
                    Some(to.0),
                    delivery.subject.clone(),
                    delivery.text.clone(),
                    cause.not_before,
                    delivery.last_error.clone(),
                )
            })
            .collect();
        let page = PageRequest::first(200);
        let filter = TaskFilter::default();
        let tasks = self
            .world
            .portal
            .tasks(&self.world.owner, &filter, &page)
            .await
            .unwrap();
        said.extend(tasks.items.into_iter().map(|listed| {
            let task = listed.task;
            assert!(matches!(task.source, TaskSource::Workflow(_)));
            let to = task.assignee_id.map(|staff| staff.0);
            ("task", to, task.title, task.note, task.starts_at, None)
        }));
        said.sort();
        said
    }

    async fn foresee(&self) -> (Vec<Sending>, SendTotals) {
        let page = PageRequest::first(50);
        let run = self
            .world
            .portal
            .dry_run(&self.ctx(), Some(self.workflow.id), None, &page)
            .await
            .unwrap();
        let sends = run.page.items.into_iter().flat_map(|item| item.effects.sends);
        (sends.collect(), run.sends.unwrap())
    }
}

/// What `after` has and `before` had not.
fn news(before: &[Said], after: Vec<Said>) -> Vec<Said> {
    let mut before = before.to_vec();
    after
        .into_iter()
        .filter(|said| match before.iter().position(|known| known == said) {
            Some(place) => {
                before.swap_remove(place);
                false
            }
            None => true,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn what_is_foretold_is_what_is_written(case in case()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            // The workflows are applied to the matter as it is.
            let stage = Stage::set(&case).await;
            let before = stage.written().await;
            let (sends, totals) = stage.foresee().await;
            let mut counted = SendTotals::default();
            for sending in &sends {
                counted.count(sending);
            }
            assert_eq!(totals, counted, "the numbers are those of the matters");
            assert_eq!(stage.written().await, before, "a dry run writes nothing");
            stage.world.portal.apply_workflows(&stage.ctx(), true).await.unwrap();
            stage.plan().await;
            assert_eq!(news(&before, stage.written().await), foretold(&sends), "applied");

            // The matter enters the stage, perhaps for another time.
            let stage = Stage::set(&case).await;
            stage.move_to("Decision").await;
            stage.plan().await;
            let before = stage.written().await;
            let effects = stage.move_to("Filing").await;
            stage.plan().await;
            assert_eq!(news(&before, stage.written().await), foretold(&effects.sends), "entered");
        });
    }
}
