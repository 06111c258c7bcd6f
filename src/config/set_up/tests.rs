use ring::rand::SystemRandom;
use serde_json::json;

use super::*;

const ADDRESS: &str = r#"{"server_url":"https://glue.shop.example"}"#;

fn key() -> SigningKey {
    SigningKey::generate(&SystemRandom::new()).unwrap().0
}

/// A device that trusts these keys.
fn trusting(keys: &[&SigningKey]) -> Config {
    let mut config = Config::default();
    config.set_up_keys.value = keys.iter().map(|key| key.public()).collect();
    config
}

fn code_of(settings: &str, key: Option<&SigningKey>) -> String {
    compose(serde_json::from_str(settings).unwrap(), 1_764_061_200, key).unwrap()
}

/// A code as somebody writes it who checks nothing.
fn unchecked(content: &Value, key: Option<&SigningKey>) -> String {
    let content = content.to_string();
    let signature = key.map(|key| STANDARD.encode(key.sign(&signed_bytes(&content))));
    match signature {
        Some(signature) => {
            format!(r#"{{"wareswitch":1,"content":{content},"signature":"{signature}"}}"#)
        }
        None => format!(r#"{{"wareswitch":1,"content":{content}}}"#),
    }
}

#[test]
fn a_code_that_nobody_signed_sets_the_address_and_nothing_else() {
    let set_up = read(&code_of(ADDRESS, None), &Config::default()).unwrap();

    assert_eq!(set_up.server, Some(ServerOrigin::parse("https://glue.shop.example").unwrap()));
    assert!(!set_up.is_signed());
    let more =
        json!({ "issued": 0, "settings": { "server_url": "https://a.example", "pin": "off" } });
    assert_eq!(
        read(&unchecked(&more, None), &Config::default()),
        Err(SetUpRefused::MoreThanTheAddress)
    );
}

#[test]
fn a_code_that_it_signed_sets_everything() {
    let own = key();
    let settings = r#"{"server_url":"https://a.example","scan.gap":"40ms","kiosk":true,
        "scan.terminators":["Tab"],"aliases":{"A":"834b3731-02d4-5d6f-9a61-d63ae5e70517"}}"#;

    let set_up = read(&code_of(settings, Some(&own)), &trusting(&[&key(), &own])).unwrap();

    assert_eq!(set_up.issued, Some(1_764_061_200));
    assert_eq!(set_up.settings.len(), 5);
}

#[test]
fn a_stranger_can_not_set_up_a_device_that_knows_its_own() {
    let (own, stranger) = (key(), key());
    let device = trusting(&[&own]);

    assert_eq!(read(&code_of(ADDRESS, Some(&stranger)), &device), Err(SetUpRefused::Stranger));
    assert_eq!(read(&code_of(ADDRESS, None), &device), Err(SetUpRefused::NotSigned));
    let changed = code_of(ADDRESS, Some(&own)).replace("glue.shop", "evil.shop");
    assert_eq!(read(&changed, &device), Err(SetUpRefused::Stranger));
    let resigned = code_of(ADDRESS, Some(&own));
    let resigned = resigned.replace("\"signature\":\"", "\"signature\":\"AAAA");
    assert_eq!(read(&resigned, &device), Err(SetUpRefused::Stranger));
}

#[test]
fn a_signature_for_another_purpose_is_none() {
    let own = key();
    let content = r#"{"issued":1,"settings":{"server_url":"https://a.example"}}"#;
    let signature = STANDARD.encode(own.sign(content.as_bytes()));
    let code = format!(r#"{{"wareswitch":1,"content":{content},"signature":"{signature}"}}"#);

    assert_eq!(read(&code, &trusting(&[&own])), Err(SetUpRefused::Stranger));
}

#[test]
fn a_code_with_secrets_unknown_keys_or_what_only_it_may_say_is_refused_even_if_signed() {
    let own = key();
    let device = trusting(&[&own]);
    for (settings, refused) in [
        (json!({ "password": "hunter2" }), SetUpRefused::NotASetting("password".into())),
        (
            json!({ "server_url": "https://a.example", "token": "x" }),
            SetUpRefused::NotASetting("token".into()),
        ),
        (
            json!({ "cleartext_hosts": ["a.example"] }),
            SetUpRefused::KeyOfIt("cleartext_hosts".into()),
        ),
        (json!({ "set_up_keys": [] }), SetUpRefused::KeyOfIt("set_up_keys".into())),
        (json!({}), SetUpRefused::NotACode),
    ] {
        let code = unchecked(&json!({ "issued": 1, "settings": settings }), Some(&own));
        let read = read(&code, &device);

        assert_eq!(read, Err(refused));
        assert!(!read.unwrap_err().to_string().contains("hunter2"));
    }
}

#[test]
fn a_value_that_can_not_be_used_is_told_without_repeating_it() {
    for address in ["http://glue.shop.example", "https://user:hunter2@a.example", "rubbish", ""] {
        let content = json!({ "issued": 1, "settings": { "server_url": address } });
        let refused = read(&unchecked(&content, None), &Config::default()).unwrap_err();

        assert!(matches!(&refused, SetUpRefused::Value { .. }), "{refused:?}");
        assert!(!refused.to_string().contains("hunter2"));
    }
}

#[test]
fn whatever_is_no_code_is_refused() {
    let padded = format!("{}{}", code_of(ADDRESS, None), " ".repeat(CODE_BYTES_MAX));
    let deep = format!(r#"{{"wareswitch":1,"content":{}"#, "[".repeat(1500));
    for text in [
        "",
        "{}",
        "[1]",
        "4006381333931",
        "https://evil.example",
        "{\"wareswitch\":1}",
        r#"{"wareswitch":1,"content":{"issued":1,"settings":{"server_url":"https://a.example"}},"x":1}"#,
        r#"{"wareswitch":1,"content":{"issued":1,"more":2,"settings":{}}}"#,
        r#"{"wareswitch":1,"wareswitch":1,"content":{}}"#,
        r#"{"wareswitch":"1","content":{}}"#,
        r#"{"wareswitch":-1,"content":{}}"#,
        &padded,
        &deep,
        "\0",
    ] {
        assert_eq!(read(text, &Config::default()), Err(SetUpRefused::NotACode), "{text}");
    }
    let newer = r#"{"wareswitch":2,"anything":"else"}"#;
    assert_eq!(read(newer, &Config::default()), Err(SetUpRefused::Newer));
    assert!(looks_like_code(newer) && looks_like_code(" {\n\"wareswitch\" : 1}"));
    assert!(!looks_like_code("wareswitch:834b3731-02d4-5d6f-9a61-d63ae5e70517"));
}

#[test]
fn a_key_survives_being_written_down() {
    let (key, pem) = SigningKey::generate(&SystemRandom::new()).unwrap();

    let again = SigningKey::parse(&pem).unwrap();

    assert_eq!(again.public(), key.public());
    assert_eq!(SetUpKey::parse(&key.public().to_string()), Some(key.public()));
    assert!(SigningKey::parse("-----BEGIN PRIVATE KEY-----\nrubbish\n").is_none());
}
