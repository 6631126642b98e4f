// /warm/<workload> runs the plugin in this isolate, /fresh/<workload> in one made for the call.

import plugin from "./plugin.js";
import code from "code";

const run = `import plugin from "./plugin.js";
export default { async fetch(request) {
  const event = await request.json();
  const result = await plugin.hooks[new URL(request.url).pathname.split("/").pop()](event, {});
  return Response.json(result ?? null);
} };`;
let count = 0;

export default {
  async fetch(request, env) {
    const [, kind, name] = new URL(request.url).pathname.split("/");
    if (kind === "fresh") {
      const worker = env.loader.get(`call-${count++}`, () => ({
        compatibilityDate: "2025-01-01",
        mainModule: "run.js",
        modules: { "run.js": run, "plugin.js": code },
      }));
      return worker.getEntrypoint().fetch(request);
    }
    const result = await plugin.hooks[name](await request.json(), {});
    return Response.json(result ?? null);
  },
};
