use super::{Person, Session, StaffMember};
use crate::client::Client;
use crate::practice::Practice;
use crate::{Actor, Digest, SessionId, Timestamp};

/// What names a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKey {
    /// Its id, for tokens that carry it under a signature.
    Id(SessionId),
    /// The hash of its secret.
    Secret(Digest),
}

/// A session with what decides whether its person may come in. Every request needs all of it, so it is read at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The session.
    pub session: Session,
    /// Its practice.
    pub practice: Practice,
    /// Its staff member; in a preview, the one who looks.
    pub staff: Option<StaffMember>,
    /// Its client; in a preview, the one who is looked at.
    pub client: Option<Client>,
    /// Whether that client has an active portal access.
    pub has_active_access: bool,
}

/// Who is behind a request.
#[derive(Debug, Clone)]
pub enum Who {
    /// A staff member.
    Staff(StaffMember),
    /// A client, or staff who preview as one.
    Client(Client),
}

impl Standing {
    /// As whom the session lets its person in at `now`; `None` when it does not: it ended or expired, or the person may not
    /// come in any more, being a deactivated staff member, or a client that is archived or has no active portal access. In
    /// a preview that goes for both of them.
    #[must_use]
    pub fn admits(&self, now: Timestamp) -> Option<(Actor, Who)> {
        if !self.session.is_alive(self.practice.settings.idle_life(), now) {
            return None;
        }
        let staff = self.staff.as_ref().filter(|staff| staff.active);
        let client = self
            .client
            .as_ref()
            .filter(|client| client.active && self.has_active_access);
        match self.session.person {
            Person::Staff(id) => staff.map(|staff| {
                let role = staff.role;
                (Actor::Staff { id, role }, Who::Staff(staff.clone()))
            }),
            Person::Client(id) => client.map(|client| (Actor::Client { id }, Who::Client(client.clone()))),
            Person::Preview {
                staff: by,
                client: of,
                access,
            } => staff.and(client).map(|client| {
                let actor = Actor::Preview {
                    staff: by,
                    client: of,
                    access,
                };
                (actor, Who::Client(client.clone()))
            }),
        }
    }
}
