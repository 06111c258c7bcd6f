//! The one door to the network.

use std::time::Duration;

use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use reqwest::{Client, RequestBuilder, Response};
use zeroize::Zeroizing;

use crate::clock::SharedClock;
use crate::domain::assignment::Assignment;
use crate::domain::ids::{AssignmentId, ServerOrigin, UserUuid};
use crate::domain::time::{Reading, UnixMillis};

use super::answer::{Answer, JSON_API, PLAIN_JSON, millis_of};
use super::failure::GlueFailure;
use super::secret::{AccessToken, Password, SecondFactorCode, Token};
use super::tls;
use super::wire::{ASSIGNMENT_TYPE, PatchDocument};

/// The header of the second factor (contract section 2.7).
const MFA_CODE: HeaderName = HeaderName::from_static("x-mfa-code");

/// How long to wait and how much to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For the whole exchange.
    pub request: Duration,
    /// For the answer to anything but a list.
    pub small_body_bytes_max: usize,
    /// For a list.
    pub list_body_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            request: Duration::from_secs(20),
            small_body_bytes_max: 1024 * 1024,
            list_body_bytes_max: 32 * 1024 * 1024,
        }
    }
}

/// Which server, and how.
#[derive(Clone, Debug)]
pub struct GlueSettings {
    /// The server.
    pub origin: ServerOrigin,
    /// Certificates trusted beside the system's, as PEM.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// The limits.
    pub limits: Limits,
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum GlueSetupError {
    /// The file of own certificates holds none.
    #[error("ca_file holds no certificate in PEM form")]
    CaFile,
    /// TLS can't be set up.
    #[error("TLS can't be set up: {0}")]
    Tls(String),
    /// The HTTP client can't be set up.
    #[error("HTTP can't be set up: {0}")]
    Http(String),
}

/// One request and what came of it.
#[derive(Clone, Debug)]
pub struct Exchange<T> {
    /// What was asked for, or what came instead.
    pub result: Result<T, GlueFailure>,
    /// The server's calendar, if it was Glue that answered.
    pub server_date: Option<UnixMillis>,
    /// Before the request left.
    pub asked_at: Reading,
    /// After the answer was read, or given up.
    pub answered_at: Reading,
}

/// A client of one server.
#[derive(Clone)]
pub struct GlueClient {
    origin: ServerOrigin,
    client: Client,
    limits: Limits,
    clock: SharedClock,
}

impl GlueClient {
    /// Prepares a client. Reads the system's certificates, so not for a thread that must not wait.
    ///
    /// # Errors
    /// If the certificates can't be used.
    pub fn new(settings: GlueSettings, clock: SharedClock) -> Result<Self, GlueSetupError> {
        let GlueSettings { origin, extra_ca_pem, limits } = settings;
        let tls = tls::configuration(!origin.is_cleartext(), extra_ca_pem.as_deref())?;
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            // A redirect would carry the token to wherever it says.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(limits.connect)
            .timeout(limits.request)
            .pool_idle_timeout(Duration::from_secs(30))
            .user_agent(concat!("wareswitch/", env!("CARGO_PKG_VERSION")));
        if origin.is_loopback() {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| GlueSetupError::Http(error.to_string()))?;
        Ok(Self { origin, client, limits, clock })
    }

    /// The server.
    pub fn origin(&self) -> &ServerOrigin {
        &self.origin
    }

    /// Asks for a token (contract section 2.1). Never with an `Authorization` header: a stale one
    /// is answered before the password is looked at (section 1.3).
    pub async fn sign_in(&self, username: &str, password: Password) -> Exchange<Token> {
        let body = Zeroizing::new(
            url::form_urlencoded::Serializer::new(String::new())
                .append_pair("grant_type", "password")
                .append_pair("username", username)
                .append_pair("password", password.expose())
                .finish(),
        );
        drop(password);
        let request = self
            .client
            .post(self.url(&["token"]))
            .header(ACCEPT, PLAIN_JSON)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.as_str().to_owned());
        let small = self.limits.small_body_bytes_max;
        self.exchange(request, small, PLAIN_JSON, Answer::into_token).await
    }

    /// Fetches the complete list of `user`'s own assignments (contract section 3.2).
    pub async fn assignments(
        &self,
        token: &AccessToken,
        user: UserUuid,
    ) -> Exchange<Vec<Assignment>> {
        let request = self.json_api(self.client.get(self.url(&[ASSIGNMENT_TYPE])), token, None);
        let large = self.limits.list_body_bytes_max;
        self.exchange(request, large, JSON_API, |answer| answer.into_assignments(user)).await
    }

    /// Makes an assignment active, or not (contract section 3.5).
    pub async fn patch_assignment(
        &self,
        token: &AccessToken,
        id: AssignmentId,
        wanted_active: bool,
        code: Option<&SecondFactorCode>,
    ) -> Exchange<()> {
        // Plain structs of texts and booleans: writing them as JSON can't fail.
        let body = serde_json::to_vec(&PatchDocument::new(*id.as_uuid(), wanted_active))
            .unwrap_or_default();
        let request = self.client.patch(self.url(&[ASSIGNMENT_TYPE, &id.to_string()])).body(body);
        let request = self.json_api(request, token, code);
        let small = self.limits.small_body_bytes_max;
        self.exchange(request, small, JSON_API, |answer| answer.into_receipt(id, wanted_active))
            .await
    }

    fn url(&self, segments: &[&str]) -> reqwest::Url {
        let mut url = self.origin.as_url().clone();
        url.set_path(&segments.join("/"));
        url
    }

    /// Both headers on every call, without parameters: older servers look at one or the other, and
    /// compare the whole text (contract section 1.2).
    fn json_api(
        &self,
        request: RequestBuilder,
        token: &AccessToken,
        code: Option<&SecondFactorCode>,
    ) -> RequestBuilder {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(JSON_API));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON_API));
        let bearer = Zeroizing::new(format!("Bearer {}", token.expose()));
        insert_secret(&mut headers, AUTHORIZATION, &bearer);
        if let Some(code) = code {
            insert_secret(&mut headers, MFA_CODE, code.expose());
        }
        request.headers(headers)
    }

    async fn exchange<T>(
        &self,
        request: RequestBuilder,
        body_bytes_max: usize,
        content_type: &str,
        read: impl FnOnce(Answer) -> Result<T, GlueFailure>,
    ) -> Exchange<T> {
        let asked_at = self.clock.read();
        let answer = match request.send().await {
            Ok(response) => read_answer(response, body_bytes_max).await,
            Err(error) => Err(failure_of(&error)),
        };
        let answered_at = self.clock.read();
        let (result, server_date) = match answer {
            Ok(answer) => {
                let date = answer.date.filter(|_| answer.is_glue(content_type));
                (read(answer), date)
            }
            Err(failure) => (Err(failure), None),
        };
        Exchange { result, server_date, asked_at, answered_at }
    }
}

fn insert_secret(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    // What can't stand in a header can't be right either: the server will say so.
    if let Ok(mut value) = HeaderValue::from_str(text) {
        value.set_sensitive(true);
        headers.insert(name, value);
    }
}

async fn read_answer(mut response: Response, body_bytes_max: usize) -> Result<Answer, GlueFailure> {
    let headers = response.headers();
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let content_type = text(CONTENT_TYPE).unwrap_or_default();
    let content_type = content_type.split(';').next().unwrap_or_default().trim();
    let mut answer = Answer {
        status: response.status().as_u16(),
        content_type: content_type.to_ascii_lowercase(),
        date: text(DATE).and_then(millis_of),
        retry_after: text(RETRY_AFTER).map(str::to_owned),
        body: Vec::new(),
    };
    while let Some(chunk) = response.chunk().await.map_err(|_| GlueFailure::Cut)? {
        if answer.body.len().saturating_add(chunk.len()) > body_bytes_max {
            return Err(GlueFailure::WrongServer { outcome_known: false });
        }
        answer.body.extend_from_slice(&chunk);
    }
    Ok(answer)
}

/// What it means that no answer came. Only an error of connecting says that nothing left.
fn failure_of(error: &reqwest::Error) -> GlueFailure {
    if let Some(problem) = tls::problem(error)
        && error.is_connect()
    {
        tracing::warn!(?problem, "the connection could not be made safe");
        return GlueFailure::Tls(problem);
    }
    if error.is_connect() { GlueFailure::Offline } else { GlueFailure::Cut }
}
