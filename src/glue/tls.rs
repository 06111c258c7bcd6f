//! Whom to trust, and what was wrong with a certificate.

use std::sync::{Arc, OnceLock};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{CertificateError, ClientConfig, RootCertStore};

use crate::domain::connection::TlsProblem;

#[cfg(target_os = "android")]
use super::android_roots;
use super::settings::{GlueSettings, GlueSetupError};

/// The device's certificates, read once for all profiles.
static DEVICE_CERTIFICATES: OnceLock<Vec<CertificateDer<'static>>> = OnceLock::new();

/// The TLS settings for a server: the device's certificates and the additional ones of IT.
pub(super) fn config(settings: &GlueSettings) -> Result<ClientConfig, GlueSetupError> {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = &settings.extra_ca_pem {
        add_extra(&mut roots, pem)?;
    }
    if !settings.origin.is_cleartext() {
        roots.add_parsable_certificates(device_certificates().iter().cloned());
        if roots.is_empty() {
            tracing::warn!("no certificate authority is known, so no server will be trusted");
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn add_extra(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), GlueSetupError> {
    let mut count = 0_usize;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| GlueSetupError::ExtraCa)?;
        roots.add(certificate).map_err(|_| GlueSetupError::ExtraCa)?;
        count += 1;
    }
    if count == 0 { Err(GlueSetupError::ExtraCa) } else { Ok(()) }
}

fn device_certificates() -> &'static [CertificateDer<'static>] {
    DEVICE_CERTIFICATES.get_or_init(|| {
        #[cfg(target_os = "android")]
        let certificates = android_roots::load(&android_roots::Folders::of_device());
        #[cfg(not(target_os = "android"))]
        let certificates = native_certificates();
        certificates
    })
}

#[cfg(not(target_os = "android"))]
fn native_certificates() -> Vec<CertificateDer<'static>> {
    let loaded = rustls_native_certs::load_native_certs();
    for error in &loaded.errors {
        tracing::warn!(%error, "some certificates of the device can't be read");
    }
    loaded.certs
}

/// What is wrong, in the few kinds that people are told apart.
pub(super) fn problem(error: &rustls::Error) -> TlsProblem {
    let rustls::Error::InvalidCertificate(reason) = error else { return TlsProblem::Other };
    match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsProblem::Expired,
        // Nobody serves a certificate before its time, but many a clock begins again in the past.
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TlsProblem::ClockWrong
        }
        // An authority with a known name and another key is another one.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            TlsProblem::UnknownAuthority
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsProblem::NameMismatch
        }
        _ => TlsProblem::Other,
    }
}
