// Intl.Segmenter. The host is asked piece by piece, so a long text costs what is used of it.

import { Object, TypeError, create, getPrototypeOf, push, uncurry } from "./primordials.js";
import { MATCHERS, define, hold, localeList, open, option, optionsObject, pick, segment, service, slot, wellFormed } from "./intl_host.js";

const slice = uncurry(String.prototype.slice);
const { trunc } = Math;

const Slot = slot("Intl.Segmenter");
const SegmentsSlot = slot("%Segments%");
const IteratorSlot = slot("%SegmentIterator%");

/** UTF-16 units the host is given at first; doubled while they hold no end of a segment. */
const PIECE = 2048;
/** Segments at the end of a piece that more text might change: dictionaries look a few words ahead. */
const UNSURE = 4;

export function Segmenter(locales = undefined, options = undefined) {
  if (new.target === undefined) throw new TypeError("Constructor Intl.Segmenter requires 'new'");
  const requested = localeList(locales);
  const given = optionsObject(options);
  option(given, "localeMatcher", MATCHERS, "best fit");
  const granularity = option(given, "granularity", ["grapheme", "word", "sentence"], "grapheme");
  return hold(Slot, new.target, Segmenter, open("segmenter", requested, { granularity }));
}

/** Finds more ends of segments; false at the end of the text. */
function extend(state) {
  const { text, given, ends, granularity } = state;
  const from = ends.length === 0 ? 0 : trunc(ends[ends.length - 1] / 2);
  if (from >= text.length) return false;
  for (let size = PIECE; ; size *= 2) {
    const isLast = from + size >= text.length;
    const found = segment(granularity, slice(given, from, from + size));
    const sure = isLast ? found.length : found.length - UNSURE;
    for (let i = 0; i < sure; i++) push(ends, found[i] + from * 2);
    if (sure > 0) return true;
  }
}

function segmentAt(state, number) {
  while (number >= state.ends.length) if (!extend(state)) return undefined;
  const from = number === 0 ? 0 : trunc(state.ends[number - 1] / 2);
  const end = state.ends[number];
  const found = { segment: slice(state.text, from, trunc(end / 2)), index: from, input: state.text };
  if (state.granularity === "word") found.isWordLike = end % 2 === 1;
  return found;
}

const segmentsPrototype = {};
define(segmentsPrototype, {
  containing(index) {
    const state = SegmentsSlot.get(this, "containing");
    const at = trunc(+index || 0);
    if (at < 0 || at >= state.text.length) return undefined;
    while (state.ends.length === 0 || trunc(state.ends[state.ends.length - 1] / 2) <= at) extend(state);
    let low = 0;
    let high = state.ends.length - 1;
    while (low < high) {
      const middle = trunc((low + high) / 2);
      if (trunc(state.ends[middle] / 2) > at) high = middle;
      else low = middle + 1;
    }
    return segmentAt(state, low);
  },

  [Symbol.iterator]() {
    return new IteratorSlot(create(iteratorPrototype), { segments: SegmentsSlot.get(this, "[Symbol.iterator]"), next: 0 });
  },
});

const iteratorPrototype = create(getPrototypeOf(getPrototypeOf([][Symbol.iterator]())));
define(iteratorPrototype, {
  next() {
    const state = IteratorSlot.get(this, "next");
    const value = segmentAt(state.segments, state.next);
    if (value === undefined) return { value, done: true };
    state.next++;
    return { value, done: false };
  },
});
Object.defineProperty(iteratorPrototype, Symbol.toStringTag, { value: "Segmenter String Iterator", configurable: true });

service(Segmenter, "Segmenter", {
  segment(input) {
    const { granularity } = Slot.get(this, "segment");
    const text = String(input);
    return new SegmentsSlot(create(segmentsPrototype), { text, given: wellFormed(text), ends: [], granularity });
  },

  resolvedOptions() {
    return pick(Slot.get(this, "resolvedOptions"), ["locale", "granularity"]);
  },
});
