//! The imports of the guest engine (`engine/src/engine.c` names them). Whatever the guest passes is untrusted:
//! every address is checked, every length bounded.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emdash_ports::recording::{Answer, Event};
use emdash_ports::runtime::{HostCall, HostCallProgress, HostCallResult};
use emdash_types::{Error, ErrorCode, Result};
use serde_json::json;
use tokio::time::{Duration, Instant};
use wasmtime::{Caller, Linker};

use crate::artifact::PRELUDE;
use crate::border::{Border, Player};
use crate::guest::{Diverged, Finish, FinishKind, Guest, NAME_BYTES, Purpose};
use crate::intrinsics;

/// The module name of every import.
pub(crate) const MODULE: &str = "emdash";
/// Longest timer: whoever waits longer runs into the wall clock anyway.
const LONGEST_TIMER: Duration = Duration::from_secs(24 * 60 * 60);

const LATER: i64 = 0;
const VALUE: i64 = 1;
const REFUSAL: i64 = 2;

/// Defines every import.
pub(crate) fn define(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "take", take)?;
    linker.func_wrap(MODULE, "now", |caller: Caller<'_, Guest>| now(caller.data()))?;
    linker.func_wrap(MODULE, "random", random)?;
    linker.func_wrap(MODULE, "module", module)?;
    linker.func_wrap(MODULE, "start", start)?;
    linker.func_wrap(MODULE, "timer", timer)?;
    linker.func_wrap(MODULE, "cancel_timer", cancel_timer)?;
    linker.func_wrap(MODULE, "compute", compute)?;
    linker.func_wrap(MODULE, "finish", finish)?;
    Ok(())
}

/// The guest's memory and the store's data.
fn memory<'a>(caller: &'a mut Caller<'_, Guest>) -> wasmtime::Result<(&'a mut [u8], &'a mut Guest)> {
    let memory = caller.data().memory.ok_or_else(|| wasmtime::Error::msg("no memory yet"))?;
    Ok(memory.data_and_store_mut(caller))
}

fn range(start: u32, length: u32) -> std::ops::Range<usize> {
    let start = start as usize;
    start..start.saturating_add(length as usize)
}

fn bytes(memory: &[u8], start: u32, length: u32) -> wasmtime::Result<&[u8]> {
    memory.get(range(start, length)).ok_or_else(|| wasmtime::Error::msg("address outside memory"))
}

fn text(memory: &[u8], start: u32, length: u32) -> wasmtime::Result<String> {
    Ok(String::from_utf8_lossy(bytes(memory, start, length)?).into_owned())
}

/// Puts an answer into the register and packs its status and length.
fn answer(guest: &mut Guest, status: i64, content: Vec<u8>) -> i64 {
    guest.register = content;
    (i64::try_from(guest.register.len()).unwrap_or(i64::MAX >> 2) << 2) | status
}

/// A refusal as the guest's `refusal()` reads it.
fn refusal(error: &Error) -> String {
    let details = error.details_value();
    json!({"message": error.message(), "code": error.code().name(), "details": details}).to_string()
}

/// Refuses what never reaches the host, and lets the host know.
fn refuse_on_record(guest: &mut Guest, error: &Error) -> i64 {
    if let Purpose::Serve(host) = &guest.purpose {
        host.refused(error);
    }
    refuse(guest, error)
}

fn refuse(guest: &mut Guest, error: &Error) -> i64 {
    answer(guest, REFUSAL, refusal(error).into_bytes())
}

fn take(mut caller: Caller<'_, Guest>, into: u32) -> wasmtime::Result<()> {
    let (memory, guest) = memory(&mut caller)?;
    let register = std::mem::take(&mut guest.register);
    let end = (into as usize).saturating_add(register.len());
    let target =
        memory.get_mut(into as usize..end).ok_or_else(|| wasmtime::Error::msg("address outside memory"))?;
    target.copy_from_slice(&register);
    Ok(())
}

/// Milliseconds since 1970, which a double holds exactly.
/// While a module is evaluated there is no clock.
fn now(guest: &Guest) -> wasmtime::Result<f64> {
    if !matches!(guest.purpose, Purpose::Serve(_)) {
        return Ok(0.0);
    }
    let clock = |event: &Event| match event {
        Event::Clock { milliseconds } => Some(*milliseconds),
        _ => None,
    };
    match &guest.border {
        Border::Played(player) => Ok(player.take("looks at the clock", clock).ok_or(Diverged)?),
        border => {
            let milliseconds = guest.ambient.now().as_millis() as f64;
            if let Border::Recorded(recorder) = border {
                recorder.note(Event::Clock { milliseconds });
            }
            Ok(milliseconds)
        }
    }
}

/// 0 when filled, 1 when there is no randomness: an image must not hold any.
fn random(mut caller: Caller<'_, Guest>, into: u32, length: u32) -> wasmtime::Result<i32> {
    let (memory, guest) = memory(&mut caller)?;
    let Purpose::Serve(_) = guest.purpose else { return Ok(1) };
    let target =
        memory.get_mut(range(into, length)).ok_or_else(|| wasmtime::Error::msg("address outside memory"))?;
    match &guest.border {
        Border::Played(player) => {
            let recorded = |event: &Event| match event {
                Event::Random { bytes } => {
                    STANDARD.decode(bytes).ok().filter(|bytes| bytes.len() == length as usize)
                }
                _ => None,
            };
            let doing = format!("takes {length} random bytes");
            target.copy_from_slice(&player.take(&doing, recorded).ok_or(Diverged)?);
        }
        border => {
            guest.ambient.entropy.fill(target);
            if let Border::Recorded(recorder) = border {
                recorder.note(Event::Random { bytes: STANDARD.encode(&*target) });
            }
        }
    }
    Ok(0)
}

fn module(mut caller: Caller<'_, Guest>, name: u32, length: u32) -> wasmtime::Result<i64> {
    let (memory, guest) = memory(&mut caller)?;
    let wanted = text(memory, name, length)?;
    let found = PRELUDE.iter().find(|(name, _)| matches!(guest.purpose, Purpose::Boot) && *name == wanted);
    Ok(match found {
        Some((_, source)) => answer(guest, VALUE, source.as_bytes().to_vec()),
        None => answer(guest, REFUSAL, Vec::new()),
    })
}

/// Whether another operation may be opened.
fn check_open(guest: &Guest) -> Result<()> {
    if !matches!(guest.purpose, Purpose::Serve(_)) {
        return Err(Error::new(
            ErrorCode::InvalidState,
            "The host and timers are not available while the module is evaluated. Use them inside a hook or a route.",
        ));
    }
    let limit = guest.limits.pending_operations;
    if guest.open < limit {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::HostCallLimit,
        format!("{limit} host calls and timers are under way, the most a plugin may have. Await some first."),
    ))
}

fn check_call(guest: &Guest, call: &HostCall) -> Result<()> {
    check_open(guest)?;
    let (used, limit) = (call.arguments.len(), guest.limits.payload_bytes);
    if used > limit {
        let words = format!("The arguments of {} are {used} bytes of JSON; the limit is {limit}.", call.name);
        return Err(Error::new(ErrorCode::PayloadTooLarge, words));
    }
    if call.name.len() > NAME_BYTES {
        return Err(Error::new(ErrorCode::NotFound, "There is no such host call."));
    }
    Ok(())
}

fn start(
    mut caller: Caller<'_, Guest>,
    id: u32,
    name: u32,
    name_length: u32,
    arguments: u32,
    length: u32,
) -> wasmtime::Result<i64> {
    let (memory, guest) = memory(&mut caller)?;
    let name = text(memory, name, name_length)?;
    let call = HostCall { name, arguments: text(memory, arguments, length)? };
    if let Err(error) = check_call(guest, &call) {
        return Ok(refuse_on_record(guest, &error));
    }
    let Purpose::Serve(host) = &guest.purpose else { return Ok(REFUSAL) };
    let host = Arc::clone(host);
    guest.host_calls = guest.host_calls.saturating_add(1);
    let noted = match guest.border.clone() {
        Border::Open => None,
        Border::Recorded(recorder) => Some((recorder, call.clone())),
        Border::Played(player) => {
            return Ok(match started_as_recorded(&player, id, &call).ok_or(Diverged)? {
                Some(recorded) => hand_over(guest, recorded),
                None => later(guest),
            });
        }
    };
    let (at_once, status) = match host.start(call) {
        HostCallProgress::Ready(result) => (Some(delivered(result)), None),
        HostCallProgress::Pending(future) => {
            guest.started.push(Box::pin(async move { (id, future.await) }));
            (None, Some(later(guest)))
        }
    };
    if let Some((recorder, HostCall { name, arguments })) = noted {
        recorder.note(Event::Started { id, name, arguments, answer: at_once.clone() });
    }
    Ok(at_once.map_or(status.unwrap_or(REFUSAL), |given| hand_over(guest, given)))
}

fn later(guest: &mut Guest) -> i64 {
    guest.open += 1;
    LATER
}

/// A host's answer as the guest reads it.
pub(crate) fn delivered(result: HostCallResult) -> Answer {
    match result {
        Ok(json) => Answer::Value(json),
        Err(error) => Answer::Refused(refusal(&error)),
    }
}

fn hand_over(guest: &mut Guest, given: Answer) -> i64 {
    match given {
        Answer::Value(json) => answer(guest, VALUE, json.into_bytes()),
        Answer::Refused(json) => answer(guest, REFUSAL, json.into_bytes()),
    }
}

/// What the recording says of a host call; `None` where it has another one there.
fn started_as_recorded(player: &Player, id: u32, call: &HostCall) -> Option<Option<Answer>> {
    let doing = format!("starts {} with {}", call.name, call.arguments);
    player.take(&doing, |event| match event {
        Event::Started { id: recorded, name, arguments, answer }
            if *recorded == id && *name == call.name && *arguments == call.arguments =>
        {
            Some(answer.clone())
        }
        _ => None,
    })
}

fn timer(mut caller: Caller<'_, Guest>, id: u32, milliseconds: f64) -> wasmtime::Result<i64> {
    let guest = caller.data_mut();
    if let Err(error) = check_open(guest) {
        return Ok(refuse_on_record(guest, &error));
    }
    let set = Event::TimerSet { id, milliseconds };
    match &guest.border {
        Border::Open => {}
        Border::Recorded(recorder) => recorder.note(set),
        Border::Played(player) => {
            let doing = format!("sets the timer {id} to {milliseconds} ms");
            player.take(&doing, |event| (*event == set).then_some(())).ok_or(Diverged)?;
        }
    }
    let delay = Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or(LONGEST_TIMER);
    guest.timers.insert((Instant::now() + delay.min(LONGEST_TIMER), id));
    Ok(later(guest))
}

fn cancel_timer(mut caller: Caller<'_, Guest>, id: u32) {
    let guest = caller.data_mut();
    let before = guest.timers.len();
    guest.timers.retain(|(_, timer)| *timer != id);
    guest.open -= before - guest.timers.len();
}

/// The three operands of a computation: an address and a length each, and a word that is the guest's own.
fn operands(memory: &[u8], at: u32) -> wasmtime::Result<[&[u8]; 3]> {
    let words: Vec<u32> = bytes(memory, at, 36)?
        .chunks_exact(4)
        .map(|word| word.iter().rev().fold(0, |value, byte| (value << 8) | u32::from(*byte)))
        .collect();
    let [a, a_length, _, b, b_length, _, c, c_length, _] = words.as_slice() else {
        return Err(wasmtime::Error::msg("operands are nine words"));
    };
    Ok([bytes(memory, *a, *a_length)?, bytes(memory, *b, *b_length)?, bytes(memory, *c, *c_length)?])
}

fn compute(mut caller: Caller<'_, Guest>, operation: i32, at: u32) -> wasmtime::Result<i64> {
    let (memory, guest) = memory(&mut caller)?;
    let [a, b, c] = operands(memory, at)?;
    Ok(match intrinsics::compute(operation, a, b, c) {
        Ok(content) => answer(guest, VALUE, content),
        Err(words) => answer(guest, REFUSAL, words.into_bytes()),
    })
}

fn finish(mut caller: Caller<'_, Guest>, kind: i32, start: u32, length: u32) -> wasmtime::Result<()> {
    let (memory, guest) = memory(&mut caller)?;
    let limit = guest.limits.payload_bytes;
    let kind = FinishKind::from_number(kind).ok_or_else(|| wasmtime::Error::msg("unknown way to finish"))?;
    guest.finish = Some(if length as usize > limit {
        let text = format!("the result is {length} bytes of JSON; the limit is {limit}");
        Finish { kind: FinishKind::Invalid, text }
    } else {
        Finish { kind, text: text(memory, start, length)? }
    });
    Ok(())
}
