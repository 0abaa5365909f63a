//! Somebody with very many networks uses up what a practice may try: who signed in from where they are still gets in.

use std::sync::Arc;

use portal_core::identity::IdentityRule;
use portal_core::{Allowance, Duration, Error, Store};

use crate::portal::{Desk, PASSWORD};

pub(crate) async fn a_practice_is_not_locked_out_by_many_networks(store: Arc<dyn Store>) {
    let desk = Desk::on(store).await;
    desk.sign_in(PASSWORD, "192.0.2.1")
        .await
        .expect("the owner signs in at the office");

    use_up(&desk).await;

    let stranger = desk.sign_in("wrong", "203.0.113.9").await;
    assert!(matches!(stranger, Err(Error::Limited { .. })), "{stranger:?}");
    let guessed = desk.sign_in(PASSWORD, "203.0.113.10").await;
    assert!(
        matches!(guessed, Err(Error::Limited { .. })),
        "not even the right password is looked at: {guessed:?}"
    );
    desk.sign_in(PASSWORD, "192.0.2.1")
        .await
        .expect("the owner enters");

    // What is known is not open: wrong passwords are counted there as ever.
    for _ in 0..8 {
        let wrong = desk.sign_in("wrong", "192.0.2.1").await;
        assert!(
            matches!(wrong, Err(Error::Rule(IdentityRule::WrongCredentials))),
            "{wrong:?}"
        );
    }
    let wrong = desk.sign_in("wrong", "192.0.2.1").await;
    assert!(matches!(wrong, Err(Error::Limited { .. })), "{wrong:?}");

    // The next quarter of an hour is free again; after thirty days the network is as unknown as any.
    desk.fakes.clock.advance(Duration::minutes(15));
    desk.sign_in(PASSWORD, "203.0.113.10")
        .await
        .expect("the limit is over");
    desk.fakes.clock.advance(Duration::days(31));
    use_up(&desk).await;
    let forgotten = desk.sign_in(PASSWORD, "192.0.2.1").await;
    assert!(matches!(forgotten, Err(Error::Limited { .. })), "{forgotten:?}");
}

/// Six thousand tries from a hundred networks and more, as the practice's counter sees them.
async fn use_up(desk: &Desk) {
    let quarter = Allowance {
        times: 6_000,
        every: Duration::minutes(15),
    };
    let (window, until) = quarter.window(desk.portal.now());
    let key = format!("password/{window}");
    for _ in 0..60 {
        let hundred = (0..100).map(|_| desk.portal.store().count(desk.practice.id, &key, until));
        futures_util::future::try_join_all(hundred).await.unwrap();
    }
}
