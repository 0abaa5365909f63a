//! How bytes leave: authorised at the moment of use, by a session or by a signed address that a session made.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{Document, DocumentRule, FileVersion};
use crate::audit::Subject;
use crate::policy::Capability;
use crate::{
    BlobError, BlobKey, BlobStream, Change, Context, DocumentId, Duration, Error, Keys, Origin, Portal,
    PracticeId, SessionId, Timestamp,
};

/// A file that the caller may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// The document.
    pub document: Document,
    /// The file.
    pub file: FileVersion,
}

impl Download {
    /// Where its bytes lie.
    #[must_use]
    pub const fn blob(&self) -> BlobKey {
        BlobKey {
            practice: self.document.practice_id,
            id: self.file.blob,
        }
    }
}

/// What a signed address says: this session may have this file until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownloadTicket {
    /// The practice.
    pub practice: PracticeId,
    /// The document.
    pub document: DocumentId,
    /// The session that made it, and with which it dies.
    pub session: SessionId,
    /// When it stops working.
    pub expires_at: Timestamp,
}

impl DownloadTicket {
    /// How long a signed address lives.
    pub const LIFE: Duration = Duration::minutes(15);
    const BODY: usize = 16 + 16 + 16 + 8;

    fn body(&self) -> [u8; Self::BODY] {
        let mut body = [0; Self::BODY];
        let parts = [
            self.practice.0.as_bytes().as_slice(),
            self.document.0.as_bytes(),
            self.session.0.as_bytes(),
            &self.expires_at.unix().to_be_bytes(),
        ];
        for (byte, value) in body.iter_mut().zip(parts.concat()) {
            *byte = value;
        }
        body
    }

    /// The ticket as text, signed (HMAC-SHA-256).
    #[must_use]
    pub fn sign(&self, keys: &Keys) -> String {
        let body = self.body();
        let signature = keys.derive("download-ticket", &[&body]);
        URL_SAFE_NO_PAD.encode([body.as_slice(), &signature].concat())
    }

    /// Reads a ticket whose signature is right and whose time has not come. `None` otherwise.
    #[must_use]
    pub fn verify(text: &str, keys: &Keys, now: Timestamp) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, signature) = bytes.split_at_checked(Self::BODY)?;
        let right = keys.derive("download-ticket", &[body]);
        if !bool::from(right.as_slice().ct_eq(signature)) {
            return None;
        }
        let uuid = |range: Range<usize>| Uuid::from_slice(body.get(range)?).ok();
        let seconds = i64::from_be_bytes(body.get(48..)?.try_into().ok()?);
        let ticket = Self {
            practice: PracticeId(uuid(0..16)?),
            document: DocumentId(uuid(16..32)?),
            session: SessionId(uuid(32..48)?),
            expires_at: Timestamp::from_unix(seconds)?,
        };
        (now < ticket.expires_at).then_some(ticket)
    }
}

impl Portal {
    /// A signed address for a document, for 15 minutes and for as long as the session lives that asks for it. The
    /// text goes behind `/d/`.
    pub async fn download_ticket(
        &self,
        ctx: &Context,
        id: DocumentId,
    ) -> Result<String, Error<DocumentRule>> {
        let document = self.document(ctx, id).await.map_err(Error::widen)?;
        let session = ctx.session.ok_or(Error::Unauthenticated)?;
        let expires_at = ctx.at + DownloadTicket::LIFE;
        Ok(DownloadTicket {
            practice: ctx.practice,
            document: document.id,
            session,
            expires_at,
        }
        .sign(self.keys()))
    }

    /// The file behind a signed address. Whoever made the address must still be allowed to have it.
    ///
    /// # Errors
    /// `TicketSpent` for every reason why it does not work any more.
    pub async fn redeem_ticket(&self, text: &str, origin: Origin) -> Result<Download, Error<DocumentRule>> {
        let spent = || Error::Rule(DocumentRule::TicketSpent);
        let ticket = DownloadTicket::verify(text, self.keys(), self.now()).ok_or_else(spent)?;
        let authenticated = self
            .authenticate_session(ticket.practice, ticket.session, origin)
            .await;
        let ctx = match authenticated {
            Ok(authenticated) => authenticated.context,
            Err(Error::Unauthenticated) => return Err(spent()),
            Err(other) => return Err(other.widen()),
        };
        match self.download(&ctx, ticket.document, None).await {
            Err(Error::NotFound(_) | Error::Denied(_)) => Err(spent()),
            other => other,
        }
    }

    /// A document's file (its newest version, or the one with `number`) for whoever may see it. Leaves an audit
    /// entry.
    pub async fn download(
        &self,
        ctx: &Context,
        id: DocumentId,
        number: Option<u32>,
    ) -> Result<Download, Error<DocumentRule>> {
        let seen = self.document_seen(ctx, Capability::SeeMatters, id).await;
        let (document, seen) = seen.map_err(Error::widen)?;
        let file = match number {
            None => document.current.clone(),
            Some(number) => {
                let versions = self.store().document_versions(ctx.practice, id).await?;
                let version = versions
                    .into_iter()
                    .find(|version| version.number == number && seen.has(number));
                version.ok_or(Error::NotFound("document"))?.file
            }
        };
        let entry = self
            .audit(ctx, "document.downloaded", Subject::new("document", id))
            .on(document.matter_id)
            .with("sha256", file.sha256.to_string());
        self.commit(Change::audited(entry)).await?;
        Ok(Download { document, file })
    }

    /// The bytes of a file, or of the part of it in `range`.
    pub async fn open(
        &self,
        download: &Download,
        range: Option<Range<u64>>,
    ) -> Result<BlobStream, BlobError> {
        self.blobs().open(download.blob(), range).await
    }
}
