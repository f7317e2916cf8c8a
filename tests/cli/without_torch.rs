//! What a program without libtorch says of the commands that need it.

use crate::common::Folder;

#[test]
fn commands_on_libtorch_say_what_they_need() {
    let folder = Folder::new();
    for arguments in [
        "train --space darts --data digits --out RUN",
        "train --help",
        "train",
        "costs RUN --json c.json",
        "estimate --module net.pt",
    ] {
        let run = folder.run(arguments);
        run.fails(2, &["--features torch", "scripts/setup-torch", arguments.split(' ').next().unwrap()]);
        assert_eq!((run.stdout.as_str(), folder.names()), ("", Vec::new()));
    }
    assert!(!folder.run("--help").stdout.contains("train"));
}
