//! Sorting names the way people do: Halle 2 before Halle 10, case aside.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::str::Chars;

/// Compares two names. Runs of ASCII digits compare as numbers of any length, other characters by
/// their lower case. A total order: names that differ never compare equal.
pub fn compare(left: &str, right: &str) -> Ordering {
    let mut left_rest = left.chars().peekable();
    let mut right_rest = right.chars().peekable();
    loop {
        let ordering = match (left_rest.peek(), right_rest.peek()) {
            (None, None) => return left.cmp(right),
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) if a.is_ascii_digit() && b.is_ascii_digit() => {
                compare_numbers(&digits(&mut left_rest), &digits(&mut right_rest))
            }
            (Some(_), Some(_)) => {
                let lower_left = left_rest.next().into_iter().flat_map(char::to_lowercase);
                let lower_right = right_rest.next().into_iter().flat_map(char::to_lowercase);
                lower_left.cmp(lower_right)
            }
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
}

/// Takes the run of digits at the front, without leading zeros.
fn digits(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut run = String::new();
    while let Some(digit) = rest.next_if(char::is_ascii_digit) {
        if digit != '0' || !run.is_empty() {
            run.push(digit);
        }
    }
    run
}

/// Compares digit strings without leading zeros by their value.
fn compare_numbers(left: &str, right: &str) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_sort_as_people_read_them() {
        let ordered = ["", "Halle", "halle 1", "Halle 2", "Halle 10", "Halle 10a", "Hallo", "Ä"];
        for pair in ordered.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn numbers_longer_than_any_integer_compare() {
        let long = "9".repeat(400);

        assert_eq!(compare(&long, &format!("1{long}")), Ordering::Less);
    }

    proptest! {
        #[test]
        fn it_is_a_total_order(a in "[a-zA-Z0-9 ]{0,6}", b in "[a-zA-Z0-9 ]{0,6}", c in "[a-zA-Z0-9 ]{0,6}") {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &b) == Ordering::Equal, a == b);
            if compare(&a, &b) != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
                prop_assert_ne!(compare(&a, &c), Ordering::Greater);
            }
        }
    }
}
