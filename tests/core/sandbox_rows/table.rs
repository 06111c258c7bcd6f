//! The contract's table of situations and answers: every row, by its number.

use std::collections::BTreeSet;

use reqwest::RequestBuilder;
use serde_json::Value;
use wareswitch::sandbox::Settings;

use super::world::{Answer, World, send};
use super::{reaching, reading, signing_in, writing};

/// How many rows the table has.
const ROW_COUNT: usize = 66;

/// A row, or a part of it: requests in one situation, and the answer that each of them gets.
pub(super) struct Row {
    number: usize,
    situation: &'static str,
    /// Brings the situation about and returns the requests, which are sent in this order.
    ask: fn(&World) -> Vec<RequestBuilder>,
    expected: Expected,
}

/// What is answered.
pub(super) enum Expected {
    /// A document of this type, which says what the function wants, after every request.
    Document(u16, &'static str, fn(&World, &Value) -> bool),
    /// One error, in the shape that goes with this type.
    Error(&'static str, u16, Option<&'static str>, &'static str),
    /// The same with 401 on servers of now and 403 on old ones.
    NoToken(&'static str, Option<&'static str>, &'static str),
    /// An HTML page.
    Page(u16),
    /// Nothing but a status.
    Empty(u16),
}

pub(super) const fn row(
    number: usize,
    situation: &'static str,
    ask: fn(&World) -> Vec<RequestBuilder>,
    expected: Expected,
) -> Row {
    Row { number, situation, ask, expected }
}

fn rows() -> impl Iterator<Item = &'static Row> {
    [signing_in::ROWS, reaching::ROWS, reading::ROWS, writing::ROWS].into_iter().flatten()
}

#[tokio::test]
async fn every_row_of_the_contract_is_answered_as_it_says() {
    let numbers: BTreeSet<usize> = rows().map(|row| row.number).collect();
    assert!(numbers.into_iter().eq(1..=ROW_COUNT), "a row is missing");

    let mut wrong = Vec::new();
    for row in rows() {
        let releases: &[u16] =
            if matches!(row.expected, Expected::NoToken(..)) { &[401, 403] } else { &[401] };
        for missing_token_status in releases.iter().copied() {
            let world = World::new().await;
            let settings = Settings { missing_token_status, ..Settings::default() };
            world.control.set_settings(settings).unwrap();
            for (place, request) in (row.ask)(&world).into_iter().enumerate() {
                let answer = send(request).await;
                if !row.expected.is_met(&world, &answer, missing_token_status) {
                    let (number, situation) = (row.number, row.situation);
                    wrong.push(format!("row {number} ({situation}), request {place}: {answer:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Expected {
    fn is_met(&self, world: &World, answer: &Answer, missing_token_status: u16) -> bool {
        // A browser shows a page of another site no answer without this.
        if answer.headers.get("access-control-allow-origin").is_none_or(|value| value != "*") {
            return false;
        }
        match *self {
            Self::Document(status, content_type, says) => {
                (answer.status, answer.content_type.as_str()) == (status, content_type)
                    && says(world, &answer.json())
            }
            Self::Error(content_type, status, code, message) => {
                answer.is_error(content_type, status, code, message)
            }
            Self::NoToken(content_type, code, message) => {
                answer.is_error(content_type, missing_token_status, code, message)
            }
            Self::Page(status) => {
                answer.status == status && answer.content_type.starts_with("text/html")
            }
            Self::Empty(status) => answer.status == status && answer.text.is_empty(),
        }
    }
}
