//! What a worker chose of language, colours, size of texts and volume.

use rusqlite::{Connection, params};

use crate::domain::preferences::{Preference, Preferences};

/// Everything that was chosen. What can't be read is as if it had not been chosen.
pub(super) fn load(connection: &Connection) -> rusqlite::Result<Preferences> {
    let mut preferences = Preferences::default();
    let mut statement = connection.prepare_cached("SELECT name, value FROM preference")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (name, value): (String, String) = (row.get(0)?, row.get(1)?);
        Preference::of_parts(&name, &value).iter().for_each(|one| preferences.choose(*one));
    }
    Ok(preferences)
}

/// Notes a choice.
pub(super) fn save(connection: &Connection, preference: Preference) -> rusqlite::Result<()> {
    let (name, value) = preference.to_parts();
    connection.execute(
        "INSERT INTO preference (name, value) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![name, value],
    )?;
    Ok(())
}
