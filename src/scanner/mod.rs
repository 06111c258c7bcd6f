//! What a scanned or typed code means. Pure: no key, no camera, no network.

pub mod code;
mod gs1;
