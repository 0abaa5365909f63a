//! Files on their way in and out, for pages and API alike.

mod archive;
pub(crate) mod audit;
mod download;
mod goes;
pub(crate) mod history;
mod upload;

pub use archive::zip;
pub use download::{Disposition, send};
pub(crate) use goes::Goes;
pub use upload::{Received, receive};
pub(crate) use upload::{set_client, set_confidentiality, set_replaced};
