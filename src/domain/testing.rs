//! Small words for the tests of the rules: warehouses by letter, moments by second.

use std::time::Duration;

use uuid::Uuid;

use super::assignment::{ActiveSet, Assignment, AssignmentList, Warehouse};
use super::change::{Target, Wish};
use super::ids::{AssignmentId, WarehouseUuid};
use super::time::{BootId, Moment, UnixMillis};

/// The warehouse named by a letter.
pub(crate) fn warehouse(letter: char) -> WarehouseUuid {
    WarehouseUuid::new(Uuid::from_u128(letter as u128))
}

/// The id that a letter's assignment has at first.
pub(crate) fn assignment_id(letter: char) -> AssignmentId {
    AssignmentId::new(Uuid::from_u128(1_000 + letter as u128))
}

/// The set of the letters' warehouses.
pub(crate) fn set(letters: &str) -> ActiveSet {
    letters.chars().map(warehouse).collect()
}

/// The wish for a letter's warehouse; `-` is a leave.
pub(crate) fn wish(letter: char) -> Wish {
    if letter == '-' {
        return Wish::Leave;
    }
    Wish::Activate(Target {
        assignment_id: assignment_id(letter),
        warehouse_uuid: warehouse(letter),
        warehouse_name: letter.to_string(),
    })
}

/// Second `second` of the first boot, with the server's time known.
pub(crate) fn at(second: u64) -> Moment {
    Moment {
        boot_id: BootId(Uuid::from_u128(1)),
        since_boot: Duration::from_secs(second),
        server: Some(UnixMillis(1_000_000).plus(Duration::from_secs(second))),
        wall: UnixMillis(0).plus(Duration::from_secs(second)),
    }
}

/// An open assignment for a letter's warehouse.
pub(crate) fn assignment(letter: char, is_active: bool) -> Assignment {
    Assignment {
        id: assignment_id(letter),
        warehouse: Warehouse { uuid: warehouse(letter), name: letter.to_string(), is_active: true },
        is_active,
    }
}

/// Assignments for A, B, C and D of which the letters in `active` are active, asked for and
/// answered at `second`.
pub(crate) fn list(active: &str, second: u64) -> AssignmentList {
    let rows = "ABCD".chars().map(|letter| assignment(letter, active.contains(letter))).collect();
    AssignmentList::new(rows, at(second), at(second))
}

/// The same list without a letter's assignment.
pub(crate) fn without(full: &AssignmentList, letter: char) -> AssignmentList {
    let rows = full.assignments().iter().filter(|row| row.warehouse.uuid != warehouse(letter));
    AssignmentList::new(rows.cloned().collect(), full.asked_at, full.answered_at)
}

/// The same list with one row changed.
pub(crate) fn with(
    full: &AssignmentList,
    letter: char,
    change: impl Fn(&mut Assignment),
) -> AssignmentList {
    let mut rows = full.assignments().to_vec();
    rows.iter_mut().filter(|row| row.warehouse.uuid == warehouse(letter)).for_each(change);
    AssignmentList::new(rows, full.asked_at, full.answered_at)
}
