//! Erasing a client's personal data from the audit trail: what the page says, and what it does.

use axum::http::StatusCode;
use portal_core::Origin;
use portal_core::audit::{AuditFilter, SealedHeads};
use portal_core::client::ClientDraft;
use portal_core::policy::Role;

use crate::on_every_store;
use crate::world::{World, filled, look, refused, send};

on_every_store! {
    async fn an_owner_erases_a_client_from_the_trail_and_is_told_what_stays(world: World) {
        let heads = SealedHeads::default();
        let draft = ClientDraft { reference: "C-1001".into(), ..world.amina.draft() };
        world.portal.update_client(&world.owner, world.amina.id, None, &draft).await.unwrap();
        world.enter(&world.amina).await;
        let path = format!("/staff/clients/{}", world.amina.id);
        let form = format!("{path}/erase");
        let mut manager = world.desk(Role::Manager).await;
        assert!(manager.get(&path).await.attributes("main a", "href").iter().all(|href| *href != form));
        assert_eq!(manager.get(&form).await.status, StatusCode::FORBIDDEN);

        let mut desk = world.desk(Role::Owner).await;
        let page = look(&mut desk, "client-danger", &path).await;
        assert!(page.attributes("[aria-labelledby=danger-title] a", "href").contains(&form));
        let page = look(&mut desk, "client-erase", &form).await;
        assert!(page.text().contains("GDPR, Article 17(3)(e)"), "{}", page.text());
        let wrong = filled(&page, &form, &[("confirm", "C-1002")]);
        let mended = refused(&mut desk, "client-erase-wrong", &form, &wrong).await;
        assert!(mended.words("#confirm-error").contains("C-1001"));

        // What is not sealed yet waits, and the form stays at hand.
        let sure = filled(&page, &form, &[("confirm", " c-1001 ")]);
        let page = send(&mut desk, &form, &sure).await;
        assert!(page.words("[role=status]").contains("not sealed yet"), "{}", page.text());
        assert_eq!(page.attributes("main form[method=post]", "action"), std::slice::from_ref(&form));
        world.portal.seal_due(&heads, |_| ()).await.unwrap();
        let page = send(&mut desk, &form, &sure).await;
        assert!(page.words("[role=status]").contains("Personal data was erased from"), "{}", page.text());
        let theirs = AuditFilter::acted_by(world.amina.id);
        let entries = world.portal.store().audit_entries(world.practice.id, &theirs, &portal_core::PageRequest::first(50)).await.unwrap().items;
        assert!(!entries.is_empty() && entries.iter().all(|entry| entry.origin == Origin::default() && entry.detail.is_empty()), "{entries:?}");
        let page = send(&mut desk, &form, &sure).await;
        assert!(page.words("[role=status]").contains("There was nothing to erase"), "{}", page.text());
    }
}
