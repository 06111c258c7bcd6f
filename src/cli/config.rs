//! What is configured, as IT asks for it.

use std::fmt::Write as _;

use serde::Serialize;

use super::text::Tell;
use crate::config::layers::Layer;
use crate::config::{Loaded, Problem, Shown};

/// The longest scan that a device takes unless it is set otherwise, in characters.
const SCAN_LENGTH_DEFAULT: usize = 512;

/// `config show`.
#[derive(Debug, Serialize)]
pub struct ShowDocument {
    settings: Vec<SettingDocument>,
    problems: Vec<ProblemDocument>,
    warnings: Vec<String>,
    #[serde(skip)]
    tells_origin: bool,
}

#[derive(Debug, Serialize)]
struct SettingDocument {
    key: &'static str,
    value: serde_json::Value,
    origin: &'static str,
    place: Option<String>,
    locked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct ProblemDocument {
    place: String,
    message: String,
}

impl From<&Problem> for ProblemDocument {
    fn from(problem: &Problem) -> Self {
        Self { place: problem.place.clone(), message: problem.to_string() }
    }
}

impl ShowDocument {
    /// Tells what was read; `tells_origin` is for people, scripts always hear it.
    pub fn new(loaded: &Loaded, tells_origin: bool) -> Self {
        let server = loaded.config.server_url.value.as_ref();
        let is_cleartext = server.is_some_and(crate::domain::ids::ServerOrigin::is_cleartext);
        let setting = |shown: Shown| SettingDocument {
            remark: (shown.key == "server_url" && is_cleartext).then_some("not protected"),
            key: shown.key,
            value: shown.value,
            origin: shown.layer.as_str(),
            place: Some(shown.place).filter(|place| !place.is_empty()),
            locked: shown.layer == Layer::Policy,
        };
        Self {
            settings: loaded.config.shown().into_iter().map(setting).collect(),
            problems: loaded.problems.iter().map(ProblemDocument::from).collect(),
            warnings: loaded.warnings.clone(),
            tells_origin,
        }
    }
}

impl Tell for ShowDocument {
    fn text(&self) -> String {
        let mut text = String::new();
        for setting in &self.settings {
            let value = match &setting.value {
                serde_json::Value::Null => "none".to_owned(),
                value => value.to_string(),
            };
            let _ = write!(text, "{} = {value}", setting.key);
            if let Some(remark) = setting.remark {
                let _ = write!(text, " ({remark})");
            }
            if self.tells_origin {
                let place = setting.place.as_deref().unwrap_or(setting.origin);
                let lock = if setting.locked { ", locked" } else { "" };
                let _ = write!(text, "  # {place}{lock}");
            }
            text.push('\n');
        }
        for problem in &self.problems {
            let _ = writeln!(text, "can't be used: {}", problem.message);
        }
        for warning in &self.warnings {
            let _ = writeln!(text, "warning: {warning}");
        }
        text
    }
}

/// `config check`.
#[derive(Debug, Serialize)]
pub struct CheckDocument {
    ok: bool,
    problems: Vec<ProblemDocument>,
    warnings: Vec<String>,
}

impl From<&Loaded> for CheckDocument {
    fn from(loaded: &Loaded) -> Self {
        Self {
            ok: loaded.problems.is_empty(),
            problems: loaded.problems.iter().map(ProblemDocument::from).collect(),
            warnings: loaded.warnings.clone(),
        }
    }
}

impl Tell for CheckDocument {
    fn text(&self) -> String {
        let problems = self.problems.iter().map(|problem| problem.message.clone());
        let warnings = self.warnings.iter().map(|warning| format!("warning: {warning}"));
        let lines: Vec<String> = problems.chain(warnings).collect();
        if lines.is_empty() { "The configuration can be used.".into() } else { lines.join("\n") }
    }
}

/// `config qr`.
#[derive(Debug, Serialize)]
pub struct CodeDocument {
    /// What is in the picture.
    pub code: String,
    /// Whether it is signed.
    #[serde(rename = "signed")]
    pub is_signed: bool,
    /// The file with the picture, if one was asked for.
    pub file: Option<String>,
    /// The picture, for a terminal.
    #[serde(skip)]
    pub picture: String,
}

impl Tell for CodeDocument {
    fn text(&self) -> String {
        let mut text = format!("{}\n{}\n", self.picture, self.code);
        if !self.is_signed {
            text.push_str("It is not signed: a device that knows set_up_keys will not take it.\n");
        }
        let length = self.code.chars().count();
        if length > SCAN_LENGTH_DEFAULT {
            let _ = writeln!(
                text,
                "It has {length} characters; scanners that type need scan.max_length set to that."
            );
        }
        if let Some(file) = &self.file {
            let _ = writeln!(text, "The picture is in {file}.");
        }
        text
    }
}

/// `config keygen`.
#[derive(Debug, Serialize)]
pub struct KeyDocument {
    /// The public half.
    pub public_key: String,
    /// Where the secret half is.
    pub file: String,
}

impl Tell for KeyDocument {
    fn text(&self) -> String {
        format!(
            "The secret half is in {}; keep it on a safe machine. Devices need the public half, in \
             /etc/wareswitch/config.toml or policy.toml:\n\nset_up_keys = [\"{}\"]",
            self.file, self.public_key
        )
    }
}
