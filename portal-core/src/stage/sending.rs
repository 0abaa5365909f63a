//! The rule: what the automations of a workflow send on a matter, to whom, and why not. Whoever says what would be sent (a dry
//! run, the answer to a change of stage) and whoever writes it ask this.

use super::{Reader, Scene, fields};
use crate::client::Client;
use crate::sms::SmsLength;
use crate::task::words;
use crate::text::Address;
use crate::workflow::{
    Again, Automation, Channel, Field, Fields, Held, Template, TemplateProblem, Workflow, in_language,
};
use crate::{ClientId, Duration, StaffId, Timestamp, Version, WorkflowId};

/// A message or task of an automation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// The workflow.
    pub workflow: WorkflowId,
    /// Which of its automations, counted from 0.
    pub automation: usize,
    /// See [`Workflow::edition`].
    pub edition: Version,
    /// Over what.
    pub channel: Channel,
    /// To whom.
    pub to: Addressee,
    /// Where it goes, or would.
    pub address: Address,
    /// The subject of a mail, or the title of a task.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// Whether it gives the portal's address.
    pub gives_portal: bool,
    /// Not to be sent, or begun, before: its delay, and quiet hours.
    pub not_before: Timestamp,
    /// Why it is not sent.
    pub held: Option<Held>,
}

/// Whom a message or task is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Addressee {
    /// A client.
    Client(ClientId),
    /// A staff member.
    Staff(StaffId),
    /// Anyone of the staff who may see the matter.
    AnyStaff,
}

impl Sending {
    /// Whether anything is written: a message that goes, or an entry of the history that says why not; or a task.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.held.as_ref().is_none_or(Held::leaves_an_entry)
    }

    /// How long it is as a text message; `None` when it is none.
    #[must_use]
    pub fn length(&self) -> Option<SmsLength> {
        (self.channel == Channel::Sms).then(|| SmsLength::of(&self.text))
    }
}

/// What the automations of a workflow send on a matter: to everybody present who takes the part, or only to `only`; tasks to whom
/// they name, and not again because somebody joined. What is held back is among it, with the reason.
#[must_use]
pub fn sendings(scene: &Scene<'_>, workflow: &Workflow, only: Option<ClientId>) -> Vec<Sending> {
    let mut sendings = Vec::new();
    for (number, own) in workflow
        .automations
        .iter()
        .enumerate()
        .filter(|(_, own)| own.enabled)
    {
        match own.channel {
            Channel::Task if only.is_some() => {}
            Channel::Task => sendings.push(task(scene, workflow, (number, own))),
            Channel::Sms | Channel::Email => {
                let readers = scene.readers(own.to, only);
                sendings.extend(readers.map(|reader| message(scene, workflow, (number, own), reader)));
            }
        }
    }
    sendings
}

fn message(
    scene: &Scene<'_>,
    workflow: &Workflow,
    (number, own): (usize, &Automation),
    reader: &Reader<'_>,
) -> Sending {
    let (client, edition) = (reader.client, workflow.edition(number));
    let before = || {
        scene.written.iter().filter(|written| {
            (written.client, written.workflow, written.channel) == (client.id, workflow.id, own.channel)
        })
    };
    let is_there = before().any(|written| (written.version, written.entry) == (edition, scene.entry));
    let last = before()
        .filter(|written| written.counts)
        .map(|written| written.at)
        .max();
    let person = scene.person(reader);
    let portal = person.may_enter.then_some(reader.url.as_str());
    let fields = fields(scene.practice, scene.matter, scene.owner, Some(client), portal);
    let (subject, text, gives_portal, fault) = match written(own, client, &scene.practice.locale, &fields) {
        Ok((subject, text, gives_portal)) => (subject, text, gives_portal, None),
        Err(why) => {
            let why = why.to_string();
            (String::new(), String::new(), false, Some(Held::Template { why }))
        }
    };
    let reached = person.reached_by(own.channel, gives_portal);
    let held = not_again(own, is_there, last, scene.now)
        .or_else(|| reached.as_ref().err().cloned())
        .or(fault)
        .or_else(|| what_is_wrong(own.channel, &text));
    Sending {
        workflow: workflow.id,
        automation: number,
        edition,
        channel: own.channel,
        to: Addressee::Client(client.id),
        address: reached
            .ok()
            .flatten()
            .unwrap_or_else(|| usual_address(own.channel, client)),
        subject,
        text,
        gives_portal,
        not_before: own.due_at(scene.since, client.zone(&scene.practice.time_zone)),
        held,
    }
}

fn task(scene: &Scene<'_>, workflow: &Workflow, (number, own): (usize, &Automation)) -> Sending {
    let (practice, edition) = (scene.practice, workflow.edition(number));
    let before = || {
        scene.tasks.iter().filter_map(|task| {
            let cause = task.cause()?;
            let is_alike = (cause.workflow, cause.assignee) == (workflow.id, own.assignee);
            is_alike.then_some((cause, task.created_at))
        })
    };
    let is_there = before().any(|(cause, _)| (cause.version, cause.entry) == (edition, scene.entry));
    let last = before().map(|(_, at)| at).max();
    // It speaks of the first who takes the part that its automation names.
    let subject = scene.readers(own.to, None).next().map(|reader| reader.client);
    let fields = fields(practice, scene.matter, scene.owner, subject, None);
    let words = words(own, &workflow.name, &practice.locale, &fields);
    let to = own.assignee.on_matter_of(scene.matter.owner_id);
    Sending {
        workflow: workflow.id,
        automation: number,
        edition,
        channel: own.channel,
        to: to.map_or(Addressee::AnyStaff, Addressee::Staff),
        address: Address::Nowhere,
        subject: words.title,
        text: words.note,
        gives_portal: false,
        not_before: own.due_at(scene.now, &practice.time_zone),
        held: not_again(own, is_there, last, scene.now),
    }
}

/// Why it does not happen again. Planned twice, after a crash or beside another worker, it is there already.
fn not_again(own: &Automation, is_there: bool, last: Option<Timestamp>, now: Timestamp) -> Option<Held> {
    if is_there {
        return Some(Held::Written);
    }
    if own.again.allows(last, now) {
        return None;
    }
    Some(match (own.again, last) {
        (Again::AfterDays(days), Some(last)) => Held::Pause {
            until: last + Duration::days(days.into()),
        },
        _ => Held::Once,
    })
}

/// Subject and text in the client's language, and whether they give the portal's address.
fn written(
    automation: &Automation,
    client: &Client,
    locale: &str,
    fields: &Fields,
) -> Result<(String, String, bool), TemplateProblem> {
    let wishes = [client.language.as_deref().unwrap_or_default(), locale];
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
