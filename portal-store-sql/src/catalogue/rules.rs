use portal_core::stage::MatterScan;
use portal_core::{StoreError, WorkflowId};

use super::{Catalogue, ID, MATTER, PRACTICE};
use crate::table::Selects;
use crate::{rulebook, stage};

pub(super) fn rules(it: &mut Catalogue) -> Result<(), StoreError> {
    it.hot("rulebook", rulebook::RulebookRow::by_id(PRACTICE, PRACTICE));
    it.hot("rulebook version", rulebook::rulebook_version(PRACTICE));
    it.hot("workflow", rulebook::WorkflowRow::by_id(PRACTICE, WorkflowId(ID)));
    it.list(
        "workflows",
        "a",
        |page| rulebook::workflows(PRACTICE, page),
        Some(rulebook::workflows_count(PRACTICE)),
    )?;
    it.list(
        "stage entries",
        "0000000003",
        |page| stage::stage_entries(PRACTICE, MATTER, page),
        Some(stage::stage_entries_count(PRACTICE, MATTER)),
    )?;
    it.hot("current entries", stage::current_entries(PRACTICE, &[ID; 3]));
    for unknown in [false, true] {
        for after in [None, Some(MATTER)] {
            let scan = MatterScan {
                after,
                unknown,
                limit: MatterScan::MOST,
            };
            let name = format!("matter cases, unknown: {unknown}, next part: {}", after.is_some());
            it.hot(name, stage::matter_cases(PRACTICE, &scan));
        }
    }
    Ok(())
}
