//! Documents that all questions share, and texts of the server made harmless.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// Longest error code kept, in characters.
const CODE_CHARS_MAX: usize = 64;
/// Longest error message kept, in characters.
const MESSAGE_CHARS_MAX: usize = 300;

/// A value of the expected shape, or anything else.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Lenient<T> {
    /// As expected.
    Fit(T),
    /// Something else, which is not kept.
    Odd(IgnoredAny),
}

/// The first error of an error document. Which of several comes first is the server's choice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GlueError {
    /// Absent for 'Unauthorized request.'
    pub(super) code: Option<String>,
    /// What the server says, possibly nothing.
    pub(super) message: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ErrorDocument {
    JsonApi { errors: Vec<ErrorEntry> },
    Plain(Vec<ErrorEntry>),
}

#[derive(Deserialize)]
struct ErrorEntry {
    status: Option<IgnoredAny>,
    code: Option<Code>,
    message: Option<String>,
    detail: Option<String>,
    title: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Code {
    Text(String),
    Number(i64),
}

/// Reads an error document of either convention (contract section 1.5); `None` if it is none.
pub(super) fn first_error(body: &[u8]) -> Option<GlueError> {
    let entries = match serde_json::from_slice(body).ok()? {
        ErrorDocument::JsonApi { errors } | ErrorDocument::Plain(errors) => errors,
    };
    let first = entries.into_iter().next()?;
    let text = first.message.or(first.detail).or(first.title);
    if text.is_none() && first.code.is_none() && first.status.is_none() {
        return None;
    }
    let code = first.code.map(|code| match code {
        Code::Text(text) => harmless(&text, CODE_CHARS_MAX),
        Code::Number(number) => number.to_string(),
    });
    Some(GlueError { code, message: harmless(&text.unwrap_or_default(), MESSAGE_CHARS_MAX) })
}

/// Cuts a text and replaces what could break a line or turn the reading direction.
pub(super) fn harmless(text: &str, chars_max: usize) -> String {
    text.trim()
        .chars()
        .take(chars_max)
        .map(|character| if is_harmful(character) { ' ' } else { character })
        .collect()
}

fn is_harmful(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
