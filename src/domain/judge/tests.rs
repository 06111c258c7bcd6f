//! Scenarios of one profile: taps and looks, with the server played by a set of letters.

use uuid::Uuid;

use super::repair::wish_for;
use super::*;
use crate::domain::assignment::{Assignment, Warehouse};
use crate::domain::change::Origin;
use crate::domain::ids::WarehouseUuid;
use crate::domain::outbox::{
    ActionRefused, Recorded, Recording, ServerWord, Undone, decide_mine, decide_theirs,
    record_leave, record_switch, undo,
};
use crate::domain::testing::{assignment, at, list, set, warehouse, wish, without};

mod late_effects;
mod questions;

/// One worker's outbox and a server, with a clock that the test moves.
struct Shift {
    outbox: Outbox,
    server: String,
    second: u64,
    rules: Rules,
    may_send: bool,
}

/// Begins with a list just fetched that shows `active`.
fn shift(active: &str) -> Shift {
    let mut shift = Shift {
        outbox: Outbox::empty(),
        server: active.into(),
        second: 1_000,
        rules: Rules::default(),
        may_send: true,
    };
    shift.look();
    shift
}

impl Shift {
    fn recording(&self, origin: Origin) -> Recording {
        Recording { origin, now: at(self.second), id: ChangeId::new(Uuid::from_u128(1)) }
    }

    fn tap(&mut self, letter: char) -> Recorded {
        self.outbox.named_assignment = Some(assignment(letter, self.server.contains(letter)));
        let how = self.recording(Origin::Tap);
        record_switch(&mut self.outbox, how).unwrap()
    }

    fn leave(&mut self) -> Recorded {
        let how = self.recording(Origin::Tap);
        record_leave(&mut self.outbox, how).unwrap()
    }

    fn undo(&mut self) -> Result<Undone, ActionRefused> {
        let change = self.newest();
        let before = change.shown_before.as_ref().and_then(Wish::target);
        self.outbox.named_assignment = before.map(|target| Assignment {
            id: target.assignment_id,
            warehouse: Warehouse {
                uuid: target.warehouse_uuid,
                name: target.warehouse_name.clone(),
                is_active: true,
            },
            is_active: false,
        });
        self.outbox.named_change = Some(change);
        let how = self.recording(Origin::Undo);
        undo(&mut self.outbox, how)
    }

    fn decide(&mut self, is_mine: bool) {
        self.outbox.named_change = Some(self.newest());
        let decided = if is_mine { decide_mine } else { decide_theirs };
        decided(&mut self.outbox, at(self.second)).unwrap();
    }

    fn newest(&self) -> Change {
        let unsettled = self.outbox.waiting().cloned();
        unsettled.or_else(|| self.outbox.last_settled.clone()).unwrap()
    }

    /// A complete list arrives and is judged.
    fn look(&mut self) -> Next {
        self.look_as(None)
    }

    /// The same, in the round that the newest change's tap asked for.
    fn look_for_tap(&mut self) -> Next {
        self.look_as(Some(self.newest().seq))
    }

    fn look_as(&mut self, round_of_tap: Option<Seq>) -> Next {
        let fetched = list(&self.server, self.second);
        self.look_at(&fetched, round_of_tap)
    }

    fn look_at(&mut self, fetched: &AssignmentList, round_of_tap: Option<Seq>) -> Next {
        let active = fetched.assignments().iter().filter(|row| row.is_active);
        self.outbox.server_word = Some(ServerWord {
            active: active
                .filter_map(|row| wish_for(&[row.warehouse.uuid].into(), fetched))
                .filter_map(|wish| wish.target().cloned())
                .collect(),
            fetched_at: fetched.answered_at,
        });
        let circumstances = Circumstances {
            rules: self.rules,
            round_of_tap,
            may_send: self.may_send,
            now: at(self.second),
            repair_id: ChangeId::new(Uuid::from_u128(2)),
        };
        judge(&mut self.outbox, fetched, &circumstances).next
    }

    /// The PATCH on its way comes to this end, as far as the device can tell.
    fn answer(&mut self, outcome: AttemptOutcome) {
        let attempt = self.outbox.attempts.last().cloned().unwrap();
        let answered_at = Some(at(self.second));
        self.outbox.update_attempt(Attempt { outcome, answered_at, ..attempt });
    }

    /// The PATCH takes effect on the server and the answer arrives.
    fn accept(&mut self) {
        self.take_effect();
        self.answer(AttemptOutcome::Accepted);
    }

    /// The PATCH takes effect on the server.
    fn take_effect(&mut self) {
        let attempt = self.outbox.attempts.last().unwrap();
        let letter = letter(attempt.warehouse_uuid);
        if attempt.wanted_active {
            self.server = letter.to_string();
        } else {
            self.server.retain(|other| other != letter);
        }
    }

    fn pass(&mut self, seconds: u64) {
        self.second += seconds;
    }

    fn state(&self) -> ChangeState {
        self.newest().state
    }
}

fn letter(uuid: WarehouseUuid) -> char {
    ('A'..='Z').find(|letter| warehouse(*letter) == uuid).unwrap()
}

/// What is sent, as `+B` or `-A`; nothing if nothing is.
fn sent(next: &Next) -> String {
    match next {
        Next::Send(attempt) => {
            let sign = if attempt.wanted_active { '+' } else { '-' };
            format!("{sign}{}", letter(attempt.warehouse_uuid))
        }
        _ => String::new(),
    }
}

#[test]
fn a_tap_is_sent_and_confirmed_by_the_list_not_by_the_answer() {
    let mut shift = shift("A");
    shift.tap('B');

    assert_eq!(sent(&shift.look()), "+B");
    shift.accept();
    assert_eq!(shift.state(), ChangeState::Sending);
    shift.look();

    assert_eq!(shift.state(), ChangeState::Confirmed);
    assert!(shift.outbox.attempts.is_empty(), "the attempt has settled");
}

#[test]
fn an_accepted_patch_whose_row_vanished_is_not_confirmed() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.look();
    shift.answer(AttemptOutcome::Accepted);

    let fetched = without(&list("A", shift.second), 'B');
    shift.look_at(&fetched, None);

    assert_eq!(shift.newest().reason, Some(Reason::NoLongerAssigned));
}

#[test]
fn a_chain_that_ends_where_it_began_sends_nothing() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.tap('A');

    assert_eq!(shift.look(), Next::Rest);

    assert_eq!(shift.state(), ChangeState::Confirmed);
    assert_eq!(shift.newest().attempts, 0);
}

#[test]
fn a_thousand_taps_leave_one_wish_with_the_first_base() {
    let mut shift = shift("A");
    for letter in "BCD".chars().cycle().take(1_000) {
        shift.tap(letter);
    }

    assert_eq!(shift.outbox.unsettled.len(), 1);
    assert_eq!(shift.newest().base, set("A"));
    assert_eq!(sent(&shift.look()), "+B");
}

#[test]
fn a_tap_while_another_is_on_its_way_waits_for_its_end() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.look();
    shift.tap('C');
    shift.accept();

    assert_eq!(sent(&shift.look()), "+C");

    let writes = &shift.outbox.writes;
    let is_first_confirmed = writes.iter().any(|write| {
        matches!(write, crate::domain::outbox::Write::UpdateChange(change)
            if change.seq == Seq(1) && change.state == ChangeState::Confirmed)
    });
    assert!(is_first_confirmed);
}

#[test]
fn a_lost_answer_is_no_conflict_with_oneself() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.look();
    shift.take_effect();
    shift.tap('C');

    assert_eq!(sent(&shift.look()), "+C");
}

#[test]
fn a_switch_by_another_device_is_asked_about() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.server = "C".into();

    assert_eq!(shift.look(), Next::Rest);

    assert_eq!(shift.state(), ChangeState::NeedsDecision);
    let names = vec!["C".into()];
    assert_eq!(shift.newest().reason, Some(Reason::SwitchedMeanwhile { warehouse_names: names }));
}

#[test]
fn in_the_round_of_the_tap_itself_the_tap_wins_and_it_is_told() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.server = "C".into();

    assert_eq!(sent(&shift.look_for_tap()), "+B");
    shift.accept();
    shift.look();

    let names = vec!["C".into()];
    assert_eq!(shift.newest().reason, Some(Reason::Replaced { warehouse_names: names }));
    assert_eq!(shift.state(), ChangeState::Confirmed);
}

#[test]
fn a_switch_that_the_taps_round_saw_but_could_not_replace_is_asked_about_later() {
    let mut spent = shift("A");
    spent.tap('B');
    spent.server = "C".into();
    spent.may_send = false;
    assert_eq!(spent.look_for_tap(), Next::HoldBack);
    spent.may_send = true;
    assert_eq!(spent.look(), Next::Rest);
    assert_eq!(spent.state(), ChangeState::NeedsDecision);

    let mut slow = shift("A");
    slow.tap('B');
    let fetched = list("C", slow.second);
    slow.pass(3);
    assert_eq!(slow.look_at(&fetched, Some(Seq(1))), Next::LookAgain);
    slow.server = "C".into();
    assert_eq!(slow.look(), Next::Rest);
    assert_eq!(slow.state(), ChangeState::NeedsDecision);
}

#[test]
fn a_refusal_is_final_unless_the_list_shows_the_wish_fulfilled() {
    let refused = || AttemptOutcome::Refused { code: "5202".into(), message: "no".into() };
    let mut rejected = shift("A");
    rejected.tap('B');
    rejected.look();
    rejected.answer(refused());
    rejected.look();
    let reason = Reason::ServerRefused { code: "5202".into(), message: "no".into() };
    assert_eq!(rejected.newest().reason, Some(reason));

    let mut confirmed = shift("A");
    confirmed.tap('B');
    confirmed.look();
    confirmed.take_effect();
    confirmed.answer(refused());
    confirmed.look();
    assert_eq!(confirmed.state(), ChangeState::Confirmed);
}

#[test]
fn not_found_while_the_list_still_shows_it_leaves_the_outcome_unknown() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.look();
    shift.answer(AttemptOutcome::NotFound);

    assert_eq!(sent(&shift.look()), "+B");

    assert_eq!(shift.outbox.attempts[0].outcome, AttemptOutcome::Unknown);
}

#[test]
fn leaving_deactivates_what_was_active_and_confirms() {
    let mut shift = shift("A");
    shift.leave();

    assert_eq!(sent(&shift.look()), "-A");
    shift.accept();
    shift.look();

    assert_eq!(shift.state(), ChangeState::Confirmed);
    assert_eq!(shift.server, "");
}

#[test]
fn leaving_leaves_alone_what_somebody_else_made_active_and_tells() {
    let mut shift = shift("A");
    shift.leave();
    shift.server = "C".into();

    assert_eq!(shift.look(), Next::Rest);

    let names = vec!["C".into()];
    assert_eq!(shift.newest().reason, Some(Reason::ActiveElsewhere { warehouse_names: names }));
}

#[test]
fn after_a_race_a_tap_on_one_of_two_active_rows_sends_it() {
    let mut shift = shift("AB");

    assert_eq!(shift.tap('B'), Recorded::New(Seq(1)));

    assert_eq!(sent(&shift.look()), "+B");
}

#[test]
fn a_wish_follows_the_server_where_nobody_interfered() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.server = "".into();
    let fetched = list("", shift.second);
    shift.second += 3;
    shift.look_at(&fetched, None);
    shift.server = "A".into();

    shift.look();

    assert_eq!(shift.state(), ChangeState::NeedsDecision, "A came back by somebody else's hand");
}

#[test]
fn taps_that_change_nothing_are_told_so() {
    let mut shift = shift("A");
    assert_eq!(shift.tap('A'), Recorded::AlreadySo);
    assert_eq!(shift.tap('B'), Recorded::New(Seq(1)));
    assert_eq!(shift.tap('B'), Recorded::AlreadyWaiting(Seq(1)));
}

#[test]
fn taps_that_cannot_be_wished_are_refused_with_the_reason() {
    let how = shift("A").recording(Origin::Tap);
    let mut never_synced = Outbox::empty();
    assert_eq!(record_leave(&mut never_synced, how), Err(ActionRefused::NeverSynced));

    let mut unassigned = shift("A").outbox;
    unassigned.named_assignment = None;
    assert_eq!(record_switch(&mut unassigned, how), Err(ActionRefused::NotAssigned));

    let mut closed = shift("A").outbox;
    let mut row = assignment('B', false);
    row.warehouse.is_active = false;
    closed.named_assignment = Some(row);
    assert_eq!(record_switch(&mut closed, how), Err(ActionRefused::Closed));
    assert!(closed.unsettled.is_empty());
}
