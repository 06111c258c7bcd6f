//! Questions, their answers, and undo: what a person says to what became of a wish.

use super::*;

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
fn undo_while_an_attempt_may_still_take_effect_is_a_wish_of_its_own() {
    let mut shift = shift("A");
    shift.tap('B');
    shift.look();
    crate::domain::outbox::recover(&mut shift.outbox, at(shift.second));
    assert_eq!(shift.state(), ChangeState::Queued);

    assert_eq!(shift.undo(), Ok(Undone::WishedAgain(Recorded::New(Seq(2)))));

    assert_eq!(shift.newest().wish, wish('A'));
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
