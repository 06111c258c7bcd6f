//! The decision table of a round: what to do with a wish, given a fresh list.
//!
//! A pure function of one [`Case`]. The rows are tried in order and the first that fits decides,
//! so each row may rely on those before it not having fitted. The numbers are those of the design,
//! section 4; row 1 (the assignment has a new id) needs no row here, because a wish names its
//! warehouse and the id is read from the list at the moment of sending.

use super::assignment::{ActiveSet, Assignment, AssignmentList};
use super::change::{Target, Wish};
use super::ids::{AssignmentId, WarehouseUuid};

/// What happens when somebody else switched meanwhile (configuration key `on_conflict`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnConflict {
    /// The worker is asked.
    #[default]
    Ask,
    /// The worker's wish wins.
    Mine,
    /// What the server has wins.
    Theirs,
}

/// Everything that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// What is wished.
    pub wish: &'a Wish,
    /// `b`: what the server may have active without anybody having interfered.
    pub base: &'a ActiveSet,
    /// `O`: the targets of the profile's own attempts that have not settled.
    pub own: &'a ActiveSet,
    /// The list just fetched; `r` is what it shows as active.
    pub list: &'a AssignmentList,
    /// Whether the wish is older than `stale_after`, or of unknown age, and was not decided since.
    pub is_stale: bool,
    /// Whether this is the round that the tap itself asked for, begun within 30 s of it.
    pub is_round_of_tap: bool,
    /// The policy for row 10.
    pub on_conflict: OnConflict,
}

/// A PATCH that a decision asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patch {
    /// The id that the assignment has now.
    pub assignment_id: AssignmentId,
    /// Its warehouse.
    pub warehouse_uuid: WarehouseUuid,
    /// The `isActive` to send.
    pub active: bool,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Row 2: the list has no assignment for the warehouse.
    RejectNotAssigned,
    /// Rows 3 and 4: what is wished is so. If a leave left something of others active, tell.
    Confirm,
    /// Row 5: the warehouse is closed.
    RejectClosed,
    /// Row 6: the wish is too old to be sent without asking.
    AskStale,
    /// Rows 7 and 8: send it.
    Send(Patch),
    /// Rows 9 and 10 with `mine`: send it, with `r` as the new base, and tell what was replaced.
    SendReplacing(Patch),
    /// Row 10: somebody switched meanwhile; ask.
    AskSwitched,
    /// Row 10 with `theirs`: give the wish up.
    Theirs,
}

/// A decision with the number of the row that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The row of the design's table.
    pub row: u8,
    /// What it says.
    pub decision: Decision,
}

type Row = fn(&Case<'_>) -> Option<Decision>;

const ROWS: [(u8, Row); 8] = [
    (2, row_2_not_assigned),
    (3, row_3_active_alone),
    (4, row_4_left),
    (5, row_5_closed),
    (6, row_6_stale),
    (7, row_7_leave),
    (8, row_8_undisturbed),
    (9, row_9_own_tap),
];

/// Tries the rows in order.
pub fn decide(case: &Case<'_>) -> Verdict {
    ROWS.iter()
        .find_map(|(row, judge)| judge(case).map(|decision| Verdict { row: *row, decision }))
        .unwrap_or_else(|| Verdict { row: 10, decision: row_10_conflict(case) })
}

fn row_2_not_assigned(case: &Case<'_>) -> Option<Decision> {
    (case.wish.target().is_some() && case.wished().is_none()).then_some(Decision::RejectNotAssigned)
}

fn row_3_active_alone(case: &Case<'_>) -> Option<Decision> {
    let is_so = case.wish.target().is_some() && case.wish.is_fulfilled_by(&case.list.active());
    is_so.then_some(Decision::Confirm)
}

fn row_4_left(case: &Case<'_>) -> Option<Decision> {
    let is_left = matches!(case.wish, Wish::Leave) && case.still_to_leave().is_none();
    is_left.then_some(Decision::Confirm)
}

fn row_5_closed(case: &Case<'_>) -> Option<Decision> {
    case.wished().filter(|wished| !wished.warehouse.is_active).map(|_| Decision::RejectClosed)
}

fn row_6_stale(case: &Case<'_>) -> Option<Decision> {
    case.is_stale.then_some(Decision::AskStale)
}

fn row_7_leave(case: &Case<'_>) -> Option<Decision> {
    if case.wish.target().is_some() {
        return None;
    }
    case.still_to_leave().map(|active| Decision::Send(patch(active, false)))
}

fn row_8_undisturbed(case: &Case<'_>) -> Option<Decision> {
    let wished = case.wished()?;
    is_undisturbed(case.wish, case.base, case.own, &case.list.active())
        .then(|| Decision::Send(patch(wished, true)))
}

fn row_9_own_tap(case: &Case<'_>) -> Option<Decision> {
    let wished = case.wished()?;
    case.is_round_of_tap.then(|| Decision::SendReplacing(patch(wished, true)))
}

fn row_10_conflict(case: &Case<'_>) -> Decision {
    match (case.on_conflict, case.wished()) {
        (OnConflict::Mine, Some(wished)) => Decision::SendReplacing(patch(wished, true)),
        (OnConflict::Theirs, _) => Decision::Theirs,
        _ => Decision::AskSwitched,
    }
}

/// Whether everything that the server has active was so before, may be our own doing, or is the
/// wish itself: nobody else has interfered. The condition of row 8, and of the rebase.
pub fn is_undisturbed(wish: &Wish, base: &ActiveSet, own: &ActiveSet, remote: &ActiveSet) -> bool {
    let wished = wish.target().map(|target| target.warehouse_uuid);
    remote.iter().all(|warehouse| {
        base.contains(warehouse) || own.contains(warehouse) || wished == Some(*warehouse)
    })
}

fn patch(assignment: &Assignment, active: bool) -> Patch {
    Patch { assignment_id: assignment.id, warehouse_uuid: assignment.warehouse.uuid, active }
}

impl Case<'_> {
    /// The assignment that the wish wants active, under the id that it has now (row 1).
    fn wished(&self) -> Option<&Assignment> {
        let Target { warehouse_uuid, .. } = self.wish.target()?;
        self.list.for_warehouse(*warehouse_uuid)
    }

    /// Something active that a leave is meant for.
    fn still_to_leave(&self) -> Option<&Assignment> {
        self.list.assignments().iter().find(|assignment| {
            let warehouse = &assignment.warehouse.uuid;
            assignment.is_active && (self.base.contains(warehouse) || self.own.contains(warehouse))
        })
    }
}

#[cfg(test)]
mod tests;
