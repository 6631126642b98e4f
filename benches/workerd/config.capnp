# A Worker that runs the same plugin in a warm isolate, or in one made for the call.
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = .main) ],
  sockets = [ (name = "http", address = "127.0.0.1:@PORT@", http = (), service = "main") ],
);
const main :Workerd.Worker = (
  modules = [ (name = "main.js", esModule = embed "main.js"), (name = "plugin.js", esModule = embed "plugin.js"), (name = "code", text = embed "plugin.js") ],
  bindings = [ (name = "loader", workerLoader = (id = "plugins")) ],
  compatibilityDate = "2025-01-01",
  compatibilityFlags = ["experimental"],
);
