//! Documents: files on a matter, their versions, who may see them, and how their bytes come and go.

mod archive;
mod download;
mod error;
mod file;
mod model;
mod port;
mod service;
mod upload;

pub use archive::ArchiveEntry;
pub use download::{Download, DownloadTicket};
pub use error::DocumentRule;
pub use file::{FileName, FileType};
pub use model::{
    Confidentiality, Document, DocumentCounts, DocumentStatus, DocumentVersion, FileVersion, Placement,
    Share, Uploader,
};
pub use port::{DocumentFilter, Documents};
pub use service::DocumentPatch;
pub(crate) use upload::Head;
pub use upload::{Interrupted, UploadTarget};
