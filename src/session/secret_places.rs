//! The two places for secrets, and which of them a profile's are in.
//!
//! Owns the invariant that nobody's secrets move to a weaker place by themselves: a keyring that is
//! locked, slow or out of order is waited for, never replaced by the file.

use std::sync::Arc;

use crate::domain::ids::ProfileId;
use crate::domain::protection::SecretStoreChoice;
use crate::store::SecretsIn;

use super::secret_store::{SecretStore, SecretStoreError};

/// Where secrets can be.
#[derive(Clone)]
pub struct SecretPlaces {
    /// The file `secrets` of the data folder.
    pub file: Arc<dyn SecretStore>,
    /// The keyring; says [`SecretStoreError::Missing`] where there is none.
    pub keyring: Arc<dyn SecretStore>,
}

impl SecretPlaces {
    /// The store in a place.
    pub fn store_in(&self, place: SecretsIn) -> &Arc<dyn SecretStore> {
        match place {
            SecretsIn::File => &self.file,
            SecretsIn::Keyring => &self.keyring,
        }
    }

    /// Decides where the secrets of somebody who signs in are kept; `known` is where they were
    /// until now. Blocks.
    ///
    /// # Errors
    /// If it can't be decided now, since the keyring may be there and does not answer.
    pub fn choose(
        &self,
        choice: SecretStoreChoice,
        profile: &ProfileId,
        known: Option<SecretsIn>,
    ) -> Result<SecretsIn, SecretStoreError> {
        match (choice, known) {
            (SecretStoreChoice::File, _) => Ok(SecretsIn::File),
            (SecretStoreChoice::Keyring, _) => Ok(SecretsIn::Keyring),
            (SecretStoreChoice::Auto, Some(known)) => Ok(known),
            (SecretStoreChoice::Auto, None) => match self.keyring.load(profile) {
                Ok(_) | Err(SecretStoreError::Damaged) => Ok(SecretsIn::Keyring),
                Err(SecretStoreError::Missing) => Ok(SecretsIn::File),
                Err(error) => Err(error),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::{Behaviour, PlayedStore, profile};

    fn choose(
        choice: SecretStoreChoice,
        known: Option<SecretsIn>,
        keyring: Behaviour,
    ) -> Option<SecretsIn> {
        let played = PlayedStore::new();
        played.behave(keyring);
        let places = SecretPlaces { file: PlayedStore::new(), keyring: played };
        places.choose(choice, &profile(1), known).ok()
    }

    #[test]
    fn where_the_secrets_of_a_new_user_go() {
        let (file, keyring) = (Some(SecretsIn::File), Some(SecretsIn::Keyring));
        for (choice, behaviour, place) in [
            (SecretStoreChoice::Auto, Behaviour::Work, keyring),
            (SecretStoreChoice::Auto, Behaviour::Missing, file),
            (SecretStoreChoice::Auto, Behaviour::Locked, None),
            (SecretStoreChoice::Auto, Behaviour::Fail, None),
            (SecretStoreChoice::File, Behaviour::Work, file),
            (SecretStoreChoice::Keyring, Behaviour::Missing, keyring),
        ] {
            assert_eq!(choose(choice, None, behaviour), place, "{choice:?} {behaviour:?}");
        }
    }

    #[test]
    fn secrets_stay_where_they_are_whatever_becomes_of_the_keyring() {
        let (file, keyring) = (Some(SecretsIn::File), Some(SecretsIn::Keyring));
        for behaviour in [Behaviour::Work, Behaviour::Missing, Behaviour::Locked, Behaviour::Fail] {
            assert_eq!(
                choose(SecretStoreChoice::Auto, keyring, behaviour),
                keyring,
                "{behaviour:?}"
            );
            assert_eq!(choose(SecretStoreChoice::Auto, file, behaviour), file, "{behaviour:?}");
        }
    }
}
