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

/// The user's own assignments as the server told them: all of them, and which are active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentList {
    /// All of them, in [`Assignment::display_order`].
    assignments: Vec<Assignment>,
    /// When the list was asked for: it knows of everything that the server did before that.
    pub asked_at: Moment,
    /// When the answer was complete.
    pub answered_at: Moment,
    /// When the server last told all of them; before `answered_at` only if it has told since which
    /// ones are active, and nothing of the others.
    pub complete_at: Moment,
}

impl AssignmentList {
    /// Sorts what the server told.
    pub fn new(mut assignments: Vec<Assignment>, asked_at: Moment, answered_at: Moment) -> Self {
        assignments.sort_by(Assignment::display_order);
        Self { assignments, asked_at, answered_at, complete_at: answered_at }
    }

    /// This list after the server has told again which assignments are active, and only of those.
    #[must_use]
    pub fn with_active(
        &self,
        active: Vec<Assignment>,
        asked_at: Moment,
        answered_at: Moment,
    ) -> Self {
        let ids: BTreeSet<AssignmentId> = active.iter().map(|told| told.id).collect();
        let places: ActiveSet = active.iter().map(|told| told.warehouse.uuid).collect();
        let is_told_anew =
            |known: &Assignment| ids.contains(&known.id) || places.contains(&known.warehouse.uuid);
        let others = self.assignments.iter().filter(|known| !is_told_anew(known));
        let inactive = others.map(|known| Assignment { is_active: false, ..known.clone() });
        let assignments = inactive.chain(active).collect();
        Self { complete_at: self.complete_at, ..Self::new(assignments, asked_at, answered_at) }
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
    fn what_is_active_takes_the_place_of_what_was_and_the_rest_stays() {
        let at = crate::domain::testing::at;
        let row = |number, is_active| Assignment { is_active, ..assignment(number, "Halle", true) };
        let list =
            AssignmentList::new(vec![row(1, true), row(2, false), row(3, false)], at(1), at(2));
        // It was taken away and given again, and its warehouse has another name now.
        let given_again = Assignment { id: row(9, true).id, ..row(2, true) };
        let renamed = Warehouse { name: "Hof".into(), ..given_again.warehouse.clone() };
        let told = Assignment { warehouse: renamed, ..given_again };

        let list = list.with_active(vec![told.clone()], at(5), at(6));

        assert_eq!(list.assignments(), [row(1, false), row(3, false), told]);
        assert_eq!((list.asked_at, list.answered_at), (at(5), at(6)));
        assert_eq!(list.complete_at, at(2), "of the others it knows no more than before");
    }

    #[test]
    fn equal_names_keep_their_places() {
        let mut rows = [assignment(2, "Halle", true), assignment(1, "Halle", true)];

        rows.sort_by(Assignment::display_order);

        assert_eq!(rows[0], assignment(1, "Halle", true));
    }
}
