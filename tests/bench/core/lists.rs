//! A list of any length: asking for it and reading it, against asking for the same bytes and finding
//! out that they are JSON.

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use serde::de::IgnoredAny;
use uuid::Uuid;
use wareswitch::app::platform::Platform;
use wareswitch::domain::ids::{ServerOrigin, UserUuid};
use wareswitch::glue::{AccessToken, GlueClient, GlueSettings, Limits, ListExtent};
use wareswitch::platform::SystemPlatform;
use wareswitch::sandbox::Sandbox;

use crate::rules::compare_lengths;
use crate::table::{self, Table};
use crate::world::{self, LENGTHS};

const TURNS: usize = 40;

/// A server that answers everything with one answer.
fn serve(body: Vec<u8>) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let body: Arc<[u8]> = body.into();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let body = Arc::clone(&body);
            std::thread::spawn(move || answer(stream, &body));
        }
    });
    origin
}

/// Answers each request on a connection until it is closed.
fn answer(stream: TcpStream, body: &[u8]) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut out = stream;
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.api+json\r\nContent-Length: {length}\r\n\r\n"
    );
    let whole = [head.as_bytes(), body].concat();
    while let Some(Ok(line)) = lines.next() {
        if line.is_empty() && out.write_all(&whole).is_err() {
            return;
        }
    }
}

/// What the server in miniature answers to the question for a list of this length.
fn list_body(count: usize) -> Vec<u8> {
    world::runtime().block_on(async {
        let sandbox = Sandbox::start(world::seed(count)).await.unwrap();
        let token = sandbox.control().token_for(Uuid::from_u128(7)).unwrap();
        let url = format!("{}/warehouse-user-assignments", sandbox.origin());
        let request = http()
            .get(url)
            .header("Accept", "application/vnd.api+json")
            .header("Content-Type", "application/vnd.api+json")
            .bearer_auth(token);
        request.send().await.unwrap().bytes().await.unwrap().to_vec()
    })
}

/// A client that only fetches.
pub(crate) fn http() -> reqwest::Client {
    // Without TLS it needs none, but it asks for one.
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_root_certificates(rustls::RootCertStore::empty())
    .with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

pub(crate) fn measure(table: &mut Table) {
    let runtime = world::runtime();
    let token = AccessToken::new("token".into());
    let own = LENGTHS.map(|count| {
        let body = list_body(count);
        let origin = serve(body);
        let settings = GlueSettings {
            origin: ServerOrigin::parse(&origin).unwrap(),
            extra_ca_pem: None,
            limits: Limits::default(),
        };
        let client = GlueClient::new(settings, SystemPlatform::new().clock()).unwrap();
        let bare = http();
        let user = UserUuid::new(Uuid::from_u128(7));
        let [own, least] = table::measure(
            TURNS,
            [
                &mut || {
                    let answer =
                        runtime.block_on(client.assignments(&token, user, ListExtent::Complete));
                    assert_eq!(answer.result.unwrap().len(), count);
                },
                &mut || {
                    runtime.block_on(async {
                        let bytes = bare.get(&origin).send().await.unwrap().bytes().await.unwrap();
                        black_box(serde_json::from_slice::<IgnoredAny>(&bytes).unwrap());
                    });
                },
            ],
        );
        let what = format!("list fetched and read, {count} assignments");
        table.compare(what, &own, ("the same bytes, skimmed", &least), "");
        own
    });
    compare_lengths(table, "list fetched and read", &own);
}
