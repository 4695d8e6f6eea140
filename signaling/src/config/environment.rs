//! The environment names secrets' files, so that one configuration serves machines and containers whose secrets lie in
//! different places (systemd's credentials, a mounted volume). One rule: the setting's whole name in capitals, after `LIKA_`,
//! with `_` where it has a dot or a hyphen; a provider's settings have its id in them. Only files of secrets and certificates
//! can be named so; a variable that begins like a setting and is none is an error, for a misspelt one would be silent.

use super::Config;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// What every variable begins with.
const PREFIX: &str = "LIKA_";
/// The sections of the configuration: what a setting's name begins with.
const SECTIONS: [&str; 8] = [
    "SERVER", "MEDIA", "TURN", "STORAGE", "IDENTITY", "QUALITY", "LIMITS", "METRICS",
];
/// A name is suggested if it is at least as near as this (Jaro-Winkler, 0 to 1).
const NEAR: f64 = 0.95;

/// Replaces the files that these variables name.
///
/// # Errors
/// A variable that looks like a setting and is none, with what it could have been.
pub(super) fn apply(config: &mut Config, variables: impl Iterator<Item = (String, OsString)>) -> Result<(), String> {
    let mut files = files(config);
    for (name, value) in variables.filter(|(name, _)| looks_like_a_setting(name)) {
        match files.get_mut(&name) {
            Some(file) => **file = Some(PathBuf::from(value)),
            None => return Err(unknown(&name, files.keys())),
        }
    }
    Ok(())
}

/// Every file that can be named, by its variable.
fn files(config: &mut Config) -> BTreeMap<String, &mut Option<PathBuf>> {
    let tls = &mut config.server.tls;
    let identity = &mut config.identity;
    let mut files = BTreeMap::from([
        ("LIKA_SERVER_TLS_CERT_FILE".to_owned(), &mut tls.cert_file),
        ("LIKA_SERVER_TLS_KEY_FILE".to_owned(), &mut tls.key_file),
        ("LIKA_TURN_SECRET_FILE".to_owned(), &mut config.turn.secret_file),
        ("LIKA_IDENTITY_KEY_FILE".to_owned(), &mut identity.key_file),
        (
            "LIKA_IDENTITY_ADMIN_TOKEN_FILE".to_owned(),
            &mut identity.admin_token_file,
        ),
    ]);
    for provider in &mut identity.provider {
        let name = provider.id.to_ascii_uppercase().replace('-', "_");
        let of_provider = |key: &str| format!("{PREFIX}IDENTITY_PROVIDER_{name}_{key}");
        files.insert(of_provider("CLIENT_SECRET_FILE"), &mut provider.client_secret_file);
        files.insert(of_provider("PRIVATE_KEY_FILE"), &mut provider.private_key_file);
    }
    files
}

fn looks_like_a_setting(name: &str) -> bool {
    let setting = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_'));
    setting.is_some_and(|(section, _)| SECTIONS.contains(&section))
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> String {
    let nearest = known
        .map(|one| (strsim::jaro_winkler(name, one), one))
        .filter(|(near, _)| *near >= NEAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    let advice = match nearest {
        Some((_, nearest)) => format!("did you mean {nearest}?"),
        None => "only files of secrets and certificates can be named in the environment; set it in the file".to_owned(),
    };
    format!("the environment has {name}, which is no setting: {advice}")
}

#[cfg(test)]
mod tests {
    use super::apply;
    use crate::config::Config;

    fn with(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let mut config = Config::parse(text).unwrap();
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).into()));
        apply(&mut config, variables).map(|()| config)
    }

    #[test]
    fn the_environment_names_secrets_files_and_wins() {
        let text = "[turn]\nsecret_file = '/etc/lika/turn'\n[[identity.provider]]\nid = 'bank-id'\nname = 'BankID'\n\
                    family = 'signicat'\nissuer = 'https://id.example.se'\nclient_id = 'lika'\n";
        let variables = [
            ("LIKA_TURN_SECRET_FILE", "/run/credentials/turn"),
            (
                "LIKA_IDENTITY_PROVIDER_BANK_ID_CLIENT_SECRET_FILE",
                "/run/credentials/oidc",
            ),
        ];
        let config = with(text, &variables).unwrap();
        assert_eq!(config.turn.secret_file.unwrap().to_str(), Some("/run/credentials/turn"));
        let provider = &config.identity.provider[0];
        assert_eq!(
            provider.client_secret_file.as_ref().unwrap().to_str(),
            Some("/run/credentials/oidc")
        );
    }

    #[test]
    fn a_misspelt_one_is_an_error_with_the_nearest() {
        let error = with("", &[("LIKA_TURN_SECRETS_FILE", "/x")]).unwrap_err();
        assert!(error.contains("did you mean LIKA_TURN_SECRET_FILE?"), "{error}");
        let error = with("", &[("LIKA_SERVER_LISTEN", "1")]).unwrap_err();
        assert!(error.contains("set it in the file"), "{error}");
    }

    #[test]
    fn a_variable_of_any_section_is_not_passed_over_in_silence() {
        for section in toml::Table::try_from(Config::default()).unwrap().keys() {
            let name = format!("LIKA_{}_LISTEN", section.to_uppercase());
            let error = with("", &[(&name, "x")]).unwrap_err();
            assert!(error.contains(&name), "{error}");
        }
    }

    #[test]
    fn what_is_no_setting_is_left_alone() {
        let others = [
            ("LIKA_LOG", "debug"),
            ("LIKA_LOG_FORMAT", "json"),
            ("TURN_SECRET_FILE", "x"),
        ];
        assert_eq!(with("", &others).unwrap(), Config::default());
    }
}
