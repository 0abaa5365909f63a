//! The audit trail of the practice: search, and what an outsider needs.

use axum::http::StatusCode;
use portal_core::audit::SealedHeads;
use portal_core::policy::Role;

use crate::on_every_store;
use crate::world::{World, look};

const TRAIL: &str = "/staff/audit";

on_every_store! {
    async fn the_trail_is_narrowed_down_step_by_step(world: World) {
        world.enter(&world.amina).await;
        let mut desk = world.desk(Role::Auditor).await;
        let page = look(&mut desk, "audit", TRAIL).await;
        assert_eq!(page.attribute(".staff-nav__link[aria-current=page]", "href"), TRAIL);
        let all = page.all("tbody tr").len();
        assert!(all > 3, "{}", page.text());
        // What a name, a matter or an address leads to has as many rows or fewer, all of them alike.
        let links = page.attributes("tbody td a", "href");
        assert!(links.iter().any(|link| link.contains("client=")) && links.iter().any(|link| link.contains("matter=")), "{links:?}");
        for link in links.iter().filter(|link| link.contains("client=")) {
            let narrowed = desk.get(link).await;
            let rows = narrowed.all("tbody tr").len();
            assert!((1..all).contains(&rows), "{link}: {rows}");
            // The chip takes the filter away again.
            let back = narrowed.attributes(".chips a", "href");
            assert_eq!(back, [TRAIL.to_owned()]);
        }
        let page = look(&mut desk, "audit-action", &format!("{TRAIL}?action=client.signed-in")).await;
        assert!(page.all("tbody summary").iter().all(|what| what == "Client signed in"));
        let page = look(&mut desk, "audit-none", &format!("{TRAIL}?since=2020-01-01&until=2020-01-31&ip=2001:db8::1")).await;
        assert!(page.text().contains("Nothing here"));
        let page = look(&mut desk, "audit-wrong", &format!("{TRAIL}?since=2026-02-30&ip=nowhere")).await;
        assert!(!page.words("#since-error").is_empty() && !page.words("#ip-error").is_empty(), "{}", page.text());
        let mut member = world.desk(Role::Member).await;
        assert_eq!(member.get(TRAIL).await.status, StatusCode::FORBIDDEN);
        let home = look(&mut member, "audit-not-mine", "/staff").await;
        assert!(home.attributes("nav a", "href").iter().all(|href| href != TRAIL));
    }

    async fn the_checkpoint_says_how_an_outsider_checks_it(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        let page = look(&mut desk, "audit-unsealed", "/staff/audit/checkpoint").await;
        assert!(page.text().contains("Nothing is sealed yet"));
        world.portal.seal_due(&SealedHeads::default(), |_| ()).await.unwrap();
        let page = look(&mut desk, "audit-checkpoint", "/staff/audit/checkpoint").await;
        let tree = world.portal.store().audit_tree(world.practice.id).await.unwrap().unwrap();
        let shown = page.all("pre");
        assert!(shown[0].contains(&format!("{} {} ", tree.origin, tree.size)), "{shown:?}");
        assert_eq!(shown[1], tree.key);
        for path in ["/staff/audit.jsonl", "/staff/audit.csv"] {
            let file = desk.get(path).await;
            assert_eq!(file.status, StatusCode::OK, "{path}");
            assert!(file.text().contains("staff.signed-in"), "{path}");
            let mut member = world.desk(Role::Member).await;
            assert_eq!(member.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
}
