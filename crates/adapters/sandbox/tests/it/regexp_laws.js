// Laws of regular expressions that hold whichever way the engine takes. Generated patterns and inputs; a seed
// names a case. Runs as a plugin and, for whoever changes the engine, in any other JavaScript engine.

function generator(seed) {
  let state = seed >>> 0 || 1;
  const next = (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const pick = (list) => list[next(list.length)];
  return { next, pick };
}

const CHARACTERS = ["a", "b", "A", "B", "z", "1", "9", " ", "\n", "-", "_", "é", "É", "ÿ", "ſ", "K", "ß", "İ", "\u2028",
  "\u3042", "\ud83d\ude00", "\ud83d", "\ude00", "\ud801\udc00", "\ud801\udc28"];
const ATOMS = ["a", "b", "A", "1", " ", "é", "ſ", "K", "\\u3042", "(?:\ud83d\ude00)", "\\ud83d", "\\ude00", "\\s", "\\S", "\\w", "\\W", "\\d",
  "\\D", ".", "[ab]", "[^ab]", "[a-z]", "[^a-z ]", "[\\s\\S]", "[A-Z0-9]", "[é-ÿ]", "[^\\x00-\\x7f]", "[\\u3040-\\u30ff]",
  "[-_ ]", "[^]", "[\\ud800-\\udbff]", "[\\n\\r]", "[^\\n]", "[a-zſ]", "[\ud83d\ude00a]"];
const ASSERTIONS = ["^", "$", "\\b", "\\B"];
const QUANTIFIERS = ["*", "+", "?", "{2}", "{0,2}", "{1,3}", "{2,}", "{0}", "*?", "+?", "??", "{1,2}?", "{2,}?"];
const FLAGS = ["", "i", "m", "s", "u", "v", "iu", "iv", "im", "su", "ims", "d", "imsu"];
const TEMPLATES = ["", "-", "$&", "[$1]", "$2$1", "$$", "$`|", "|$'", "$01$10", "$<n>", "$", "$0x", "é$1", "\u3042"];

// A pattern in two spellings: as one would write it, and with every repeated piece hidden from shortcuts.
function pattern(random, depth, groups) {
  const terms = 1 + random.next(3);
  let plain = "";
  let veiled = "";
  for (let i = 0; i < terms; i++) {
    const [p, v] = term(random, depth, groups);
    plain += p;
    veiled += v;
  }
  return [plain, veiled];
}

function term(random, depth, groups) {
  const kind = random.next(depth > 0 ? 14 : 8);
  if (kind === 7) {
    const assertion = random.pick(ASSERTIONS);
    return [assertion, assertion];
  }
  let [p, v] = kind < 7 ? [] : pattern(random, depth - 1, groups);
  const group = (before) => [`(${before}${p})`, `(${before}${v})`];
  if (kind < 7) p = v = random.pick(ATOMS);
  else if (kind === 8) [p, v] = group("?:");
  else if (kind < 11) {
    groups.count++;
    [p, v] = group("");
  } else if (kind === 11) {
    const [q, w] = pattern(random, depth - 1, groups);
    [p, v] = [`(?:${p}|${q})`, `(?:${v}|${w})`];
  } else if (kind === 12) {
    const around = random.pick(["?=", "?!", "?<=", "?<!"]);
    return group(around);
  } else if (groups.count > 0) {
    p = v = `\\${1 + random.next(groups.count)}`;
  } else [p, v] = group("?:");
  if (random.next(2) === 0) return [p, v];
  const quantifier = random.pick(QUANTIFIERS);
  return [`${p}${quantifier}`, `(?:${v}|[])${quantifier}`];
}

function text(random) {
  const length = random.pick([0, 1, 2, 3, 5, 8]);
  const few = [random.pick(CHARACTERS), random.pick(CHARACTERS), random.pick(CHARACTERS)];
  let made = "";
  for (let i = 0; i < length; i++) made += random.next(3) ? random.pick(few) : random.pick(CHARACTERS);
  return made;
}

const shown = (value) =>
  JSON.stringify(value, (key, part) => (part === undefined ? "«undefined»" : part)) ?? "undefined";
const detailed = (match) => match && { all: [...match], index: match.index, groups: match.groups && { ...match.groups } };

// What every use of a RegExp gives, lastIndex included.
function uses(make, flags, input, random) {
  const results = [];
  const run = (name, use) => {
    const regexp = make();
    regexp.lastIndex = lastIndex;
    let result;
    try {
      result = use(regexp);
    } catch (error) {
      result = error.name;
    }
    results.push(`${name} ${shown(result)} ${regexp.lastIndex}`);
  };
  const lastIndex = random.pick([0, 0, 1, 2, input.length, input.length + 1]);
  const template = random.pick(TEMPLATES);
  const limit = random.pick([undefined, undefined, 0, 1, 2, 3, -1, 2.5]);
  run("exec", (r) => detailed(r.exec(input)));
  run("test", (r) => r.test(input));
  run("search", (r) => input.search(r));
  run("match", (r) => input.match(r));
  run("split", (r) => input.split(r, limit));
  run(`replace ${template}`, (r) => input.replace(r, template));
  run("replace function", (r) => input.replace(r, (...all) => shown(all)));
  if (flags.includes("g")) {
    run("matchAll", (r) => [...input.matchAll(r)].map(detailed));
    run("replaceAll", (r) => input.replaceAll(r, template));
  }
  return results;
}

class Slow extends RegExp {}

// The first position where a sticky copy fits.
function firstFit(source, flags, input) {
  const regexp = new RegExp(source, `${flags}y`);
  for (let at = 0; at <= input.length; at++) {
    regexp.lastIndex = at;
    const match = regexp.exec(input);
    if (match) return detailed(match);
    if (/[uv]/.test(flags) && input.codePointAt(at) > 0xffff) at++;
  }
  return null;
}

/** The broken laws among `count` cases from `seed` on; `log` sees every result. */
export function brokenLaws(seed, count, log = () => {}) {
  const broken = [];
  for (let i = 0; i < count; i++) {
    const random = generator((seed + i) * 2654435761);
    for (let warm = 0; warm < 4; warm++) random.next(2);
    const groups = { count: 0 };
    let [plain, veiled] = pattern(random, 2, groups);
    const flags = random.pick(FLAGS);
    if (random.next(6) === 0) [plain, veiled] = [`(?<n>${plain})`, `(?<n>${veiled})`];
    const input = text(random);
    const extra = random.pick(["", "g", "g", "y", "gy"]);
    try {
      new RegExp(plain, flags);
      new RegExp(veiled, flags);
    } catch {
      continue; // not a pattern under these flags
    }
    const at = random.next(1 << 30);
    const asUsual = uses(() => new RegExp(plain, flags + extra), flags + extra, input, generator(at));
    const veiledUses = uses(() => new RegExp(veiled, flags + extra), flags + extra, input, generator(at));
    const slow = uses(() => new Slow(plain, flags + extra), flags + extra, input, generator(at));
    const tampered = () => Object.defineProperty(new RegExp(plain, flags + extra), "exec", { value: RegExp.prototype.exec });
    const own = uses(tampered, flags + extra, input, generator(at));
    const say = (law, a, b) => {
      if (shown(a) !== shown(b)) broken.push(`${seed + i} ${law}: /${plain}/${flags + extra} on ${shown(input)}: ${shown(a)} is not ${shown(b)}`);
    };
    asUsual.forEach((result, index) => {
      say("a subclass", result, slow[index]);
      say("an own exec", result, own[index]);
      say("a hidden repetition", result, veiledUses[index]);
    });
    say("a search", detailed(new RegExp(plain, flags).exec(input)), firstFit(plain, flags, input));
    log(`${seed + i} /${plain}/${flags + extra} ${shown(input)}`, asUsual);
  }
  return broken;
}
