//! Loading an outbox in a transaction, and writing back what became of it.
//!
//! What is loaded is small whatever the length of the history: every query has an index of its own.

use rusqlite::{Connection, OptionalExtension, named_params, params};

use crate::domain::change::{Attempt, Change, Origin, Wish};
use crate::domain::connection::SyncState;
use crate::domain::ids::{AttemptId, Seq};
use crate::domain::outbox::{Outbox, Write};

use super::profile::Scope;
use super::{rows, snapshot};

/// Repairs are counted no further than this: more than two in a row are never made.
const REPAIRS_COUNTED_MAX: i64 = 8;

const CHANGE: &str = "SELECT * FROM change WHERE seq = ?1";
const UNSETTLED_COUNT: &str = "SELECT count(*) FROM change WHERE settled_at IS NULL";
const UNSETTLED: &str = "SELECT * FROM change WHERE settled_at IS NULL ORDER BY seq";
const UNSETTLED_ATTEMPTS: &str = "SELECT * FROM attempt WHERE is_settled = 0 ORDER BY id";
const NEWEST_ORIGINS: &str = "SELECT origin FROM change ORDER BY seq DESC LIMIT ?1";
const LAST_SETTLED: &str = "
    SELECT * FROM change WHERE settled_at IS NOT NULL AND state <> 'superseded'
    ORDER BY seq DESC LIMIT 1";
const CHANGES: &str = "
    SELECT * FROM change
    WHERE seq IN (
        SELECT seq FROM change WHERE settled_at IS NULL
        UNION ALL
        SELECT seq FROM change
        WHERE seq > (SELECT max(seq) FROM change) - ?2
          AND (settled_calendar_ms >= ?1 OR (state = 'rejected' AND is_seen = 0)))
    ORDER BY seq DESC LIMIT ?2";

/// Every query that reads from the history.
#[cfg(test)]
pub(super) const STATEMENTS: [&str; 7] =
    [CHANGE, UNSETTLED_COUNT, UNSETTLED, UNSETTLED_ATTEMPTS, NEWEST_ORIGINS, LAST_SETTLED, CHANGES];

/// Loads what an action or a judgement may depend on.
pub(super) fn load(connection: &Connection, scope: &Scope) -> rusqlite::Result<Outbox> {
    let named_change = match scope.change {
        Some(seq) => change(connection, seq)?,
        None => None,
    };
    let named_assignment = match scope.warehouse {
        Some(warehouse) => snapshot::for_warehouse(connection, warehouse)?,
        None => None,
    };
    Ok(Outbox {
        server_word: snapshot::server_word(connection)?,
        unsettled: unsettled(connection)?,
        attempts: unsettled_attempts(connection)?,
        last_settled: last_settled(connection)?,
        repairs_in_a_row: repairs_in_a_row(connection)?,
        next_seq: Seq(next_number(connection, "change")?),
        next_attempt_id: AttemptId(next_number(connection, "attempt")?),
        named_change,
        named_assignment,
        sync: sync_state(connection)?,
        writes: Vec::new(),
    })
}

/// Writes back what became of an outbox.
pub(super) fn save(
    connection: &Connection,
    outbox: &Outbox,
    sync_before: &SyncState,
) -> rusqlite::Result<()> {
    for write in &outbox.writes {
        match write {
            Write::InsertChange(change) => insert_change(connection, change)?,
            Write::UpdateChange(change) => update_change(connection, change)?,
            Write::InsertAttempt(attempt) => insert_attempt(connection, attempt)?,
            Write::UpdateAttempt(attempt) => update_attempt(connection, attempt)?,
        }
    }
    if outbox.sync != *sync_before {
        save_sync_state(connection, &outbox.sync)?;
    }
    Ok(())
}

/// The change with this number.
pub(super) fn change(connection: &Connection, seq: Seq) -> rusqlite::Result<Option<Change>> {
    connection.prepare_cached(CHANGE)?.query_row([seq.0], rows::change).optional()
}

/// The changes that settled since `since_ms`, those whose rejection nobody has understood yet, and
/// all that have not settled, newest first. The clock may have jumped, so `since_ms` may be wrong.
///
/// Looks at no more than the `limit` newest and those that have not settled, however many there are.
pub(super) fn changes(
    connection: &Connection,
    since_ms: i64,
    limit: usize,
) -> rusqlite::Result<Vec<Change>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection.prepare_cached(CHANGES)?.query_map([since_ms, limit], rows::change)?.collect()
}

/// How many changes have not settled.
pub(super) fn unsettled_count(connection: &Connection) -> rusqlite::Result<usize> {
    connection
        .prepare_cached(UNSETTLED_COUNT)?
        .query_row([], |row| row.get::<_, i64>(0))
        .map(|count| usize::try_from(count).unwrap_or_default())
}

/// What sync remembers.
pub(super) fn sync_state(connection: &Connection) -> rusqlite::Result<SyncState> {
    let stored = connection
        .prepare_cached("SELECT * FROM sync_state WHERE id = 1")?
        .query_row([], rows::sync_state)
        .optional()?;
    Ok(stored.unwrap_or_default())
}

fn unsettled(connection: &Connection) -> rusqlite::Result<Vec<Change>> {
    connection.prepare_cached(UNSETTLED)?.query_map([], rows::change)?.collect()
}

fn unsettled_attempts(connection: &Connection) -> rusqlite::Result<Vec<Attempt>> {
    connection.prepare_cached(UNSETTLED_ATTEMPTS)?.query_map([], rows::attempt)?.collect()
}

fn last_settled(connection: &Connection) -> rusqlite::Result<Option<Change>> {
    connection.prepare_cached(LAST_SETTLED)?.query_row([], rows::change).optional()
}

fn repairs_in_a_row(connection: &Connection) -> rusqlite::Result<u32> {
    let mut statement = connection.prepare_cached(NEWEST_ORIGINS)?;
    let mut rows = statement.query([REPAIRS_COUNTED_MAX])?;
    let mut repairs = 0;
    // Nearly always the newest is none, and no other is read.
    while let Some(row) = rows.next()? {
        if row.get_ref(0)?.as_str()? != rows::origin_name(Origin::Repair) {
            break;
        }
        repairs += 1;
    }
    Ok(repairs)
}

/// The number that the next row of a table gets; never one that was given before.
fn next_number(connection: &Connection, table: &str) -> rusqlite::Result<i64> {
    let last = connection
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = ?1")?
        .query_row([table], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(last.unwrap_or_default().saturating_add(1))
}

fn insert_change(connection: &Connection, change: &Change) -> rusqlite::Result<()> {
    let target = change.wish.target();
    let id = change.id.to_string();
    let kind = match change.wish {
        Wish::Activate(_) => "activate",
        Wish::Leave => "leave",
    };
    let warehouse_uuid = target.map(|target| target.warehouse_uuid.to_string());
    let warehouse_name = target.map(|target| target.warehouse_name.as_str());
    let recorded_at = rows::moment_text(&change.recorded_at);
    let wish =
        [Some(&*id), Some(kind), warehouse_uuid.as_deref(), warehouse_name, Some(&*recorded_at)];
    connection
        .prepare_cached(
            "INSERT INTO change (seq, change_id, kind, assignment_id, warehouse_uuid,
                                 warehouse_name, origin, base, shown_before,
                                 shown_before_is_server_word, state, reason, question, decided_at,
                                 recorded_at, settled_at, settled_calendar_ms, superseded_by,
                                 attempts, is_seen, wish_digest)
             VALUES (:seq, :change_id, :kind, :assignment_id, :warehouse_uuid, :warehouse_name,
                     :origin, :base, :shown_before, :shown_before_is_server_word, :state, :reason,
                     :question, :decided_at, :recorded_at, :settled_at, :settled_calendar_ms,
                     :superseded_by, :attempts, :is_seen, :wish_digest)",
        )?
        .execute(named_params! {
            ":seq": change.seq.0,
            ":change_id": id,
            ":kind": kind,
            ":assignment_id": target.map(|target| target.assignment_id.to_string()),
            ":warehouse_uuid": warehouse_uuid,
            ":warehouse_name": warehouse_name,
            ":origin": rows::origin_name(change.origin),
            ":base": rows::set_text(&change.base),
            ":shown_before": change.shown_before.as_ref().map(rows::wish_text),
            ":shown_before_is_server_word": change.shown_before_is_server_word,
            ":state": rows::state_name(change.state),
            ":reason": change.reason.as_ref().map(rows::reason_text),
            ":question": change.question.as_ref().map(rows::set_text),
            ":decided_at": change.decided_at.as_ref().map(rows::moment_text),
            ":recorded_at": recorded_at,
            ":settled_at": change.settled_at.as_ref().map(rows::moment_text),
            ":settled_calendar_ms": change.settled_at.map(|at| at.calendar().0),
            ":superseded_by": change.superseded_by.map(|seq| seq.0),
            ":attempts": change.attempts,
            ":is_seen": change.is_seen,
            ":wish_digest": rows::wish_digest(wish.into_iter()),
        })?;
    Ok(())
}

/// Writes what may differ: a wish, its origin and its recording never do. The id of the assignment
/// does, where one was taken away and given again.
fn update_change(connection: &Connection, change: &Change) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE change SET assignment_id = :assignment_id, base = :base, state = :state,
                    reason = :reason, question = :question, decided_at = :decided_at,
                    settled_at = :settled_at, settled_calendar_ms = :settled_calendar_ms,
                    superseded_by = :superseded_by, attempts = :attempts, is_seen = :is_seen
             WHERE seq = :seq",
        )?
        .execute(named_params! {
            ":seq": change.seq.0,
            ":assignment_id": change.wish.target().map(|target| target.assignment_id.to_string()),
            ":base": rows::set_text(&change.base),
            ":state": rows::state_name(change.state),
            ":reason": change.reason.as_ref().map(rows::reason_text),
            ":question": change.question.as_ref().map(rows::set_text),
            ":decided_at": change.decided_at.as_ref().map(rows::moment_text),
            ":settled_at": change.settled_at.as_ref().map(rows::moment_text),
            ":settled_calendar_ms": change.settled_at.map(|at| at.calendar().0),
            ":superseded_by": change.superseded_by.map(|seq| seq.0),
            ":attempts": change.attempts,
            ":is_seen": change.is_seen,
        })?;
    Ok(())
}

fn insert_attempt(connection: &Connection, attempt: &Attempt) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO attempt (id, change_seq, assignment_id, warehouse_uuid, wanted_active,
                                  sent_at, answered_at, outcome, is_settled)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            attempt.id.0,
            attempt.change.0,
            attempt.assignment_id.to_string(),
            attempt.warehouse_uuid.to_string(),
            attempt.wanted_active,
            rows::moment_text(&attempt.sent_at),
            attempt.answered_at.as_ref().map(rows::moment_text),
            rows::outcome_text(&attempt.outcome),
            attempt.is_settled,
        ])?;
    Ok(())
}

fn update_attempt(connection: &Connection, attempt: &Attempt) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE attempt SET answered_at = ?2, outcome = ?3, is_settled = ?4 WHERE id = ?1",
        )?
        .execute(params![
            attempt.id.0,
            attempt.answered_at.as_ref().map(rows::moment_text),
            rows::outcome_text(&attempt.outcome),
            attempt.is_settled,
        ])?;
    Ok(())
}

fn save_sync_state(connection: &Connection, sync: &SyncState) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO sync_state
                 (id, connection, connection_since, server_failures, write_failures,
                  backoff_until, retry_after_until, anchor)
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            rows::connection_name(sync.connection),
            sync.connection_since.as_ref().map(rows::moment_text),
            sync.server_failures,
            sync.write_failures,
            sync.backoff_until.as_ref().map(rows::moment_text),
            sync.retry_after_until.as_ref().map(rows::moment_text),
            sync.anchor.as_ref().map(rows::anchor_text),
        ])?;
    Ok(())
}
