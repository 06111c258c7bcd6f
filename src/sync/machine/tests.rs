use uuid::Uuid;

use super::*;
use crate::domain::change::AttemptOutcome;
use crate::domain::ids::{AssignmentId, AttemptId, WarehouseUuid};
use crate::domain::time::{BootId, UnixMillis};

fn at(second: u64) -> Moment {
    Moment {
        boot_id: BootId(Uuid::from_u128(1)),
        since_boot: Duration::from_secs(second),
        server: None,
        wall: UnixMillis(0),
    }
}

fn attempt() -> Box<Attempt> {
    Box::new(Attempt {
        id: AttemptId(1),
        change: Seq(1),
        assignment_id: AssignmentId::new(Uuid::from_u128(1)),
        warehouse_uuid: WarehouseUuid::new(Uuid::from_u128(1)),
        wanted_active: true,
        sent_at: at(0),
        answered_at: None,
        outcome: AttemptOutcome::Unknown,
        is_settled: false,
    })
}

fn nothing_waits() -> Facts {
    Facts {
        waiting: None,
        is_sendable: false,
        unsure_since: None,
        late_effect: Duration::from_secs(90),
        sync: SyncState::new(),
    }
}

fn change_waits() -> Facts {
    Facts { waiting: Some((Seq(7), at(100))), is_sendable: true, ..nothing_waits() }
}

/// A machine with a usable token, and the second it is.
struct Engine {
    machine: Machine,
    second: u64,
}

fn engine(facts: Facts) -> Engine {
    let machine = Machine::new(facts, TokenState::Usable, Duration::from_secs(5));
    Engine { machine, second: 100 }
}

impl Engine {
    fn feed(&mut self, event: Event) -> Vec<Effect> {
        self.machine.handle(event, at(self.second), Chance::new(1.0))
    }

    fn ask(&mut self, trigger: Trigger) -> Vec<Effect> {
        self.feed(Event::Asked(trigger))
    }

    fn began(&mut self) -> Vec<Effect> {
        let facts = self.machine.facts().clone();
        self.feed(Event::Began(facts))
    }

    fn judged(&mut self, next: Next) -> Vec<Effect> {
        let facts = self.machine.facts().clone();
        self.feed(Event::Judged { next, found_odd_answer: false, facts })
    }

    fn patched(&mut self) -> Vec<Effect> {
        let facts = self.machine.facts().clone();
        self.feed(Event::Patched { after: AfterPatch::LookAtActive, was_odd: false, facts })
    }

    fn ended(&mut self, facts: Facts) -> Vec<Effect> {
        self.feed(Event::Ended(facts))
    }
}

fn looks(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Look { .. }))
}

fn looks_at(effects: &[Effect], wanted: ListExtent) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Look { extent, .. } if *extent == wanted))
}

fn begins(effects: &[Effect]) -> bool {
    effects.contains(&Effect::Begin)
}

fn is_own_round_of(effects: &[Effect], seq: Seq) -> bool {
    effects.iter().any(
        |effect| matches!(effect, Effect::Look { round_of_tap, .. } if *round_of_tap == Some(seq)),
    )
}

fn wake(effects: &[Effect]) -> Option<Duration> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::WakeAfter(wait) => Some(*wait),
        _ => None,
    })?
}

fn backing_off(facts: Facts, until: u64) -> Facts {
    let sync = SyncState { backoff_until: Some(at(until)), ..facts.sync };
    Facts { sync, ..facts }
}

#[test]
fn what_another_process_was_told_while_the_lock_was_waited_for_is_heeded() {
    let mut engine = engine(change_waits());
    assert!(begins(&engine.ask(Trigger::Wish(Seq(7)))));
    let sync = SyncState { retry_after_until: Some(at(160)), ..SyncState::new() };

    let effects = engine.feed(Event::Began(Facts { sync, ..change_waits() }));

    assert!(effects.contains(&Effect::Finish) && !looks(&effects), "{effects:?}");
    assert_eq!(wake(&effects), Some(Duration::from_secs(60)));
}

#[test]
fn a_round_is_look_patch_look() {
    let mut engine = engine(change_waits());

    assert!(begins(&engine.ask(Trigger::Wish(Seq(1)))));
    assert!(looks_at(&engine.began(), ListExtent::Complete));
    assert!(engine.judged(Next::Send(attempt())).contains(&Effect::Send(attempt())));
    assert!(looks_at(&engine.patched(), ListExtent::Active));
    assert!(engine.judged(Next::Rest).contains(&Effect::Finish));
}

#[test]
fn what_is_active_is_not_enough_where_the_answer_was_odd_or_the_list_does_not_show_the_wish() {
    let mut engine = engine(change_waits());
    engine.ask(Trigger::SendNow);
    engine.began();
    engine.judged(Next::Send(attempt()));
    let facts = change_waits();
    let mut odd = engine.machine.clone();
    let event = Event::Patched { after: AfterPatch::Look, was_odd: true, facts };
    assert!(looks_at(&odd.handle(event, at(100), Chance::new(1.0)), ListExtent::Complete));

    engine.patched();
    assert!(looks_at(&engine.judged(Next::LookAgain), ListExtent::Complete));
}

#[test]
fn a_round_asks_five_times_at_most() {
    let mut engine = engine(change_waits());
    let mut requests = 0;
    engine.ask(Trigger::SendNow);
    let mut effects = engine.began();
    while let Some(Effect::Look { may_send, .. }) =
        effects.iter().find(|effect| matches!(effect, Effect::Look { .. }))
    {
        requests += 1;
        if *may_send {
            engine.judged(Next::Send(attempt()));
            requests += 1;
            effects = engine.patched();
        } else {
            effects = engine.judged(Next::HoldBack);
        }
    }

    assert_eq!(requests, 5);
}

#[test]
fn a_round_whose_lists_are_all_too_old_to_send_by_comes_to_an_end() {
    let mut engine = engine(change_waits());
    engine.ask(Trigger::SendNow);
    let mut effects = engine.began();
    let mut looked = 0;
    while looks(&effects) && looked < 10 {
        looked += 1;
        effects = engine.judged(Next::LookAgain);
    }

    assert_eq!(looked, 3);
    assert!(effects.contains(&Effect::Finish));
}

#[test]
fn the_first_round_after_a_tap_is_its_own() {
    let mut engine = engine(change_waits());
    engine.ask(Trigger::Wish(Seq(7)));

    assert!(is_own_round_of(&engine.began(), Seq(7)));
}

#[test]
fn a_tap_during_a_round_gets_the_next_one_if_that_begins_in_time() {
    for (seconds, is_own) in [(30, true), (31, false)] {
        let mut engine = engine(change_waits());
        engine.ask(Trigger::SendNow);
        engine.began();
        engine.ask(Trigger::Wish(Seq(7)));
        engine.second += seconds;

        assert!(begins(&engine.judged(Next::Rest)));
        assert_eq!(is_own_round_of(&engine.began(), Seq(7)), is_own, "{seconds} s");
    }
}

#[test]
fn no_other_round_counts_as_the_taps_own() {
    let triggers =
        [Trigger::SendNow, Trigger::SignedIn, Trigger::Appeared, Trigger::Touched, Trigger::Timer];
    for trigger in triggers {
        let mut engine = engine(change_waits());
        engine.ask(trigger);
        let effects = engine.began();
        assert!(looks(&effects) && !is_own_round_of(&effects, Seq(1)), "{trigger:?}");
    }
}

#[test]
fn a_wish_that_is_heard_of_late_has_no_round_of_its_own() {
    let mut engine = engine(change_waits());
    engine.second = 131;

    assert!(begins(&engine.ask(Trigger::Wish(Seq(7)))));
    assert!(!is_own_round_of(&engine.began(), Seq(7)));
}

#[test]
fn send_now_does_not_displace_a_tap_that_waits_for_its_round() {
    let mut engine = engine(change_waits());
    engine.ask(Trigger::Touched);
    engine.began();
    engine.ask(Trigger::Wish(Seq(7)));
    engine.ask(Trigger::SendNow);

    engine.judged(Next::Rest);

    assert!(is_own_round_of(&engine.began(), Seq(7)));
}

#[test]
fn a_backoff_holds_timers_back_and_people_not() {
    let mut engine = engine(backing_off(change_waits(), 160));

    assert!(!begins(&engine.ask(Trigger::Appeared)));
    assert_eq!(wake(&engine.feed(Event::Deadline)), Some(Duration::from_secs(60)));
    assert!(begins(&engine.ask(Trigger::SendNow)));
}

#[test]
fn a_retry_after_holds_everybody_back() {
    let sync = SyncState { retry_after_until: Some(at(160)), ..SyncState::new() };
    let mut engine = engine(Facts { sync, ..change_waits() });

    assert!(!begins(&engine.ask(Trigger::SendNow)));
    assert!(!begins(&engine.ask(Trigger::Wish(Seq(1)))));

    engine.second = 160;
    assert!(begins(&engine.feed(Event::Deadline)));
}

#[test]
fn without_a_usable_token_nothing_is_asked_and_no_timer_runs() {
    let mut engine = engine(change_waits());
    engine.feed(Event::Token(TokenState::Over));

    let effects = engine.ask(Trigger::Wish(Seq(1)));

    assert!(!begins(&effects));
    assert_eq!(wake(&effects), None);
}

#[test]
fn while_a_code_is_awaited_only_people_cause_a_patch() {
    let mut sync = SyncState::new();
    sync.set_connection(Connection::NeedsCode, at(0));
    let facts = Facts { sync, ..change_waits() };
    let may_send = |trigger| {
        let mut engine = engine(facts.clone());
        engine.ask(trigger);
        engine.began().iter().any(|effect| matches!(effect, Effect::Look { may_send: true, .. }))
    };

    assert!(may_send(Trigger::SendNow));
    assert!(!may_send(Trigger::Touched));
    assert_eq!(wake(&engine(facts.clone()).feed(Event::Deadline)), None);
}

#[test]
fn at_rest_with_nothing_pending_no_timer_runs() {
    let mut engine = engine(nothing_waits());

    assert_eq!(wake(&engine.feed(Event::InFront(true))), None);
}

#[test]
fn a_failed_round_is_tried_again_when_its_backoff_is_over() {
    let mut engine = engine(change_waits());
    engine.ask(Trigger::Wish(Seq(1)));
    engine.began();

    let effects = engine.ended(backing_off(change_waits(), 110));

    assert_eq!(wake(&effects), Some(Duration::from_secs(10)));
    engine.second = 110;
    assert!(begins(&engine.feed(Event::Deadline)));
}

#[test]
fn a_late_look_is_made_when_it_is_due() {
    let facts = Facts { unsure_since: Some(at(100)), ..nothing_waits() };
    let mut engine = engine(facts);

    assert_eq!(wake(&engine.feed(Event::InFront(true))), Some(Duration::from_secs(90)));
    engine.second = 190;

    assert!(begins(&engine.feed(Event::Deadline)));
}

#[test]
fn a_reconnect_waits_its_spread_and_then_sends() {
    let mut engine = engine(change_waits());

    let effects = engine.ask(Trigger::Reconnected);
    assert!(!begins(&effects));
    assert_eq!(wake(&effects), Some(Duration::from_secs(5)));

    engine.second += 5;
    assert!(begins(&engine.feed(Event::Deadline)));
}

#[test]
fn a_tap_does_not_wait_for_the_spread() {
    let mut engine = engine(change_waits());
    engine.ask(Trigger::Reconnected);

    assert!(begins(&engine.ask(Trigger::Wish(Seq(1)))));
}

#[test]
fn one_round_runs_at_a_time() {
    let mut engine = engine(change_waits());
    engine.ask(Trigger::SendNow);

    assert!(!begins(&engine.ask(Trigger::SendNow)));
    engine.began();
    assert!(begins(&engine.judged(Next::Rest)));
}

#[test]
fn a_remembered_sign_in_again_holds_nothing_back_once_there_is_a_token() {
    let mut facts = change_waits();
    facts.sync.connection = Connection::SignInAgain;
    let mut engine = engine(facts);

    let effects = engine.feed(Event::InFront(true));

    assert_eq!(effects, [Effect::WakeAfter(Some(Duration::ZERO))]);
}

#[test]
fn after_a_reboot_a_late_look_waits_until_its_list_can_settle_the_attempt() {
    let other_boot = Moment { boot_id: BootId(Uuid::from_u128(9)), ..at(5_000) };
    let facts = Facts { unsure_since: Some(other_boot), ..nothing_waits() };
    let mut engine = engine(facts);
    engine.second = 20;

    assert_eq!(wake(&engine.feed(Event::InFront(true))), Some(Duration::from_secs(70)));
}
