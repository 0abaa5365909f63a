//! What happens to a matter when what is known of it changes: its values are normalised, its entry into a stage is kept,
//! what its workflows ask for is asked, what they ask for no longer is withdrawn, and their automations fire.
//!
//! [`decide`] is the rule, a pure function of the matter and all that stands beside it. The commands that change matters
//! and participants do what it says in their own commit, while the rules that it was decided by still hold.

mod anew;
mod apply;
mod decide;
mod dry_run;
mod knowing;
mod lately;
mod model;
mod port;
mod reread;
mod scene;
mod sending;
mod stays;
mod steps;
mod telling;
mod totals;
mod trial;

pub use anew::{Anew, AnewCount, Earlier, got_before};
pub(crate) use apply::Staging;
pub use decide::{Plan, Situation, decide};
pub use dry_run::{DryRun, DryRunItem, DryRunTotals};
pub(crate) use knowing::{Known, Wanted};
pub(crate) use lately::CountsCache;
pub use lately::MatchingLately;
pub use model::{Effects, MatchedWorkflow, MatterChange, Notice, Rereading, StageEntry, StageWhy};
pub use port::{MatterCase, MatterScan, Stages};
pub(crate) use scene::fields;
pub use scene::{Reader, Scene};
pub use sending::{Addressee, Sending, sendings};
pub use steps::StageSteps;
pub use telling::Occasion;
pub use totals::SendTotals;
pub use trial::{Trial, TrialMatters};
