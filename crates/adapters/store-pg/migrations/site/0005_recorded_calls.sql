CREATE TABLE _emdash_recorded_calls (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  plugin_id TEXT COLLATE "C" NOT NULL,
  version TEXT COLLATE "C" NOT NULL,
  during TEXT COLLATE "C" NOT NULL,
  error TEXT COLLATE "C",
  at TEXT COLLATE "C" NOT NULL,
  recording TEXT COLLATE "C" NOT NULL
);
CREATE INDEX _emdash_recorded_calls_at ON _emdash_recorded_calls (at, id);
CREATE INDEX _emdash_recorded_calls_plugin ON _emdash_recorded_calls (plugin_id, at, id);
