//! A store for tests, which works, hangs or refuses as it is told.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use uuid::Uuid;

use super::secret_store::{SecretStore, SecretStoreError, StoredToken};
use crate::domain::ids::{ProfileId, ServerOrigin, UserUuid};
use crate::domain::testing::at;
use crate::glue::AccessToken;

/// What a played store does when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// Answers.
    Work,
    /// Does not answer until it is told to behave otherwise.
    Hang,
    /// Is locked.
    Locked,
    /// Is not there.
    Missing,
    /// Fails in some other way.
    Fail,
}

/// A keyring in memory.
pub(crate) struct PlayedStore {
    played: Mutex<Played>,
    has_changed: Condvar,
}

struct Played {
    behaviour: Behaviour,
    questions: usize,
    tokens: HashMap<String, StoredToken>,
}

impl PlayedStore {
    pub(crate) fn new() -> Arc<Self> {
        let played = Played { behaviour: Behaviour::Work, questions: 0, tokens: HashMap::new() };
        Arc::new(Self { played: Mutex::new(played), has_changed: Condvar::new() })
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        self.played.lock().unwrap().behaviour = behaviour;
        self.has_changed.notify_all();
    }

    /// How often it was asked.
    pub(crate) fn questions(&self) -> usize {
        self.played.lock().unwrap().questions
    }

    fn ask<T>(&self, answer: impl FnOnce(&mut Played) -> T) -> Result<T, SecretStoreError> {
        let mut played = self.played.lock().unwrap();
        played.questions += 1;
        let mut played = self
            .has_changed
            .wait_while(played, |played| played.behaviour == Behaviour::Hang)
            .unwrap();
        match played.behaviour {
            Behaviour::Locked => Err(SecretStoreError::Locked),
            Behaviour::Missing => Err(SecretStoreError::Missing),
            Behaviour::Fail => Err(SecretStoreError::Failed("played".into())),
            Behaviour::Work | Behaviour::Hang => Ok(answer(&mut played)),
        }
    }
}

impl SecretStore for PlayedStore {
    fn load(&self, profile: &ProfileId) -> Result<Option<StoredToken>, SecretStoreError> {
        self.ask(|played| played.tokens.get(&name(profile)).cloned())
    }

    fn store(&self, profile: &ProfileId, token: &StoredToken) -> Result<(), SecretStoreError> {
        self.ask(|played| {
            played.tokens.insert(name(profile), token.clone());
        })
    }

    fn forget(&self, profile: &ProfileId) -> Result<(), SecretStoreError> {
        self.ask(|played| {
            played.tokens.remove(&name(profile));
        })
    }
}

fn name(profile: &ProfileId) -> String {
    format!("{} {}", profile.origin, profile.user)
}

pub(crate) fn profile(number: u128) -> ProfileId {
    ProfileId {
        origin: ServerOrigin::parse("https://glue.example").unwrap(),
        user: UserUuid::new(Uuid::from_u128(number)),
    }
}

pub(crate) fn token(text: &str) -> StoredToken {
    StoredToken {
        access: AccessToken::new(text.to_owned()),
        refresh: None,
        expires_in: Some(Duration::from_secs(28_800)),
        received_at: at(5),
        is_over: false,
    }
}
