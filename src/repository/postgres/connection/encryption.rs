//! Encrypted connections, and who the server has to be, as libpq asks it for each sslmode.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, InconsistentKeys, ProtocolVersion,
    RootCertStore, SignatureScheme, SupportedProtocolVersion,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream as RustlsStream;

use super::certificate;
use crate::error::{Failure, Kind};
use crate::repository::postgres::address::{
    ClientCertificate, RootCertificate, SslMode, Tls, TlsVersion, Verification,
};
use crate::repository::postgres::hints;
use crate::system::open;
use crate::text::visible::one_line;

/// The files in which systems keep the certificates of the public authorities.
const SYSTEM: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The most bytes of a file of certificates.
const MOST: usize = 16 << 20;

/// Makes the encrypted connections of one set of terms.
#[derive(Clone)]
pub(super) struct Encrypter {
    connector: TlsConnector,
}

impl Encrypter {
    pub(super) fn of(tls: &Tls) -> Result<Encrypter, Failure> {
        let provider = Arc::new(ring::default_provider());
        let verifier = Verifier {
            trusted: trusted(tls)?,
            by_name: tls.verification() == Verification::ChainAndName,
            provider: Arc::clone(&provider),
        };
        let spoken = |version: &&&'static SupportedProtocolVersion| {
            let version = match version.version {
                ProtocolVersion::TLSv1_2 => TlsVersion::V1_2,
                _ => TlsVersion::V1_3,
            };
            (tls.least_version..=tls.most_version).contains(&version)
        };
        let versions: Vec<_> = rustls::ALL_VERSIONS
            .iter()
            .filter(spoken)
            .copied()
            .collect();
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&versions)
            .map_err(|error| failed(&error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match &tls.client {
            None => config.with_no_client_auth(),
            Some(client) => {
                let certified = own(client, &provider)?;
                config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
            }
        };
        config.enable_sni = tls.sni;
        Ok(Encrypter {
            connector: TlsConnector::from(Arc::new(config)),
        })
    }
}

fn failed(why: &str) -> Failure {
    Failure::new(Kind::Unreachable, why).hint(hints::CERTIFICATE)
}

/// The certificate by which the server knows this client, and its key.
fn own(client: &ClientCertificate, provider: &CryptoProvider) -> Result<CertifiedKey, Failure> {
    let read = |path: &Path| {
        open::read(path, MOST).map_err(|error| failed(&format!("reading {}: {error}", shown(path))))
    };
    let none = |path: &Path, what: &str| failed(&format!("{} holds no {what}", shown(path)));
    let bytes = read(&client.certificate)?;
    let chain = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|_| none(&client.certificate, "certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(&read(&client.key)?);
    let key = key.map_err(|_| none(&client.key, "key without a passphrase"))?;
    let loaded = provider.key_provider.load_private_key(key);
    let key = loaded.map_err(|_| none(&client.key, "key that can be used"))?;
    let certified = CertifiedKey::new(chain, key);
    // A certificate of version 1, which the library does not read, is the server's to judge.
    match certified.keys_match() {
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            let path = shown(&client.key);
            Err(failed(&format!(
                "{path} is no key of the client's certificate"
            )))
        }
        _ => Ok(certified),
    }
}

/// The certificates to be trusted; None where nobody has to be.
fn trusted(tls: &Tls) -> Result<Option<Trusted>, Failure> {
    if tls.mode == SslMode::Disable || tls.verification() == Verification::Nothing {
        return Ok(None);
    }
    let missing = |what: String| {
        Failure::new(Kind::Unreachable, what).hint(
            "name the file with sslrootcert in the address, or say sslrootcert=system, or sslmode=require",
        )
    };
    let path = match &tls.root {
        None => return Err(missing("there is no root certificate".to_owned())),
        Some(RootCertificate::File(path)) => path.as_path(),
        Some(RootCertificate::System) => {
            let there = SYSTEM.iter().map(Path::new).find(|path| path.exists());
            let none = "this machine has no root certificates";
            there.ok_or_else(|| missing(none.to_owned()))?
        }
    };
    if path.exists() {
        Trusted::read(path).map(Some).map_err(missing)
    } else {
        let path = shown(path);
        Err(missing(format!("there is no root certificate {path}")))
    }
}

fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy()).into_owned()
}

#[derive(Debug)]
struct Trusted {
    store: RootCertStore,
    certificates: Vec<CertificateDer<'static>>,
}

impl Trusted {
    fn read(path: &Path) -> Result<Trusted, String> {
        let fail = |why: &dyn std::fmt::Display| format!("reading {}: {why}", shown(path));
        let bytes = open::read(path, MOST).map_err(|error| fail(&error))?;
        let mut trusted = Trusted {
            store: RootCertStore::empty(),
            certificates: Vec::new(),
        };
        for certificate in CertificateDer::pem_slice_iter(&bytes) {
            let certificate = certificate.map_err(|error| fail(&error))?.into_owned();
            // One that no server could be verified by is of no use, but may still be the server's own.
            let _ = trusted.store.add(certificate.clone());
            trusted.certificates.push(certificate);
        }
        if trusted.certificates.is_empty() {
            return Err(fail(&"it holds no certificate"));
        }
        Ok(trusted)
    }
}

/// Asks of a server's certificate what its sslmode demands.
#[derive(Debug)]
struct Verifier {
    trusted: Option<Trusted>,
    by_name: bool,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn vouched_for(
        &self,
        trusted: &Trusted,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        // One that signed itself, which the library does not take for a server's.
        if trusted.certificates.iter().any(|it| it == certificate) {
            let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
            return match certificate::validity(certificate) {
                None => Err(CertificateError::BadEncoding.into()),
                Some((from, _)) if now < from => Err(CertificateError::NotValidYet.into()),
                Some((_, to)) if now > to => Err(CertificateError::Expired.into()),
                Some(_) => Ok(()),
            };
        }
        rustls::client::verify_server_cert_signed_by_trust_anchor(
            &ParsedCertificate::try_from(certificate)?,
            &trusted.store,
            intermediates,
            now,
            self.provider.signature_verification_algorithms.all,
        )
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(trusted) = &self.trusted {
            self.vouched_for(trusted, certificate, intermediates, now)?;
            if self.by_name {
                let parsed = ParsedCertificate::try_from(certificate)?;
                rustls::client::verify_server_name(&parsed, name)?;
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if self.trusted.is_none() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if self.trusted.is_none() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// The words for a handshake that failed, and the next step.
pub(super) fn explained(
    error: &(dyn std::error::Error + 'static),
) -> Option<(String, &'static str)> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        let found = error.downcast_ref::<rustls::Error>();
        let found = found.or_else(|| inner?.downcast_ref::<rustls::Error>());
        if let Some(found) = found {
            return Some((words(found), hints::CERTIFICATE));
        }
        cause = error.source();
    }
    None
}

fn words(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(why) => match why {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the server's certificate has expired".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet".to_owned()
            }
            CertificateError::UnknownIssuer => {
                "no root certificate vouches for the server's certificate".to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the server's certificate is for another host name".to_owned()
            }
            CertificateError::Other(_) => {
                "the server's certificate is none that a server may have, as one that signed itself"
                    .to_owned()
            }
            other => format!("the server's certificate cannot be trusted: {other}"),
        },
        other => format!("the encrypted connection failed: {other}"),
    }
}

/// One connection that is about to be encrypted.
pub(super) struct Handshake {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl<S> MakeTlsConnect<S> for Encrypter
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Encrypted<S>;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Handshake> {
        // A name that is none can be verified by no certificate.
        let nobody = || ServerName::IpAddress(std::net::Ipv4Addr::UNSPECIFIED.into());
        Ok(Handshake {
            connector: self.connector.clone(),
            name: ServerName::try_from(host.to_owned()).unwrap_or_else(|_| nobody()),
        })
    }
}

impl<S> TlsConnect<S> for Handshake
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        let connecting = self.connector.connect(self.name, stream);
        Box::pin(async move { connecting.await.map(Encrypted) })
    }
}

/// An encrypted connection.
pub(super) struct Encrypted<S>(RustlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        let certificates = self.0.get_ref().1.peer_certificates();
        let first = certificates.and_then(<[_]>::first);
        first
            .and_then(|certificate| certificate::binding(certificate))
            .map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
