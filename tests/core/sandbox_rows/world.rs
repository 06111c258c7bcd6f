//! A running sandbox with a client, and what comes back.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;
use wareswitch::sandbox::{Control, Sandbox, Seed, UserPatch};

pub(super) const JSON_API: &str = "application/vnd.api+json";
pub(super) const PLAIN: &str = "application/json";
pub(super) const HARALD: &str = "harald@spryker.com";
pub(super) const ADMIN: &str = "admin@spryker.com";
pub(super) const MARTHA: &str = "martha@video-king.nl";
pub(super) const JASON: &str = "jason.weidmann@budgetcamerasonline.com";
pub(super) const MICHELE: &str = "michele@sony-experts.com";
pub(super) const PASSWORD: &str = wareswitch::sandbox::SAMPLE_PASSWORD;
pub(super) const LIST: &str = "/warehouse-user-assignments";

/// A sandbox with the sample data, and a client for it.
pub(super) struct World {
    pub(super) sandbox: Sandbox,
    pub(super) control: Control,
    pub(super) client: Client,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) headers: reqwest::header::HeaderMap,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Whether this is one error, in the shape that goes with the type.
    pub(super) fn is_error(
        &self,
        content_type: &str,
        status: u16,
        code: Option<&str>,
        message: &str,
    ) -> bool {
        let error = json!({"status": status, "code": code, "message": message});
        let document =
            if content_type == JSON_API { json!({"errors": [error]}) } else { json!([error]) };
        (self.status, self.content_type.as_str()) == (status, content_type)
            && self.json() == document
    }

    #[track_caller]
    pub(super) fn assert_error(&self, content_type: &str, status: u16, code: &str, message: &str) {
        assert!(self.is_error(content_type, status, Some(code), message), "{self:?}");
    }

    #[track_caller]
    pub(super) fn assert_page(&self, status: u16) {
        assert_eq!(self.status, status);
        assert!(self.content_type.starts_with("text/html"), "{}", self.content_type);
    }
}

impl World {
    pub(super) async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sandbox = Sandbox::start(Seed::sample()).await.unwrap();
        let client = Client::builder()
            .no_proxy()
            // Reading the certificates of the machine takes longer than most of the tests.
            .tls_certs_only([])
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .build()
            .unwrap();
        Self { control: sandbox.control(), sandbox, client }
    }

    pub(super) fn user(&self, username: &str) -> Uuid {
        self.control.users().iter().find(|user| user.username == username).unwrap().uuid
    }

    pub(super) fn token(&self, username: &str) -> String {
        self.control.token_for(self.user(username)).unwrap()
    }

    /// Ids of a user's assignments, in the order of the seed.
    pub(super) fn assignments_of(&self, username: &str) -> Vec<Uuid> {
        let user = self.user(username);
        let rows = self.control.assignments();
        rows.iter().filter(|row| row.user_uuid == user).map(|row| row.uuid).collect()
    }

    pub(super) fn active(&self) -> Vec<Uuid> {
        let rows = self.control.assignments();
        rows.iter().filter(|row| row.is_active).map(|row| row.uuid).collect()
    }

    pub(super) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.sandbox.origin()))
    }

    /// A JSON:API request without a token.
    pub(super) fn json_api(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).header("content-type", JSON_API).header("accept", JSON_API)
    }

    /// A JSON:API request of a user, without a body.
    pub(super) fn read(&self, username: &str, path: &str) -> RequestBuilder {
        self.json_api(Method::GET, path).bearer_auth(self.token(username))
    }

    /// A JSON:API request of a user, with a body.
    pub(super) fn write(
        &self,
        username: &str,
        method: Method,
        path: &str,
        body: impl Into<reqwest::Body>,
    ) -> RequestBuilder {
        self.json_api(method, path).bearer_auth(self.token(username)).body(body)
    }

    /// A PATCH of an assignment.
    pub(super) fn change(
        &self,
        username: &str,
        id: impl std::fmt::Display,
        attributes: &Value,
    ) -> RequestBuilder {
        let body = json!({"data": {"attributes": attributes}}).to_string();
        self.write(username, Method::PATCH, &format!("{LIST}/{id}"), body)
    }

    pub(super) async fn get(&self, username: &str, path: &str) -> Answer {
        send(self.read(username, path)).await
    }

    pub(super) async fn patch(
        &self,
        username: &str,
        id: impl std::fmt::Display,
        attributes: Value,
    ) -> Answer {
        send(self.change(username, id, &attributes)).await
    }

    /// Changes a user behind the server's back.
    pub(super) fn patch_user(&self, username: &str, patch: UserPatch) {
        self.control.patch_user(self.user(username), patch).unwrap();
    }

    /// Takes the role of a warehouse user from somebody, or gives it.
    pub(super) fn set_warehouse_user(&self, username: &str, is_warehouse_user: bool) {
        let is_warehouse_user = Some(is_warehouse_user);
        self.patch_user(username, UserPatch { is_warehouse_user, ..UserPatch::default() });
    }

    /// Switches somebody's second factor on.
    pub(super) fn set_code(&self, username: &str, code: &str) {
        let mfa = Some(Some(code.to_owned()));
        self.patch_user(username, UserPatch { mfa, ..UserPatch::default() });
    }

    pub(super) fn token_request(&self, form: &[(&str, &str)]) -> RequestBuilder {
        self.bare(Method::POST, "/token").header("accept", "application/json").form(form)
    }

    pub(super) fn password_grant(&self, username: &str, password: &str) -> RequestBuilder {
        let grant = ("grant_type", "password");
        self.token_request(&[grant, ("username", username), ("password", password)])
    }

    pub(super) async fn sign_in(&self, username: &str, password: &str) -> Answer {
        send(self.password_grant(username, password)).await
    }

    pub(super) async fn control_call(&self, method: Method, path: &str, body: Value) -> Answer {
        let path = format!("/_sandbox/{path}");
        send(self.bare(method, &path).body(body.to_string())).await
    }
}

pub(super) async fn send(request: RequestBuilder) -> Answer {
    try_send(request).await.unwrap()
}

pub(super) async fn try_send(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let headers = response.headers().clone();
    let content_type = headers.get("content-type").map_or("", |value| value.to_str().unwrap());
    Ok(Answer {
        status: response.status().as_u16(),
        content_type: content_type.to_owned(),
        headers,
        text: response.text().await?,
    })
}

pub(super) fn ids(answer: &Answer) -> Vec<String> {
    ids_in(&answer.json())
}

pub(super) fn ids_in(document: &Value) -> Vec<String> {
    let rows = document["data"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

pub(super) fn texts(uuids: &[Uuid]) -> Vec<String> {
    uuids.iter().map(Uuid::to_string).collect()
}
