//! Real TLS, with a private authority: whom the program trusts, and what it says if
//! it doesn't.

use serde_json::json;

use crate::support::authority::{Authority, VALID};
use crate::support::{Device, HARALD, PASSWORD, Server};

#[test]
fn a_server_that_the_own_authority_vouches_for_is_trusted() {
    let authority = Authority::new();
    let server = Server::start_with_tls(authority.certify("127.0.0.1", VALID));
    let mut device = Device::new(&server);
    authority.hand_out_to(&mut device);

    device.sign_in(HARALD, PASSWORD).assert_code(0);
    device.switch("Warehouse2");

    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
}

#[test]
fn what_is_wrong_with_a_certificate_is_told_in_plain_words_and_nothing_is_sent() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let cases = [
        (stranger.certify("127.0.0.1", VALID), "authority that this device does not know"),
        (authority.certify("127.0.0.1", (2001, 2002)), "has expired"),
        (authority.certify("127.0.0.1", (2119, 2120)), "date or time of this device is wrong"),
        (authority.certify("glue.example", VALID), "made out for another name"),
    ];
    for (identity, sentence) in cases {
        let server = Server::start_with_tls(identity);
        let mut device = Device::new(&server);
        authority.hand_out_to(&mut device);

        let ran = device.sign_in(HARALD, PASSWORD).assert_error(69, "tls_failed");

        assert!(ran.json["error"]["message"].as_str().unwrap().contains(sentence), "{ran:?}");
        assert!(ran.stderr.contains(sentence), "{ran:?}");
        assert!(server.control().requests().is_empty(), "{sentence}");
    }
}

#[test]
fn a_change_waits_while_the_server_is_not_trusted() {
    let authority = Authority::new();
    let server = Server::start_with_tls(authority.certify("127.0.0.1", VALID));
    let mut device = Device::new(&server);
    authority.hand_out_to(&mut device);
    device.sign_in(HARALD, PASSWORD).assert_code(0);
    server.control().clear_requests();
    Authority::new().hand_out_to(&mut device);

    let ran = device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");
    let sync = device.run(&["sync"]).assert_code(75);
    assert_eq!((&ran.json["change"]["attempts"], &sync.json["waiting"]), (&json!(0), &json!(1)));
    assert_eq!(sync.json["connection"], "tls_failed");
    let plain = device.run_plainly(&["status"]);
    let words = String::from_utf8(plain.stdout).unwrap();
    assert!(words.contains("authority that this device does not know"), "{words}");
    assert!(server.control().requests().is_empty());

    authority.hand_out_to(&mut device);
    device.run(&["sync"]).assert_code(0);
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn a_ca_file_that_is_none_is_a_fault_of_the_configuration() {
    let server = Server::start();
    let mut device = Device::new(&server);
    device.set("ca_file", "/nowhere/ca.pem");

    device.sign_in(HARALD, PASSWORD).assert_error(78, "configuration");
}
