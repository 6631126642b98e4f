-- What a plugin was before its last update, what is left to do after an interrupted one, and wishes for plugins.
ALTER TABLE _plugin_state ADD COLUMN mcp_tools_enabled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE _plugin_state ADD COLUMN previous TEXT;
ALTER TABLE _plugin_state ADD COLUMN unfinished TEXT;
ALTER TABLE _plugin_state ADD COLUMN rollback_reason TEXT;

CREATE TABLE _plugin_requests (
  id TEXT NOT NULL PRIMARY KEY,
  plugin_id TEXT NOT NULL,
  note TEXT,
  requested_by TEXT NOT NULL,
  requested_at TEXT NOT NULL,
  status TEXT NOT NULL,
  decided_by TEXT,
  decided_at TEXT,
  reason TEXT
) STRICT;
CREATE UNIQUE INDEX _plugin_requests_open ON _plugin_requests (plugin_id, requested_by) WHERE status = 'open';
CREATE INDEX _plugin_requests_at ON _plugin_requests (requested_at, id);
