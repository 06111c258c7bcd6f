//! The one place that speaks with Java. The other side is `com.wareswitch.MainActivity`, whose
//! native methods are here by name; both sides exchange texts, numbers and booleans alone.
#![allow(unsafe_code, reason = "Java finds functions by their bare names")]

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jni::errors::LogErrorAndDefault;
use jni::objects::{JObject, JString};
use jni::refs::Global;
use jni::sys::{jboolean, jlong};
use jni::{Env, EnvUnowned, JValue, JavaVM, jni_mangle, jni_sig, jni_str};

use crate::app::platform::{DeviceEvent, Watch};

use super::networks::{DefaultNetwork, Networks};

/// What the activity knew when it was made.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// The folder for data: in no backup, and not carried over to another device.
    pub data_folder: PathBuf,
    /// The managed configuration, as JSON.
    pub managed_configuration: String,
    /// The language of the device, such as `de-DE`.
    pub locale: String,
}

/// What the activity tells of people and their scanners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The window came to the front, or went.
    InFront(bool),
    /// A broadcast of a scanner: its action, and its extras as JSON.
    Broadcast {
        /// The action.
        action: String,
        /// The extras.
        extras: String,
    },
}

type OnHappening = Arc<dyn Fn(Happening) + Send + Sync>;
type OnDevice = Arc<dyn Fn(DeviceEvent) + Send + Sync>;

struct Door {
    activity: Option<Arc<Global<JObject<'static>>>>,
    start: Option<Start>,
    on_happening: Option<OnHappening>,
    on_device: Option<OnDevice>,
    networks: Networks,
}

static DOOR: Mutex<Door> = Mutex::new(Door {
    activity: None,
    start: None,
    on_happening: None,
    on_device: None,
    networks: Networks::UNKNOWN,
});

fn door() -> MutexGuard<'static, Door> {
    // Nothing here is left half changed by a panic.
    DOOR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the activity knew when it was made; `None` if another activity than ours started the program.
pub fn start() -> Option<Start> {
    door().start.clone()
}

/// Calls `on_happening`, from Java's main thread, until [`stop_listening`].
pub fn listen(on_happening: impl Fn(Happening) + Send + Sync + 'static) {
    door().on_happening = Some(Arc::new(on_happening));
}

/// Nobody is told of anything any more.
pub fn stop_listening() {
    door().on_happening = None;
}

/// Calls `on_event` with what becomes of the network, from a thread of Java's, until the watch is
/// dropped.
pub fn watch_networks(on_event: OnDevice) -> Watch {
    struct Watching;
    impl Drop for Watching {
        fn drop(&mut self) {
            door().on_device = None;
        }
    }
    door().on_device = Some(on_event);
    Box::new(Watching)
}

/// Has the activity listen to broadcasts with these actions.
pub fn listen_for_scans(actions: &[&str]) {
    let actions = actions.join("\n");
    call(|env, activity| {
        let actions = env.new_string(&actions)?;
        let arguments = [JValue::Object(&actions)];
        env.call_method(
            activity,
            jni_str!("listenForScans"),
            jni_sig!((actions: JString) -> void),
            &arguments,
        )?;
        Ok(())
    });
}

/// Runs the motor: milliseconds of silence, pulse, silence, pulse and so on.
pub fn vibrate(pattern: &[i64]) {
    call(|env, activity| {
        let array = env.new_long_array(pattern.len())?;
        array.set_region(env, 0, pattern)?;
        let arguments = [JValue::Object(&array)];
        env.call_method(
            activity,
            jni_str!("vibrate"),
            jni_sig!((pattern: jlong[]) -> void),
            &arguments,
        )?;
        Ok(())
    });
}

/// Calls the activity, if there is one. That it fails is logged: nothing that is asked of it is
/// worth more than the program.
fn call(ask: impl FnOnce(&mut Env<'_>, &JObject<'_>) -> jni::errors::Result<()>) {
    let activity = door().activity.clone();
    let Some(activity) = activity else { return };
    let asked = JavaVM::singleton()
        .and_then(|vm| vm.attach_current_thread(|env| ask(env, activity.as_obj())));
    if let Err(error) = asked {
        tracing::warn!(%error, "the activity could not be asked");
    }
}

/// The activity was made; called before the program's own thread starts.
#[jni_mangle("com.wareswitch.MainActivity")]
pub fn native_created<'local>(
    mut env: EnvUnowned<'local>,
    activity: JObject<'local>,
    data_folder: JString<'local>,
    managed_configuration: JString<'local>,
    locale: JString<'local>,
) {
    env.with_env(|env| -> jni::errors::Result<()> {
        let start = Start {
            data_folder: data_folder.try_to_string(env)?.into(),
            managed_configuration: managed_configuration.try_to_string(env)?,
            locale: locale.try_to_string(env)?,
        };
        let activity = env.new_global_ref(&activity)?;
        let mut door = door();
        door.activity = Some(Arc::new(activity));
        door.start = Some(start);
        Ok(())
    })
    .resolve::<LogErrorAndDefault>();
}

/// The activity is gone.
#[jni_mangle("com.wareswitch.MainActivity")]
pub fn native_destroyed<'local>(_env: EnvUnowned<'local>, _activity: JObject<'local>) {
    door().activity = None;
}

/// The window came to the front, or went.
#[jni_mangle("com.wareswitch.MainActivity")]
pub fn native_in_front<'local>(
    _env: EnvUnowned<'local>,
    _activity: JObject<'local>,
    is_in_front: jboolean,
) {
    happened(Happening::InFront(is_in_front));
}

/// A broadcast came.
#[jni_mangle("com.wareswitch.MainActivity")]
pub fn native_broadcast<'local>(
    mut env: EnvUnowned<'local>,
    _activity: JObject<'local>,
    action: JString<'local>,
    extras: JString<'local>,
) {
    env.with_env(|env| -> jni::errors::Result<()> {
        let (action, extras) = (action.try_to_string(env)?, extras.try_to_string(env)?);
        happened(Happening::Broadcast { action, extras });
        Ok(())
    })
    .resolve::<LogErrorAndDefault>();
}

/// The default network is another, or there is none: then `number` is 0.
#[jni_mangle("com.wareswitch.MainActivity")]
pub fn native_network<'local>(
    _env: EnvUnowned<'local>,
    _activity: JObject<'local>,
    number: jlong,
    is_validated: jboolean,
) {
    let now = (number != 0).then_some(DefaultNetwork { number, is_validated });
    let mut door = door();
    let event = door.networks.take(now);
    let listener = door.on_device.clone();
    drop(door);
    if let (Some(event), Some(listener)) = (event, listener) {
        listener(event);
    }
}

fn happened(happening: Happening) {
    let listener = door().on_happening.clone();
    if let Some(listener) = listener {
        listener(happening);
    }
}
