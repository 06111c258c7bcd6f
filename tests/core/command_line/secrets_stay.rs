//! No password and no token ever goes to another host, whatever servers and proxies say.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;

use wareswitch::sandbox::FaultKind;

use crate::support::{Device, HARALD, PASSWORD, Server, on_list, on_patch};

/// Somebody who listens, says one thing, and remembers what was said.
struct Listener {
    address: String,
    heard: mpsc::Receiver<String>,
}

impl Listener {
    fn new(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (tell, heard) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut bytes = [0; 4096];
                let length = stream.read(&mut bytes).unwrap_or_default();
                // The test may be over.
                let _ = tell.send(String::from_utf8_lossy(&bytes[..length]).into_owned());
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.try_iter().collect()
    }
}

#[test]
fn no_redirect_is_followed_whoever_sends_it() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let elsewhere = Listener::new("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    for status in [301, 302, 303, 307, 308] {
        let location = format!("http://{}/warehouse-user-assignments", elsewhere.address);
        let mut headers = serde_json::Map::new();
        headers.insert("Location".to_owned(), location.into());
        let fault = FaultKind::Status { status, headers, body: None };
        server.go_wrong([on_list(fault.clone().always())]);
        device.run(&["sync"]).assert_code(75);
        server.go_wrong([on_patch(fault.clone().always())]);
        device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");
        server.go_wrong([fault.always()]);
        device.sign_in(HARALD, PASSWORD).assert_error(75, "wifi_sign_in");
    }

    assert_eq!(elsewhere.heard(), Vec::<String>::new());
}

#[test]
fn a_proxy_hears_nothing_of_what_is_said_to_this_machine() {
    let server = Server::start();
    let proxy = Listener::new("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let mut device = Device::new(&server);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        device.set_variable(name, &format!("http://{}", proxy.address));
    }

    device.sign_in(HARALD, PASSWORD).assert_code(0);
    device.switch("Warehouse1");

    assert_eq!(proxy.heard(), Vec::<String>::new());
}

#[test]
fn a_proxy_that_wants_a_sign_in_hears_the_name_of_the_server_and_no_secret() {
    let proxy = Listener::new(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
    );
    let mut device = Device::at("https://glue.shop.invalid");
    device.set_variable("HTTPS_PROXY", &format!("http://{}", proxy.address));

    device.sign_in(HARALD, PASSWORD).assert_error(75, "proxy_sign_in");

    let heard = proxy.heard();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].starts_with("CONNECT glue.shop.invalid:443 "), "{heard:?}");
    assert!(!heard[0].contains(PASSWORD) && !heard[0].contains("harald"), "{heard:?}");
}
