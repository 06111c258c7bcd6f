//! Forgetting what settled long ago, a little at a time.
//!
//! Clocks of handhelds jump by years, so only the server's time counts. Changes settle in about the
//! order in which they were recorded: one that has none of the server's time is as old as the next
//! that has.

use rusqlite::{Connection, TransactionBehavior};

use crate::domain::time::UnixMillis;

/// How many of the oldest changes are looked at in one step. Deleting them takes a few
/// milliseconds.
const CHANGES_MAX: i64 = 200;

/// One of the oldest changes, as far as its age goes.
struct Old {
    seq: i64,
    /// Settled, with no attempt whose end is open.
    is_done: bool,
    /// When it settled, if the server's time was known then.
    settled_ms: Option<i64>,
}

/// Deletes some of the oldest settled changes. True if it may have more to do.
pub(super) fn step(connection: &mut Connection, before: UnixMillis) -> rusqlite::Result<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let removable = removable(&oldest(&transaction)?, before);
    let Some(last) = removable.last().copied() else { return Ok(false) };
    {
        let mut delete = transaction.prepare_cached("DELETE FROM change WHERE seq = ?1")?;
        for seq in &removable {
            delete.execute([seq])?;
        }
    }
    transaction.commit()?;
    tracing::debug!(count = removable.len(), last, "old settled changes were forgotten");
    Ok(true)
}

fn oldest(connection: &Connection) -> rusqlite::Result<Vec<Old>> {
    connection
        .prepare_cached(
            "SELECT seq,
                    settled_at IS NOT NULL AND NOT EXISTS
                        (SELECT 1 FROM attempt WHERE change_seq = change.seq AND is_settled = 0),
                    settled_at ->> '$.server_ms'
             FROM change
             WHERE seq < (SELECT max(seq) FROM change)
             ORDER BY seq LIMIT ?1",
        )?
        .query_map([CHANGES_MAX], |row| {
            Ok(Old { seq: row.get(0)?, is_done: row.get(1)?, settled_ms: row.get(2)? })
        })?
        .collect()
}

/// Which of the oldest, in their order, are done and certainly older.
fn removable(oldest: &[Old], before: UnixMillis) -> Vec<i64> {
    let is_old = |old: &Old| old.settled_ms.is_some_and(|settled| settled < before.0);
    let Some(newest_old) = oldest.iter().rposition(is_old) else { return Vec::new() };
    let is_known_newer = |old: &Old| old.settled_ms.is_some() && !is_old(old);
    let among = oldest.iter().take(newest_old + 1);
    among.filter(|old| old.is_done && !is_known_newer(old)).map(|old| old.seq).collect()
}
