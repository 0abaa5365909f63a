//! What every store promises, as checks that run against any of them.
//!
//! Whoever writes a third store proves it with this:
//!
//! ```
//! use std::sync::Arc;
//! use portal_core::Store;
//! use portal_core::testing::{MemoryStore, conformance};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! conformance::run_all(|| async { Arc::new(MemoryStore::default()) as Arc<dyn Store> }).await;
//! # });
//! ```
//!
//! Each [`Promise`] gets a store of its own that holds nothing yet. Checks need no particular runtime: what must hold
//! under parallel calls is called in parallel with `join_all`, so a store that answers from a pool or a writer task
//! meets real races. The futures are not `Send`: await them where the test runs (`#[tokio::test]`, `block_on`).
//!
//! Where a list filters or sorts, the plain definition is [`MemoryStore`](super::MemoryStore): the same records go into
//! both, and the same questions must get the same answers.

mod approvals;
mod audits;
mod claims;
mod commits;
mod conversations;
mod counting;
mod filters;
mod guards;
mod housekeeping;
mod identities;
mod isolation;
mod matters;
mod paging;
mod read_back;
mod records;
mod scans;
mod seals;
mod searches;
mod snapshot;
mod tasks;
mod uniqueness;
mod uploads;
mod world;

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::Store;

/// Something that every store promises.
#[derive(Debug, Clone, Copy)]
pub struct Promise {
    /// What is promised, in snake case.
    pub name: &'static str,
    check: fn(Arc<dyn Store>) -> LocalBoxFuture<'static, ()>,
}

impl Promise {
    /// Checks it on `store`, which must hold nothing yet.
    ///
    /// # Panics
    /// When it is broken; the message says how.
    pub async fn check(&self, store: Arc<dyn Store>) {
        (self.check)(store).await;
    }
}

macro_rules! promises {
    ($($module:ident: $($name:ident)+;)+) => {
        /// Every promise.
        pub const PROMISES: &[Promise] = &[$($(
            Promise {
                name: stringify!($name),
                check: |store| Box::pin(async move { $module::$name(&*store).await }),
            },
        )+)+];
    };
}

promises! {
    records:
        every_record_comes_back_as_it_was_saved
        odd_records_come_back_as_they_were_saved
        every_event_comes_back_as_it_was_saved
        times_keep_their_microseconds;
    commits:
        a_change_is_saved_whole_or_not_at_all
        a_save_must_follow_the_version_it_read
        a_new_record_must_not_exist
        of_parallel_saves_one_wins
        of_parallel_inserts_one_wins
        commits_of_different_records_do_not_disturb_each_other
        a_commit_whose_caller_goes_away_is_done_whole_or_not_at_all;
    guards:
        a_guard_holds_only_while_nothing_moved
        a_guard_of_every_kind_is_kept
        two_changes_that_guard_each_other_do_not_both_succeed;
    uniqueness:
        unique_rules_are_told_by_name
        what_is_not_the_same_is_no_conflict
        a_value_that_was_given_up_can_be_taken
        of_parallel_takers_of_a_unique_value_one_wins;
    paging:
        lists_of_people_reach_every_item_once
        lists_of_work_reach_every_item_once
        lists_of_tasks_reach_every_item_once
        lists_of_approvals_reach_every_item_once
        lists_of_what_was_told_reach_every_item_once
        an_empty_list_is_an_empty_page
        a_cursor_from_elsewhere_does_no_harm;
    isolation:
        practices_never_meet
        claims_counters_and_keys_stay_within_their_practice;
    searches:
        searches_find_what_they_should
        odd_searches_find_what_they_should_and_break_nothing
        references_are_found_whatever_their_case_and_accents;
    filters:
        matters_are_filtered_as_defined
        requests_are_filtered_and_counted_as_defined
        documents_are_filtered_and_counted_as_defined
        a_client_is_shown_what_the_rule_says
        the_next_request_is_the_one_to_do_first
        deliveries_and_notifications_are_filtered_as_defined;
    matters:
        summaries_add_up
        ancestors_come_nearest_first_and_circles_end
        vocabulary_is_what_is_in_use
        people_of_a_matter_come_in_order
        what_automations_depend_on_is_read_of_many_matters_at_once;
    scans:
        matters_are_scanned_by_id_and_each_once
        what_is_unknown_is_found;
    identities:
        only_the_newest_link_is_the_newest
        links_are_counted_since
        live_sessions_are_those_that_live
        a_session_comes_with_all_that_stands_behind_it
        secrets_are_found_by_their_hash;
    claims:
        claims_are_never_shared
        a_claim_can_be_made_again_once_its_lease_ran_out
        a_claim_moves_version_and_attempts
        what_is_settled_never_comes_back
        the_oldest_is_claimed_first
        what_waits_for_a_reader_is_told_the_oldest_first
        lanes_are_claimed_by_themselves
        practices_take_turns;
    counting:
        parallel_counts_are_all_different
        looking_at_a_counter_does_not_count
        counters_are_apart
        of_parallel_claims_of_a_key_one_is_fresh
        a_key_remembers_its_command_and_answer
        a_claim_made_twice_is_one_claim
        a_key_expires_and_can_be_released
        a_key_whose_claim_was_cut_off_is_never_fresh;
    tasks:
        tasks_are_filtered_and_counted_as_defined
        tasks_of_automations_are_found;
    approvals:
        approvals_are_filtered_and_counted_as_defined
        words_are_found_among_very_many_approvals
        evidence_is_told_the_oldest_first;
    uploads:
        uploads_that_wait_are_counted;
    conversations:
        conversations_are_filtered_as_defined
        conversations_reach_every_item_once
        what_came_in_is_found_by_where_it_came
        clients_are_found_by_their_number
        the_newest_of_each_kind_is_found_among_many
        who_texted_a_number_is_told_of_all_practices;
    audits:
        audit_entries_come_back_as_they_were_written
        audit_entries_are_filtered;
    seals:
        entries_wait_until_they_are_sealed_and_are_sealed_once
        what_was_sealed_is_read_back_and_proven
        of_parallel_sealers_one_wins
        what_waits_or_is_sealed_was_not_missed
        erasing_leaves_every_leaf_as_it_was;
    housekeeping:
        tidying_takes_only_what_it_says
        a_good_store_says_so;
}

/// Checks every promise, each on a store that `fresh` makes for it, one after the other.
///
/// # Panics
/// When any is broken, after all were checked: the message names each broken one and says how.
pub async fn run_all<F, Fut>(fresh: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Arc<dyn Store>>,
{
    let mut broken = Vec::new();
    for promise in PROMISES {
        let store = fresh().await;
        let outcome = AssertUnwindSafe(promise.check(store)).catch_unwind().await;
        if let Err(panic) = outcome {
            broken.push(format!("{}: {}", promise.name, said(&*panic)));
        }
    }
    assert!(
        broken.is_empty(),
        "{} of {} promises are broken:\n{}",
        broken.len(),
        PROMISES.len(),
        broken.join("\n\n")
    );
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it panicked")
}
