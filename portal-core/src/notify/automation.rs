//! What automations send: one message for each cause and recipient, or a history entry that says why not; and their tasks.

use std::collections::BTreeMap;

use super::{About, Cause, Delivery, DeliveryFilter, DeliveryState, Letter, Recipient};
use crate::access::PortalAccess;
use crate::client::Client;
use crate::conversation::{Conversation, Happening};
use crate::matter::Matter;
use crate::practice::Practice;
use crate::sms::SmsLength;
use crate::stage::{Addressee, sendings};
use crate::text::Address;
use crate::workflow::{
    Agreement, Automation, Channel, Field, Fields, Held, PRACTICE_AREA, Person, STAGE, Template,
    TemplateProblem, Workflow, in_language,
};
use crate::{
    Change, ClientId, Context, Error, Event, EventKind, NoRule, PageRequest, Portal, StageEntryId, Version,
    WorkflowId,
};

/// What all messages of an event speak of.
pub(super) struct Scene<'a> {
    event: &'a Event,
    pub(super) practice: Practice,
    pub(super) matter: Matter,
    pub(super) owner: String,
    pub(super) entry: StageEntryId,
}

/// One recipient of one automation.
struct To<'a> {
    client: &'a Client,
    access: Option<PortalAccess>,
    agreement: Agreement,
}

impl Portal {
    /// Writes the messages of automations into the history and sets their tasks, together with the end of `event`.
    pub(super) async fn automate(
        &self,
        ctx: &Context,
        event: &Event,
        mut change: Change,
    ) -> Result<Change, Error<NoRule>> {
        let EventKind::WorkflowsMatched {
            matter,
            entry,
            workflows,
            client: only,
        } = &event.kind
        else {
            return Ok(change);
        };
        let Some(matter) = self.store().matter(ctx.practice, *matter).await? else {
            return Ok(change);
        };
        let owner = self.store().staff_member(ctx.practice, matter.owner_id).await?;
        let scene = Scene {
            event,
            practice: self.practice_of(ctx).await?,
            owner: owner.map(|staff| staff.name).unwrap_or_default(),
            matter,
            entry: *entry,
        };
        let participants = self.store().participants(ctx.practice, scene.matter.id).await?;
        let ids: Vec<ClientId> = participants
            .iter()
            .map(|participant| participant.client_id)
            .collect();
        let clients = self.store().clients_by_id(ctx.practice, &ids).await?;
        let mut conversations: BTreeMap<ClientId, Conversation> = BTreeMap::new();
        for matched in workflows {
            let kept = self.store().workflow(ctx.practice, matched.workflow).await?;
            // What was switched off or removed meanwhile is not wanted any more; what waits after this is asked again before it
            // leaves.
            let Some(workflow) = kept.filter(|kept| !kept.removed && kept.draft.enabled) else {
                continue;
            };
            let workflow = workflow.workflow();
            for sending in sendings(&workflow, &scene.matter, (&participants, &clients), *only) {
                let Some(automation) = workflow.automations.get(sending.automation) else {
                    continue;
                };
                let own = (&workflow, matched.version, automation);
                let Addressee::Client(id) = sending.to else {
                    let task = self.task_of(ctx, &scene, own, (&participants, &clients)).await?;
                    if let Some((task, entry)) = task {
                        change = change.save(task).audit(entry);
                    }
                    continue;
                };
                let Some(client) = clients.iter().find(|client| client.id == id) else {
                    continue;
                };
                if let Some(delivery) = self.automated(ctx, &scene, own, client).await? {
                    change = change.save(delivery);
                    let conversation = match conversations.remove(&id) {
                        Some(begun) => begun.also(Happening::Automated(automation.channel), ctx.at),
                        None => self
                            .noted_conversation(ctx.practice, id, ctx.at)
                            .await?
                            .noting(Happening::Automated(automation.channel), ctx.at),
                    };
                    conversations.insert(id, conversation);
                }
            }
        }
        Ok(change.save_all(conversations.into_values()))
    }

    async fn automated(
        &self,
        ctx: &Context,
        scene: &Scene<'_>,
        (workflow, version, automation): (&Workflow, Version, &Automation),
        client: &Client,
    ) -> Result<Option<Delivery>, Error<NoRule>> {
        let before = self
            .written_before(ctx, scene, (workflow.id, automation.channel), client.id)
            .await?;
        // The event may be planned again, after a crash or beside another worker: then it is there already.
        let is_there = before.iter().any(|delivery| {
            let cause = delivery.letter.cause();
            cause.is_some_and(|cause| cause.version == version && cause.entry == scene.entry)
        });
        let last = before
            .iter()
            .filter(|delivery| !matches!(delivery.state, DeliveryState::Held | DeliveryState::Failed))
            .map(|delivery| delivery.created_at)
            .max();
        if is_there || !automation.again.allows(last, ctx.at) {
            return Ok(None);
        }
        let agreement = match &client.phone {
            Some(phone) => self.store().phone_record(ctx.practice, phone).await?,
            None => None,
        };
        let to = To {
            client,
            access: self
                .store()
                .access_for(ctx.practice, scene.matter.id, client.id)
                .await?,
            agreement: agreement.map(|record| record.agreement).unwrap_or_default(),
        };
        let not_before = automation.due_at(scene.event.at, &scene.practice.time_zone);
        let cause = Cause {
            workflow: workflow.id,
            version,
            entry: scene.entry,
            channel: automation.channel,
            not_before,
            // As it turns out to be when it is written.
            gives_portal: false,
            quiet_hours: automation.quiet_hours,
        };
        Ok(Some(self.write(ctx, scene, automation, &to, cause)))
    }

    /// What an automation of this workflow wrote to a client on this matter over this channel.
    async fn written_before(
        &self,
        ctx: &Context,
        scene: &Scene<'_>,
        (workflow, channel): (WorkflowId, Channel),
        client: ClientId,
    ) -> Result<Vec<Delivery>, Error<NoRule>> {
        let filter = DeliveryFilter {
            matter: Some(scene.matter.id),
            client: Some(client),
            workflow: Some(workflow),
            ..DeliveryFilter::default()
        };
        let mut all = Vec::new();
        let mut next = None;
        loop {
            let page = PageRequest::first(PageRequest::MOST).after(next);
            let page = self.store().deliveries(ctx.practice, &filter, &page).await?;
            all.extend(page.items);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        all.retain(|delivery| {
            delivery
                .letter
                .cause()
                .is_some_and(|cause| cause.channel == channel)
        });
        Ok(all)
    }

    /// The message, queued; or held, with the reason.
    fn write(
        &self,
        ctx: &Context,
        scene: &Scene<'_>,
        automation: &Automation,
        to: &To<'_>,
        mut cause: Cause,
    ) -> Delivery {
        let client = to.client;
        let person = Person {
            client,
            agreement: to.agreement,
            consent_needed: scene.practice.settings.text_consent_needed,
            may_enter: to
                .access
                .as_ref()
                .is_some_and(|access| access.admits(&scene.matter, client)),
        };
        let url = to
            .access
            .as_ref()
            .map_or_else(|| self.url("/"), |access| self.portal_url(access));
        let portal = person.may_enter.then_some(url.as_str());
        let fields = fields(&scene.practice, &scene.matter, &scene.owner, Some(client), portal);
        let written = written(automation, client, &scene.practice, &fields);
        let (subject, text, gives_portal, fault) = match written {
            Ok((subject, text, gives_portal)) => (subject, text, gives_portal, None),
            Err(why) => (
                String::new(),
                String::new(),
                false,
                Some(Held::Template { why: why.to_string() }),
            ),
        };
        cause.gives_portal = gives_portal;
        let reached = person.reached_by(automation.channel, gives_portal);
        let fault = reached
            .as_ref()
            .err()
            .cloned()
            .or(fault)
            .or_else(|| what_is_wrong(automation.channel, &text));
        let about = About {
            reader: client.name(),
            matter_title: scene.matter.title.clone(),
            matter_reference: scene.matter.reference.clone(),
            url,
        };
        let due_at = cause.not_before;
        let queued = Delivery {
            id: self.id(),
            practice_id: ctx.practice,
            version: Version::FIRST,
            event_id: scene.event.id,
            matter_id: Some(scene.matter.id),
            recipient: Recipient::Client(client.id),
            to_name: client.name(),
            to: reached
                .ok()
                .flatten()
                .unwrap_or_else(|| usual_address(automation.channel, client)),
            letter: Letter::Automated {
                about,
                subject: subject.clone(),
                text: text.clone(),
                cause: Cause {
                    gives_portal,
                    ..cause
                },
            },
            subject,
            text,
            state: DeliveryState::Queued,
            attempts: 0,
            due_at,
            last_error: None,
            created_at: ctx.at,
            sent_at: None,
            provider_id: None,
        };
        match fault {
            None => queued,
            Some(why) => Delivery {
                state: DeliveryState::Held,
                last_error: Some(why.to_string()),
                ..queued
            },
        }
    }
}

/// What templates can say of it; nothing of a client where there is none. The portal's address only where it may be given: it is
/// empty otherwise, for templates that ask.
pub(super) fn fields(
    practice: &Practice,
    matter: &Matter,
    owner: &str,
    client: Option<&Client>,
    portal: Option<&str>,
) -> Fields {
    let clean = |dimension: &str, raw: Option<&String>| {
        let clean = matter.normalised.get(dimension).or(raw);
        clean.cloned().unwrap_or_default()
    };
    let given = client.map_or("", |client| client.given_names.as_str());
    Fields::new()
        .with(Field::ClientName, client.map(Client::name).unwrap_or_default())
        .with(
            Field::ClientFirstName,
            given.split_whitespace().next().unwrap_or_default(),
        )
        .with(Field::ClientGivenNames, given)
        .with(
            Field::ClientFamilyName,
            client.map_or("", |client| client.family_name.as_str()),
        )
        .with(Field::MatterReference, &matter.reference)
        .with(Field::MatterTitle, &matter.title)
        .with(
            Field::MatterPracticeArea,
            clean(PRACTICE_AREA, matter.practice_area.as_ref()),
        )
        .with(Field::MatterStage, clean(STAGE, matter.stage.as_ref()))
        .with(Field::MatterOwner, owner)
        .with(Field::PracticeName, &practice.name)
        .with(Field::PracticeHelp, &practice.help_text)
        .with(Field::PracticeMatterWord, &practice.matter_word)
        .with(Field::PortalUrl, portal.unwrap_or_default())
}

/// Subject and text in the client's language, and whether they give the portal's address.
fn written(
    automation: &Automation,
    client: &Client,
    practice: &Practice,
    fields: &Fields,
) -> Result<(String, String, bool), TemplateProblem> {
    let wishes = [
        client.language.as_deref().unwrap_or_default(),
        practice.locale.as_str(),
    ];
    let mut gives_portal = false;
    let mut fill = |words| -> Result<String, TemplateProblem> {
        let Some((_, source)) = in_language(words, wishes) else {
            return Ok(String::new());
        };
        let template = Template::parse(source)?;
        gives_portal |= template.uses(Field::PortalUrl);
        template.render(fields)
    };
    let subject = fill(&automation.subject)?.replace('\n', " ");
    let text = fill(&automation.text)?;
    Ok((subject, text, gives_portal))
}

fn what_is_wrong(channel: Channel, text: &str) -> Option<Held> {
    let segments = SmsLength::of(text).segments;
    match channel {
        _ if text.is_empty() => Some(Held::Empty),
        Channel::Sms if segments > SmsLength::MOST_SEGMENTS => Some(Held::TooLong { segments }),
        Channel::Sms | Channel::Email | Channel::Task => None,
    }
}

/// Where it would have gone.
fn usual_address(channel: Channel, client: &Client) -> Address {
    match channel {
        Channel::Sms => client.phone.clone().map(Address::Phone),
        Channel::Email | Channel::Task => client.email.clone().map(Address::Email),
    }
    .unwrap_or(Address::Nowhere)
}
