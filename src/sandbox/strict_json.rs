//! JSON from outside, read strictly, with sentences that name what is wrong.

use serde::de::DeserializeOwned;
use serde_json::Deserializer;

/// Reads a document, and nothing may follow it.
///
/// # Errors
/// A sentence that begins with the path of the member that is wrong.
pub(super) fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let mut reader = Deserializer::from_slice(bytes);
    let document = from_reader(&mut reader)?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(document)
}

/// The same from a document that is read already.
pub(super) fn from_reader<'de, T, D>(reader: D) -> Result<T, String>
where
    T: DeserializeOwned,
    D: serde::Deserializer<'de, Error = serde_json::Error>,
{
    serde_path_to_error::deserialize(reader).map_err(|error| error.to_string())
}
