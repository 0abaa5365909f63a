//! The audit trail's tree: it only ever grows, and in the end a stranger can verify all of it.

use std::path::Path;

use portal_core::audit::export::Verifier;
use portal_core::audit::note::VerifierKey;
use portal_core::audit::{AuditTree, check_growth};
use portal_core::{PracticeId, Store};

use crate::report::Report;
use crate::server::Setup;

/// The heads of the tree that were seen.
#[derive(Default)]
pub struct Tree {
    first: Option<AuditTree>,
    last: Option<AuditTree>,
}

impl Tree {
    /// Looks whether the tree extends the one that was seen last.
    pub async fn look(&mut self, store: &dyn Store, practice: PracticeId, report: &mut Report) {
        let tree = store.audit_tree(practice).await.unwrap();
        if let Some(last) = &self.last {
            let seen = (last.size, last.root);
            let grew = check_growth(store, practice, seen, tree.as_ref()).await.unwrap();
            if let Err(fault) = grew {
                report.broken.push(format!("the audit trail's tree: {fault}"));
            }
        }
        if self.first.is_none() {
            self.first.clone_from(&tree);
        }
        self.last = tree;
    }

    /// Verifies an export of everything against the first head that was seen, as whoever was sent it could. `entries` is how many
    /// there are; none of them waits any more when the server has ended as it was told.
    pub async fn verify(&self, setup: &Setup, folder: &Path, entries: usize, report: &mut Report) {
        let export = folder.join("audit.jsonl");
        setup.export_audit(&["--output", export.to_str().unwrap()]).await;
        let keys = setup.export_audit(&["--keys"]).await;
        let keys: Vec<VerifierKey> = keys.lines().map(|key| key.parse().unwrap()).collect();
        let older: Vec<&str> = self.first.iter().map(|tree| tree.note.as_str()).collect();
        let mut verifier = Verifier::new(&keys, &older).unwrap();
        for line in std::fs::read(&export)
            .unwrap()
            .split_inclusive(|byte| *byte == b'\n')
        {
            verifier.line(line);
        }
        let outcome = verifier.finish();
        for fault in &outcome.faults {
            report
                .broken
                .push(format!("the export of the audit trail: {fault}"));
        }
        if outcome.entries != entries as u64 {
            report.lost.push(format!(
                "{} of {entries} audit entries are sealed",
                outcome.entries
            ));
        }
    }
}
