//! Uploads in several goes, through every way in which a go can end.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, future, stream};
use portal_core::access::PortalAccess;
use portal_core::checklist::{Request, RequestState, RequestStep};
use portal_core::document::{Confidentiality, DocumentFilter, DocumentRule, Interrupted, UploadTarget};
use portal_core::policy::Role;
use portal_core::testing::MemoryBlobs;
use portal_core::upload::{Checksum, NewUpload, Upload, UploadPart, UploadRule, UploadState};
use portal_core::{
    Actor, BlobError, BlobKey, BlobStream, BlobWriter, Blobs, Change, Context, Digest, DocumentId, Duration,
    Error, PageRequest, Parts, Portal, PracticeId, StoreError, Timestamp, UploadId,
};

use crate::world::{PDF, World};

type Outcome<T> = Result<T, Error<UploadRule>>;

/// Amina, who is asked for her passport.
struct Desk {
    world: World,
    access: PortalAccess,
    amina: Context,
    request: Request,
}

impl Desk {
    async fn new() -> Self {
        let world = World::new().await;
        let (access, _, amina) = world.enter(&world.amina).await;
        let request = world.ask(&world.amina, "Passport").await;
        Self {
            world,
            access,
            amina,
            request,
        }
    }

    fn new_upload(&self, name: &str, size: usize) -> NewUpload {
        NewUpload {
            target: UploadTarget::Request {
                request: self.request.id,
                replaces: None,
            },
            file_name: name.into(),
            size: size.try_into().unwrap(),
            metadata: String::new(),
        }
    }

    async fn begin(&self, name: &str, size: usize) -> Upload {
        let new = self.new_upload(name, size);
        self.world.portal.begin_upload(&self.amina, &new).await.unwrap()
    }

    /// A go that comes whole.
    async fn send(&self, id: UploadId, offset: u64, bytes: &'static [u8]) -> Outcome<Upload> {
        self.send_checked(id, offset, bytes, None).await
    }

    async fn send_checked(
        &self,
        id: UploadId,
        offset: u64,
        bytes: &'static [u8],
        checksum: Option<Checksum>,
    ) -> Outcome<Upload> {
        let chunks: Vec<_> = bytes.chunks(7).map(|c| Ok(Bytes::from_static(c))).collect();
        let part = UploadPart {
            offset,
            length: bytes.len().try_into().ok(),
            checksum,
        };
        let ctx = self.now(&self.amina);
        let portal = &self.world.portal;
        portal.receive_upload(&ctx, id, part, stream::iter(chunks)).await
    }

    /// A go whose connection breaks after `bytes`.
    async fn break_off(
        &self,
        id: UploadId,
        offset: u64,
        bytes: &'static [u8],
        checksum: Option<Checksum>,
    ) -> Outcome<Upload> {
        let chunks = [Ok(Bytes::from_static(bytes)), Err(Interrupted)];
        let part = UploadPart {
            offset,
            length: None,
            checksum,
        };
        let portal = &self.world.portal;
        portal
            .receive_upload(&self.now(&self.amina), id, part, stream::iter(chunks))
            .await
    }

    async fn progress(&self, id: UploadId) -> Outcome<Upload> {
        let ctx = self.now(&self.amina);
        self.world.portal.upload_progress(&ctx, id).await
    }

    /// The same person, now.
    fn now(&self, ctx: &Context) -> Context {
        Context {
            at: self.world.fakes.clock.time(),
            ..ctx.clone()
        }
    }

    async fn documents(&self) -> usize {
        let (filter, page) = (DocumentFilter::default(), PageRequest::default());
        let found = self.world.portal.documents(&self.world.owner, &filter, &page);
        found.await.unwrap().items.len()
    }

    async fn file(&self, id: DocumentId) -> Vec<u8> {
        let portal = &self.world.portal;
        let download = portal.download(&self.amina, id, None).await.unwrap();
        let mut chunks = portal.open(&download, None).await.unwrap();
        let mut bytes = Vec::new();
        while let Some(chunk) = chunks.next().await {
            bytes.extend_from_slice(&chunk.unwrap());
        }
        bytes
    }

    fn kept(&self, upload: &Upload) -> Option<Bytes> {
        self.world.fakes.blobs.part(upload.blob())
    }
}

fn rule(outcome: Outcome<Upload>) -> UploadRule {
    match outcome {
        Err(Error::Rule(rule)) => rule,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn goes_of_any_length_make_the_document_that_one_would() {
    for stride in [1, 2, 7, 20, PDF.len()] {
        let desk = Desk::new().await;
        let begun = desk.begin("my passport.pdf", PDF.len()).await;
        let mut upload = begun.clone();
        for bytes in PDF.chunks(stride) {
            assert_eq!(upload.document(), None);
            assert_eq!(desk.documents().await, 0, "nothing shows before it is whole");
            upload = desk.send(begun.id, upload.received, bytes).await.unwrap();
            assert_eq!(desk.progress(begun.id).await.unwrap(), upload);
        }
        let id = upload.document().expect("it is whole");
        assert_eq!(desk.file(id).await, PDF);
        let document = desk.world.portal.document(&desk.amina, id).await.unwrap();
        assert_eq!(document.current.name.as_str(), "my passport.pdf");
        assert_eq!(document.current.media_type, "application/pdf");
        assert_eq!(document.current.sha256, Digest::of(PDF));
        assert_eq!(document.request_id, Some(desk.request.id));
        let request = desk
            .world
            .portal
            .request(&desk.amina, desk.request.id)
            .await
            .unwrap();
        assert_eq!(request.state, RequestState::Submitted);
        assert_eq!(desk.world.fakes.blobs.unfinished(), 0);
        // Who did not hear the last answer may ask, or say once more that nothing is left to send.
        assert_eq!(desk.send(begun.id, upload.received, b"").await.unwrap(), upload);
        assert_eq!(desk.documents().await, 1);
    }
}

#[tokio::test]
async fn staff_file_on_a_matter_in_several_goes_too() {
    let desk = Desk::new().await;
    let portal = &desk.world.portal;
    let new = NewUpload {
        target: UploadTarget::Matter {
            matter: desk.world.matter.id,
            client: Some(desk.world.amina.id),
            confidentiality: Confidentiality::StaffOnly,
            replaces: None,
        },
        ..desk.new_upload("notes.pdf", PDF.len())
    };
    let denied = portal.begin_upload(&desk.amina, &new).await;
    assert!(matches!(denied, Err(Error::NotFound(_))), "{denied:?}");
    let upload = portal.begin_upload(&desk.world.owner, &new).await.unwrap();
    let part = UploadPart {
        offset: 0,
        length: None,
        checksum: None,
    };
    let bytes = stream::iter([Ok(Bytes::from_static(PDF))]);
    let upload = portal
        .receive_upload(&desk.world.owner, upload.id, part, bytes)
        .await
        .unwrap();
    let document = portal
        .document(&desk.world.owner, upload.document().unwrap())
        .await
        .unwrap();
    assert_eq!(document.confidentiality, Confidentiality::StaffOnly);
    assert_eq!(document.client_id, Some(desk.world.amina.id));
    assert!(portal.document(&desk.amina, document.id).await.is_err());
}

#[tokio::test]
async fn a_connection_that_breaks_at_any_byte_loses_none_of_those_before_it() {
    let desk = Desk::new().await;
    for cut in 0..PDF.len() {
        let upload = desk.begin("passport.pdf", PDF.len()).await;
        let received = u64::try_from(cut).unwrap();
        let broken = desk.break_off(upload.id, 0, &PDF[..cut], None).await;
        assert_eq!(rule(broken), UploadRule::Interrupted { received });
        assert_eq!(desk.progress(upload.id).await.unwrap().received, received);
        let finished = desk.send(upload.id, received, &PDF[cut..]).await.unwrap();
        assert_eq!(desk.file(finished.document().unwrap()).await, PDF);
    }
}

#[tokio::test]
async fn bytes_with_a_checksum_are_kept_whole_or_not_at_all() {
    let desk = Desk::new().await;
    let upload = desk.begin("passport.pdf", PDF.len()).await;
    let (first, rest) = PDF.split_at(10);
    let sha256 = |bytes: &[u8]| Checksum::new("sha256", &Digest::of(bytes).0);
    let wrong = desk.send_checked(upload.id, 0, first, sha256(rest)).await;
    assert_eq!(rule(wrong), UploadRule::Garbled);
    let broken = desk.break_off(upload.id, 0, first, sha256(first)).await;
    assert_eq!(rule(broken), UploadRule::Interrupted { received: 0 });
    assert_eq!(desk.progress(upload.id).await.unwrap().received, 0);
    assert_eq!(desk.kept(&upload), Some(Bytes::new()));
    desk.send_checked(upload.id, 0, first, sha256(first))
        .await
        .unwrap();
    let zeros = Checksum::new("sha1", &[0; 20]);
    assert_eq!(
        rule(desk.send_checked(upload.id, 10, rest, zeros).await),
        UploadRule::Garbled
    );
    assert_eq!(desk.progress(upload.id).await.unwrap().received, 10);
    let sha1 = Checksum::new("sha1", &hex(SHA1_OF_REST));
    let done = desk.send_checked(upload.id, 10, rest, sha1).await.unwrap();
    assert_eq!(desk.file(done.document().unwrap()).await, PDF);
}

/// `tail -c +11` of the file through `sha1sum`.
const SHA1_OF_REST: &str = "4bc627f0f70769bd2b6704ac02f9771f1e0804cb";

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

#[tokio::test]
async fn bytes_that_are_not_the_next_ones_change_nothing() {
    let desk = Desk::new().await;
    let upload = desk.begin("passport.pdf", PDF.len()).await;
    desk.send(upload.id, 0, &PDF[..20]).await.unwrap();
    let size = upload.size;
    for (offset, bytes, expected) in [
        (0, PDF, UploadRule::Elsewhere { received: 20 }),
        (19, &PDF[19..], UploadRule::Elsewhere { received: 20 }),
        (21, &PDF[21..], UploadRule::Elsewhere { received: 20 }),
        (size, b"", UploadRule::Elsewhere { received: 20 }),
        (20, PDF, UploadRule::TooMuch { size }),
    ] {
        assert_eq!(rule(desk.send(upload.id, offset, bytes).await), expected);
    }
    // Nobody said how many they are, and they are too many.
    let part = UploadPart {
        offset: 20,
        length: None,
        checksum: None,
    };
    let bytes = stream::iter(PDF.chunks(9).map(|chunk| Ok(Bytes::from_static(chunk))));
    let portal = &desk.world.portal;
    let outcome = portal.receive_upload(&desk.amina, upload.id, part, bytes).await;
    assert_eq!(rule(outcome), UploadRule::TooMuch { size });
    assert_eq!(desk.progress(upload.id).await.unwrap().received, 20);
    assert_eq!(desk.kept(&upload).unwrap(), PDF[..20]);
}

#[tokio::test]
async fn an_upload_is_its_beginners_alone() {
    let desk = Desk::new().await;
    let (_, _, omar) = desk.world.enter(&desk.world.omar).await;
    let upload = desk.begin("passport.pdf", PDF.len()).await;
    let preview = Context {
        actor: Actor::Preview {
            staff: desk.world.owner_id,
            client: desk.world.amina.id,
            access: desk.access.id,
        },
        ..desk.amina.clone()
    };
    let part = UploadPart {
        offset: 0,
        length: None,
        checksum: None,
    };
    let portal = &desk.world.portal;
    for stranger in [&omar, &desk.world.owner, &preview] {
        let bytes = stream::iter([Ok(Bytes::from_static(PDF))]);
        let sent = portal.receive_upload(stranger, upload.id, part, bytes).await;
        assert!(matches!(sent, Err(Error::NotFound("upload"))), "{sent:?}");
        let seen = portal.upload_progress(stranger, upload.id).await;
        assert!(matches!(seen, Err(Error::NotFound("upload"))), "{seen:?}");
        let ended = portal.give_upload_up(stranger, upload.id).await;
        assert!(matches!(ended, Err(Error::NotFound("upload"))), "{ended:?}");
    }
    let nobody = Context::anyone(desk.amina.practice, desk.amina.origin.clone(), desk.amina.at);
    let seen = portal.upload_progress(&nobody, upload.id).await;
    assert!(matches!(seen, Err(Error::Unauthenticated)), "{seen:?}");
    let begun = portal.begin_upload(&preview, &desk.new_upload("a.pdf", 1)).await;
    assert!(matches!(begun, Err(Error::Denied(_))), "{begun:?}");
    assert_eq!(desk.progress(upload.id).await.unwrap(), upload);
}

#[tokio::test]
async fn who_lost_their_access_sends_no_more_and_goes_on_when_they_have_it_again() {
    let desk = Desk::new().await;
    let upload = desk.begin("passport.pdf", PDF.len()).await;
    desk.send(upload.id, 0, &PDF[..20]).await.unwrap();
    let portal = &desk.world.portal;
    portal
        .revoke_access(&desk.world.owner, desk.access.id)
        .await
        .unwrap();
    let refused = desk.send(upload.id, 20, &PDF[20..]).await;
    assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
    assert_eq!(desk.documents().await, 0);
    portal
        .restore_access(&desk.world.owner, desk.access.id)
        .await
        .unwrap();
    let done = desk.send(upload.id, 20, &PDF[20..]).await.unwrap();
    assert_eq!(desk.file(done.document().unwrap()).await, PDF);
}

#[tokio::test]
async fn of_goes_at_once_one_writes_and_the_others_are_told() {
    let desk = Desk::new().await;
    let upload = desk.begin("passport.pdf", PDF.len()).await;
    let part = UploadPart {
        offset: 0,
        length: None,
        checksum: None,
    };
    let (give, take) = futures_channel();
    let portal = &desk.world.portal;
    let first = portal.receive_upload(&desk.amina, upload.id, part, take);
    let second = async {
        // The first holds it by now: it waits for its bytes.
        for _ in 0..3 {
            assert_eq!(rule(desk.send(upload.id, 0, PDF).await), UploadRule::Busy);
        }
        let busy = portal.give_upload_up(&desk.amina, upload.id).await;
        assert!(matches!(busy, Err(Error::Rule(UploadRule::Busy))), "{busy:?}");
        give(PDF);
    };
    let (first, ()) = future::join(first, second).await;
    assert_eq!(desk.file(first.unwrap().document().unwrap()).await, PDF);
    // Any number at once, at any offset, in any order: the bytes never mix.
    let upload = desk.begin("second.pdf", PDF.len()).await;
    loop {
        let at = desk.progress(upload.id).await.unwrap().received;
        let from = usize::try_from(at).unwrap();
        if from == PDF.len() {
            break;
        }
        let bytes = &PDF[from..(from + 9).min(PDF.len())];
        let goes = future::join_all((0..5).map(|_| desk.send(upload.id, at, bytes))).await;
        let won = goes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(won, 1, "{goes:?}");
    }
    let document = desk.progress(upload.id).await.unwrap().document().unwrap();
    assert_eq!(desk.file(document).await, PDF);
    assert_eq!(desk.documents().await, 2);
}

/// Blobs that somebody else takes hold of first: the bytes that they send, through the portal without such luck.
struct Overtaken {
    blobs: MemoryBlobs,
    first: Mutex<Option<(Portal, Context, &'static [u8])>>,
}

#[async_trait]
impl Blobs for Overtaken {
    async fn hold(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>, BlobError> {
        let first = self.first.lock().unwrap().take();
        if let Some((portal, ctx, bytes)) = first {
            let part = UploadPart {
                offset: 0,
                length: None,
                checksum: None,
            };
            let bytes = stream::iter([Ok(Bytes::from_static(bytes))]);
            let sent = portal.receive_upload(&ctx, key.id.into(), part, bytes).await;
            sent.expect("whoever is first succeeds");
        }
        self.blobs.hold(key).await
    }
    async fn create(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>, BlobError> {
        self.blobs.create(key).await
    }
    async fn unfinished(&self, practice: PracticeId) -> Result<Vec<BlobKey>, BlobError> {
        Blobs::unfinished(&self.blobs, practice).await
    }
    async fn open(&self, key: BlobKey, range: Option<Range<u64>>) -> Result<BlobStream, BlobError> {
        self.blobs.open(key, range).await
    }
    async fn delete(&self, key: BlobKey) -> Result<(), BlobError> {
        self.blobs.delete(key).await
    }
    async fn written_before(
        &self,
        practice: PracticeId,
        before: Timestamp,
    ) -> Result<Vec<BlobKey>, BlobError> {
        self.blobs.written_before(practice, before).await
    }
    async fn discard_unfinished(&self, before: Timestamp) -> Result<u64, BlobError> {
        self.blobs.discard_unfinished(before).await
    }
    async fn check(&self) -> Result<(), BlobError> {
        self.blobs.check().await
    }
}

#[tokio::test]
async fn a_go_that_is_overtaken_before_it_holds_the_upload_touches_no_byte() {
    for sent_first in [&PDF[..30], PDF] {
        let desk = Desk::new().await;
        let upload = desk.begin("passport.pdf", PDF.len()).await;
        let first = (desk.world.portal.clone(), desk.amina.clone(), sent_first);
        let overtaken = Portal::new(Parts {
            blobs: Arc::new(Overtaken {
                blobs: desk.world.fakes.blobs.clone(),
                first: Mutex::new(Some(first)),
            }),
            ..desk.world.fakes.parts(desk.world.store.clone())
        });
        let part = UploadPart {
            offset: 0,
            length: None,
            checksum: None,
        };
        let bytes = stream::iter([Ok(Bytes::from_static(b"%PDF-1.7 another file"))]);
        let late = overtaken
            .receive_upload(&desk.amina, upload.id, part, bytes)
            .await;
        let received = u64::try_from(sent_first.len()).unwrap();
        assert_eq!(rule(late), UploadRule::Elsewhere { received });
        let mut now = desk.progress(upload.id).await.unwrap();
        assert_eq!(now.received, received);
        if now.document().is_none() {
            assert_eq!(desk.kept(&upload).unwrap(), PDF[..30]);
            now = desk.send(upload.id, received, &PDF[30..]).await.unwrap();
        }
        assert_eq!(desk.file(now.document().unwrap()).await, PDF);
        assert_eq!(desk.documents().await, 1);
    }
}

/// A stream that gives what it is given, once.
fn futures_channel() -> (
    impl FnOnce(&'static [u8]),
    impl futures_util::Stream<Item = Result<Bytes, Interrupted>> + Send + Unpin,
) {
    let (give, take) = tokio::sync::oneshot::channel::<&'static [u8]>();
    let bytes = Box::pin(stream::once(async move {
        Ok(Bytes::from_static(take.await.unwrap()))
    }));
    (move |bytes| give.send(bytes).unwrap(), bytes)
}

#[tokio::test]
async fn a_full_storage_keeps_what_was_acknowledged_and_goes_on_once_there_is_room() {
    let desk = Desk::new().await;
    let upload = desk.begin("passport.pdf", PDF.len()).await;
    desk.send(upload.id, 0, &PDF[..20]).await.unwrap();
    desk.world.fakes.blobs.fail_after(30, BlobError::Full);
    let full = desk.send(upload.id, 20, &PDF[20..]).await;
    assert!(matches!(full, Err(Error::Blob(BlobError::Full))), "{full:?}");
    assert_eq!(desk.kept(&upload).unwrap(), PDF[..20], "nothing is left half");
    assert_eq!(desk.progress(upload.id).await.unwrap().received, 20);
    let full = desk.world.upload(&desk.amina, &desk.request, "other.pdf").await;
    assert!(matches!(full, Err(Error::Blob(BlobError::Full))), "{full:?}");
    assert_eq!(desk.world.fakes.blobs.keys(), []);
    desk.world.fakes.blobs.mend();
    let done = desk.send(upload.id, 20, &PDF[20..]).await.unwrap();
    assert_eq!(desk.file(done.document().unwrap()).await, PDF);
}

#[tokio::test]
async fn what_a_store_could_not_note_is_not_acknowledged() {
    let desk = Desk::new().await;
    let upload = desk.begin("passport.pdf", PDF.len()).await;
    let store = desk.world.store.clone();
    let away = StoreError::Unavailable("away".into());
    let bytes = stream::iter(PDF[..20].chunks(5).map(move |chunk| {
        store.fail_with(Some(away.clone()));
        Ok(Bytes::from_static(chunk))
    }));
    let part = UploadPart {
        offset: 0,
        length: None,
        checksum: None,
    };
    let portal = &desk.world.portal;
    let lost = portal.receive_upload(&desk.amina, upload.id, part, bytes).await;
    assert!(
        matches!(lost, Err(Error::Store(StoreError::Unavailable(_)))),
        "{lost:?}"
    );
    desk.world.store.fail_with(None);
    assert_eq!(desk.progress(upload.id).await.unwrap().received, 0);
    let done = desk.send(upload.id, 0, PDF).await.unwrap();
    assert_eq!(desk.file(done.document().unwrap()).await, PDF);
}

/// The state after a kill between the acknowledgement of the last byte and the commit of the document; `renamed` says
/// whether the blob was finished by then.
async fn killed_before_filing(desk: &Desk, renamed: bool) -> Upload {
    let upload = desk.begin("passport.pdf", PDF.len()).await;
    let mut writer = desk.world.portal.blobs().hold(upload.blob()).await.unwrap();
    writer.write(Bytes::from_static(PDF)).await.unwrap();
    writer.sync().await.unwrap();
    let whole = upload
        .receive(PDF.len().try_into().unwrap(), desk.amina.at)
        .unwrap();
    let change = Change::unaudited(whole.practice_id, "a test sets up a crash").save(whole.clone());
    desk.world.portal.commit(change).await.unwrap();
    if renamed {
        writer.finish().await.unwrap();
    }
    whole
}

#[tokio::test]
async fn a_file_whose_server_was_killed_after_its_last_byte_is_filed_once_when_somebody_asks() {
    for renamed in [false, true] {
        let desk = Desk::new().await;
        let upload = killed_before_filing(&desk, renamed).await;
        let asked = future::join_all((0..4).map(|_| desk.progress(upload.id))).await;
        assert!(asked.iter().any(Result::is_ok), "{asked:?}");
        let filed = desk.progress(upload.id).await.unwrap();
        assert_eq!(desk.file(filed.document().unwrap()).await, PDF);
        assert_eq!(desk.documents().await, 1);
        // Or when the sender says that nothing is left to send.
        let upload = killed_before_filing(&desk, renamed).await;
        let filed = desk.send(upload.id, upload.size, b"").await.unwrap();
        assert_eq!(desk.file(filed.document().unwrap()).await, PDF);
        assert_eq!(desk.documents().await, 2);
    }
}

#[tokio::test]
async fn what_may_not_become_a_document_is_refused_and_thrown_away() {
    let desk = Desk::new().await;
    let page: &[u8] = b"<html><script>alert(1)</script></html>";
    let upload = desk.begin("passport.pdf", page.len()).await;
    desk.send(upload.id, 0, &page[..10]).await.unwrap();
    let refused = rule(desk.send(upload.id, 10, &page[10..]).await);
    assert!(
        matches!(refused, UploadRule::Document(DocumentRule::NotWhatItSays { .. })),
        "{refused:?}"
    );
    assert_eq!(rule(desk.progress(upload.id).await), UploadRule::Over);
    // A large one is refused before it is whole.
    let large: &[u8] = &[b'<'; 9_000];
    let upload = desk.begin("passport.pdf", 1_000_000).await;
    let refused = rule(desk.send(upload.id, 0, large).await);
    assert!(matches!(refused, UploadRule::Document(_)), "{refused:?}");
    assert_eq!(rule(desk.send(upload.id, 0, large).await), UploadRule::Over);
    // One whose request was settled meanwhile.
    for renamed in [false, true] {
        let upload = killed_before_filing(&desk, renamed).await;
        let (owner, request) = (&desk.world.owner, desk.request.id);
        let portal = &desk.world.portal;
        let waive = RequestStep::Waive(String::new());
        portal.step_request(owner, request, &waive).await.unwrap();
        assert_eq!(
            rule(desk.progress(upload.id).await),
            UploadRule::Document(DocumentRule::RequestSettled)
        );
        assert_eq!(rule(desk.progress(upload.id).await), UploadRule::Over);
        portal
            .step_request(owner, request, &RequestStep::Reopen)
            .await
            .unwrap();
    }
    assert_eq!(desk.documents().await, 0);
    assert_eq!(desk.world.fakes.blobs.unfinished(), 0);
    assert_eq!(desk.world.fakes.blobs.keys(), []);
}

#[tokio::test]
async fn what_is_given_up_is_gone() {
    let desk = Desk::new().await;
    let upload = desk.begin("passport.pdf", PDF.len()).await;
    desk.send(upload.id, 0, &PDF[..20]).await.unwrap();
    let portal = &desk.world.portal;
    portal.give_upload_up(&desk.amina, upload.id).await.unwrap();
    assert_eq!(desk.kept(&upload), None);
    assert_eq!(rule(desk.progress(upload.id).await), UploadRule::Over);
    assert_eq!(rule(desk.send(upload.id, 20, &PDF[20..]).await), UploadRule::Over);
    let again = portal.give_upload_up(&desk.amina, upload.id).await;
    assert!(matches!(again, Err(Error::Rule(UploadRule::Over))), "{again:?}");
    // A document is not given up by its upload.
    let upload = desk.begin("passport.pdf", PDF.len()).await;
    let done = desk.send(upload.id, 0, PDF).await.unwrap();
    let over = portal.give_upload_up(&desk.amina, upload.id).await;
    assert!(matches!(over, Err(Error::Rule(UploadRule::Over))), "{over:?}");
    assert_eq!(desk.file(done.document().unwrap()).await, PDF);
}

#[tokio::test]
async fn a_sweep_takes_what_is_over_and_leaves_what_waits() {
    let desk = Desk::new().await;
    let (portal, practice) = (&desk.world.portal, desk.world.practice.id);
    let clock = &desk.world.fakes.clock;
    let old = desk.begin("old.pdf", PDF.len()).await;
    desk.send(old.id, 0, &PDF[..20]).await.unwrap();
    clock.advance(Duration::hours(12));
    let young = desk.begin("young.pdf", PDF.len()).await;
    desk.send(young.id, 0, &PDF[..20]).await.unwrap();
    // Bytes that no upload knows any more.
    let mut stray = old.blob();
    stray.id = uuid::Uuid::from_u128(77);
    drop(portal.blobs().hold(stray).await.unwrap());
    assert_eq!(portal.sweep_uploads(practice).await.unwrap(), 1, "the stray");
    assert_eq!(desk.kept(&old).unwrap(), PDF[..20]);
    clock.advance(Duration::hours(13));
    let held = portal.blobs().hold(old.blob()).await.unwrap();
    assert_eq!(
        portal.sweep_uploads(practice).await.unwrap(),
        0,
        "somebody is at it"
    );
    drop(held);
    assert_eq!(portal.sweep_uploads(practice).await.unwrap(), 1, "the old one");
    assert_eq!(desk.kept(&old), None);
    assert_eq!(rule(desk.progress(old.id).await), UploadRule::Over);
    assert_eq!(rule(desk.send(old.id, 20, &PDF[20..]).await), UploadRule::Over);
    assert_eq!(desk.kept(&young).unwrap(), PDF[..20]);
    let done = desk.send(young.id, 20, &PDF[20..]).await.unwrap();
    assert_eq!(desk.file(done.document().unwrap()).await, PDF);
}

#[tokio::test]
async fn bytes_that_a_disk_lost_end_their_upload() {
    let desk = Desk::new().await;
    let upload = desk.begin("passport.pdf", PDF.len()).await;
    desk.send(upload.id, 0, &PDF[..20]).await.unwrap();
    desk.world.fakes.blobs.lose(upload.blob());
    assert_eq!(rule(desk.send(upload.id, 20, &PDF[20..]).await), UploadRule::Over);
    let ended = desk
        .world
        .portal
        .store()
        .upload(upload.practice_id, upload.id)
        .await
        .unwrap();
    assert_eq!(ended.unwrap().state, UploadState::Ended);
    assert_eq!(desk.world.fakes.blobs.unfinished(), 0);
}

#[tokio::test]
async fn a_long_go_is_acknowledged_on_the_way() {
    let desk = Desk::new().await;
    let mebi = 1_usize << 20;
    let upload = desk.begin("film.pdf", 50 * mebi).await;
    let mut first = vec![0; mebi];
    first[..PDF.len()].copy_from_slice(PDF);
    let chunks = std::iter::once(first).chain(std::iter::repeat_n(vec![0; mebi], 33));
    let bytes = stream::iter(chunks.map(|chunk| Ok(Bytes::from(chunk)))).chain(stream::pending());
    let part = UploadPart {
        offset: 0,
        length: None,
        checksum: None,
    };
    // The server is killed while it waits for more.
    let mut go = Box::pin(
        desk.world
            .portal
            .receive_upload(&desk.amina, upload.id, part, bytes),
    );
    assert!(futures_util::poll!(&mut go).is_pending());
    drop(go);
    assert_eq!(desk.progress(upload.id).await.unwrap().received, 32 << 20);
    let mut writer = desk.world.portal.blobs().hold(upload.blob()).await.unwrap();
    assert_eq!(writer.cut(32 << 20).await, Ok(()));
}

#[tokio::test]
async fn nobody_leaves_more_waiting_than_they_may() {
    let desk = Desk::new().await;
    let mut last = None;
    for _ in 0..Upload::MOST_WAITING {
        last = Some(desk.begin("a.pdf", PDF.len()).await);
    }
    let portal = &desk.world.portal;
    let new = desk.new_upload("a.pdf", PDF.len());
    let full = portal.begin_upload(&desk.amina, &new).await;
    assert!(
        matches!(full, Err(Error::Rule(UploadRule::TooMany(Upload::MOST_WAITING)))),
        "{full:?}"
    );
    // Others are not kept waiting by it, and one that is finished makes room.
    let filed = NewUpload {
        target: UploadTarget::Matter {
            matter: desk.world.matter.id,
            client: None,
            confidentiality: Confidentiality::StaffOnly,
            replaces: None,
        },
        ..new.clone()
    };
    assert_eq!(desk.world.owner.staff().map(|(_, role)| role), Some(Role::Owner));
    portal.begin_upload(&desk.world.owner, &filed).await.unwrap();
    desk.send(last.unwrap().id, 0, PDF).await.unwrap();
    portal.begin_upload(&desk.amina, &new).await.unwrap();
}
