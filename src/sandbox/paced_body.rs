//! Bodies as bad networks deliver them: slow, endless or broken off.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::{Body, Frame};
use tokio::time::Sleep;

/// Sends a body piece by piece.
pub(super) struct PacedBody {
    /// What is still to come.
    rest: Rest,
    /// The time before each piece but the first, and before breaking off.
    pause: Option<Duration>,
    waiting: Option<Pin<Box<Sleep>>>,
    /// Ends with an error instead of an end, which closes the connection.
    breaks_off: bool,
}

enum Rest {
    Bytes { bytes: Bytes, piece: usize },
    Blanks { left: u64 },
}

/// Time for what was sent to leave the machine before the connection breaks.
const BEFORE_BREAKING: Duration = Duration::from_millis(20);
const BLANKS: &[u8] = &[b' '; 65_536];

impl PacedBody {
    /// One byte after another.
    pub(super) fn slow(bytes: Bytes, pause: Duration) -> Self {
        let rest = Rest::Bytes { bytes, piece: 1 };
        Self { rest, pause: Some(pause), waiting: None, breaks_off: false }
    }

    /// The first half, then the connection breaks.
    pub(super) fn cut(bytes: &Bytes) -> Self {
        let half = bytes.len() / 2;
        let rest = Rest::Bytes { bytes: bytes.slice(..half), piece: half };
        Self { rest, pause: Some(BEFORE_BREAKING), waiting: None, breaks_off: true }
    }

    /// Very many blanks.
    pub(super) fn huge(length: u64) -> Self {
        Self { rest: Rest::Blanks { left: length }, pause: None, waiting: None, breaks_off: false }
    }
}

impl Rest {
    fn next_piece(&mut self) -> Option<Bytes> {
        match self {
            Self::Bytes { bytes, piece } => {
                let length = (*piece).min(bytes.len());
                (length > 0).then(|| bytes.split_to(length))
            }
            Self::Blanks { left } => {
                let length = BLANKS.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                let piece = BLANKS.get(..length).filter(|piece| !piece.is_empty())?;
                *left = left.saturating_sub(u64::try_from(length).unwrap_or(*left));
                Some(Bytes::from_static(piece))
            }
        }
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some(waiting) = &mut self.waiting {
            if waiting.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.waiting = None;
        }
        if let Some(piece) = self.rest.next_piece() {
            self.waiting = self.pause.map(|pause| Box::pin(tokio::time::sleep(pause)));
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        if self.breaks_off {
            return Poll::Ready(Some(Err(std::io::Error::other("broken off, as ordered"))));
        }
        Poll::Ready(None)
    }
}
