-- What a plugin was before its last update, what is left to do after an interrupted one, and wishes for plugins.
ALTER TABLE _plugin_state ADD COLUMN mcp_tools_enabled BIGINT NOT NULL DEFAULT 0;
ALTER TABLE _plugin_state ADD COLUMN previous TEXT COLLATE "C";
ALTER TABLE _plugin_state ADD COLUMN unfinished TEXT COLLATE "C";
ALTER TABLE _plugin_state ADD COLUMN rollback_reason TEXT COLLATE "C";

CREATE TABLE _plugin_requests (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  plugin_id TEXT COLLATE "C" NOT NULL,
  note TEXT COLLATE "C",
  requested_by TEXT COLLATE "C" NOT NULL,
  requested_at TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  decided_by TEXT COLLATE "C",
  decided_at TEXT COLLATE "C",
  reason TEXT COLLATE "C"
);
CREATE UNIQUE INDEX _plugin_requests_open ON _plugin_requests (plugin_id, requested_by) WHERE status = 'open';
CREATE INDEX _plugin_requests_at ON _plugin_requests (requested_at, id);
