//! The parts of WASI a toolchain puts into components, called by hand.
#![allow(missing_docs, clippy::all, reason = "generated")]

wit_bindgen::generate!({
    inline: r#"
        package emdash:probe;

        package wasi:filesystem@0.2.3 {
            interface types {
                resource descriptor {}
            }
            interface preopens {
                use types.{descriptor};
                get-directories: func() -> list<tuple<descriptor, string>>;
            }
        }
        package wasi:sockets@0.2.3 {
            interface network {
                resource network;
            }
            interface instance-network {
                use network.{network};
                instance-network: func() -> network;
            }
        }
        package wasi:io@0.2.3 {
            interface error {
                resource error {}
            }
            interface streams {
                use error.{error};
                variant stream-error {
                    last-operation-failed(error),
                    closed,
                }
                resource output-stream {
                    blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>;
                }
            }
        }
        package wasi:cli@0.2.3 {
            interface environment {
                get-environment: func() -> list<tuple<string, string>>;
                get-arguments: func() -> list<string>;
            }
            interface exit {
                exit: func(status: result);
            }
            interface stdout {
                use wasi:io/streams@0.2.3.{output-stream};
                get-stdout: func() -> output-stream;
            }
        }
        package wasi:random@0.2.3 {
            interface random {
                get-random-u64: func() -> u64;
            }
        }
        package wasi:clocks@0.2.3 {
            interface wall-clock {
                record datetime {
                    seconds: u64,
                    nanoseconds: u32,
                }
                now: func() -> datetime;
            }
        }
        package elsewhere:secrets@1.0.0 {
            interface vault {
                open: func(key: list<u8>) -> string;
            }
        }

        world wasi {
            import wasi:filesystem/preopens@0.2.3;
            import wasi:sockets/instance-network@0.2.3;
            import wasi:cli/environment@0.2.3;
            import wasi:cli/exit@0.2.3;
            import wasi:cli/stdout@0.2.3;
            import wasi:random/random@0.2.3;
            import wasi:clocks/wall-clock@0.2.3;
            import elsewhere:secrets/vault@1.0.0;
        }
    "#,
    world: "emdash:probe/wasi",
    generate_all,
});

pub fn random() -> u64 {
    wasi::random::random::get_random_u64()
}

pub fn seconds() -> u64 {
    wasi::clocks::wall_clock::now().seconds
}

pub fn print(text: &str) -> bool {
    wasi::cli::stdout::get_stdout().blocking_write_and_flush(text.as_bytes()).is_ok()
}

pub fn open_files() -> usize {
    wasi::filesystem::preopens::get_directories().len()
}

pub fn open_socket() {
    drop(wasi::sockets::instance_network::instance_network());
}

pub fn environment() -> usize {
    wasi::cli::environment::get_environment().len()
}

pub fn arguments() -> usize {
    wasi::cli::environment::get_arguments().len()
}

pub fn exit() {
    wasi::cli::exit::exit(Ok(()));
}

pub fn vault(key: &[u8]) -> usize {
    elsewhere::secrets::vault::open(key).len()
}
