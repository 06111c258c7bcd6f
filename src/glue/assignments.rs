//! What a list and a PATCH bring (contract section 3).

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::domain::assignment::{Assignment, Warehouse};
use crate::domain::ids::{AssignmentId, UserUuid, WarehouseUuid};

use super::answer::Unfit;
use super::failure::GlueFailure;
use super::wire::{self, Lenient};

const RESOURCE: &str = "warehouse-user-assignments";
/// Longest warehouse name kept, in characters.
const NAME_CHARS_MAX: usize = 200;
/// Most rows accepted, those of other users included.
const ROWS_MAX: usize = 100_000;

#[derive(Deserialize)]
struct ListDocument {
    data: Vec<Row>,
}

/// The outline of a list, which takes no memory whatever its rows hold.
#[derive(Deserialize)]
struct ListOutline {
    data: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Row {
    r#type: String,
    id: String,
    attributes: Attributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    user_uuid: String,
    is_active: bool,
    warehouse: WarehouseAttributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WarehouseAttributes {
    uuid: String,
    name: Option<String>,
    is_active: bool,
}

/// Reads a list and keeps what is the user's own: a Back Office user is sent everybody's rows. What
/// was not asked for is left out too, since a server that does not know a filter ignores it.
///
/// A row that can't be read spoils the list: taking a list with a hole in it for complete could
/// reject what waits.
pub(super) fn read_list(
    body: &[u8],
    user: UserUuid,
    extent: ListExtent,
) -> Result<Vec<Assignment>, Unfit> {
    let outline: ListOutline = serde_json::from_slice(body).map_err(|_| Unfit::NotGlue)?;
    let count = outline.data.len();
    let rows: Option<Vec<(UserUuid, Assignment)>> = (count <= ROWS_MAX)
        .then(|| serde_json::from_slice(body).ok())
        .flatten()
        .and_then(|document: ListDocument| document.data.into_iter().map(read_row).collect());
    let Some(rows) = rows else {
        tracing::warn!(count, "the list has too many rows, or one that can't be read");
        return Err(Unfit::Failure(GlueFailure::WrongServer { outcome_known: true }));
    };
    let mut seen = BTreeSet::new();
    Ok(rows
        .into_iter()
        .filter(|(owner, row)| *owner == user && seen.insert(row.id))
        .map(|(_, row)| row)
        .filter(|row| extent == ListExtent::Complete || row.is_active)
        .collect())
}

fn read_row(row: Row) -> Option<(UserUuid, Assignment)> {
    if row.r#type != RESOURCE {
        return None;
    }
    let owner = UserUuid::parse(&row.attributes.user_uuid).ok()?;
    let warehouse = row.attributes.warehouse;
    let uuid = WarehouseUuid::parse(&warehouse.uuid).ok()?;
    let name = wire::harmless(&warehouse.name.unwrap_or_default(), NAME_CHARS_MAX);
    let assignment = Assignment {
        id: AssignmentId::parse(&row.id).ok()?,
        warehouse: Warehouse {
            uuid,
            // Without a name it can still be worked in.
            name: if name.is_empty() { uuid.to_string() } else { name },
            is_active: warehouse.is_active,
        },
        is_active: row.attributes.is_active,
    };
    Some((owner, assignment))
}

#[derive(Deserialize)]
struct PatchDocument {
    data: PatchedRow,
}

#[derive(Deserialize)]
struct PatchedRow {
    r#type: String,
    id: String,
    attributes: PatchedAttributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PatchedAttributes {
    is_active: Option<Lenient<bool>>,
}

/// Reads the answer to a PATCH. The server answers 200 to a body that it couldn't read, so only
/// the state in the answer counts.
pub(super) fn read_patch(body: &[u8], id: AssignmentId, wanted_active: bool) -> Result<(), Unfit> {
    let document: PatchDocument = serde_json::from_slice(body).map_err(|_| Unfit::NotGlue)?;
    let row = document.data;
    if row.r#type != RESOURCE {
        return Err(Unfit::NotGlue);
    }
    let is_active = match row.attributes.is_active {
        Some(Lenient::Fit(is_active)) => Some(is_active),
        _ => None,
    };
    if AssignmentId::parse(&row.id) == Ok(id) && is_active == Some(wanted_active) {
        Ok(())
    } else {
        Err(Unfit::Failure(GlueFailure::NotAsWished))
    }
}

/// How much of the list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListExtent {
    /// All assignments.
    Complete,
    /// Only those that are active (contract section 3.2). Whether one that is missing still exists, it
    /// does not tell.
    Active,
}

/// The path of the collection.
pub(super) fn list_path() -> String {
    format!("/{RESOURCE}")
}

/// What makes the server tell only so much.
pub(super) fn list_query(extent: ListExtent) -> &'static [(&'static str, &'static str)] {
    match extent {
        ListExtent::Complete => &[],
        ListExtent::Active => &[("filter[warehouse-user-assignments.isActive]", "true")],
    }
}

/// The path of one assignment.
pub(super) fn patch_path(id: AssignmentId) -> String {
    format!("/{RESOURCE}/{id}")
}

/// The body of a PATCH, with a real JSON boolean: the string `"false"` would switch off the user's
/// other assignments (contract section 3.5).
pub(super) fn patch_body(wanted_active: bool) -> String {
    format!(r#"{{"data":{{"attributes":{{"isActive":{wanted_active}}}}}}}"#)
}
