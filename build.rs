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
    let is_test_build = std::env::var("PROFILE").is_ok_and(|profile| profile == "debug");
    let translations = if is_test_build { longer_language::beside_the_others() } else { None };
    println!("cargo::rerun-if-changed=ui");
    println!("cargo::rerun-if-changed=assets/fonts");
    let configuration = slint_build::CompilerConfiguration::new()
        .with_style("fluent-light".into())
        .with_bundled_translations(translations.unwrap_or_else(|| "ui/i18n".into()))
        // A text means the same wherever it stands, so it is translated once.
        .with_default_translation_context(slint_build::DefaultTranslationContext::None)
        // Tests find elements by it; a release has no use for it.
        .with_debug_info(is_test_build);
    if let Err(error) = slint_build::compile_with_config("ui/app-window.slint", configuration) {
        println!("cargo::error={error}");
    }
}

/// A language that no release has: English, a third longer. Whatever has room for it has room for
/// translations to come.
#[cfg(feature = "gui")]
mod longer_language {
    use std::path::{Path, PathBuf};
    use std::{fs, io};

    /// The folder of all translations, with this one; `None` if it can't be made.
    pub(super) fn beside_the_others() -> Option<PathBuf> {
        let folder = PathBuf::from(std::env::var_os("OUT_DIR")?).join("i18n");
        make(Path::new("ui/i18n"), &folder).ok().map(|()| folder)
    }

    fn make(from: &Path, to: &Path) -> io::Result<()> {
        let file = "LC_MESSAGES/wareswitch.po";
        for entry in fs::read_dir(from)? {
            let name = entry?.file_name();
            fs::create_dir_all(to.join(&name).join("LC_MESSAGES"))?;
            fs::copy(from.join(&name).join(file), to.join(&name).join(file))?;
        }
        let german = fs::read_to_string(from.join("de").join(file))?;
        fs::create_dir_all(to.join("qps/LC_MESSAGES"))?;
        fs::write(to.join("qps").join(file), catalogue(&german))
    }

    /// The same texts, each translated by itself.
    fn catalogue(other: &str) -> String {
        let (mut id, mut plural, mut made) = ("", "", String::new());
        for line in other.lines() {
            let quoted = line.split_once('"').map_or("", |(_, rest)| rest.trim_end_matches('"'));
            if line.starts_with("msgid ") {
                id = quoted;
            } else if line.starts_with("msgid_plural ") {
                plural = quoted;
            }
            let start = line.split('"').next().unwrap_or_default();
            match start.trim_end() {
                "msgstr" | "msgstr[0]" => made += &format!("{start}\"{}\"", longer(id)),
                "msgstr[1]" => made += &format!("{start}\"{}\"", longer(plural)),
                _ => made += line,
            }
            made.push('\n');
        }
        made
    }

    fn longer(text: &str) -> String {
        let (mut longer, mut is_placeholder) = (String::new(), false);
        for letter in text.chars() {
            is_placeholder = letter == '{' || is_placeholder && letter != '}';
            longer.push(letter);
            if !is_placeholder && "aeiounyAEIOUNY".contains(letter) {
                longer.extend(letter.to_lowercase());
            }
        }
        longer
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
    let all = [("GUI", "gui"), ("KIOSK", "kiosk"), ("SANDBOX", "sandbox"), ("UI_TEST", "ui-test")];
    let features: Vec<&str> = all
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
