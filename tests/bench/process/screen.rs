//! An X server of our own, and what is to be seen on it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::damage::{ConnectionExt as _, ReportLevel};
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat};
use x11rb::rust_connection::RustConnection;

/// The size of the window.
const WIDTH: u16 = 360;
const HEIGHT: u16 = 640;
/// Where the part begins that must be as it stays: above it is the status, which goes on changing.
const STABLE_FROM: i16 = 320;

/// The screen.
pub(crate) struct Screen {
    server: Child,
    /// Its name, as in `DISPLAY`.
    pub(crate) display: String,
    connection: RustConnection,
    root: u32,
}

impl Screen {
    /// Starts the server.
    pub(crate) fn start() -> Result<Self, String> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "480x800x24", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("Xvfb can't be started ({error}): install xvfb."))?;
        let mut number = String::new();
        let read = server.stdout.take().map(|out| BufReader::new(out).read_line(&mut number));
        if !matches!(read, Some(Ok(1..))) {
            return Err("Xvfb started no display.".into());
        }
        let display = format!(":{}", number.trim());
        let (connection, screen) = RustConnection::connect(Some(&display)).unwrap();
        let root = connection.setup().roots[screen].root;
        connection.damage_query_version(1, 1).unwrap().reply().unwrap();
        let damage = connection.generate_id().unwrap();
        connection.damage_create(damage, root, ReportLevel::RAW_RECTANGLES).unwrap();
        connection.flush().unwrap();
        Ok(Self { server, display, connection, root })
    }

    /// Forgets what was drawn so far, and returns how many times something was.
    pub(crate) fn drawn(&self) -> usize {
        // All that was drawn before this is answered is in the queue then.
        self.connection.get_input_focus().unwrap().reply().unwrap();
        std::iter::from_fn(|| self.connection.poll_for_event().unwrap())
            .filter(|event| matches!(event, Event::DamageNotify(_)))
            .count()
    }

    /// Waits until something is drawn, at most until `deadline`.
    pub(crate) fn wait(&self, deadline: Instant) -> bool {
        loop {
            if self.drawn() > 0 {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// The part of the picture that stays as it is once the window is complete.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let height = HEIGHT - STABLE_FROM.unsigned_abs();
        let image = self.connection.get_image(
            ImageFormat::Z_PIXMAP,
            self.root,
            0,
            STABLE_FROM,
            WIDTH,
            height,
            u32::MAX,
        );
        image.unwrap().reply().unwrap().data
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing is lost by killing it.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
