//! Signing in and out, and what becomes of work when a session ends.

use axum::http::StatusCode;
use portal_core::policy::Role;
use portal_core::{Duration, Locator, PracticeId};

use crate::on_every_store;
use crate::rendered;
use crate::world::{PASSWORD, World, email, filled, form, look, send};

on_every_store! {
    async fn the_door_says_the_same_whatever_is_wrong(world: World) {
        let mut browser = world.browser();
        look(&mut browser, "door", "/staff/sign-in").await;
        let mut said = Vec::new();
        for (address, password) in [(email(Role::Owner), "wrong"), ("nobody@harbour.test".to_owned(), PASSWORD)] {
            let answer = browser.post("/staff/sign-in", &form(&[("email", &address), ("password", password)])).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            assert_eq!(answer.attribute("#email", "value"), address);
            rendered::page("staff-live-door-wrong", &answer.text());
            said.push(answer.words("[role=alert]"));
        }
        assert_eq!(said[0], said[1]);
        let empty = browser.post("/staff/sign-in", "").await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(empty.all("[role=alert] li").len(), 2);
        assert!(browser.cookies.is_empty());
        let other = browser.get(&format!("/staff/sign-in/{}", Locator::of_practice(PracticeId(uuid::Uuid::nil())))).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND);
        let own = format!("/staff/sign-in/{}", Locator::of_practice(world.practice.id));
        look(&mut browser, "door-own", &own).await;
    }

    async fn one_comes_back_to_where_one_was(world: World) {
        let mut browser = world.browser();
        let lost = browser.get("/staff/matters?q=a%20b&state=open").await;
        let door = browser.follow(&lost).await;
        let sent = filled(&door, &door.attribute("main form", "action"), &[("email", &email(Role::Admin)), ("password", PASSWORD)]);
        let back = browser.post(&door.attribute("main form", "action"), &sent).await;
        assert_eq!(back.location(), "/staff/matters?q=a%20b&state=open");
        for next in ["https://evil.example", "//evil.example", "/\\evil.example", "/p/x", "/staff/../../evil"] {
            let sent = form(&[("email", &email(Role::Admin)), ("password", PASSWORD), ("next", next)]);
            let back = browser.post("/staff/sign-in", &sent).await;
            assert_eq!(back.status, StatusCode::SEE_OTHER);
            assert!(back.location() == "/staff" || back.location().starts_with("/staff/"), "{next}: {}", back.location());
        }
    }

    async fn what_was_typed_outlives_the_session(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        let page = look(&mut desk, "client-new-late", "/staff/clients/new").await;
        let sent = filled(&page, "/staff/clients", &[("given_names", "Late"), ("family_name", "\"><script>x</script>"), ("email", "late@mail.test")]);
        world.fakes.clock.advance(Duration::hours(13));
        let alive = desk.get("/staff/alive").await;
        assert_eq!(alive.status, StatusCode::UNAUTHORIZED);
        let door = desk.post("/staff/clients", &sent).await;
        assert_eq!(door.status, StatusCode::UNAUTHORIZED);
        rendered::page("staff-live-door-kept", &door.text());
        assert!(door.text().contains("what you typed is kept"));
        let action = door.attribute("main form", "action");

        // A wrong password loses nothing either.
        let wrong = desk.post(&action, &filled(&door, &action, &[("email", &email(Role::Owner)), ("password", "wrong")])).await;
        assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
        let again = desk.post(&action, &filled(&wrong, &action, &[("email", &email(Role::Owner)), ("password", PASSWORD)])).await;
        assert_eq!(again.status, StatusCode::OK, "{}", again.text());
        rendered::page("staff-live-resume", &again.text());
        assert_eq!(again.words("h1"), "You are signed in again");
        let client = send(&mut desk, "/staff/clients", &filled(&again, "/staff/clients", &[])).await;
        assert_eq!(client.words("h1"), "Late \"><script>x</script>");
    }

    async fn a_password_is_never_kept(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        world.fakes.clock.advance(Duration::hours(13));
        let door = desk.post("/staff/people", &form(&[("name", "X"), ("password", "a long secret of theirs")])).await;
        assert_eq!(door.status, StatusCode::UNAUTHORIZED);
        assert!(!door.text().contains("secret"));
    }

    async fn signing_out_works_here_and_everywhere(world: World) {
        let mut one = world.desk(Role::Member).await;
        let mut two = world.desk(Role::Member).await;
        let mut other = world.desk(Role::Admin).await;
        assert_eq!(one.get("/staff/alive").await.status, StatusCode::NO_CONTENT);
        let door = send(&mut one, "/staff/sign-out", "").await;
        assert_eq!(door.words("[role=status]"), "You are signed out.");
        assert_eq!(one.get("/staff").await.status, StatusCode::SEE_OTHER);
        assert_eq!(two.get("/staff").await.status, StatusCode::OK);
        let mut three = world.desk(Role::Member).await;
        send(&mut two, "/staff/sign-out-everywhere", "").await;
        assert_eq!(three.get("/staff").await.status, StatusCode::SEE_OTHER);
        assert_eq!(other.get("/staff").await.status, StatusCode::OK);
    }

    async fn a_client_is_no_staff(world: World) {
        world.enter(&world.amina).await;
        let mut desk = world.desk(Role::Owner).await;
        let access = desk.get(&world.path("/access")).await;
        let preview = access.attribute("form[action$='/preview']", "action");
        desk.post(&preview, "").await;
        // The client's cookie in the staff's place opens nothing.
        let client = desk.cookies["__Host-portal"].clone();
        desk.cookies.insert("__Host-portal-staff".into(), client);
        assert_ne!(desk.get("/staff").await.status, StatusCode::OK);
        assert_ne!(desk.get("/staff/alive").await.status, StatusCode::NO_CONTENT);
    }

}
