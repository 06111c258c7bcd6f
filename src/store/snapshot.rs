//! The snapshot: the user's own assignments as the server last told them.

use rusqlite::{Connection, OptionalExtension, params};

use crate::domain::assignment::{Assignment, AssignmentList, Snapshot};
use crate::domain::change::Target;
use crate::domain::ids::WarehouseUuid;
use crate::domain::outbox::ServerWord;
use crate::domain::time::Moment;

use super::rows;

/// When the list was fetched; `None` before the first.
pub(super) fn fetched_at(connection: &Connection) -> rusqlite::Result<Option<Moment>> {
    connection
        .prepare_cached("SELECT fetched_at FROM snapshot WHERE id = 1")?
        .query_row([], |row| rows::moment_at(row, 0))
        .optional()
}

/// The whole list, in the order of the screen.
pub(super) fn load(connection: &Connection) -> rusqlite::Result<Option<Snapshot>> {
    let Some(fetched_at) = fetched_at(connection)? else { return Ok(None) };
    Ok(Some(Snapshot { assignments: assignments(connection)?, fetched_at }))
}

fn assignments(connection: &Connection) -> rusqlite::Result<Vec<Assignment>> {
    connection
        .prepare_cached(&format!(
            "SELECT {} FROM assignment ORDER BY position",
            rows::ASSIGNMENT_COLUMNS
        ))?
        .query_map([], rows::assignment)?
        .collect()
}

/// What is active, without the rest of the list.
pub(super) fn server_word(connection: &Connection) -> rusqlite::Result<Option<ServerWord>> {
    let Some(fetched_at) = fetched_at(connection)? else { return Ok(None) };
    let active = connection
        .prepare_cached("SELECT * FROM assignment WHERE is_active = 1 ORDER BY position")?
        .query_map([], rows::target)?
        .collect::<rusqlite::Result<Vec<Target>>>()?;
    Ok(Some(ServerWord { active, fetched_at }))
}

/// The assignment for a warehouse.
pub(super) fn for_warehouse(
    connection: &Connection,
    warehouse: WarehouseUuid,
) -> rusqlite::Result<Option<Assignment>> {
    connection
        .prepare_cached(&format!(
            "SELECT {} FROM assignment WHERE warehouse_uuid = ?1 ORDER BY position LIMIT 1",
            rows::ASSIGNMENT_COLUMNS
        ))?
        .query_row([warehouse.to_string()], rows::assignment)
        .optional()
}

/// Puts a new list in the place of the old one. A list that says the same is not written again:
/// flash wears out, and most looks find nothing new.
pub(super) fn replace(connection: &Connection, list: &AssignmentList) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO snapshot (id, fetched_at) VALUES (1, ?1)
             ON CONFLICT (id) DO UPDATE SET fetched_at = excluded.fetched_at",
        )?
        .execute([rows::moment_text(&list.answered_at)])?;
    if assignments(connection)? == list.assignments() {
        return Ok(());
    }
    connection.execute("DELETE FROM assignment", [])?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO assignment (position, assignment_id, warehouse_uuid, warehouse_name,
                                 warehouse_is_active, is_active)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (position, assignment) in (0_i64..).zip(list.assignments()) {
        insert.execute(params![
            position,
            assignment.id.to_string(),
            assignment.warehouse.uuid.to_string(),
            assignment.warehouse.name,
            assignment.warehouse.is_active,
            assignment.is_active,
        ])?;
    }
    Ok(())
}
