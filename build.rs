//! Compiles the window, if there is one.

fn main() {
    #[cfg(feature = "gui")]
    compile_window();
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
