//! What the provider says about itself (OpenID Connect Discovery 1.0 section 3).

use super::level::Level;
use super::provider::Provider;
use super::{NUMBER_CLAIM, SigningAlgorithm};
use serde_json::{Value, json};

impl Provider {
    pub(super) fn metadata(&self, algorithm: SigningAlgorithm) -> Value {
        let at = |endpoint: &str| format!("{}/{endpoint}", self.issuer);
        let client_signing = ["ES256", "RS256", "PS256"];
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "userinfo_endpoint": at("userinfo"),
            "jwks_uri": at("jwks"),
            "end_session_endpoint": at("end-session"),
            "pushed_authorization_request_endpoint": at("par"),
            "require_pushed_authorization_requests": false,
            "authorization_response_iss_parameter_supported": true,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": [algorithm.name()],
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic", "client_secret_post"],
            "token_endpoint_auth_signing_alg_values_supported": client_signing,
            "request_object_signing_alg_values_supported": client_signing,
            "request_parameter_supported": true,
            "request_uri_parameter_supported": false,
            "claims_parameter_supported": true,
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "acr_values_supported": Level::ALL.map(Level::acr),
            "scopes_supported": [
                "openid",
                "profile",
                "https://id.oidc.se/scope/naturalPersonInfo",
                "https://id.oidc.se/scope/naturalPersonNumber",
            ],
            "claims_supported": [
                "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "at_hash", "sid", "name", NUMBER_CLAIM,
                "groups",
            ],
            "ui_locales_supported": ["sv", "en"],
            "backchannel_logout_supported": true,
            "backchannel_logout_session_supported": true,
            "https://id.oidc.se/disco/userMessageSupported": true,
        })
    }
}
