//! `/warehouse-user-assignments` (contract section 3): requests into rules, rows into documents.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::control::Inner;
use super::conventions::{Answer, GlueRequest, Rejection};
use super::routes::method_not_there;
use super::rows::Assignment;
use super::state::{ActiveValue, Filter, State, Wanted};

const TYPE: &str = "warehouse-user-assignments";

/// Answers a request by a user who may use the method.
pub(super) fn answer(
    inner: &mut Inner,
    request: &GlueRequest,
    origin: &str,
    caller: Uuid,
    id: Option<&str>,
) -> Result<Answer, Rejection> {
    let race = inner.settings.race_two_active;
    let state = &mut inner.state;
    match (request.method.as_str(), id) {
        ("GET", None) => {
            let rows = list(state, request, &caller)?;
            let rows: Vec<Assignment> = rows.into_iter().cloned().collect();
            let document = Document { state, request, origin };
            Ok(Answer::Document(200, document.collection(&rows)))
        }
        ("GET", Some(id)) => {
            let row = state.find(&caller, id)?.clone();
            Ok(Answer::Document(200, Document { state, request, origin }.single(&row)))
        }
        ("PATCH", Some(id)) => {
            if request.body.is_empty() {
                return Err(Rejection::Crashed);
            }
            let row = state.change(&caller, id, &wanted(&request.attributes()), race)?;
            Ok(Answer::Document(200, Document { state, request, origin }.single(&row)))
        }
        ("POST", None) => {
            let row = state.create(&caller, &wanted(&request.attributes()))?;
            Ok(Answer::Document(201, Document { state, request, origin }.single(&row)))
        }
        ("DELETE", Some(id)) => {
            state.remove(&caller, id)?;
            Ok(Answer::Empty(Vec::new()))
        }
        ("PATCH" | "DELETE", None) => Err(Rejection::Crashed),
        _ => Err(method_not_there()),
    }
}

fn list<'a>(
    state: &'a State,
    request: &GlueRequest,
    caller: &Uuid,
) -> Result<Vec<&'a Assignment>, Rejection> {
    let is_array = |name: &str| name.starts_with("filter[") && name.contains("][");
    if request.query.iter().any(|(name, _)| is_array(name)) || request.query_value("sort").is_some()
    {
        return Err(Rejection::Crashed);
    }
    let field =
        |name: &str| request.query_value(&format!("filter[{TYPE}.{name}]")).map(str::to_owned);
    let filter = Filter {
        uuid: field("uuid"),
        user_uuid: field("userUuid"),
        is_active: field("isActive")
            .map(|text| matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "on" | "yes")),
        warehouse_uuid: field("warehouseUuid"),
    };
    let rows = state.list(caller, &filter)?;
    let number = |name: &str| request.query_value(name).and_then(|text| text.parse().ok());
    Ok(match (number("page[offset]"), number("page[limit]")) {
        (Some(offset), Some(limit)) => rows.into_iter().skip(offset).take(limit).collect(),
        _ => rows,
    })
}

fn wanted(attributes: &Value) -> Wanted {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    Wanted {
        is_active: attributes.get("isActive").map(|value| match value {
            Value::Bool(value) => ActiveValue::Plain(*value),
            Value::Number(number) => ActiveValue::Plain(number.as_f64() != Some(0.0)),
            Value::String(text) => ActiveValue::Text(text.clone()),
            Value::Null | Value::Array(_) | Value::Object(_) => ActiveValue::Unstorable,
        }),
        user_uuid: text(attributes.get("userUuid")),
        warehouse_uuid: text(attributes.pointer("/warehouse/uuid")),
    }
}

/// Puts rows into JSON:API documents (contract section 1.4).
struct Document<'a> {
    state: &'a State,
    request: &'a GlueRequest,
    origin: &'a str,
}

impl Document<'_> {
    fn collection(&self, rows: &[Assignment]) -> Value {
        let data = rows.iter().map(|row| self.resource(row)).collect();
        let mut document = Map::new();
        document.insert("data".to_owned(), Value::Array(data));
        document.insert("links".to_owned(), self.link(TYPE));
        self.finish(document, rows)
    }

    fn single(&self, row: &Assignment) -> Value {
        let mut document = Map::new();
        document.insert("data".to_owned(), self.resource(row));
        self.finish(document, std::slice::from_ref(row))
    }

    fn finish(&self, mut document: Map<String, Value>, rows: &[Assignment]) -> Value {
        if self.with_users() {
            let mut users: Vec<Uuid> = Vec::new();
            for row in rows {
                if !users.contains(&row.user_uuid) {
                    users.push(row.user_uuid);
                }
            }
            let included: Vec<Value> = users.iter().filter_map(|uuid| self.user(uuid)).collect();
            if !included.is_empty() {
                document.insert("included".to_owned(), Value::Array(included));
            }
        }
        Value::Object(document)
    }

    fn resource(&self, row: &Assignment) -> Value {
        let warehouse = self.state.warehouse(&row.warehouse_uuid);
        let mut attributes = Map::new();
        attributes.insert("userUuid".to_owned(), json!(row.user_uuid));
        attributes.insert("isActive".to_owned(), json!(row.is_active));
        attributes.insert("warehouse".to_owned(), json!(warehouse));
        self.keep_asked(TYPE, &mut attributes);
        let mut resource = Map::new();
        resource.insert("type".to_owned(), json!(TYPE));
        resource.insert("id".to_owned(), json!(row.uuid));
        resource.insert("attributes".to_owned(), Value::Object(attributes));
        if self.with_users() {
            let users = json!({"users": {"data": [{"type": "users", "id": row.user_uuid}]}});
            resource.insert("relationships".to_owned(), users);
        }
        resource.insert("links".to_owned(), self.link(&format!("{TYPE}/{}", row.uuid)));
        Value::Object(resource)
    }

    fn user(&self, uuid: &Uuid) -> Option<Value> {
        let user = self.state.user(uuid)?;
        let mut attributes = Map::new();
        attributes.insert("username".to_owned(), json!(user.username));
        attributes.insert("firstName".to_owned(), json!(user.first_name));
        attributes.insert("lastName".to_owned(), json!(user.last_name));
        self.keep_asked("users", &mut attributes);
        Some(json!({
            "type": "users",
            "id": user.uuid,
            "attributes": attributes,
            "links": self.link(&format!("users/{uuid}")),
        }))
    }

    /// Sparse fields: only the attributes that were asked for, if some were.
    fn keep_asked(&self, resource_type: &str, attributes: &mut Map<String, Value>) {
        if let Some(fields) = self.request.query_value(&format!("fields[{resource_type}]")) {
            attributes.retain(|name, _| fields.split(',').any(|field| field.trim() == name));
        }
    }

    fn link(&self, path: &str) -> Value {
        json!({"self": format!("{}/{path}{}", self.origin, self.request.query_suffix())})
    }

    fn with_users(&self) -> bool {
        let include = self.request.query_value("include").unwrap_or_default();
        include.split(',').any(|name| name.trim() == "users")
    }
}
