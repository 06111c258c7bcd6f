//! What real servers do differently, as settings of this one.

use axum::http::HeaderName;
use serde::{Deserialize, Serialize};

/// Most additional request headers for pages of other sites.
const CORS_EXTRA_HEADERS_MAX: usize = 50;

/// How this server behaves where real ones differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long user tokens live, in seconds.
    pub token_life_s: u32,
    /// How long refresh tokens live, in seconds; a month on real servers.
    pub refresh_life_s: u32,
    /// How long the codes of `POST /authorize` live, in seconds.
    pub code_life_s: u32,
    /// How long a code of the second factor stays good after its first use, in seconds; 0: once.
    pub mfa_grace_s: u32,
    /// The status for a missing token: 401, or 403 on servers from before April 2026.
    pub missing_token_status: u16,
    /// Whether `grant_type=refresh_token` works. It doesn't in the demo shops. A refresh revokes the
    /// refresh token and the access token that was given with it.
    pub refresh_offered: bool,
    /// How `POST /token` puts its answer.
    pub token_shape: TokenShape,
    /// The status of a good `POST /token`: 200 or 201.
    pub token_status: u16,
    /// Activating leaves the user's other active assignments as they are.
    pub race_two_active: bool,
    /// Request headers that pages of other sites may send beside the usual ones, such as
    /// `X-MFA-Code`. None in the demo shops.
    pub cors_extra_headers: Vec<String>,
    /// Answers are packed for whoever accepts that, as a proxy in front of a server can do it. The
    /// demo shops have none that does.
    pub gzip: bool,
    /// Nobody is reached: connections are closed without an answer.
    pub offline: bool,
}

/// How `POST /token` puts its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenShape {
    /// As an object, like the demo shops.
    Object,
    /// As an array with one object.
    Array,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            token_life_s: 28_800,
            refresh_life_s: 2_678_400,
            code_life_s: 60,
            mfa_grace_s: 1_800,
            missing_token_status: 401,
            refresh_offered: false,
            token_shape: TokenShape::Object,
            token_status: 200,
            race_two_active: false,
            cors_extra_headers: Vec::new(),
            gzip: false,
            offline: false,
        }
    }
}

impl Settings {
    /// Whether each value is one that a real server has.
    ///
    /// # Errors
    /// A sentence that names the value.
    pub fn check(&self) -> Result<(), String> {
        if !matches!(self.missing_token_status, 401 | 403) {
            return Err("missing_token_status must be 401 or 403".to_owned());
        }
        if !matches!(self.token_status, 200 | 201) {
            return Err("token_status must be 200 or 201".to_owned());
        }
        let names = &self.cors_extra_headers;
        if names.len() > CORS_EXTRA_HEADERS_MAX
            || names.iter().any(|name| HeaderName::try_from(name.as_str()).is_err())
        {
            return Err(format!(
                "cors_extra_headers must be at most {CORS_EXTRA_HEADERS_MAX} names of headers"
            ));
        }
        Ok(())
    }
}
