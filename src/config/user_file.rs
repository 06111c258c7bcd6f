//! Changing one value of the user's file without touching the rest of it.

use crate::domain::ids::ServerOrigin;

/// The text with this server address in it; comments and everything else stay as they are.
pub fn with_server_url(text: &str, origin: &ServerOrigin) -> String {
    // An origin holds no quote, backslash or control character, so it needs no escaping.
    let line = format!("server_url = \"{origin}\"");
    let mut lines: Vec<&str> = text.lines().collect();
    let first_table = lines
        .iter()
        .position(|candidate| candidate.trim_start().starts_with('['))
        .unwrap_or(lines.len());
    let old = lines.iter().take(first_table).position(|candidate| is_server_url(candidate));
    match old.and_then(|place| lines.get_mut(place)) {
        Some(old) => *old = &line,
        None => lines.insert(0, &line),
    }
    lines.join("\n") + "\n"
}

fn is_server_url(line: &str) -> bool {
    let key = line.split('=').next().unwrap_or_default().trim();
    line.contains('=') && key.trim_matches(['"', '\'']) == "server_url"
}
