//! Measures the sandbox and prints JSON: `cargo run --release -p emdash-sandbox --example measure`.
//!
//! Every sample is one fresh instance: instantiate, one call, drop. Times are wall-clock on one thread.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use emdash_ports::runtime::{
    GuestCall, GuestContext, GuestReport, GuestTarget, HostCall, HostCallProgress, HostCalls, InstanceLimits,
    PluginCode, PluginImage, PluginRuntime, PluginSource,
};
use emdash_sandbox::{SandboxConfig, SandboxRuntime};
use emdash_types::{Ambient, Clock, Entropy, Error, Result as Outcome, Timestamp};
use serde_json::{Value, json};

const LIMITS: InstanceLimits =
    InstanceLimits { memory_bytes: 64 << 20, pending_operations: 32, payload_bytes: 1 << 20 };

/// The workloads of the design note, as hooks of one plugin.
const PLUGIN: &str = r#"
const words = (text) => text.split(/\s+/).filter(Boolean).length;
const blocked = /\b(?:viagra|casino|lottery|(?:free|cheap)\s+(?:money|pills))\b/giu;
const plain = (blocks) => blocks.map((b) => (b.children ?? []).map((c) => c.text).join("")).join("\n\n");
const slug = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
  .replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 80);
export default { hooks: {
  noop: () => undefined,
  w1: (event) => ({ ...event.content, title: event.content.title.trim() + " (checked)" }),
  w2: (event) => {
    const text = plain(event.content.body);
    const hits = [...text.matchAll(blocked)].map((m) => m[0]);
    const description = text.replace(/\s+/g, " ").slice(0, 155);
    return { ...event.content, slug: slug(event.content.title), readingTime: Math.ceil(words(text) / 200), hits,
      seo: { title: event.content.title.slice(0, 60), description, keywords: [...new Set(text.toLowerCase().match(/\b[a-z]{7,}\b/g))].slice(0, 10) } };
  },
  w3: () => { let sum = 0; for (let i = 0; i < 1000000; i++) sum = (sum + i * 7) | 0; return sum; },
  loop: () => { for (;;); },
  bomb: () => { const all = []; for (;;) all.push(new Array(1000).fill(all.length)); },
  call: async (_, ctx) => ctx.kv.get("key"),
} };
"#;

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::parse("2026-11-20T12:00:00.000Z").unwrap_or(Timestamp::from_millis(0))
    }
}

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

struct Host;

impl HostCalls for Host {
    fn start(&self, _call: HostCall) -> HostCallProgress {
        HostCallProgress::Ready(Ok("null".to_owned()))
    }
}

/// `code` with unused functions after it, up to about `bytes`.
fn padded(code: &str, bytes: usize) -> String {
    let mut padded = code.to_owned();
    let mut index = 0;
    while padded.len() < bytes {
        let _ = writeln!(
            padded,
            "export function unused{index}(a, b) {{ const list = [a, b, {index}]; if (a > b) {{ return \
             list.map((x) => x * {index}).filter(Boolean); }} return {{ name: 'unused{index}', list, at: a?.b ?? b }}; }}"
        );
        index += 1;
    }
    padded
}

fn block(index: usize) -> Value {
    let text = "The quick brown fox jumps over the lazy dog while reading about gardening and cheap lamps. "
        .repeat(4);
    json!({"_type": "block", "_key": format!("k{index}"), "style": "normal", "markDefs": [],
        "children": [{"_type": "span", "_key": "s", "marks": [], "text": text}]})
}

fn post(blocks: usize) -> String {
    let body: Vec<Value> = (0..blocks).map(block).collect();
    json!({"collection": "posts", "isNew": false,
        "content": {"title": "Ein Garten fürs Café", "slug": "garten", "status": "draft", "body": body}})
    .to_string()
}

fn hook(name: &str, input: &str, cpu: Duration) -> GuestCall {
    let wall = Duration::from_secs(30);
    GuestCall { target: GuestTarget::Hook, name: name.to_owned(), input: input.to_owned(), cpu, wall }
}

async fn once(image: &dyn PluginImage, call: GuestCall, limits: InstanceLimits) -> Outcome<GuestReport> {
    let context = GuestContext { site_url: "https://example.org".to_owned(), ..GuestContext::default() };
    let mut instance = image.instantiate(&context, Arc::new(Host), limits)?;
    Ok(instance.call(call).await)
}

async fn sample(image: &dyn PluginImage, name: &str, input: &str, count: usize) -> Outcome<Value> {
    let cpu = Duration::from_secs(5);
    let (mut walls, mut cpus, mut memory) = (Vec::new(), Vec::new(), 0);
    for round in 0..count + count / 10 {
        let began = Instant::now();
        let report = once(image, hook(name, input, cpu), LIMITS).await?;
        if round >= count / 10 {
            walls.push(began.elapsed());
            cpus.push(report.usage.cpu);
        }
        memory = report.usage.memory_bytes;
        if let Err(stop) = report.outcome {
            return Err(Error::internal(format!("{name}: {stop:?}")));
        }
    }
    walls.sort();
    cpus.sort();
    let micros = |times: &[Duration], at: usize| times.get(at).map(|time| time.as_nanos() as f64 / 1000.0);
    Ok(json!({"p50_us": micros(&walls, count / 2), "p99_us": micros(&walls, count * 99 / 100),
        "inside_cpu_p50_us": micros(&cpus, count / 2), "memory_bytes": memory}))
}

async fn prepare(sandbox: &SandboxRuntime, code: &str) -> Outcome<(Arc<dyn PluginImage>, Value)> {
    let source = PluginSource {
        label: "bench@1.0.0".to_owned(),
        code: PluginCode::module(code),
        limits: LIMITS,
        cpu: Duration::from_secs(5),
    };
    let mut times = Vec::new();
    for _ in 0..10 {
        let began = Instant::now();
        sandbox.prepare(source.clone()).await?;
        times.push(began.elapsed());
    }
    times.sort();
    let image = sandbox.prepare(source).await?;
    let took = times.get(5).map(Duration::as_micros);
    let facts =
        json!({"bundle_bytes": code.len(), "prepare_p50_us": took, "image_bytes": image.image_bytes()});
    Ok((image, facts))
}

async fn workloads(sandbox: &SandboxRuntime, bytes: usize) -> Outcome<Value> {
    let (image, facts) = prepare(sandbox, &padded(PLUGIN, bytes)).await?;
    sample_all(image.as_ref(), facts).await
}

/// The same workloads in a component: `fixtures/native/probe.wasm`.
async fn native(sandbox: &SandboxRuntime) -> Outcome<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/native/probe.wasm");
    let component = std::fs::read(path).map_err(Error::internal)?;
    let source = PluginSource {
        label: "bench@1.0.0".to_owned(),
        code: PluginCode::Component(component.as_slice().into()),
        limits: LIMITS,
        cpu: Duration::from_secs(5),
    };
    let began = Instant::now();
    sandbox.prepare(source.clone()).await?;
    let first = began.elapsed().as_micros();
    let began = Instant::now();
    let image = sandbox.prepare(source).await?;
    let facts = json!({"component_bytes": component.len(), "prepare_first_us": first,
        "prepare_cached_us": began.elapsed().as_micros()});
    sample_all(image.as_ref(), facts).await
}

async fn sample_all(image: &dyn PluginImage, mut facts: Value) -> Outcome<Value> {
    let (w1, w2) = (post(12), post(43));
    for (name, input, count) in [
        ("noop", "null", 5000),
        ("call", "null", 5000),
        ("w1", w1.as_str(), 2000),
        ("w2", w2.as_str(), 100),
        ("w3", "null", 20),
    ] {
        let mut sampled = sample(image, name, input, count).await?;
        if input != "null" {
            sampled["event_bytes"] = json!(input.len());
        }
        facts[name] = sampled;
    }
    Ok(facts)
}

/// How far beyond a 50 ms budget a busy loop runs, and what the quickest of a neighbour's calls see meanwhile.
async fn budgets(sandbox: &SandboxRuntime) -> Outcome<Value> {
    let (image, _) = prepare(sandbox, PLUGIN).await?;
    let began = Instant::now();
    let report = once(image.as_ref(), hook("loop", "null", Duration::from_millis(50)), LIMITS).await?;
    let stopped = began.elapsed();
    let small = InstanceLimits { memory_bytes: 32 << 20, ..LIMITS };
    let began = Instant::now();
    let bomb = once(image.as_ref(), hook("bomb", "null", Duration::from_secs(5)), small).await?;
    let bombed = began.elapsed();
    let hogs: Vec<_> = (0..4)
        .map(|_| {
            let image = Arc::clone(&image);
            tokio::spawn(async move {
                once(image.as_ref(), hook("loop", "null", Duration::from_millis(300)), LIMITS).await.map(drop)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let neighbour = sample(image.as_ref(), "noop", "null", 500).await?;
    for hog in hogs {
        let _ = hog.await;
    }
    Ok(
        json!({"loop_50ms_stopped_after_ms": stopped.as_secs_f64() * 1000.0, "loop": format!("{:?}", report.outcome),
        "memory_bomb_32mb_ms": bombed.as_secs_f64() * 1000.0, "bomb": format!("{:?}", bomb.outcome),
        "noop_beside_four_loops": neighbour}),
    )
}

/// Memory of this process in bytes; pages it maps several times count once.
fn resident() -> usize {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap_or_default() * 1024
}

/// Processor time of this process so far; the kernel counts in hundredths of a second.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// Memory of an instance that has run w1 and stays alive; w1 a second on all cores; a change of threads.
async fn company(sandbox: &SandboxRuntime) -> Outcome<Value> {
    const ALIVE: usize = 48;
    let (image, _) = prepare(sandbox, &padded(PLUGIN, 200_000)).await?;
    let w1 = post(12);
    let (before, mut alive) = (resident(), Vec::new());
    for _ in 0..ALIVE {
        let mut instance = image.instantiate(&GuestContext::default(), Arc::new(Host), LIMITS)?;
        instance.call(hook("w1", &w1, Duration::from_secs(5))).await;
        alive.push(instance);
    }
    let each = resident().saturating_sub(before) / ALIVE;
    drop(alive);
    let (began, spent) = (Instant::now(), cpu_time());
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let (image, w1) = (Arc::clone(&image), w1.clone());
            tokio::spawn(async move { sample(image.as_ref(), "w1", &w1, 5000).await.map(drop) })
        })
        .collect();
    for task in tasks {
        let _ = task.await;
    }
    let per_second = f64::from(4 * 5500) / began.elapsed().as_secs_f64();
    let cpu_each = cpu_time().saturating_sub(spent).as_secs_f64() * 1e6 / f64::from(4 * 5500);
    let other =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().map_err(Error::internal)?;
    let mut hops = Vec::new();
    for _ in 0..2000 {
        let began = Instant::now();
        let _ = other.spawn(async {}).await;
        hops.push(began.elapsed());
    }
    hops.sort();
    other.shutdown_background();
    Ok(json!({"resident_bytes_per_live_instance_after_w1": each, "w1_per_second_all_cores": per_second,
        "w1_cpu_us_per_call": cpu_each,
        "thread_hop_there_and_back_p50_us": hops.get(1000).map(|hop| hop.as_nanos() as f64 / 1000.0)}))
}

/// Writes the plugin and the events of its workloads, for others to run.
fn export(folder: &std::path::Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("plugin.js"), PLUGIN)?;
    for (name, event) in
        [("noop", "null".to_owned()), ("w1", post(12)), ("w2", post(43)), ("w3", "null".to_owned())]
    {
        std::fs::write(folder.join(format!("{name}.json")), event)?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [option, folder] = arguments.as_slice()
        && option == "--export"
    {
        return Ok(export(folder.as_ref())?);
    }
    let config = SandboxConfig {
        ambient: Ambient { clock: Arc::new(SystemClock), entropy: Arc::new(Zeros) },
        cache_dir: PathBuf::from("target/measure-engine-cache"),
        max_instances: 64,
        max_memory_bytes: 128 << 20,
        guest_threads: 2,
    };
    let began = Instant::now();
    drop(SandboxRuntime::new(config.clone())?);
    let first_start = began.elapsed();
    let began = Instant::now();
    let sandbox = SandboxRuntime::new(config)?;
    let second_start = began.elapsed();
    let results = json!({
        "first_start_ms": first_start.as_millis(),
        "cached_start_us": second_start.as_micros(),
        "native": native(&sandbox).await?,
        "small": workloads(&sandbox, 5_000).await?,
        "200 KB": workloads(&sandbox, 200_000).await?,
        "500 KB": workloads(&sandbox, 500_000).await?,
        "company": company(&sandbox).await?,
        "budgets": budgets(&sandbox).await?,
    });
    println!("{}", serde_json::to_string_pretty(&results)?);
    Ok(())
}
