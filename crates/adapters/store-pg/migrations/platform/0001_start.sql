CREATE TABLE authors (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  email TEXT COLLATE "C" NOT NULL,
  verified BIGINT NOT NULL DEFAULT 0,
  created_at TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX authors_email ON authors (email);

CREATE TABLE _emdash_publisher_tokens (
  token_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  author_id TEXT COLLATE "C" NOT NULL REFERENCES authors (id) ON DELETE CASCADE,
  created_at TEXT COLLATE "C" NOT NULL
);
CREATE INDEX _emdash_publisher_tokens_author ON _emdash_publisher_tokens (author_id);

CREATE TABLE plugins (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  author_id TEXT COLLATE "C" NOT NULL REFERENCES authors (id),
  name TEXT COLLATE "C" NOT NULL,
  description TEXT COLLATE "C",
  repository_url TEXT COLLATE "C",
  homepage_url TEXT COLLATE "C",
  license TEXT COLLATE "C",
  keywords TEXT COLLATE "C" NOT NULL,
  capabilities TEXT COLLATE "C" NOT NULL,
  install_count BIGINT NOT NULL DEFAULT 0,
  created_at TEXT COLLATE "C" NOT NULL,
  updated_at TEXT COLLATE "C" NOT NULL
);
CREATE INDEX plugins_author ON plugins (author_id);
CREATE INDEX plugins_installs ON plugins (install_count DESC, created_at DESC, id);

CREATE TABLE plugin_versions (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  plugin_id TEXT COLLATE "C" NOT NULL REFERENCES plugins (id),
  version TEXT COLLATE "C" NOT NULL,
  bundle_key TEXT COLLATE "C" NOT NULL,
  bundle_size BIGINT NOT NULL,
  checksum TEXT COLLATE "C" NOT NULL,
  manifest TEXT COLLATE "C" NOT NULL,
  readme TEXT COLLATE "C",
  changelog TEXT COLLATE "C",
  min_emdash_version TEXT COLLATE "C",
  icon_key TEXT COLLATE "C",
  screenshot_keys TEXT COLLATE "C" NOT NULL,
  capabilities TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  review TEXT COLLATE "C",
  created_at TEXT COLLATE "C" NOT NULL,
  published_at TEXT COLLATE "C"
);
CREATE UNIQUE INDEX plugin_versions_plugin_id_version ON plugin_versions (plugin_id, version);
CREATE INDEX plugin_versions_status ON plugin_versions (plugin_id, status);

CREATE TABLE installs (
  plugin_id TEXT COLLATE "C" NOT NULL,
  site_hash TEXT COLLATE "C" NOT NULL,
  version TEXT COLLATE "C" NOT NULL,
  installed_at TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (plugin_id, site_hash)
);
