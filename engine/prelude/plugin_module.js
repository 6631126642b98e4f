// What a plugin gets from `import … from "emdash"` and `"emdash/plugin"`.

import { Response } from "./fetch.js";

export const definePlugin = (plugin) => plugin;
export const pluginRoute = (route) => route;
export const pluginResponse = (body, init) => new Response(body, init);

/** An error with an HTTP status and a code for the client. */
export class PluginRouteError extends Error {
  constructor(code, message, status = 400, details = undefined) {
    super(message);
    this.name = "PluginRouteError";
    this.code = code;
    this.status = status;
    if (details !== undefined) this.details = details;
  }

  static badRequest(message = "Bad request", details) {
    return new PluginRouteError("BAD_REQUEST", message, 400, details);
  }

  static unauthorized(message = "Unauthorized") {
    return new PluginRouteError("UNAUTHORIZED", message, 401);
  }

  static forbidden(message = "Forbidden") {
    return new PluginRouteError("FORBIDDEN", message, 403);
  }

  static notFound(message = "Not found") {
    return new PluginRouteError("NOT_FOUND", message, 404);
  }

  static conflict(message = "Conflict", details) {
    return new PluginRouteError("CONFLICT", message, 409, details);
  }

  static internal(message = "Internal error") {
    return new PluginRouteError("INTERNAL_ERROR", message, 500);
  }
}

export default { definePlugin, pluginRoute, pluginResponse, PluginRouteError };
