//! Users, tokens and sessions.

use async_trait::async_trait;
use emdash_store::identity::{ApiToken, Session, SessionRepository, TokenRepository, User, UserRepository};
use emdash_types::{Error, ErrorCode, Result, Role, SessionId, Timestamp, TokenId, UserId};

use crate::row::Reader;
use crate::value::{bind, json_list};
use crate::{Row, SqlError, SqlTransaction};

const USER: &str = "id, email, name, role, disabled, created_at";

fn user(row: Row) -> Result<User> {
    let mut row = Reader::new("users", row);
    Ok(User {
        id: row.id("id")?,
        email: row.text("email")?,
        name: row.optional_text("name")?,
        role: {
            let level = row.number::<u8>("role")?;
            Role::try_from(level).map_err(|problem| row.inconsistent("role", problem))?
        },
        disabled: row.flag("disabled")?,
        created_at: row.time("created_at")?,
    })
}

fn email_taken(error: SqlError, user: &User) -> Error {
    error.or_conflict(|violation| {
        violation.is(&["email"], "users_email").then(|| {
            Error::new(ErrorCode::Conflict, format!("A user with the address {} exists.", user.email))
        })
    })
}

#[async_trait]
impl UserRepository for SqlTransaction {
    async fn user_lookup(&mut self, id: &UserId) -> Result<Option<User>> {
        self.one(&format!("SELECT {USER} FROM users WHERE id = ?1"), &bind![id], user).await
    }

    async fn user_find_by_email(&mut self, email: &str) -> Result<Option<User>> {
        self.one(&format!("SELECT {USER} FROM users WHERE email = ?1"), &bind![email], user).await
    }

    async fn user_count(&mut self) -> Result<u64> {
        self.number("SELECT count(*) FROM users", &[]).await
    }

    async fn user_list(&mut self) -> Result<Vec<User>> {
        self.all(&format!("SELECT {USER} FROM users ORDER BY email"), &[], user).await
    }

    async fn user_page(
        &mut self,
        role: Option<Role>,
        before: Option<&UserId>,
        limit: u32,
    ) -> Result<Vec<User>> {
        let mut sql = format!("SELECT {USER} FROM users WHERE 1 = 1");
        let mut values = Vec::new();
        if let Some(role) = role {
            values.extend(bind![level(role)]);
            sql.push_str(&format!(" AND role = ?{}", values.len()));
        }
        if let Some(before) = before {
            values.extend(bind![before]);
            sql.push_str(&format!(" AND id < ?{}", values.len()));
        }
        values.extend(bind![limit]);
        sql.push_str(&format!(" ORDER BY id DESC LIMIT ?{}", values.len()));
        self.all(&sql, &values, user).await
    }

    async fn user_add(&mut self, user: &User) -> Result<()> {
        self.attempt(
            &format!("INSERT INTO users ({USER}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
            &bind![user.id, user.email, user.name, level(user.role), user.disabled, user.created_at],
        )
        .await
        .map_err(|error| email_taken(error, user))?;
        Ok(())
    }

    async fn user_update(&mut self, user: &User) -> Result<()> {
        let changed = self
            .attempt(
                "UPDATE users SET email = ?2, name = ?3, role = ?4, disabled = ?5, created_at = ?6 WHERE id = ?1",
                &bind![user.id, user.email, user.name, level(user.role), user.disabled, user.created_at],
            )
            .await
            .map_err(|error| email_taken(error, user))?;
        if changed == 0 { Err(Error::not_found("User", &user.id)) } else { Ok(()) }
    }
}

fn level(role: Role) -> i64 {
    i64::from(role.level())
}

const TOKEN: &str = "id, name, token_hash, prefix, user_id, scopes, expires_at, last_used_at, created_at";

fn token(row: Row) -> Result<ApiToken> {
    let mut row = Reader::new("_emdash_api_tokens", row);
    Ok(ApiToken {
        id: row.id("id")?,
        name: row.text("name")?,
        token_hash: row.text("token_hash")?,
        prefix: row.text("prefix")?,
        user_id: row.id("user_id")?,
        scopes: row.json("scopes")?,
        expires_at: row.optional_time("expires_at")?,
        last_used_at: row.optional_time("last_used_at")?,
        created_at: row.time("created_at")?,
    })
}

#[async_trait]
impl TokenRepository for SqlTransaction {
    async fn token_find_by_hash(&mut self, hash: &str) -> Result<Option<ApiToken>> {
        let sql = format!("SELECT {TOKEN} FROM _emdash_api_tokens WHERE token_hash = ?1");
        self.one(&sql, &bind![hash], token).await
    }

    async fn token_list(&mut self, user: &UserId) -> Result<Vec<ApiToken>> {
        let sql = format!(
            "SELECT {TOKEN} FROM _emdash_api_tokens WHERE user_id = ?1 ORDER BY created_at DESC, id DESC"
        );
        self.all(&sql, &bind![user], token).await
    }

    async fn token_add(&mut self, token: &ApiToken) -> Result<()> {
        let scopes: Vec<String> = token.scopes.iter().map(emdash_types::Scope::name).collect();
        self.attempt(
            &format!("INSERT INTO _emdash_api_tokens ({TOKEN}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
            &bind![
                token.id,
                token.name,
                token.token_hash,
                token.prefix,
                token.user_id,
                json_list(scopes.iter().map(String::as_str)),
                token.expires_at,
                token.last_used_at,
                token.created_at,
            ],
        )
        .await?;
        Ok(())
    }

    async fn token_touch(&mut self, id: &TokenId, at: Timestamp) -> Result<()> {
        self.execute("UPDATE _emdash_api_tokens SET last_used_at = ?2 WHERE id = ?1", &bind![id, at]).await?;
        Ok(())
    }

    async fn token_delete(&mut self, user: &UserId, id: &TokenId) -> Result<bool> {
        let sql = "DELETE FROM _emdash_api_tokens WHERE user_id = ?1 AND id = ?2";
        Ok(self.execute(sql, &bind![user, id]).await? > 0)
    }
}

const SESSION: &str = "id, secret_hash, user_id, expires_at, created_at";

fn session(row: Row) -> Result<Session> {
    let mut row = Reader::new("_emdash_sessions", row);
    Ok(Session {
        id: row.id("id")?,
        secret_hash: row.text("secret_hash")?,
        user_id: row.id("user_id")?,
        expires_at: row.time("expires_at")?,
        created_at: row.time("created_at")?,
    })
}

#[async_trait]
impl SessionRepository for SqlTransaction {
    async fn session_find_by_hash(&mut self, hash: &str) -> Result<Option<Session>> {
        let sql = format!("SELECT {SESSION} FROM _emdash_sessions WHERE secret_hash = ?1");
        self.one(&sql, &bind![hash], session).await
    }

    async fn session_add(&mut self, session: &Session) -> Result<()> {
        self.attempt(
            &format!("INSERT INTO _emdash_sessions ({SESSION}) VALUES (?1, ?2, ?3, ?4, ?5)"),
            &bind![session.id, session.secret_hash, session.user_id, session.expires_at, session.created_at],
        )
        .await?;
        Ok(())
    }

    async fn session_delete(&mut self, id: &SessionId) -> Result<()> {
        self.execute("DELETE FROM _emdash_sessions WHERE id = ?1", &bind![id]).await?;
        Ok(())
    }

    async fn session_delete_expired(&mut self, before: Timestamp) -> Result<u64> {
        self.execute("DELETE FROM _emdash_sessions WHERE expires_at < ?1", &bind![before]).await
    }
}
