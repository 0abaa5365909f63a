//! What handlers take out of a request, each with a clear answer when it is not right.

mod conditional;
mod json;
mod origin;
mod path;
mod query;
mod session;

pub use conditional::{ETagged, IfMatch};
pub use json::{Json, Optional};
pub use origin::RequestOrigin;
pub(crate) use origin::origin;
pub use path::Path;
pub use query::{Listed, Query, page_request};
pub use session::{ClientSession, Signed, StaffSession};
