//! Which certificates are trusted, and what is wrong with one that is not.

use std::error::Error;
use std::io;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, RootCertStore};

use crate::domain::connection::TlsProblem;

use super::client::GlueSetupError;

/// Trusts what the system trusts, and the certificates of `extra_pem`. Reads files.
///
/// # Errors
/// If `extra_pem` holds no certificate, or one that is none.
pub(super) fn configuration(
    is_needed: bool,
    extra_pem: Option<&[u8]>,
) -> Result<ClientConfig, GlueSetupError> {
    let mut roots = RootCertStore::empty();
    if is_needed {
        let native = rustls_native_certs::load_native_certs();
        for error in native.errors {
            tracing::warn!(%error, "some of the system's certificates can't be read");
        }
        let (added, ignored) = roots.add_parsable_certificates(native.certs);
        tracing::debug!(added, ignored, "the system's certificates are loaded");
    }
    if let Some(pem) = extra_pem {
        add_extra(&mut roots, pem)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| GlueSetupError::Tls(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn add_extra(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), GlueSetupError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = certificates.map_err(|_| GlueSetupError::CaFile)?;
    if certificates.is_empty() {
        return Err(GlueSetupError::CaFile);
    }
    for certificate in certificates {
        roots.add(certificate).map_err(|_| GlueSetupError::CaFile)?;
    }
    Ok(())
}

/// What was wrong with the connection's safety, if that was it.
pub(super) fn problem(error: &(dyn Error + 'static)) -> Option<TlsProblem> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(error) = current.downcast_ref::<rustls::Error>() {
            return Some(problem_of(error));
        }
        // An I/O error hides the error that it carries from `source`.
        let inner = current.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => current.source(),
        };
    }
    None
}

fn problem_of(error: &rustls::Error) -> TlsProblem {
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => TlsProblem::ClockOrExpired,
            CertificateError::UnknownIssuer => TlsProblem::UnknownAuthority,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsProblem::NameMismatch
            }
            _ => TlsProblem::Other,
        },
        _ => TlsProblem::Other,
    }
}
