//! Staff, passwords and sessions: who somebody is, and how long that is believed.

mod error;
mod guesses;
mod model;
mod port;
mod service;
mod session;
mod staff;
mod standing;

pub use error::IdentityRule;
pub use model::{NewStaffMember, Password, Passwords, StaffMember};
pub use port::Identities;
pub use service::{Authenticated, SignedIn};
pub use session::{Person, Session, SessionEnd};
pub use standing::{SessionKey, Standing, Who};
