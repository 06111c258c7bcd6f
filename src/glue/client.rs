//! How a question is asked.

use std::fmt;

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderMap,
    HeaderName, HeaderValue, RETRY_AFTER,
};
use reqwest::{Method, RequestBuilder, Response};
use url::form_urlencoded;
use zeroize::{Zeroize as _, Zeroizing};

use crate::clock::SharedClock;
use crate::domain::assignment::Assignment;
use crate::domain::ids::{AssignmentId, ServerOrigin, UserUuid};
use crate::domain::time::{Reading, UnixMillis};

use super::answer::{self, Answer, Body, Judged, Question, Unfit};
use super::assignments::{self, ListExtent};
use super::failure::GlueFailure;
use super::packing;
use super::second_factor;
use super::secret::{AccessToken, Password, RefreshToken, SecondFactorCode};
use super::settings::{GlueSettings, GlueSetupError, Limits};
use super::tls;
use super::token::{self, Token};
use super::transport;

const USER_AGENT: &str = concat!("wareswitch/", env!("CARGO_PKG_VERSION"));
const SECOND_FACTOR: HeaderName = HeaderName::from_static("x-mfa-code");
const FORM: &str = "application/x-www-form-urlencoded";
/// How long an unused connection is kept: enough for a round, too short for a device to carry it
/// into another network.
const IDLE_CONNECTION_KEPT: std::time::Duration = std::time::Duration::from_secs(10);

/// A question, its outcome, and when that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange<T> {
    /// What came of it.
    pub result: Result<T, GlueFailure>,
    /// The server's calendar, if a Glue backend answered.
    pub server_date: Option<UnixMillis>,
    /// The clocks just before the request.
    pub asked_at: Reading,
    /// The clocks when the answer was complete, or known not to come.
    pub answered_at: Reading,
}

/// Talks to one Glue server. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct GlueClient {
    http: reqwest::Client,
    origin: ServerOrigin,
    limits: Limits,
    clock: SharedClock,
}

impl fmt::Debug for GlueClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("GlueClient").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl GlueClient {
    /// Prepares everything; nothing is sent.
    ///
    /// # Errors
    /// If the additional certificates can't be read, or a library refuses its settings.
    pub fn new(settings: GlueSettings, clock: SharedClock) -> Result<Self, GlueSetupError> {
        let GlueSettings { ref origin, limits, .. } = settings;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(&settings)?)
            .http1_only()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(limits.connect)
            .timeout(limits.request)
            .pool_idle_timeout(IDLE_CONNECTION_KEPT);
        // What isn't encrypted would show a proxy password and token: it is another host.
        if origin.is_loopback() || origin.is_cleartext() {
            builder = builder.no_proxy();
        }
        Ok(Self { http: builder.build()?, origin: settings.origin, limits, clock })
    }

    /// The server that is asked.
    pub fn origin(&self) -> &ServerOrigin {
        &self.origin
    }

    /// Asks for a token by user name and password. Never sends an `Authorization` header: a stale
    /// one would be judged first.
    pub async fn sign_in(&self, username: &str, password: Password) -> Exchange<Token> {
        let body = form(&[
            ("grant_type", "password"),
            ("username", username),
            ("password", password.expose()),
        ]);
        drop(password);
        self.ask_for_token(body).await
    }

    /// Asks for a new token by a refresh token, which a server that offers this takes once. A stock
    /// server refuses (contract section 2.2). Never sends an `Authorization` header, either.
    pub async fn refresh(&self, refresh: &RefreshToken) -> Exchange<Token> {
        let body = form(&[("grant_type", "refresh_token"), ("refresh_token", refresh.expose())]);
        self.ask_for_token(body).await
    }

    async fn ask_for_token(&self, form: Zeroizing<Vec<u8>>) -> Exchange<Token> {
        let request = self
            .request(Method::POST, "/token")
            .header(CONTENT_TYPE, FORM)
            .header(ACCEPT, Question::SignIn.media_type())
            .body(Bytes::from_owner(form));
        self.ask(Question::SignIn, Ok(request), token::read).await
    }

    /// Has the server send the user a new code of the second factor, by mail.
    pub async fn send_new_code(&self, token: &AccessToken) -> Exchange<()> {
        let exchange = self.trigger_new_code(token, Question::NewCode.media_type()).await;
        match exchange.result {
            // The shop's documentation shows the plain convention, its other resources have JSON:API.
            Err(GlueFailure::WrongServer { .. }) => {
                self.trigger_new_code(token, Question::SignIn.media_type()).await
            }
            _ => exchange,
        }
    }

    async fn trigger_new_code(
        &self,
        token: &AccessToken,
        media_type: &'static str,
    ) -> Exchange<()> {
        let request = bearer_headers(token, media_type).map(|headers| {
            self.request(Method::POST, second_factor::TRIGGER_PATH)
                .headers(headers)
                .body(second_factor::TRIGGER_BODY)
        });
        self.ask(Question::NewCode, request, |_| Ok(())).await
    }

    /// Fetches the list of the user's own assignments.
    pub async fn assignments(
        &self,
        token: &AccessToken,
        user: UserUuid,
        extent: ListExtent,
    ) -> Exchange<Vec<Assignment>> {
        let request = json_api_headers(token, None).map(|mut headers| {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(packing::NAME));
            self.request(Method::GET, &assignments::list_path())
                .query(assignments::list_query(extent))
                .headers(headers)
        });
        let read = move |body: &[u8]| assignments::read_list(body, user, extent);
        self.ask(Question::List, request, read).await
    }

    /// Asks without a token, to find out whether a Glue backend answers at this address. One refuses
    /// in its own words; whatever else happens says what is in the way.
    ///
    /// # Errors
    /// What is in the way.
    pub async fn try_out(&self) -> Result<(), GlueFailure> {
        let request = self
            .request(Method::GET, &assignments::list_path())
            .header(ACCEPT, Question::List.media_type());
        match self.ask(Question::List, Ok(request), |_| Ok(())).await.result {
            Ok(())
            | Err(
                GlueFailure::TokenOver
                | GlueFailure::NotAuthorized
                | GlueFailure::Refused { .. }
                | GlueFailure::NeedsCode { .. }
                | GlueFailure::AccountUnknown,
            ) => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// Makes an assignment active or inactive. `Ok` only if the answer shows it so.
    pub async fn patch_assignment(
        &self,
        token: &AccessToken,
        id: AssignmentId,
        wanted_active: bool,
        code: Option<&SecondFactorCode>,
    ) -> Exchange<()> {
        let request = json_api_headers(token, code).map(|headers| {
            self.request(Method::PATCH, &assignments::patch_path(id))
                .headers(headers)
                .body(assignments::patch_body(wanted_active))
        });
        let read = move |body: &[u8]| assignments::read_patch(body, id, wanted_active);
        self.ask(Question::Patch, request, read).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.origin.as_url().clone();
        url.set_path(path);
        // Without this header a server may take any encoding for understood.
        self.http.request(method, url).header(ACCEPT_ENCODING, "identity")
    }

    /// The one place where requests are sent.
    async fn ask<T>(
        &self,
        question: Question,
        request: Result<RequestBuilder, GlueFailure>,
        read: impl FnOnce(&[u8]) -> Result<T, Unfit>,
    ) -> Exchange<T> {
        let asked_at = self.clock.read();
        let answer = match request {
            Ok(request) => self.send(question, request).await,
            Err(failure) => Err(failure),
        };
        let answered_at = self.clock.read();
        let (result, server_date) = match answer {
            Err(failure) => (Err(failure), None),
            Ok(mut answer) => {
                let Judged { result, is_glue } = answer::judge(question, &answer, read);
                if let Body::Whole(bytes) = &mut answer.body {
                    // The answer to a sign-in holds the tokens.
                    bytes.zeroize();
                }
                (result, answer.date.filter(|_| is_glue))
            }
        };
        Exchange { result, server_date, asked_at, answered_at }
    }

    async fn send(
        &self,
        question: Question,
        request: RequestBuilder,
    ) -> Result<Answer, GlueFailure> {
        let response = request.send().await.map_err(|error| {
            tracing::debug!(%error, cause = ?std::error::Error::source(&error), "no answer");
            transport::failure(&error)
        })?;
        let header = |name| {
            let value: Option<&HeaderValue> = response.headers().get(name);
            value.and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let status = response.status().as_u16();
        let content_type = header(CONTENT_TYPE);
        let retry_after = header(RETRY_AFTER);
        let date = header(DATE).as_deref().and_then(answer::http_date);
        // Nothing else was asked for packed.
        let is_packed =
            question == Question::List && packing::is_packed(header(CONTENT_ENCODING).as_deref());
        let body = if answer::is_body_of_use(question, status, content_type.as_deref()) {
            let is_list = question == Question::List && response.status().is_success();
            let bytes_max = if is_list {
                self.limits.list_body_bytes_max
            } else {
                self.limits.small_body_bytes_max
            };
            let body = read_body(response, bytes_max).await?;
            if is_packed { packing::unpack(body, bytes_max)? } else { body }
        } else {
            Body::Unread
        };
        Ok(Answer { status, content_type, retry_after, date, body })
    }
}

/// Reads a body as it comes and stops where it grows too long.
async fn read_body(mut response: Response, bytes_max: usize) -> Result<Body, GlueFailure> {
    let announced = response.content_length().unwrap_or_default();
    let Ok(announced) = usize::try_from(announced) else { return Ok(Body::TooLarge) };
    if announced > bytes_max {
        return Ok(Body::TooLarge);
    }
    let mut bytes = Vec::with_capacity(announced.min(64 * 1024));
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > bytes_max => return Ok(Body::TooLarge),
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(Body::Whole(bytes)),
            Err(error) => {
                tracing::debug!(%error, "the answer was cut");
                return Err(GlueFailure::Cut);
            }
        }
    }
}

/// A form with secrets, in memory that is overwritten once it is sent. Room for the longest
/// encoding is taken at once, so that no copy is left behind by growing.
fn form(fields: &[(&str, &str)]) -> Zeroizing<Vec<u8>> {
    let room = fields.iter().map(|(name, value)| 2 + name.len() + 3 * value.len()).sum();
    let form =
        form_urlencoded::Serializer::new(String::with_capacity(room)).extend_pairs(fields).finish();
    Zeroizing::new(form.into_bytes())
}

/// The headers of every question about assignments. Both JSON:API headers, without parameters,
/// whatever the method: servers differ in which of the two they look at (contract section 1.2).
fn json_api_headers(
    token: &AccessToken,
    code: Option<&SecondFactorCode>,
) -> Result<HeaderMap, GlueFailure> {
    let mut headers = bearer_headers(token, Question::List.media_type())?;
    if let Some(code) = code {
        let code = secret_value(code.expose().trim());
        headers.insert(SECOND_FACTOR, code.ok_or(GlueFailure::NeedsCode { wrong: true })?);
    }
    Ok(headers)
}

fn bearer_headers(token: &AccessToken, media_type: &'static str) -> Result<HeaderMap, GlueFailure> {
    let media_type = HeaderValue::from_static(media_type);
    let bearer = Zeroizing::new(format!("Bearer {}", token.expose()));
    // A text that can't be sent can't be right either.
    let bearer = secret_value(&bearer).ok_or(GlueFailure::TokenOver)?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, media_type.clone());
    headers.insert(CONTENT_TYPE, media_type);
    headers.insert(AUTHORIZATION, bearer);
    Ok(headers)
}

fn secret_value(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
