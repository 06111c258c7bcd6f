//! A program that is measured, and what `/proc` says of it while it runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use wareswitch::sandbox::Sandbox;

use crate::build::Programs;
use crate::world;

/// A program with the device that it works on.
pub(crate) struct Program {
    path: PathBuf,
    device: TempDir,
    server: String,
}

impl Program {
    /// The empty window.
    pub(crate) fn empty(programs: &Programs) -> Self {
        Self { path: programs.empty.clone(), device: world::folder(), server: String::new() }
    }

    /// The app on a device with a list of this length, whose server is out of reach.
    pub(crate) fn with_list(programs: &Programs, count: usize) -> Self {
        let device = world::folder();
        let server = world::runtime().block_on(async {
            let sandbox = Sandbox::start(world::seed(count)).await.unwrap();
            let data = device.path().join("data");
            fs::create_dir(&data).unwrap();
            let profile = world::sign_in(&sandbox.origin(), &data).await;
            assert_eq!(profile.view().await.unwrap().snapshot.unwrap().assignments.len(), count);
            sandbox.origin()
        });
        Self { path: programs.app.clone(), device, server }
    }

    /// Starts it on a display.
    pub(crate) fn start(&self, display: &str) -> Running {
        let home = self.device.path();
        let mut command = Command::new(&self.path);
        command
            .env_clear()
            .env("DISPLAY", display)
            .env("HOME", home)
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("LANG", "C.UTF-8")
            .env("WARESWITCH_SERVER_URL", &self.server)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if !self.server.is_empty() {
            command.arg("--data-dir").arg(home.join("data"));
        }
        Running(command.spawn().unwrap())
    }
}

/// The name of the thread that the window lives on.
pub(crate) const WINDOW: &str = "window";

/// A running program; it ends with this value.
pub(crate) struct Running(Child);

/// What the kernel has counted for a process so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage {
    /// Time on a processor, of all threads.
    pub(crate) cpu: Duration,
    /// How often each thread got a processor or lost it, by its number and name.
    pub(crate) switches: BTreeMap<(u32, String), u64>,
}

/// What a process has in memory, in KiB: what is its own, and its part of what it shares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// Everything, pages of the program's file among it.
    pub(crate) all: u64,
    /// What it wrote, which the kernel can't read again from a file.
    pub(crate) written: u64,
}

impl Running {
    /// What it has used so far.
    pub(crate) fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0.id()));
        for task in tasks.into_iter().flatten().flatten() {
            let number = task.file_name().to_string_lossy().parse().unwrap();
            let read = |name: &str| fs::read_to_string(task.path().join(name)).unwrap_or_default();
            let on_cpu = read("schedstat").split(' ').next().and_then(|text| text.parse().ok());
            usage.cpu += Duration::from_nanos(on_cpu.unwrap_or_default());
            let name =
                if number == self.0.id() { WINDOW.into() } else { read("comm").trim().into() };
            let switches = numbers(&read("status"), "ctxt_switches").sum();
            usage.switches.insert((number, name), switches);
        }
        usage
    }

    /// What it has in memory.
    pub(crate) fn memory(&self) -> Memory {
        let text = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.0.id())).unwrap();
        let [all, written] = ["Pss:", "Pss_Anon:"].map(|name| numbers(&text, name).next().unwrap());
        Memory { all, written }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The numbers of the lines that hold a word.
fn numbers<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = u64> + 'a {
    text.lines()
        .filter(move |line| line.contains(word))
        .filter_map(|line| line.split_whitespace().nth(1)?.parse().ok())
}
