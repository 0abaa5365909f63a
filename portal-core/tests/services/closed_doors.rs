//! Doors that must stay closed: each of these was open once.

use portal_core::access::{LinkView, SignInRule};
use portal_core::audit::AuditFilter;
use portal_core::checklist::RequestStep;
use portal_core::client::ClientDraft;
use portal_core::document::UploadTarget;
use portal_core::identity::{NewStaffMember, Password};
use portal_core::matter::{MatterDraft, Part};
use portal_core::notify::{DeliveryFilter, DeliveryState, Queue, SendError};
use portal_core::policy::Role;
use portal_core::{Actor, Context, Duration, Error, Locator, Origin, PageRequest, PracticeId};

use crate::world::{PASSWORD, PDF, World, code_in, link_in, matter_draft};

async fn member(world: &World, name: &str) -> Context {
    let new = NewStaffMember {
        name: name.into(),
        email: format!("{name}@harbour.test"),
        role: Role::Member,
        password: PASSWORD.into(),
    };
    let member = world.portal.add_staff(&world.owner, new).await.unwrap();
    let actor = Actor::Staff {
        id: member.id,
        role: Role::Member,
    };
    Context {
        actor,
        session: None,
        ..world.owner.clone()
    }
}

#[tokio::test]
async fn a_made_up_practice_gives_nobody_limits_of_their_own() {
    let world = World::new().await;
    let made_up = PracticeId(uuid::Uuid::from_u128(77));
    let password = Password::typed("x".into());
    let refused = world
        .portal
        .sign_in_staff(made_up, "sam@harbour.test", password, Origin::default())
        .await;
    assert!(refused.is_err());
    let page = PageRequest::default();
    let trail = world
        .portal
        .store()
        .audit_entries(made_up, &AuditFilter::default(), &page)
        .await
        .unwrap();
    assert!(trail.items.is_empty(), "and leaves nothing behind");
    let locator = Locator {
        practice: made_up,
        id: uuid::Uuid::from_u128(78),
    };
    world
        .portal
        .ask_for_link(locator, None, Origin::default())
        .await
        .unwrap();
    for queue in Queue::ALL {
        let due = world.portal.store().due_practices(queue, world.portal.now(), 10);
        assert!(due.await.unwrap().iter().all(|p| *p != made_up));
    }
}

#[test]
fn limits_count_subscribers_and_not_addresses() {
    let network = |ip: &str| {
        Origin {
            ip: Some(ip.parse().unwrap()),
            ..Origin::default()
        }
        .network()
    };
    assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
    assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    assert_eq!(network("::ffff:203.0.113.9"), network("203.0.113.9"));
    assert_ne!(network("203.0.113.9"), network("203.0.113.8"));
}

#[tokio::test]
async fn a_member_cannot_become_a_client_of_matters_that_are_not_theirs() {
    let world = World::new().await;
    world.enter(&world.amina).await;
    let lucy = member(&world, "lucy").await;
    let mine = ClientDraft {
        email: "lucy@elsewhere.test".into(),
        ..world.amina.draft()
    };
    let taken = world
        .portal
        .update_client(&lucy, world.amina.id, None, &mine)
        .await;
    assert!(matches!(taken, Err(Error::Denied(_))), "{taken:?}");
    let out = world.portal.set_client_active(&lucy, world.amina.id, false).await;
    assert!(matches!(out, Err(Error::Denied(_))), "{out:?}");
    let phone = ClientDraft {
        phone: "+61 491 570 156".into(),
        ..world.amina.draft()
    };
    world
        .portal
        .update_client(&lucy, world.amina.id, None, &phone)
        .await
        .expect("a telephone opens nothing");
}

#[tokio::test]
async fn a_corrected_address_shuts_out_whoever_reads_the_old_one() {
    let world = World::new().await;
    let (_, token, _) = world.enter(&world.amina).await;
    world.fakes.clock.advance(Duration::hours(2));
    let access = world
        .portal
        .accesses(&world.owner, world.matter.id)
        .await
        .unwrap()[0]
        .0
        .id;
    world.portal.invite(&world.owner, access).await.unwrap();
    world.portal.drain().await.unwrap();
    let mail = world.last_mail(&world.amina);
    let right = ClientDraft {
        email: "right@mail.test".into(),
        ..world.amina.draft()
    };
    world
        .portal
        .update_client(&world.owner, world.amina.id, None, &right)
        .await
        .unwrap();
    assert!(
        world.ctx(&token).await.is_none(),
        "what the old mailbox opened is closed"
    );
    let (link, code) = (link_in(&mail), code_in(&mail));
    assert_eq!(
        world.portal.view_link(&link, None).await.unwrap(),
        LinkView::Spent { access: Some(access) }
    );
    let late = world
        .portal
        .redeem_link(&link, None, Some(&code), Origin::default())
        .await;
    assert!(
        matches!(late, Err(Error::Rule(SignInRule::LinkSpent))),
        "{late:?}"
    );
}

#[tokio::test]
async fn a_restored_access_does_not_revive_an_old_link() {
    let world = World::new().await;
    let access = world
        .portal
        .enable_access(&world.owner, world.matter.id, world.amina.id, true)
        .await
        .unwrap()
        .id;
    world.portal.drain().await.unwrap();
    let mail = world.last_mail(&world.amina);
    world.portal.revoke_access(&world.owner, access).await.unwrap();
    world.portal.restore_access(&world.owner, access).await.unwrap();
    let (link, code) = (link_in(&mail), code_in(&mail));
    let revived = world
        .portal
        .redeem_link(&link, None, Some(&code), Origin::default())
        .await;
    assert!(
        matches!(revived, Err(Error::Rule(SignInRule::LinkSpent))),
        "{revived:?}"
    );
}

#[tokio::test]
async fn a_preview_ends_with_the_permission_and_with_the_sign_out() {
    let world = World::new().await;
    let (access, _, _) = world.enter(&world.amina).await;
    let lucy = member(&world, "lucy").await;
    let (lucy_id, _) = lucy.staff().unwrap();
    world
        .portal
        .set_team_member(&world.owner, world.matter.id, lucy_id, true)
        .await
        .unwrap();
    let preview = world.portal.preview(&lucy, access.id).await.unwrap();
    assert!(world.ctx(&preview.token).await.is_some());
    world
        .portal
        .set_team_member(&world.owner, world.matter.id, lucy_id, false)
        .await
        .unwrap();
    assert!(
        world.ctx(&preview.token).await.is_none(),
        "off the team, out of the preview"
    );

    let preview = world.portal.preview(&world.owner, access.id).await.unwrap();
    world.portal.sign_out(&world.owner).await.unwrap();
    assert!(
        world.ctx(&preview.token).await.is_none(),
        "signed out, out of the preview"
    );
}

#[tokio::test]
async fn what_is_shared_is_the_document_and_not_its_history() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let (omars, _, omar) = world.enter(&world.omar).await;
    let request = world.ask(&world.amina, "Passport").await;
    let document = world
        .upload(&amina, &request, "medical report.pdf")
        .await
        .unwrap();
    world
        .portal
        .return_document(&world.owner, document.id, "Not a passport")
        .await
        .unwrap();
    let again = UploadTarget::Request {
        request: request.id,
        replaces: Some(document.id),
    };
    world
        .upload_bytes(&amina, again, "passport.pdf", PDF)
        .await
        .unwrap();
    world
        .portal
        .share_document(&world.owner, document.id, omars.id, true)
        .await
        .unwrap();

    let seen = world.portal.document_versions(&omar, document.id).await.unwrap();
    assert_eq!(seen.iter().map(|version| version.number).collect::<Vec<_>>(), [2]);
    assert!(world.portal.download(&omar, document.id, Some(1)).await.is_err());
    world
        .portal
        .download(&omar, document.id, Some(2))
        .await
        .expect("the newest is shared");
    assert_eq!(
        world
            .portal
            .document_versions(&amina, document.id)
            .await
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn many_files_that_come_back_for_one_reason_are_one_mail() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let request = world.ask(&world.amina, "Passport").await;
    for page in 0..5 {
        world
            .upload(&amina, &request, &format!("page {page}.pdf"))
            .await
            .unwrap();
    }
    world.portal.drain().await.unwrap();
    world.fakes.mail.clear();
    world
        .portal
        .step_request(&world.owner, request.id, &RequestStep::Return("Too dark".into()))
        .await
        .unwrap();
    world.portal.drain().await.unwrap();
    assert_eq!(world.fakes.mail.sent_to("amina@mail.test").len(), 1);
}

#[tokio::test]
async fn a_mail_that_waited_is_not_sent_to_somebody_shut_out_meanwhile() {
    let world = World::new().await;
    let (access, _, _) = world.enter(&world.amina).await;
    world.fakes.mail.clear();
    world
        .fakes
        .mail
        .fail_with(Some(SendError::Unavailable("away".into())));
    world.ask(&world.amina, "Statement about the dispute").await;
    world.portal.drain().await.unwrap();
    world.portal.revoke_access(&world.owner, access.id).await.unwrap();
    world.fakes.mail.fail_with(None);
    world.fakes.clock.advance(Duration::hours(1));
    world.portal.drain().await.unwrap();
    assert!(world.fakes.mail.sent().is_empty());
    let filter = DeliveryFilter {
        matter: Some(world.matter.id),
        ..DeliveryFilter::default()
    };
    let history = world
        .portal
        .deliveries(&world.owner, &filter, &PageRequest::default())
        .await
        .unwrap();
    assert_eq!(
        history.items[0].state,
        DeliveryState::Failed,
        "and the history says so"
    );
}

#[tokio::test]
async fn counts_of_other_peoples_requests_are_not_told() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let (_, _, omar) = world.enter(&world.omar).await;
    let request = world.ask(&world.amina, "Passport").await;
    world.upload(&amina, &request, "a.pdf").await.unwrap();
    let lucy = member(&world, "lucy").await;
    for (who, count) in [(&amina, 1), (&world.owner, 1), (&omar, 0), (&lucy, 0)] {
        let counts = world.portal.document_counts_of(who, &[request.id]).await.unwrap();
        assert_eq!(counts.len(), count, "{:?}", who.actor);
    }
    let own = MatterDraft {
        owner_id: lucy.staff().unwrap().0,
        ..matter_draft("HM-9", world.owner_id)
    };
    let own = world.portal.open_matter(&lucy, &own).await.unwrap();
    world
        .portal
        .put_participant(&lucy, own.id, world.omar.id, Part::Contact)
        .await
        .unwrap();
}
