//! The card of the active warehouse and the rows below it.

use super::view::{RowKind, RowMark, RowView};
use crate::domain::assignment::Assignment;
use crate::domain::change::{Change, ChangeState, Wish};
use crate::domain::ids::WarehouseUuid;
use crate::domain::view::ProfileView;

/// What is searched for, whatever its case and that of what is found.
struct Search {
    text: String,
    /// The name that is looked at, in lower case: one room for all, since the list may be long.
    name: String,
}

impl Search {
    fn new(text: &str) -> Self {
        Self { text: text.trim().to_lowercase(), name: String::new() }
    }

    fn finds(&mut self, name: &str) -> bool {
        if self.text.is_empty() {
            return true;
        }
        self.name.clear();
        if name.is_ascii() {
            self.name.push_str(name);
            self.name.make_ascii_lowercase();
        } else {
            self.name.extend(name.chars().flat_map(char::to_lowercase));
        }
        self.name.contains(&self.text)
    }
}

/// How many warehouses the server has active.
pub(super) fn active_count(profile: &ProfileView) -> usize {
    assignments(profile).filter(|assignment| assignment.is_active).count()
}

/// The card, then every other warehouse whose name contains `search`.
pub(super) fn rows(profile: &ProfileView, search: &str) -> Vec<RowView> {
    let card = card(profile);
    let mut search = Search::new(search);
    // Where several are active and none is wished, they come first.
    let is_first =
        |assignment: &&Assignment| card.kind == RowKind::TwoActive && assignment.is_active;
    let mut others: Vec<RowView> = assignments(profile)
        .filter(is_first)
        .chain(assignments(profile).filter(|assignment| !is_first(assignment)))
        .filter(|assignment| {
            card.kind != RowKind::Active || card.warehouse != Some(assignment.warehouse.uuid)
        })
        .filter(|assignment| search.finds(&assignment.warehouse.name))
        .map(|assignment| row(profile, assignment))
        .collect();
    for (row, digit) in others.iter_mut().filter(|row| row.is_choice()).zip(1..=9) {
        row.digit = Some(digit);
    }
    if others.is_empty() && !search.text.is_empty() {
        others.push(RowView {
            warehouse: None,
            name: String::new(),
            kind: RowKind::NoMatch,
            mark: None,
            digit: None,
        });
    }
    let mut rows = vec![card];
    rows.extend(others);
    rows
}

/// The warehouses that digits and arrows reach, in the order of the screen.
pub(in crate::gui) fn choices(profile: &ProfileView, search: &str) -> Vec<WarehouseUuid> {
    rows(profile, search)
        .into_iter()
        .filter(RowView::is_choice)
        .filter_map(|row| row.warehouse)
        .collect()
}

fn assignments(profile: &ProfileView) -> impl Iterator<Item = &Assignment> {
    profile.snapshot.iter().flat_map(|snapshot| &snapshot.assignments)
}

/// What the worker sees as active: the waiting wish if there is one, else the server's word.
fn card(profile: &ProfileView) -> RowView {
    let waiting = profile.waiting();
    let mark = waiting.and_then(mark_of);
    let nothing = |kind| RowView { warehouse: None, name: String::new(), kind, mark, digit: None };
    match waiting.map(|change| &change.wish) {
        Some(Wish::Leave) => nothing(RowKind::NothingActive),
        Some(Wish::Activate(target)) => {
            let current = assignments(profile)
                .find(|assignment| assignment.warehouse.uuid == target.warehouse_uuid);
            RowView {
                warehouse: Some(target.warehouse_uuid),
                name: current
                    .map_or(&target.warehouse_name, |assignment| &assignment.warehouse.name)
                    .clone(),
                kind: RowKind::Active,
                mark,
                digit: None,
            }
        }
        None if active_count(profile) > 1 => nothing(RowKind::TwoActive),
        None => assignments(profile).find(|assignment| assignment.is_active).map_or_else(
            || nothing(RowKind::NothingActive),
            |assignment| RowView {
                warehouse: Some(assignment.warehouse.uuid),
                name: assignment.warehouse.name.clone(),
                kind: RowKind::Active,
                mark: None,
                digit: None,
            },
        ),
    }
}

fn row(profile: &ProfileView, assignment: &Assignment) -> RowView {
    let mark = match (assignment.is_active, profile.waiting()) {
        (false, _) => None,
        (true, Some(_)) => Some(RowMark::StillActive),
        (true, None) => Some(RowMark::OneOfTwo),
    };
    RowView {
        warehouse: Some(assignment.warehouse.uuid),
        name: assignment.warehouse.name.clone(),
        kind: if assignment.warehouse.is_active { RowKind::Open } else { RowKind::Closed },
        mark,
        digit: None,
    }
}

fn mark_of(change: &Change) -> Option<RowMark> {
    match change.state {
        ChangeState::Queued => Some(RowMark::WillBeSent),
        ChangeState::Sending => Some(RowMark::Sending),
        ChangeState::NeedsDecision => Some(RowMark::NeedsDecision),
        ChangeState::Confirmed
        | ChangeState::Superseded
        | ChangeState::Rejected
        | ChangeState::Discarded => None,
    }
}
