//! Wareswitch: an offline-first app that lets a warehouse worker choose where they work.
//!
//! A tap is written to SQLite before it is shown as accepted, and reaches the Glue backend when
//! there is a network. The map of the modules, and which may import which (`tests/core/imports.rs`
//! holds the rule):
//!
//! | module | is | may import |
//! |---|---|---|
//! | [`domain`] | the rules; pure | nothing |
//! | [`scanner`] | what a code means; pure | nothing |
//! | [`error`] | failures as people are told of them | nothing |
//! | [`clock`] | the one door to the clocks | domain |
//! | [`config`] | settings in layers | domain, scanner, error |
//! | [`glue`] | the client of the Glue backend | domain, clock |
//! | [`store`] | SQLite | domain, clock |
//! | [`session`] | tokens, signing in | domain, glue, store, clock |
//! | [`sync`] | the engine | domain, glue, store, session, clock |
//! | [`app`] | the use cases | all above |
//! | [`platform`] | the device, behind traits of app, session and sync | those traits |
//! | `gui` | the window; the only one that names Slint | app, domain, config, error |
//! | [`cli`] | the command line | app, domain, config, error |
//! | `sandbox` | a Glue server in miniature | nothing but ids |
//! | `demo` | the app on its built-in server | app, gui, sandbox, domain |
//! | [`launch`] | puts the parts together | anything |

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
#[cfg(feature = "sandbox")]
pub mod demo;
pub mod domain;
pub mod error;
pub mod glue;
#[cfg(feature = "gui")]
pub mod gui;
pub mod launch;
pub mod platform;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod scanner;
pub mod session;
pub mod store;
pub mod sync;

/// Where Android starts the app.
#[cfg(all(target_os = "android", feature = "gui"))]
#[expect(unsafe_code, reason = "the system finds the function by its bare name")]
// SAFETY: nothing else in the process has this name.
#[unsafe(no_mangle)]
fn android_main(app: slint::android::AndroidApp) {
    let data_dir = app.internal_data_path();
    if let Err(error) = slint::android::init(app) {
        tracing::error!(%error, "there is nothing to draw on");
        return;
    }
    launch::android::open(data_dir);
}
