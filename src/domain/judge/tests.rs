//! Scenarios of one profile: taps and looks, with the server played by a set of letters.

use uuid::Uuid;

use super::*;
use crate::domain::assignment::{Assignment, Warehouse};
use crate::domain::ids::WarehouseUuid;
use crate::domain::outbox::{
    ActionRefused, Recorded, Recording, ServerWord, Undone, decide_mine, decide_theirs,
    record_leave, record_switch, undo,
};
use crate::domain::testing::{assignment, at, list, set, warehouse, wish, without};

/// One worker's outbox and a server, with a clock that the test moves.
struct Shift {
    outbox: Outbox,
    server: String,
    second: u64,
    rules: Rules,
}

/// Begins with a list just fetched that shows `active`.
fn shift(active: &str) -> Shift {
    let mut shift = Shift {
        outbox: Outbox::empty(),
        server: active.into(),
        second: 1_000,
        rules: Rules::default(),
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
            may_send: true,
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
fn mine_is_sent_and_not_asked_again_for_the_same() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.server = "C".into();
    shift.look();

    shift.decide(true);

    assert_eq!(sent(&shift.look()), "+B");
}

#[test]
fn mine_is_asked_again_when_yet_another_one_is_active() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.server = "C".into();
    shift.look();
    shift.decide(true);
    shift.server = "D".into();

    shift.look();

    assert_eq!(shift.state(), ChangeState::NeedsDecision);
}

#[test]
fn theirs_ends_the_change_quietly() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.server = "C".into();
    shift.look();

    shift.decide(false);

    assert_eq!(shift.state(), ChangeState::Discarded);
    assert_eq!(shift.look(), Next::Rest);
}

#[test]
fn a_tap_on_a_third_warehouse_answers_the_question_and_asks_no_more() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.server = "C".into();
    shift.look();

    shift.tap('D');

    assert_eq!(sent(&shift.look()), "+D");
}

#[test]
fn taps_on_the_two_sides_of_a_question_answer_it() {
    let mut mine = shift("A");
    mine.tap('B');
    mine.server = "C".into();
    mine.look();
    assert_eq!(mine.tap('B'), Recorded::DecidedMine(Seq(1)));

    let mut theirs = shift("A");
    theirs.tap('B');
    theirs.server = "C".into();
    theirs.look();
    assert_eq!(theirs.tap('C'), Recorded::DecidedTheirs(Seq(1)));
}

#[test]
fn an_open_question_stays_open_until_a_list_or_a_person_closes_it() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.server = "C".into();
    shift.look();

    shift.server = "A".into();
    assert_eq!(shift.look(), Next::Rest);
    assert_eq!(shift.state(), ChangeState::NeedsDecision);

    shift.server = "B".into();
    shift.look();
    assert_eq!(shift.state(), ChangeState::Confirmed);
}

#[test]
fn an_old_wish_is_asked_about_and_sent_after_mine() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.pass(8 * 3600 + 1);

    shift.look();
    assert_eq!(shift.newest().reason, Some(Reason::Stale { warehouse_names: vec!["A".into()] }));

    shift.decide(true);
    assert_eq!(sent(&shift.look()), "+B");
}

#[test]
fn a_wish_of_unknown_age_is_asked_about() {
    let mut shift = shift("A");
    shift.tap('B');
    let tapped = shift.newest();
    let mut recorded_at = tapped.recorded_at;
    recorded_at.boot_id = crate::domain::time::BootId(Uuid::from_u128(9));
    recorded_at.server = None;
    shift.outbox.update_change(Change { recorded_at, ..tapped });

    shift.look();

    assert_eq!(shift.state(), ChangeState::NeedsDecision);
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
fn undo_before_anything_was_sent_takes_the_change_back() {
    let mut shift = shift("A");
    shift.tap('B');

    assert_eq!(shift.undo(), Ok(Undone::TakenBack(Seq(1))));

    assert_eq!(shift.look(), Next::Rest);
    assert_eq!(shift.newest().reason, Some(Reason::Undone));
}

#[test]
fn undo_after_an_attempt_wishes_again_what_was_shown_before() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.look();
    shift.accept();
    shift.look();

    assert_eq!(shift.undo(), Ok(Undone::WishedAgain(Recorded::New(Seq(2)))));

    assert_eq!(sent(&shift.look()), "+A");
}

#[test]
fn undo_of_a_tap_over_a_waiting_wish_wishes_that_again() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.leave();

    shift.undo().unwrap();

    assert_eq!(sent(&shift.look()), "+B");
    assert_eq!(shift.newest().base, set("A"));
}

#[test]
fn what_is_not_the_latest_word_cannot_be_undone() {
    let mut shift = shift("A");
    shift.tap('B');
    let first = shift.newest();
    shift.tap('C');
    shift.outbox.named_change = Some(first);

    let how = shift.recording(Origin::Undo);
    let undone = undo(&mut shift.outbox, how);

    assert_eq!(undone, Err(ActionRefused::NotPossible));
}

#[test]
fn a_late_effect_is_put_right_by_the_last_word() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.look();
    shift.tap('A');
    shift.look();
    assert_eq!(shift.state(), ChangeState::Confirmed);

    shift.pass(90);
    shift.server = "B".into();

    assert_eq!(sent(&shift.look()), "+A");
    assert_eq!(shift.newest().origin, Origin::Repair);
}

#[test]
fn a_late_effect_after_theirs_or_a_leave_is_put_right_too() {
    let mut theirs = shift("A");
    theirs.tap('B');
    theirs.look();
    theirs.server = "C".into();
    theirs.look();
    theirs.decide(false);
    theirs.server = "B".into();
    theirs.pass(90);
    assert_eq!(sent(&theirs.look()), "+C");

    let mut left = shift("A");
    left.tap('B');
    left.look();
    left.server = "".into();
    left.leave();
    left.look();
    left.server = "B".into();
    left.pass(90);
    assert_eq!(sent(&left.look()), "-B");
}

#[test]
fn a_late_leave_is_put_right_when_its_warehouse_was_chosen_again() {
    let mut shift = shift("A");
    shift.leave();
    shift.look();
    shift.tap('A');
    shift.look();
    assert_eq!(shift.state(), ChangeState::Confirmed);
    shift.server = "".into();
    shift.pass(90);

    assert_eq!(sent(&shift.look()), "+A");
}

#[test]
fn a_late_effect_beside_the_last_word_is_put_right() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.look();
    shift.tap('A');
    shift.look();
    shift.server = "AB".into();
    shift.pass(90);

    assert_eq!(sent(&shift.look()), "+A");
}

#[test]
fn a_wish_taken_back_after_a_late_effect_leaves_what_was_shown_before_it() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.look();
    shift.tap('A');
    shift.look();
    shift.tap('C');
    shift.server = "B".into();
    let late = list("B", shift.second);
    shift.second += 3;
    assert_eq!(shift.look_at(&late, None), Next::LookAgain);
    assert_eq!(shift.newest().base, set("B"));

    shift.undo().unwrap();

    assert_eq!(sent(&shift.look()), "+A");
}

#[test]
fn at_most_two_repairs_follow_each_other() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.look();
    shift.tap('A');
    shift.look();
    shift.outbox.repairs_in_a_row = 2;
    shift.server = "B".into();

    assert_eq!(shift.look(), Next::Rest);
}

#[test]
fn another_devices_switch_is_not_taken_for_a_late_effect() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.look();
    shift.tap('A');
    shift.look();
    shift.pass(90);
    shift.server = "C".into();

    assert_eq!(shift.look(), Next::Rest);
}

#[test]
fn an_unknown_outcome_settles_only_by_a_list_asked_for_after_the_late_effect() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.look();
    shift.take_effect();
    shift.look();
    assert_eq!(shift.state(), ChangeState::Confirmed);
    assert_eq!(unsure_since(&shift.outbox), Some(at(1_000)));

    shift.pass(89);
    shift.look();
    assert_eq!(shift.outbox.attempts.len(), 1);

    shift.pass(1);
    shift.look();
    assert_eq!(shift.outbox.attempts.len(), 0);
}

#[test]
fn nothing_is_sent_on_the_word_of_an_old_list() {
    let mut shift = shift("A");
    shift.tap('B');
    let fetched = list("A", shift.second);
    shift.second += 3;

    assert_eq!(shift.look_at(&fetched, None), Next::LookAgain);
    assert!(shift.outbox.attempts.is_empty());
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
fn an_old_list_is_not_believed_without_asking() {
    let mut shift = shift("A");
    shift.pass(60);

    assert_eq!(shift.tap('A'), Recorded::New(Seq(1)));
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

#[test]
fn after_a_crash_sending_is_read_as_queued_and_its_outcome_as_unknown() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.look();

    assert!(crate::domain::outbox::recover(&mut shift.outbox, at(shift.second)));

    assert_eq!(shift.state(), ChangeState::Queued);
    assert_eq!(shift.outbox.own_targets(), set("B"));
    assert_eq!(shift.newest().wish, wish('B'));
    assert_eq!(unsure_since(&shift.outbox), Some(at(1_000)));
}
