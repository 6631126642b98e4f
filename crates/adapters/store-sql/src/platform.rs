//! The marketplace (plugin contract §8.5).

use async_trait::async_trait;
use emdash_store::registry::{
    Listing, ListingFilter, ListingOrder, Publisher, PublisherRepository, Release, ReleaseRepository,
    ReleaseStatus,
};
use emdash_types::{Error, ErrorCode, PluginId, PublisherId, ReleaseId, Result, Timestamp};
use serde_json::Value as Json;

use crate::row::Reader;
use crate::value::{Bind, bind, json_list};
use crate::{Row, SqlTransaction};

const PUBLISHER: &str = "id, name, email, verified, created_at";

fn publisher(row: Row) -> Result<Publisher> {
    let mut row = Reader::new("authors", row);
    Ok(Publisher {
        id: row.id("id")?,
        name: row.text("name")?,
        email: row.text("email")?,
        verified: row.flag("verified")?,
        created_at: row.time("created_at")?,
    })
}

#[async_trait]
impl PublisherRepository for SqlTransaction {
    async fn publisher_lookup(&mut self, id: &PublisherId) -> Result<Option<Publisher>> {
        self.one(&format!("SELECT {PUBLISHER} FROM authors WHERE id = ?1"), &bind![id], publisher).await
    }

    async fn publisher_find_by_email(&mut self, email: &str) -> Result<Option<Publisher>> {
        let sql = format!("SELECT {PUBLISHER} FROM authors WHERE email = ?1");
        self.one(&sql, &bind![email], publisher).await
    }

    async fn publisher_find_by_token(&mut self, hash: &str) -> Result<Option<Publisher>> {
        let sql = format!(
            "SELECT {PUBLISHER} FROM authors WHERE id = \
             (SELECT author_id FROM _emdash_publisher_tokens WHERE token_hash = ?1)"
        );
        self.one(&sql, &bind![hash], publisher).await
    }

    async fn publisher_add(&mut self, publisher: &Publisher) -> Result<()> {
        let sql = format!("INSERT INTO authors ({PUBLISHER}) VALUES (?1, ?2, ?3, ?4, ?5)");
        let values =
            bind![publisher.id, publisher.name, publisher.email, publisher.verified, publisher.created_at];
        self.attempt(&sql, &values).await.map_err(|error| {
            error.or_conflict(|violation| {
                violation.is(&["email"], "authors_email").then(|| {
                    let message = format!("A publisher with the address {} exists.", publisher.email);
                    Error::new(ErrorCode::Conflict, message)
                })
            })
        })?;
        Ok(())
    }

    async fn publisher_token_add(&mut self, id: &PublisherId, hash: &str, at: Timestamp) -> Result<()> {
        let sql = "INSERT INTO _emdash_publisher_tokens (token_hash, author_id, created_at) \
                   VALUES (?1, ?2, ?3)";
        self.attempt(sql, &bind![hash, id, at]).await?;
        Ok(())
    }
}

const LISTING: &str = "id, author_id, name, description, repository_url, homepage_url, license, keywords, \
                       capabilities, install_count, created_at, updated_at";

fn listing(row: Row) -> Result<Listing> {
    let mut row = Reader::new("plugins", row);
    Ok(Listing {
        id: row.checked("id")?,
        publisher_id: row.id("author_id")?,
        name: row.text("name")?,
        description: row.optional_text("description")?,
        repository_url: row.optional_text("repository_url")?,
        homepage_url: row.optional_text("homepage_url")?,
        license: row.optional_text("license")?,
        keywords: row.json("keywords")?,
        capabilities: row.json("capabilities")?,
        install_count: row.number("install_count")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

fn listing_values(listing: &Listing) -> Vec<crate::Value> {
    bind![
        listing.id,
        listing.publisher_id,
        listing.name,
        listing.description,
        listing.repository_url,
        listing.homepage_url,
        listing.license,
        json_list(listing.keywords.iter().map(String::as_str)),
        json_list(listing.capabilities.iter().map(String::as_str)),
        listing.created_at,
        listing.updated_at,
    ]
    .to_vec()
}

const RELEASE: &str = "id, plugin_id, version, bundle_key, bundle_size, checksum, manifest, readme, changelog, \
                       min_emdash_version, icon_key, screenshot_keys, capabilities, status, review, created_at, \
                       published_at";
const PUBLIC: &str = "status IN ('published', 'flagged')";

fn release(row: Row) -> Result<Release> {
    let mut row = Reader::new("plugin_versions", row);
    Ok(Release {
        id: row.id("id")?,
        plugin_id: row.checked("plugin_id")?,
        version: row.text("version")?,
        bundle_key: row.text("bundle_key")?,
        bundle_size: row.number("bundle_size")?,
        checksum: row.text("checksum")?,
        manifest: row.json("manifest")?,
        readme: row.optional_text("readme")?,
        changelog: row.optional_text("changelog")?,
        min_host_version: row.optional_text("min_emdash_version")?,
        icon_key: row.optional_text("icon_key")?,
        screenshot_keys: row.json("screenshot_keys")?,
        capabilities: row.json("capabilities")?,
        status: row.word("status", ReleaseStatus::parse)?,
        review: row.optional_json("review")?,
        created_at: row.time("created_at")?,
        published_at: row.optional_time("published_at")?,
    })
}

#[async_trait]
impl ReleaseRepository for SqlTransaction {
    async fn listing_lookup(&mut self, id: &PluginId) -> Result<Option<Listing>> {
        self.one(&format!("SELECT {LISTING} FROM plugins WHERE id = ?1"), &bind![id], listing).await
    }

    async fn listing_list(
        &mut self,
        filter: &ListingFilter,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<Listing>> {
        let dialect = self.dialect();
        let mut values = bind![limit, offset].to_vec();
        let mut conditions = format!(
            "EXISTS (SELECT 1 FROM plugin_versions AS v WHERE v.plugin_id = plugins.id AND v.{PUBLIC})"
        );
        if let Some(text) = &filter.text {
            values.push(text.to_lowercase().value());
            let needle = format!("?{}", values.len());
            let fields = ["name", "coalesce(description, '')", "keywords"];
            let any = fields.map(|field| dialect.contains(field, &needle)).join(" OR ");
            conditions.push_str(&format!(" AND ({any})"));
        }
        if let Some(capability) = &filter.capability {
            values.push(capability.value());
            conditions.push_str(&format!(" AND ?{} IN {}", values.len(), dialect.list("capabilities")));
        }
        let order = match filter.order {
            ListingOrder::Installs => "install_count DESC, created_at DESC, id",
            ListingOrder::Updated => "updated_at DESC, id",
            ListingOrder::Created => "created_at DESC, id",
            ListingOrder::Name => "lower(name), id",
        };
        let sql =
            format!("SELECT {LISTING} FROM plugins WHERE {conditions} ORDER BY {order} LIMIT ?1 OFFSET ?2");
        self.all(&sql, &values, listing).await
    }

    async fn listing_add(&mut self, listing: &Listing) -> Result<()> {
        let mut values = listing_values(listing);
        values.push(listing.install_count.value());
        self.attempt(
            "INSERT INTO plugins (id, author_id, name, description, repository_url, homepage_url, license, \
             keywords, capabilities, created_at, updated_at, install_count) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            &values,
        )
        .await
        .map_err(|error| {
            error.or_conflict(|violation| {
                violation.is(&["id"], "plugins_pkey").then(|| {
                    let message = format!("The plugin id {} is taken.", listing.id);
                    Error::new(ErrorCode::PluginIdConflict, message).hint("Choose another id.")
                })
            })
        })?;
        Ok(())
    }

    async fn listing_update(&mut self, listing: &Listing) -> Result<()> {
        let changed = self
            .execute(
                "UPDATE plugins SET author_id = ?2, name = ?3, description = ?4, repository_url = ?5, \
                 homepage_url = ?6, license = ?7, keywords = ?8, capabilities = ?9, created_at = ?10, \
                 updated_at = ?11 WHERE id = ?1",
                &listing_values(listing),
            )
            .await?;
        if changed == 0 { Err(Error::not_found("Plugin", &listing.id)) } else { Ok(()) }
    }

    async fn release_find(&mut self, plugin: &PluginId, version: &str) -> Result<Option<Release>> {
        let sql = format!("SELECT {RELEASE} FROM plugin_versions WHERE plugin_id = ?1 AND version = ?2");
        self.one(&sql, &bind![plugin, version], release).await
    }

    async fn release_latest(&mut self, plugins: &[PluginId]) -> Result<Vec<Release>> {
        let wanted = self.dialect().list("?1");
        let sql = format!(
            "SELECT {RELEASE} FROM (SELECT v.*, row_number() OVER (PARTITION BY plugin_id \
             ORDER BY published_at DESC NULLS LAST, id DESC) AS place FROM plugin_versions AS v \
             WHERE v.{PUBLIC} AND v.plugin_id IN {wanted}) AS ranked WHERE place = 1 ORDER BY plugin_id"
        );
        self.all(&sql, &[json_list(plugins.iter().map(PluginId::as_str))], release).await
    }

    async fn release_list(&mut self, plugin: &PluginId) -> Result<Vec<Release>> {
        let sql = format!(
            "SELECT {RELEASE} FROM plugin_versions WHERE plugin_id = ?1 ORDER BY created_at DESC, id DESC"
        );
        self.all(&sql, &bind![plugin], release).await
    }

    async fn release_add(&mut self, release: &Release) -> Result<()> {
        let sql = format!(
            "INSERT INTO plugin_versions ({RELEASE}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, \
             ?12, ?13, ?14, ?15, ?16, ?17)"
        );
        self.attempt(&sql, &release_values(release)).await.map_err(|error| {
            error.or_conflict(|violation| {
                violation.is(&["plugin_id", "version"], "plugin_versions_plugin_id_version").then(|| {
                    let message = format!("{} {} was published before.", release.plugin_id, release.version);
                    Error::new(ErrorCode::VersionExists, message).hint("Raise the version.")
                })
            })
        })?;
        Ok(())
    }

    async fn release_decide(
        &mut self,
        id: &ReleaseId,
        status: ReleaseStatus,
        review: Option<&Json>,
        published_at: Option<Timestamp>,
    ) -> Result<()> {
        let sql = "UPDATE plugin_versions SET status = ?2, review = ?3, published_at = ?4 WHERE id = ?1";
        let changed = self.execute(sql, &bind![id, status.as_str(), review, published_at]).await?;
        if changed == 0 { Err(Error::not_found("Release", id)) } else { Ok(()) }
    }

    async fn install_put(
        &mut self,
        plugin: &PluginId,
        site_hash: &str,
        version: &str,
        at: Timestamp,
    ) -> Result<u64> {
        let insert = "INSERT INTO installs (plugin_id, site_hash, version, installed_at) \
                      VALUES (?1, ?2, ?3, ?4) ON CONFLICT (plugin_id, site_hash) DO NOTHING";
        let first = self.execute(insert, &bind![plugin, site_hash, version, at]).await?;
        if first == 0 {
            let update = "UPDATE installs SET version = ?3, installed_at = ?4 \
                          WHERE plugin_id = ?1 AND site_hash = ?2";
            self.execute(update, &bind![plugin, site_hash, version, at]).await?;
        }
        let count =
            "UPDATE plugins SET install_count = install_count + ?2 WHERE id = ?1 RETURNING install_count";
        self.one(count, &bind![plugin, first], |row| Reader::new("plugins", row).number("install_count"))
            .await?
            .ok_or_else(|| Error::not_found("Plugin", plugin))
    }
}

fn release_values(release: &Release) -> [crate::Value; 17] {
    bind![
        release.id,
        release.plugin_id,
        release.version,
        release.bundle_key,
        release.bundle_size,
        release.checksum,
        release.manifest,
        release.readme,
        release.changelog,
        release.min_host_version,
        release.icon_key,
        json_list(release.screenshot_keys.iter().map(String::as_str)),
        json_list(release.capabilities.iter().map(String::as_str)),
        release.status.as_str(),
        release.review,
        release.created_at,
        release.published_at,
    ]
}
