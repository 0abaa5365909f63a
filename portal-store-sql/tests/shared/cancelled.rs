//! Requests that go away in the middle of a commit; used by the tests of both stores.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portal_core::policy::Role;
use portal_core::testing::{Samples, save};
use portal_core::{Change, ClientId, Store, TemplateId};

const COMMITS: u64 = 600;
/// How many requests are under way at a time.
const TOGETHER: usize = 4;

/// What became of each commit: the records that it was to save, and whether it was acknowledged.
pub(crate) struct Outcomes {
    samples: Samples,
    commits: BTreeMap<(ClientId, TemplateId), bool>,
}

/// How many more records every other change has: so many that a store has to do them one after the other, in a transaction.
const MORE: usize = 20;

/// Commits a pair of records at a time, or a pair and many more, and drops the caller at a random moment: half of them after 0 to 300 microseconds, the
/// others after up to 8 milliseconds, so that some are acknowledged.
pub(crate) async fn commit_and_go_away(store: &Arc<dyn Store>) -> Outcomes {
    let samples = Samples::new(1);
    let staff = samples.staff(Role::Owner);
    let matter = samples.matter(&staff);
    save(&**store, [samples.practice()]).await.unwrap();
    let mut commits = BTreeMap::new();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut under_way = Vec::new();
    for number in 0..COMMITS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let longest = if number % 2 == 0 { 300 } else { 8_000 };
        let more = if number / 2 % 2 == 0 { 0 } else { MORE };
        let patience = Duration::from_micros(random % longest);

        let client = samples.client("Amira", "Haddad");
        let mut template = samples.template();
        template.name = format!("Template {number}");
        let pair = (client.id, template.id);
        let audit = samples.audit(&samples.as_staff(&staff), &matter);
        let others = (0..more).map(|_| samples.client("Somebody", "Else"));
        let change = Change::audited(audit)
            .save(client)
            .save(template)
            .save_all(others);
        let store = Arc::clone(store);
        let begun = Instant::now();
        let caller = tokio::spawn(async move { store.commit(change).await });
        let abort = caller.abort_handle();
        // A timer of the runtime is exact to a millisecond only.
        let going_away = tokio::task::spawn_blocking(move || {
            while begun.elapsed() < patience {
                std::hint::spin_loop();
            }
            abort.abort();
        });
        under_way.push((pair, caller, going_away));
        if under_way.len() == TOGETHER {
            for (pair, caller, going_away) in under_way.drain(..) {
                going_away.await.unwrap();
                let acknowledged = match caller.await {
                    Ok(result) => result.map(|()| true).unwrap(),
                    Err(aborted) => {
                        assert!(aborted.is_cancelled(), "{aborted}");
                        false
                    }
                };
                commits.insert(pair, acknowledged);
            }
        }
    }
    let acknowledged = commits.values().filter(|acknowledged| **acknowledged).count();
    assert!(
        acknowledged > 0 && acknowledged < commits.len(),
        "{acknowledged} of {COMMITS} were acknowledged"
    );
    Outcomes { samples, commits }
}

impl Outcomes {
    /// Looks through a store opened anew.
    pub(crate) async fn check(self, store: &dyn Store) {
        for ((client, template), acknowledged) in self.commits {
            let client = store
                .client(self.samples.practice, client)
                .await
                .unwrap()
                .is_some();
            let template = store
                .template(self.samples.practice, template)
                .await
                .unwrap()
                .is_some();
            assert_eq!(client, template, "a commit was done by half");
            assert!(client || !acknowledged, "an acknowledged commit is lost");
        }
    }
}
