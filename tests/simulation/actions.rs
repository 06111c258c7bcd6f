//! What a person does to the recorded changes, each in one transaction, as `app::profile` does it.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;
use wareswitch::clock::Clock as _;
use wareswitch::domain::change::{ChangeState, Origin, Wish};
use wareswitch::domain::ids::{ChangeId, Seq};
use wareswitch::domain::outbox::{self, ActionRefused, Outbox, Recorded, Recording, Undone};
use wareswitch::domain::time::Moment;
use wareswitch::store::{ProfileStore, Scope};

use super::backend::{Places, place, warehouse_uuid};
use super::executor::Owner;
use super::hub::Hub;
use super::ports::DeviceClock;
use super::world::Key;

/// What a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Switch(usize),
    Leave,
    Undo(Seq),
    Decide { seq: Seq, is_mine: bool },
    Discard,
}

impl Action {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Switch(_) => "tap",
            Self::Leave => "leave",
            Self::Undo(_) => "undo",
            Self::Decide { .. } => "decide",
            Self::Discard => "sign out and discard",
        }
    }

    pub(crate) fn is_tap(self) -> bool {
        matches!(self, Self::Switch(_) | Self::Leave)
    }
}

type Refusable<T> = Result<T, ActionRefused>;

/// What it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    Recorded(Refusable<Recorded>),
    Undone(Refusable<Undone>),
    Decided(Refusable<Seq>),
    Discarded(usize),
}

impl Came {
    /// The change that was made by it.
    pub(crate) fn new_change(&self) -> Option<Seq> {
        match self {
            Self::Recorded(Ok(Recorded::New(seq)))
            | Self::Undone(Ok(Undone::WishedAgain(Recorded::New(seq)))) => Some(*seq),
            _ => None,
        }
    }
}

/// What stood when somebody acted, read off the outbox in the same transaction.
#[derive(Clone, Debug)]
pub(crate) struct Stood {
    /// What the worker saw as active; `None` before the first list.
    pub(crate) shown: Option<Places>,
    /// What the server had last said; empty before the first list.
    pub(crate) server: Places,
    /// What an open question shows.
    pub(crate) question: Option<Places>,
    /// The change that waited.
    pub(crate) waiting: Option<Seq>,
    /// When.
    pub(crate) at: Duration,
}

impl Stood {
    fn of(outbox: &Outbox, at: Duration) -> Self {
        let server: Option<Places> = outbox
            .server_word
            .as_ref()
            .map(|word| word.active.iter().map(|target| place(target.warehouse_uuid)).collect());
        let waiting = outbox.unsettled.iter().max_by_key(|change| change.seq);
        let shown = match waiting.map(|change| &change.wish) {
            Some(Wish::Activate(target)) => Some(Places::from([place(target.warehouse_uuid)])),
            Some(Wish::Leave) => Some(Places::new()),
            None => server.clone(),
        };
        let question = waiting
            .filter(|change| change.state == ChangeState::NeedsDecision)
            .and_then(|change| change.question.as_ref())
            .map(|active| active.iter().copied().map(place).collect());
        Self {
            shown,
            server: server.unwrap_or_default(),
            question,
            waiting: waiting.map(|change| change.seq),
            at,
        }
    }
}

/// Does it; `None` if nothing could be read or written.
pub(crate) async fn perform(
    hub: Arc<Hub>,
    store: ProfileStore,
    owner: Owner,
    key: Key,
    action: Action,
    id: Uuid,
) -> Option<Came> {
    let scope = scope_of(&store, action).await?;
    let clock = DeviceClock { hub: Arc::clone(&hub), device: owner.device };
    let came = store.transact(scope, move |outbox| {
        let now = Moment::new(clock.read(), outbox.sync.anchor.as_ref());
        let stood = Stood::of(outbox, hub.now());
        let origin = if matches!(action, Action::Undo(_)) { Origin::Undo } else { Origin::Tap };
        let how = Recording { origin, now, id: ChangeId::new(id) };
        let came = apply(outbox, action, how);
        // Nothing between here and the commit can fail in memory: it counts from now on.
        hub.first(move |world| world.reference.recorded(owner.device, key, action, came, stood));
        came
    });
    came.await.ok()
}

async fn scope_of(store: &ProfileStore, action: Action) -> Option<Scope> {
    let (change, warehouse) = match action {
        Action::Switch(place) => (None, Some(warehouse_uuid(place))),
        Action::Leave | Action::Discard => (None, None),
        Action::Decide { seq, .. } => (Some(seq), None),
        Action::Undo(seq) => {
            let change = store.change(seq).await.ok()??;
            let target = change.shown_before.as_ref().and_then(Wish::target);
            (Some(seq), target.map(|target| target.warehouse_uuid))
        }
    };
    Some(Scope { change, warehouse, ..Scope::default() })
}

fn apply(outbox: &mut Outbox, action: Action, how: Recording) -> Came {
    match action {
        Action::Switch(_) => Came::Recorded(outbox::record_switch(outbox, how)),
        Action::Leave => Came::Recorded(outbox::record_leave(outbox, how)),
        Action::Undo(_) => Came::Undone(outbox::undo(outbox, how)),
        Action::Decide { is_mine: true, .. } => Came::Decided(outbox::decide_mine(outbox, how.now)),
        Action::Decide { is_mine: false, .. } => {
            Came::Decided(outbox::decide_theirs(outbox, how.now))
        }
        Action::Discard => Came::Discarded(outbox::discard_all(outbox, how.now)),
    }
}
