//! What `lika doctor oidc` finds: whether a provider can be used as it is configured, without logging anybody in.

use super::discovery::{Metadata, fetch};
use super::error::OidcError;
use super::finding::{Finding, Outcome, Step, found};
use super::http::HttpError;
use super::keys::CLOCK_TOLERANCE_S;
use super::profile::{Asking, Profile};
use super::relying_party::{Inner, RelyingParty};
use super::settings::{ClientAuthentication, ProviderSettings};
use super::transaction::{Transaction, Wanted};
use crate::Assurance;
use openidconnect::core::{CoreClientAuthMethod, CoreJwsSigningAlgorithm};
use openidconnect::http::header;
use openidconnect::{HttpRequest, HttpResponse};

/// A code that no provider has given; what it answers shows whether it takes our client authentication.
const NO_CODE: &str = "lika-doctor-has-no-code";

impl RelyingParty {
    /// Looks at everything that can be seen without a person. It asks the provider at most five times.
    pub async fn diagnose(&self, now_ms: i64) -> Vec<Finding> {
        let inner = &*self.0;
        let mut findings = Vec::new();
        match inner.ask_for_metadata().await {
            Ok(answer) => findings.push(clock(&answer, now_ms)),
            Err(error) => return vec![unreachable(&error)],
        }
        let metadata = match fetch(&inner.http, &inner.settings.issuer).await {
            Ok(metadata) => metadata,
            Err(error) => {
                findings.push(unusable(&error));
                return findings;
            }
        };
        findings.insert(
            0,
            found(
                Step::Discovery,
                Outcome::Ok,
                format!("{} svarar med metadata för rätt utfärdare.", inner.settings.issuer),
                format!("{} answers with metadata for the right issuer.", inner.settings.issuer),
            ),
        );
        findings.extend(judge(&metadata, &inner.settings, &inner.profile));
        findings.push(inner.try_token_endpoint(&metadata, now_ms).await);
        if metadata
            .additional_metadata()
            .pushed_authorization_request_endpoint
            .is_some()
        {
            findings.push(self.try_pushing(now_ms).await);
        }
        findings
    }

    async fn try_pushing(&self, now_ms: i64) -> Finding {
        let wanted = Wanted {
            level: Assurance::Loa3,
            ..Wanted::default()
        };
        let step = Step::PushedRequests;
        match self.begin(&wanted, now_ms).await {
            Ok(_) => found(
                step,
                Outcome::Ok,
                "Leverantören tog emot en begäran direkt från servern (PAR).",
                "The provider accepted a request from the server directly (PAR).",
            ),
            Err(error) => found(
                step,
                Outcome::Failed,
                format!(
                    "Leverantören tog inte emot en begäran direkt från servern (PAR): {error}. Kontrollera client_id, redirect_uri och scopes mot registreringen."
                ),
                format!(
                    "The provider did not accept a request from the server directly (PAR): {error}. Compare client_id, redirect_uri and scopes with the registration."
                ),
            ),
        }
    }
}

impl Inner {
    async fn ask_for_metadata(&self) -> Result<HttpResponse, HttpError> {
        let issuer = self.settings.issuer.trim_end_matches('/');
        let url = format!("{issuer}/.well-known/openid-configuration");
        let mut request = HttpRequest::new(Vec::new());
        *request.uri_mut() = url.parse().map_err(|_| HttpError::Unsafe(url))?;
        self.http.send(request).await
    }

    /// RFC 6749 section 5.2: `invalid_client` comes before `invalid_grant`.
    async fn try_token_endpoint(&self, metadata: &Metadata, now_ms: i64) -> Finding {
        let step = Step::TokenEndpoint;
        let Ok(transaction) = Transaction::begin(&self.settings.id, &Wanted::default(), now_ms) else {
            return found(
                step,
                Outcome::Failed,
                "Datorn ger inga slumptal.",
                "The computer gives no random numbers.",
            );
        };
        match self.exchange(metadata, NO_CODE, &transaction, now_ms).await {
            Err(OidcError::Exchange { code, .. }) if code == "invalid_grant" => found(
                step,
                Outcome::Ok,
                "Leverantören godtar hur servern styrker vem den är.",
                "The provider accepts how the server shows who it is.",
            ),
            Err(OidcError::Exchange { code, .. }) if code == "invalid_client" || code == "unauthorized_client" => {
                found(
                    step,
                    Outcome::Failed,
                    format!(
                        "Leverantören godtar inte hur servern styrker vem den är ({code}). Kontrollera client_id och hemligheten eller nyckeln, och att den publika nyckeln är registrerad."
                    ),
                    format!(
                        "The provider does not accept how the server shows who it is ({code}). Check client_id and the secret or key, and that the public key is registered."
                    ),
                )
            }
            Err(error) => found(
                step,
                Outcome::Warning,
                format!("Det går inte att avgöra om leverantören godtar servern: {error}."),
                format!("It cannot be told whether the provider accepts the server: {error}."),
            ),
            Ok(_) => found(
                step,
                Outcome::Failed,
                "Leverantören gav en token för en påhittad kod. Använd den inte.",
                "The provider gave a token for a code that was made up. Do not use it.",
            ),
        }
    }
}

fn unreachable(error: &HttpError) -> Finding {
    found(
        Step::Discovery,
        Outcome::Failed,
        format!("Leverantören kan inte nås: {error}. Kontrollera issuer, brandvägg och ca_file."),
        format!("The provider cannot be reached: {error}. Check issuer, the firewall and ca_file."),
    )
}

fn unusable(error: &OidcError) -> Finding {
    let why = match error {
        OidcError::Metadata(why) => why.clone(),
        other => other.to_string(),
    };
    found(
        Step::Discovery,
        Outcome::Failed,
        format!("Leverantörens metadata kan inte användas: {why}. Skriv issuer exakt som leverantören gör."),
        format!("The provider's metadata cannot be used: {why}. Write issuer exactly as the provider does."),
    )
}

/// By the `Date` of an answer, which is a second coarse.
fn clock(answer: &HttpResponse, now_ms: i64) -> Finding {
    let date = answer
        .headers()
        .get(header::DATE)
        .and_then(|date| date.to_str().ok())
        .and_then(|date| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
    let Some(date) = date else {
        return found(
            Step::Clock,
            Outcome::Warning,
            "Leverantören säger inte vad klockan är. Se till att serverns klocka går rätt (NTP).",
            "The provider does not say what time it is. See that the server's clock is right (NTP).",
        );
    };
    let apart_s = date.as_second().saturating_sub(now_ms.div_euclid(1000));
    let outcome = match apart_s.saturating_abs() {
        0..=5 => Outcome::Ok,
        6..=CLOCK_TOLERANCE_S => Outcome::Warning,
        _ => Outcome::Failed,
    };
    let (sv, en) = match outcome {
        Outcome::Ok => ("", ""),
        _ => (" Ställ serverns klocka (NTP).", " Set the server's clock (NTP)."),
    };
    found(
        Step::Clock,
        outcome,
        format!("Leverantörens klocka går {apart_s} sekunder före serverns.{sv}"),
        format!("The provider's clock is {apart_s} seconds ahead of the server's.{en}"),
    )
}

/// What metadata alone tells.
fn judge(metadata: &Metadata, settings: &ProviderSettings, profile: &Profile) -> Vec<Finding> {
    let mut findings = vec![
        algorithms(metadata),
        keys(metadata),
        client_authentication(metadata, settings),
        pkce(metadata),
        issuer_parameter(metadata),
        levels(metadata, profile),
        logout(metadata),
    ];
    findings.extend(pushed_requests(metadata, settings));
    findings.extend(signed_requests(metadata, settings, profile));
    findings
}

fn algorithms(metadata: &Metadata) -> Finding {
    let good = [
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    ];
    let offered = metadata.id_token_signing_alg_values_supported();
    match offered.iter().any(|alg| good.contains(alg)) {
        true => found(
            Step::Algorithms,
            Outcome::Ok,
            "Leverantören kan signera med RS256, PS256 eller ES256.",
            "The provider can sign with RS256, PS256 or ES256.",
        ),
        false => found(
            Step::Algorithms,
            Outcome::Failed,
            "Leverantören signerar inte med RS256, PS256 eller ES256, och annat godtas inte. Be leverantören byta.",
            "The provider does not sign with RS256, PS256 or ES256, and nothing else is accepted. Ask it to change.",
        ),
    }
}

fn keys(metadata: &Metadata) -> Finding {
    match metadata.jwks().keys().len() {
        0 => found(
            Step::Keys,
            Outcome::Failed,
            "Leverantören publicerar ingen nyckel som kan användas. Kontrollera jwks_uri med leverantören.",
            "The provider publishes no key that can be used. Check jwks_uri with the provider.",
        ),
        count => found(
            Step::Keys,
            Outcome::Ok,
            format!("Leverantören publicerar {count} nycklar."),
            format!("The provider publishes {count} keys."),
        ),
    }
}

fn client_authentication(metadata: &Metadata, settings: &ProviderSettings) -> Finding {
    let (ours, name) = match settings.authentication {
        ClientAuthentication::ClientSecret(_) => (CoreClientAuthMethod::ClientSecretBasic, "client_secret_basic"),
        ClientAuthentication::ClientSecretPost(_) => (CoreClientAuthMethod::ClientSecretPost, "client_secret_post"),
        ClientAuthentication::PrivateKeyJwt { .. } => (CoreClientAuthMethod::PrivateKeyJwt, "private_key_jwt"),
    };
    // Left out, it means client_secret_basic alone (OpenID Connect Discovery 1.0 section 3).
    let offered = match metadata.token_endpoint_auth_methods_supported() {
        Some(methods) => methods.contains(&ours),
        None => ours == CoreClientAuthMethod::ClientSecretBasic,
    };
    match offered {
        true => found(
            Step::ClientAuthentication,
            Outcome::Ok,
            format!("Leverantören erbjuder {name}."),
            format!("The provider offers {name}."),
        ),
        false => found(
            Step::ClientAuthentication,
            Outcome::Warning,
            format!("Leverantören säger inte att den erbjuder {name}. Välj ett sätt som den erbjuder."),
            format!("The provider does not say that it offers {name}. Choose a way that it offers."),
        ),
    }
}

fn pkce(metadata: &Metadata) -> Finding {
    let methods = &metadata.additional_metadata().code_challenge_methods_supported;
    match methods
        .as_ref()
        .is_some_and(|methods| methods.iter().any(|method| method == "S256"))
    {
        true => found(
            Step::Pkce,
            Outcome::Ok,
            "Leverantören kan PKCE med S256.",
            "The provider knows PKCE with S256.",
        ),
        false => found(
            Step::Pkce,
            Outcome::Warning,
            "Leverantören säger inte att den kan PKCE med S256. Det skickas ändå; fråga leverantören.",
            "The provider does not say that it knows PKCE with S256. It is sent anyway; ask the provider.",
        ),
    }
}

fn issuer_parameter(metadata: &Metadata) -> Finding {
    match metadata
        .additional_metadata()
        .authorization_response_iss_parameter_supported
    {
        true => found(
            Step::IssuerParameter,
            Outcome::Ok,
            "Leverantören säger i svaret vem den är (RFC 9207).",
            "The provider says in its answer who it is (RFC 9207).",
        ),
        false => found(
            Step::IssuerParameter,
            Outcome::Warning,
            "Leverantören säger inte i svaret vem den är (RFC 9207). Har ni flera leverantörer: ge var och en sin egen redirect_uri.",
            "The provider does not say in its answer who it is (RFC 9207). With several providers, give each its own redirect_uri.",
        ),
    }
}

fn levels(metadata: &Metadata, profile: &Profile) -> Finding {
    let step = Step::Levels;
    let asked = profile.asked_for(Assurance::Loa3);
    if asked.is_empty() {
        return found(
            step,
            Outcome::Failed,
            "Ingen nivå i inställningarna når tillitsnivå 3. Fyll i levels.",
            "No level in the settings reaches level of assurance 3. Fill in levels.",
        );
    }
    let Some(offered) = metadata
        .acr_values_supported()
        .filter(|_| profile.asking != Asking::Nothing)
    else {
        return found(
            step,
            Outcome::Warning,
            "Leverantören säger inte vilka nivåer den erbjuder. Prova med en riktig inloggning.",
            "The provider does not say which levels it offers. Try with a real login.",
        );
    };
    let common: Vec<_> = asked
        .iter()
        .filter(|acr| offered.iter().any(|offer| offer.as_str() == **acr))
        .copied()
        .collect();
    match common.is_empty() {
        false => found(
            step,
            Outcome::Ok,
            format!(
                "Leverantören erbjuder tillitsnivå 3 eller högre: {}.",
                common.join(", ")
            ),
            format!(
                "The provider offers level of assurance 3 or higher: {}.",
                common.join(", ")
            ),
        ),
        true => found(
            step,
            Outcome::Failed,
            format!(
                "Leverantören erbjuder ingen av nivåerna {}. Rätta levels i inställningarna.",
                asked.join(", ")
            ),
            format!(
                "The provider offers none of the levels {}. Correct levels in the settings.",
                asked.join(", ")
            ),
        ),
    }
}

fn logout(metadata: &Metadata) -> Finding {
    let more = metadata.additional_metadata();
    match (more.end_session_endpoint.is_some(), more.backchannel_logout_supported) {
        (true, true) => found(
            Step::Logout,
            Outcome::Ok,
            "Utloggning fungerar åt båda hållen.",
            "Logging out works both ways.",
        ),
        (here, there) => {
            let yes_no = |yes: bool| if yes { ("ja", "yes") } else { ("nej", "no") };
            let (here, there) = (yes_no(here), yes_no(there));
            found(
                Step::Logout,
                Outcome::Warning,
                format!(
                    "Utloggning hos leverantören härifrån: {}; härifrån när man loggar ut där: {}. Sessionerna här tar slut ändå i tid.",
                    here.0, there.0
                ),
                format!(
                    "Logging out there from here: {}; here when logging out there: {}. Sessions here end in time anyway.",
                    here.1, there.1
                ),
            )
        }
    }
}

fn pushed_requests(metadata: &Metadata, settings: &ProviderSettings) -> Option<Finding> {
    let offered = metadata
        .additional_metadata()
        .pushed_authorization_request_endpoint
        .is_some();
    match (offered, settings.require_par) {
        // It is tried.
        (true, _) => None,
        (false, true) => Some(found(
            Step::PushedRequests,
            Outcome::Failed,
            "require_par är satt men leverantören erbjuder inte PAR. Ta bort require_par.",
            "require_par is set but the provider does not offer PAR. Remove require_par.",
        )),
        (false, false) => Some(found(
            Step::PushedRequests,
            Outcome::Warning,
            "Leverantören erbjuder inte PAR; begäran går genom webbläsaren.",
            "The provider does not offer PAR; the request goes through the browser.",
        )),
    }
}

fn signed_requests(metadata: &Metadata, settings: &ProviderSettings, profile: &Profile) -> Option<Finding> {
    let required = metadata.additional_metadata().require_signed_request_object;
    let has_key = matches!(settings.authentication, ClientAuthentication::PrivateKeyJwt { .. });
    match (required, profile.signed_requests, has_key) {
        (true, _, false) => Some(found(
            Step::SignedRequests,
            Outcome::Failed,
            "Leverantören kräver signerad begäran. Ställ in private_key_jwt med en nyckel.",
            "The provider requires signed requests. Set private_key_jwt with a key.",
        )),
        (_, true, true) if metadata.request_parameter_supported() == Some(false) => Some(found(
            Step::SignedRequests,
            Outcome::Warning,
            "Leverantören säger att den inte tar signerad begäran. Sätt signed_requests = false.",
            "The provider says that it takes no signed requests. Set signed_requests = false.",
        )),
        (_, true, true) | (true, _, true) => Some(found(
            Step::SignedRequests,
            Outcome::Ok,
            "Begäran signeras.",
            "Requests are signed.",
        )),
        _ => None,
    }
}
