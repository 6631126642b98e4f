//! What a component may import beside its world. Toolchains put WASI into everything, so a component that imports it
//! loads; but there are no files, sockets, processes, arguments and environment here. Standard output goes to the
//! plugin's log, clocks and randomness are the host's, and everything else, known or not, traps and is on record
//! (A33).

use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{
    Component, ComponentNamedList, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType, Val,
};
use wasmtime::{Engine, StoreContextMut};

use super::guest::Guest;

/// Any resource of WASI. The only ones there are stand for the two standard streams.
struct Wasi;

const STDOUT: u32 = 0;
const STDERR: u32 = 1;
/// What a stream takes in one piece, in bytes.
const WRITE_BYTES: usize = 4096;
/// Interfaces of the world itself, which are defined already.
const OWN: &str = "emdash:plugin/";

/// A call of something that plugins do not have.
#[derive(Debug)]
pub(super) struct Forbidden(pub(super) String);

impl std::fmt::Display for Forbidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "called {}, which plugins do not have", self.0)
    }
}

impl std::error::Error for Forbidden {}

/// Defines whatever the component imports and the world does not.
pub(super) fn define(
    linker: &mut Linker<Guest>,
    engine: &Engine,
    component: &Component,
) -> wasmtime::Result<()> {
    for (name, import) in component.component_type().imports(engine) {
        if name.starts_with(OWN) {
            continue;
        }
        match import.ty {
            ComponentItem::ComponentInstance(interface) => {
                let mut instance = linker.instance(name)?;
                let plain = name.split('@').next().unwrap_or(name);
                for (member, export) in interface.exports(engine) {
                    define_member(&mut instance, plain, member, &export.ty)?;
                }
            }
            item => define_member(&mut linker.root(), "", name, &item)?,
        }
    }
    Ok(())
}

fn define_member(
    instance: &mut LinkerInstance<'_, Guest>,
    interface: &str,
    member: &str,
    item: &ComponentItem,
) -> wasmtime::Result<()> {
    match item {
        ComponentItem::Resource(_) => instance.resource(member, ResourceType::host::<Wasi>(), |_, _| Ok(())),
        ComponentItem::ComponentFunc(_) if harmless(instance, interface, member)? => Ok(()),
        ComponentItem::ComponentFunc(_) => {
            let name = if interface.is_empty() { member.to_owned() } else { format!("{interface}.{member}") };
            let refuse = move |_: StoreContextMut<'_, Guest>, _: ComponentFunc, _: &[Val], _: &mut [Val]| {
                Err(Forbidden(name.clone()).into())
            };
            instance.func_new(member, refuse)
        }
        ComponentItem::Module(_) | ComponentItem::Component(_) | ComponentItem::CoreFunc(_) => {
            Err(wasmtime::Error::msg(format!("it imports code, as {member}, which no host has")))
        }
        ComponentItem::ComponentInstance(_) | ComponentItem::Type(_) => Ok(()),
    }
}

/// Defines one of the few functions plugins may have; says whether it was one.
fn harmless(
    instance: &mut LinkerInstance<'_, Guest>,
    interface: &str,
    member: &str,
) -> wasmtime::Result<bool> {
    let mut define = Definition { instance, member };
    match (interface, member) {
        ("wasi:cli/stdout", "get-stdout") => define.function(|_, ()| Ok((stream(STDOUT),))),
        ("wasi:cli/stderr", "get-stderr") => define.function(|_, ()| Ok((stream(STDERR),))),
        ("wasi:io/streams", "[method]output-stream.check-write") => {
            define.function(|_, (_,): (Resource<Wasi>,)| Ok((Done::Ok(WRITE_BYTES as u64),)))
        }
        (
            "wasi:io/streams",
            "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush",
        ) => define.function(|guest, (stream, bytes): (Resource<Wasi>, Vec<u8>)| {
            if bytes.len() > WRITE_BYTES {
                return Err(wasmtime::Error::msg("wrote more to a stream than it takes"));
            }
            guest.write(stream.rep(), &bytes);
            Ok((Done::Ok(()),))
        }),
        ("wasi:io/streams", "[method]output-stream.flush" | "[method]output-stream.blocking-flush") => {
            define.function(|_, (_,): (Resource<Wasi>,)| Ok((Done::Ok(()),)))
        }
        ("wasi:clocks/wall-clock", "now") => define.function(|guest, ()| Ok((guest.wall_clock(),))),
        ("wasi:clocks/wall-clock", "resolution") => {
            define.function(|_, ()| Ok((DateTime { seconds: 0, nanoseconds: 1_000_000 },)))
        }
        ("wasi:clocks/monotonic-clock", "now") => define.function(|guest, ()| Ok((guest.nanoseconds(),))),
        ("wasi:clocks/monotonic-clock", "resolution") => define.function(|_, ()| Ok((1_000_000_u64,))),
        ("wasi:random/random", "get-random-bytes")
        | ("wasi:random/insecure", "get-insecure-random-bytes") => {
            define.function(|guest, (count,): (u64,)| Ok((guest.random_bytes(count)?,)))
        }
        ("wasi:random/random", "get-random-u64") | ("wasi:random/insecure", "get-insecure-random-u64") => {
            define.function(|guest, ()| Ok((guest.random_number()?,)))
        }
        ("wasi:random/insecure-seed", "insecure-seed") => {
            define.function(|guest, ()| Ok(((guest.random_number()?, guest.random_number()?),)))
        }
        _ => return Ok(false),
    }?;
    Ok(true)
}

struct Definition<'a, 'l> {
    instance: &'a mut LinkerInstance<'l, Guest>,
    member: &'a str,
}

impl Definition<'_, '_> {
    fn function<P, R>(
        &mut self,
        function: impl Fn(&mut Guest, P) -> wasmtime::Result<R> + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
        R: ComponentNamedList + Lower + 'static,
    {
        self.instance.func_wrap(self.member, move |mut context: StoreContextMut<'_, Guest>, parameters: P| {
            function(context.data_mut(), parameters)
        })
    }
}

fn stream(number: u32) -> Resource<Wasi> {
    Resource::new_own(number)
}

/// What the methods of a stream answer. Ours never fail.
type Done<T> = Result<T, StreamError>;

/// `wasi:io/streams.stream-error`.
#[derive(wasmtime::component::ComponentType, wasmtime::component::Lower)]
#[component(variant)]
#[expect(dead_code, reason = "the type is WASI's; our streams never fail")]
enum StreamError {
    #[component(name = "last-operation-failed")]
    LastOperationFailed(Resource<Wasi>),
    #[component(name = "closed")]
    Closed,
}

/// `wasi:clocks/wall-clock.datetime`.
#[derive(wasmtime::component::ComponentType, wasmtime::component::Lower)]
#[component(record)]
struct DateTime {
    seconds: u64,
    nanoseconds: u32,
}

impl Guest {
    fn milliseconds(&self) -> u64 {
        u64::try_from(self.ambient.now().as_millis()).unwrap_or_default()
    }

    fn wall_clock(&self) -> DateTime {
        let now = self.milliseconds();
        // Below a thousand million, so it fits.
        let nanoseconds = u32::try_from(now % 1000).unwrap_or_default() * 1_000_000;
        DateTime { seconds: now / 1000, nanoseconds }
    }

    fn nanoseconds(&self) -> u64 {
        self.milliseconds().saturating_mul(1_000_000)
    }

    fn random_number(&self) -> wasmtime::Result<u64> {
        let bytes = self.random_bytes(8)?;
        Ok(bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    /// Standard output and error, line by line, into the plugin's log.
    fn write(&mut self, stream: u32, bytes: &[u8]) {
        let (index, level) = if stream == STDERR { (1, "error") } else { (0, "info") };
        let Some(line) = self.unfinished_lines.get_mut(index) else { return };
        let mut pending = std::mem::take(line);
        pending.extend_from_slice(bytes);
        let mut rest = pending.as_slice();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = rest.split_at(end);
            self.log(level, &String::from_utf8_lossy(line), None);
            rest = after.get(1..).unwrap_or_default();
        }
        let mut rest = rest.to_vec();
        if rest.len() > LINE_BYTES {
            self.log(level, &String::from_utf8_lossy(&rest), None);
            rest.clear();
        }
        if let Some(line) = self.unfinished_lines.get_mut(index) {
            *line = rest;
        }
    }

    /// What was written without a newline at its end.
    pub(super) fn flush_lines(&mut self) {
        for (stream, line) in [(STDOUT, 0), (STDERR, 1)] {
            if self.unfinished_lines.get(line).is_some_and(|line| !line.is_empty()) {
                self.write(stream, b"\n");
            }
        }
    }
}

/// An unfinished line longer than this goes to the log as it is.
const LINE_BYTES: usize = 4096;
