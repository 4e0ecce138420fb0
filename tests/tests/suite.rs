//! Runs every case of `tests/suite` as a test of its own.

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use syncline_tests::suite;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("suite");
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let files = suite::files(&folder).expect("the suite's folders can be read");
    let trials = files.into_iter().map(|path| {
        let name = path.strip_prefix(&folder).expect("it is below the suite").with_extension("");
        let name = name.to_string_lossy().replace('\\', "/");
        Trial::test(name, move || suite::run_file(&path, update).map_err(Failed::from))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}
