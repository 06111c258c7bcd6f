//! Compiles the window, if there is one, and writes down what is built.

use std::process::Command;

fn main() {
    describe_build();
    pack_relocations();
    #[cfg(feature = "gui")]
    compile_window();
}

/// Has the addresses in the program that are known only at its start written down in a twentieth of
/// the room. Needs glibc 2.36, which is that of Debian 12; linkers that don't know it only warn.
fn pack_relocations() {
    let is_set_to = |name: &str, wanted| std::env::var(name).is_ok_and(|value| value == wanted);
    if is_set_to("CARGO_CFG_TARGET_OS", "linux") && is_set_to("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Compiles the `.slint` files with their translations.
#[cfg(feature = "gui")]
fn compile_window() {
    println!("cargo::rerun-if-changed=ui");
    println!("cargo::rerun-if-changed=assets/fonts");
    let configuration = slint_build::CompilerConfiguration::new()
        .with_style("fluent-light".into())
        .with_bundled_translations("ui/i18n")
        // A text means the same wherever it stands, so it is translated once.
        .with_default_translation_context(slint_build::DefaultTranslationContext::None)
        // Tests find elements by it; a release has no use for it.
        .with_debug_info(std::env::var("PROFILE").is_ok_and(|profile| profile == "debug"));
    if let Err(error) = slint_build::compile_with_config("ui/app-window.slint", configuration) {
        println!("cargo::error={error}");
    }
}

/// Tells the program its commit and features, for `--version`. Works without git: a package sets
/// `WARESWITCH_COMMIT`.
fn describe_build() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=WARESWITCH_COMMIT");
    println!("cargo::rerun-if-env-changed=WARESWITCH_SET_UP_KEYS");
    for name in ["HEAD", "packed-refs"].map(str::to_owned).into_iter().chain(branch()) {
        let path = git(&["rev-parse", "--git-path", &name]);
        // A path that does not exist would have everything built anew each time.
        if let Some(path) = path.filter(|path| std::path::Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let commit = std::env::var("WARESWITCH_COMMIT").ok().filter(|commit| !commit.is_empty());
    let commit = commit.or_else(|| git(&["rev-parse", "--short=10", "HEAD"]));
    let features: Vec<&str> = [("GUI", "gui"), ("SANDBOX", "sandbox"), ("UI_TEST", "ui-test")]
        .into_iter()
        .filter(|(name, _)| std::env::var_os(format!("CARGO_FEATURE_{name}")).is_some())
        .map(|(_, feature)| feature)
        .collect();
    let features = if features.is_empty() { "none".to_owned() } else { features.join(", ") };
    let commit = commit.as_deref().unwrap_or("unknown");
    println!("cargo::rustc-env=BUILD_OF_WARESWITCH=commit {commit}, features: {features}");
}

/// The full name of the branch that is checked out, if one is.
fn branch() -> Option<String> {
    git(&["symbolic-ref", "--quiet", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    // A source package inside somebody else's repository is not of that repository.
    if !std::path::Path::new(".git").exists() {
        return None;
    }
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| output.status.success() && !text.is_empty())
}
