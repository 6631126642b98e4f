CREATE TABLE _emdash_recorded_calls (
  id TEXT NOT NULL PRIMARY KEY,
  plugin_id TEXT NOT NULL,
  version TEXT NOT NULL,
  during TEXT NOT NULL,
  error TEXT,
  at TEXT NOT NULL,
  recording TEXT NOT NULL
) STRICT;
CREATE INDEX _emdash_recorded_calls_at ON _emdash_recorded_calls (at, id);
CREATE INDEX _emdash_recorded_calls_plugin ON _emdash_recorded_calls (plugin_id, at, id);
