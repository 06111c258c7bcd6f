//! Asking a store that may hang, for a limited time.
//!
//! A keyring behind D-Bus can take for ever: it may be starting, waiting for somebody to type a
//! password, or broken. Each question goes to a thread of its own and is waited for a while. Until
//! it has come back no other one is asked, so that a hanging keyring costs one thread, not many.

use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use crate::domain::ids::ProfileId;

use super::secret_store::{SecretStore, SecretStoreError, StoredToken};

/// How long a question is waited for.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// A store that answers in time or says that it does not.
#[derive(Clone)]
pub struct PatientStore {
    inner: Arc<dyn SecretStore>,
    patience: Duration,
    turn: Arc<Turn>,
}

/// Whether a question is out.
#[derive(Default)]
struct Turn {
    is_taken: Mutex<bool>,
    has_changed: Condvar,
}

impl Turn {
    /// Waits until no question is out; false if that takes too long.
    fn take(&self, patience: Duration) -> bool {
        let is_taken = self.is_taken.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.has_changed.wait_timeout_while(is_taken, patience, |taken| *taken);
        let (mut is_taken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() && *is_taken {
            return false;
        }
        *is_taken = true;
        true
    }

    fn give_back(&self) {
        *self.is_taken.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.has_changed.notify_one();
    }
}

/// Gives the turn back even if the store panics.
struct GivesBack(Arc<Turn>);

impl Drop for GivesBack {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

impl PatientStore {
    /// Wraps a store that may hang.
    pub fn new(inner: Arc<dyn SecretStore>, patience: Duration) -> Self {
        Self { inner, patience, turn: Arc::new(Turn::default()) }
    }

    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn SecretStore) -> Result<T, SecretStoreError> + Send + 'static,
    ) -> Result<T, SecretStoreError> {
        let begun = Instant::now();
        if !self.turn.take(self.patience) {
            return Err(SecretStoreError::Slow);
        }
        let turn = GivesBack(Arc::clone(&self.turn));
        let inner = Arc::clone(&self.inner);
        let (answer, answered) = mpsc::channel();
        thread::Builder::new().name("secrets".into()).spawn(move || {
            let result = question(inner.as_ref());
            drop(turn);
            // Nobody waits any more: the next question finds out how it stands.
            let _ = answer.send(result);
        })?;
        let left = self.patience.saturating_sub(begun.elapsed());
        answered.recv_timeout(left).unwrap_or(Err(SecretStoreError::Slow))
    }
}

impl SecretStore for PatientStore {
    fn load(&self, profile: &ProfileId) -> Result<Option<StoredToken>, SecretStoreError> {
        let profile = profile.clone();
        self.ask(move |store| store.load(&profile))
    }

    fn store(&self, profile: &ProfileId, token: &StoredToken) -> Result<(), SecretStoreError> {
        let (profile, token) = (profile.clone(), token.clone());
        self.ask(move |store| store.store(&profile, &token))
    }

    fn forget(&self, profile: &ProfileId) -> Result<(), SecretStoreError> {
        let profile = profile.clone();
        self.ask(move |store| store.forget(&profile))
    }

    fn ask_to_unlock(&self) -> Result<(), SecretStoreError> {
        self.ask(|store| store.ask_to_unlock())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::{Behaviour, PlayedStore, profile, token};

    /// Long enough for any machine: only a store that hangs waits for its end.
    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_store_that_answers_is_believed() {
        let played = PlayedStore::new();
        let store = PatientStore::new(played, LONG);
        store.store(&profile(1), &token("one")).unwrap();

        assert_eq!(store.load(&profile(1)).unwrap(), Some(token("one")));
        store.forget(&profile(1)).unwrap();

        assert_eq!(store.load(&profile(1)).unwrap(), None);
    }

    #[test]
    fn a_store_that_hangs_is_given_up_and_asked_no_more_until_it_answers() {
        let played = PlayedStore::new();
        let store = PatientStore::new(Arc::clone(&played) as _, Duration::from_millis(1));
        played.behave(Behaviour::Hang);

        for _ in 0..20 {
            assert!(matches!(store.load(&profile(1)), Err(SecretStoreError::Slow)));
        }
        assert!(played.questions() <= 1, "{}", played.questions());
        played.behave(Behaviour::Work);
        let patient = PatientStore { patience: LONG, ..store };

        assert_eq!(patient.load(&profile(1)).unwrap(), None);
    }

    #[test]
    fn what_a_store_says_is_wrong_with_it_is_passed_on() {
        let played = PlayedStore::new();
        let store = PatientStore::new(Arc::clone(&played) as _, LONG);

        played.behave(Behaviour::Locked);
        assert!(matches!(store.load(&profile(1)), Err(SecretStoreError::Locked)));
        played.behave(Behaviour::Missing);
        assert!(matches!(store.load(&profile(1)), Err(SecretStoreError::Missing)));
    }
}
