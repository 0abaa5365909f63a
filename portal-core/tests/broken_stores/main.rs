//! The conformance suite catches broken stores: with each kind of fault switched on it names the promise that is broken,
//! and with none it finds nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test fails by panicking"
)]

mod delegate;
mod faulty;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use faulty::{Fault, FaultyStore};
use futures_util::FutureExt;
use portal_core::Store;
use portal_core::testing::conformance::{self, PROMISES, Promise};

async fn is_kept(promise: &Promise, fault: Fault) -> bool {
    let store = Arc::new(FaultyStore::new(Some(fault)));
    AssertUnwindSafe(promise.check(store))
        .catch_unwind()
        .await
        .is_ok()
}

/// The suite fails as soon as one promise is broken; here it has to be the one that speaks of the fault.
async fn is_caught(fault: Fault, by: &str) {
    let promise = PROMISES.iter().find(|promise| promise.name == by);
    if !is_kept(promise.expect("a promise of this name"), fault).await {
        return;
    }
    let mut noticed = Vec::new();
    for promise in PROMISES {
        if !is_kept(promise, fault).await {
            noticed.push(promise.name);
        }
    }
    panic!("{by} did not notice {fault:?}; these did: {noticed:?}");
}

#[tokio::test]
async fn the_wrapper_itself_breaks_nothing() {
    conformance::run_all(async || Arc::new(FaultyStore::new(None)) as Arc<dyn Store>).await;
}

macro_rules! caught {
    ($($fault:ident by $promise:ident as $name:ident;)*) => {
        $(#[tokio::test]
        async fn $name() {
            is_caught(Fault::$fault, stringify!($promise)).await;
        })*

        /// Every fault stands in the table above.
        #[test]
        fn no_fault_goes_untested() {
            let listed = [$(Fault::$fault),*];
            assert_eq!(listed, Fault::ALL);
        }
    };
}

caught! {
    HalfAppliedChange by a_change_is_saved_whole_or_not_at_all as a_half_applied_change_is_caught;
    StaleVersionAccepted by a_save_must_follow_the_version_it_read as an_accepted_stale_version_is_caught;
    GuardIgnored by a_guard_holds_only_while_nothing_moved as an_ignored_guard_is_caught;
    UniqueRuleIgnored by unique_rules_are_told_by_name as an_ignored_unique_rule_is_caught;
    CancelledCommitLeavesHalf by a_commit_whose_caller_goes_away_is_done_whole_or_not_at_all
        as half_of_a_cancelled_commit_is_caught;
    AuditEntryDropped by audit_entries_come_back_as_they_were_written as a_dropped_audit_entry_is_caught;
    LateEntryForgotten by entries_wait_until_they_are_sealed_and_are_sealed_once as a_forgotten_late_entry_is_caught;
    TenantLeaks by practices_never_meet as another_practices_rows_are_caught;
    PageDropsTie by lists_of_work_reach_every_item_once as a_page_that_drops_a_tie_is_caught;
    PageRepeatsRow by lists_of_people_reach_every_item_once as a_page_that_repeats_a_row_is_caught;
    PrecisionLost by times_keep_their_microseconds as lost_precision_of_time_is_caught;
    SearchIgnoresWord by searches_find_what_they_should as a_search_that_ignores_a_word_is_caught;
    ClaimShared by claims_are_never_shared as a_claim_shared_by_two_workers_is_caught;
    LeaseNeverEnds by a_claim_can_be_made_again_once_its_lease_ran_out as a_lease_that_never_ends_is_caught;
    PracticesStarve by practices_take_turns as a_practice_that_starves_is_caught;
    CounterNotAtomic by parallel_counts_are_all_different as a_counter_that_is_not_atomic_is_caught;
    LookingCounts by looking_at_a_counter_does_not_count as a_counter_that_counts_looks_is_caught;
    KeyFreshTwice by of_parallel_claims_of_a_key_one_is_fresh as a_key_that_is_fresh_twice_is_caught;
    CutOffKeyFresh by a_key_whose_claim_was_cut_off_is_never_fresh as a_key_that_is_fresh_after_a_crash_is_caught;
    ClaimForgotten by a_claim_made_twice_is_one_claim as a_claim_that_is_forgotten_is_caught;
    EndedSessionsLive by live_sessions_are_those_that_live as a_session_that_lives_on_is_caught;
    TidyTakesNothing by tidying_takes_only_what_it_says as a_tidy_that_takes_nothing_is_caught;
}

/// An id that nobody has.
fn another() -> uuid::Uuid {
    static MADE: AtomicU64 = AtomicU64::new(0);
    uuid::Uuid::from_u128(u128::MAX - u128::from(MADE.fetch_add(1, Ordering::Relaxed)))
}
