//! A shift in a minute: the story that the demo tells where nobody can tap.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::app::host::Host;
use crate::app::state::{AppState, Command, Decision};
use crate::domain::change::{Change, ChangeState, Origin};
use crate::domain::ids::WarehouseUuid;
use crate::domain::view::ProfileView;
use crate::error::UserError;

use super::stage::Stage;

/// How long a step may take before the story is stuck. The longest wait in it is one backoff with
/// the window in front, at most a minute.
const STEP_MAX: Duration = Duration::from_secs(90);

/// The page that a scene shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The list of warehouses, with whatever lies over it.
    Warehouses,
    /// What was recorded.
    Outbox,
}

/// Something worth a picture.
#[derive(Clone, Debug)]
pub struct Moment {
    /// A name for a file.
    pub name: &'static str,
    /// What the app said.
    pub state: Arc<AppState>,
    /// What is looked at.
    pub place: Place,
}

/// Plays the story on a stage, telling each step, and returns what is worth a picture.
///
/// # Errors
/// If something does not happen that should: then the app is broken.
pub fn play(stage: &Stage, mut tell: impl FnMut(&str)) -> Result<Vec<Moment>, UserError> {
    let mut moments = Vec::new();
    let mut actor = Actor::enter(stage)?;
    let count = actor.view()?.snapshot.as_ref().map_or(0, |list| list.assignments.len());
    tell(&format!("1. A worker is signed in and sees {count} warehouses."));
    moments.push(actor.moment("1-warehouses", Place::Warehouses));

    let first = actor.open_warehouse(0)?;
    actor.tap(first.0);
    actor.wait("the first switch to be confirmed", |view| is_confirmed(view, first.0))?;
    tell(&format!("2. A tap on {}: the server confirms it.", first.1));
    moments.push(actor.moment("2-confirmed", Place::Warehouses));

    stage.control().set_offline(true);
    actor.send(Command::DemoOffline(true));
    stage.control().clear_requests();
    let second = actor.open_warehouse(1)?;
    actor.tap(second.0);
    actor.wait("the tap to be recorded", |view| waits_for(view, second.0))?;
    tell(&format!("3. The network is gone. A tap on {} is kept and will be sent.", second.1));
    moments.push(actor.moment("3-offline", Place::Warehouses));

    drop(actor);
    let mut actor = Actor::enter(stage)?;
    actor.wait("the tap to be there again", |view| waits_for(view, second.0))?;
    tell("4. The app is closed and opened again: the tap is still there.");

    actor.send(Command::DemoOffline(false));
    actor.wait("the tap to arrive", |view| is_confirmed(view, second.0))?;
    let patches = stage.control().requests().iter().filter(|one| one.method == "PATCH").count();
    tell(&format!("5. The network is back: it goes by itself, with {patches} PATCH."));
    moments.push(actor.moment("4-arrived", Place::Warehouses));

    conflict(stage, &mut actor, &mut moments, &mut tell)?;
    moments.push(actor.moment("6-outbox", Place::Outbox));
    Ok(moments)
}

/// Somebody else switches the same user while this device is offline.
fn conflict(
    stage: &Stage,
    actor: &mut Actor,
    moments: &mut Vec<Moment>,
    tell: &mut impl FnMut(&str),
) -> Result<(), UserError> {
    actor.send(Command::DemoOffline(true));
    let wished = actor.open_warehouse(1)?;
    actor.tap(wished.0);
    actor.wait("the third tap to be recorded", |view| waits_for(view, wished.0))?;
    // The round that this tap asked for finds no network, so a later one asks.
    actor.wait("the network to be missed", |view| {
        view.sync.connection == crate::domain::connection::Connection::Offline
    })?;
    actor.send(Command::DemoOtherDevice);
    actor.send(Command::DemoOffline(false));
    actor.wait("the question", |view| question(view).is_some())?;
    tell("6. Meanwhile another device switched: the worker is asked, and nothing is overwritten.");
    moments.push(actor.moment("5-question", Place::Warehouses));

    let seq = question(actor.view()?).map(|change| change.seq);
    let seq = seq.ok_or_else(|| UserError::internal("The question went away."))?;
    actor.send(Command::Decide { seq, decision: Decision::Mine });
    actor.wait("the answer to arrive", |view| is_confirmed(view, wished.0))?;
    let on_server = stage
        .control()
        .assignments()
        .iter()
        .any(|row| row.is_active && row.warehouse_uuid == *wished.0.as_uuid());
    if !on_server {
        return Err(UserError::internal("The server does not have what was confirmed."));
    }
    tell(&format!("7. The worker stays with {}, and the server has it.", wished.1));
    Ok(())
}

fn newest(view: &ProfileView) -> Option<&Change> {
    view.changes.first()
}

fn is_for(change: &Change, warehouse: WarehouseUuid) -> bool {
    change.wish.target().is_some_and(|target| target.warehouse_uuid == warehouse)
}

fn waits_for(view: &ProfileView, warehouse: WarehouseUuid) -> bool {
    view.waiting().is_some_and(|change| is_for(change, warehouse))
}

fn is_confirmed(view: &ProfileView, warehouse: WarehouseUuid) -> bool {
    newest(view)
        .is_some_and(|change| change.state == ChangeState::Confirmed && is_for(change, warehouse))
}

fn question(view: &ProfileView) -> Option<&Change> {
    view.waiting().filter(|change| change.state == ChangeState::NeedsDecision)
}

/// Does what a worker does, and sees what they see.
struct Actor {
    host: Host,
    states: Receiver<Arc<AppState>>,
    latest: Arc<AppState>,
}

impl Actor {
    fn enter(stage: &Stage) -> Result<Self, UserError> {
        let (publish, states) = mpsc::channel();
        let publish = Box::new(move |state| {
            // Nobody looks any more when the actor has left.
            let _ = publish.send(state);
        });
        let (host, first) = stage.open_app(publish)?;
        host.send(Command::InFront(true));
        Ok(Self { host, states, latest: first.wait()? })
    }

    fn send(&self, command: Command) {
        self.host.send(command);
    }

    fn tap(&self, warehouse: WarehouseUuid) {
        self.send(Command::Activate { warehouse, origin: Origin::Tap });
    }

    fn view(&self) -> Result<&ProfileView, UserError> {
        self.latest.profile.as_ref().ok_or_else(|| UserError::internal("Nobody is signed in."))
    }

    /// The warehouse in this place among the open ones, with its name.
    fn open_warehouse(&self, place: usize) -> Result<(WarehouseUuid, String), UserError> {
        self.view()?
            .rows()
            .into_iter()
            .filter(|row| row.warehouse.is_active)
            .nth(place)
            .map(|row| (row.warehouse.uuid, row.warehouse.name.clone()))
            .ok_or_else(|| UserError::internal("There are too few warehouses."))
    }

    fn moment(&self, name: &'static str, place: Place) -> Moment {
        Moment { name, state: Arc::clone(&self.latest), place }
    }

    /// Looks at each new state until it shows what is waited for.
    fn wait(
        &mut self,
        what: &str,
        is_there: impl Fn(&ProfileView) -> bool,
    ) -> Result<(), UserError> {
        let until = Instant::now() + STEP_MAX;
        loop {
            if self.latest.profile.as_ref().is_some_and(&is_there) {
                return Ok(());
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.states.recv_timeout(left) {
                Ok(state) => self.latest = state,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    return Err(UserError::internal(format!(
                        "The story waits in vain for {what}."
                    )));
                }
            }
        }
    }
}
