//! Syncs of folders: after a loss of power a file exists only if the folder that names it was synced, and a new folder only
//! if the one above it was.

use std::fs::DirBuilder;
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use super::open;

/// Brings the names in a folder to disk. The error says which folder.
pub fn sync(folder: &Path) -> io::Result<()> {
    match open::sync_folder(folder) {
        // Names may be made in a folder that may not be read, and it cannot be synced; SQLite passes over it too.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        // Some file systems have nothing to sync in a folder.
        Err(error) if is_unknown(&error) => Ok(()),
        Err(error) => {
            let shown = crate::text::visible::one_line(&folder.to_string_lossy()).into_owned();
            let message = format!(
                "the folder {shown} cannot be synced ({error}), so a loss of power may take back what was done in it"
            );
            Err(io::Error::new(error.kind(), message))
        }
        Ok(()) => Ok(()),
    }
}

/// Whether the error says that the file system cannot sync such a file.
pub fn is_unknown(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidInput | ErrorKind::Unsupported
    )
}

/// Makes a folder and the missing ones above it, for their owner alone, and brings their names to disk.
pub fn make_all(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let above = match folder.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    };
    make_all(above)?;
    match DirBuilder::new().mode(0o700).create(folder) {
        // Another process was faster, or it ends in `..`.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made?,
    }
    sync(above)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn folders_are_made_for_their_owner_alone_and_those_that_are_there_stay() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("there");
        fs::create_dir(&there).unwrap();
        fs::set_permissions(&there, fs::Permissions::from_mode(0o755)).unwrap();
        let deep = there.join("a/b/../b/c");
        make_all(&deep).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!([mode(&there), mode(&there.join("a/b/c"))], [0o755, 0o700]);
        make_all(&deep).unwrap();
        drop(open::new(&there.join("file")).unwrap());
        assert!(make_all(&there.join("file/x")).is_err());
        assert!(make_all(&there.join("file")).is_err());
    }

    #[test]
    fn a_folder_that_cannot_be_synced_is_named() {
        let error = sync(Path::new("/nowhere/at-all")).unwrap_err();
        assert!(error.to_string().contains("/nowhere/at-all"), "{error}");
        sync(Path::new("/proc")).unwrap();
    }
}
