//! Uploads in several goes: a file on its way to become a document, which survives cut connections and killed servers.
//!
//! [`Upload`] says how many bytes were acknowledged. These are durable; whatever else reached the disk is forgotten when
//! the next bytes come. When the last byte is there the file goes the way of every upload: typed, filed and committed
//! together with the end of its [`Upload`], which happens exactly once.

mod checksum;
mod error;
mod model;
mod port;
mod receive;
mod service;

pub use checksum::Checksum;
pub use error::UploadRule;
pub use model::{NewUpload, Room, Upload, UploadPart, UploadState};
pub use port::Uploads;
