//! The page is embedded from `web/dist`, which `npm run build` fills. Without it the program still builds, and serves a
//! page that says how to build it.

use std::path::Path;

fn main() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dist");
    // Cargo watches a directory only if it is there; so that a page built later is noticed, it must be.
    if let Err(error) = std::fs::create_dir_all(&page) {
        println!(
            "cargo:warning=cannot create {}: {error}; the page is not embedded",
            page.display()
        );
    }
    println!("cargo:rerun-if-changed=web/dist");
}
