//! What the program says of itself.

use wareswitch::config::KEYS;
use wareswitch::error::UserErrorKind;

use crate::support::Device;

fn told(arguments: &[&str]) -> String {
    let output = Device::without_server().run_plainly(arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_version_names_commit_and_features() {
    let version = told(&["--version"]);

    let expected = concat!("wareswitch ", env!("CARGO_PKG_VERSION"), " (commit ");
    assert!(version.starts_with(expected), "{version}");
    assert!(version.contains("features: ") && version.contains("sandbox"), "{version}");
}

#[test]
fn help_teaches_by_examples_and_exit_codes() {
    let help = told(&["--help"]);
    for part in ["Examples:", "support-bundle", "Exit codes:", "75 recorded, not there yet"] {
        assert!(help.contains(part), "{part} is missing in:\n{help}");
    }
    assert!(!help.contains('\u{1b}'), "no colours for a file");
    assert!(told(&["config", "--help"]).contains("config keygen --output"));
}

#[test]
fn every_shell_gets_completions_and_every_command_a_manual_page() {
    for shell in ["bash", "zsh", "fish"] {
        let completions = told(&["completions", shell]);
        assert!(completions.contains("sign-in") && completions.contains("support-bundle"));
    }
    assert!(told(&["man"]).contains(".TH"));

    let device = Device::without_server();
    assert!(device.run_plainly(&["man", "--output", "pages"]).status.success());
    for page in ["wareswitch.1", "wareswitch-switch.1", "wareswitch-config-show.1"] {
        assert!(device.home().join("pages").join(page).exists(), "{page}");
    }
}

#[test]
fn the_guide_for_administrators_has_every_key_code_and_sentence() {
    let guide = include_str!("../../../assets/docs/admin.md");
    for key in KEYS {
        assert!(guide.contains(&format!("`{key}`")), "{key}");
    }
    for kind in UserErrorKind::ALL {
        let (name, code, sentence) = (kind.as_str(), kind.exit_code(), kind.sentence());
        let row = format!("| `{name}` | {code} | {sentence} |");
        assert!(guide.contains(&row), "{row}");
        assert!(guide.contains(&format!("\n| {code} | ")), "{code}");
    }
}
