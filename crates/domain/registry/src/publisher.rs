//! Publishers and the tokens they publish with.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use emdash_store::registry::Publisher;
use emdash_types::{Error, ErrorCode, PublisherId, Result, Secret};
use sha2::{Digest, Sha256};

use crate::RegistryService;

/// Begins every publisher token.
const PREFIX: &str = "ec_pub_";
/// Longest name, in characters.
const NAME_MAX: usize = 100;
/// Longest address, RFC 5321 §4.5.3.1.3.
const EMAIL_MAX: usize = 254;

impl RegistryService {
    /// Makes a publisher and their first token; the token's text is shown this once.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a bad name or address, `CONFLICT` when the address is taken.
    pub async fn publisher_add(&self, name: &str, email: &str) -> Result<(Publisher, Secret)> {
        let name = name.trim();
        let length = name.chars().count();
        if length == 0 || length > NAME_MAX || name.chars().any(char::is_control) {
            return Err(Error::field(
                "name",
                format!("must be one line of 1 to {NAME_MAX} characters, has {length}"),
            ));
        }
        let email = email.trim().to_lowercase();
        if !is_address(&email) {
            return Err(Error::field("email", "must be an e-mail address such as publisher@example.com"));
        }
        let publisher = Publisher {
            id: self.ambient.id(),
            name: name.to_owned(),
            email,
            verified: false,
            created_at: self.ambient.now(),
        };
        let token = self.token();
        let mut transaction = self.store.write().await?;
        transaction.publisher_add(&publisher).await?;
        transaction.publisher_token_add(&publisher.id, &hash(&token), publisher.created_at).await?;
        transaction.commit().await?;
        Ok((publisher, token))
    }

    /// Makes another token for a publisher; earlier ones stay valid.
    ///
    /// # Errors
    /// `NOT_FOUND` where nobody publishes under this address.
    pub async fn publisher_token_issue(&self, email: &str) -> Result<(Publisher, Secret)> {
        let token = self.token();
        let mut transaction = self.store.write().await?;
        let found = transaction.publisher_find_by_email(&email.trim().to_lowercase()).await?;
        let publisher = found.ok_or_else(|| Error::not_found("Publisher", email.trim()))?;
        transaction.publisher_token_add(&publisher.id, &hash(&token), self.ambient.now()).await?;
        transaction.commit().await?;
        Ok((publisher, token))
    }

    /// The publisher behind a token.
    ///
    /// # Errors
    /// `INVALID_TOKEN`, in the words of the plugin contract §8.2.
    pub async fn publisher_by_token(&self, token: &Secret) -> Result<Publisher> {
        // Other tokens of the program never match, and need no look into the database.
        let found = if token.expose().starts_with(PREFIX) {
            self.store.read().await?.publisher_find_by_token(&hash(token)).await?
        } else {
            None
        };
        found.ok_or_else(|| {
            Error::new(ErrorCode::InvalidToken, "Invalid or expired token")
                .hint(format!("Publish with a publisher token; it begins with {PREFIX}."))
        })
    }

    /// A publisher by id.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn publisher(&self, id: &PublisherId) -> Result<Publisher> {
        let found = self.store.read().await?.publisher_lookup(id).await?;
        found.ok_or_else(|| Error::not_found("Publisher", id))
    }

    fn token(&self) -> Secret {
        Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(self.ambient.bytes::<32>())))
    }
}

/// What is stored of a token.
fn hash(token: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.expose().as_bytes()))
}

fn is_address(email: &str) -> bool {
    let shaped = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.starts_with('.')
    });
    shaped && email.len() <= EMAIL_MAX && !email.chars().any(|c| c.is_whitespace() || c.is_control())
}
