//! Requests and their counts.

use portal_core::checklist::{ChecklistRule, Request, RequestCounts, RequestState};
use portal_core::document::{DocumentCounts, DocumentStatus};
use portal_core::policy::Role;
use portal_core::testing::{Samples, strategies};
use portal_core::{Date, Duration, Error, Timestamp};
use proptest::prelude::*;

fn request(state: RequestState, wanted: u32) -> (Timestamp, Request) {
    let samples = Samples::new(1);
    let matter = samples.matter(&samples.staff(Role::Owner));
    let client = samples.client("Anna", "Berg");
    let request = Request {
        state,
        wanted,
        ..samples.request(&matter, &client)
    };
    (samples.at + Duration::seconds(1), request)
}

fn settled(state: RequestState) -> bool {
    matches!(
        state,
        RequestState::Accepted | RequestState::Waived | RequestState::Withdrawn
    )
}

proptest! {
    #[test]
    fn what_is_settled_is_not_moved_by_documents(
        state in strategies::request_state().prop_filter("still open", |state| !settled(*state)),
        wanted in 1_u32..5, counts in strategies::document_counts(),
    ) {
        let (at, before) = request(state, wanted);
        for after in [before.clone().with_documents(counts, at), before.clone().with_reviewed_documents(counts, at)] {
            if settled(state) {
                prop_assert_eq!(&after, &before);
            } else {
                prop_assert_eq!(after.version, before.version.next());
            }
        }
    }

    #[test]
    fn the_state_follows_from_what_was_provided(
        state in strategies::request_state().prop_filter("still open", |state| !settled(*state)),
        wanted in 1_u32..5, counts in strategies::document_counts(),
    ) {
        let (at, before) = request(state, wanted);
        let after = before.with_documents(counts, at);
        let good = counts.pending_review + counts.accepted;
        let expected = match (counts.returned, good >= u64::from(wanted)) {
            (1.., _) => RequestState::Returned,
            (0, true) => RequestState::Submitted,
            (0, false) => RequestState::Outstanding,
        };
        prop_assert_eq!(after.state, expected);
        prop_assert_eq!(after.clone().with_documents(counts, at).state, expected, "and stays there");
        prop_assert!(after.reason.is_none() || after.state == RequestState::Returned);
    }

    #[test]
    fn a_review_document_by_document_accepts_only_what_is_complete(
        state in strategies::request_state().prop_filter("still open", |state| !settled(*state)),
        wanted in 1_u32..5, counts in strategies::document_counts(),
    ) {
        let (at, before) = request(state, wanted);
        let after = before.with_reviewed_documents(counts, at);
        let complete = counts.pending_review == 0 && counts.returned == 0 && counts.accepted >= u64::from(wanted);
        prop_assert_eq!(after.state == RequestState::Accepted, complete);
    }

    #[test]
    fn every_command_either_refuses_or_moves_by_one_version(
        state in strategies::request_state().prop_filter("still open", |state| !settled(*state)),
        wanted in 1_u32..5, counts in strategies::document_counts(),
    ) {
        let (at, before) = request(state, wanted);
        let outcomes = [
            (before.clone().accept(counts, at).ok(), RequestState::Accepted),
            (before.clone().return_with("Blurred", counts, at).ok(), RequestState::Returned),
            (before.clone().waive("Not needed", at).ok(), RequestState::Waived),
            (before.clone().withdraw(at).ok(), RequestState::Withdrawn),
        ];
        for (after, expected) in outcomes {
            if let Some(after) = after {
                prop_assert_eq!(after.state, expected);
                prop_assert_eq!(after.version, before.version.next());
                prop_assert_eq!(after.updated_at, at);
                prop_assert_eq!((after.id, after.wanted, &after.title), (before.id, before.wanted, &before.title));
            }
        }
        let reopened = before.clone().reopen(counts, at);
        prop_assert_eq!(reopened.is_ok(), settled(state));
        if let Ok(reopened) = reopened {
            prop_assert!(!settled(reopened.state));
            prop_assert_eq!(reopened.version, before.version.next());
        }
    }

    #[test]
    fn accepting_and_returning_need_something_to_look_at(
        state in strategies::request_state(), counts in strategies::document_counts(),
    ) {
        let (at, before) = request(state, 1);
        match before.clone().accept(counts, at) {
            Ok(_) => prop_assert!(!settled(state) && counts.pending_review + counts.accepted > 0),
            Err(ChecklistRule::Settled) => prop_assert!(settled(state)),
            Err(rule) => {
                prop_assert_eq!(rule, ChecklistRule::NothingToAccept);
                prop_assert_eq!(counts.pending_review + counts.accepted, 0);
            }
        }
        for blank in ["", "  ", "\n\t"] {
            let refused = before.clone().return_with(blank, counts, at);
            prop_assert!(matches!(refused, Err(Error::Rule(ChecklistRule::ReasonNeeded))));
        }
        let returned = before.return_with("Too dark", counts, at);
        if let Ok(returned) = returned {
            prop_assert_eq!(returned.reason.as_deref(), Some("Too dark"), "the client reads why");
        }
    }

    #[test]
    fn nothing_is_asked_again_once_it_is_provided(state in strategies::request_state(), days in -3_i64..3) {
        let (_, mut request) = request(state, 1);
        let today = Date::from_ordinal_date(2026, 100).unwrap();
        request.due_on = Some(today + Duration::days(days));
        let waits = matches!(state, RequestState::Outstanding | RequestState::Returned);
        prop_assert_eq!(request.is_overdue(today), waits && days < 0, "late from the day after it was due");
        request.due_on = None;
        prop_assert!(!request.is_overdue(today));
    }

    #[test]
    fn counts_add_up(states in proptest::collection::vec(strategies::request_state(), 0..60)) {
        let counts = states.iter().fold(RequestCounts::default(), |counts, state| counts.plus(*state, 1));
        prop_assert_eq!(counts.asked(), counts.to_do() + counts.done());
        prop_assert_eq!(counts.asked() + counts.waived + counts.withdrawn, states.len() as u64);
        let waiting = states.iter().filter(|state| state.waits_for_client()).count();
        prop_assert_eq!(counts.to_do(), waiting as u64);
        prop_assert!(counts.done() <= counts.asked());
    }

    #[test]
    fn counts_follow_documents_as_they_move(
        begin in strategies::document_status(),
        walk in proptest::collection::vec((any::<bool>(), strategies::document_status()), 0..30),
    ) {
        let mut statuses = vec![begin];
        let mut counts = DocumentCounts::default().moved(None, begin);
        for (is_new, to) in walk {
            if is_new {
                counts = counts.moved(None, to);
                statuses.push(to);
            } else {
                let last = statuses.pop().unwrap();
                counts = counts.moved(Some(last), to);
                statuses.push(to);
            }
        }
        let counted = statuses.iter().fold(DocumentCounts::default(), |counts, status| counts.plus(*status, 1));
        prop_assert_eq!(counts, counted);
        prop_assert_eq!(counts.total(), statuses.len() as u64);
    }
}

#[test]
fn a_request_wants_1_to_50_files_by_a_day_that_people_live_to_see() {
    let (at, request) = request(RequestState::Outstanding, 1);
    let draft = |wanted, due_on| portal_core::checklist::RequestDraft {
        title: "Passport".into(),
        wanted,
        due_on,
        ..portal_core::checklist::RequestDraft::default()
    };
    for (wanted, fine) in [(0, false), (1, true), (50, true), (51, false), (u32::MAX, false)] {
        assert_eq!(
            request.clone().describe(&draft(wanted, None), at).is_ok(),
            fine,
            "{wanted} files"
        );
    }
    for (year, fine) in [
        (2026, true),
        (1850, true),
        (2200, true),
        (1, false),
        (-300, false),
        (9999, false),
    ] {
        let due_on = Date::from_ordinal_date(year, 1).ok();
        let described = request.clone().describe(&draft(1, due_on), at);
        assert_eq!(described.is_ok(), fine, "due in the year {year}");
        if let Err(invalid) = described {
            assert_eq!(invalid.errors[0].field, "due_on");
        }
    }
}

#[test]
fn every_state_of_a_document_counts_somewhere() {
    for status in DocumentStatus::ALL {
        assert_eq!(DocumentCounts::default().plus(status, 3).total(), 3, "{status:?}");
    }
}
