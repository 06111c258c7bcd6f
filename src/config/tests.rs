use crate::scanner::keyboard_wedge::Terminator;
use std::path::Path;
use std::time::Duration;

use super::value::{LogLevel, PinRule, SecretStoreChoice, Theme};
use super::*;

fn of_file(layer: Layer, text: &str) -> Loaded {
    let mut layers = Layers::default();
    layers.add_file(layer, Path::new("config.toml"), text);
    load(layers)
}

fn origin(text: &str) -> Option<ServerOrigin> {
    Some(ServerOrigin::parse(text).unwrap())
}

fn variable(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn the_strongest_layer_wins_whatever_the_order_of_reading() {
    let mut layers = Layers::default();
    layers.add_option("server_url", "--server-url", "https://option.example".into());
    layers.add_environment([variable("WARESWITCH_SERVER_URL", "https://variable.example")]);
    layers.add_file(Layer::User, Path::new("u"), "server_url = 'https://user.example'");
    layers.add_file(Layer::System, Path::new("s"), "server_url = 'https://system.example'");
    assert_eq!(load(layers.clone()).config.server_url.value, origin("https://option.example"));

    layers.add_file(Layer::Policy, Path::new("p"), "server_url = 'https://policy.example'");
    let config = load(layers).config;

    assert_eq!(config.server_url.value, origin("https://policy.example"));
    assert!(config.server_url.is_locked());
}

/// A file with every key, none of them at its default.
const EVERY_KEY: &str = r#"
server_url = "http://glue.example"
ca_file = "/etc/ssl/own.pem"
cleartext_hosts = ["glue.example"]
set_up_keys = ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]
on_conflict = "mine"
stale_after = "4h"
late_effect = "2m"
sync_spread = "30s"
list_max_age = "5m"
idle_lock = "off"
pin = "required"
secret_store = "file"
language = "de"
theme = "sunlight"
text_scale = 1.3
sound = 0
kiosk = true
keypad = "on"
log_level = "debug"
support_text = "Call 4711"
[scan]
gap = "40ms"
min_length = 6
max_length = 1024
prefix = "~"
terminators = ["Tab"]
intent_action = "acme.SCAN"
intent_extra = "acme.code"
[aliases]
"A-17" = "834b3731-02d4-5d6f-9a61-d63ae5e70517"
"#;

#[test]
fn every_key_is_read() {
    let Loaded { config, problems, warnings } = of_file(Layer::System, EVERY_KEY);

    assert_eq!((problems, warnings), (Vec::new(), Vec::new()));
    let values: Vec<_> = config.shown().into_iter().map(|shown| shown.value).collect();
    let expected = serde_json::json!([
        "http://glue.example", "/etc/ssl/own.pem", ["glue.example"],
        ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="], "mine", "4h", "2m", "30s", "5m", "off",
        "required", "file", "de", "sunlight", 1.3, 0, "40ms", 6, 1024, "~", ["Tab"], "acme.SCAN",
        "acme.code", { "A-17": "834b3731-02d4-5d6f-9a61-d63ae5e70517" }, true, "on", "debug",
        "Call 4711",
    ]);
    assert_eq!(serde_json::Value::from(values), expected);
    assert_eq!(config.idle_lock.value, None);
    assert_eq!(config.pin.value, PinRule::Required);
    assert_eq!(config.secret_store.value, SecretStoreChoice::File);
    assert_eq!(config.scan_terminators.value, [Terminator::Tab]);
    assert_eq!(config.log_level.value, LogLevel::Debug);
}

#[test]
fn every_key_that_is_shown_can_be_written_into_a_file_again() {
    let config = of_file(Layer::System, EVERY_KEY).config;
    let mut again = Layers::default();
    for shown in config.shown() {
        assert_eq!(shown.layer, Layer::System, "{} is left out above", shown.key);
        assert!(shown.place.starts_with("config.toml, line "), "{shown:?}");
        let text = format!("{} = {}", shown.key, toml_value(&shown.value));
        again.add_file(Layer::System, Path::new(shown.key), &text);
    }

    let Loaded { config: read, problems, warnings } = load(again);

    assert_eq!((problems, warnings), (Vec::new(), Vec::new()));
    let values = |config: &Config| {
        config.shown().into_iter().map(|shown| (shown.key, shown.value)).collect::<Vec<_>>()
    };
    assert_eq!(values(&read), values(&config));
    assert_eq!(read.shown().len(), KEYS.len());
}

/// A JSON value in TOML.
fn toml_value(value: &serde_json::Value) -> String {
    match value.as_object() {
        Some(table) => {
            let members = table.iter().map(|(key, value)| format!("\"{key}\" = {value}"));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        None => value.to_string(),
    }
}

#[test]
fn every_key_has_a_variable() {
    let aliases = "A-17=834b3731-02d4-5d6f-9a61-d63ae5e70517";
    let Loaded { config, problems, warnings } = {
        let mut layers = Layers::default();
        layers.add_environment([
            variable("WARESWITCH_SCAN_TERMINATORS", "cr, Tab"),
            variable("WARESWITCH_SCAN_GAP", "80ms"),
            variable("WARESWITCH_TEXT_SCALE", "2"),
            variable("WARESWITCH_KIOSK", "true"),
            variable("WARESWITCH_ALIASES", aliases),
            variable("WARESWITCH_DATA_DIR", "/data"),
            variable("PATH", "/bin"),
        ]);
        load(layers)
    };

    assert_eq!((problems, warnings), (Vec::new(), Vec::new()));
    assert_eq!(config.scan_terminators.value, [Terminator::Cr, Terminator::Tab]);
    assert_eq!(config.scan_gap.place, "WARESWITCH_SCAN_GAP");
    assert_eq!(config.text_scale.value.percent(), 200);
    assert!(config.kiosk.value);
    assert!(config.aliases.value.contains_key("A-17"));
}

#[test]
fn an_unknown_variable_is_a_warning_with_the_nearest_name() {
    let mut layers = Layers::default();
    layers.add_environment([variable("WARESWITCH_SERVR_URL", "secret"), variable("WARE", "x")]);

    let warnings = load(layers).warnings;

    assert_eq!(
        warnings,
        ["the variable WARESWITCH_SERVR_URL is not known; is WARESWITCH_SERVER_URL meant?"]
    );
}

#[test]
fn each_value_out_of_its_bounds_is_refused_and_the_default_holds() {
    let long = "x".repeat(600);
    for line in [
        "on_conflict = 'perhaps'",
        "stale_after = '8'",
        "stale_after = '9000h'",
        "stale_after = '99999999999999999999h'",
        "late_effect = 90",
        "idle_lock = '0s'",
        "pin = true",
        "secret_store = 'database'",
        "language = 'tlh'",
        "theme = ''",
        "text_scale = 0.9",
        "text_scale = 2.01",
        "text_scale = 'nan'",
        "text_scale = 1e0",
        "sound = 101",
        "sound = -1",
        "scan.gap = '2s'",
        "scan.min_length = 0",
        "scan.max_length = 5000",
        "scan.max_length = 2",
        "scan.prefix = 'more than sixteen characters'",
        "scan.terminators = ['Space']",
        "scan.terminators = []",
        "kiosk = 'yes'",
        "kiosk = 1979-05-27",
        "log_level = ['info']",
        "aliases = { A = 'no uuid' }",
        "aliases = 5",
        "cleartext_hosts = ['*.example']",
        "cleartext_hosts = ['http://glue.example']",
        "set_up_keys = ['short']",
        &format!("support_text = '{long}'"),
    ] {
        let loaded = of_file(Layer::System, line);

        assert_eq!(loaded.problems.len(), 1, "{line}: {loaded:?}");
        assert_eq!(loaded.config, Config::default(), "{line}");
        let told = loaded.problems[0].to_string();
        assert!(told.starts_with("config.toml, line 1: "), "{told}");
        assert!(told.len() < 300 && !told.contains('\n'), "{told}");
    }
}

#[test]
fn what_only_it_may_say_is_refused_from_anybody_else() {
    let text = "cleartext_hosts = ['a']\nset_up_keys = []";
    for layer in [Layer::User, Layer::Environment, Layer::CommandLine] {
        assert_eq!(of_file(layer, text).problems.len(), 2, "{layer:?}");
    }
    for layer in [Layer::System, Layer::Policy] {
        assert_eq!(of_file(layer, text).problems, Vec::new(), "{layer:?}");
    }
}

#[test]
fn hostile_files_are_told_in_a_few_lines_whatever_they_hold() {
    let deep_array = format!("a = {}", "[".repeat(100_000));
    let closed = format!("a = {}{}", "[".repeat(50_000), "]".repeat(50_000));
    let deep_table = format!("a = {}", "{a=".repeat(100_000));
    let dotted = format!("{} = 1", vec!["a"; 50_000].join("."));
    let many_keys: String = (0..50_000).map(|number| format!("key{number} = 1\n")).collect();
    let long_key = format!("{} = 1", "k".repeat(1_000_000));
    let steering = "\"\\u001b[31mon_conflict\" = 1".to_owned();
    for text in [
        deep_array,
        closed,
        deep_table,
        dotted,
        many_keys,
        long_key,
        steering,
        "a = 1\0".into(),
        "\0".repeat(1000),
        "= = =".into(),
    ] {
        let Loaded { config, problems, warnings } = of_file(Layer::User, &text);

        assert_eq!(config, Config::default());
        assert!(!problems.is_empty() || !warnings.is_empty());
        let told = problems.iter().map(ToString::to_string).chain(warnings);
        for line in told.clone() {
            assert!(line.len() < 300 && !line.contains(char::is_control), "{line:?}");
        }
        assert!(told.count() <= 21);
    }
}

#[test]
fn a_mark_at_the_beginning_and_the_line_ends_of_other_systems_do_no_harm() {
    let loaded = of_file(Layer::User, "\u{feff}# ours\r\ntheme = 'dark'\r\n");

    assert_eq!((loaded.problems, loaded.warnings), (Vec::new(), Vec::new()));
    assert_eq!(loaded.config.theme.value, Theme::Dark);
}

#[test]
fn an_address_that_may_hold_a_password_is_not_repeated() {
    let loaded = of_file(Layer::User, "server_url = 'https://user:hunter2@glue.example'");

    assert!(!loaded.problems[0].to_string().contains("hunter2"));
    let other = of_file(Layer::User, "theme = 'hunter2'");
    assert!(other.problems[0].to_string().contains("hunter2"), "whoever wrote it sees it");
    assert!(!other.problems[0].without_value().to_string().contains("hunter2"), "a log does not");
}

#[test]
fn a_bad_address_is_not_replaced_by_that_of_a_weaker_layer() {
    let mut layers = Layers::default();
    layers.add_file(Layer::System, Path::new("s"), "server_url = 'https://system.example'");
    layers.add_file(Layer::User, Path::new("u"), "server_url = 'https//typo.example'");

    let config = load(layers).config;

    assert_eq!(config.server_url.value, None);
    assert!(config.unusable_server.is_some());
}

#[test]
fn a_bad_value_is_told_with_its_line_and_what_is_allowed_and_counts_as_absent() {
    let loaded = of_file(Layer::User, "theme = 'dark'\nstale_after = 'soon'\n");

    assert_eq!(loaded.config.stale_after.value, Duration::from_secs(8 * 3600));
    assert_eq!(loaded.problems[0].place, "config.toml, line 2");
    let told = loaded.problems[0].to_string();
    assert!(told.contains("stale_after can't be 'soon'") && told.contains("\"90s\""), "{told}");
}

#[test]
fn a_file_that_is_no_toml_is_one_problem_and_the_rest_holds() {
    let loaded = of_file(Layer::User, "theme = 'dark'\nserver_url = \n");

    assert_eq!(loaded.problems.len(), 1);
    assert_eq!(loaded.problems[0].place, "config.toml, line 2");
    assert_eq!(loaded.config, Config::default());
}

#[test]
fn an_unknown_key_is_a_warning_with_the_nearest_name() {
    let loaded = of_file(Layer::User, "servr_url = 'https://glue.example'");

    assert_eq!(loaded.problems, Vec::new());
    assert!(loaded.warnings[0].contains("is 'server_url' meant?"), "{:?}", loaded.warnings);
}

#[test]
fn a_cleartext_address_is_refused_unless_it_is_this_machine_or_it_named_the_host() {
    let refused = of_file(Layer::User, "server_url = 'http://glue.example'");
    assert_eq!(refused.config.server_url.value, None);
    assert!(refused.config.unusable_server.is_some());
    assert!(refused.problems[0].reason.contains("use https://"));

    let loopback = of_file(Layer::User, "server_url = 'http://127.0.0.1:8080'");
    assert_eq!(loopback.problems, Vec::new());

    let both = "server_url = 'http://glue.example'\ncleartext_hosts = ['glue.example']";
    assert_eq!(of_file(Layer::System, both).config.server_url.value, origin("http://glue.example"));
    assert_eq!(of_file(Layer::User, both).problems.len(), 2);
}

#[test]
fn a_stronger_layer_can_mend_a_bad_address() {
    let mut layers = Layers::default();
    layers.add_file(Layer::User, Path::new("u"), "server_url = 'rubbish'");
    layers.add_option("server_url", "--server-url", "https://glue.example".into());

    let config = load(layers).config;

    assert_eq!(config.server_url.value, origin("https://glue.example"));
    assert_eq!(config.unusable_server, None);
}

#[test]
fn new_settings_replace_the_old_ones_and_nothing_else() {
    let text =
        "# ours\nserver_url = 'https://old.example'\nscan = 5\n[aliases]\nserver_url = 'x'\n";
    let settings = [
        ("server_url".to_owned(), "https://new.example".into()),
        ("scan.gap".to_owned(), "40ms".into()),
        ("scan.terminators".to_owned(), serde_json::json!(["Tab"])),
        ("text_scale".to_owned(), 1.5.into()),
    ];

    let changed = user_file::with_settings(text, &settings).unwrap();

    assert!(changed.starts_with("# ours\nserver_url = \"https://new.example\"\n"), "{changed}");
    assert!(changed.contains("[aliases]\nserver_url = 'x'\n"), "{changed}");
    let config = of_file(Layer::User, &changed.replace("server_url = 'x'", "")).config;
    assert_eq!(config.server_url.value, origin("https://new.example"));
    assert_eq!(config.scan_gap.value, Duration::from_millis(40));
    assert_eq!(config.scan_terminators.value, [Terminator::Tab]);
    assert_eq!(config.text_scale.value.percent(), 150);
    assert_eq!(
        user_file::with_settings("", &settings[..1]).unwrap(),
        "server_url = \"https://new.example\"\n"
    );
    assert!(user_file::with_settings("= =", &settings).is_err());
}
