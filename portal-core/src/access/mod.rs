//! Portal access: one client's workspace on one matter, and the links that open it.

mod error;
mod link;
mod model;
mod port;
mod service;
mod sign_in;

pub use error::{AccessRule, SignInRule};
use link::LinkLimit;
pub use link::{Ask, LinkLimits, LinkUse, Proof, SignInLink};
pub use model::{AccessState, LinkStanding, PortalAccess, Workspace};
pub use port::Accesses;
pub use sign_in::LinkView;
