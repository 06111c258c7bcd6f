//! What SQLite still returns of a damaged database, row by row, carried over into a new one.
//!
//! Rows are read by their number and never by an index, so that one flipped byte costs what stood
//! on its page and nothing else. A wish that has not settled is carried over even if only what was
//! wished can still be read: what is missing then makes the server's answer decide, or a question.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use super::connection::{self, Schema};
use super::error::StoreError;
use super::mending;

/// How many numbers are tried one by one where a table can't be read in order.
const GAP_MAX: i64 = 200_000;
/// How many numbers are left out where it is unknown which was the last one given.
const UNKNOWN_NUMBERS: i64 = 1_000;

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Rows that were carried over as they were.
    pub rows: u64,
    /// Rows of which a part had to be replaced.
    pub mended: u64,
    /// Rows that were read and could not be kept.
    pub lost: u64,
}

/// Whether a database has the tables, columns and indexes that it should have, by their very texts:
/// SQLite refuses to write into a table of which one rule can't be understood any more.
pub(super) fn check_tables(
    connection: &Connection,
    schema: Schema,
    version: i64,
) -> Result<(), StoreError> {
    let mut expected = Connection::open_in_memory()?;
    schema.migrate(&mut expected, version)?;
    if shape(connection)? == shape(&expected)? {
        Ok(())
    } else {
        Err(StoreError::Damaged("its tables are not those of this app".into()))
    }
}

/// Whether every value is one that this app writes.
pub(super) fn check_values(connection: &Connection) -> Result<(), StoreError> {
    for table in tables(connection)? {
        let columns = columns(connection, &table)?;
        let mut statement = connection.prepare(&format!("SELECT rowid, * FROM \"{table}\""))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (number, values) = values(row, columns.len())?;
            let row = mending::Row { table: &table, columns: &columns, values };
            if !matches!(mending::mend(row), mending::Mended::AsItWas(_)) {
                return Err(StoreError::Damaged(format!("row {number} of {table}")));
            }
        }
    }
    Ok(())
}

/// Name, text and column of everything in the schema.
type Shape = Vec<(String, Option<String>, Option<String>)>;

fn shape(connection: &Connection) -> rusqlite::Result<Shape> {
    connection
        .prepare(
            "SELECT item.name, item.sql, part.name FROM sqlite_schema AS item
             LEFT JOIN pragma_table_info(item.name) AS part
             WHERE item.name NOT LIKE 'sqlite_stat%' ORDER BY item.name, part.cid",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect()
}

/// Copies what can be read from `damaged`, which may be written to, into a new database.
pub(super) fn carry_over(
    damaged: &Path,
    new: &mut Connection,
    schema: Schema,
) -> Result<Found, StoreError> {
    let mut source = open_leniently(damaged);
    if !source.as_ref().is_some_and(|source| knows_tables(source, new)) {
        drop(source);
        // The page that says where the tables are is gone. A new file of the same schema has it.
        source = overlay_first_page(damaged, new).ok().and_then(|()| open_leniently(damaged));
    }
    let mut found = Found::default();
    let Some(source) = source else { return Ok(found) };
    let transaction = new.transaction()?;
    // Attempts may come before their changes.
    transaction.pragma_update(None, "defer_foreign_keys", true)?;
    for table in tables(&transaction)? {
        Copying { source: &source, new: &transaction, table: &table, found: &mut found }.run()?;
    }
    keep_numbers_unique(&source, &transaction, schema)?;
    drop_orphans(&transaction, &mut found)?;
    transaction.commit()?;
    Ok(found)
}

/// Opens a file whose size and whose list of tables may contradict what is in it.
fn open_leniently(path: &Path) -> Option<Connection> {
    let connection = connection::connect(path).ok()?;
    connection.pragma_update(None, "writable_schema", true).ok()?;
    Some(connection)
}

fn knows_tables(source: &Connection, new: &Connection) -> bool {
    let Ok(tables) = tables(new) else { return false };
    // Of an older schema some may be missing. The first ones are in every version.
    tables.iter().any(|table| {
        source.prepare(&format!("SELECT rowid FROM \"{table}\" NOT INDEXED LIMIT 1")).is_ok()
    })
}

/// The tables of a database, those that others refer to first.
fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare(
            "SELECT name FROM sqlite_schema
             WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
        )?
        .query_map([], |row| row.get(0))?
        .collect()
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?
        .query_map([table], |row| row.get(0))?
        .collect()
}

/// Puts the pages of the new database that list its tables in the place of the damaged ones. The
/// tables of the first schema are on the same pages in every file, being made first.
fn overlay_first_page(damaged: &Path, new: &Connection) -> Result<(), StoreError> {
    connection::move_log(new)?;
    let template = new.path().unwrap_or_default().to_owned();
    let page_bytes: u64 =
        new.pragma_query_value(None, "page_size", |row| row.get::<_, u32>(0)).map(u64::from)?;
    let pages = new
        .prepare("SELECT pageno FROM dbstat WHERE name = 'sqlite_schema' ORDER BY pageno")?
        .query_map([], |row| row.get::<_, u32>(0))?
        .collect::<rusqlite::Result<Vec<u32>>>()?;
    let mut from = std::fs::File::open(template)?;
    let mut into = OpenOptions::new().read(true).write(true).open(damaged)?;
    let length = into.metadata()?.len();
    for page in pages {
        let start = u64::from(page).saturating_sub(1).saturating_mul(page_bytes);
        let mut bytes = vec![0_u8; usize::try_from(page_bytes).unwrap_or_default()];
        from.seek(SeekFrom::Start(start))?;
        from.read_exact(&mut bytes)?;
        if start == 0 {
            set_page_count(&mut bytes, length / page_bytes.max(1));
        }
        if start < length {
            into.seek(SeekFrom::Start(start))?;
            into.write_all(&bytes)?;
        }
    }
    Ok(())
}

/// Writes into a header how many pages there are, and that none of them is unused
/// (<https://www.sqlite.org/fileformat2.html#the_database_header>).
fn set_page_count(header: &mut [u8], pages: u64) {
    let pages = u32::try_from(pages).unwrap_or(u32::MAX).to_be_bytes();
    for (field, value) in [(28, pages), (32, [0; 4]), (36, [0; 4])] {
        if let Some(bytes) = header.get_mut(field..field + 4) {
            bytes.copy_from_slice(&value);
        }
    }
    // The count of pages holds only if these two agree.
    let counter = header.get(24..28).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
    if let (Some(counter), Some(valid_for)) = (counter, header.get_mut(92..96)) {
        valid_for.copy_from_slice(&counter);
    }
}

/// The copying of one table.
struct Copying<'a> {
    source: &'a Connection,
    new: &'a Connection,
    table: &'a str,
    found: &'a mut Found,
}

impl Copying<'_> {
    fn run(mut self) -> Result<(), StoreError> {
        let wanted = columns(self.new, self.table)?;
        let known = columns(self.source, self.table).unwrap_or_default();
        let shared: Vec<String> =
            wanted.into_iter().filter(|column| known.contains(column)).collect();
        if shared.is_empty() {
            return Ok(());
        }
        let list =
            shared.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
        let select = format!("SELECT rowid, {list} FROM \"{}\" NOT INDEXED", self.table);

        let last = self.scan(&shared, &format!("{select} ORDER BY rowid"), i64::MAX)?;
        let Err(last) = last else { return Ok(()) };
        // Something in the middle can't be read: from the other end, then one by one.
        let first = self.scan(&shared, &format!("{select} ORDER BY rowid DESC"), last)?;
        let end = match first {
            Ok(()) => return Ok(()),
            Err(i64::MAX) => last_number(self.source, self.table)
                .unwrap_or(last.saturating_add(UNKNOWN_NUMBERS))
                .saturating_add(1),
            Err(first) => first,
        };
        let begin = last.saturating_add(1).max(end.saturating_sub(GAP_MAX));
        for number in begin..end {
            let one = self
                .source
                .prepare_cached(&format!("{select} WHERE rowid = ?1"))
                .and_then(|mut row| row.query_row([number], |row| values(row, shared.len())));
            if let Ok((_, values)) = one {
                self.keep(&shared, values)?;
            }
        }
        Ok(())
    }

    /// Copies rows in an order until one can't be read, or `until` is reached. An error is the
    /// number of the last that could, or the extreme where that order begins.
    fn scan(
        &mut self,
        columns: &[String],
        sql: &str,
        until: i64,
    ) -> Result<Result<(), i64>, StoreError> {
        let is_backwards = until != i64::MAX;
        let mut last = if is_backwards { i64::MAX } else { 0 };
        let Ok(mut statement) = self.source.prepare(sql) else { return Ok(Err(last)) };
        let Ok(mut rows) = statement.query([]) else { return Ok(Err(last)) };
        loop {
            let Ok(row) = rows.next() else { return Ok(Err(last)) };
            let Some(row) = row else { return Ok(Ok(())) };
            let Ok((number, values)) = values(row, columns.len()) else { return Ok(Err(last)) };
            if is_backwards && number <= until {
                return Ok(Ok(()));
            }
            last = number;
            self.keep(columns, values)?;
        }
    }

    /// Keeps a row, mended if need be. One that can't be kept is counted.
    fn keep(&mut self, columns: &[String], values: Vec<Value>) -> Result<(), StoreError> {
        let row = mending::Row { table: self.table, columns, values };
        let (row, is_mended) = match mending::mend(row) {
            mending::Mended::AsItWas(row) => (row, false),
            mending::Mended::InPart(row) => (row, true),
            mending::Mended::Lost => {
                self.found.lost += 1;
                return Ok(());
            }
        };
        match self.insert(columns, row.values) {
            Ok(()) if is_mended => self.found.mended += 1,
            Ok(()) => self.found.rows += 1,
            // A row of the same number or name was there already, or its parts don't fit.
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) =>
            {
                self.found.lost += 1;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn insert(&self, columns: &[String], values: Vec<Value>) -> rusqlite::Result<()> {
        let names =
            columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
        let places = vec!["?"; columns.len()].join(", ");
        let sql = format!("INSERT INTO \"{}\" ({names}) VALUES ({places})", self.table);
        self.new.prepare_cached(&sql)?.execute(params_from_iter(values)).map(drop)
    }
}

fn values(row: &Row<'_>, columns: usize) -> rusqlite::Result<(i64, Vec<Value>)> {
    let number = row.get(0)?;
    let values = (1..=columns).map(|place| row.get_ref(place).map(owned));
    Ok((number, values.collect::<rusqlite::Result<_>>()?))
}

/// The value; text that is none any more, as far as it is.
fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        other => Value::try_from(other).unwrap_or(Value::Null),
    }
}

fn last_number(connection: &Connection, table: &str) -> Option<i64> {
    let last = connection
        .query_row("SELECT seq FROM sqlite_sequence WHERE name = ?1", [table], |row| row.get(0))
        .optional();
    last.ok().flatten().filter(|number| (0..i64::MAX / 2).contains(number))
}

/// A number is never given twice, even if its row is lost.
fn keep_numbers_unique(
    source: &Connection,
    new: &Connection,
    schema: Schema,
) -> Result<(), StoreError> {
    if schema != Schema::State {
        return Ok(());
    }
    for table in ["change", "attempt"] {
        let seen: i64 = new.query_row(
            &format!("SELECT coalesce(max(rowid), 0) FROM \"{table}\""),
            [],
            |row| row.get(0),
        )?;
        let last = last_number(source, table)
            .filter(|last| *last >= seen)
            .unwrap_or(seen.saturating_add(UNKNOWN_NUMBERS));
        new.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table])?;
        new.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", (table, last))?;
    }
    Ok(())
}

/// Rows that belong to one that is lost, such as the attempts of a change, say nothing any more.
fn drop_orphans(new: &Connection, found: &mut Found) -> Result<(), StoreError> {
    let orphans = new
        .prepare("SELECT \"table\", rowid FROM pragma_foreign_key_check")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(String, i64)>>>()?;
    for (table, number) in orphans {
        new.execute(&format!("DELETE FROM \"{table}\" WHERE rowid = ?1"), [number])?;
        found.rows = found.rows.saturating_sub(1);
        found.lost += 1;
    }
    Ok(())
}
