use futures_util::future::join_all;
use portal_core::access::{LinkView, SignInRule};
use portal_core::audit::AuditFilter;
use portal_core::checklist::RequestFilter;
use portal_core::document::{Confidentiality, DocumentFilter, UploadTarget};
use portal_core::{AccessId, Digest, Duration, Error, Locator, Origin, PageRequest};

use crate::world::{PDF, World, code_in, link_in, matter_draft};

const ASKING: &[u8] = b"the browser that asked";

fn browser() -> Digest {
    Digest::of(ASKING)
}

async fn asked_link(world: &World, access: AccessId) -> (portal_core::SecretLocator, String) {
    let locator = Locator::of_access(world.practice.id, access);
    world
        .portal
        .ask_for_link(locator, Some(browser()), Origin::default())
        .await
        .unwrap();
    world.portal.drain().await.unwrap();
    let mail = world.last_mail(&world.amina);
    (link_in(&mail), code_in(&mail))
}

async fn enabled(world: &World) -> AccessId {
    world
        .portal
        .enable_access(&world.owner, world.matter.id, world.amina.id, false)
        .await
        .unwrap()
        .id
}

#[tokio::test]
async fn looking_never_uses_a_link_up_and_one_press_does_in_the_browser_that_asked() {
    let world = World::new().await;
    let access = enabled(&world).await;
    let (link, _) = asked_link(&world, access).await;
    for _ in 0..50 {
        assert_eq!(
            world.portal.view_link(&link, None).await.unwrap(),
            LinkView::Good { needs_code: true }
        );
    }
    assert_eq!(
        world.portal.view_link(&link, Some(browser())).await.unwrap(),
        LinkView::Good { needs_code: false }
    );
    world
        .portal
        .redeem_link(&link, Some(browser()), None, Origin::default())
        .await
        .unwrap();
    let again = world
        .portal
        .redeem_link(&link, Some(browser()), None, Origin::default())
        .await;
    assert!(
        matches!(again, Err(Error::Rule(SignInRule::LinkSpent))),
        "{again:?}"
    );
    assert_eq!(
        world.portal.view_link(&link, Some(browser())).await.unwrap(),
        LinkView::Spent { access: Some(access) }
    );
}

#[tokio::test]
async fn another_browser_needs_the_code_and_has_five_tries() {
    let world = World::new().await;
    let access = enabled(&world).await;
    let (link, code) = asked_link(&world, access).await;
    let none = world
        .portal
        .redeem_link(&link, None, None, Origin::default())
        .await;
    assert!(
        matches!(none, Err(Error::Rule(SignInRule::CodeNeeded))),
        "{none:?}"
    );
    let wrong = if code == "00000000" {
        "00000001"
    } else {
        "00000000"
    };
    let tries = join_all((0..40).map(|_| {
        world
            .portal
            .redeem_link(&link, None, Some(wrong), Origin::default())
    }))
    .await;
    let looked_at = tries
        .iter()
        .filter(|t| matches!(t, Err(Error::Rule(SignInRule::WrongCode))))
        .count();
    assert_eq!(looked_at, 5, "a try counts before it is looked at");
    let late = world
        .portal
        .redeem_link(&link, None, Some(&code), Origin::default())
        .await;
    assert!(
        matches!(late, Err(Error::Rule(SignInRule::TooManyCodes))),
        "{late:?}"
    );
    world
        .portal
        .redeem_link(&link, Some(browser()), None, Origin::default())
        .await
        .expect("a stranger's wrong codes do not lock out the browser that asked");
    let told = async |action: &str| {
        let filter = AuditFilter {
            action: Some(action.into()),
            ..AuditFilter::default()
        };
        let page = portal_core::PageRequest::first(50);
        let found = world
            .portal
            .store()
            .audit_entries(world.practice.id, &filter, &page)
            .await
            .unwrap()
            .items;
        assert!(
            found
                .iter()
                .all(|entry| entry.actor_kind == "anyone" && entry.matter_id.is_some())
        );
        found.len()
    };
    assert_eq!(
        told("client.sign-in-failed").await,
        5,
        "each wrong code is in the trail"
    );
    assert_eq!(
        told("client.sign-in-limited").await,
        1,
        "and once that no more are looked at"
    );
}

#[tokio::test]
async fn of_parallel_presses_exactly_one_wins() {
    let world = World::new().await;
    let access = enabled(&world).await;
    let (link, code) = asked_link(&world, access).await;
    let spaced = format!("{} {}", &code[..4], &code[4..]);
    let presses = (0..100).map(|n| {
        let (world, link, spaced) = (&world, &link, &spaced);
        async move {
            // The first few type the code elsewhere; the others press where they asked.
            let (browser, code) = if n < 3 {
                (None, Some(spaced.as_str()))
            } else {
                (Some(browser()), None)
            };
            world
                .portal
                .redeem_link(link, browser, code, Origin::default())
                .await
                .is_ok()
        }
    });
    assert_eq!(join_all(presses).await.into_iter().filter(|won| *won).count(), 1);
}

#[tokio::test]
async fn only_the_newest_link_works_and_only_until_it_expires() {
    let world = World::new().await;
    let access = enabled(&world).await;
    let (old, _) = asked_link(&world, access).await;
    world.fakes.clock.advance(Duration::seconds(1));
    let (new, _) = asked_link(&world, access).await;
    assert_eq!(
        world.portal.view_link(&old, Some(browser())).await.unwrap(),
        LinkView::Spent { access: Some(access) }
    );
    let issued = world.fakes.clock.time();
    world
        .fakes
        .clock
        .set(issued + Duration::hours(48) - Duration::seconds(1));
    assert_eq!(
        world.portal.view_link(&new, Some(browser())).await.unwrap(),
        LinkView::Good { needs_code: false }
    );
    world.fakes.clock.set(issued + Duration::hours(48));
    let late = world
        .portal
        .redeem_link(&new, Some(browser()), None, Origin::default())
        .await;
    assert!(
        matches!(late, Err(Error::Rule(SignInRule::LinkSpent))),
        "{late:?}"
    );
}

#[tokio::test]
async fn asking_answers_the_same_and_sends_nothing_where_nobody_may_enter() {
    let world = World::new().await;
    let access = enabled(&world).await;
    let unknown = Locator::of_access(world.practice.id, AccessId(uuid::Uuid::from_u128(7)));
    let foreign = Locator::of_access(portal_core::PracticeId(uuid::Uuid::from_u128(8)), access);
    let revoked = Locator::of_access(world.practice.id, access);
    world.portal.revoke_access(&world.owner, access).await.unwrap();
    for locator in [unknown, foreign, revoked] {
        world
            .portal
            .ask_for_link(locator, Some(browser()), Origin::default())
            .await
            .unwrap();
    }
    world.portal.drain().await.unwrap();
    assert_eq!(world.fakes.mail.tried().len(), 0);
    world.portal.restore_access(&world.owner, access).await.unwrap();
    for _ in 0..100 {
        world
            .portal
            .ask_for_link(revoked, Some(browser()), Origin::default())
            .await
            .unwrap();
    }
    world.portal.drain().await.unwrap();
    assert_eq!(
        world.fakes.mail.sent_to("amina@mail.test").len(),
        1,
        "of three links only the newest is worth a mail"
    );
}

#[tokio::test]
async fn a_request_never_revives_an_access_and_closing_the_matter_closes_it() {
    let world = World::new().await;
    let (access, token, _) = world.enter(&world.amina).await;
    world
        .portal
        .close_matter(&world.owner, world.matter.id)
        .await
        .unwrap();
    assert!(world.ctx(&token).await.is_none());
    let locator = Locator::of_access(world.practice.id, access.id);
    world.fakes.mail.clear();
    world
        .portal
        .ask_for_link(locator, Some(browser()), Origin::default())
        .await
        .unwrap();
    world.portal.drain().await.unwrap();
    assert!(world.fakes.mail.tried().is_empty());
    world
        .portal
        .reopen_matter(&world.owner, world.matter.id)
        .await
        .unwrap();
    assert!(
        world.ctx(&token).await.is_none(),
        "reopening restores nobody by itself"
    );
    world
        .portal
        .restore_access(&world.owner, access.id)
        .await
        .unwrap();
    assert!(world.ctx(&token).await.is_none(), "an ended session stays ended");
}

#[tokio::test]
async fn a_family_on_one_matter_sees_nothing_of_each_other_unless_staff_shares() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let (omars_access, _, omar) = world.enter(&world.omar).await;
    let request = world.ask(&world.amina, "Passport").await;
    let document = world.upload(&amina, &request, "amina.pdf").await.unwrap();

    assert!(world.portal.request(&omar, request.id).await.is_err());
    assert!(world.portal.document(&omar, document.id).await.is_err());
    assert!(world.portal.download_ticket(&omar, document.id).await.is_err());
    assert!(world.portal.client(&omar, world.amina.id).await.is_err());
    assert!(world.portal.participants(&omar, world.matter.id).await.is_err());
    let onto = UploadTarget::Request {
        request: request.id,
        replaces: Some(document.id),
    };
    assert!(world.upload_bytes(&omar, onto, "evil.pdf", PDF).await.is_err());
    let requests = RequestFilter {
        matter: Some(world.matter.id),
        client: Some(world.amina.id),
        ..Default::default()
    };
    assert!(
        world
            .portal
            .requests(&omar, &requests, &PageRequest::default())
            .await
            .unwrap()
            .items
            .is_empty()
    );
    let all = DocumentFilter {
        matter: Some(world.matter.id),
        ..Default::default()
    };
    assert!(
        world
            .portal
            .documents(&omar, &all, &PageRequest::default())
            .await
            .unwrap()
            .items
            .is_empty()
    );

    world
        .portal
        .share_document(&world.owner, document.id, omars_access.id, true)
        .await
        .unwrap();
    assert_eq!(
        world
            .portal
            .documents(&omar, &all, &PageRequest::default())
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    world
        .portal
        .download_ticket(&omar, document.id)
        .await
        .expect("shared");
    assert!(
        world.upload_bytes(&omar, onto, "evil.pdf", PDF).await.is_err(),
        "sharing lets one read, not write"
    );
    world
        .portal
        .share_document(&world.owner, document.id, omars_access.id, false)
        .await
        .unwrap();
    assert!(world.portal.document(&omar, document.id).await.is_err());
}

#[tokio::test]
async fn a_preview_sees_what_its_client_sees_and_changes_nothing() {
    let world = World::new().await;
    let (access, _, _) = world.enter(&world.amina).await;
    let request = world.ask(&world.amina, "Passport").await;
    let signed_in = world.portal.preview(&world.owner, access.id).await.unwrap();
    let preview = world.ctx(&signed_in.token).await.unwrap();
    assert_eq!(
        world.portal.request(&preview, request.id).await.unwrap().id,
        request.id
    );
    assert!(world.upload(&preview, &request, "x.pdf").await.is_err());
    assert!(world.portal.sign_out_everywhere(&preview).await.is_err());
    assert!(
        world
            .portal
            .participants(&preview, world.matter.id)
            .await
            .is_err(),
        "a preview is no staff session"
    );
    world.portal.revoke_access(&world.owner, access.id).await.unwrap();
    assert!(world.ctx(&signed_in.token).await.is_none());
}

#[tokio::test]
async fn with_another_matter_a_client_stays_signed_in_but_out_of_the_revoked_one() {
    let world = World::new().await;
    let (access, token, amina) = world.enter(&world.amina).await;
    let other = world
        .portal
        .open_matter(&world.owner, &matter_draft("HM-2", world.owner_id))
        .await
        .unwrap();
    world
        .portal
        .put_participant(
            &world.owner,
            other.id,
            world.amina.id,
            portal_core::matter::Part::Principal,
        )
        .await
        .unwrap();
    let second = world
        .portal
        .enable_access(&world.owner, other.id, world.amina.id, false)
        .await
        .unwrap();
    let request = world.ask(&world.amina, "Passport").await;
    let document = world.upload(&amina, &request, "a.pdf").await.unwrap();
    let staff_file = UploadTarget::Matter {
        matter: other.id,
        client: None,
        confidentiality: Confidentiality::Participants,
        replaces: None,
    };
    let letter = world
        .upload_bytes(&world.owner, staff_file, "letter.pdf", PDF)
        .await
        .unwrap();
    let ticket = world.portal.download_ticket(&amina, document.id).await.unwrap();
    world.portal.revoke_access(&world.owner, access.id).await.unwrap();
    let ctx = world
        .ctx(&token)
        .await
        .expect("the other matter keeps the session");
    assert_eq!(world.portal.workspaces(&ctx).await.unwrap().len(), 1);
    assert!(world.portal.workspace(&ctx, access.id).await.is_err());
    assert!(world.portal.document(&ctx, document.id).await.is_err());
    assert!(
        world
            .portal
            .redeem_ticket(&ticket, Origin::default())
            .await
            .is_err()
    );
    assert!(world.portal.document(&ctx, letter.id).await.is_ok());
    assert_eq!(
        world.portal.workspace(&ctx, second.id).await.unwrap().matter.id,
        other.id
    );
}
