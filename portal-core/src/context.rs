//! Who acts, from where, and when.

use std::net::{IpAddr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::policy::Role;
use crate::{AccessId, ClientId, NoRule, PracticeId, SessionId, StaffId, Timestamp};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in staff member.
    Staff {
        /// Who.
        id: StaffId,
        /// Their role when the request came in.
        role: Role,
    },
    /// A signed-in client.
    Client {
        /// Who.
        id: ClientId,
    },
    /// A staff member who looks at the portal as one client sees it. Reads only; the audit names both.
    Preview {
        /// Who looks.
        staff: StaffId,
        /// As whom.
        client: ClientId,
        /// The one workspace that is looked at.
        access: AccessId,
    },
    /// The portal itself: a worker, an import, the command line. Carries which.
    System(&'static str),
    /// Somebody who has not signed in.
    Anyone,
}

/// Where a request came from: kept with audit entries as evidence.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// The address of the person's network, as the server or its trusted proxy saw it.
    pub ip: Option<IpAddr>,
    /// What the browser calls itself, cut to 300 characters.
    pub user_agent: Option<String>,
    /// The request's id, which the log carries too.
    pub request_id: Option<String>,
}

impl Origin {
    /// What limits count by: an IPv4 address, or the /64 that one subscriber of IPv6 commands (RFC 6177), so that
    /// nobody gets new chances by taking another address of their own.
    #[must_use]
    pub fn network(&self) -> String {
        match self.ip.map(|ip| ip.to_canonical()) {
            None => "unknown".to_owned(),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => {
                let prefix = Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX));
                format!("{prefix}/64")
            }
        }
    }
}

/// The circumstances of one command: who acts, in which practice, from where, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The practice that it happens in.
    pub practice: PracticeId,
    /// Who acts.
    pub actor: Actor,
    /// The session that proves it.
    pub session: Option<SessionId>,
    /// From where.
    pub origin: Origin,
    /// When.
    pub at: Timestamp,
}

impl Context {
    /// The portal itself acts.
    #[must_use]
    pub fn system(practice: PracticeId, what: &'static str, at: Timestamp) -> Self {
        Self {
            practice,
            actor: Actor::System(what),
            session: None,
            origin: Origin::default(),
            at,
        }
    }

    /// Somebody who has not signed in.
    #[must_use]
    pub fn anyone(practice: PracticeId, origin: Origin, at: Timestamp) -> Self {
        Self {
            practice,
            actor: Actor::Anyone,
            session: None,
            origin,
            at,
        }
    }

    /// The client whose view this is: a client, or staff who preview as one.
    #[must_use]
    pub const fn client(&self) -> Option<ClientId> {
        match self.actor {
            Actor::Client { id } | Actor::Preview { client: id, .. } => Some(id),
            Actor::Staff { .. } | Actor::System(_) | Actor::Anyone => None,
        }
    }

    /// The signed-in client, who alone may act as one. `Denied` while previewing.
    pub const fn acting_client(&self) -> Result<ClientId, crate::Error<NoRule>> {
        match self.actor {
            Actor::Client { id } => Ok(id),
            Actor::Preview { .. } => Err(crate::Error::Denied("change anything while previewing")),
            Actor::Staff { .. } | Actor::System(_) => Err(crate::Error::Denied("act as a client")),
            Actor::Anyone => Err(crate::Error::Unauthenticated),
        }
    }

    /// The signed-in staff member.
    #[must_use]
    pub const fn staff(&self) -> Option<(StaffId, Role)> {
        match self.actor {
            Actor::Staff { id, role } => Some((id, role)),
            _ => None,
        }
    }
}
