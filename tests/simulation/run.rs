//! One run from its plan to its end, and what is told of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use wareswitch::sync::driver::Message;

use super::faults::Counts;
use super::plan::Plan;
use super::ports::Mood;
use super::world::{Failure, World};

/// Everything settles that long after the last fault.
const SETTLES_WITHIN: Duration = Duration::from_secs(15 * 60);
/// A request that was late when the faults stopped takes effect within this time.
const LAST_EFFECT: Duration = Duration::from_secs(65);
/// How often people look at their devices then.
const GLANCE: Duration = Duration::from_secs(20);

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) failure: Option<Failure>,
    pub(crate) counts: Counts,
    pub(crate) requests: u64,
    pub(crate) trace: Vec<String>,
}

/// Runs a plan. A panic of the app is a failure like any other.
pub(crate) fn run(plan: &Plan, is_traced: bool) -> Ran {
    let mut world = World::new(plan.clone(), is_traced);
    let lived = catch_unwind(AssertUnwindSafe(|| live(&mut world)));
    if lived.is_err() {
        world.failure =
            Some(Failure { promise: "nothing panics".into(), text: "see above".into() });
    }
    let mut counts = std::mem::take(&mut world.counts);
    counts.add(format!("seeds: {:?}", plan.kind));
    Ran {
        failure: world.failure.clone(),
        counts,
        requests: world.requests,
        trace: world.hub.take_trace(),
    }
}

fn live(world: &mut World) {
    for device in 0..world.devices.len() {
        world.open_window(device);
        let front = world.devices[device].front;
        world.sign_in(device, front);
    }
    for event in world.plan.events.clone() {
        world.hub.after(event.at, move |world| world.happen(event));
    }
    let ends = world.hub.now() + world.plan.ends;
    world.run_until(ends);
    calm_down(world);
    appear(world);
    let is_over = |world: &World| {
        let passed = world.hub.now() - ends;
        passed >= SETTLES_WITHIN || (passed >= LAST_EFFECT && world.has_settled())
    };
    while world.failure.is_none() && !is_over(world) {
        for device in 0..world.devices.len() {
            world.look(device);
        }
        let glance = world.hub.now() + GLANCE;
        world.run_until(glance);
    }
    if world.failure.is_none() && !world.has_settled() {
        let text = "something waits, or an attempt was not looked after".to_owned();
        world.fail("everything settles within 15 minutes", text);
    }
    // The list that the last look brings is the one to compare with.
    appear(world);
    let end = world.hub.now() + GLANCE;
    world.run_until(end);
    if world.failure.is_none() {
        world.check_end();
    }
}

fn appear(world: &mut World) {
    for device in 0..world.devices.len() {
        world.tell_all(device, || Message::Appeared);
    }
}

/// All faults stop.
fn calm_down(world: &mut World) {
    world.hub.note(|| "all faults stop".into());
    world.is_calm = true;
    for device in 0..world.devices.len() {
        world.devices[device].disk.set_mood(Mood::Quick);
        world.devices[device].has_network = true;
        world.devices[device].is_behind_portal = false;
        world.wake_up(device);
        world.boot(device);
        world.open_window(device);
        world.tell_all(device, || Message::Reconnected);
    }
}
