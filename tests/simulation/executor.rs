//! Runs the futures of the devices on one thread, in an order that depends on nothing but the seed.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// Whose future it is: everything of a process dies at once, and a sleeping device does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) device: usize,
    pub(crate) process: u64,
}

struct Task {
    owner: Owner,
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
}

struct Alarm {
    task: u64,
    ready: Arc<Mutex<VecDeque<u64>>>,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.ready.lock().unwrap().push_back(self.task);
    }
}

/// All futures that have not ended.
#[derive(Default)]
pub(crate) struct Executor {
    tasks: BTreeMap<u64, Task>,
    ready: Arc<Mutex<VecDeque<u64>>>,
    asleep: Vec<u64>,
    last: u64,
}

impl Executor {
    pub(crate) fn spawn(
        &mut self,
        owner: Owner,
        future: impl Future<Output = ()> + Send + 'static,
    ) {
        self.last += 1;
        self.tasks.insert(self.last, Task { owner, future: Box::pin(future) });
        self.ready.lock().unwrap().push_back(self.last);
    }

    /// Drops every future of a process, whatever it was waiting for.
    pub(crate) fn kill(&mut self, owner: Owner) {
        self.tasks.retain(|_, task| task.owner != owner);
    }

    /// Drops every future of a device.
    pub(crate) fn kill_device(&mut self, device: usize) {
        self.tasks.retain(|_, task| task.owner.device != device);
    }

    /// Polls until every future waits for something. Those of sleeping devices are left for later.
    pub(crate) fn run(&mut self, is_asleep: impl Fn(usize) -> bool) {
        loop {
            let Some(number) = self.ready.lock().unwrap().pop_front() else { return };
            let Some(task) = self.tasks.get_mut(&number) else { continue };
            if is_asleep(task.owner.device) {
                self.asleep.push(number);
                continue;
            }
            let alarm = Alarm { task: number, ready: Arc::clone(&self.ready) };
            let waker = Waker::from(Arc::new(alarm));
            if task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                self.tasks.remove(&number);
            }
        }
    }

    /// What was left for later may go on.
    pub(crate) fn resume(&mut self) {
        self.ready.lock().unwrap().extend(self.asleep.drain(..));
    }
}

/// The value of a future that has no reason to wait.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a look at a database had to wait"),
    }
}
