//! Sound and vibration on Linux.
//!
//! A sound is played by the program that comes with the device's sound server, as a process of its
//! own: `pw-play` (PipeWire), `paplay` (PulseAudio) or `aplay` (ALSA alone), whichever works. So no
//! library is needed to build or to start, and a sound server that hangs or crashes takes nothing
//! else with it. The motor is the kernel's `vibrator` light, where there is one.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{MemfdFlags, memfd_create};

use crate::app::feedback::{Feedback, PAUSE, Signal};
use crate::platform::tone;

/// Players and what they need to play what is on their standard input, the best first.
const PLAYERS: &[(&str, &[&str])] = &[("pw-play", &[]), ("paplay", &[]), ("aplay", &["--quiet"])];
/// The longest that a player may take; one that hangs is ended.
const PLAYING_MAX: Duration = Duration::from_secs(3);
/// How often a playing player is looked after.
const LOOK: Duration = Duration::from_millis(15);
/// How long no player is tried after none worked: a tap must not cost three processes each time.
const REST: Duration = Duration::from_secs(60);
/// The motor, as the kernel shows it.
const MOTOR: &str = "/sys/class/leds/vibrator";

type Order = (Signal, u8);

/// Gives signals from a thread of its own.
pub struct LinuxFeedback {
    orders: SyncSender<Order>,
}

impl LinuxFeedback {
    /// With the players that are found on the path.
    pub fn of_this_device() -> Self {
        let players = PLAYERS.iter().map(|(name, arguments)| {
            let arguments = arguments.iter().map(OsString::from).collect();
            Player { program: name.into(), arguments }
        });
        Self::with(players.collect(), MOTOR.into())
    }

    /// With these players and this motor.
    fn with(players: Vec<Player>, motor: PathBuf) -> Self {
        let (orders, receiver) = sync_channel(4);
        let worker = Worker { orders: receiver, players, works: None, rests_until: None, motor };
        if let Err(error) = thread::Builder::new().name("feedback".into()).spawn(|| worker.run()) {
            tracing::warn!(%error, "there will be no sound");
        }
        Self { orders }
    }
}

impl Feedback for LinuxFeedback {
    fn give(&self, signal: Signal, volume: u8) {
        // Full: the thread is behind, and the newest of what waits there is enough.
        let _ = self.orders.try_send((signal, volume));
    }
}

struct Player {
    program: PathBuf,
    arguments: Vec<OsString>,
}

struct Worker {
    orders: Receiver<Order>,
    players: Vec<Player>,
    /// The player that worked last.
    works: Option<usize>,
    rests_until: Option<Instant>,
    motor: PathBuf,
}

/// How playing a sound ended.
enum Played {
    Done,
    /// There is something newer to play.
    CutOff(Order),
    Failed,
}

impl Worker {
    fn run(mut self) {
        let mut next = None;
        while let Some(order) = next.take().or_else(|| self.orders.recv().ok()) {
            next = self.serve(order);
        }
    }

    /// Gives one signal. Returns a newer one that came meanwhile.
    fn serve(&mut self, (signal, volume): Order) -> Option<Order> {
        self.vibrate(signal);
        if volume == 0 || self.rests_until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let sound = tone::wav(signal, volume);
        let first = self.works.unwrap_or_default();
        let order = (first..self.players.len()).chain(0..first);
        for index in order {
            match self.players.get(index).map(|player| self.play(player, &sound)) {
                Some(Played::Done) => {
                    self.works = Some(index);
                    return None;
                }
                Some(Played::CutOff(newer)) => {
                    self.works = Some(index);
                    return Some(newer);
                }
                Some(Played::Failed) | None => {}
            }
        }
        tracing::info!("no sound can be played; see 'Sound' in the administrator's guide");
        self.rests_until = Some(Instant::now() + REST);
        None
    }

    fn play(&self, player: &Player, sound: &[u8]) -> Played {
        let Ok(mut child) = start(player, sound) else { return Played::Failed };
        let started = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Played::Done,
                Ok(Some(_)) => return Played::Failed,
                Ok(None) => {}
                Err(_) => return end(child, Played::Failed),
            }
            if started.elapsed() > PLAYING_MAX {
                return end(child, Played::Failed);
            }
            match self.orders.try_recv() {
                Ok(newer) => return end(child, Played::CutOff(newer)),
                // The window is closing; the sound of its last outcome may end.
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => thread::sleep(LOOK),
            }
        }
    }

    /// Runs the motor, if there is one: the kernel stops it after what `duration` says.
    fn vibrate(&self, signal: Signal) {
        if !self.motor.exists() {
            return;
        }
        for (index, beat) in signal.beats().iter().enumerate() {
            if index > 0 {
                thread::sleep(PAUSE + beat.pulse);
            }
            if let Err(error) = pulse(&self.motor, beat.pulse) {
                tracing::debug!(%error, "the motor can't be used");
                return;
            }
        }
    }
}

fn pulse(motor: &Path, length: Duration) -> std::io::Result<()> {
    // The kernel's 'transient' trigger: Documentation/leds/ledtrig-transient.rst.
    fs::write(motor.join("trigger"), "transient")?;
    fs::write(motor.join("duration"), length.as_millis().to_string())?;
    fs::write(motor.join("state"), "1")?;
    fs::write(motor.join("activate"), "1")
}

fn start(player: &Player, sound: &[u8]) -> std::io::Result<Child> {
    // A file in memory, since a player looks back and forth in a WAV file.
    let mut file = File::from(memfd_create("wareswitch-sound", MemfdFlags::CLOEXEC)?);
    file.write_all(sound)?;
    Command::new(&player.program)
        .args(&player.arguments)
        .arg("/dev/stdin")
        .stdin(Stdio::from(file))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// Ends a player and waits for it, so that none is left behind.
fn end(mut child: Child, outcome: Played) -> Played {
    // It may have ended by itself meanwhile.
    let _ = child.kill();
    let _ = child.wait();
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A player made of a shell script, which is handed the sound's path as `$0`.
    fn player(script: &str) -> Player {
        Player { program: "sh".into(), arguments: vec!["-c".into(), script.into()] }
    }

    fn worker(players: Vec<Player>, motor: PathBuf) -> (SyncSender<Order>, Worker) {
        let (orders, receiver) = sync_channel(4);
        (orders, Worker { orders: receiver, players, works: None, rests_until: None, motor })
    }

    #[test]
    fn the_first_player_that_works_gets_the_sound_and_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let heard = folder.path().join("heard");
        let broken = Player { program: folder.path().join("none"), arguments: Vec::new() };
        let copies = player(&format!("cat \"$0\" > '{}'", heard.display()));
        let (_orders, mut worker) =
            worker(vec![broken, player("exit 1"), copies], folder.path().join("none"));

        assert!(worker.serve((Signal::Accepted, 80)).is_none());

        assert_eq!(fs::read(&heard).unwrap(), tone::wav(Signal::Accepted, 80));
        assert_eq!(worker.works, Some(2));
    }

    #[test]
    fn without_a_sound_card_it_is_silent_and_rests() {
        let folder = tempfile::tempdir().unwrap();
        let count = folder.path().join("count");
        let fails = player(&format!("echo x >> '{}'; exit 1", count.display()));
        let (_orders, mut worker) = worker(vec![fails], folder.path().join("none"));

        worker.serve((Signal::Accepted, 80));
        worker.serve((Signal::Accepted, 80));

        assert_eq!(fs::read_to_string(&count).unwrap(), "x\n");
    }

    #[test]
    fn a_newer_signal_cuts_an_older_one_off() {
        let folder = tempfile::tempdir().unwrap();
        // Ends by itself only long after the test failed.
        let hangs = player("exec sleep 1000");
        let (orders, mut worker) = worker(vec![hangs], folder.path().join("none"));
        orders.send((Signal::NotAccepted, 80)).unwrap();

        let newer = worker.serve((Signal::Accepted, 80));

        assert_eq!(newer, Some((Signal::NotAccepted, 80)));
    }

    #[test]
    fn volume_zero_starts_no_player_but_the_motor_still_runs() {
        let folder = tempfile::tempdir().unwrap();
        let count = folder.path().join("count");
        let counts = player(&format!("echo x >> '{}'", count.display()));
        let (_orders, mut worker) = worker(vec![counts], folder.path().to_owned());

        worker.serve((Signal::NotAccepted, 0));

        assert!(!count.exists());
        assert_eq!(fs::read_to_string(folder.path().join("duration")).unwrap(), "150");
        assert_eq!(fs::read_to_string(folder.path().join("activate")).unwrap(), "1");
    }

    #[test]
    fn giving_never_waits_however_much_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let feedback = LinuxFeedback::with(vec![player("exit 0")], folder.path().join("none"));

        for _ in 0..10_000 {
            feedback.give(Signal::ComesBack, 80);
        }
    }
}
