//! How long a server is left alone.

use crate::domain::testing::at;

use super::*;

const SECOND: u64 = 1_000;

fn situation() -> Situation {
    Situation { now: at(SECOND), chance: Chance::new(1.0), is_in_front: true, is_token_over: false }
}

/// A PATCH came to nothing, though the list works.
fn came_to_nothing(sync: &mut SyncState) {
    let judgement = Judgement { next: Next::HoldBack, moved: Vec::new(), found_odd_answer: false };
    note_judgement(sync, &judgement, 0, &situation());
}

#[test]
fn what_comes_to_nothing_again_and_again_is_sent_less_and_less_however_well_the_list_works() {
    let mut sync = SyncState::new();
    let mut waits = Vec::new();
    for _ in 0..4 {
        came_to_nothing(&mut sync);
        note_list(&mut sync, None, true, at(SECOND));
        waits.push(hold_off(&sync, &at(SECOND)).as_secs());
    }

    assert_eq!(waits, [5, 10, 20, 40]);
}

#[test]
fn a_new_network_says_nothing_about_a_server_that_takes_no_change() {
    let mut sync = SyncState::new();
    came_to_nothing(&mut sync);

    note_network_change(&mut sync);

    assert_eq!(hold_off(&sync, &at(SECOND)).as_secs(), 5);
}

#[test]
fn a_sign_in_tries_at_once() {
    let mut sync = SyncState::new();
    came_to_nothing(&mut sync);

    note_sign_in(&mut sync, None, at(SECOND));

    assert!(hold_off(&sync, &at(SECOND)).is_zero());
}

#[test]
fn what_another_user_was_told_is_held_to_as_long_and_a_tenth_more_at_most() {
    for (chance, expected) in [(0.0, 600), (1.0, 660)] {
        let mut sync = SyncState::new();

        note_retry_after(&mut sync, Duration::from_secs(600), Chance::new(chance), at(SECOND));

        assert_eq!(hold_off(&sync, &at(SECOND)).as_secs(), expected);
    }
}
