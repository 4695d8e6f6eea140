//! What the service manager that started lika is told: systemd's protocol (`sd_notify(3)`), one datagram for each state.

use crate::config::ConfigError;
use crate::data::DataError;
use crate::server::StartError;
use lika_auth::KeyError;
use std::env;
use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// The exit status of a configuration that cannot be used, which starting again does not mend (`EX_CONFIG` of sysexits.h).
pub(super) const BAD_CONFIGURATION: u8 = 78;

/// Says that the ports are bound and the meetings read back. Without a service manager nobody is told.
pub(super) fn ready() {
    let told = env::var_os("NOTIFY_SOCKET").map(|path| send(&path, "READY=1"));
    if let Some(Err(error)) = told {
        tracing::warn!(%error, "the service manager could not be told that lika is ready");
    }
}

/// A path that begins with @ is a name without a file.
fn send(path: &OsStr, state: &str) -> io::Result<()> {
    let address = match path.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(path)?,
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address)?;
    Ok(())
}

/// Whether it is the configuration that must be changed, or a file that it names.
pub(super) fn is_configuration(error: &anyhow::Error) -> bool {
    error.is::<ConfigError>() || error.downcast_ref().is_some_and(is_of_a_setting)
}

fn is_of_a_setting(error: &StartError) -> bool {
    match error {
        StartError::Tls(_) | StartError::Turn(_) | StartError::Setting(_) | StartError::Profile(_) => true,
        StartError::Data(DataError::ReadOnly { .. }) => true,
        StartError::RosterKeys(KeyError::File { source, .. }) => !may_pass(source.kind()),
        StartError::RosterKeys(error) => !matches!(error, KeyError::Randomness(_)),
        _ => false,
    }
}

/// A disk that is full or does not answer may be mended while lika is started again; a place where the service may not
/// write stays one.
const fn may_pass(kind: ErrorKind) -> bool {
    !matches!(
        kind,
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied | ErrorKind::NotFound | ErrorKind::NotADirectory
    )
}

#[cfg(test)]
mod tests {
    use super::{is_configuration, send};
    use crate::config::Config;
    use crate::data::DataError;
    use crate::server::StartError;
    use lika_auth::KeyError;
    use std::ffi::OsStr;
    use std::io::ErrorKind;
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    use std::path::Path;

    fn received(socket: &UnixDatagram) -> String {
        let mut buffer = [0; 64];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    #[test]
    fn the_manager_is_told_by_a_path_or_a_name() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notify");
        let by_path = UnixDatagram::bind(&path).unwrap();
        send(path.as_os_str(), "READY=1").unwrap();
        assert_eq!(received(&by_path), "READY=1");

        let name = format!("lika-test-{}", std::process::id());
        let by_name = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        send(OsStr::new(&format!("@{name}")), "READY=1").unwrap();
        assert_eq!(received(&by_name), "READY=1");
    }

    #[test]
    fn a_configuration_that_cannot_be_used_is_told_from_what_may_pass() {
        let missing = Config::read(Path::new("/no/such/lika.toml")).unwrap_err();
        assert!(is_configuration(&missing.into()));
        let taken = StartError::Listen(std::io::Error::from(std::io::ErrorKind::AddrInUse));
        assert!(!is_configuration(&taken.into()));
    }

    #[test]
    fn a_data_directory_where_the_service_may_not_write_says_what_lets_it_in() {
        let refused = |kind: ErrorKind| {
            let directory = Path::new("/srv/lika");
            StartError::from(DataError::creating(
                &directory.join("journal.sqlite"),
                directory,
                kind.into(),
            ))
        };
        let confined = refused(ErrorKind::ReadOnlyFilesystem);
        let told = confined.to_string();
        assert_eq!(told.matches("systemctl edit lika,").count(), 2, "{told}");
        assert_eq!(told.matches("ReadWritePaths=/srv/lika,").count(), 2, "{told}");
        assert!(is_configuration(&confined.into()));
        assert!(!is_configuration(&refused(ErrorKind::StorageFull).into()));
    }

    #[test]
    fn a_key_file_where_the_service_may_not_write_is_no_fault_that_passes() {
        let kept_out = |kind: ErrorKind| {
            let error = KeyError::File {
                path: "/etc/lika/roster.key".into(),
                source: kind.into(),
            };
            is_configuration(&StartError::from(error).into())
        };
        assert!(kept_out(ErrorKind::ReadOnlyFilesystem) && kept_out(ErrorKind::PermissionDenied));
        assert!(!kept_out(ErrorKind::StorageFull));
    }
}
