//! Servers that say exactly what a test tells them to, byte by byte.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use uuid::Uuid;

use super::{GlueClient, GlueSettings, Limits};
use crate::clock::Clock;
use crate::domain::ids::ServerOrigin;
use crate::domain::time::{BootId, Reading, UnixMillis};

const DATE: &str = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
/// What the answers of [`answer`] say in `Date`.
pub(crate) const DATE_MILLIS: UnixMillis = UnixMillis(784_111_777_000);
/// The content type of Glue.
pub(crate) const JSON_API: &str = "Content-Type: application/vnd.api+json\r\n";

/// A clock that stands still.
pub(crate) struct StoppedClock;

impl Clock for StoppedClock {
    fn read(&self) -> Reading {
        Reading {
            boot_id: BootId(Uuid::from_u128(9)),
            since_boot: Duration::from_secs(60),
            wall: UnixMillis(5),
        }
    }
}

/// A server that takes one connection, reads one request, says `answer` and hangs up.
pub(crate) struct OneAnswer {
    pub(crate) origin: String,
    thread: JoinHandle<String>,
}

impl OneAnswer {
    pub(crate) fn new(answer: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let answer = answer.into();
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let request = read_request(&mut stream);
            // The client may stop listening in the middle, on purpose.
            let _ = stream.write_all(&answer);
            request
        });
        Self { origin, thread }
    }

    pub(crate) fn client(&self) -> GlueClient {
        client(&self.origin, Limits::default())
    }

    /// The request as it came, once the client is done.
    pub(crate) fn request(self) -> Request {
        Request(self.thread.join().unwrap())
    }
}

/// Reads one request.
pub(crate) fn read_request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut byte = [0];
    while !text.ends_with("\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        text.push(char::from(byte[0]));
    }
    let length = Request(text.clone()).header("content-length").map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    text + &String::from_utf8(body).unwrap()
}

/// A request as it came.
pub(crate) struct Request(String);

impl Request {
    pub(crate) fn line(&self) -> &str {
        self.0.lines().next().unwrap()
    }

    pub(crate) fn head(&self) -> &str {
        self.0.split("\r\n\r\n").next().unwrap()
    }

    pub(crate) fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").unwrap().1
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head().lines().skip(1).filter_map(|line| line.split_once(':'));
        let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(found.1.trim())
    }

    /// All headers but `Host`, by name.
    pub(crate) fn headers(&self) -> Vec<String> {
        let lines = self.head().lines().skip(1).map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            format!("{}:{value}", name.to_ascii_lowercase())
        });
        let mut headers: Vec<_> = lines.filter(|line| !line.starts_with("host:")).collect();
        headers.sort();
        headers
    }
}

/// A client for a server.
pub(crate) fn client(origin: &str, limits: Limits) -> GlueClient {
    let origin = ServerOrigin::parse(origin).unwrap();
    let settings = GlueSettings { origin, extra_ca_pem: None, limits };
    GlueClient::new(settings, Arc::new(StoppedClock)).unwrap()
}

/// A whole answer with a `Date`.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{DATE}{headers}Content-Length: {length}\r\n\r\n{body}")
}
