//! HTTPS with a certificate that the caller brings, so that clients' trust can be put to the test.

use std::fmt;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// Largest PEM file read, in bytes.
const PEM_SIZE_MAX: u64 = 1024 * 1024;

/// A certificate with its key, ready to serve HTTPS (TLS 1.2 and 1.3).
#[derive(Clone)]
pub struct TlsIdentity {
    config: Arc<ServerConfig>,
}

/// Says nothing of the key.
impl fmt::Debug for TlsIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TlsIdentity").finish_non_exhaustive()
    }
}

impl TlsIdentity {
    /// Reads a certificate chain, the server's own certificate first, and its private key. Names and
    /// dates are not looked at: a wrong certificate is what some callers want.
    ///
    /// # Errors
    /// A sentence, if one of them isn't PEM, or the key doesn't belong to the certificate.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> io::Result<Self> {
        let refuse = |sentence: String| io::Error::new(io::ErrorKind::InvalidData, sentence);
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(certificates)
            .collect::<Result<_, _>>()
            .map_err(|error| refuse(format!("the certificate isn't PEM: {error}")))?;
        if chain.is_empty() {
            return Err(refuse("there is no PEM certificate".to_owned()));
        }
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| refuse(format!("there is no PEM private key: {error}")))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| refuse(error.to_string()))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| refuse(format!("certificate and key can't be used: {error}")))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config) })
    }

    /// The same from two files.
    ///
    /// # Errors
    /// As [`TlsIdentity::from_pem`], and if a file can't be read or is too large.
    pub fn from_files(certificates: &Path, key: &Path) -> io::Result<Self> {
        Self::from_pem(&read_limited(certificates)?, &read_limited(key)?)
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }
}

fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    let told =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(told)?;
    file.take(PEM_SIZE_MAX + 1).read_to_end(&mut bytes).map_err(told)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > PEM_SIZE_MAX {
        let sentence = format!("{} is larger than {PEM_SIZE_MAX} bytes", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidData, sentence));
    }
    Ok(bytes)
}
