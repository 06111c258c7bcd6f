//! Connections: who is served, what is recorded, and where faults strike.

use std::convert::Infallible;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::{Map, Value};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::control::{Control, LoggedRequest, Shared};
use super::control_routes;
use super::conventions::{GlueRequest, HTML, JSON_API};
use super::faults::{self, FaultKind};
use super::paced_body::PacedBody;
use super::routes::{self, Circumstances};

/// Largest request body read, in bytes.
const REQUEST_SIZE_MAX: usize = 2 * 1024 * 1024;
/// Longest body that is remembered as JSON, in bytes; of longer ones, and of all other texts, that
/// many characters.
const LOGGED_TEXT_MAX: usize = 4_096;
/// Most connections at a time; more wait.
const CONNECTIONS_MAX: usize = 1_000;
/// Longest time that a TLS handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// Closes the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed, as ordered")]
struct HangUp;

/// Binds a socket that only this machine can reach.
pub(super) async fn bind(listen: SocketAddr) -> std::io::Result<TcpListener> {
    if !listen.ip().is_loopback() {
        return Err(std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            format!("the sandbox listens on this machine only, such as 127.0.0.1, not on {listen}"),
        ));
    }
    TcpListener::bind(listen).await
}

/// Serves until dropped; with an acceptor, HTTPS.
pub(super) async fn serve(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    origin: String,
) {
    let site = Arc::new(Site {
        control: TowerToHyperService::new(control_routes::router(Control {
            shared: Arc::clone(&shared),
        })),
        shared,
        acceptor,
        origin,
    });
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS_MAX => match accepted {
                Ok((socket, _)) => {
                    connections.spawn(serve_socket(socket, Arc::clone(&site)));
                }
                // Out of file handles, for example; it may pass.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

struct Site {
    shared: Arc<Shared>,
    control: TowerToHyperService<Router>,
    acceptor: Option<TlsAcceptor>,
    origin: String,
}

async fn serve_socket(socket: TcpStream, site: Arc<Site>) {
    let _ = socket.set_nodelay(true);
    let Some(acceptor) = &site.acceptor else { return serve_connection(socket, site).await };
    // A client that doesn't trust the certificate says so by closing: nothing to do.
    if let Ok(Ok(stream)) = timeout(HANDSHAKE_LIMIT, acceptor.accept(socket)).await {
        serve_connection(stream, site).await;
    }
}

/// One connection, until it ends or the network goes away. A control request is still answered
/// then: it may be the very one that took the network away.
async fn serve_connection<S>(stream: S, site: Arc<Site>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut offline = site.shared.offline();
    let in_control = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request: Request<Incoming>| {
        let site = Arc::clone(&site);
        let is_control = request.uri().path().starts_with("/_sandbox/");
        in_control.store(is_control, Ordering::Relaxed);
        async move {
            let request = request.map(Body::new);
            if is_control {
                return site
                    .control
                    .call(request)
                    .await
                    .map_err(|never: Infallible| match never {});
            }
            site.answer(request).await
        }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    loop {
        tokio::select! {
            // An error is a connection that was closed, by either side: nothing to do.
            _ = connection.as_mut() => return,
            changed = offline.changed() => {
                let gone = changed.is_err() || *offline.borrow_and_update();
                if gone && !in_control.load(Ordering::Relaxed) {
                    return;
                }
            }
        }
    }
}

impl Site {
    async fn answer(&self, request: Request<Body>) -> Result<Response<Body>, HangUp> {
        let (parts, body) = request.into_parts();
        let Ok(body) = to_bytes(body, REQUEST_SIZE_MAX).await else {
            return Ok(plain_response(413, HTML, Body::from(TOO_LARGE_PAGE)));
        };
        let raw_query = parts.uri.query().unwrap_or_default().to_owned();
        let request = GlueRequest {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: url::form_urlencoded::parse(raw_query.as_bytes()).into_owned().collect(),
            headers: parts.headers,
            body,
        };
        let (number, fault) = {
            let mut inner = self.shared.lock();
            if inner.settings.offline {
                return Err(HangUp);
            }
            let fault = faults::take_first(&mut inner.faults, &request.method, &request.path);
            if fault == Some(FaultKind::Offline {}) {
                return Err(HangUp);
            }
            (inner.log(record(&request, raw_query)), fault)
        };
        let response = self.answer_with(&request, fault).await?;
        self.shared.lock().log_status(number, response.status().as_u16());
        Ok(response)
    }

    /// Answers as Glue does, as far as the fault lets it.
    async fn answer_with(
        &self,
        request: &GlueRequest,
        fault: Option<FaultKind>,
    ) -> Result<Response<Body>, HangUp> {
        match fault {
            Some(FaultKind::CloseBefore {} | FaultKind::Offline {}) => Err(HangUp),
            Some(FaultKind::CloseAfter {}) => {
                self.glue(request, false);
                Err(HangUp)
            }
            Some(FaultKind::Delay { millis }) => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                Ok(self.glue(request, false))
            }
            Some(FaultKind::ExpiredTokens {}) => Ok(self.glue(request, true)),
            Some(FaultKind::CutBody {}) => {
                let (response, bytes) = take_apart(self.glue(request, false)).await;
                Ok(response.map(|()| Body::new(PacedBody::cut(&bytes))))
            }
            Some(FaultKind::SlowBytes { millis_per_byte }) => {
                let (response, bytes) = take_apart(self.glue(request, false)).await;
                let pause = Duration::from_millis(millis_per_byte);
                Ok(response.map(|()| Body::new(PacedBody::slow(bytes, pause))))
            }
            Some(FaultKind::HugeBody { bytes }) => {
                let body = Body::new(PacedBody::huge(bytes));
                let mut response = plain_response(200, JSON_API, body);
                response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes));
                Ok(response)
            }
            Some(FaultKind::Status { status, headers, body }) => {
                Ok(ordered_response(status, &headers, body))
            }
            Some(FaultKind::Html { status }) => {
                Ok(plain_response(status.unwrap_or(200), HTML, Body::from(SIGN_IN_PAGE)))
            }
            Some(FaultKind::Redirect { location }) => {
                let mut response = plain_response(302, HTML, Body::empty());
                if let Ok(location) = HeaderValue::from_str(&location) {
                    response.headers_mut().insert(LOCATION, location);
                }
                Ok(response)
            }
            None if self.packs_for(request) => Ok(packed(self.glue(request, false)).await),
            None => Ok(self.glue(request, false)),
        }
    }

    fn packs_for(&self, request: &GlueRequest) -> bool {
        let accepted = request.headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        accepted.is_some_and(|text| text.contains("gzip")) && self.shared.lock().settings.gzip
    }

    fn glue(&self, request: &GlueRequest, tokens_expired: bool) -> Response<Body> {
        let around = Circumstances { origin: &self.origin, tokens_expired };
        routes::answer(&mut self.shared.lock(), request, around)
    }
}

const SIGN_IN_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head>\
<body><h1>Welcome to the guest network</h1></body></html>\n";

const TOO_LARGE_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>413 Request Entity Too Large</title>\
</head><body><h1>413 Request Entity Too Large</h1></body></html>\n";

/// The bytes of a response, and the response with their length as a header.
async fn take_apart(response: Response<Body>) -> (Response<()>, Bytes) {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut response = Response::from_parts(parts, ());
    if response.status() != StatusCode::NO_CONTENT {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    }
    (response, bytes)
}

/// The same response, packed.
async fn packed(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    // Memory takes whatever is written into it.
    let _ = packer.write_all(&bytes);
    let packed = packer.finish().unwrap_or_default();
    parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Response::from_parts(parts, Body::from(packed))
}

fn plain_response(status: u16, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A response exactly as ordered; what can't be sent was refused with the order.
fn ordered_response(
    status: u16,
    headers: &Map<String, Value>,
    body: Option<String>,
) -> Response<Body> {
    let content_type = "text/plain; charset=utf-8";
    let mut response = plain_response(status, content_type, body.unwrap_or_default().into());
    for (name, value) in headers {
        let value = HeaderValue::from_str(value.as_str().unwrap_or_default());
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// What is remembered of a request.
fn record(request: &GlueRequest, query: String) -> LoggedRequest {
    LoggedRequest {
        method: shortened(&request.method),
        path: shortened(&request.path),
        query: shortened(&query),
        status: 0,
        headers: recorded_headers(&request.headers),
        body: recorded_body(request),
    }
}

fn recorded_headers(headers: &HeaderMap) -> Map<String, Value> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    [
        ("content-type", text("content-type").map(shortened)),
        ("accept", text("accept").map(shortened)),
        ("origin", text("origin").map(shortened)),
        ("x-mfa-code", text("x-mfa-code").map(|_| "redacted".to_owned())),
        ("authorization", text("authorization").map(|_| "present".to_owned())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))))
    .collect()
}

fn recorded_body(request: &GlueRequest) -> Value {
    if request.body.is_empty() {
        return Value::Null;
    }
    // Only assignments have bodies without secrets.
    if !request.path.trim_start_matches('/').starts_with("warehouse-user-assignments") {
        let fields = [("grant_type", "grantType"), ("username", "username")];
        let told = fields.into_iter().filter_map(|(name, camel_case)| {
            let value = request.form_field(name, camel_case)?;
            Some((name.to_owned(), Value::from(shortened(&value))))
        });
        return Value::Object(told.collect());
    }
    let document = (request.body.len() <= LOGGED_TEXT_MAX)
        .then(|| serde_json::from_slice(&request.body).ok())
        .flatten();
    document.unwrap_or_else(|| shortened(&String::from_utf8_lossy(&request.body)).into())
}

fn shortened(text: &str) -> String {
    text.chars().take(LOGGED_TEXT_MAX).collect()
}
