//! What the operating system says of the machine.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::ffi::CString;
use std::mem;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// A file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Bytes that this user may still write.
    pub free: u64,
    /// Bytes in all.
    pub size: u64,
}

impl Disk {
    /// The file system of a directory (`statvfs(3)`); `None`: the system does not say.
    #[must_use]
    pub fn of(directory: &Path) -> Option<Self> {
        let path = CString::new(directory.as_os_str().as_bytes()).ok()?;
        // SAFETY: `path` ends with zero, `found` is plain memory that the call fills.
        #[allow(unsafe_code)]
        let (answer, found) = unsafe {
            let mut found: libc::statvfs = mem::zeroed();
            (libc::statvfs(path.as_ptr(), &raw mut found), found)
        };
        (answer == 0).then(|| Self {
            free: found.f_bavail.saturating_mul(found.f_frsize),
            size: found.f_blocks.saturating_mul(found.f_frsize),
        })
    }
}

/// Files and sockets of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptors {
    /// Open now.
    pub open: u64,
    /// As many as it may have open.
    pub limit: u64,
}

impl Descriptors {
    /// Of this process; `None`: the system does not say.
    #[must_use]
    pub fn of_this_process() -> Option<Self> {
        let open = std::fs::read_dir("/proc/self/fd").ok()?.count();
        Some(Self {
            open: u64::try_from(open).ok()?,
            limit: descriptor_limit()?,
        })
    }
}

/// How many files and sockets this process may have open (`getrlimit(2)`).
#[must_use]
pub fn descriptor_limit() -> Option<u64> {
    // SAFETY: `limit` is plain memory that the call fills.
    #[allow(unsafe_code)]
    let (answer, limit) = unsafe {
        let mut limit: libc::rlimit = mem::zeroed();
        (libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit), limit)
    };
    (answer == 0).then_some(limit.rlim_cur)
}

/// When the first certificate of a PEM file ends, in seconds since 1970-01-01 UTC; `None`: it cannot be read.
#[must_use]
pub fn certificate_ends_s(file: &Path) -> Option<i64> {
    let leaf = CertificateDer::pem_file_iter(file).ok()?.next()?.ok()?;
    let (_, certificate) = X509Certificate::from_der(&leaf).ok()?;
    Some(certificate.validity().not_after.timestamp())
}

#[cfg(test)]
mod tests {
    use super::{Descriptors, Disk, certificate_ends_s};
    use std::path::Path;

    #[test]
    fn a_directory_has_room_and_none_that_is_not_there() {
        let disk = Disk::of(Path::new("/")).unwrap();
        assert!(disk.size > 0 && disk.free <= disk.size);
        assert_eq!(Disk::of(Path::new("/nowhere/at/all")), None);
    }

    #[test]
    fn an_opened_file_is_counted() {
        let before = Descriptors::of_this_process().unwrap();
        let files: Vec<_> = (0..20).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();
        let with_files = Descriptors::of_this_process().unwrap();
        assert!(with_files.open > before.open.saturating_sub(20) && with_files.limit >= with_files.open);
        drop(files);
    }

    #[test]
    fn the_end_of_a_certificate_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("cert.pem");
        assert_eq!(certificate_ends_s(&file), None);
        std::fs::write(&file, crate::http::tls::self_signed("localhost").unwrap().cert.pem()).unwrap();
        // 4096-01-01, which rcgen gives a certificate of which nothing is said.
        assert_eq!(certificate_ends_s(&file), Some(67_090_118_400));
    }
}
