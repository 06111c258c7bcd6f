//! One device: a data folder of its own, and the program that works on it.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::server::{HARALD, PASSWORD, Server};

/// A device with its own home folder. Nothing of the machine's environment reaches the program.
pub(crate) struct Device {
    home: TempDir,
    server_url: Option<String>,
    variables: Vec<(String, String)>,
}

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Ran {
    /// How it ended.
    pub(crate) code: i32,
    /// The one JSON document on its standard output.
    pub(crate) json: Value,
    /// Its messages.
    pub(crate) stderr: String,
}

impl Device {
    /// A new device that is set up for a server.
    pub(crate) fn new(server: &Server) -> Self {
        Self::at(&server.origin())
    }

    /// A new device that is set up for an address.
    pub(crate) fn at(server_url: &str) -> Self {
        Self { server_url: Some(server_url.to_owned()), ..Self::without_server() }
    }

    /// A new device as it comes out of the box.
    pub(crate) fn without_server() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { home, server_url: None, variables: Vec::new() }
    }

    /// A new device on which Harald signed in; the server's record of requests is empty again.
    pub(crate) fn signed_in(server: &Server) -> Self {
        let device = Self::new(server);
        device.sign_in(HARALD, PASSWORD).assert_code(0);
        server.control().clear_requests();
        device
    }

    /// The same device with a configured value, such as `on_conflict`.
    pub(crate) fn with_setting(mut self, key: &str, value: &str) -> Self {
        self.set(key, value);
        self
    }

    /// Configures a value from now on.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        let name = format!("WARESWITCH_{}", key.to_ascii_uppercase());
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, value.to_owned()));
    }

    /// Sets a variable of the environment from now on.
    pub(crate) fn set_variable(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Sets the device up for another address.
    pub(crate) fn move_to(&mut self, server_url: &str) {
        self.server_url = Some(server_url.to_owned());
    }

    /// From now on only a configuration file can name the server.
    pub(crate) fn forget_server_variable(&mut self) {
        self.server_url = None;
    }

    /// The user's home folder, where programs run.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The folder with everything that the program keeps.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// The user's configuration file, which need not exist.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.home.path().join(".config/wareswitch/config.toml")
    }

    /// Writes the user's configuration file.
    pub(crate) fn write_config(&self, text: &str) {
        let file = self.config_file();
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    /// Everything that the program keeps.
    pub(crate) fn all_files(&self) -> Vec<PathBuf> {
        files_in(&self.data_dir())
    }

    /// The folders of everything that the program keeps.
    pub(crate) fn all_folders(&self) -> BTreeSet<PathBuf> {
        let root = self.data_dir();
        let files = self.all_files();
        let above = files.iter().flat_map(|file| file.ancestors().skip(1));
        above.filter(|folder| folder.starts_with(&root)).map(Path::to_owned).collect()
    }

    /// The databases of all profiles.
    pub(crate) fn state_files(&self) -> Vec<PathBuf> {
        let files = self.all_files().into_iter();
        files.filter(|file| file.file_name().is_some_and(|name| name == "state.db")).collect()
    }

    /// Signs a user in.
    pub(crate) fn sign_in(&self, user: &str, password: &str) -> Ran {
        self.run_with_input(&["sign-in", "--user", user, "--password-stdin"], password)
    }

    /// Runs a command with `--json` and an empty standard input.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with_input(arguments, "")
    }

    /// Runs a command with `--json` and this standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.command(arguments);
        command.arg("--json");
        Ran::from_output(run_to_end(command, input))
    }

    /// Runs a command as a person does, and returns everything that it said.
    pub(crate) fn run_plainly(&self, arguments: &[&str]) -> Output {
        self.run_plainly_with_input(arguments, "")
    }

    /// The same, with this standard input.
    pub(crate) fn run_plainly_with_input(&self, arguments: &[&str], input: &str) -> Output {
        run_to_end(self.command(arguments), input)
    }

    /// Runs a command in a shell that did something else before.
    pub(crate) fn run_after(&self, before: &str, arguments: &[&str], input: &str) -> Output {
        run_to_end(self.command_after(before, arguments), input)
    }

    /// Starts a command in a shell that did something else before, and leaves it running.
    pub(crate) fn spawn_after(&self, before: &str, arguments: &[&str]) -> Child {
        spawn(self.command_after(before, arguments), "")
    }

    fn command_after(&self, before: &str, arguments: &[&str]) -> Command {
        let plain = self.command(arguments);
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("{before}; exec \"$0\" \"$@\""));
        shell.arg(plain.get_program()).args(plain.get_args()).env_clear();
        shell.current_dir(self.home.path());
        for (name, value) in plain.get_envs() {
            shell.envs(value.map(|value| (name, value)));
        }
        shell
    }

    /// Starts a command as a person does and leaves it running.
    pub(crate) fn spawn_plainly(&self, arguments: &[&str]) -> Child {
        spawn(self.command(arguments), "")
    }

    /// Starts a command with `--json` and leaves it running.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        self.start_with_input(arguments, "")
    }

    /// The same with this standard input.
    pub(crate) fn start_with_input(&self, arguments: &[&str], input: &str) -> Running {
        let mut command = self.command(arguments);
        command.arg("--json");
        Running { child: Some(spawn(command, input)) }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wareswitch"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("WARESWITCH_DATA_DIR", self.data_dir())
            // Nobody's own keyring is asked for the sake of a test.
            .env("WARESWITCH_SECRET_STORE", "file")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.home.path());
        if let Some(server_url) = &self.server_url {
            command.env("WARESWITCH_SERVER_URL", server_url);
        }
        command
    }

    /// Starts the window's process without a window; its input and output are the test's.
    pub(crate) fn start_window(&self) -> Child {
        let mut command = self.command(&["drive"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    /// What `status` prints.
    pub(crate) fn status(&self) -> Value {
        self.run(&["status"]).assert_code(0).json
    }

    /// The recorded changes, newest first.
    pub(crate) fn changes(&self) -> Vec<Value> {
        let json = self.run(&["outbox"]).assert_code(0).json;
        json["changes"].as_array().unwrap().clone()
    }

    /// The recorded change with this number.
    pub(crate) fn change(&self, seq: i64) -> Value {
        let found = self.changes().into_iter().find(|change| change["seq"] == seq);
        found.unwrap_or_else(|| panic!("change {seq} is gone"))
    }

    /// Taps a warehouse without trying to send, and returns the number of the waiting change.
    pub(crate) fn tap_offline(&self, warehouse: &str) -> i64 {
        let ran = self.run(&["switch", warehouse, "--offline"]).assert_code(75);
        assert_eq!(ran.json["change"]["state"], "queued", "{ran:?}");
        ran.seq()
    }

    /// Switches while the network works.
    pub(crate) fn switch(&self, warehouse: &str) {
        let ran = self.run(&["switch", warehouse]).assert_code(0);
        assert_eq!(ran.json["change"]["state"], "confirmed", "{ran:?}");
    }
}

/// A command that is under way.
pub(crate) struct Running {
    child: Option<Child>,
}

impl Running {
    /// Kills it as the kernel or a battery would: at once, without a word. Returns what it had
    /// printed before.
    pub(crate) fn kill(mut self) -> String {
        let mut child = self.child.take().unwrap();
        // It may have ended by itself.
        let _ = child.kill();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    }

    /// Waits for its end.
    pub(crate) fn finish(mut self) -> Ran {
        Ran::from_output(self.child.take().unwrap().wait_with_output().unwrap())
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.as_mut().is_none_or(|child| child.try_wait().unwrap().is_some())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Ran {
    fn from_output(output: Output) -> Self {
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let json = serde_json::from_str(&stdout).unwrap_or_else(|error| {
            panic!("not exactly one JSON document ({error}): {stdout:?}, {stderr:?}")
        });
        let code = output.status.code().expect("the program was killed");
        Self { code, json, stderr }
    }

    /// Fails the test unless it ended so.
    #[track_caller]
    pub(crate) fn assert_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Fails the test unless it failed so.
    #[track_caller]
    pub(crate) fn assert_error(self, code: i32, kind: &str) -> Self {
        assert_eq!((self.code, &self.json["error"]["kind"]), (code, &kind.into()), "{self:?}");
        assert!(!self.json["error"]["message"].as_str().unwrap().is_empty());
        assert!(!self.stderr.is_empty(), "a person is told, too");
        self
    }

    /// Fails the test unless it is about one change in this state.
    #[track_caller]
    pub(crate) fn assert_change(self, code: i32, state: &str) -> Self {
        assert_eq!((self.code, &self.json["change"]["state"]), (code, &state.into()), "{self:?}");
        self
    }

    /// The number of the change that it is about.
    pub(crate) fn seq(&self) -> i64 {
        self.json["change"]["seq"].as_i64().unwrap()
    }
}

fn run_to_end(command: Command, input: &str) -> Output {
    spawn(command, input).wait_with_output().unwrap()
}

fn spawn(mut command: Command, input: &str) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child
}

/// Every file below a folder.
pub(crate) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    find_files(folder, &mut found);
    found
}

fn find_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() { find_files(&path, found) } else { found.push(path) }
    }
}
