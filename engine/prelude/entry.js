// The plugin's module as the host sees it: its shape, and calls into its hooks and routes (contract §2.1 to §2.3).

import { decodeUtf8, finish } from "emdash:host";
import { takeBody } from "./body.js";
import { restartClock } from "./clock.js";
import { makeContext, setFacts } from "./ctx.js";
import { isResponse } from "./fetch.js";
import { formFrom } from "./form.js";
import { decodeBase64, encodeBase64 } from "./operations.js";
import { PluginRouteError } from "./plugin_module.js";
import { Error, InternalError, String, TypeError, hide, isArray } from "./primordials.js";
import { hasOwn, isFinite, keys, own, ownKeys, push, stringify, toLowerCase } from "./primordials.js";

// How a call ended; the host's numbers, `host.rs`.
const UNDEFINED = 0;
const VALUE = 1;
const THREW = 2;
const RESPONDED = 3;
const INVALID = 4;
const OUT_OF_MEMORY = 5;

/** `hooks` or `routes` of the default export, double wrapping by CommonJS interop undone. */
function table(plugin, name) {
  const main = own(plugin, "default");
  return own(main, name) ?? own(own(main, "default"), name) ?? {};
}

const handlerOf = (entry) => (typeof entry === "function" ? entry : own(entry, "handler"));
const numberOr = (value, fallback) => (typeof value === "number" && isFinite(value) ? value : fallback);
const textOrNull = (value) => (typeof value === "string" ? value : null);

/** The texts of a list; null for anything else. */
function textsOf(list) {
  if (!isArray(list)) return null;
  const texts = [];
  for (let i = 0; i < list.length; i++) {
    if (typeof list[i] === "string") push(texts, list[i]);
  }
  return texts;
}

function hookShape(name, hook) {
  return {
    name,
    priority: numberOr(own(hook, "priority"), 100),
    timeout: numberOr(own(hook, "timeout"), 5000),
    dependencies: textsOf(own(hook, "dependencies")) ?? [],
    errorPolicy: own(hook, "errorPolicy") === "continue" ? "continue" : "abort",
    exclusive: own(hook, "exclusive") === true,
  };
}

function routeShape(name, route) {
  const request = own(route, "request");
  const body = own(request, "body");
  const maxBytes = numberOr(own(body, "maxBytes") ?? own(request, "maxBytes"), 0);
  return {
    name,
    public: own(route, "public") === true,
    permission: textOrNull(own(route, "permission")),
    cacheControl: textOrNull(own(route, "cacheControl")),
    methods: textsOf(own(route, "methods")) ?? [],
    body: textOrNull(own(body, "mode") ?? body),
    maxBytes: maxBytes >= 1 && maxBytes < 0x7fffffff ? maxBytes | 0 : null,
    headers: textsOf(own(request, "headers")),
    rawResponse: own(route, "response") === "raw",
  };
}

/** A JSON Schema, or what a schema library says its schema is as one. */
function jsonSchema(schema) {
  if (typeof schema !== "object" || schema === null) return null;
  if (typeof schema.toJSONSchema === "function") return jsonOrUndefined(schema.toJSONSchema()) ?? null;
  return textOrNull(own(schema, "type")) === null ? null : (jsonOrUndefined(schema) ?? null);
}

function toolShape(name, tool) {
  return {
    name,
    description: textOrNull(own(tool, "description")),
    route: textOrNull(own(tool, "route")),
    destructive: own(tool, "destructive") === true,
    inputSchema: jsonSchema(own(tool, "input")),
    outputSchema: jsonSchema(own(tool, "output")),
  };
}

/** The names of the module's exported functions, the default export aside. */
function functionNames(plugin) {
  const names = [];
  const exported = ownKeys(plugin);
  for (let i = 0; i < exported.length; i++) {
    const name = exported[i];
    if (typeof name === "string" && name !== "default" && typeof plugin[name] === "function") push(names, name);
  }
  return names;
}

export function shapeOf(plugin) {
  const functions = functionNames(plugin);
  const main = own(plugin, "default");
  if (main === undefined && functions.length === 0) {
    throw new TypeError("The module exports nothing: it needs `export default { hooks, routes }`.");
  }
  const shape = { hooks: [], routes: [], tools: [], functions };
  const hooks = table(plugin, "hooks");
  const hookNames = keys(hooks);
  for (let i = 0; i < hookNames.length; i++) push(shape.hooks, hookShape(hookNames[i], hooks[hookNames[i]]));
  const routes = table(plugin, "routes");
  const routeNames = keys(routes);
  for (let i = 0; i < routeNames.length; i++) push(shape.routes, routeShape(routeNames[i], routes[routeNames[i]]));
  const tools = own(table(plugin, "mcp"), "tools") ?? {};
  const toolNames = keys(tools);
  for (let i = 0; i < toolNames.length; i++) push(shape.tools, toolShape(toolNames[i], tools[toolNames[i]]));
  return stringify(shape);
}

// ---- Thrown values ----

function read(value, name) {
  try {
    return value[name];
  } catch {
    return undefined;
  }
}

function jsonOrUndefined(value) {
  try {
    return value === undefined || stringify(value) === undefined ? undefined : value;
  } catch {
    return undefined;
  }
}

/** A thrown value as JSON. */
export function describeThrown(thrown) {
  if ((typeof thrown !== "object" || thrown === null) && typeof thrown !== "function") {
    return stringify({ name: "Error", message: String(thrown) });
  }
  const name = read(thrown, "name");
  const message = read(thrown, "message");
  const code = read(thrown, "code");
  const status = read(thrown, "status");
  const stack = read(thrown, "stack");
  return stringify({
    name: typeof name === "string" ? name : "Error",
    message: typeof message === "string" ? message : "",
    code: textOrNull(code),
    status: typeof status === "number" && status >= 100 && status <= 599 ? status | 0 : null,
    details: jsonOrUndefined(read(thrown, "details")),
    stack: textOrNull(stack),
  });
}

/** Looking at a thrown proxy may throw as well. */
function isMemoryError(thrown) {
  try {
    return thrown === null || (thrown instanceof InternalError && thrown.message === "out of memory");
  } catch {
    return false;
  }
}

// ---- Results ----

function finishValue(value) {
  let json;
  try {
    json = stringify(value);
  } catch (error) {
    return isMemoryError(error) ? finish(OUT_OF_MEMORY, describeThrown(error)) : finish(INVALID, String(read(error, "message")));
  }
  if (json === undefined) finish(UNDEFINED, "");
  else finish(VALUE, json);
}

async function finishResponse(response, thrown) {
  const headers = [];
  let bytes;
  try {
    for (const [name, value] of response.headers) push(headers, [name, value]);
    bytes = await takeBody(response);
  } catch (error) {
    return finishError(error);
  }
  const text = decodeUtf8(bytes);
  const body = text === undefined ? { bytes: encodeBase64(bytes) } : { text };
  finish(RESPONDED, stringify({ thrown, status: response.status, headers, body }));
}

function finishError(thrown) {
  finish(isMemoryError(thrown) ? OUT_OF_MEMORY : THREW, describeThrown(thrown));
}

async function finishThrown(thrown) {
  if (isResponse(thrown)) await finishResponse(thrown, true);
  else finishError(thrown);
}

// ---- Calls ----
//
// `return await`, because returning a promise looks up its `then`, which the plugin may have replaced.

async function runHook(plugin, name, event) {
  const hooks = table(plugin, "hooks");
  if (!hasOwn(hooks, name)) return undefined;
  const handler = handlerOf(hooks[name]);
  if (typeof handler !== "function") throw new TypeError(`Hook ${name} handler is not a function`);
  return await handler(event, makeContext());
}

/** `headers` stays a plain record; the methods that seven plugins expect do not show in it. */
function equipHeaders(headers) {
  hide(headers, "get", (name) => own(headers, toLowerCase(String(name))) ?? null);
  hide(headers, "has", (name) => hasOwn(headers, toLowerCase(String(name))));
  hide(headers, "entries", () => Object.entries(headers)[Symbol.iterator]());
}

const BODY_READERS = ["json", "text", "arrayBuffer", "formData", "blob", "bytes"];

function routeContext(given, context) {
  const route = given ?? {};
  const request = (route.request ??= {});
  equipHeaders((request.headers ??= {}));
  route.requestMeta ??= request.meta;
  route.user ??= request.user;
  if (route.raw) {
    const bytes = decodeBase64(route.raw.bytes);
    route.input = route.raw.form ? formFrom(bytes, route.raw.type) : bytes;
    delete route.raw;
  }
  for (let i = 0; i < BODY_READERS.length; i++) {
    hide(request, BODY_READERS[i], () => {
      throw new TypeError(`request.${BODY_READERS[i]}() is not available: the parsed body is routeCtx.input`);
    });
  }
  // Some plugins take one merged argument.
  const members = keys(context);
  for (let i = 0; i < members.length; i++) {
    if (!hasOwn(route, members[i])) hide(route, members[i], context[members[i]]);
  }
  return route;
}

function invalidInput(issues) {
  return new PluginRouteError("VALIDATION_ERROR", "Invalid request body", 400, { issues: jsonOrUndefined(issues) ?? [] });
}

/** Runs the route's `input` schema: zod of any version, or anything that speaks Standard Schema. */
async function validated(schema, input) {
  if (schema === undefined || schema === null) return input;
  const method = typeof schema.safeParseAsync === "function" ? "safeParseAsync" : "safeParse";
  if (typeof schema[method] === "function") {
    const result = await schema[method](input);
    if (!result.success) throw invalidInput(result.error?.issues ?? result.error);
    return result.data;
  }
  const standard = schema["~standard"];
  if (typeof standard?.validate === "function") {
    const result = await standard.validate(input);
    if (result.issues) throw invalidInput(result.issues);
    return result.value;
  }
  if (typeof schema.parse !== "function") return input;
  try {
    return await schema.parse(input);
  } catch (error) {
    throw invalidInput(error?.issues ?? [{ message: String(error?.message ?? error) }]);
  }
}

async function runRoute(plugin, name, given) {
  const routes = table(plugin, "routes");
  if (!hasOwn(routes, name)) throw new PluginRouteError("NOT_FOUND", `Route not found: ${name}`, 404);
  const entry = routes[name];
  const handler = handlerOf(entry);
  if (typeof handler !== "function") throw new TypeError(`Route ${name} handler is not a function`);
  const context = makeContext();
  const route = routeContext(given, context);
  route.input = await validated(own(entry, "input"), route.input);
  return await handler(route, context);
}

async function runFunction(plugin, name, event) {
  const handler = own(plugin, name);
  if (typeof handler !== "function") throw new TypeError(`The module exports no function called ${name}`);
  return await handler(event, makeContext());
}

async function runOnlyFunction(plugin) {
  const main = own(plugin, "default");
  const names = functionNames(plugin);
  if (typeof main === "function") return main();
  if (names.length === 1) return plugin[names[0]]();
  throw new TypeError(`Expected one exported function, found ${names.length}`);
}

const RUNNERS = { __proto__: null, hook: runHook, route: runRoute, function: runFunction, describe: runOnlyFunction };

export async function dispatch(plugin, { context, target, name, input }) {
  let value;
  try {
    if (context) {
      setFacts(context);
      restartClock();
    }
    value = await RUNNERS[target](plugin, name, input);
  } catch (thrown) {
    return await finishThrown(thrown);
  }
  if (isResponse(value)) await finishResponse(value, false);
  else finishValue(value);
}

/** The error a plugin sees when the host refuses a call. */
export function refusal({ message, code, details }) {
  const error = new Error(message);
  if (code) error.code = code;
  if (details !== undefined && details !== null) error.details = details;
  return error;
}
