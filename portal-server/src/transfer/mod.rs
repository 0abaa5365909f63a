//! Files on their way in and out, for pages and API alike.

mod archive;
mod download;
mod upload;

pub use archive::zip;
pub use download::{Disposition, send};
pub use upload::{Received, receive};
