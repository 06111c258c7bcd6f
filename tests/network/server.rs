//! The server's namespace: the sandbox, which serves this machine alone, behind a relay that
//! serves the cable.

use std::io::{BufRead, BufReader, Write, copy, stdin, stdout};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::thread;

use wareswitch::sandbox::{Sandbox, Seed};

use super::cable;

/// The argument that makes this program the server.
pub(crate) const ROLE: &str = "serve";
const PORT: u16 = 8080;

/// The process in the server's namespace, and its answers.
static SERVER: OnceLock<Mutex<(Child, BufReader<ChildStdout>)>> = OnceLock::new();

/// Starts the server in a namespace of its own at the other end of the cable. Returns its address.
pub(crate) fn start() -> String {
    let this = std::env::current_exe().expect("this program has a path");
    let mut child = Command::new("unshare")
        .arg("--net")
        .arg(this)
        .arg(ROLE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let answers = BufReader::new(child.stdout.take().expect("its answers are ours"));
    let pid = child.id();
    assert!(SERVER.set(Mutex::new((child, answers))).is_ok(), "there is one server");
    tell("hello");
    cable::lay(pid);
    tell("take");
    format!("http://{}:{PORT}", cable::SERVER)
}

/// Has the server do something, and waits until it is done.
pub(crate) fn tell(what: &str) {
    let (child, answers) = &mut *SERVER.get().expect("it runs").lock().expect("nobody panicked");
    writeln!(child.stdin.as_mut().expect("it listens"), "{what}").expect("it listens");
    let mut answer = String::new();
    answers.read_line(&mut answer).expect("it answers");
    assert_eq!(answer.trim(), "done", "{what}");
}

/// The server's process: does what it is told until nobody tells it any more.
pub(crate) fn serve() {
    for line in stdin().lines() {
        match line.expect("text").as_str() {
            "hello" => {}
            "take" => {
                cable::take_other_end();
                start_relay(start_sandbox());
            }
            "plug" => cable::plug_other_end(true),
            "unplug" => cable::plug_other_end(false),
            other => panic!("{other}?"),
        }
        println!("done");
        stdout().flush().expect("somebody listens");
    }
}

fn start_sandbox() -> String {
    let (started, starting) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let sandbox = Sandbox::start(Seed::sample()).await.expect("it serves");
            started.send(sandbox.origin()).expect("somebody waits for it");
            std::future::pending::<()>().await;
        });
    });
    let origin = starting.recv().expect("it started");
    origin.trim_start_matches("http://").to_owned()
}

fn start_relay(sandbox: String) {
    let listener = TcpListener::bind((cable::SERVER, PORT)).expect("the port is free");
    thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let Ok(far) = TcpStream::connect(&sandbox) else { return };
            pass_on(&near, &far);
            pass_on(&far, &near);
        }
    });
}

fn pass_on(from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    thread::spawn(move || {
        // Whoever was cut off hears nothing more.
        let _ = copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
}
