//! Staff who look at a workspace as its client change nothing.

use axum::http::StatusCode;
use portal_core::access::PortalAccess;

use crate::browser::{Browser, file};
use crate::on_every_store;
use crate::world::{PDF, World};

async fn preview(world: &World, access: &PortalAccess) -> Browser {
    let signed_in = world.portal.preview(&world.owner, access.id).await.unwrap();
    let mut browser = world.browser();
    browser
        .cookies
        .insert("__Host-portal".into(), signed_in.token.reveal());
    browser
}

on_every_store! {
    async fn a_preview_shows_everything_and_sends_nothing(world: World) {
        let request = world.ask(&world.amina, "Passport").await;
        let (access, base, mut phone) = world.enter(&world.amina).await;
        let action = format!("{base}/requests/{}/documents", request.id);
        phone.upload(&action, &[file("a.pdf", PDF)]).await;
        let mut staff = preview(world, &access).await;

        for path in [base.clone(), format!("{base}/requests"), format!("{base}/requests/{}", request.id), format!("{base}/documents")] {
            let page = staff.get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(page.words(".banner").contains("what Amina Haddad sees"), "{path}");
            let posts = page.attributes("form[method=post]", "action");
            assert_eq!(posts, ["/p/preview/end"], "nothing else can be sent from {path}");
        }
        let mails = world.mails(&world.amina);
        let mail = world.last_mail(&world.amina);
        let before = world.portal.store().documents(
            world.practice.id,
            &portal_core::document::DocumentFilter::default(),
            &portal_core::PageRequest::default().with_total(),
        ).await.unwrap().total;
        let refused = [
            staff.clone().upload(&action, &[file("planted.pdf", PDF)]).await,
            staff.clone().post(&format!("{base}/request-link"), "").await,
            staff.clone().post("/p/sign-out-everywhere", "").await,
            staff.clone().post("/p/sign-out", "").await,
            staff.clone().post(&mail.path, &format!("code={}", mail.code)).await,
        ];
        for answer in &refused {
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text());
            assert!(answer.text().contains("while previewing"));
            assert_eq!(answer.attribute("main a.button", "href"), base);
            assert_eq!(answer.attributes("form[method=post]", "action"), ["/p/preview/end"]);
        }
        let script = staff.script().upload(&action, &[file("planted.pdf", PDF)]).await;
        assert_eq!((script.status, script.header("content-type")), (StatusCode::FORBIDDEN, "application/problem+json"));
        world.portal.drain().await.unwrap();
        assert_eq!(world.mails(&world.amina), mails);
        let after = world.portal.store().documents(
            world.practice.id,
            &portal_core::document::DocumentFilter::default(),
            &portal_core::PageRequest::default().with_total(),
        ).await.unwrap().total;
        assert_eq!(before, after);
        assert_eq!(phone.get(&base).await.status, StatusCode::OK, "the client notices nothing");

        let end = staff.clone().post("/p/preview/end", "").await;
        assert_eq!(end.location(), format!("/staff/matters/{}/access", world.matter.id));
        assert_eq!(staff.script().get(&format!("{base}/live")).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_preview_shows_one_workspace_and_ends_with_it(world: World) {
        let (access, base, _) = world.enter(&world.amina).await;
        let second = world.another_matter("HM-3000", &world.amina).await;
        let other = World::path(&world.invite(&second, &world.amina).await);
        let mut staff = preview(world, &access).await;
        assert_eq!(staff.get("/p").await.location(), base, "the others are not offered");
        assert_eq!(staff.get(&format!("{other}/requests")).await.status, StatusCode::NOT_FOUND);
        world.portal.revoke_access(&world.owner, access.id).await.unwrap();
        assert_eq!(staff.script().get(&format!("{base}/live")).await.status, StatusCode::UNAUTHORIZED);
        // Somebody who previews nothing is led away without an error.
        let lost = world.browser().post("/p/preview/end", "").await;
        assert_eq!(lost.location(), "/p");
    }
}
