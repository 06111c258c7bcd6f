use std::path::Path;

use super::*;

fn of_file(layer: Layer, text: &str) -> Loaded {
    let mut layers = Layers::default();
    layers.add_file(layer, Path::new("config.toml"), text);
    load(layers)
}

fn origin(text: &str) -> Option<ServerOrigin> {
    Some(ServerOrigin::parse(text).unwrap())
}

#[test]
fn the_strongest_layer_wins_whatever_the_order_of_reading() {
    let mut layers = Layers::default();
    layers.add_option("server_url", "--server-url", "https://option.example".into());
    layers.add_environment(|name| {
        (name == "WARESWITCH_SERVER_URL").then(|| "https://variable.example".into())
    });
    layers.add_file(Layer::User, Path::new("u"), "server_url = 'https://user.example'");
    layers.add_file(Layer::System, Path::new("s"), "server_url = 'https://system.example'");
    assert_eq!(load(layers.clone()).config.server_url.value, origin("https://option.example"));

    layers.add_file(Layer::Policy, Path::new("p"), "server_url = 'https://policy.example'");
    let config = load(layers).config;

    assert_eq!(config.server_url.value, origin("https://policy.example"));
    assert!(config.server_url.is_locked());
}

#[test]
fn every_key_is_read() {
    let text = r#"
server_url = "https://glue.example"
ca_file = "/etc/ssl/own.pem"
on_conflict = "mine"
stale_after = "4h"
late_effect = "2m"
sync_spread = "30s"
list_max_age = "5m"
language = "de"
theme = "sunlight"
log_level = "debug"
[aliases]
"A-17" = "834b3731-02d4-5d6f-9a61-d63ae5e70517"
"#;
    let Loaded { config, problems, warnings } = of_file(Layer::User, text);

    assert_eq!((problems, warnings), (Vec::new(), Vec::new()));
    assert_eq!(config.on_conflict.value, OnConflict::Mine);
    assert_eq!(config.stale_after.value, Duration::from_secs(4 * 3600));
    assert_eq!(config.late_effect.value, Duration::from_secs(120));
    assert_eq!(config.sync_spread.value, Duration::from_secs(30));
    assert_eq!(config.list_max_age.value, Duration::from_secs(300));
    assert_eq!(config.language.value.as_deref(), Some("de"));
    assert_eq!(config.theme.value, Theme::Sunlight);
    assert_eq!(config.log_level.value, LogLevel::Debug);
    assert_eq!(config.ca_file.value, Some("/etc/ssl/own.pem".into()));
    assert!(config.aliases.value.contains_key("A-17"));
}

#[test]
fn a_bad_value_is_told_with_its_line_and_what_is_allowed_and_counts_as_absent() {
    let loaded = of_file(Layer::User, "theme = 'dark'\nstale_after = 'soon'\n");

    assert_eq!(loaded.config.stale_after.value, Duration::from_secs(8 * 3600));
    assert_eq!(loaded.problems[0].place, "config.toml, line 2");
    assert!(loaded.problems[0].reason.contains("\"90s\""), "{}", loaded.problems[0]);
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
fn a_new_address_replaces_the_old_line_and_nothing_else() {
    let text = "# ours\nserver_url = 'https://old.example' # old\n[aliases]\nserver_url = 'x'\n";
    let new = ServerOrigin::parse("https://new.example").unwrap();

    let changed = user_file::with_server_url(text, &new);

    assert_eq!(
        changed,
        "# ours\nserver_url = \"https://new.example\"\n[aliases]\nserver_url = 'x'\n"
    );
    assert_eq!(user_file::with_server_url("", &new), "server_url = \"https://new.example\"\n");
    assert_eq!(of_file(Layer::User, &changed).config.server_url.value, Some(new));
}
