//! Codes that set a device up: made by IT's command, used by the app behind the window.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use clap::Parser as _;
use wareswitch::app::device::Device as Opened;
use wareswitch::app::host::{Host, Parts};
use wareswitch::app::state::{AppState, Command, NoticeKind, ServerSetting};
use wareswitch::cli::args::Cli;
use wareswitch::error::UserErrorKind;
use wareswitch::launch::outside::OnThisDevice;
use wareswitch::launch::settings::{SystemFiles, load_from};
use wareswitch::platform::SystemPlatform;

use crate::support::{Device, Server};

/// The code that `config qr` makes.
fn made(device: &Device, arguments: &[&str]) -> String {
    let ran = device.run(&[&["config", "qr"], arguments].concat()).assert_code(0);
    ran.json["code"].as_str().unwrap().to_owned()
}

/// The app behind the window of a device.
struct Handheld {
    host: Host,
    states: mpsc::Receiver<Arc<AppState>>,
    device: Device,
}

impl Handheld {
    /// One that nobody set up, with what IT said of it.
    fn new(system: &str) -> Self {
        Self::on(Device::without_server(), system)
    }

    /// The window is opened on this device.
    fn on(device: Device, system: &str) -> Self {
        let path = |name: &str| device.home().join(name);
        std::fs::write(path("system.toml"), system).unwrap();
        std::fs::create_dir_all(device.data_dir()).unwrap();
        if !device.config_file().exists() {
            device.write_config("");
        }
        let file = device.config_file();
        let arguments = ["wareswitch", "--config", file.to_str().unwrap()];
        let global = Cli::try_parse_from(arguments).unwrap().global;
        let files = SystemFiles { policy: path("policy.toml"), config: path("system.toml") };
        let config = load_from(&global, &files).config;
        let (publish, states) = mpsc::channel();
        let (opened, data_dir) = (config.clone(), device.data_dir());
        let (host, _) = Host::start(Parts {
            config,
            platform: Arc::new(SystemPlatform::new()),
            open: Box::new(move || {
                Opened::open(opened.clone(), data_dir.clone(), Arc::new(SystemPlatform::new()))
            }),
            outside: Box::new(OnThisDevice { global, data_dir: device.data_dir() }),
            demo: None,
            publish: Box::new(move |state| {
                let _ = publish.send(state);
            }),
        })
        .unwrap();
        Self { host, states, device }
    }

    fn scans(&self, code: &str) {
        self.host.send(Command::ReadSetUpCode { text: code.to_owned() });
    }

    /// Waits for the first state that is so. The limit only ends a test that failed.
    fn sees<T>(&self, look: impl Fn(&AppState) -> Option<T>) -> T {
        loop {
            let state = self.states.recv_timeout(Duration::from_secs(30)).unwrap();
            if let Some(seen) = look(&state) {
                return seen;
            }
        }
    }

    fn sees_refused(&self) -> UserErrorKind {
        self.sees(|state| match state.notice.as_ref()?.kind {
            NoticeKind::NotAccepted(kind) => Some(kind),
            _ => None,
        })
    }

    fn sees_server(&self) -> String {
        self.sees(|state| match &state.server {
            ServerSetting::Set { origin, .. } => Some(origin.to_string()),
            _ => None,
        })
    }

    fn settings(&self) -> String {
        std::fs::read_to_string(self.device.config_file()).unwrap()
    }
}

#[test]
fn a_code_is_made_offered_and_used_only_after_somebody_agreed() {
    let code = made(&Device::at("https://no.example"), &["--server-url", "https://glue.example"]);
    let handheld = Handheld::new("");

    handheld.scans(&code);

    let offered = handheld.sees(|state| state.set_up_code.clone());
    assert_eq!(offered.server.unwrap().host(), "glue.example");
    assert_eq!(handheld.settings(), "");
    handheld.host.send(Command::UseSetUpCode);
    assert_eq!(handheld.sees_server(), "https://glue.example");
    assert_eq!(handheld.settings(), "server_url = \"https://glue.example\"\n");
}

#[test]
fn it_signs_codes_and_its_devices_take_no_others() {
    let desk = Device::without_server();
    let key = desk.run(&["config", "keygen", "--output", "own.key"]).assert_code(0);
    let public = key.json["public_key"].as_str().unwrap().to_owned();
    desk.run(&["config", "keygen", "--output", "own.key"]).assert_error(74, "storage_failed");
    desk.run(&["config", "keygen", "--output", "other.key"]).assert_code(0);
    let settings = "server_url = 'https://glue.example'\n[scan]\ngap = '40ms'\n";
    std::fs::write(desk.home().join("handheld.toml"), settings).unwrap();
    let file = ["--settings", "handheld.toml"];
    let own = made(&desk, &[&file[..], &["--key", "own.key", "--output", "code.svg"]].concat());
    let strange = made(&desk, &[&file[..], &["--key", "other.key"]].concat());
    let svg = std::fs::read_to_string(desk.home().join("code.svg")).unwrap();
    assert!(svg.contains("<svg"));
    let handheld = Handheld::new(&format!("set_up_keys = ['{public}']"));

    handheld.scans(&strange);

    assert_eq!(handheld.sees_refused(), UserErrorKind::SetUpCodeNotTrusted);
    handheld.scans(&own);
    assert!(handheld.sees(|state| state.set_up_code.clone()).is_signed());
    handheld.host.send(Command::UseSetUpCode);
    assert_eq!(handheld.sees_server(), "https://glue.example");
    assert!(handheld.settings().contains("gap = \"40ms\""), "{}", handheld.settings());
}

#[test]
fn a_code_takes_no_device_away_from_a_server_while_changes_wait() {
    let server = Server::start();
    let here = made(&Device::without_server(), &["--server-url", &server.origin()]);
    let elsewhere = made(&Device::without_server(), &["--server-url", "https://other.example"]);
    let device = Device::signed_in(&server);
    device.write_config(&format!("server_url = '{}'", server.origin()));
    device.tap_offline("Warehouse2");
    server.control().set_offline(true);
    let handheld = Handheld::on(device, "");

    handheld.scans(&elsewhere);

    assert_eq!(handheld.sees_refused(), UserErrorKind::ChangesWait);
    handheld.scans(&here);
    handheld.sees(|state| state.set_up_code.clone());
}

#[test]
fn a_code_that_no_device_would_take_is_not_made() {
    let desk = Device::without_server();
    let write = |text: &str| std::fs::write(desk.home().join("s.toml"), text).unwrap();
    let file = ["config", "qr", "--settings", "s.toml"];
    desk.run(&["config", "qr"]).assert_error(2, "usage");
    write("server_url = 'https://a.example'\npin = 'off'");
    desk.run(&file).assert_error(2, "usage");
    desk.run(&["config", "keygen", "--output", "own.key"]).assert_code(0);
    for text in ["password = 'x'", "server_url = 'http://a.example'", "= =", "pin = 'perhaps'"] {
        write(text);
        desk.run(&[&file[..], &["--key", "own.key"]].concat()).assert_error(78, "configuration");
    }
    write(&format!("server_url = 'https://a.example'\nsupport_text = '{}'", "x".repeat(480)));
    desk.run(&[&file[..], &["--key", "own.key"]].concat()).assert_code(0);
    desk.run(&[&file[..], &["--key", "s.toml"]].concat()).assert_error(78, "configuration");
}
