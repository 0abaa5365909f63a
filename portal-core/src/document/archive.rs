//! All documents of a checklist as one archive: what goes in, and under which names.

use std::collections::HashSet;

use super::{Document, DocumentFilter, DocumentRule, Download, FileName};
use crate::audit::Subject;
use crate::checklist::Request;
use crate::policy::Capability;
use crate::{Change, ClientId, Context, Error, MatterId, PageRequest, Portal, RequestId};

/// One file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveEntry {
    /// Its path in the archive, with `/` between folders; no two entries have the same.
    pub path: String,
    /// The file.
    pub download: Download,
}

/// The path of a document in the archive: group, request, file name; numbered when taken (compared without case,
/// because some systems do not tell it apart).
fn path_of(document: &Document, request: Option<&Request>, taken: &mut HashSet<String>) -> String {
    let folder = |name: &str| FileName::sanitise(name).as_str().replace('.', "_");
    let mut folders = Vec::new();
    match request {
        Some(request) => {
            if !request.group.is_empty() {
                folders.push(folder(&request.group));
            }
            folders.push(folder(&request.title));
        }
        None => folders.push(folder(&document.category)),
    }
    let name = document.current.name.as_str();
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let folders = folders.join("/");
    let mut path = format!("{folders}/{name}");
    let mut number = 2_u32;
    while !taken.insert(path.to_lowercase()) {
        path = format!("{folders}/{stem} ({number}){extension}");
        number += 1;
    }
    path
}

impl Portal {
    /// All documents on a matter, or one client's, as the entries of one archive, for staff. Leaves an audit entry.
    ///
    /// # Errors
    /// `NothingToDownload` when there are none.
    pub async fn archive(
        &self,
        ctx: &Context,
        matter: MatterId,
        client: Option<ClientId>,
    ) -> Result<Vec<ArchiveEntry>, Error<DocumentRule>> {
        self.matter_for(ctx, Capability::SeeMatters, matter)
            .await
            .map_err(Error::widen)?;
        let filter = DocumentFilter {
            matter: Some(matter),
            client,
            ..DocumentFilter::default()
        };
        let mut taken = HashSet::new();
        let mut entries = Vec::new();
        let mut next = None;
        loop {
            let page = PageRequest::first(PageRequest::MOST).after(next);
            let page = self.store().documents(ctx.practice, &filter, &page).await?;
            let ids: Vec<RequestId> = page
                .items
                .iter()
                .filter_map(|document| document.request_id)
                .collect();
            let requests = self.store().requests_by_id(ctx.practice, &ids).await?;
            for document in page.items {
                let request = requests
                    .iter()
                    .find(|request| Some(request.id) == document.request_id);
                let path = path_of(&document, request, &mut taken);
                let file = document.current.clone();
                entries.push(ArchiveEntry {
                    path,
                    download: Download { document, file },
                });
            }
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        if entries.is_empty() {
            return Err(DocumentRule::NothingToDownload.into());
        }
        let entry = self
            .audit(ctx, "checklist.downloaded", Subject::new("matter", matter))
            .on(matter)
            .with("files", entries.len());
        self.commit(Change::audited(entry)).await?;
        Ok(entries)
    }
}
