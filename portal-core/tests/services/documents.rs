use bytes::Bytes;
use futures_util::stream;
use portal_core::checklist::{ChecklistRule, RequestState, RequestStep};
use portal_core::document::{DocumentFilter, DocumentRule, Interrupted, UploadTarget};
use portal_core::{BlobError, Duration, Error, PageRequest, StoreError};

use crate::world::{PDF, World};

#[tokio::test]
async fn an_upload_that_breaks_off_at_any_byte_leaves_nothing() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let request = world.ask(&world.amina, "Passport").await;
    let target = UploadTarget::Request {
        request: request.id,
        replaces: None,
    };
    for cut in 0..=PDF.len() {
        let mut chunks: Vec<Result<Bytes, Interrupted>> =
            PDF[..cut].chunks(5).map(|c| Ok(Bytes::from_static(c))).collect();
        chunks.push(Err(Interrupted));
        let result = world
            .portal
            .upload(&amina, target, "passport.pdf", stream::iter(chunks))
            .await;
        assert!(
            matches!(result, Err(Error::Rule(DocumentRule::Interrupted(_)))),
            "{result:?}"
        );
    }
    assert!(world.fakes.blobs.keys().is_empty());
    assert_eq!(world.fakes.blobs.unfinished(), 0);
    let page = world
        .portal
        .documents(&amina, &DocumentFilter::default(), &PageRequest::default())
        .await
        .unwrap();
    assert!(page.items.is_empty());
    assert_eq!(
        world.portal.request(&amina, request.id).await.unwrap().state,
        RequestState::Outstanding
    );
}

#[tokio::test]
async fn what_a_failed_store_leaves_behind_is_swept() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let request = world.ask(&world.amina, "Passport").await;
    let kept = world.upload(&amina, &request, "kept.pdf").await.unwrap();

    world.fakes.blobs.fail_after(10, BlobError::Full);
    let full = world.upload(&amina, &request, "x.pdf").await;
    assert!(matches!(full, Err(Error::Blob(BlobError::Full))), "{full:?}");
    world.fakes.blobs.mend();

    // A blob whose commit never happened, as after a crash between the two.
    let orphan = portal_core::BlobKey {
        practice: world.practice.id,
        id: uuid::Uuid::from_u128(99),
    };
    let mut writer = world.portal.blobs().create(orphan).await.unwrap();
    writer.write(Bytes::from_static(b"x")).await.unwrap();
    writer.finish().await.unwrap();
    world.fakes.clock.advance(Duration::hours(25));
    let before = world.fakes.clock.time() - Duration::hours(24);
    assert_eq!(
        world.portal.sweep_blobs(world.practice.id, before).await.unwrap(),
        1
    );
    assert_eq!(world.fakes.blobs.keys(), vec![kept.blob()]);
    assert_eq!(
        world.portal.sweep_blobs(world.practice.id, before).await.unwrap(),
        0
    );
}

#[tokio::test]
async fn hostile_files_are_refused_by_name_and_nothing_is_kept() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let request = world.ask(&world.amina, "Passport").await;
    let target = UploadTarget::Request {
        request: request.id,
        replaces: None,
    };
    let png: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    let hostile: [(&str, &'static [u8]); 7] = [
        ("passport.pdf", png),
        ("page.html", b"<!doctype html><script>alert(1)</script>"),
        (
            "image.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        ),
        ("note.txt", b"<html><script>alert(1)</script>"),
        ("empty.pdf", b""),
        ("setup.exe", b"MZ\x90\0"),
        ("noextension", PDF),
    ];
    for (name, bytes) in hostile {
        let error = world
            .upload_bytes(&amina, target, name, bytes)
            .await
            .expect_err(name);
        assert!(
            error.to_string().contains(name),
            "the error names the file: {error}"
        );
    }
    assert!(world.fakes.blobs.keys().is_empty());
    let odd = world
        .upload(&amina, &request, "..\\..\\etc/pass\"word\r\nSet-Cookie: x.pdf")
        .await
        .unwrap();
    assert_eq!(odd.current.name.as_str(), "pass_word Set-Cookie_ x.pdf");
}

#[tokio::test]
async fn settled_requests_take_no_files_and_keep_what_they_have() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let request = world.ask(&world.amina, "Passport").await;
    let nothing = world
        .portal
        .step_request(&world.owner, request.id, &RequestStep::Accept)
        .await;
    assert!(matches!(
        nothing,
        Err(Error::Rule(ChecklistRule::NothingToAccept))
    ));
    world.upload(&amina, &request, "a.pdf").await.unwrap();
    for step in [
        RequestStep::Accept,
        RequestStep::Reopen,
        RequestStep::Waive(String::new()),
        RequestStep::Reopen,
        RequestStep::Withdraw,
    ] {
        world
            .portal
            .step_request(&world.owner, request.id, &step)
            .await
            .unwrap_or_else(|e| panic!("{step:?}: {e}"));
    }
    let late = world.upload(&amina, &request, "late.pdf").await;
    assert!(
        matches!(late, Err(Error::Rule(DocumentRule::RequestSettled))),
        "{late:?}"
    );
    let page = world
        .portal
        .documents(&amina, &DocumentFilter::default(), &PageRequest::default())
        .await
        .unwrap();
    assert_eq!(page.items.len(), 1, "what was provided stays visible");
    assert!(world.portal.request(&amina, request.id).await.is_ok());
}

#[tokio::test]
async fn an_archive_names_every_file_once() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let empty = world.portal.archive(&world.owner, world.matter.id, None).await;
    assert!(matches!(empty, Err(Error::Rule(DocumentRule::NothingToDownload))));
    let request = world.ask(&world.amina, "Passport / ID").await;
    for name in ["scan.pdf", "SCAN.pdf", "scan.pdf", "scan (2).pdf"] {
        world.upload(&amina, &request, name).await.unwrap();
    }
    let entries = world
        .portal
        .archive(&world.owner, world.matter.id, Some(world.amina.id))
        .await
        .unwrap();
    let mut paths: Vec<String> = entries.iter().map(|entry| entry.path.to_lowercase()).collect();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), 4, "{paths:?}");
    assert!(
        world.portal.archive(&amina, world.matter.id, None).await.is_err(),
        "for staff only"
    );
}

#[tokio::test]
async fn a_store_that_is_away_loses_nothing_it_acknowledged() {
    let store = std::sync::Arc::new(portal_core::testing::MemoryStore::default());
    let fakes = portal_core::testing::Fakes::default();
    let portal = fakes.portal(store.clone());
    store.fail_with(Some(StoreError::Unavailable("away".into())));
    let draft = portal_core::practice::PracticeDraft {
        name: "X".into(),
        ..Default::default()
    };
    let owner = portal_core::identity::NewStaffMember {
        name: "O".into(),
        email: "o@x.test".into(),
        role: portal_core::policy::Role::Owner,
        password: crate::world::PASSWORD.into(),
    };
    let away = portal
        .create_practice(&draft, owner.clone())
        .await
        .expect_err("the store is away");
    assert_eq!(away.kind(), portal_core::ErrorKind::Unavailable);
    store.fail_with(None);
    portal.create_practice(&draft, owner).await.unwrap();
}

#[tokio::test]
async fn nothing_is_reviewed_unseen() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let request = world.ask(&world.amina, "Passport").await;
    let seen = world.upload(&amina, &request, "first.pdf").await.unwrap();
    let read = world.portal.request(&world.owner, request.id).await.unwrap();
    let onto = UploadTarget::Request {
        request: request.id,
        replaces: Some(seen.id),
    };
    world.upload_bytes(&amina, onto, "second.pdf", PDF).await.unwrap();

    let portal = &world.portal;
    let document = portal
        .accept_document_at(&world.owner, seen.id, Some(seen.version))
        .await;
    assert!(
        matches!(document, Err(Error::Store(StoreError::Stale))),
        "{document:?}"
    );
    let document = portal
        .return_document_at(&world.owner, seen.id, Some(seen.version), "Blurred")
        .await;
    assert!(
        matches!(document, Err(Error::Store(StoreError::Stale))),
        "{document:?}"
    );
    for step in [RequestStep::Accept, RequestStep::Return("Blurred".into())] {
        let stepped = portal
            .step_request_at(&world.owner, request.id, Some(read.version), &step)
            .await;
        assert!(
            matches!(stepped, Err(Error::Store(StoreError::Stale))),
            "{stepped:?}"
        );
    }

    let now = portal.document(&world.owner, seen.id).await.unwrap();
    portal
        .accept_document_at(&world.owner, seen.id, Some(now.version))
        .await
        .unwrap();
    assert_eq!(
        portal.request(&world.owner, request.id).await.unwrap().state,
        RequestState::Accepted
    );
}

#[tokio::test]
async fn what_is_sent_again_takes_the_place_of_what_was_returned() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let request = world.ask(&world.amina, "Passport").await;
    let dark = world.upload(&amina, &request, "dark.pdf").await.unwrap();
    world
        .portal
        .return_document(&world.owner, dark.id, "Too dark to read")
        .await
        .unwrap();
    let again = world.portal.request(&amina, request.id).await.unwrap();
    assert_eq!(again.state, RequestState::Returned);

    // Both are sent at once, and only one can take the place.
    let (one, two) = tokio::join!(
        world.upload(&amina, &request, "bright.pdf"),
        world.upload(&amina, &request, "brighter.pdf"),
    );
    let mut versions =
        [one.unwrap(), two.unwrap()].map(|document| (document.id == dark.id, document.versions));
    versions.sort_unstable();
    assert_eq!(versions, [(false, 1), (true, 2)]);
    let submitted = world.portal.request(&amina, request.id).await.unwrap();
    assert_eq!(
        (submitted.state, submitted.reason),
        (RequestState::Submitted, None)
    );
}
