//! How long a token lives, and what follows: renewed where the server offers that, else signed in
//! again, with what waits kept.

use serde_json::json;
use wareswitch::sandbox::FaultKind;

use crate::support::{Device, HARALD, MARTHA, PASSWORD, Server, on_list, on_patch, on_token};

/// A server that renews tokens.
fn renewing() -> Server {
    let server = Server::start();
    server.set_up(|settings| settings.refresh_offered = true);
    server
}

#[test]
fn a_refused_token_is_renewed_within_the_round() {
    let server = renewing();
    let device = Device::signed_in(&server);
    server.control().expire_tokens();

    device.switch("Warehouse1");

    assert_eq!(server.grants(), "refresh_token");
    assert_eq!(server.methods(), "GET GET PATCH GET");
    assert_eq!(device.status()["connection"], "online");
}

#[test]
fn a_token_refused_by_the_patch_alone_is_renewed_and_the_change_sent_again() {
    let server = renewing();
    let device = Device::signed_in(&server);
    server.go_wrong([on_patch(FaultKind::ExpiredTokens {}.times(1))]);

    let ran = device.run(&["switch", "Warehouse1"]).assert_change(0, "confirmed");

    assert_eq!(server.grants(), "refresh_token");
    assert_eq!(ran.json["change"]["attempts"], 2);
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn a_token_that_is_over_by_the_clock_is_renewed_before_it_is_sent() {
    let server = renewing();
    server.set_up(|settings| settings.token_life_s = 0);
    let device = Device::signed_in(&server);
    server.set_up(|settings| settings.token_life_s = 28_800);

    device.run(&["sync"]).assert_code(0);

    assert_eq!((server.grants().as_str(), server.methods().as_str()), ("refresh_token", "GET"));
    let left = device.status()["token_expires_in_s"].as_u64().unwrap();
    assert!(left > 28_000, "{left}");
}

#[test]
fn each_refresh_token_is_used_once() {
    let server = renewing();
    let device = Device::signed_in(&server);

    for _ in 0..3 {
        server.control().expire_tokens();
        device.run(&["sync"]).assert_code(0);
    }

    assert_eq!(server.grants(), "refresh_token refresh_token refresh_token");
    let requests = server.control().requests();
    assert!(requests.iter().filter(|one| one.path == "/token").all(|one| one.status == 200));
}

#[test]
fn many_commands_at_once_renew_one_after_the_other_and_only_once() {
    let server = renewing();
    let device = Device::signed_in(&server);
    server.control().expire_tokens();

    let commands: Vec<_> = (0..4).map(|_| device.start(&["sync"])).collect();
    commands.into_iter().for_each(|command| drop(command.finish().assert_code(0)));

    assert_eq!(server.grants(), "refresh_token");
}

#[test]
fn a_stock_server_is_asked_once_and_then_the_user_signs_in_again() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.control().expire_tokens();

    device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");
    assert_eq!(server.grants(), "refresh_token");
    let sync = device.run(&["sync"]).assert_code(77);
    assert_eq!(
        (&sync.json["connection"], &sync.json["waiting"]),
        (&json!("sign_in_again"), &json!(1))
    );
    assert_eq!(server.grants(), "refresh_token");

    device.sign_in(HARALD, PASSWORD).assert_code(0);
    assert_eq!(server.active_of(HARALD), ["Warehouse1"], "what waited goes with the sign-in");
}

#[test]
fn a_renewal_that_fails_for_lack_of_network_is_offline_and_not_signed_out() {
    let server = renewing();
    let device = Device::signed_in(&server);
    device.tap_offline("Warehouse1");
    server.control().expire_tokens();
    server.go_wrong([on_token(FaultKind::CloseBefore {}.always())]);

    let sync = device.run(&["sync"]).assert_code(69);
    assert_eq!((&sync.json["connection"], &sync.json["waiting"]), (&json!("offline"), &json!(1)));
    assert_eq!(device.status()["connection"], "offline");

    server.recover();
    device.run(&["sync"]).assert_code(0);
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn a_server_in_trouble_does_not_sign_anybody_out() {
    let server = renewing();
    let device = Device::signed_in(&server);
    server.control().expire_tokens();
    server.go_wrong([on_token(FaultKind::Html { status: Some(503) }.times(1))]);

    let sync = device.run(&["sync"]).assert_code(75);
    assert_eq!(sync.json["connection"], "server_trouble");

    device.run(&["sync"]).assert_code(0);
    assert_eq!(device.status()["connection"], "online");
}

#[test]
fn a_process_that_dies_while_renewing_loses_no_refresh_token_that_the_server_still_takes() {
    let server = renewing();
    let device = Device::signed_in(&server);
    server.control().expire_tokens();
    server.go_wrong([on_list(FaultKind::Delay { millis: 20_000 }.times(2))]);
    // The new token was stored before it was used, and it is being used.
    let command = device.start(&["sync"]);
    crate::support::wait_until("the new token is used", || {
        server.recover();
        server.looks() >= 2
    });
    command.kill();
    server.control().clear_requests();

    device.run(&["sync"]).assert_code(0);

    assert_eq!(server.grants(), "");
}

#[test]
fn no_request_for_a_token_carries_another_one() {
    let server = renewing();
    let device = Device::signed_in(&server);
    server.control().expire_tokens();
    device.run(&["sync"]).assert_code(0);
    device.sign_in(HARALD, PASSWORD).assert_code(0);

    let requests = server.control().requests();
    let tokens: Vec<_> = requests.iter().filter(|one| one.path == "/token").collect();
    assert_eq!(tokens.len(), 2);
    assert!(tokens.iter().all(|request| request.headers.get("authorization").is_none()));
}

#[test]
fn somebody_else_who_signs_in_again_sees_their_own_and_what_waits_is_kept_for_its_owner() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.control().expire_tokens();
    device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");

    let ran = device.sign_in(MARTHA, PASSWORD).assert_code(0);

    assert_eq!(ran.json["profile"]["user_uuid"], json!(server.user(MARTHA)));
    assert_eq!(device.changes(), Vec::<serde_json::Value>::new());
    device.run(&["sync"]).assert_code(0);
    assert_eq!(server.patches(), 0, "nothing of Harald's goes with Martha's token");

    device.sign_in(HARALD, PASSWORD).assert_code(0);
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}
