//! One sign-in link, confirmed a thousand times at once: exactly one session begins.
//!
//! `PORTAL_TEST_RACE_ROUNDS` sets how often (5 by default; CONTRIBUTING has the command for the long run).

use std::sync::Arc;

use portal_core::access::SignInRule;
use portal_core::{Duration, Error, Locator, Origin, Secret, Store};

use crate::portal::Desk;

const PARALLEL: usize = 1_000;

fn rounds() -> usize {
    let set = std::env::var("PORTAL_TEST_RACE_ROUNDS").ok();
    set.map_or(5, |text| {
        text.parse().expect("PORTAL_TEST_RACE_ROUNDS is a number")
    })
}

pub(crate) async fn a_link_confirmed_a_thousand_times_at_once_begins_one_session(store: Arc<dyn Store>) {
    let desk = Desk::on(Arc::clone(&store)).await;
    let (client, access) = desk.client().await;
    let practice = desk.practice.id;
    let browser = Secret::new([9; 32]).digest();
    let mut tokens_used_twice = 0;
    for round in 0..rounds() {
        // So many links are asked for in longer than an hour, or none would be sent.
        desk.fakes.clock.advance(Duration::hours(1));
        let workspace = Locator::of_access(practice, access);
        desk.portal
            .ask_for_link(workspace, Some(browser), Origin::default())
            .await
            .unwrap();
        desk.portal.drain().await.unwrap();
        let (link, code) = desk.last_link();
        let before = live(&desk, client.id).await;

        // Half of them in the browser that asked, half elsewhere with the mail's code, of which five are looked at.
        let contenders: Vec<_> = (0..PARALLEL)
            .map(|number| {
                let (portal, link, code) = (desk.portal.clone(), link.clone(), code.clone());
                tokio::spawn(async move {
                    let elsewhere = (number % 2 == 1).then_some(code);
                    let browser = elsewhere.is_none().then_some(browser);
                    portal
                        .redeem_link(&link, browser, elsewhere.as_deref(), Origin::default())
                        .await
                })
            })
            .collect();
        let mut won = 0;
        for contender in contenders {
            match contender.await.unwrap() {
                Ok(_) => won += 1,
                Err(Error::Rule(SignInRule::LinkSpent | SignInRule::TooManyCodes)) => {}
                Err(other) => panic!("round {round}: somebody was told {other:?}"),
            }
        }
        assert_eq!(
            won, 1,
            "round {round}: of {PARALLEL} who confirm one link, one gets in"
        );
        let begun = live(&desk, client.id).await - before;
        tokens_used_twice += begun.abs_diff(1);
        assert_eq!(begun, 1, "round {round}: one session began");
        // The session ends, so that the next round begins as this one did.
        desk.fakes.clock.advance(Duration::hours(49));
    }
    assert_eq!(tokens_used_twice, 0);
}

async fn live(desk: &Desk, client: portal_core::ClientId) -> usize {
    let (store, now) = (desk.portal.store(), desk.portal.now());
    let live = store.live_client_sessions(desk.practice.id, client, now).await;
    live.unwrap().len()
}
