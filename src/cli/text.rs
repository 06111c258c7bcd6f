//! The same answers for people.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use super::json::{
    ActiveDocument, ChangeDocument, ListDocument, OneChangeDocument, OutboxDocument,
    SecretsDocument, SignInDocument, SignOutDocument, StatusDocument, SyncDocument,
};

/// What a command prints, in both forms.
pub struct Document {
    json: String,
    text: String,
}

impl Document {
    /// Writes one form, with a line end.
    ///
    /// # Errors
    /// If the other side is gone.
    pub fn write(&self, out: &mut impl Write, as_json: bool) -> io::Result<()> {
        let form = if as_json { &self.json } else { &self.text };
        writeln!(out, "{}", form.trim_end())
    }
}

impl<T: Serialize + Tell> From<T> for Document {
    fn from(answer: T) -> Self {
        // Serialising plain structs to a string can't fail.
        let json = serde_json::to_string(&answer).unwrap_or_default();
        Self { json, text: answer.text() }
    }
}

/// An answer that can be told in English.
pub trait Tell {
    /// Some lines.
    fn text(&self) -> String;
}

impl Tell for SignInDocument {
    fn text(&self) -> String {
        let hours = self.token_expires_in_s / 3600;
        format!("Signed in as {}, for {hours} h.", self.profile.username())
    }
}

impl Tell for StatusDocument {
    fn text(&self) -> String {
        let mut text = String::new();
        let none = "none";
        let name = |active: &Option<ActiveDocument>| {
            active.as_ref().map_or(none.to_owned(), |active| active.name().to_owned())
        };
        let server = self.server_url.as_deref().unwrap_or(none);
        let is_cleartext = server.starts_with("http://");
        let remark = if is_cleartext { " (not protected)" } else { "" };
        let user = self.profile.as_ref().map_or("nobody", |profile| profile.username());
        let list = self.snapshot.as_ref().map_or("never fetched".to_owned(), |snapshot| {
            format!("{} warehouses, fetched {}", snapshot.count, snapshot.fetched_at)
        });
        for (label, value) in [
            ("Server", format!("{server}{remark}")),
            (
                "Connection",
                format!("{} ({})", self.connection.replace('_', " "), self.connection_sentence),
            ),
            ("Signed in", user.to_owned()),
            ("Active", name(&self.shown_active)),
            ("List", list),
            ("Waiting", self.outbox.waiting.to_string()),
            ("Questions", self.outbox.needs_decision.to_string()),
            ("Rejected", self.outbox.rejected_unseen.to_string()),
            ("Other servers", self.outbox.other_servers.to_string()),
            ("Other users", self.outbox.other_users.to_string()),
            ("Storage", self.storage.to_owned()),
            ("Secrets", self.secrets.as_ref().map_or(none.to_owned(), SecretsDocument::sentence)),
        ] {
            let _ = writeln!(text, "{label:<14} {value}");
        }
        text
    }
}

impl SecretsDocument {
    fn sentence(&self) -> String {
        let place = match self.store {
            "keyring" => "in the keyring",
            _ => "in a file that only this user can read; a keyring would protect them better",
        };
        match self.state {
            "ok" => place.to_owned(),
            "locked" => format!("{place}, which is locked: unlock it"),
            "slow" => format!("{place}, which does not answer"),
            "missing" => format!("{place}, which is not there"),
            state => format!("{place}: {state}"),
        }
    }
}

impl Tell for ListDocument {
    fn text(&self) -> String {
        let mut text = String::new();
        for row in self.rows() {
            let mark = if row.is_shown_active() { '*' } else { ' ' };
            let _ = writeln!(text, "{mark} {}{}", row.name(), row.remark());
        }
        if text.is_empty() {
            text.push_str("No warehouses are known.");
        }
        text
    }
}

impl Tell for OutboxDocument {
    fn text(&self) -> String {
        let lines: Vec<String> = self.changes.iter().map(ChangeDocument::line).collect();
        if lines.is_empty() { "Nothing was recorded.".into() } else { lines.join("\n") }
    }
}

impl Tell for OneChangeDocument {
    fn text(&self) -> String {
        let line =
            self.change.as_ref().map_or("It is so already.".to_owned(), ChangeDocument::line);
        match self.retry_after_s {
            Some(seconds) => format!("{line}\nThe server wants to be left alone for {seconds} s."),
            None => line,
        }
    }
}

impl Tell for SyncDocument {
    fn text(&self) -> String {
        format!(
            "{} Sent {}, confirmed {}, rejected {}, waiting {}, questions {}.",
            self.connection_sentence,
            self.sent,
            self.confirmed,
            self.rejected,
            self.waiting,
            self.needs_decision
        )
    }
}

impl Tell for SignOutDocument {
    fn text(&self) -> String {
        if self.removed {
            "Signed out; nothing of this user is left on the device.".into()
        } else if self.waiting == 0 {
            "Signed out; what was sent last is looked after once more and then forgotten.".into()
        } else {
            format!("Signed out; {} change(s) are sent first and then forgotten.", self.waiting)
        }
    }
}
