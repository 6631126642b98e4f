//! TLS with the web's roots; certificates are checked against the name in the URL, not the address dialled.

use std::sync::Arc;

use emdash_types::{Error, Result};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The roots of the public web.
pub(crate) fn public_roots() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
}

/// A connector that trusts these roots.
pub(crate) fn connector(roots: RootCertStore) -> Result<TlsConnector> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};

    use super::*;

    /// Whether a client that calls for `name` accepts a server certified for shop.example.
    async fn accepts(name: &str, trusts_issuer: bool) -> bool {
        let issued = rcgen::generate_simple_self_signed(["shop.example".to_owned()]).unwrap();
        let certificate = issued.cert.der().clone();
        let key = PrivateKeyDer::try_from(issued.signing_key.serialize_der()).unwrap();
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let mut roots = public_roots();
        if trusts_issuer {
            roots.add(certificate).unwrap();
        }
        let (near, far) = duplex(16 * 1024);
        let client = connector(roots).unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let (client, _) =
            tokio::join!(client.connect(name, near), TlsAcceptor::from(Arc::new(server)).accept(far));
        client.is_ok()
    }

    #[tokio::test]
    async fn a_server_must_prove_the_name_it_was_called_by() {
        assert!(accepts("shop.example", true).await);
        assert!(!accepts("other.example", true).await);
        assert!(!accepts("shop.example", false).await);
    }
}
