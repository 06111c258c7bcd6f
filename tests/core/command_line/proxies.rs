//! The system's proxy settings, by the variables that every other program obeys.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::TcpListener;

use crate::support::{Device, HARALD, PASSWORD};

const SIGN_IN: [&str; 4] = ["sign-in", "--user", HARALD, "--password-stdin"];

#[test]
fn https_goes_through_the_proxy_which_sees_the_host_and_nothing_else() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let proxy = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let head = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
        let head: Vec<String> = head.take_while(|line| !line.is_empty()).collect();
        stream.write_all(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n").unwrap();
        head
    });
    let device = Device::at("https://glue.shop.invalid");

    let export = format!("export HTTPS_PROXY=http://{address}");
    let output = device.run_after(&export, &SIGN_IN, PASSWORD);

    assert!(!output.status.success());
    let head = proxy.join().unwrap();
    assert_eq!(head[0], "CONNECT glue.shop.invalid:443 HTTP/1.1");
    assert!(!head.join("\n").contains(PASSWORD));
}

#[test]
fn hosts_of_no_proxy_are_spoken_to_directly() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let device = Device::at("https://glue.shop.invalid");

    let export = format!("export HTTPS_PROXY=http://{address} NO_PROXY=shop.invalid");
    let output = device.run_after(&export, &SIGN_IN, PASSWORD);

    assert_eq!(output.status.code(), Some(69), "{output:?}");
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}
