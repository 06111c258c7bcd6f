//! What the server said: assignments, and the snapshot of them.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::ids::{AssignmentId, WarehouseUuid};
use super::natural_order;
use super::time::Moment;

/// A set of warehouses that are, were or may be active.
///
/// The design's sets `b`, `r` and `O` hold assignments. They are kept by warehouse, because an
/// assignment that is taken away and given again gets a new id (contract section 3.7) while the
/// warehouse's uuid stays, and a user has one assignment for a warehouse at most.
pub type ActiveSet = BTreeSet<WarehouseUuid>;

/// A place to work in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warehouse {
    /// Its identity on the server.
    pub uuid: WarehouseUuid,
    /// Its name, as the Back Office has it. Untrusted text, limited in length by the client.
    pub name: String,
    /// False for a **closed** warehouse, which can't be switched to.
    pub is_active: bool,
}

/// The server's record that the user may work in a warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Its identity on the server, which a PATCH needs.
    pub id: AssignmentId,
    /// Where.
    pub warehouse: Warehouse,
    /// Whether the user works there now.
    pub is_active: bool,
}

impl Assignment {
    /// The order of the screen, the active one aside: open before closed, then by name as people
    /// sort it, then by uuid so that equal names never change places.
    pub fn display_order(&self, other: &Self) -> Ordering {
        other
            .warehouse
            .is_active
            .cmp(&self.warehouse.is_active)
            .then_with(|| natural_order::compare(&self.warehouse.name, &other.warehouse.name))
            .then_with(|| self.warehouse.uuid.cmp(&other.warehouse.uuid))
    }
}

/// The user's own assignments as the server told them, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentList {
    /// All of them, in [`Assignment::display_order`].
    assignments: Vec<Assignment>,
    /// When the list was asked for: it knows of everything that the server did before that.
    pub asked_at: Moment,
    /// When the answer was complete.
    pub answered_at: Moment,
}

impl AssignmentList {
    /// Sorts what the server told.
    pub fn new(mut assignments: Vec<Assignment>, asked_at: Moment, answered_at: Moment) -> Self {
        assignments.sort_by(Assignment::display_order);
        Self { assignments, asked_at, answered_at }
    }

    /// All assignments, in the order of the screen.
    pub fn assignments(&self) -> &[Assignment] {
        &self.assignments
    }

    /// The assignment for a warehouse, under whatever id it has now.
    pub fn for_warehouse(&self, warehouse: WarehouseUuid) -> Option<&Assignment> {
        self.assignments.iter().find(|assignment| assignment.warehouse.uuid == warehouse)
    }

    /// Whether this very assignment is in the list.
    pub fn contains_id(&self, id: AssignmentId) -> bool {
        self.assignments.iter().any(|assignment| assignment.id == id)
    }

    /// The remote set `r`: what the server has active now.
    pub fn active(&self) -> ActiveSet {
        self.assignments
            .iter()
            .filter(|assignment| assignment.is_active)
            .map(|assignment| assignment.warehouse.uuid)
            .collect()
    }
}

/// The last complete list, as kept on the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// All assignments, in [`Assignment::display_order`].
    pub assignments: Vec<Assignment>,
    /// When the server told them.
    pub fetched_at: Moment,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn assignment(number: u128, name: &str, is_open: bool) -> Assignment {
        Assignment {
            id: AssignmentId::new(Uuid::from_u128(number)),
            warehouse: Warehouse {
                uuid: WarehouseUuid::new(Uuid::from_u128(number)),
                name: name.into(),
                is_active: is_open,
            },
            is_active: false,
        }
    }

    #[test]
    fn closed_warehouses_come_last_and_numbers_sort_as_numbers() {
        let mut rows = [
            assignment(1, "Halle 1", false),
            assignment(2, "Halle 10", true),
            assignment(3, "Halle 2", true),
        ];

        rows.sort_by(Assignment::display_order);

        let names: Vec<_> = rows.iter().map(|row| row.warehouse.name.as_str()).collect();
        assert_eq!(names, ["Halle 2", "Halle 10", "Halle 1"]);
    }

    #[test]
    fn equal_names_keep_their_places() {
        let mut rows = [assignment(2, "Halle", true), assignment(1, "Halle", true)];

        rows.sort_by(Assignment::display_order);

        assert_eq!(rows[0], assignment(1, "Halle", true));
    }
}
