//! A private authority, made on the fly.

use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use wareswitch::sandbox::TlsIdentity;

use super::Device;

/// The years in which a certificate of today is valid.
pub(crate) const VALID: (i32, i32) = (2020, 2120);

/// A private authority, as IT has one.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Authority of the warehouse");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        Self { issuer: CertifiedIssuer::self_signed(params, key).unwrap() }
    }

    /// A certificate for this name, valid in these years.
    pub(crate) fn certify(&self, name: &str, (from, until): (i32, i32)) -> TlsIdentity {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        TlsIdentity::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap()
    }

    /// Has a device trust it.
    pub(crate) fn hand_out_to(&self, device: &mut Device) {
        let path = device.config_file().with_file_name("ca.pem");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        self.write_to(&path);
        device.set("ca_file", path.to_str().unwrap());
    }

    /// Writes down what a device needs to trust it.
    pub(crate) fn write_to(&self, path: &Path) {
        std::fs::write(path, self.issuer.pem()).unwrap();
    }
}
