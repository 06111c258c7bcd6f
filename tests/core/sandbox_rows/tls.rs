//! HTTPS with a certificate made on the fly.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::Client;
use wareswitch::sandbox::{Options, Sandbox, Seed, TlsIdentity};

use super::world::{LIST, World, send};

fn certificate() -> CertifiedKey<rcgen::KeyPair> {
    generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap()
}

fn identity(made: &CertifiedKey<rcgen::KeyPair>) -> TlsIdentity {
    let key = made.signing_key.serialize_pem();
    TlsIdentity::from_pem(made.cert.pem().as_bytes(), key.as_bytes()).unwrap()
}

#[tokio::test]
async fn https_is_served_to_those_who_trust_the_certificate_and_to_nobody_else() {
    // Sets the crypto provider of this process.
    let other = World::new().await;
    let made = certificate();
    let tls = Some(identity(&made));
    let sandbox =
        Sandbox::start_with(Options { tls, ..Options::new(Seed::sample()) }).await.unwrap();
    let origin = sandbox.origin();
    let url = format!("{origin}{LIST}");
    let authority = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let trusting = Client::builder().no_proxy().tls_certs_only([authority]).build().unwrap();

    assert!(origin.starts_with("https://127.0.0.1:"));
    assert_eq!(send(trusting.get(&url)).await.status, 404);
    assert_eq!(sandbox.control().requests().len(), 1);
    assert!(other.client.get(&url).send().await.is_err());
    assert!(other.client.get(url.replace("https", "http")).send().await.is_err());
    assert_eq!(sandbox.control().requests().len(), 1);
}

#[test]
fn a_certificate_without_its_key_is_refused() {
    let (made, other) = (certificate(), certificate());
    let (pem, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let foreign_key = other.signing_key.serialize_pem();
    let cases = [
        ("", key.as_str(), "no PEM certificate"),
        (pem.as_str(), "", "no PEM private key"),
        (pem.as_str(), pem.as_str(), "no PEM private key"),
        (pem.as_str(), foreign_key.as_str(), "can't be used"),
    ];
    for (certificates, key, expected) in cases {
        let refused = TlsIdentity::from_pem(certificates.as_bytes(), key.as_bytes()).unwrap_err();
        assert!(refused.to_string().contains(expected), "{refused}");
    }
}
