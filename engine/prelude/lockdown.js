// Code comes from the module only: eval and the function constructors throw, as on Workers. Libraries that probe
// them inside try/catch fall back.

import { defineProperty, getPrototypeOf, hide } from "./primordials.js";

const { EvalError } = globalThis;

function refuse() {
  throw new EvalError("Code generation from strings is not allowed for plugins");
}

/** Replaces the constructor of a kind of function; `instanceof` goes on working. */
function close(kind, name) {
  const prototype = getPrototypeOf(kind);
  const constructor = function () {
    refuse();
  };
  defineProperty(constructor, "name", { value: name });
  defineProperty(constructor, "prototype", { value: prototype, writable: false });
  defineProperty(prototype, "constructor", { value: constructor, writable: false, configurable: true });
  return constructor;
}

export function lockDown(global) {
  hide(global, "Function", close(() => {}, "Function"));
  close(async () => {}, "AsyncFunction");
  close(function* () {}, "GeneratorFunction");
  close(async function* () {}, "AsyncGeneratorFunction");
  const evaluate = () => refuse();
  defineProperty(evaluate, "name", { value: "eval" });
  hide(global, "eval", evaluate);
}
