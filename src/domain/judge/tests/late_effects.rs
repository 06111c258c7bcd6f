//! What comes late: effects of lost answers, old lists, a crash.

use super::*;

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
fn what_is_active_confirms_and_nothing_else_is_sent_before_a_complete_list() {
    let mut shift = shift("A");
    shift.tap('B');
    let complete = list("A", shift.second);
    let Next::Send(attempt) = shift.look_at(&complete, None) else { panic!("B is to be sent") };
    shift.second += 3;
    let answered = at(shift.second);
    let told = |letter| complete.with_active(vec![assignment(letter, true)], answered, answered);
    let before = shift.outbox.clone();

    assert_eq!(shift.look_at(&told('A'), None), Next::LookAgain, "B may be gone, or taken away");
    assert_eq!(shift.outbox.attempts, [*attempt], "nothing new is written down to be sent");

    shift.outbox = before;
    assert_eq!(shift.look_at(&told('B'), None), Next::Rest);
    assert_eq!(shift.state(), ChangeState::Confirmed);
}

#[test]
fn an_old_list_is_not_believed_without_asking() {
    let mut shift = shift("A");
    shift.pass(60);

    assert_eq!(shift.tap('A'), Recorded::New(Seq(1)));
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

#[test]
fn a_profile_rests_once_nothing_that_was_sent_can_take_the_place_of_the_last_word() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.look();
    assert!(!is_at_rest(&shift.outbox), "a change waits");
    shift.take_effect();
    shift.look();
    assert!(is_at_rest(&shift.outbox), "the same once more does no harm");

    shift.tap('A');
    shift.look();
    shift.accept();
    shift.look();
    assert!(!is_at_rest(&shift.outbox), "B may come late");
    shift.pass(90);
    shift.look();
    assert!(is_at_rest(&shift.outbox));
}

#[test]
fn a_profile_does_not_rest_while_a_late_leave_may_undo_the_last_word() {
    let mut shift = shift("A");
    shift.leave();
    shift.look();
    shift.tap('A');
    shift.look();
    assert_eq!(shift.state(), ChangeState::Confirmed);

    assert!(!is_at_rest(&shift.outbox));
}
