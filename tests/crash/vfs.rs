//! The layer below SQLite that a [`Disk`] hears and steers, and the hooks through which it hears
//! what the program itself does. The only place of this project's tests with `unsafe` in it.
//!
//! SQLite's file layer is a table of functions (<https://www.sqlite.org/vfs.html>). Ours asks the
//! disk, then calls the real one. The program's own calls go through the C library, whose functions
//! an executable may define itself.

#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::mem::size_of;
use std::os::fd::{BorrowedFd, IntoRawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, Once, OnceLock};

use rusqlite::ffi::{
    SQLITE_IOERR_CLOSE, SQLITE_OK, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs,
    sqlite3_vfs_find, sqlite3_vfs_register,
};

use crate::disk::{Call, Disk, Failed, Node, disk_of};

/// Puts the layer in. From then on every connection of this process goes through it.
pub(crate) fn install() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        // SAFETY: SQLite's own default layer lives as long as the process, and so does the copy
        // made here.
        unsafe {
            let real = sqlite3_vfs_find(ptr::null());
            assert!(!real.is_null());
            let _ = REAL.set(RealVfs(real));
            let shim = Box::leak(Box::new(*real));
            shim.szOsFile = (*real).szOsFile + c_int::try_from(size_of::<ShimFile>()).unwrap();
            shim.zName = c"wareswitch-test".as_ptr();
            shim.pNext = ptr::null_mut();
            shim.xOpen = Some(open);
            shim.xDelete = Some(delete);
            shim.xAccess = Some(access);
            shim.xSleep = Some(sleep);
            assert_eq!(sqlite3_vfs_register(shim, 1), SQLITE_OK);
        }
    });
}

struct RealVfs(*mut sqlite3_vfs);
// SAFETY: SQLite allows its layers to be called from any thread.
unsafe impl Send for RealVfs {}
// SAFETY: as above.
unsafe impl Sync for RealVfs {}
static REAL: OnceLock<RealVfs> = OnceLock::new();

fn real_vfs() -> *mut sqlite3_vfs {
    REAL.get().map_or(ptr::null_mut(), |real| real.0)
}

/// An open file; the real layer's own follows it in memory.
#[repr(C)]
struct ShimFile {
    base: sqlite3_file,
    played: *mut Played,
}

/// A file on a disk that a test plays with.
struct Played {
    disk: Arc<Disk>,
    node: Node,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write_at),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(map_log_index),
    xShmLock: Some(lock_log_index),
    xShmBarrier: Some(barrier),
    xShmUnmap: Some(unmap_log_index),
    xFetch: None,
    xUnfetch: None,
};

thread_local! {
    /// Whether the real layer is at work, whose calls are SQLite's and are heard already.
    static IS_SQLITE: Cell<bool> = const { Cell::new(false) };
}

fn as_sqlite<T>(call: impl FnOnce() -> T) -> T {
    IS_SQLITE.set(true);
    let result = call();
    IS_SQLITE.set(false);
    result
}

/// # Safety
/// `file` is one that [`open`] filled in.
unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: SQLite gave room for both, and the size of the first keeps the second aligned.
    unsafe { file.cast::<u8>().add(size_of::<ShimFile>()).cast() }
}

/// # Safety
/// `file` is one that [`open`] filled in and [`close`] has not seen.
unsafe fn played<'a>(file: *mut sqlite3_file) -> Option<&'a Played> {
    // SAFETY: null, or from `Box::into_raw` until `close`.
    unsafe { (*file.cast::<ShimFile>()).played.as_ref() }
}

/// # Safety
/// As [`played`].
unsafe fn before(file: *mut sqlite3_file, call: Call) -> Result<(), Failed> {
    // SAFETY: passed on.
    unsafe { played(file) }.map_or(Ok(()), |played| played.disk.before(call))
}

/// Calls a method of the real layer.
macro_rules! real_call {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: SQLite calls with a file that `open` filled in, and with valid arguments.
        let (methods, file) = unsafe { let file = real($file); ((*file).pMethods, file) };
        // SAFETY: the real layer filled its methods in.
        as_sqlite(|| unsafe { ((*methods).$method.unwrap())(file $(, $argument)*) })
    }};
}

/// Asks the disk, then calls a method of the real layer.
macro_rules! asked_call {
    ($call:expr, $file:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: SQLite calls with a file that `open` filled in.
        match unsafe { before($file, $call) } {
            Ok(()) => real_call!($file, $method $(, $argument)*),
            Err(failed) => failed.code,
        }
    }};
}

/// # Safety
/// Null or a C string.
unsafe fn path<'a>(name: *const c_char) -> Option<&'a Path> {
    // SAFETY: promised by the caller.
    (!name.is_null())
        .then(|| Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(name) }.to_bytes())))
}

unsafe extern "C" fn open(
    _vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a name or null, and room for `szOsFile` bytes.
    unsafe {
        let shim = file.cast::<ShimFile>();
        ptr::write(
            shim,
            ShimFile { base: sqlite3_file { pMethods: ptr::null() }, played: ptr::null_mut() },
        );
        let disk = path(name).and_then(disk_of);
        if let Some(Err(failed)) = disk.as_ref().map(|disk| disk.before(Call::Open)) {
            return failed.code;
        }
        let vfs = real_vfs();
        let opened = as_sqlite(|| ((*vfs).xOpen.unwrap())(vfs, name, real(file), flags, out));
        if opened != SQLITE_OK {
            return opened;
        }
        if let (Some(disk), Some(path)) = (disk, path(name)) {
            let node = disk.opened(path);
            (*shim).played = Box::into_raw(Box::new(Played { disk, node }));
        }
        (*shim).base.pMethods = &raw const METHODS;
    }
    SQLITE_OK
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let closed = real_call!(file, xClose);
    // SAFETY: made by `open`, and SQLite closes once.
    unsafe {
        let shim = file.cast::<ShimFile>();
        if !(*shim).played.is_null() {
            drop(Box::from_raw((*shim).played));
            (*shim).played = ptr::null_mut();
        }
    }
    if closed == SQLITE_OK { SQLITE_OK } else { SQLITE_IOERR_CLOSE }
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    into: *mut c_void,
    length: c_int,
    offset: sqlite3_int64,
) -> c_int {
    asked_call!(Call::Read, file, xRead, into, length, offset)
}

unsafe extern "C" fn write_at(
    file: *mut sqlite3_file,
    from: *const c_void,
    length: c_int,
    offset: sqlite3_int64,
) -> c_int {
    let written = asked_call!(Call::Write, file, xWrite, from, length, offset);
    // SAFETY: `from` has `length` bytes.
    unsafe {
        if let (SQLITE_OK, Some(played)) = (written, played(file)) {
            let length = usize::try_from(length).unwrap_or_default();
            let bytes = std::slice::from_raw_parts(from.cast::<u8>(), length);
            played.disk.written(played.node, offset.unsigned_abs(), bytes);
        }
    }
    written
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, length: sqlite3_int64) -> c_int {
    let truncated = asked_call!(Call::Truncate, file, xTruncate, length);
    // SAFETY: `open` filled the file in.
    if let (SQLITE_OK, Some(played)) = (truncated, unsafe { played(file) }) {
        played.disk.truncated(played.node, length.unsigned_abs());
    }
    truncated
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    let synced = asked_call!(Call::Sync, file, xSync, flags);
    // SAFETY: `open` filled the file in.
    if let (SQLITE_OK, Some(played)) = (synced, unsafe { played(file) }) {
        played.disk.synced(played.node);
    }
    synced
}

unsafe extern "C" fn size(file: *mut sqlite3_file, out: *mut sqlite3_int64) -> c_int {
    asked_call!(Call::Size, file, xFileSize, out)
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    asked_call!(Call::Lock, file, xLock, level)
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    real_call!(file, xUnlock, level)
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    asked_call!(Call::Lock, file, xCheckReservedLock, out)
}

/// <https://www.sqlite.org/c3ref/c_fcntl_begin_atomic_write.html#sqlitefcntlpragma>
const FCNTL_PRAGMA: c_int = 14;

unsafe extern "C" fn control(
    file: *mut sqlite3_file,
    operation: c_int,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: for a PRAGMA the argument is three strings, of which the last is SQLite's own copy
    // of the value and at least as long as 'FULL'.
    unsafe {
        if operation == FCNTL_PRAGMA && played(file).is_some_and(|played| played.disk.is_normal()) {
            let texts = argument.cast::<*mut c_char>();
            let (name, value) = (*texts.add(1), *texts.add(2));
            if !value.is_null()
                && CStr::from_ptr(name) == c"synchronous"
                && CStr::from_ptr(value) == c"FULL"
            {
                ptr::copy_nonoverlapping(c"1".as_ptr(), value, 2);
            }
        }
    }
    real_call!(file, xFileControl, operation, argument)
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    real_call!(file, xSectorSize)
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    real_call!(file, xDeviceCharacteristics)
}

unsafe extern "C" fn map_log_index(
    file: *mut sqlite3_file,
    region: c_int,
    bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    asked_call!(Call::MapLogIndex, file, xShmMap, region, bytes, extend, out)
}

unsafe extern "C" fn lock_log_index(
    file: *mut sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    /// `SQLITE_SHM_UNLOCK`: never fails.
    const UNLOCK: c_int = 1;
    if flags & UNLOCK != 0 {
        return real_call!(file, xShmLock, offset, count, flags);
    }
    asked_call!(Call::LockLogIndex, file, xShmLock, offset, count, flags)
}

unsafe extern "C" fn barrier(file: *mut sqlite3_file) {
    real_call!(file, xShmBarrier);
}

unsafe extern "C" fn unmap_log_index(file: *mut sqlite3_file, delete: c_int) -> c_int {
    real_call!(file, xShmUnmap, delete)
}

unsafe extern "C" fn delete(
    _vfs: *mut sqlite3_vfs,
    name: *const c_char,
    sync_folder: c_int,
) -> c_int {
    // SAFETY: SQLite gives a C string.
    unsafe {
        if let Some(disk) = path(name).and_then(disk_of)
            && let Err(failed) = disk.before(Call::Delete)
        {
            return failed.code;
        }
        let vfs = real_vfs();
        as_sqlite(|| ((*vfs).xDelete.unwrap())(vfs, name, sync_folder))
    }
}

unsafe extern "C" fn access(
    _vfs: *mut sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a C string and a place for the answer.
    unsafe {
        if let Some(disk) = path(name).and_then(disk_of)
            && let Err(failed) = disk.before(Call::Access)
        {
            return failed.code;
        }
        let vfs = real_vfs();
        as_sqlite(|| ((*vfs).xAccess.unwrap())(vfs, name, flags, out))
    }
}

/// Nobody waits for a lock that a test plays: a second has passed at once.
unsafe extern "C" fn sleep(_vfs: *mut sqlite3_vfs, microseconds: c_int) -> c_int {
    std::thread::yield_now();
    microseconds
}

fn path_of(descriptor: c_int) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/self/fd/{descriptor}")).ok()
}

/// Sets `errno` as a failing function of the C library does.
fn fail(failed: Failed) -> c_int {
    // SAFETY: the library has a place for it in each thread.
    unsafe { *errno_place() = failed.errno };
    -1
}

unsafe extern "C" {
    #[link_name = "__errno_location"]
    fn errno_place() -> *mut c_int;
}

fn own_sync(descriptor: c_int) -> c_int {
    let Some(path) = path_of(descriptor) else { return fail_with(9) };
    let Some(disk) = disk_of(&path) else {
        // SAFETY: the caller's descriptor is open, since it has a path.
        let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
        return match rustix::fs::fsync(borrowed) {
            Ok(()) => 0,
            Err(error) => fail_with(error.raw_os_error()),
        };
    };
    if !IS_SQLITE.get()
        && let Err(failed) = disk.before(Call::Own)
    {
        return fail(failed);
    }
    // A folder that SQLite syncs counts too. Nothing really waits: the disk keeps the books.
    if !IS_SQLITE.get() || path.is_dir() {
        disk.synced_own(&path);
    }
    0
}

fn fail_with(errno: i32) -> c_int {
    fail(Failed { code: 0, errno })
}

/// # Safety
/// As in the C library.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn fsync(descriptor: c_int) -> c_int {
    own_sync(descriptor)
}

/// # Safety
/// As in the C library.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn fdatasync(descriptor: c_int) -> c_int {
    own_sync(descriptor)
}

/// Whether the program's own call on a path may go on.
fn own_call(path: Option<&Path>) -> Result<(), Failed> {
    if IS_SQLITE.get() {
        return Ok(());
    }
    path.and_then(disk_of).map_or(Ok(()), |disk| disk.before(Call::Own))
}

/// # Safety
/// As in the C library.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: promised by the caller.
    let (from, to) = unsafe { (CStr::from_ptr(from), CStr::from_ptr(to)) };
    let path = Path::new(OsStr::from_bytes(to.to_bytes()));
    if let Err(failed) = own_call(Some(path)) {
        return fail(failed);
    }
    rustix::fs::rename(from, to).map_or_else(|error| fail_with(error.raw_os_error()), |()| 0)
}

/// # Safety
/// As in the C library.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn mkdir(name: *const c_char, mode: u32) -> c_int {
    // SAFETY: promised by the caller.
    let name = unsafe { CStr::from_ptr(name) };
    if let Err(failed) = own_call(Some(Path::new(OsStr::from_bytes(name.to_bytes())))) {
        return fail(failed);
    }
    rustix::fs::mkdir(name, rustix::fs::Mode::from_raw_mode(mode))
        .map_or_else(|error| fail_with(error.raw_os_error()), |()| 0)
}

/// The mode is read whether the caller gave one or not; without `O_CREAT` nobody looks at it.
///
/// # Safety
/// As in the C library.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn open64(name: *const c_char, flags: c_int, mode: u32) -> c_int {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    // SAFETY: promised by the caller.
    let name = unsafe { CStr::from_ptr(name) };
    let path = Path::new(OsStr::from_bytes(name.to_bytes()));
    let is_for_writing = flags & 0o3 != 0;
    if is_for_writing && let Err(failed) = own_call(Some(path)) {
        return fail(failed);
    }
    let flags = OFlags::from_bits_retain(flags.unsigned_abs());
    match openat(CWD, name, flags, Mode::from_raw_mode(mode)) {
        Ok(descriptor) => descriptor.into_raw_fd(),
        Err(error) => fail_with(error.raw_os_error()),
    }
}
