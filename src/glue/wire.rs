//! The documents of the contract, sections 1.4, 1.5, 2.1 and 3.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The type of the one resource that is spoken of.
pub(super) const ASSIGNMENT_TYPE: &str = "warehouse-user-assignments";

/// A collection.
#[derive(Deserialize)]
pub(super) struct Collection {
    pub(super) data: Vec<Lenient<Resource>>,
}

/// A single resource.
#[derive(Deserialize)]
pub(super) struct Single {
    pub(super) data: Lenient<Resource>,
}

/// Something that is as expected, or not, without spoiling what is around it.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Lenient<T> {
    Read(T),
    Odd(IgnoredAny),
}

/// An assignment.
#[derive(Deserialize)]
pub(super) struct Resource {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) id: Uuid,
    pub(super) attributes: Attributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Attributes {
    pub(super) user_uuid: Uuid,
    pub(super) is_active: bool,
    pub(super) warehouse: Warehouse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Warehouse {
    pub(super) name: String,
    pub(super) uuid: Uuid,
    pub(super) is_active: bool,
}

/// The body of a PATCH.
#[derive(Serialize)]
pub(super) struct PatchDocument {
    data: PatchResource,
}

#[derive(Serialize)]
struct PatchResource {
    #[serde(rename = "type")]
    kind: &'static str,
    id: Uuid,
    attributes: PatchAttributes,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PatchAttributes {
    is_active: bool,
}

impl PatchDocument {
    pub(super) fn new(id: Uuid, is_active: bool) -> Self {
        let attributes = PatchAttributes { is_active };
        Self { data: PatchResource { kind: ASSIGNMENT_TYPE, id, attributes } }
    }
}

/// The errors of the JSON:API convention.
#[derive(Deserialize)]
pub(super) struct JsonApiErrors {
    pub(super) errors: Vec<ErrorObject>,
}

/// One error. A robust client reads `message`, else `detail`, else `title`.
#[derive(Deserialize)]
pub(super) struct ErrorObject {
    pub(super) code: Option<String>,
    message: Option<String>,
    detail: Option<String>,
    title: Option<String>,
}

impl ErrorObject {
    pub(super) fn words(&self) -> &str {
        let words = [&self.message, &self.detail, &self.title];
        words.into_iter().flatten().next().map(String::as_str).unwrap_or_default()
    }
}

/// The answer of `/token`: an object, or an array of one, by a switch of the project.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum TokenAnswer {
    One(TokenObject),
    Array([TokenObject; 1]),
}

#[derive(Deserialize)]
pub(super) struct TokenObject {
    pub(super) access_token: String,
    pub(super) refresh_token: Option<String>,
    pub(super) expires_in: Option<f64>,
}

/// The part of a token's claims that matters here.
#[derive(Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
}

/// What `sub` holds, as JSON in a string.
#[derive(Deserialize)]
pub(super) struct Subject {
    pub(super) uuid: Uuid,
}
