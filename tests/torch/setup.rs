//! What the build looks at before it takes another libtorch for the one it knows.

#[path = "../../build.rs"]
#[allow(dead_code)]
mod build;

use std::fs;

/// The folders that scripts/setup-torch makes, seen through its link and without it.
#[test]
#[cfg(unix)]
fn another_kind_of_libtorch_at_the_same_path_is_seen() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path().canonicalize().unwrap();
    let inside = "lib/python3.11/site-packages/torch";
    fs::create_dir_all(root.join(inside).join("lib")).unwrap();
    let link = root.join("libtorch");
    std::os::unix::fs::symlink(inside, &link).unwrap();
    assert_eq!([build::kind(&link), build::kind(&root.join(inside))], [None, None]);
    let kind = root.join("nasproof-kind");
    fs::write(&kind, "2.13.0 cpu\n").unwrap();
    for libtorch in [link, root.join(inside)] {
        assert_eq!(build::kind(&libtorch).as_ref(), Some(&kind), "{}", libtorch.display());
    }
}
