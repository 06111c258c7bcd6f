//! The control side over HTTP, under `/_sandbox/` (design section 13). JSON in and out; a refusal is
//! `{"error": "a sentence"}`.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::{get, patch, post};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::control::{Control, UserPatch};
use super::faults::{FAULTS_MAX, Fault};
use super::seed::{SeedAssignment, SeedUser, SeedWarehouse};
use super::strict_json;

type Reply = Result<Response<Body>, Refused>;

/// A status and the sentence that goes with it.
struct Refused(u16, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response<Body> {
        reply(self.0, &json!({"error": self.1}))
    }
}

/// The routes, without faults and without a record of requests.
pub(super) fn router(control: Control) -> Router {
    Router::new()
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/users", get(users).post(add_user))
        .route("/_sandbox/users/{uuid}", patch(patch_user).delete(remove_user))
        .route("/_sandbox/warehouses", get(warehouses).post(add_warehouse))
        .route("/_sandbox/warehouses/{uuid}", patch(patch_warehouse))
        .route("/_sandbox/assignments", get(assignments).post(add_assignment))
        .route("/_sandbox/assignments/{uuid}", patch(patch_assignment).delete(remove_assignment))
        .route("/_sandbox/requests", get(requests).delete(clear_requests))
        .route("/_sandbox/faults", get(faults).put(set_faults))
        .route("/_sandbox/settings", get(settings).put(set_settings))
        .route("/_sandbox/expire-tokens", post(expire_tokens))
        .fallback(async || refuse(404, "the control side has no such path"))
        .method_not_allowed_fallback(async || refuse(405, "the path has no such method"))
        .with_state(control)
}

fn reply(status: u16, document: &impl Serialize) -> Response<Body> {
    let body = serde_json::to_vec(document).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn refuse(status: u16, sentence: &str) -> Refused {
    Refused(status, sentence.to_owned())
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    strict_json::from_slice(body).map_err(|sentence| refuse(400, &sentence))
}

fn id(text: &str) -> Result<Uuid, Refused> {
    text.parse().map_err(|_| refuse(400, "the path must end with a uuid"))
}

fn changed(row: Option<impl Serialize>) -> Reply {
    row.map(|row| reply(200, &row)).ok_or_else(|| refuse(404, "there is no such row"))
}

fn removed(done: bool) -> Reply {
    if done { Ok(reply(200, &json!({}))) } else { Err(refuse(404, "there is no such row")) }
}

fn added(row: Result<impl Serialize, String>) -> Reply {
    row.map(|row| reply(201, &row)).map_err(|sentence| refuse(400, &sentence))
}

async fn reset(State(control): State<Control>) -> Response<Body> {
    control.reset();
    reply(200, &json!({}))
}

async fn users(State(control): State<Control>) -> Response<Body> {
    reply(200, &control.users())
}

async fn add_user(State(control): State<Control>, body: Bytes) -> Reply {
    let new: SeedUser = read(&body)?;
    added(control.shared.lock().state.add_user(new))
}

async fn patch_user(
    State(control): State<Control>,
    Path(uuid): Path<String>,
    body: Bytes,
) -> Reply {
    let patch: UserPatch = read(&body)?;
    changed(control.patch_user(id(&uuid)?, patch))
}

async fn remove_user(State(control): State<Control>, Path(uuid): Path<String>) -> Reply {
    removed(control.remove_user(id(&uuid)?))
}

async fn warehouses(State(control): State<Control>) -> Response<Body> {
    reply(200, &control.warehouses())
}

async fn add_warehouse(State(control): State<Control>, body: Bytes) -> Reply {
    let new: SeedWarehouse = read(&body)?;
    added(control.shared.lock().state.add_warehouse(new))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WarehousePatch {
    name: Option<String>,
    is_active: Option<bool>,
}

async fn patch_warehouse(
    State(control): State<Control>,
    Path(uuid): Path<String>,
    body: Bytes,
) -> Reply {
    let patch: WarehousePatch = read(&body)?;
    changed(control.patch_warehouse(id(&uuid)?, patch.name, patch.is_active))
}

async fn assignments(State(control): State<Control>) -> Response<Body> {
    reply(200, &control.assignments())
}

async fn add_assignment(State(control): State<Control>, body: Bytes) -> Reply {
    let new: SeedAssignment = read(&body)?;
    added(control.shared.lock().state.add_assignment(&new))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AssignmentPatch {
    is_active: bool,
}

async fn patch_assignment(
    State(control): State<Control>,
    Path(uuid): Path<String>,
    body: Bytes,
) -> Reply {
    let patch: AssignmentPatch = read(&body)?;
    changed(control.patch_assignment(id(&uuid)?, patch.is_active))
}

async fn remove_assignment(State(control): State<Control>, Path(uuid): Path<String>) -> Reply {
    removed(control.remove_assignment(id(&uuid)?))
}

async fn requests(State(control): State<Control>) -> Response<Body> {
    reply(200, &control.requests())
}

async fn clear_requests(State(control): State<Control>) -> Response<Body> {
    control.clear_requests();
    reply(200, &json!({}))
}

async fn faults(State(control): State<Control>) -> Response<Body> {
    reply(200, &control.faults())
}

async fn set_faults(State(control): State<Control>, body: Bytes) -> Reply {
    let faults: Vec<Fault> = read(&body)?;
    if faults.len() > FAULTS_MAX {
        return Err(refuse(400, "there are too many faults"));
    }
    control.set_faults(faults);
    Ok(reply(200, &control.faults()))
}

async fn settings(State(control): State<Control>) -> Response<Body> {
    reply(200, &control.settings())
}

/// Members that aren't sent keep their value.
async fn set_settings(State(control): State<Control>, body: Bytes) -> Reply {
    let Value::Object(changes) = read::<Value>(&body)? else {
        return Err(refuse(400, "settings must be an object"));
    };
    let mut members = json!(control.settings());
    if let Value::Object(members) = &mut members {
        members.extend(changes);
    }
    let settings = strict_json::from_reader(members).map_err(|sentence| refuse(400, &sentence))?;
    control.set_settings(settings).map_err(|sentence| refuse(400, &sentence))?;
    Ok(reply(200, &control.settings()))
}

async fn expire_tokens(State(control): State<Control>) -> Response<Body> {
    control.expire_tokens();
    reply(200, &json!({}))
}
