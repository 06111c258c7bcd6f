//! What the worker sees: the snapshot, with the waiting wish laid over it.

use std::sync::Arc;

use super::assignment::{Assignment, Snapshot};
use super::change::{Change, Wish};
use super::connection::SyncState;
use super::ids::{ProfileId, WarehouseUuid};
use super::preferences::Preferences;

/// How the files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// As they should be.
    Ok,
    /// A damaged file was put aside and what could be read was carried over.
    Recovered,
    /// Nothing can be saved now.
    Failed,
}

/// What the engine is doing at this instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Nothing.
    Idle,
    /// Asking the server for the list.
    Looking,
    /// Sending a change.
    Sending,
}

/// Everything that is known about the profile in front, as one value: the window and the command
/// line both tell from this what there is to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileView {
    /// Whose it is.
    pub profile: ProfileId,
    /// The name that was typed at sign-in.
    pub username: String,
    /// The last complete list; `None` before the first.
    pub snapshot: Option<Arc<Snapshot>>,
    /// The changes of the last 30 days and all that have not settled, newest first.
    pub changes: Arc<[Change]>,
    /// How it stands with the server.
    pub sync: SyncState,
    /// What the engine is doing.
    pub activity: Activity,
    /// How the files are.
    pub storage: Storage,
    /// What the worker chose of looks, language and sound.
    pub preferences: Preferences,
}

impl ProfileView {
    /// The wish that counts: the newest change that has not settled.
    pub fn waiting(&self) -> Option<&Change> {
        self.changes.iter().find(|change| !change.state.is_settled())
    }

    /// Whether the worker sees this warehouse as active: by the waiting wish if there is one, else
    /// by the snapshot.
    pub fn is_shown_active(&self, warehouse: WarehouseUuid) -> bool {
        match self.waiting().map(|change| &change.wish) {
            Some(Wish::Activate(target)) => target.warehouse_uuid == warehouse,
            Some(Wish::Leave) => false,
            None => self.is_server_active(warehouse),
        }
    }

    /// Whether the server, at the last look, had this warehouse active.
    pub fn is_server_active(&self, warehouse: WarehouseUuid) -> bool {
        self.snapshot
            .iter()
            .flat_map(|snapshot| &snapshot.assignments)
            .any(|assignment| assignment.is_active && assignment.warehouse.uuid == warehouse)
    }

    /// The assignments in the order of the screen: what the worker sees as active first, closed
    /// warehouses last.
    pub fn rows(&self) -> Vec<&Assignment> {
        let assignments = self.snapshot.iter().flat_map(|snapshot| &snapshot.assignments);
        let (mut rows, rest): (Vec<_>, Vec<_>) =
            assignments.partition(|row| self.is_shown_active(row.warehouse.uuid));
        rows.extend(rest);
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::super::change::{ChangeState, Origin};
    use super::super::ids::{ChangeId, Seq, ServerOrigin, UserUuid};
    use super::super::testing::{at, list, set, warehouse, wish};
    use super::*;

    /// The server has A; the newest change wishes this and stands there.
    fn view(letter: char, state: ChangeState) -> ProfileView {
        let settled_at = state.is_settled().then_some(at(30));
        let change = Change {
            seq: Seq(1),
            id: ChangeId::new(uuid::Uuid::from_u128(1)),
            wish: wish(letter),
            origin: Origin::Tap,
            base: set("A"),
            shown_before: None,
            shown_before_is_server_word: true,
            state,
            reason: None,
            question: None,
            decided_at: None,
            recorded_at: at(20),
            settled_at,
            superseded_by: None,
            attempts: 0,
            is_seen: false,
        };
        let assignments = list("A", 10).assignments().to_vec();
        let origin = ServerOrigin::parse("https://glue.example").unwrap();
        ProfileView {
            profile: ProfileId { origin, user: UserUuid::new(uuid::Uuid::from_u128(7)) },
            username: String::new(),
            snapshot: Some(Arc::new(Snapshot { assignments, fetched_at: at(10) })),
            changes: [change].into(),
            sync: SyncState::new(),
            activity: Activity::Idle,
            storage: Storage::Ok,
            preferences: Preferences::default(),
        }
    }

    fn shown(view: &ProfileView) -> String {
        "ABCD".chars().filter(|letter| view.is_shown_active(warehouse(*letter))).collect()
    }

    #[test]
    fn a_wish_is_shown_until_it_settles_and_then_the_word_of_the_server() {
        for state in [ChangeState::Queued, ChangeState::Sending, ChangeState::NeedsDecision] {
            assert_eq!(shown(&view('B', state)), "B", "{state:?}");
            assert_eq!(shown(&view('-', state)), "", "{state:?}");
        }
        for state in [ChangeState::Confirmed, ChangeState::Rejected, ChangeState::Discarded] {
            assert_eq!(shown(&view('B', state)), "A", "{state:?}");
        }
    }

    #[test]
    fn what_is_shown_as_active_stands_first() {
        let view = view('C', ChangeState::Queued);

        let first = view.rows().first().map(|row| row.warehouse.uuid);

        assert_eq!(first, Some(warehouse('C')));
    }
}
