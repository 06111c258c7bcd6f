//! What becomes of a token that is over, whatever the server says and whoever interferes.

use std::io;
use std::time::Duration;

use uuid::Uuid;

use super::*;
use crate::clock::Clock;
use crate::domain::assignment::Assignment;
use crate::domain::change::Attempt;
use crate::domain::ids::{ProfileId, ServerOrigin, UserUuid};
use crate::domain::judge::Rules;
use crate::domain::testing::at;
use crate::domain::time::Reading;
use crate::glue::{Exchange, ListExtent, RefreshToken, SecondFactorCode, Token};
use crate::session::secret_store::SecretStoreError;
use crate::store::ProfileStore;
use crate::sync::ports::{BoxFuture, SenderGuard, SenderLock, Server, TokioRuntime};

/// Second 1000 of the first boot, for ever.
struct Stopped;

impl Clock for Stopped {
    fn read(&self) -> Reading {
        let now = at(1_000);
        Reading { boot_id: now.boot_id, since_boot: now.since_boot, wall: now.wall }
    }
}

/// A server that answers every renewal alike, while which somebody may change what is kept.
struct Renewing {
    answer: Result<Token, GlueFailure>,
    meanwhile: Option<Meanwhile>,
    secrets: Arc<Kept>,
    asked_with: Mutex<Vec<String>>,
}

#[derive(Clone, Debug)]
enum Meanwhile {
    SignsIn(StoredToken),
    SignsOut,
}

impl Server for Renewing {
    fn assignments<'a>(
        &'a self,
        _: &'a AccessToken,
        _: UserUuid,
        _: ListExtent,
    ) -> BoxFuture<'a, Exchange<Vec<Assignment>>> {
        unreachable!("only renewals are played")
    }

    fn refresh<'a>(&'a self, refresh: &'a RefreshToken) -> BoxFuture<'a, Exchange<Token>> {
        self.asked_with.lock().unwrap().push(refresh.expose().to_owned());
        match self.meanwhile.clone() {
            Some(Meanwhile::SignsIn(other)) => *self.secrets.token.lock().unwrap() = Some(other),
            Some(Meanwhile::SignsOut) => *self.secrets.token.lock().unwrap() = None,
            None => {}
        }
        let (result, now) = (self.answer.clone(), Stopped.read());
        Box::pin(
            async move { Exchange { result, server_date: None, asked_at: now, answered_at: now } },
        )
    }

    fn patch<'a>(
        &'a self,
        _: &'a AccessToken,
        _: &'a Attempt,
        _: Option<&'a SecondFactorCode>,
    ) -> BoxFuture<'a, Exchange<()>> {
        unreachable!("only renewals are played")
    }
}

/// The secrets of one profile.
struct Kept {
    token: Mutex<Option<StoredToken>>,
    is_full: bool,
    is_locked: bool,
}

impl SecretStore for Kept {
    fn load(&self, _: &ProfileId) -> Result<Option<StoredToken>, SecretStoreError> {
        if self.is_locked {
            return Err(SecretStoreError::Locked);
        }
        Ok(self.token.lock().unwrap().clone())
    }

    fn store(&self, _: &ProfileId, token: &StoredToken) -> Result<(), SecretStoreError> {
        if self.is_full {
            return Err(io::Error::from(io::ErrorKind::StorageFull).into());
        }
        *self.token.lock().unwrap() = Some(token.clone());
        Ok(())
    }

    fn forget(&self, _: &ProfileId) -> Result<(), SecretStoreError> {
        unreachable!("nobody signs out here")
    }
}

struct NoLock;

impl SenderLock for NoLock {
    fn acquire(&self) -> BoxFuture<'static, io::Result<SenderGuard>> {
        unreachable!("renewing takes no lock of its own")
    }

    fn try_acquire(&self) -> io::Result<Option<SenderGuard>> {
        unreachable!("renewing takes no lock of its own")
    }
}

fn user(number: u128) -> UserUuid {
    UserUuid::new(Uuid::from_u128(number))
}

/// The token that the server gives.
fn given(refresh: Option<&str>) -> Token {
    Token {
        access: AccessToken::new("new".into()),
        refresh: refresh.map(|text| RefreshToken::new(text.into())),
        expires_in: Some(Duration::from_secs(28_800)),
        user: user(1),
    }
}

fn stored(access: &str, refresh: Option<&str>) -> StoredToken {
    let token = Token { access: AccessToken::new(access.into()), ..given(refresh) };
    StoredToken::received(token, Moment::new(Stopped.read(), None))
}

/// A device on which a token is kept that the server has just refused.
struct Scene {
    answer: Result<Token, GlueFailure>,
    kept: Option<StoredToken>,
    meanwhile: Option<Meanwhile>,
    is_full: bool,
    is_locked: bool,
}

impl Scene {
    fn answered(answer: Result<Token, GlueFailure>) -> Self {
        let kept = Some(stored("old", Some("first")));
        Self { answer, kept, meanwhile: None, is_full: false, is_locked: false }
    }

    /// What comes of it, what is kept then, and which refresh tokens were used up.
    async fn play(self) -> (Renewal, Option<StoredToken>, Vec<String>) {
        let Self { answer, kept, meanwhile, is_full, is_locked } = self;
        let secrets = Arc::new(Kept { token: Mutex::new(kept), is_full, is_locked });
        let server = Arc::new(Renewing {
            answer,
            meanwhile,
            secrets: Arc::clone(&secrets),
            asked_with: Mutex::default(),
        });
        let origin = ServerOrigin::parse("https://glue.example").unwrap();
        let profile = ProfileId { origin, user: user(1) };
        let folder = tempfile::tempdir().unwrap();
        let parts = Arc::new(Parts {
            store: ProfileStore::open(folder.path(), &profile).unwrap(),
            profile,
            server: Arc::clone(&server) as Arc<dyn Server>,
            lock: Arc::new(NoLock),
            secrets: Arc::clone(&secrets) as Arc<dyn SecretStore>,
            clock: Arc::new(Stopped),
            runtime: Arc::new(TokioRuntime),
            rules: Rules::default(),
            sync_spread: Duration::ZERO,
            listener: Box::new(|_| {}),
        });

        let renewal = renew(&parts, &stored("old", Some("first")), true).await;

        let kept = secrets.token.lock().unwrap().clone();
        let asked_with = server.asked_with.lock().unwrap().clone();
        (renewal, kept, asked_with)
    }
}

#[tokio::test]
async fn a_new_token_is_used_only_once_it_is_kept() {
    let (renewal, kept, asked_with) = Scene::answered(Ok(given(Some("second")))).play().await;
    let new = stored("new", Some("second"));
    assert_eq!((renewal, kept), (Renewal::Usable(new.clone()), Some(new)));
    assert_eq!(asked_with, ["first"]);

    let full = Scene { is_full: true, ..Scene::answered(Ok(given(Some("second")))) };
    let (renewal, kept, _) = full.play().await;
    assert_eq!(renewal, Renewal::NotKept);
    assert_eq!(kept, Some(stored("old", Some("first"))));
}

#[tokio::test]
async fn where_no_new_refresh_token_comes_the_old_one_goes_on() {
    let (renewal, _, _) = Scene::answered(Ok(given(None))).play().await;

    assert_eq!(renewal, Renewal::Usable(stored("new", Some("first"))));
}

#[tokio::test]
async fn secrets_that_cannot_be_read_use_no_refresh_token_up() {
    let locked = Scene { is_locked: true, ..Scene::answered(Ok(given(Some("second")))) };

    let (renewal, _, asked_with) = locked.play().await;

    assert_eq!(renewal, Renewal::NotKept);
    assert!(asked_with.is_empty());
}

#[tokio::test]
async fn what_another_process_got_is_taken_over_without_asking() {
    let other = stored("theirs", Some("third"));
    let renewed = Scene { kept: Some(other.clone()), ..Scene::answered(Err(GlueFailure::Offline)) };

    let (renewal, kept, asked_with) = renewed.play().await;

    assert_eq!((renewal, kept), (Renewal::Usable(other.clone()), Some(other)));
    assert!(asked_with.is_empty());
}

#[tokio::test]
async fn whoever_signs_in_or_out_meanwhile_has_the_last_word() {
    let other = stored("signed in", Some("third"));
    for answer in [Ok(given(Some("second"))), Err(GlueFailure::TokenOver)] {
        let meanwhile = Some(Meanwhile::SignsIn(other.clone()));
        let (renewal, kept, _) = Scene { meanwhile, ..Scene::answered(answer) }.play().await;
        assert_eq!((renewal, kept), (Renewal::Usable(other.clone()), Some(other.clone())));
    }

    let meanwhile = Some(Meanwhile::SignsOut);
    let scene = Scene { meanwhile, ..Scene::answered(Ok(given(Some("second")))) };
    let (renewal, kept, _) = scene.play().await;
    assert!(matches!(renewal, Renewal::Over(_)), "{renewal:?}");
    assert_eq!(kept, None, "nothing comes back");
}

#[tokio::test]
async fn only_the_servers_own_no_ends_in_signing_in_again() {
    let refused = |code: &str| GlueFailure::Refused { code: code.into(), message: String::new() };
    let trouble =
        GlueFailure::ServerTrouble { status: Some(503), retry_after: None, outcome_known: false };
    let somebody_elses = Ok(Token { user: user(2), ..given(Some("second")) });
    let noes = [
        Err(refused("unsupported_grant_type")),
        Err(refused("invalid_request")),
        Err(GlueFailure::TokenOver),
        Err(GlueFailure::NoUserInToken),
        somebody_elses,
    ];
    for answer in noes {
        let (renewal, kept, _) = Scene::answered(answer.clone()).play().await;

        let last = StoredToken { is_over: true, ..stored("old", None) };
        assert_eq!((renewal, kept), (Renewal::Over(last.clone()), Some(last)), "{answer:?}");
    }
    let not_now = [
        GlueFailure::Offline,
        GlueFailure::Cut,
        GlueFailure::CaptivePortal,
        GlueFailure::ProxySignIn,
        GlueFailure::WrongServer { outcome_known: true },
        trouble,
    ];
    for failure in not_now {
        let (renewal, kept, _) = Scene::answered(Err(failure.clone())).play().await;

        assert_eq!(renewal, Renewal::Failed(failure));
        assert_eq!(kept, Some(stored("old", Some("first"))), "it can be tried again");
    }
}
