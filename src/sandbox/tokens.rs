//! Access tokens: signed JWTs as contract section 2.4 describes them.
//!
//! The header names RS256 like the real one. The signature is an HMAC with a key of the sandbox
//! itself: nobody else can or need check it, and no private key lies in the source.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};
use uuid::Uuid;

use super::conventions::Rejection;
use super::rows::User;

/// Makes and checks tokens.
#[derive(Debug)]
pub(super) struct TokenMint {
    key: hmac::Key,
    /// Counts the tokens, so that those made so far can be told from later ones without a clock.
    last_serial: u64,
    expired_up_to: u64,
    refresh_tokens: VecDeque<RefreshToken>,
    /// The serials of access tokens that a refresh revoked.
    revoked: BTreeSet<u64>,
}

/// A refresh token that wasn't used yet.
#[derive(Debug)]
struct RefreshToken {
    text: String,
    user: Uuid,
    scopes: Vec<String>,
    /// The access token that was given with it.
    access_serial: u64,
    given_at: Instant,
}

/// Most refresh tokens and revoked access tokens kept; older ones are forgotten.
const REMEMBERED_MAX: usize = 10_000;

/// Whom a token was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// A person.
    User(Uuid),
    /// A warehouse, which may not touch assignments.
    Warehouse,
    /// Neither: the token of a shop's customer, for example.
    Nobody,
}

/// What a good token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claims {
    /// For whom.
    pub subject: Subject,
    /// What it allows.
    pub scopes: Vec<String>,
}

impl Claims {
    /// The person; what asks for one is reached by nobody else.
    pub(super) fn user(&self) -> Result<Uuid, Rejection> {
        match self.subject {
            Subject::User(user) => Ok(user),
            Subject::Warehouse | Subject::Nobody => Err(Rejection::Crashed),
        }
    }

    /// Whether the scopes allow this method on assignments (contract section 2.6).
    pub(super) fn may(&self, method: &str) -> bool {
        let has = |name: &str| self.scopes.iter().any(|scope| scope == name);
        has("back-office-user")
            || self.scopes.as_slice() == ["user"]
            || (has("warehouse-user") && matches!(method, "GET" | "PATCH" | "HEAD"))
    }
}

/// Seconds since 1970 with fractions, as the real server writes times.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

impl TokenMint {
    /// A mint with a new key.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub(super) fn new() -> std::io::Result<Self> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &ring::rand::SystemRandom::new())
            .map_err(|_| std::io::Error::other("the system has no random numbers"))?;
        Ok(Self {
            key,
            last_serial: 0,
            expired_up_to: 0,
            refresh_tokens: VecDeque::new(),
            revoked: BTreeSet::new(),
        })
    }

    /// An access token for a user, valid for `life_s` seconds.
    pub(super) fn for_user(&mut self, user: &User, scopes: &[String], life_s: u32) -> String {
        let sub = json!({"user_reference": null, "id_user": user.number, "uuid": user.uuid});
        self.make(&sub, scopes, life_s)
    }

    /// An access token for a user, and the refresh token that belongs to it.
    pub(super) fn pair(
        &mut self,
        user: &User,
        scopes: Vec<String>,
        life_s: u32,
    ) -> (String, String) {
        let access_token = self.for_user(user, &scopes, life_s);
        if self.refresh_tokens.len() >= REMEMBERED_MAX {
            self.refresh_tokens.pop_front();
        }
        let text = random_secret();
        self.refresh_tokens.push_back(RefreshToken {
            text: text.clone(),
            user: user.uuid,
            scopes,
            access_serial: self.last_serial,
            given_at: Instant::now(),
        });
        (access_token, text)
    }

    /// Access and refresh token for the warehouse with this number. Such a refresh token can't be
    /// used.
    pub(super) fn for_warehouse(&mut self, number: usize, life_s: u32) -> (String, String) {
        let scopes = ["warehouse".to_owned()];
        let access_token = self.make(&json!({"id_warehouse": number}), &scopes, life_s);
        (access_token, random_secret())
    }

    /// A good token for neither a user nor a warehouse.
    pub(super) fn for_nobody(&mut self, life_s: u32) -> String {
        let scopes = ["customer".to_owned()];
        self.make(&json!({"customer_reference": "DE--1"}), &scopes, life_s)
    }

    /// Ends the life of every token made so far.
    pub(super) fn expire_all(&mut self) {
        self.expired_up_to = self.last_serial;
    }

    /// Uses a refresh token up: neither it nor the access token given with it is good afterwards.
    /// None: it isn't, or no more.
    pub(super) fn redeem(&mut self, text: &str, life_s: u32) -> Option<(Uuid, Vec<String>)> {
        let life = Duration::from_secs(life_s.into());
        let is_good = |token: &RefreshToken| token.text == text && token.given_at.elapsed() < life;
        let place = self.refresh_tokens.iter().position(is_good)?;
        let token = self.refresh_tokens.remove(place)?;
        if self.revoked.len() >= REMEMBERED_MAX {
            self.revoked.pop_first();
        }
        self.revoked.insert(token.access_serial);
        Some((token.user, token.scopes))
    }

    fn make(&mut self, sub: &Value, scopes: &[String], life_s: u32) -> String {
        self.last_serial += 1;
        let now = now();
        let claims = json!({
            "aud": "frontend",
            "jti": format!("{:016x}{}", self.last_serial, random_hex(64)),
            "iat": now,
            "nbf": now,
            "exp": now + f64::from(life_s),
            "sub": sub.to_string(),
            "scopes": scopes,
        });
        let header = json!({"typ": "JWT", "alg": "RS256"});
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    /// What a token says, if it is ours and still valid. There is no leeway.
    pub(super) fn check(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        hmac::verify(&self.key, signed.as_bytes(), &signature).ok()?;
        let (_, claims) = signed.split_once('.')?;
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let serial = claims.get("jti")?.as_str()?.get(..16)?;
        let serial = u64::from_str_radix(serial, 16).ok()?;
        let expired = serial <= self.expired_up_to
            || self.revoked.contains(&serial)
            || claims.get("exp")?.as_f64()? <= now();
        if expired {
            return None;
        }
        let sub: Value = serde_json::from_str(claims.get("sub")?.as_str()?).ok()?;
        let user = sub.get("uuid").and_then(Value::as_str).and_then(|text| text.parse().ok());
        let subject = match user {
            Some(uuid) => Subject::User(uuid),
            None if sub.get("id_warehouse").is_some() => Subject::Warehouse,
            None => Subject::Nobody,
        };
        let scopes = claims.get("scopes")?.as_array()?;
        let scopes = scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Some(Claims { subject, scopes })
    }
}

/// What the real server hands out encrypted: refresh tokens and codes. It looks like that.
pub(super) fn random_secret() -> String {
    format!("def502{}", random_hex(506))
}

/// Random enough to be unique; the signature is what protects tokens.
fn random_hex(length: usize) -> String {
    (0..length).map(|_| char::from_digit(fastrand::u32(0..16), 16).unwrap_or('0')).collect()
}
