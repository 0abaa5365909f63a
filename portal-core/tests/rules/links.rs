//! Sign-in links.

use portal_core::access::{AccessState, LinkLimits, LinkUse, PortalAccess, Proof, SignInLink, SignInRule};
use portal_core::client::Client;
use portal_core::matter::{Matter, MatterState};
use portal_core::policy::Role;
use portal_core::testing::{Samples, strategies};
use portal_core::{Digest, Duration, LinkId, Timestamp};
use proptest::prelude::*;

struct Case {
    samples: Samples,
    matter: Matter,
    client: Client,
    access: PortalAccess,
    link: SignInLink,
}

fn case() -> Case {
    let samples = Samples::new(1);
    let matter = samples.matter(&samples.staff(Role::Owner));
    let client = samples.client("Anna", "Berg");
    let access = samples.access(&matter, &client);
    let link = samples.link(&access);
    Case {
        link: SignInLink {
            email: client.email.clone().unwrap_or(link.email.clone()),
            ..link
        },
        samples,
        matter,
        client,
        access,
    }
}

impl Case {
    fn redeem(&self, newest: LinkId, proof: &Proof, at: Timestamp) -> Result<SignInLink, SignInRule> {
        self.link
            .clone()
            .redeem(newest, (&self.access, &self.matter, &self.client), proof, at)
    }

    /// The browser that asked.
    fn asker(&self) -> Proof {
        Proof {
            browser: self.link.browser,
            code: None,
        }
    }

    /// Another browser with the code from the mail.
    fn reader(&self) -> Proof {
        Proof {
            browser: Some(Digest([9; 32])),
            code: Some(self.link.code_digest),
        }
    }
}

#[test]
fn a_link_works_up_to_the_moment_before_it_expires() {
    let case = case();
    let expires = case.link.expires_at;
    for (at, works) in [
        (case.samples.at, true),
        (expires - Duration::seconds(1), true),
        (expires - Duration::microseconds(1), true),
        (expires, false),
        (expires + Duration::microseconds(1), false),
        (expires + Duration::seconds(1), false),
    ] {
        for proof in [case.asker(), case.reader()] {
            let redeemed = case.redeem(case.link.id, &proof, at);
            assert_eq!(redeemed.is_ok(), works, "at {at}, which expires at {expires}");
            assert!(works || redeemed == Err(SignInRule::LinkSpent));
        }
        assert_eq!(case.link.is_good(case.link.id, &case.access, at), works);
    }
}

#[test]
fn a_link_works_once() {
    let mut case = case();
    let used = case.redeem(case.link.id, &case.asker(), case.samples.at).unwrap();
    assert_eq!(used.used, LinkUse::Used(case.samples.at));
    assert_eq!(
        used.version,
        case.link.version.next(),
        "so that of two parallel presses one is stale"
    );
    case.link = used;
    for proof in [case.asker(), case.reader()] {
        assert_eq!(
            case.redeem(case.link.id, &proof, case.samples.at),
            Err(SignInRule::LinkSpent)
        );
    }
}

#[test]
fn a_newer_link_kills_the_one_before() {
    let case = case();
    let newer = case.samples.id();
    for proof in [case.asker(), case.reader()] {
        assert_eq!(
            case.redeem(newer, &proof, case.samples.at),
            Err(SignInRule::LinkSpent)
        );
    }
}

#[test]
fn the_browser_that_asked_needs_no_code_and_any_other_does() {
    let mut case = case();
    let at = case.samples.at;
    let with = |browser, code| Proof { browser, code };
    let (asker, code) = (case.link.browser, Some(case.link.code_digest));
    let stranger = Some(Digest([9; 32]));
    for (proof, outcome) in [
        (with(asker, None), None),
        (with(asker, stranger), None),
        (with(stranger, None), Some(SignInRule::CodeNeeded)),
        (with(None, None), Some(SignInRule::CodeNeeded)),
        (with(stranger, stranger), Some(SignInRule::WrongCode)),
        (with(None, stranger), Some(SignInRule::WrongCode)),
        (with(None, code), None),
        (with(stranger, code), None),
    ] {
        assert_eq!(case.redeem(case.link.id, &proof, at).err(), outcome, "{proof:?}");
    }
    // An invitation was asked for by no browser, so that having none proves nothing.
    case.link.browser = None;
    assert_eq!(
        case.redeem(case.link.id, &with(None, None), at),
        Err(SignInRule::CodeNeeded)
    );
    assert!(case.redeem(case.link.id, &with(None, code), at).is_ok());
}

proptest! {
    #[test]
    fn what_does_not_admit_is_opened_by_no_link(
        state in strategies::access_state(),
        open in strategies::matter_state(),
        active: bool,
        has_code: bool,
    ) {
        let mut case = case();
        case.access.state = state;
        case.matter.state = open;
        case.client.active = active;
        let proof = if has_code { case.reader() } else { case.asker() };
        let admitted = state == AccessState::Active && open == MatterState::Open && active;
        let redeemed = case.redeem(case.link.id, &proof, case.samples.at);
        prop_assert_eq!(redeemed.is_ok(), admitted);
        prop_assert!(admitted || redeemed == Err(SignInRule::LinkSpent), "one answer, whatever the reason");
        let answered = SignInLink::answer(&case.access, &case.matter, &case.client, 0, 0);
        prop_assert_eq!(answered.is_some(), admitted, "nor is one sent");
    }

    #[test]
    fn links_are_limited_and_have_somewhere_to_go(recent in 0_u64..6, all in 998_u64..1_003, has_email: bool) {
        let mut case = case();
        if !has_email {
            case.client.email = None;
        }
        let answered = SignInLink::answer(&case.access, &case.matter, &case.client, recent, all);
        let allowed = recent < LinkLimits::PER_ACCESS_HOURLY && all < LinkLimits::PER_PRACTICE_HOURLY;
        prop_assert_eq!(answered, case.client.email.clone().filter(|_| allowed));
        let invited = SignInLink::invite(&case.access, &case.matter, &case.client, recent);
        prop_assert_eq!(invited.is_ok(), has_email && recent < LinkLimits::PER_ACCESS_HOURLY);
    }

    #[test]
    fn a_link_lives_as_long_as_the_practice_says(settings in strategies::settings(), at in strategies::recent()) {
        let case = case();
        let email = case.samples.email("anna");
        let digests = (case.samples.digest(), case.samples.digest());
        let id = case.samples.id();
        let link = SignInLink::issue(id, &case.access, email, digests, (None, true), &settings, at);
        prop_assert_eq!(link.expires_at - link.issued_at, Duration::minutes(settings.link_minutes.into()));
        prop_assert!(link.expires_at - link.issued_at <= Duration::hours(48));
        prop_assert!(link.expires_at - link.issued_at >= Duration::minutes(10));
        prop_assert!(link.is_good(id, &case.access, at));
        prop_assert_eq!((link.access_id, link.client_id), (case.access.id, case.access.client_id));
    }
}
