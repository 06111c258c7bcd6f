//! `wareswitch config`: what is configured, what can't be used, and set-up codes.

use std::io::Write as _;
use std::path::Path;

use qrcode::QrCode;
use qrcode::render::{svg, unicode};
use ring::rand::SystemRandom;
use serde_json::{Map, Value};

use crate::cli::args::{ConfigAction, GlobalOptions};
use crate::cli::config::{CheckDocument, CodeDocument, KeyDocument, ShowDocument};
use crate::cli::run::{self, Outcome};
use crate::config::layers::FILE_BYTES_MAX;
use crate::config::set_up::{self, SetUpRefused};
use crate::config::set_up_key::SigningKey;
use crate::config::{Loaded, user_file};
use crate::error::{UserError, UserErrorKind, exit_code};
use crate::platform::durable_file;

use super::settings;

/// Runs one of its actions. Nothing here needs a data folder, or a configuration without problems.
pub(super) fn run(
    global: &GlobalOptions,
    loaded: &Loaded,
    action: Option<ConfigAction>,
) -> Result<u8, UserError> {
    let outcome = match action {
        None => Outcome::done(ShowDocument::new(loaded, false)),
        Some(ConfigAction::Show { origin }) => Outcome::done(ShowDocument::new(loaded, origin)),
        Some(ConfigAction::Check { file: None }) => check(loaded),
        Some(ConfigAction::Check { file: Some(file) }) => check(&settings::load_alone(&file)),
        Some(ConfigAction::Qr { settings, key, output }) => {
            set_up_code(global, settings.as_deref(), key.as_deref(), output.as_deref())?
        }
        Some(ConfigAction::Keygen { output }) => make_key(&output)?,
    };
    // Whoever stopped reading has seen enough.
    let _ = run::print(&outcome, global.json);
    Ok(outcome.exit_code)
}

fn check(loaded: &Loaded) -> Outcome {
    let is_usable = loaded.problems.is_empty();
    Outcome {
        document: CheckDocument::from(loaded).into(),
        exit_code: if is_usable { exit_code::DONE } else { exit_code::CONFIGURATION },
    }
}

fn set_up_code(
    global: &GlobalOptions,
    settings: Option<&Path>,
    key: Option<&Path>,
    output: Option<&Path>,
) -> Result<Outcome, UserError> {
    let mut wanted = match settings {
        Some(path) => user_file::settings_of(&read(path)?)
            .map_err(|error| UserError::configuration(format!("{}: {error}", path.display())))?,
        None => Map::new(),
    };
    if let Some(address) = &global.server_url {
        wanted.insert("server_url".into(), Value::from(address.as_str()));
    }
    if wanted.is_empty() {
        return Err(UserError::usage(
            "Name what the code sets: --settings FILE or --server-url URL.",
        ));
    }
    let key = key.map(read_key).transpose()?;
    let issued = jiff::Timestamp::now().as_second();
    let code = set_up::compose(wanted, issued, key.as_ref()).map_err(|refused| match refused {
        SetUpRefused::NotACode => UserError::configuration(format!(
            "These settings are more than a code holds, {} characters.",
            set_up::CODE_BYTES_MAX
        )),
        SetUpRefused::MoreThanTheAddress => UserError::usage(
            "A code that sets more than the address must be signed: name a key by --key FILE.",
        ),
        other => UserError::configuration(format!("No device would take it: {other}.")),
    })?;
    let picture = QrCode::new(&code)
        .map_err(|error| UserError::configuration(format!("No picture can be made: {error}.")))?;
    if let Some(path) = output {
        let svg = picture.render::<svg::Color<'_>>().min_dimensions(400, 400).build();
        durable_file::replace(path, svg.as_bytes()).map_err(|error| unwritten(path, &error))?;
    }
    let for_terminal = picture.render::<unicode::Dense1x2>().build();
    let is_signed = key.is_some();
    let file = output.map(|path| path.display().to_string());
    Ok(Outcome::done(CodeDocument { code, is_signed, file, picture: for_terminal }))
}

fn make_key(path: &Path) -> Result<Outcome, UserError> {
    let (key, pem) = SigningKey::generate(&SystemRandom::new())
        .ok_or_else(|| UserError::internal("No key could be made."))?;
    let mut options = std::fs::OpenOptions::new();
    // Never over another: a key that is lost can't sign again.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(pem.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| unwritten(path, &error))?;
    let (public_key, file) = (key.public().to_string(), path.display().to_string());
    Ok(Outcome::done(KeyDocument { public_key, file }))
}

fn unwritten(path: &Path, error: &std::io::Error) -> UserError {
    let place = path.display();
    UserError::new(UserErrorKind::StorageFailed, format!("{place} can't be written: {error}."))
}

fn read(path: &Path) -> Result<String, UserError> {
    let place = path.display();
    let unreadable = |reason: String| {
        UserError::configuration(format!("{place}: the file can't be read: {reason}."))
    };
    let bytes = durable_file::read_limited(path, FILE_BYTES_MAX)
        .map_err(|error| unreadable(error.to_string()))?
        .ok_or_else(|| unreadable("it does not exist".into()))?;
    String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8".into()))
}

fn read_key(path: &Path) -> Result<SigningKey, UserError> {
    let pem = zeroize::Zeroizing::new(read(path)?);
    SigningKey::parse(&pem).ok_or_else(|| {
        let place = path.display();
        UserError::configuration(format!("{place} holds no key that signs set-up codes."))
    })
}
