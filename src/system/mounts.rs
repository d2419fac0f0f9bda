//! The file systems: which one a file lies on, and how much space it has left.

use std::io;
use std::path::{Path, PathBuf};

use super::open;

/// Where the kernel lists what is mounted.
const LIST: &str = "/proc/self/mountinfo";

/// The most bytes of the list that are read.
const MOST: usize = 16 << 20;

/// The types of file systems that lie on another machine.
const NETWORK: [&str; 22] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "coda",
    "ncpfs",
    "lustre",
    "beegfs",
    "glusterfs",
    "gfs2",
    "ocfs2",
    "orangefs",
    "pvfs2",
    "vboxsf",
    "vmhgfs",
    "davfs",
    "s3fs",
    "fuse.sshfs",
];

/// The file systems that are mounted.
#[derive(Clone, Debug, Default)]
pub struct Mounts(Vec<(PathBuf, String)>);

impl Mounts {
    /// Those of this process, or as another list has them; none where nobody tells.
    pub fn now(list: Option<&Path>) -> Mounts {
        let list = open::read(list.unwrap_or(Path::new(LIST)), MOST).unwrap_or_default();
        Mounts::of(&String::from_utf8_lossy(&list))
    }

    /// As the kernel lists them: `36 35 98:0 / /srv rw,noatime - nfs4 server:/export rw`, each behind those that it covers.
    fn of(list: &str) -> Mounts {
        let mount = |line: &str| {
            let (before, behind) = line.split_once(" - ")?;
            let point = before.split(' ').nth(4)?;
            let kind = behind.split(' ').next()?;
            Some((PathBuf::from(unescaped(point)), kind.to_owned()))
        };
        Mounts(list.lines().filter_map(mount).collect())
    }

    /// The type of the network file system on which a path without links lies.
    pub fn network_of(&self, path: &Path) -> Option<&str> {
        let within = self.0.iter().filter(|(point, _)| path.starts_with(point));
        // The last one mounted at the longest path counts.
        let (_, kind) = within.max_by_key(|(point, _)| point.components().count())?;
        is_network(kind).then_some(kind)
    }
}

fn is_network(kind: &str) -> bool {
    let program = kind.strip_prefix("fuse.");
    NETWORK.contains(&kind) || program.is_some_and(|it| NETWORK.contains(&it) || it == "rclone")
}

/// A path with its blanks, tabs, line ends and backslashes, which the list has as `\040`.
fn unescaped(text: &str) -> String {
    [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (code, c)| text.replace(code, c))
}

/// The bytes that an ordinary user may still write on the file system of a path.
pub fn free_space(path: &Path) -> io::Result<u64> {
    let found = rustix::fs::statvfs(path)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_counts_and_of_two_at_one_place_the_later() {
        let mounts = Mounts::of(
            "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
             36 22 0:40 / /srv rw,noatime shared:5 - nfs4 server:/export rw\n\
             37 36 8:2 / /srv/local rw - xfs /dev/sdb rw\n\
             38 22 0:41 / /mnt/a\\040b rw - fuse.sshfs host: rw\n\
             39 22 0:42 / /over rw - nfs server:/a rw\n\
             40 22 8:3 / /over rw - ext4 /dev/sdc rw\n\
             nonsense\n",
        );
        for (path, expected) in [
            ("/home/jobs.db", None),
            ("/srv/jobs.db", Some("nfs4")),
            ("/srvx/jobs.db", None),
            ("/srv/local/jobs.db", None),
            ("/mnt/a b/jobs.db", Some("fuse.sshfs")),
            ("/over/jobs.db", None),
        ] {
            assert_eq!(mounts.network_of(Path::new(path)), expected, "{path}");
        }
        assert_eq!(Mounts::default().network_of(Path::new("/srv")), None);
    }
}
