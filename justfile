# One command for each habit; `just --list` shows them.

# Run the bundled demo
demo:
    cargo run --release -- compare

build:
    cargo build --release --locked

# Everything that needs no Python; the first run fetches TensorFlow
test:
    cargo test --release

lint:
    cargo fmt --check
    cargo clippy --release --locked --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --release --locked --no-deps

# Bit for bit against Python TensorFlow; makes its Python environment and models on the first run
parity:
    tests/parity/run.sh

# A clip through a pair, frames through a stream, fetch and prepare; on the demo
examples:
    cargo run --release --example compare
    cargo run --release --example stream
    cargo run --release --example prepare

# Decode, resize, top-k
bench:
    cargo bench

# Fuzz gif, labels, npz, records, saved_model or tar; needs nightly Rust and `cargo install cargo-fuzz`
fuzz TARGET SECONDS="60":
    mkdir -p fuzz/corpus/{{TARGET}}
    cargo +nightly fuzz run {{TARGET}} --sanitizer none fuzz/corpus/{{TARGET}} fuzz/seeds/{{TARGET}} -- -max_total_time={{SECONDS}}

# Train and export the bundled demo anew: about 90 minutes
demo-model:
    tools/demo-model/make.sh
