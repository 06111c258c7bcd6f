//! Cuts a run that fails down to what matters: events that are not needed go, and so do faults.

use super::plan::Plan;
use super::run::run;

/// How many runs may be spent on one failure.
const RUNS_MAX: u32 = 600;

struct Shrinking {
    best: Plan,
    promise: String,
    runs_left: u32,
}

impl Shrinking {
    /// Takes a smaller plan if it breaks the same promise.
    fn try_out(&mut self, smaller: Plan) -> bool {
        if self.runs_left == 0 {
            return false;
        }
        self.runs_left -= 1;
        let failure = run(&smaller, false).failure;
        let is_same = failure.is_some_and(|failure| failure.promise == self.promise);
        if is_same {
            self.best = smaller;
        }
        is_same
    }

    /// Leaves out one run of events after another, long ones first.
    fn drop_events(&mut self) {
        let mut length = self.best.events.len().div_ceil(2);
        while length > 0 {
            let mut from = 0;
            while from < self.best.events.len() {
                let mut smaller = self.best.clone();
                let to = (from + length).min(smaller.events.len());
                smaller.events.drain(from..to);
                if !self.try_out(smaller) {
                    from += length;
                }
            }
            length /= 2;
        }
    }

    /// Lets one run of requests after another go well.
    fn mute_faults(&mut self, requests: u64) {
        let mut length = requests.div_ceil(2);
        while length > 0 {
            let mut from = 1;
            while from <= requests {
                let mut smaller = self.best.clone();
                smaller.muted.extend(from..(from + length).min(requests + 1));
                if smaller.muted.len() > self.best.muted.len() {
                    self.try_out(smaller);
                }
                from += length;
            }
            length /= 2;
        }
    }
}

/// The smallest plan found that breaks the same promise.
pub(crate) fn shrink(plan: Plan, promise: &str) -> Plan {
    let mut shrinking = Shrinking { best: plan, promise: promise.to_owned(), runs_left: RUNS_MAX };
    shrinking.drop_events();
    let requests = run(&shrinking.best, false).requests;
    shrinking.mute_faults(requests);
    shrinking.drop_events();
    shrinking.best
}
