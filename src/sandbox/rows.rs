//! The rows that the server keeps, as its control side shows them.

use std::time::Instant;

use serde::Serialize;
use uuid::Uuid;

/// A user as the server keeps them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The row number: `id_user` in tokens.
    #[serde(skip)]
    pub number: usize,
    /// The public id.
    pub uuid: Uuid,
    /// What is typed to sign in.
    pub username: String,
    /// In clear: it protects nothing.
    pub password: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// The live flag, which decides what they see.
    pub is_warehouse_user: bool,
    /// Whether signing in is allowed.
    pub is_active: bool,
    /// The code of the second factor, if it is switched on.
    pub mfa: Option<String>,
    /// When that code was first good; none: not yet, or since then a new one was asked for.
    #[serde(skip)]
    pub(super) mfa_first_used_at: Option<Instant>,
}

impl User {
    /// The scopes of a token that is made now (contract section 2.4).
    pub(super) fn scopes(&self) -> Vec<String> {
        let kind = if self.is_warehouse_user { "warehouse-user" } else { "back-office-user" };
        vec!["user".to_owned(), kind.to_owned()]
    }
}

/// A warehouse as the server keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Warehouse {
    /// The row number: `id_warehouse` in warehouse tokens.
    #[serde(skip)]
    pub number: usize,
    /// The public id.
    pub uuid: Uuid,
    /// What people call it.
    pub name: String,
    /// Whether it is in use. The server checks it nowhere.
    pub is_active: bool,
}

/// An assignment as the server keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
    /// The public id.
    pub uuid: Uuid,
    /// Who.
    pub user_uuid: Uuid,
    /// Where.
    pub warehouse_uuid: Uuid,
    /// Whether the user works there now.
    pub is_active: bool,
}
