use crate::client::Client;
use crate::matter::{Matter, Participant};
use crate::workflow::{Channel, Workflow};
use crate::{ClientId, StaffId, WorkflowId};

/// A message or task that an automation would send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sending {
    /// The workflow.
    pub workflow: WorkflowId,
    /// Which of its automations, counted from 0.
    pub automation: usize,
    /// Over what.
    pub channel: Channel,
    /// To whom.
    pub to: Addressee,
    /// Why it cannot reach them.
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

/// Why a message cannot reach somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Held {
    /// There is no telephone number.
    NoPhone,
    /// There is no address.
    NoEmail,
    /// The practice does not serve them any more.
    Inactive,
}

impl Held {
    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoPhone => "no-phone",
            Self::NoEmail => "no-email",
            Self::Inactive => "inactive",
        }
    }

    fn of(channel: Channel, client: &Client) -> Option<Self> {
        match channel {
            _ if !client.active => Some(Self::Inactive),
            Channel::Sms if client.phone.is_none() => Some(Self::NoPhone),
            Channel::Email if client.email.is_none() => Some(Self::NoEmail),
            Channel::Sms | Channel::Email | Channel::Task => None,
        }
    }
}

/// What the automations of a workflow would send on a matter: to everybody present who takes the part, or only to `only`;
/// tasks to whom they name, and not again because somebody joined.
#[must_use]
pub fn sendings(
    workflow: &Workflow,
    matter: &Matter,
    (participants, clients): (&[Participant], &[Client]),
    only: Option<ClientId>,
) -> Vec<Sending> {
    let mut sendings = Vec::new();
    for (automation, own) in workflow.automations.iter().enumerate() {
        let sending = |to, held| Sending {
            workflow: workflow.id,
            automation,
            channel: own.channel,
            to,
            held,
        };
        if !own.enabled {
            continue;
        }
        if own.channel == Channel::Task {
            if only.is_none() {
                let staff = own.assignee.on_matter_of(matter.owner_id);
                let to = staff.map_or(Addressee::AnyStaff, Addressee::Staff);
                sendings.push(sending(to, None));
            }
            continue;
        }
        let reached = participants.iter().filter(|participant| {
            !participant.removed
                && participant.part == own.to
                && only.is_none_or(|only| participant.client_id == only)
        });
        for participant in reached {
            let client = clients.iter().find(|client| client.id == participant.client_id);
            let held = client.and_then(|client| Held::of(own.channel, client));
            sendings.push(sending(Addressee::Client(participant.client_id), held));
        }
    }
    sendings
}
