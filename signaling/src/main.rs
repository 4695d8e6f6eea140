//! The program `lika`.

fn main() -> std::process::ExitCode {
    lika::cli::run()
}
