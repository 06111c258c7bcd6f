//! Long answers may come packed: a list of ten thousand rows is a twentieth then. A stock server packs
//! nothing; a proxy in front of it can.

use std::io::Read as _;

use flate2::read::GzDecoder;

use super::answer::Body;
use super::failure::GlueFailure;

/// The name of the packing that is understood, in the headers of both sides.
pub(super) const NAME: &str = "gzip";

/// Whether a `Content-Encoding` is that packing.
pub(super) fn is_packed(content_encoding: Option<&str>) -> bool {
    content_encoding.is_some_and(|text| text.trim().eq_ignore_ascii_case(NAME))
}

/// Unpacks a body up to a limit: a small one can hold a huge one. What only says that it is packed is
/// left as it came: no server of ours speaks like that.
///
/// # Errors
/// [`GlueFailure::Cut`] if it can't be unpacked to its end.
pub(super) fn unpack(body: Body, bytes_max: usize) -> Result<Body, GlueFailure> {
    let Body::Whole(packed) = body else { return Ok(body) };
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let unpacker = GzDecoder::new(packed.as_slice());
    if unpacker.header().is_none() {
        return Ok(Body::Whole(packed));
    }
    if let Err(error) = unpacker.take(limit).read_to_end(&mut bytes) {
        tracing::debug!(%error, "the answer was packed wrongly");
        return Err(GlueFailure::Cut);
    }
    Ok(if bytes.len() > bytes_max { Body::TooLarge } else { Body::Whole(bytes) })
}
