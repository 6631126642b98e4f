CREATE TABLE authors (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  verified INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX authors_email ON authors (email);

CREATE TABLE _emdash_publisher_tokens (
  token_hash TEXT NOT NULL PRIMARY KEY,
  author_id TEXT NOT NULL REFERENCES authors (id) ON DELETE CASCADE,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX _emdash_publisher_tokens_author ON _emdash_publisher_tokens (author_id);

CREATE TABLE plugins (
  id TEXT NOT NULL PRIMARY KEY,
  author_id TEXT NOT NULL REFERENCES authors (id),
  name TEXT NOT NULL,
  description TEXT,
  repository_url TEXT,
  homepage_url TEXT,
  license TEXT,
  keywords TEXT NOT NULL,
  capabilities TEXT NOT NULL,
  install_count INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX plugins_author ON plugins (author_id);
CREATE INDEX plugins_installs ON plugins (install_count DESC, created_at DESC, id);

CREATE TABLE plugin_versions (
  id TEXT NOT NULL PRIMARY KEY,
  plugin_id TEXT NOT NULL REFERENCES plugins (id),
  version TEXT NOT NULL,
  bundle_key TEXT NOT NULL,
  bundle_size INTEGER NOT NULL,
  checksum TEXT NOT NULL,
  manifest TEXT NOT NULL,
  readme TEXT,
  changelog TEXT,
  min_emdash_version TEXT,
  icon_key TEXT,
  screenshot_keys TEXT NOT NULL,
  capabilities TEXT NOT NULL,
  status TEXT NOT NULL,
  review TEXT,
  created_at TEXT NOT NULL,
  published_at TEXT
) STRICT;
CREATE UNIQUE INDEX plugin_versions_plugin_id_version ON plugin_versions (plugin_id, version);
CREATE INDEX plugin_versions_status ON plugin_versions (plugin_id, status);

CREATE TABLE installs (
  plugin_id TEXT NOT NULL,
  site_hash TEXT NOT NULL,
  version TEXT NOT NULL,
  installed_at TEXT NOT NULL,
  PRIMARY KEY (plugin_id, site_hash)
) STRICT, WITHOUT ROWID;
