use futures_util::future::join_all;
use portal_core::audit::AuditFilter;
use portal_core::identity::{IdentityRule, NewStaffMember, Password};
use portal_core::policy::Role;
use portal_core::{Duration, Error, Origin};

use crate::world::{PASSWORD, World};

fn from(ip: &str) -> Origin {
    Origin {
        ip: Some(ip.parse().unwrap()),
        ..Origin::default()
    }
}

async fn sign_in(world: &World, password: &str, ip: &str) -> Result<(), Error<IdentityRule>> {
    let password = Password::typed(password.into());
    world
        .portal
        .sign_in_staff(world.practice.id, "sam@harbour.test", password, from(ip))
        .await
        .map(drop)
}

#[tokio::test]
async fn a_strangers_failures_do_not_lock_the_owner_out() {
    let world = World::new().await;
    let tries = join_all((0..200).map(|_| sign_in(&world, "wrong", "203.0.113.9"))).await;
    let checked = tries
        .iter()
        .filter(|t| matches!(t, Err(Error::Rule(IdentityRule::WrongCredentials))))
        .count();
    assert_eq!(checked, 10, "the others were not even looked at");
    let filter = AuditFilter {
        ip: from("203.0.113.9").ip,
        ..AuditFilter::default()
    };
    let page = portal_core::PageRequest::first(200);
    let told = world
        .portal
        .store()
        .audit_entries(world.practice.id, &filter, &page)
        .await
        .unwrap()
        .items;
    let limited = told
        .iter()
        .filter(|entry| entry.action == "staff.sign-in-limited")
        .count();
    assert_eq!(
        (told.len(), limited),
        (12, 2),
        "each failure is in the trail, and of each limit once that it was met: the address's from there, and the network's"
    );
    sign_in(&world, PASSWORD, "198.51.100.4")
        .await
        .expect("the owner enters from elsewhere");
    assert!(sign_in(&world, PASSWORD, "203.0.113.9").await.is_err());
    world.fakes.clock.advance(Duration::minutes(15));
    sign_in(&world, PASSWORD, "203.0.113.9")
        .await
        .expect("the limit is over");
}

#[tokio::test]
async fn sessions_end_by_age_idleness_and_deactivation() {
    let world = World::new().await;
    let (_, token, _) = world.enter(&world.amina).await;
    let begun = world.fakes.clock.time();
    for hours in [11, 22, 33, 44] {
        world.fakes.clock.set(begun + Duration::hours(hours));
        assert!(world.ctx(&token).await.is_some(), "in use after {hours} hours");
    }
    world.fakes.clock.set(begun + Duration::hours(48));
    assert!(world.ctx(&token).await.is_none(), "48 hours at most");

    let world = World::new().await;
    let (_, token, _) = world.enter(&world.amina).await;
    world.fakes.clock.advance(Duration::hours(12));
    assert!(world.ctx(&token).await.is_none(), "12 hours idle");

    let world = World::new().await;
    let (_, token, _) = world.enter(&world.amina).await;
    world
        .portal
        .set_client_active(&world.owner, world.amina.id, false)
        .await
        .unwrap();
    assert!(world.ctx(&token).await.is_none());
}

#[tokio::test]
async fn a_refreshed_session_has_a_new_secret_only() {
    let world = World::new().await;
    let (_, token, ctx) = world.enter(&world.amina).await;
    let fresh = world.portal.refresh_session(&ctx).await.unwrap();
    assert!(world.ctx(&token).await.is_none());
    assert!(world.ctx(&fresh.token).await.is_some());
    world.portal.sign_out(&ctx).await.unwrap();
    assert!(world.ctx(&fresh.token).await.is_none());
    world.portal.sign_out(&ctx).await.expect("twice is no error");
}

#[tokio::test]
async fn a_practice_keeps_an_owner_and_only_owners_make_owners() {
    let world = World::new().await;
    let new = |role, email: &str| NewStaffMember {
        name: "New".into(),
        email: email.into(),
        role,
        password: PASSWORD.into(),
    };
    let last = world
        .portal
        .update_staff(&world.owner, world.owner_id, None, (Role::Member, true))
        .await;
    assert!(
        matches!(last, Err(Error::Rule(IdentityRule::LastOwner))),
        "{last:?}"
    );
    let admin = world
        .portal
        .add_staff(&world.owner, new(Role::Admin, "admin@harbour.test"))
        .await
        .unwrap();
    let as_admin = portal_core::Context {
        actor: portal_core::Actor::Staff {
            id: admin.id,
            role: Role::Admin,
        },
        ..world.owner.clone()
    };
    assert!(matches!(
        world
            .portal
            .add_staff(&as_admin, new(Role::Owner, "o@harbour.test"))
            .await,
        Err(Error::Denied(_))
    ));
    assert!(
        world
            .portal
            .update_staff(&as_admin, world.owner_id, None, (Role::Admin, true))
            .await
            .is_err()
    );
    let taken = world
        .portal
        .add_staff(&world.owner, new(Role::Member, "ADMIN@harbour.test"))
        .await;
    assert!(
        matches!(taken, Err(Error::Rule(IdentityRule::EmailTaken))),
        "{taken:?}"
    );
    let wrong = world
        .portal
        .add_staff(
            &world.owner,
            NewStaffMember {
                name: " ".into(),
                email: "x".into(),
                role: Role::Member,
                password: "short".into(),
            },
        )
        .await;
    let Err(Error::Invalid(invalid)) = wrong else {
        panic!("{wrong:?}")
    };
    let fields: Vec<&str> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["name", "email", "password"], "all that is wrong at once");
}

#[tokio::test]
async fn two_owners_who_step_down_at_once_do_not_leave_none() {
    let world = World::new().await;
    let second = NewStaffMember {
        name: "Second".into(),
        email: "second@harbour.test".into(),
        role: Role::Owner,
        password: PASSWORD.into(),
    };
    let second = world.portal.add_staff(&world.owner, second).await.unwrap();
    let results = join_all([world.owner_id, second.id].map(|id| {
        world
            .portal
            .update_staff(&world.owner, id, None, (Role::Member, true))
    }))
    .await;
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        1,
        "{results:?}"
    );
}
