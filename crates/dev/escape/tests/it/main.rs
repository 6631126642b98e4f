//! One test per file of `fixtures/attacks`.

use std::path::PathBuf;

use emdash_escape::{carry_out, find_attacks};
use libtest_mimic::{Arguments, Trial};

fn main() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/attacks");
    let trials = find_attacks(&folder)
        .into_iter()
        .map(|attack| {
            Trial::test(attack.name.clone(), move || {
                carry_out(&attack);
                Ok(())
            })
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
