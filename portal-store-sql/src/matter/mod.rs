//! Matters, their participants and teams.

mod list;
mod port;
mod rows;

pub(crate) use list::{beside, matters, matters_count};
pub(crate) use port::{
    ancestors, is_on_team, matter_by_reference, matters_by_id, participants, participants_on, participations,
    team, words,
};
pub(crate) use rows::{
    MATTER, MatterRow, PARTICIPANT, TEAM_MEMBER, save_matter, save_participant, save_team_member,
};

/// Narrows a statement down to matters that a staff member owns or is on the team of. `$matter` is the table or
/// alias that has the matter's id in `$id`.
macro_rules! visible_to {
    ($sql:expr, $practice:expr, $staff:expr, $id:literal) => {
        if let Some(staff) = $staff {
            $sql.push(concat!(
                " AND ",
                $id,
                " IN (SELECT own.id FROM matter AS own WHERE own.practice_id = "
            ))
            .bind($practice)
            .push(" AND own.owner_id = ")
            .bind(staff)
            .push(" UNION ALL SELECT seat.matter_id FROM team_member AS seat WHERE seat.practice_id = ")
            .bind($practice)
            .push(" AND seat.staff_id = ")
            .bind(staff)
            .push(" AND NOT seat.removed)");
        }
    };
}
pub(crate) use visible_to;
