CREATE TABLE _emdash_collections (
  id TEXT NOT NULL PRIMARY KEY,
  slug TEXT NOT NULL,
  label TEXT NOT NULL,
  label_singular TEXT NOT NULL,
  description TEXT,
  supports TEXT NOT NULL,
  url_pattern TEXT,
  has_seo INTEGER NOT NULL DEFAULT 0,
  routable INTEGER NOT NULL DEFAULT 1,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX _emdash_collections_slug ON _emdash_collections (slug);

CREATE TABLE _emdash_fields (
  id TEXT NOT NULL PRIMARY KEY,
  collection_id TEXT NOT NULL REFERENCES _emdash_collections (id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  label TEXT NOT NULL,
  type TEXT NOT NULL,
  column_type TEXT NOT NULL,
  required INTEGER NOT NULL DEFAULT 0,
  "unique" INTEGER NOT NULL DEFAULT 0,
  searchable INTEGER NOT NULL DEFAULT 0,
  indexed INTEGER NOT NULL DEFAULT 0,
  default_value TEXT,
  validation TEXT NOT NULL,
  options TEXT NOT NULL,
  sort_order INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX _emdash_fields_collection_id_slug ON _emdash_fields (collection_id, slug);

CREATE TABLE revisions (
  id TEXT NOT NULL PRIMARY KEY,
  collection TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  data TEXT NOT NULL,
  author_id TEXT,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX revisions_entry ON revisions (collection, entry_id, created_at, id);

CREATE TABLE _emdash_taxonomy_defs (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  label_singular TEXT NOT NULL,
  hierarchical INTEGER NOT NULL DEFAULT 0,
  collections TEXT NOT NULL,
  locale TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX _emdash_taxonomy_defs_name_locale ON _emdash_taxonomy_defs (name, locale);

CREATE TABLE taxonomies (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  label TEXT NOT NULL,
  parent_id TEXT,
  data TEXT,
  locale TEXT NOT NULL,
  translation_group TEXT NOT NULL,
  sort_order INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX taxonomies_name_slug_locale ON taxonomies (name, slug, locale);

CREATE TABLE content_taxonomies (
  collection TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  taxonomy_id TEXT NOT NULL,
  PRIMARY KEY (collection, entry_id, taxonomy_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_taxonomies_term ON content_taxonomies (taxonomy_id, collection, entry_id);

CREATE TABLE _emdash_bylines (
  id TEXT NOT NULL PRIMARY KEY,
  slug TEXT NOT NULL,
  display_name TEXT NOT NULL,
  bio TEXT,
  website_url TEXT,
  user_id TEXT,
  is_guest INTEGER NOT NULL DEFAULT 0,
  locale TEXT NOT NULL,
  translation_group TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX _emdash_bylines_slug_locale ON _emdash_bylines (slug, locale);
CREATE UNIQUE INDEX _emdash_bylines_user_id_locale ON _emdash_bylines (user_id, locale);

CREATE TABLE _emdash_content_bylines (
  collection_slug TEXT NOT NULL,
  content_id TEXT NOT NULL,
  sort_order INTEGER NOT NULL,
  byline_id TEXT NOT NULL,
  role_label TEXT,
  PRIMARY KEY (collection_slug, content_id, sort_order)
) STRICT, WITHOUT ROWID;
CREATE INDEX _emdash_content_bylines_byline ON _emdash_content_bylines (byline_id, collection_slug, content_id);

CREATE TABLE media (
  id TEXT NOT NULL PRIMARY KEY,
  filename TEXT NOT NULL,
  mime_type TEXT NOT NULL,
  size INTEGER,
  width INTEGER,
  height INTEGER,
  alt TEXT,
  caption TEXT,
  storage_key TEXT NOT NULL,
  content_hash TEXT,
  status TEXT NOT NULL DEFAULT 'ready',
  author_id TEXT,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX media_created ON media (created_at DESC, id DESC);

CREATE TABLE _emdash_seo (
  collection TEXT NOT NULL,
  content_id TEXT NOT NULL,
  seo_title TEXT,
  seo_description TEXT,
  seo_image TEXT,
  seo_canonical TEXT,
  seo_no_index INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (collection, content_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX _emdash_seo_hidden ON _emdash_seo (collection, content_id) WHERE seo_no_index = 1;

CREATE TABLE _emdash_search (
  id INTEGER PRIMARY KEY,
  collection TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  locale TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX _emdash_search_entry ON _emdash_search (collection, entry_id);
CREATE VIRTUAL TABLE _emdash_fts USING fts5(
  title, body, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3'
);

CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY,
  email TEXT NOT NULL,
  name TEXT,
  role INTEGER NOT NULL DEFAULT 10,
  disabled INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_email ON users (email);

CREATE TABLE _emdash_api_tokens (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  prefix TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  scopes TEXT NOT NULL,
  expires_at TEXT,
  last_used_at TEXT,
  created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX _emdash_api_tokens_token_hash ON _emdash_api_tokens (token_hash);
CREATE INDEX _emdash_api_tokens_user ON _emdash_api_tokens (user_id, created_at);

CREATE TABLE _emdash_sessions (
  id TEXT NOT NULL PRIMARY KEY,
  secret_hash TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  expires_at TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX _emdash_sessions_secret_hash ON _emdash_sessions (secret_hash);
CREATE INDEX _emdash_sessions_user ON _emdash_sessions (user_id);
CREATE INDEX _emdash_sessions_expires ON _emdash_sessions (expires_at);

CREATE TABLE _plugin_state (
  plugin_id TEXT NOT NULL PRIMARY KEY,
  version TEXT NOT NULL,
  status TEXT NOT NULL,
  source TEXT NOT NULL,
  display_name TEXT,
  description TEXT,
  bundle_key TEXT NOT NULL,
  checksum TEXT NOT NULL,
  granted_capabilities TEXT NOT NULL,
  granted_hosts TEXT NOT NULL,
  disabled_reason TEXT,
  installed_at TEXT NOT NULL,
  activated_at TEXT,
  deactivated_at TEXT
) STRICT;

CREATE TABLE _emdash_violations (
  id TEXT NOT NULL PRIMARY KEY,
  plugin_id TEXT NOT NULL,
  version TEXT NOT NULL,
  during TEXT NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX _emdash_violations_at ON _emdash_violations (at, id);
CREATE INDEX _emdash_violations_plugin ON _emdash_violations (plugin_id, at, id);

CREATE TABLE options (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE _emdash_jobs (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  dedupe_key TEXT,
  status TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  run_at TEXT NOT NULL,
  lease_until TEXT,
  last_error TEXT,
  created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX _emdash_jobs_dedupe ON _emdash_jobs (dedupe_key) WHERE status = 'queued';
CREATE INDEX _emdash_jobs_due ON _emdash_jobs (status, run_at, id);
CREATE INDEX _emdash_jobs_lease ON _emdash_jobs (lease_until) WHERE status = 'running';

CREATE TABLE audit_logs (
  id TEXT NOT NULL PRIMARY KEY,
  timestamp TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  action TEXT NOT NULL,
  resource_type TEXT NOT NULL,
  resource_id TEXT,
  details TEXT NOT NULL
) STRICT;
CREATE INDEX audit_logs_timestamp ON audit_logs (timestamp, id);

CREATE TABLE _emdash_import_map (
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  external_id TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (source, kind, external_id)
) STRICT, WITHOUT ROWID;
