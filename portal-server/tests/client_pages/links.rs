//! Sign-in links: what uses them up, what does not, and what a stranger can learn.

use axum::http::StatusCode;
use portal_core::practice::{PracticeDraft, PracticeSettings};
use portal_core::{AccessId, Duration, Locator};

use crate::browser::Browser;
use crate::on_every_store;
use crate::world::World;

/// An answer as a stranger can compare it: all but what is different each time for everybody.
async fn ask(browser: &mut Browser, path: &str) -> (StatusCode, Vec<String>, String) {
    let locator = path.trim_start_matches("/p/").to_owned();
    let answer = browser.post(&format!("{path}/request-link"), "").await;
    let mut names: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| name.as_str() != "x-request-id")
        .map(|(name, value)| match name.as_str() {
            "set-cookie" => {
                "set-cookie: .., ".to_owned() + value.to_str().unwrap().split_once(';').unwrap().1
            }
            name => format!("{name}: {}", value.to_str().unwrap()),
        })
        .collect();
    names.sort();
    (answer.status, names, answer.text().replace(&locator, "LOCATOR"))
}

on_every_store! {
    async fn looking_uses_nothing_up(world: World) {
        world.invite(&world.matter, &world.amina).await;
        let mail = world.last_mail(&world.amina);
        for round in 0..50 {
            let mut scanner = world.browser();
            let answer = match round % 2 {
                0 => scanner.get(&mail.path).await,
                _ => scanner.head(&mail.path).await,
            };
            assert_eq!(answer.status, StatusCode::OK, "round {round}");
            assert!(!scanner.cookies.contains_key("__Host-portal"));
            assert!(round % 2 == 0 || answer.body.is_empty());
        }
        let mut phone = world.browser();
        let answer = phone.post(&mail.path, &format!("code={}", mail.code)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(phone.cookies.contains_key("__Host-portal"));
    }

    async fn another_browser_needs_the_code_of_the_same_mail(world: World) {
        let access = world.invite(&world.matter, &world.amina).await;
        let base = World::path(&access);
        let mut phone = world.browser();
        phone.post(&format!("{base}/request-link"), "").await;
        world.portal.drain().await.unwrap();
        let mail = world.last_mail(&world.amina);

        let mut laptop = world.browser();
        let page = laptop.get(&mail.path).await;
        assert_eq!(page.words("h1"), "Enter the code from your email");
        // A press alone asks for the code, without blame.
        let page = laptop.post(&mail.path, "").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.attributes("[aria-invalid]", "id").is_empty());
        // An empty field is wrong, and no guess.
        for _ in 0..10 {
            let page = laptop.post(&mail.path, "code=").await;
            assert_eq!(page.words("#code-error"), "Type the code from the same email.");
        }
        let spaced = format!("code={}+{}", &mail.code[..4], &mail.code[4..]);
        let answer = laptop.post(&mail.path, &spaced).await;
        assert_eq!(answer.location(), base);

        // The same secret serves the browser for its next link too.
        let cookie = phone.cookies["__Host-portal-browser"].clone();
        phone.post(&format!("{base}/request-link"), "").await;
        assert_eq!(phone.cookies["__Host-portal-browser"], cookie);
        world.portal.drain().await.unwrap();
        let mail = world.last_mail(&world.amina);
        assert_eq!(phone.post(&mail.path, "").await.location(), base);
    }

    async fn five_wrong_codes_are_looked_at_and_no_more(world: World) {
        let access = world.invite(&world.matter, &world.amina).await;
        let mail = world.last_mail(&world.amina);
        let wrong = format!("code={:08}", (mail.code.parse::<u32>().unwrap() + 1) % 100_000_000);
        let mut guesser = world.browser();
        for guess in 0..5 {
            let page = guesser.post(&mail.path, &wrong).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "guess {guess}");
            assert!(page.words("#code-error").starts_with("This is not the code"), "{}", page.text());
            assert_eq!(page.attributes("#code[aria-invalid=true]", "name"), ["code"]);
        }
        let page = guesser.post(&mail.path, &format!("code={}", mail.code)).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "even the right one");
        assert!(page.words("[role=status]").starts_with("Too many wrong codes"));
        let action = page.attribute("main form", "action");
        assert_eq!(action, format!("{}/request-link", World::path(&access)));

        // The way on is one press, and works.
        guesser.post(&action, "").await;
        world.portal.drain().await.unwrap();
        let mail = world.last_mail(&world.amina);
        assert_eq!(guesser.post(&mail.path, "").await.status, StatusCode::SEE_OTHER);
    }

    async fn of_a_hundred_presses_at_once_one_gets_in(world: World) {
        world.invite(&world.matter, &world.amina).await;
        let mail = world.last_mail(&world.amina);
        let mut phone = world.browser();
        let access = world.portal.store().accesses_of_client(world.practice.id, world.amina.id).await.unwrap();
        phone.post(&format!("{}/request-link", World::path(&access[0])), "").await;
        world.portal.drain().await.unwrap();
        let newest = world.last_mail(&world.amina);
        assert_ne!(mail.path, newest.path);
        let presses = (0..100).map(|_| {
            let (mut phone, path) = (phone.clone(), newest.path.clone());
            tokio::spawn(async move {
                let answer = phone.post(&path, "").await;
                (answer.status, phone.cookies.contains_key("__Host-portal"))
            })
        });
        let mut inside = 0;
        for press in presses.collect::<Vec<_>>() {
            match press.await.unwrap() {
                (StatusCode::SEE_OTHER, true) => inside += 1,
                (StatusCode::GONE, false) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(inside, 1);
        let sessions = world.portal.store();
        let sessions = sessions.live_client_sessions(world.practice.id, world.amina.id, world.portal.now());
        assert_eq!(sessions.await.unwrap().len(), 1);
    }

    async fn only_the_newest_works_and_what_is_over_offers_a_new_one(world: World) {
        let access = world.invite(&world.matter, &world.amina).await;
        let first = world.last_mail(&world.amina);
        let mut phone = world.browser();
        phone.post(&format!("{}/request-link", World::path(&access)), "").await;
        world.portal.drain().await.unwrap();
        let second = world.last_mail(&world.amina);

        let mut over = Vec::new();
        over.push(phone.get(&first.path).await);
        assert_eq!(phone.post(&first.path, &format!("code={}", first.code)).await.status, StatusCode::GONE);
        let inside = phone.post(&second.path, "").await;
        assert_eq!(inside.status, StatusCode::SEE_OTHER);
        over.push(phone.get(&second.path).await);
        world.fakes.clock.advance(Duration::hours(49));
        over.push(phone.get(&second.path).await);
        for page in &over {
            assert_eq!((page.status, page.words("h1").as_str()), (StatusCode::GONE, "This link no longer works"));
            assert_eq!(page.attribute("main form", "action"), format!("{}/request-link", World::path(&access)));
            assert_eq!(page.text(), over[0].text(), "it does not say why");
        }
        let sent = phone.post(&over[0].attribute("main form", "action"), "").await;
        assert_eq!(sent.words("h1"), "Check your email");

        for nonsense in ["x", "", "AAAA", &"A".repeat(64), "..%2f..%2fetc", "%00"] {
            let page = phone.get(&format!("/p/sign-in/{nonsense}")).await;
            assert!(page.status.is_client_error(), "{nonsense}: {}", page.status);
            let page = phone.post(&format!("/p/sign-in/{nonsense}"), "code=1").await;
            assert!(page.status.is_client_error(), "{nonsense}: {}", page.status);
        }
    }

    async fn a_link_works_until_its_last_second(world: World) {
        let draft = PracticeDraft {
            name: "Harbour Migration".into(),
            settings: PracticeSettings { link_minutes: 10, ..PracticeSettings::default() },
            ..PracticeDraft::default()
        };
        world.portal.update_practice(&world.owner, None, &draft).await.unwrap();
        world.invite(&world.matter, &world.amina).await;
        let mail = world.last_mail(&world.amina);
        world.fakes.clock.advance(Duration::minutes(10) - Duration::seconds(1));
        assert_eq!(world.browser().get(&mail.path).await.status, StatusCode::OK);
        world.fakes.clock.advance(Duration::seconds(1));
        let over = world.browser().get(&mail.path).await;
        assert_eq!(over.status, StatusCode::GONE);
        assert!(over.text().contains("for 10 minutes"));
        let late = world.browser().post(&mail.path, &format!("code={}", mail.code)).await;
        assert_eq!(late.status, StatusCode::GONE);
    }

    async fn whoever_asks_learns_nothing(world: World) {
        let active = world.invite(&world.matter, &world.amina).await;
        let revoked = world.invite(&world.matter, &world.omar).await;
        world.portal.revoke_access(&world.owner, revoked.id).await.unwrap();
        let closing = world.another_matter("HM-3000", &world.omar).await;
        let closed = world.invite(&closing, &world.omar).await;
        world.portal.close_matter(&world.owner, closing.id).await.unwrap();
        let unknown = Locator::of_access(world.practice.id, AccessId(uuid::Uuid::from_u128(7)));
        let paths = [
            World::path(&active),
            World::path(&revoked),
            World::path(&closed),
            format!("/p/{unknown}"),
        ];
        let first = ask(&mut world.browser(), &paths[0]).await;
        assert_eq!(first.0, StatusCode::OK);
        let door = world.browser().get(&paths[0]).await.text();
        for path in &paths[1..] {
            assert_eq!(ask(&mut world.browser(), path).await, first, "{path}");
            let other = world.browser().get(path).await.text();
            assert_eq!(
                other.replace(path.as_str(), "PATH"),
                door.replace(paths[0].as_str(), "PATH"),
            );
        }
        // Far beyond every limit, and still the same.
        for _ in 0..70 {
            assert_eq!(ask(&mut world.browser(), &paths[0]).await, first);
        }
        let omars = world.mails(&world.omar);
        world.portal.drain().await.unwrap();
        assert_eq!(world.mails(&world.omar), omars, "nothing is sent to who may not come in");
        // The invitation counts among the links of the hour, and of links that are superseded before they leave only
        // the newest does.
        assert!((2..=3).contains(&world.mails(&world.amina)), "{}", world.mails(&world.amina));
    }

    async fn an_address_that_is_none_is_no_portal(world: World) {
        let stranger = Locator::of_access(uuid::Uuid::from_u128(1).into(), AccessId(uuid::Uuid::from_u128(2)));
        for path in [format!("/p/{stranger}"), "/p/nonsense".to_owned(), "/p/%FF".to_owned()] {
            let mut phone = world.browser();
            for answer in [
                phone.get(&path).await,
                phone.post(&format!("{path}/request-link"), "").await,
                phone.get(&format!("{path}/requests")).await,
            ] {
                assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
                assert!(answer.status != StatusCode::UNAUTHORIZED);
                assert!(answer.text().contains("not the whole address") || path.contains('%'), "{}", answer.text());
            }
        }
        assert!(world.portal.drain().await.unwrap().is_idle() || world.mails(&world.amina) == 0);
    }

    async fn signing_in_replaces_the_session_before(world: World) {
        let (_, base, mut phone) = world.enter(&world.amina).await;
        let before = phone.clone();
        phone.post(&format!("{base}/request-link"), "").await;
        world.portal.drain().await.unwrap();
        world.confirm(&mut phone, &world.amina).await;
        assert_ne!(phone.cookies["__Host-portal"], before.cookies["__Host-portal"]);
        assert_eq!(before.script().get(&format!("{base}/live")).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(phone.script().get(&format!("{base}/live")).await.status, StatusCode::NO_CONTENT);

        // A session that somebody planted in the browser is not taken over.
        let mut planted = world.browser();
        planted.cookies.insert("__Host-portal".into(), before.cookies["__Host-portal"].clone());
        planted.post(&format!("{base}/request-link"), "").await;
        world.portal.drain().await.unwrap();
        world.confirm(&mut planted, &world.amina).await;
        assert_ne!(planted.cookies["__Host-portal"], before.cookies["__Host-portal"]);
    }
}
