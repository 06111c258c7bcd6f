use uuid::Uuid;

use super::*;
use crate::domain::testing::{assignment_id, list, set, warehouse, wish, with, without};

/// A case that nothing speaks against; each test changes what it is about.
struct Given {
    wish: char,
    base: &'static str,
    own: &'static str,
    list: AssignmentList,
    is_stale: bool,
    is_round_of_tap: bool,
    on_conflict: OnConflict,
}

fn given(wish: char, base: &'static str, remote: &str) -> Given {
    Given {
        wish,
        base,
        own: "",
        list: list(remote, 0),
        is_stale: false,
        is_round_of_tap: false,
        on_conflict: OnConflict::Ask,
    }
}

impl Given {
    fn verdict(&self) -> Verdict {
        decide(&Case {
            wish: &wish(self.wish),
            base: &set(self.base),
            own: &set(self.own),
            list: &self.list,
            is_stale: self.is_stale,
            is_round_of_tap: self.is_round_of_tap,
            on_conflict: self.on_conflict,
        })
    }

    #[track_caller]
    fn expect(&self, row: u8, decision: Decision) {
        assert_eq!(self.verdict(), Verdict { row, decision });
    }
}

fn send(letter: char, active: bool) -> Patch {
    Patch { assignment_id: assignment_id(letter), warehouse_uuid: warehouse(letter), active }
}

fn closed(list: &AssignmentList, letter: char) -> AssignmentList {
    with(list, letter, |row| row.warehouse.is_active = false)
}

// One test for each row.

#[test]
fn row_1_a_reassigned_warehouse_is_patched_under_its_new_id() {
    let new_id = AssignmentId::new(Uuid::from_u128(77));
    let mut case = given('B', "A", "A");
    case.list = with(&case.list, 'B', |row| row.id = new_id);

    case.expect(8, Decision::Send(Patch { assignment_id: new_id, ..send('B', true) }));
}

#[test]
fn row_2_a_warehouse_that_is_no_longer_assigned_is_rejected() {
    let mut case = given('B', "A", "A");
    case.list = without(&case.list, 'B');

    case.expect(2, Decision::RejectNotAssigned);
}

#[test]
fn row_3_what_is_active_alone_is_confirmed() {
    given('B', "A", "B").expect(3, Decision::Confirm);
}

#[test]
fn row_4_a_leave_is_confirmed_when_nothing_of_ours_is_active() {
    given('-', "A", "").expect(4, Decision::Confirm);
    given('-', "A", "C").expect(4, Decision::Confirm);
}

#[test]
fn row_5_a_closed_warehouse_is_rejected() {
    let mut case = given('B', "A", "A");
    case.list = closed(&case.list, 'B');

    case.expect(5, Decision::RejectClosed);
}

#[test]
fn row_6_an_old_wish_is_asked_about() {
    let mut case = given('B', "A", "A");
    case.is_stale = true;

    case.expect(6, Decision::AskStale);
}

#[test]
fn row_7_a_leave_patches_what_was_active_at_the_tap_or_may_be_our_doing() {
    given('-', "A", "A").expect(7, Decision::Send(send('A', false)));
    let mut case = given('-', "A", "BC");
    case.own = "B";

    case.expect(7, Decision::Send(send('B', false)));
}

#[test]
fn row_8_an_undisturbed_wish_is_sent() {
    given('B', "A", "A").expect(8, Decision::Send(send('B', true)));
    given('B', "A", "").expect(8, Decision::Send(send('B', true)));
    given('B', "A", "AB").expect(8, Decision::Send(send('B', true)));
}

#[test]
fn row_8_takes_the_effect_of_own_attempts_for_undisturbed() {
    let mut case = given('B', "A", "C");
    case.own = "C";

    case.expect(8, Decision::Send(send('B', true)));
}

#[test]
fn row_9_the_round_of_the_tap_replaces_what_others_made_active() {
    let mut case = given('B', "A", "C");
    case.is_round_of_tap = true;

    case.expect(9, Decision::SendReplacing(send('B', true)));
}

#[test]
fn row_10_a_switch_by_somebody_else_is_decided_by_policy() {
    let cases = [
        (OnConflict::Ask, Decision::AskSwitched),
        (OnConflict::Mine, Decision::SendReplacing(send('B', true))),
        (OnConflict::Theirs, Decision::Theirs),
    ];
    for (policy, decision) in cases {
        let mut case = given('B', "A", "C");
        case.on_conflict = policy;
        case.expect(10, decision);
    }
}

// For each pair of neighbouring rows that can both fit, an input that fits both.

#[test]
fn rows_1_and_3_a_new_id_that_is_active_already_is_confirmed() {
    let mut case = given('B', "A", "B");
    case.list = with(&case.list, 'B', |row| row.id = AssignmentId::new(Uuid::from_u128(77)));

    case.expect(3, Decision::Confirm);
}

#[test]
fn rows_2_and_6_a_lost_assignment_is_rejected_however_old_the_wish() {
    let mut case = given('B', "A", "A");
    case.list = without(&case.list, 'B');
    case.is_stale = true;

    case.expect(2, Decision::RejectNotAssigned);
}

#[test]
fn rows_3_and_5_a_closed_warehouse_that_is_active_already_is_confirmed() {
    let mut case = given('B', "A", "B");
    case.list = closed(&case.list, 'B');

    case.expect(3, Decision::Confirm);
}

#[test]
fn rows_3_and_6_an_old_wish_that_is_fulfilled_asks_nothing() {
    let mut case = given('B', "A", "B");
    case.is_stale = true;

    case.expect(3, Decision::Confirm);
}

#[test]
fn rows_4_and_6_an_old_leave_that_is_fulfilled_asks_nothing() {
    let mut case = given('-', "A", "C");
    case.is_stale = true;

    case.expect(4, Decision::Confirm);
}

#[test]
fn rows_5_and_6_a_closed_warehouse_is_rejected_however_old_the_wish() {
    let mut case = given('B', "A", "A");
    case.list = closed(&case.list, 'B');
    case.is_stale = true;

    case.expect(5, Decision::RejectClosed);
}

#[test]
fn rows_5_and_8_a_closed_warehouse_is_never_sent() {
    let mut case = given('B', "A", "");
    case.list = closed(&case.list, 'B');

    case.expect(5, Decision::RejectClosed);
}

#[test]
fn rows_6_and_7_an_old_leave_is_asked_about_before_it_is_sent() {
    let mut case = given('-', "A", "A");
    case.is_stale = true;

    case.expect(6, Decision::AskStale);
}

#[test]
fn rows_6_and_10_an_old_wish_is_asked_about_whatever_the_policy() {
    let mut case = given('B', "A", "C");
    case.is_stale = true;
    case.on_conflict = OnConflict::Mine;

    case.expect(6, Decision::AskStale);
}

#[test]
fn rows_8_and_9_an_undisturbed_tap_replaces_nothing() {
    let mut case = given('B', "A", "A");
    case.is_round_of_tap = true;

    case.expect(8, Decision::Send(send('B', true)));
}

#[test]
fn rows_9_and_10_the_round_of_the_tap_asks_nothing() {
    for policy in [OnConflict::Ask, OnConflict::Theirs] {
        let mut case = given('B', "A", "C");
        case.is_round_of_tap = true;
        case.on_conflict = policy;
        case.expect(9, Decision::SendReplacing(send('B', true)));
    }
}
