//! A disk that a test plays with: it can lose what was not synced, and fail at any call.
//!
//! Every folder that is [`Disk::watch`]ed has one. What SQLite does in it comes in from `vfs`, what
//! the program itself syncs from the hooks there. The real files are written as usual; beside them
//! a disk remembers what would be left of them if the power went out.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use rusqlite::ffi;

/// What a disk can be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Open,
    Delete,
    Access,
    Read,
    Write,
    Truncate,
    Sync,
    Size,
    Lock,
    MapLogIndex,
    LockLogIndex,
    /// The program's own, beside SQLite: open, rename, make a folder, write, sync.
    Own,
}

/// How a call can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Io,
    Full,
    ReadOnly,
    Busy,
    Quota,
}

impl Fault {
    pub(crate) const ALL: [Self; 5] =
        [Self::Io, Self::Full, Self::ReadOnly, Self::Busy, Self::Quota];

    /// The code with which SQLite's own file layer reports it, if this call can fail so.
    pub(crate) fn code(self, call: Call) -> Option<i32> {
        let changes = matches!(call, Call::Write | Call::Truncate | Call::MapLogIndex);
        match self {
            Self::Io => Some(match call {
                Call::Open => ffi::SQLITE_CANTOPEN,
                Call::Delete => ffi::SQLITE_IOERR_DELETE,
                Call::Access => ffi::SQLITE_IOERR_ACCESS,
                Call::Read => ffi::SQLITE_IOERR_READ,
                Call::Write => ffi::SQLITE_IOERR_WRITE,
                Call::Truncate => ffi::SQLITE_IOERR_TRUNCATE,
                Call::Sync => ffi::SQLITE_IOERR_FSYNC,
                Call::Size => ffi::SQLITE_IOERR_FSTAT,
                Call::Lock => ffi::SQLITE_IOERR_LOCK,
                Call::MapLogIndex => ffi::SQLITE_IOERR_SHMMAP,
                Call::LockLogIndex => ffi::SQLITE_IOERR_SHMLOCK,
                Call::Own => ffi::SQLITE_IOERR,
            }),
            Self::Full if changes || call == Call::Own => Some(ffi::SQLITE_FULL),
            Self::Quota if changes || call == Call::Own => Some(ffi::SQLITE_IOERR_WRITE),
            // 'Read-only' would mean that it is mapped, and may be read.
            Self::ReadOnly if call == Call::MapLogIndex => Some(ffi::SQLITE_CANTOPEN),
            Self::ReadOnly if changes || call == Call::Own => Some(ffi::SQLITE_READONLY),
            Self::ReadOnly if call == Call::Open => Some(ffi::SQLITE_CANTOPEN),
            Self::ReadOnly if call == Call::Delete => Some(ffi::SQLITE_IOERR_DELETE),
            Self::Busy if matches!(call, Call::Lock | Call::LockLogIndex) => Some(ffi::SQLITE_BUSY),
            _ => None,
        }
    }

    /// The number by which the kernel reports it.
    pub(crate) fn errno(self) -> i32 {
        match self {
            Self::Io => 5,
            Self::Busy => 16,
            Self::Full => 28,
            Self::ReadOnly => 30,
            Self::Quota => 122,
        }
    }
}

/// Which call fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) fault: Fault,
    /// Of the calls that can fail so, counted from 1.
    pub(crate) at: u64,
    /// That one only, or that one and all after it.
    pub(crate) lasts: bool,
}

/// A file, whatever its name: number and time of birth, since numbers are given again.
pub(crate) type Node = (u64, u128);

#[derive(Clone)]
enum Pending {
    Write(u64, Vec<u8>),
    Truncate(u64),
}

#[derive(Default)]
struct Content {
    durable: Vec<u8>,
    pending: Vec<Pending>,
}

/// What is in a folder.
type Names = BTreeMap<OsString, Node>;

#[derive(Default)]
struct State {
    plan: Option<Plan>,
    eligible: u64,
    injected: u64,
    syncs: u64,
    /// Power cuts: off if `None`.
    power: Option<Power>,
    is_normal: bool,
}

struct Power {
    chances: fastrand::Rng,
    cut_at: u64,
    calls: u64,
    /// What SQLite wrote.
    written: HashMap<Node, Content>,
    /// What the program wrote itself, as of its last sync.
    own: HashMap<Node, Vec<u8>>,
    folders: HashMap<PathBuf, Names>,
    /// What is left after the cut.
    left: Option<Vec<(PathBuf, Option<Vec<u8>>)>>,
}

/// The disk under a folder.
pub(crate) struct Disk {
    root: PathBuf,
    state: Mutex<State>,
}

static DISKS: Mutex<Vec<Arc<Disk>>> = Mutex::new(Vec::new());

/// The disk that a path is on, if a test plays with it.
pub(crate) fn disk_of(path: &Path) -> Option<Arc<Disk>> {
    let disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    disks.iter().find(|disk| path.starts_with(&disk.root)).cloned()
}

impl Disk {
    /// Plays with everything under a folder from now on, until [`Disk::leave_alone`].
    pub(crate) fn watch(root: &Path) -> Arc<Self> {
        crate::vfs::install();
        let root = root.canonicalize().unwrap();
        let disk = Arc::new(Self { root, state: Mutex::default() });
        DISKS.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&disk));
        disk
    }

    pub(crate) fn leave_alone(self: &Arc<Self>) {
        let mut disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
        disks.retain(|disk| !Arc::ptr_eq(disk, self));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails by this plan from now on, or no more. Counting begins anew.
    pub(crate) fn fail(&self, plan: Option<Plan>) {
        let mut state = self.state();
        (state.plan, state.eligible) = (plan, 0);
    }

    /// How many calls failed so far.
    pub(crate) fn injected(&self) -> u64 {
        self.state().injected
    }

    /// How many calls could have failed by the plan.
    pub(crate) fn eligible(&self) -> u64 {
        self.state().eligible
    }

    /// How often SQLite waited for the disk so far.
    pub(crate) fn syncs(&self) -> u64 {
        self.state().syncs
    }

    /// Makes SQLite work with `synchronous=NORMAL`, whatever it is told.
    pub(crate) fn make_normal(&self) {
        self.state().is_normal = true;
    }

    pub(crate) fn is_normal(&self) -> bool {
        self.state().is_normal
    }

    /// Pulls the battery before the `cut_at`-th call that changes or syncs something. What is there
    /// now is on the disk.
    pub(crate) fn cut_power_at(&self, cut_at: u64, chances: fastrand::Rng) {
        let mut power = Power {
            chances,
            cut_at,
            calls: 0,
            written: HashMap::new(),
            own: HashMap::new(),
            folders: HashMap::new(),
            left: None,
        };
        power.sync_all(&self.root);
        self.state().power = Some(power);
    }

    /// Pulls the battery now, if it wasn't. Writes what is left into another folder.
    pub(crate) fn leave_to(&self, folder: &Path) {
        let mut state = self.state();
        let power = state.power.as_mut().unwrap();
        if power.left.is_none() {
            power.cut(&self.root);
        }
        for (path, bytes) in power.left.take().unwrap() {
            let path = folder.join(path.strip_prefix(&self.root).unwrap());
            match bytes {
                Some(bytes) => fs::write(path, bytes).unwrap(),
                None => fs::create_dir_all(path).unwrap(),
            }
        }
        power.left = Some(Vec::new());
    }

    /// Whether the battery is out.
    pub(crate) fn is_dead(&self) -> bool {
        self.state().power.as_ref().is_some_and(|power| power.left.is_some())
    }

    /// Asks whether a call may go on; else how it fails.
    pub(crate) fn before(&self, call: Call) -> Result<(), Failed> {
        let mut state = self.state();
        if call == Call::Sync {
            state.syncs += 1;
        }
        if let Some(power) = state.power.as_mut()
            && matches!(call, Call::Open | Call::Delete | Call::Write | Call::Truncate | Call::Sync)
        {
            power.calls += 1;
            if power.calls == power.cut_at && power.left.is_none() {
                power.cut(&self.root);
            }
        }
        if state.power.as_ref().is_some_and(|power| power.left.is_some()) {
            return Err(Failed { code: Fault::Io.code(call).unwrap(), errno: Fault::Io.errno() });
        }
        let Some(plan) = state.plan else { return Ok(()) };
        let Some(code) = plan.fault.code(call) else { return Ok(()) };
        state.eligible += 1;
        if state.eligible == plan.at || (plan.lasts && state.eligible > plan.at) {
            state.injected += 1;
            return Err(Failed { code, errno: plan.fault.errno() });
        }
        Ok(())
    }

    pub(crate) fn opened(&self, path: &Path) -> Node {
        let Some(node) = node_of(path) else { return (0, 0) };
        let mut state = self.state();
        if let Some(power) = state.power.as_mut()
            && !power.written.contains_key(&node)
        {
            // What it held at the start was on the disk; a file made since then is empty.
            let durable = power.own.get(&node).cloned().unwrap_or_default();
            power.written.insert(node, Content { durable, pending: Vec::new() });
        }
        node
    }

    pub(crate) fn written(&self, node: Node, offset: u64, bytes: &[u8]) {
        self.pend(node, Pending::Write(offset, bytes.to_vec()));
    }

    pub(crate) fn truncated(&self, node: Node, length: u64) {
        self.pend(node, Pending::Truncate(length));
    }

    fn pend(&self, node: Node, pending: Pending) {
        if let Some(power) = self.state().power.as_mut() {
            power.written.entry(node).or_default().pending.push(pending);
        }
    }

    pub(crate) fn synced(&self, node: Node) {
        if let Some(power) = self.state().power.as_mut() {
            let content = power.written.entry(node).or_default();
            for pending in std::mem::take(&mut content.pending) {
                apply(&mut content.durable, &pending);
            }
        }
    }

    /// The program synced a file or a folder of its own.
    pub(crate) fn synced_own(&self, path: &Path) {
        if let Some(power) = self.state().power.as_mut() {
            power.sync_one(path);
        }
    }
}

/// How a call fails, for SQLite and for everybody else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed {
    pub(crate) code: i32,
    pub(crate) errno: i32,
}

impl Power {
    fn sync_all(&mut self, path: &Path) {
        self.sync_one(path);
        if path.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                self.sync_all(&entry.unwrap().path());
            }
        }
    }

    fn sync_one(&mut self, path: &Path) {
        if path.is_dir() {
            self.folders.insert(path.to_owned(), names_in(path));
        } else if let (Some(node), Ok(bytes)) = (node_of(path), fs::read(path)) {
            if let Some(content) = self.written.get_mut(&node) {
                // Opened by the program, written by SQLite.
                content.pending.clear();
                content.durable.clone_from(&bytes);
            }
            self.own.insert(node, bytes);
        }
    }

    fn cut(&mut self, root: &Path) {
        let mut left = Vec::new();
        self.leave_folder(root, root, &mut left);
        self.left = Some(left);
    }

    fn leave_folder(
        &mut self,
        path: &Path,
        now: &Path,
        left: &mut Vec<(PathBuf, Option<Vec<u8>>)>,
    ) {
        left.push((path.to_owned(), None));
        let before = self.folders.get(now).cloned().unwrap_or_default();
        for (name, node) in self.surviving(&before, &names_in(now)) {
            let (path, now) = (path.join(&name), now.join(&name));
            if now.is_dir() {
                self.leave_folder(&path, &now, left);
            } else {
                left.push((path, Some(self.surviving_bytes(node, &now))));
            }
        }
    }

    /// Names reach the disk in their order, at some time. Those that were only added or removed
    /// may be there or not, since nobody says that all of them were one step.
    fn surviving(&mut self, before: &Names, now: &Names) -> Names {
        if before == now || self.chances.bool() {
            return now.clone();
        }
        let known: BTreeSet<_> = before.values().collect();
        let still: BTreeSet<_> = now.values().collect();
        let mut names = before.clone();
        names.retain(|_, node| still.contains(node) || self.chances.bool());
        for (name, node) in now {
            if !known.contains(node) && !names.contains_key(name) && self.chances.bool() {
                names.insert(name.clone(), *node);
            }
        }
        names
    }

    fn surviving_bytes(&mut self, node: Node, now: &Path) -> Vec<u8> {
        let Some(content) = self.written.get(&node) else {
            let durable = self.own.get(&node).cloned();
            let current = if node_of(now) == Some(node) { fs::read(now).ok() } else { None };
            return match (durable, current) {
                (Some(durable), _) if self.chances.bool() => durable,
                (durable, current) => current.or(durable).unwrap_or_default(),
            };
        };
        let mut bytes = content.durable.clone();
        let mut pending = content.pending.clone();
        match self.chances.u8(..4) {
            // Nothing that was not synced.
            0 => pending.clear(),
            // The first of it.
            1 => pending.truncate(self.chances.usize(..=pending.len())),
            // Some of it.
            2 => pending.retain(|_| self.chances.bool()),
            // Some of it, in any order.
            _ => {
                self.chances.shuffle(&mut pending);
                pending.truncate(self.chances.usize(..=pending.len()));
            }
        }
        for one in &pending {
            match one {
                Pending::Write(offset, written) if self.chances.u8(..3) == 0 => {
                    self.tear(&mut bytes, *offset, written);
                }
                whole => apply(&mut bytes, whole),
            }
        }
        bytes
    }

    /// Only some sectors of a write reach the disk.
    fn tear(&mut self, bytes: &mut Vec<u8>, offset: u64, written: &[u8]) {
        for (number, sector) in (0_u64..).zip(written.chunks(512)) {
            if self.chances.bool() {
                apply(bytes, &Pending::Write(offset + number * 512, sector.to_vec()));
            }
        }
    }
}

fn apply(bytes: &mut Vec<u8>, pending: &Pending) {
    match pending {
        Pending::Write(offset, written) => {
            let offset = usize::try_from(*offset).unwrap();
            let end = offset + written.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[offset..end].copy_from_slice(written);
        }
        Pending::Truncate(length) => bytes.resize(usize::try_from(*length).unwrap(), 0),
    }
}

fn names_in(folder: &Path) -> Names {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((entry.file_name(), node_of(&entry.path())?))).collect()
}

fn node_of(path: &Path) -> Option<Node> {
    let metadata = fs::metadata(path).ok()?;
    let born = metadata.created().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((metadata.ino(), born.as_nanos()))
}
