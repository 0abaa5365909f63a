use portal_core::audit::AuditFilter;
use portal_core::checklist::{RequestFilter, RequestState};
use portal_core::document::{DocumentFilter, DocumentRule, DocumentStatus, UploadTarget};
use portal_core::{Error, Origin, PageRequest};

use crate::world::{World, template_draft};

/// From "portal enabled" to "passport accepted" and out again.
#[tokio::test]
async fn a_client_provides_what_is_asked_and_staff_accepts_it() {
    let world = World::new().await;
    let (portal, owner) = (&world.portal, &world.owner);
    let template = portal.add_template(owner, &template_draft()).await.unwrap();
    let asked = portal
        .apply_template(owner, world.matter.id, world.amina.id, template.id)
        .await
        .unwrap();
    assert_eq!(asked.len(), 2);
    let (access, token, amina) = world.enter(&world.amina).await;

    let next = portal
        .next_request(&amina, world.matter.id)
        .await
        .unwrap()
        .expect("something to do");
    assert_eq!(next.title, "Passport");
    let first = world.upload(&amina, &next, "passport.pdf").await.unwrap();
    let second = world.upload(&amina, &next, "visa page.pdf").await.unwrap();
    assert_eq!(
        (first.category.as_str(), first.status),
        ("Portal Upload", DocumentStatus::PendingReview)
    );
    assert_eq!(
        portal.request(&amina, next.id).await.unwrap().state,
        RequestState::Submitted
    );

    portal.drain().await.unwrap();
    let told = portal
        .notifications(owner, true, &PageRequest::default())
        .await
        .unwrap()
        .items;
    assert!(
        told.iter().any(|n| n.headline.contains("passport.pdf")),
        "staff is told: {told:?}"
    );
    assert_eq!(
        portal.unread_notifications(owner).await.unwrap(),
        told.len() as u64
    );
    let staff_mails = world.fakes.mail.sent_to("sam@harbour.test");
    assert_eq!(staff_mails.len(), 1, "two uploads in a row are one mail");

    portal
        .return_document(owner, second.id, "Too dark to read")
        .await
        .unwrap();
    portal.drain().await.unwrap();
    assert!(
        world
            .last_mail(&world.amina)
            .content
            .text
            .contains("Too dark to read")
    );
    let returned = portal.request(&amina, next.id).await.unwrap();
    assert_eq!(
        (returned.state, returned.reason.as_deref()),
        (RequestState::Returned, Some("Too dark to read"))
    );
    let again = UploadTarget::Request {
        request: next.id,
        replaces: Some(second.id),
    };
    let replaced = world
        .upload_bytes(&amina, again, "visa page 2.pdf", crate::world::PDF)
        .await
        .unwrap();
    assert_eq!((replaced.id, replaced.versions), (second.id, 2));
    assert_eq!(
        portal.document_versions(&amina, second.id).await.unwrap().len(),
        2,
        "nothing is overwritten"
    );

    portal.accept_document(owner, first.id).await.unwrap();
    assert_eq!(
        portal.request(&amina, next.id).await.unwrap().state,
        RequestState::Submitted
    );
    portal.accept_document(owner, second.id).await.unwrap();
    assert_eq!(
        portal.request(&amina, next.id).await.unwrap().state,
        RequestState::Accepted
    );
    let filter = RequestFilter {
        matter: Some(world.matter.id),
        ..RequestFilter::default()
    };
    let counts = portal.request_counts(&amina, &filter).await.unwrap();
    assert_eq!((counts.asked(), counts.done(), counts.to_do()), (2, 1, 1));

    let ticket = portal.download_ticket(&amina, first.id).await.unwrap();
    portal
        .redeem_ticket(&ticket, Origin::default())
        .await
        .expect("the address works");
    portal.revoke_access(owner, access.id).await.unwrap();
    assert!(world.ctx(&token).await.is_none(), "the session is dead");
    let dead = portal.redeem_ticket(&ticket, Origin::default()).await;
    assert!(
        matches!(dead, Err(Error::Rule(DocumentRule::TicketSpent))),
        "{dead:?}"
    );
    let stale_page = portal
        .documents(&amina, &DocumentFilter::default(), &PageRequest::default())
        .await;
    assert!(
        stale_page.is_err(),
        "a context from before the revocation sees nothing"
    );

    let trail = portal
        .audit_entries(
            owner,
            &AuditFilter {
                matter: Some(world.matter.id),
                ..AuditFilter::default()
            },
            &PageRequest::first(200),
        )
        .await
        .unwrap();
    let actions: Vec<&str> = trail.items.iter().map(|entry| entry.action.as_str()).collect();
    for action in [
        "matter.opened",
        "participant.put",
        "template.applied",
        "access.enabled",
        "link.issued",
        "client.signed-in",
        "document.uploaded",
        "document.returned",
        "document.accepted",
        "document.downloaded",
        "access.revoked",
    ] {
        assert!(actions.contains(&action), "{action} is missing in {actions:?}");
    }
}
