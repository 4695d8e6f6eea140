//! The keys that the provider signs with.

use super::SigningAlgorithm;
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::VecDeque;
use thiserror::Error;
use zeroize::Zeroizing;

/// So many keys that no longer sign are still published: what they signed has long expired by then.
const RETIRED: usize = 3;

/// No key could be made, or none could sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the test provider cannot make or use a signing key")]
pub struct KeyError;

impl SigningAlgorithm {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    const fn jws(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::ES256,
            Self::Rs256 => Algorithm::RS256,
        }
    }
}

pub(super) struct SigningKey {
    algorithm: SigningAlgorithm,
    private: EncodingKey,
    public: DecodingKey,
    jwk: Jwk,
    id: String,
}

impl SigningKey {
    /// RSA takes a while.
    pub(super) fn generate(algorithm: SigningAlgorithm) -> Result<Self, KeyError> {
        let private = match algorithm {
            SigningAlgorithm::Es256 => p256()?,
            SigningAlgorithm::Rs256 => rsa()?,
        };
        Self::new(algorithm, private).map_err(|_| KeyError)
    }

    /// The key's id is its thumbprint (RFC 7638).
    fn new(algorithm: SigningAlgorithm, private: EncodingKey) -> Result<Self, jsonwebtoken::errors::Error> {
        let mut jwk = Jwk::from_encoding_key(&private, algorithm.jws())?;
        let id = jwk.thumbprint(ThumbprintHash::SHA256)?;
        jwk.common.key_id = Some(id.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let public = DecodingKey::from_jwk(&jwk)?;
        Ok(Self {
            algorithm,
            private,
            public,
            jwk,
            id,
        })
    }
}

fn p256() -> Result<EncodingKey, KeyError> {
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    Ok(EncodingKey::from_ec_der(key.map_err(|_| KeyError)?.as_ref()))
}

fn rsa() -> Result<EncodingKey, KeyError> {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError)?;
    let pkcs8: Pkcs8V1Der<'_> = key.as_der().map_err(|_| KeyError)?;
    let body = Zeroizing::new(STANDARD.encode(pkcs8.as_ref()));
    let pem = Zeroizing::new(format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        body.as_str()
    ));
    EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| KeyError)
}

/// The key that signs, first, and those that did.
pub(super) struct KeyRing {
    current: SigningKey,
    retired: VecDeque<SigningKey>,
}

impl KeyRing {
    pub(super) fn new(current: SigningKey) -> Self {
        Self {
            current,
            retired: VecDeque::new(),
        }
    }

    pub(super) fn rotate(&mut self, new: SigningKey) {
        let old = std::mem::replace(&mut self.current, new);
        self.retired.push_front(old);
        self.retired.truncate(RETIRED);
    }

    /// A JWS in compact form (RFC 7515 section 7.1).
    pub(super) fn sign(&self, kind: &str, claims: &impl Serialize) -> Result<String, KeyError> {
        let header = Header {
            typ: Some(kind.to_owned()),
            kid: Some(self.current.id.clone()),
            ..Header::new(self.current.algorithm.jws())
        };
        jsonwebtoken::encode(&header, claims, &self.current.private).map_err(|_| KeyError)
    }

    /// The claims of what one of these keys has signed, however long ago.
    pub(super) fn open(&self, token: &str) -> Option<Map<String, Value>> {
        let id = jsonwebtoken::decode_header(token).ok()?.kid?;
        let key = self.all().find(|key| key.id == id)?;
        claims_of(token, &key.public, &[key.algorithm.jws()])
    }

    pub(super) fn published(&self) -> JwkSet {
        JwkSet {
            keys: self.all().map(|key| key.jwk.clone()).collect(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.current).chain(&self.retired)
    }
}

/// The claims of a JWT, if its signature is this key's. What they say is for the caller to judge: the library would
/// compare times with its own clock.
pub(super) fn claims_of(token: &str, key: &DecodingKey, algorithms: &[Algorithm]) -> Option<Map<String, Value>> {
    let mut signature_only = Validation {
        algorithms: algorithms.to_vec(),
        validate_exp: false,
        validate_aud: false,
        ..Validation::default()
    };
    signature_only.required_spec_claims.clear();
    Some(jsonwebtoken::decode(token, key, &signature_only).ok()?.claims)
}

#[cfg(test)]
mod tests {
    use super::{KeyRing, SigningKey};
    use crate::test_provider::SigningAlgorithm;
    use serde_json::json;

    #[test]
    fn a_rotated_ring_signs_with_the_new_key_and_still_publishes_the_old() {
        for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::Rs256] {
            let mut ring = KeyRing::new(SigningKey::generate(algorithm).unwrap());
            let old = ring.sign("JWT", &json!({ "sub": "1" })).unwrap();
            ring.rotate(SigningKey::generate(algorithm).unwrap());
            let new = ring.sign("JWT", &json!({ "sub": "2" })).unwrap();
            let id = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
            let published = ring.published();
            assert_eq!(
                published
                    .keys
                    .iter()
                    .map(|key| key.common.key_id.clone().unwrap())
                    .collect::<Vec<_>>(),
                [id(&new), id(&old)]
            );
            assert_eq!(ring.open(&old).unwrap()["sub"], "1");
            assert_eq!(ring.open(&new).unwrap()["sub"], "2");
        }
    }

    #[test]
    fn a_ring_does_not_grow_for_ever() {
        let key = || SigningKey::generate(SigningAlgorithm::Es256).unwrap();
        let mut ring = KeyRing::new(key());
        let first = ring.sign("JWT", &json!({})).unwrap();
        (0..10).for_each(|_| ring.rotate(key()));
        assert_eq!(ring.published().keys.len(), 1 + super::RETIRED);
        assert!(ring.open(&first).is_none());
    }
}
