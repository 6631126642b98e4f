//! Things from elsewhere: a frame from a few known hosts, a player for media files, else a link. No script
//! of anybody else ever runs in the page.

use url::{Url, form_urlencoded};

use super::Renderer;
use crate::block::Embed;

/// Hosts a frame may come from, for the page's `frame-src` policy.
pub const FRAME_HOSTS: &[&str] = &[
    "www.youtube-nocookie.com",
    "player.vimeo.com",
    "open.spotify.com",
    "w.soundcloud.com",
    "codepen.io",
    "videopress.com",
];

/// Providers by host: id, name for readers.
const PROVIDERS: &[(&[&str], &str, &str)] = &[
    (&["youtube.com", "youtu.be", "youtube-nocookie.com"], "youtube", "YouTube"),
    (&["vimeo.com"], "vimeo", "Vimeo"),
    (&["twitter.com", "x.com"], "twitter", "Twitter"),
    (&["instagram.com"], "instagram", "Instagram"),
    (&["facebook.com", "fb.watch"], "facebook", "Facebook"),
    (&["tiktok.com"], "tiktok", "TikTok"),
    (&["spotify.com"], "spotify", "Spotify"),
    (&["soundcloud.com"], "soundcloud", "SoundCloud"),
    (&["codepen.io"], "codepen", "CodePen"),
    (&["gist.github.com"], "gist", "GitHub Gist"),
    (&["wordpress.tv"], "wordpress-tv", "WordPress.tv"),
    (&["videopress.com"], "videopress", "VideoPress"),
    (&["dailymotion.com", "dai.ly"], "dailymotion", "Dailymotion"),
    (&["flickr.com", "flic.kr"], "flickr", "Flickr"),
    (&["ted.com"], "ted", "TED"),
    (&["reddit.com"], "reddit", "Reddit"),
    (&["slideshare.net"], "slideshare", "SlideShare"),
    (&["mixcloud.com"], "mixcloud", "Mixcloud"),
    (&["bsky.app"], "bluesky", "Bluesky"),
    (&["tumblr.com"], "tumblr", "Tumblr"),
];

/// The provider of an address, by its host, or `video`/`audio` for a media file.
#[must_use]
pub fn provider_of(url: &str) -> Option<&'static str> {
    let parsed = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = parsed.host_str()?;
    let known = PROVIDERS.iter().find(|(hosts, _, _)| hosts.iter().any(|known| is_within(host, known)));
    known.map(|(_, id, _)| *id).or_else(|| media_kind(parsed.path()))
}

fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn media_kind(path: &str) -> Option<&'static str> {
    let extension = path.rsplit_once('.')?.1.to_ascii_lowercase();
    match extension.as_str() {
        "mp4" | "m4v" | "webm" | "ogv" | "mov" => Some("video"),
        "mp3" | "m4a" | "ogg" | "oga" | "wav" | "flac" | "aac" => Some("audio"),
        _ => None,
    }
}

/// The address of the frame that shows this page, where its provider has one we trust.
pub(super) fn frame_address(url: &str) -> Option<String> {
    let parsed = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = parsed.host_str()?;
    let segments: Vec<&str> = parsed.path_segments()?.filter(|segment| !segment.is_empty()).collect();
    let query =
        |name: &str| parsed.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    match provider_of(url)? {
        "youtube" => {
            let id = match (host, segments.as_slice()) {
                ("youtu.be", [id, ..]) | (_, ["embed" | "shorts" | "live" | "v", id, ..]) => (*id).to_owned(),
                _ => query("v")?,
            };
            let start = query("start").or_else(|| query("t")).and_then(|time| seconds(&time));
            let start = start.map(|start| format!("?start={start}")).unwrap_or_default();
            is_token(&id).then(|| format!("https://www.youtube-nocookie.com/embed/{id}{start}"))
        }
        "vimeo" => {
            let id = segments.iter().find(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?;
            Some(format!("https://player.vimeo.com/video/{id}?dnt=1"))
        }
        "spotify" => {
            let parts = segments.as_slice();
            let parts = parts.strip_prefix(&["embed"]).unwrap_or(parts);
            let [kind @ ("track" | "album" | "playlist" | "artist" | "episode" | "show"), id, ..] = parts
            else {
                return None;
            };
            is_token(id).then(|| format!("https://open.spotify.com/embed/{kind}/{id}"))
        }
        "soundcloud" if host == "w.soundcloud.com" => (segments == ["player"]).then(|| https(&parsed)),
        "soundcloud" => {
            let target: String = form_urlencoded::byte_serialize(parsed.as_str().as_bytes()).collect();
            Some(format!("https://w.soundcloud.com/player/?url={target}"))
        }
        "codepen" => match segments.as_slice() {
            [user, "pen" | "embed" | "details" | "full", id, ..] if is_token(user) && is_token(id) => {
                Some(format!("https://codepen.io/{user}/embed/{id}"))
            }
            _ => None,
        },
        "videopress" => match segments.as_slice() {
            ["v" | "embed", id, ..] if is_token(id) => Some(format!("https://videopress.com/embed/{id}")),
            _ => None,
        },
        _ => None,
    }
}

fn https(url: &Url) -> String {
    format!("https://{}", url.as_str().split_once("://").map_or("", |(_, rest)| rest))
}

/// Seconds of `90`, `90s` or `1m30s`.
fn seconds(text: &str) -> Option<u32> {
    let (mut total, mut number) = (0_u32, 0_u32);
    for character in text.chars() {
        let unit = match character {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            digit => {
                number = number.checked_mul(10)?.checked_add(digit.to_digit(10)?)?;
                continue;
            }
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        number = 0;
    }
    total.checked_add(number).filter(|total| *total > 0)
}

fn is_token(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

impl Renderer<'_> {
    pub(super) fn embed(&mut self, embed: Embed<'_>) {
        let Some(url) = self.source(embed.url) else {
            return;
        };
        let by_host = provider_of(&url);
        let provider = match embed.provider {
            Some("video") => Some("video"),
            Some("audio") => Some("audio"),
            _ => by_host,
        };
        let name = PROVIDERS.iter().find(|(_, id, _)| Some(*id) == provider).map(|(_, _, name)| *name);
        self.out.push_str("<figure");
        self.attribute("class", &format!("embed embed-{}", provider.unwrap_or("link")));
        self.out.push('>');
        match (provider, frame_address(&url)) {
            (Some(kind @ ("video" | "audio")), _) => {
                self.out.push('<');
                self.out.push_str(kind);
                self.out.push_str(" controls preload=\"metadata\"");
                self.attribute("src", &url);
                self.out.push_str("></");
                self.out.push_str(kind);
                self.out.push('>');
            }
            (_, Some(frame)) => {
                let title = embed
                    .caption
                    .map_or_else(|| name.unwrap_or("Embedded content").to_owned(), ToOwned::to_owned);
                self.out.push_str("<iframe");
                self.attribute("src", &frame);
                self.attribute("title", &title);
                self.attribute("sandbox", FRAME_SANDBOX);
                self.out.push_str(" loading=\"lazy\" referrerpolicy=\"strict-origin-when-cross-origin\" allowfullscreen></iframe>");
            }
            (_, None) => {
                let place =
                    url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).trim_end_matches('/');
                let label = name.map_or_else(|| place.to_owned(), |name| format!("{name}: {place}"));
                self.out.push_str("<a");
                self.attribute("href", &url);
                self.out.push('>');
                self.lines(&label);
                self.out.push_str("</a>");
            }
        }
        self.caption(embed.caption);
        self.out.push_str("</figure>\n");
    }
}

/// What a frame may do: run in its own origin, go full screen, open its own links.
pub(super) const FRAME_SANDBOX: &str = "allow-scripts allow-same-origin allow-popups allow-presentation";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_pages_have_a_frame_from_a_listed_host() {
        let cases = [
            ("https://youtu.be/ex8fMxXJDJw", "https://www.youtube-nocookie.com/embed/ex8fMxXJDJw"),
            (
                "https://www.youtube.com/watch?v=abc&t=1m30s",
                "https://www.youtube-nocookie.com/embed/abc?start=90",
            ),
            (
                "http://vimeo.com/channels/staffpicks/76979871",
                "https://player.vimeo.com/video/76979871?dnt=1",
            ),
            (
                "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC?si=x",
                "https://open.spotify.com/embed/track/4uLU6hMCjMI75M1A2tKUQC",
            ),
            (
                "https://soundcloud.com/a/b",
                "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Fa%2Fb",
            ),
            ("https://codepen.io/jane/pen/xyz", "https://codepen.io/jane/embed/xyz"),
        ];
        for (page, frame) in cases {
            assert_eq!(frame_address(page).as_deref(), Some(frame));
            let host = Url::parse(frame).unwrap().host_str().unwrap().to_owned();
            assert!(FRAME_HOSTS.contains(&host.as_str()), "{host}");
        }
    }

    #[test]
    fn look_alike_hosts_and_odd_ids_have_no_frame() {
        for page in [
            "https://notyoutube.com/watch?v=abc",
            "https://youtube.com.evil.example/watch?v=abc",
            "https://youtu.be/a%22onload=x",
            "https://www.youtube.com/watch?v=%22%3E%3Cscript%3E",
            "javascript://youtube.com/%0aalert(1)?v=abc",
            "https://gist.github.com/a/b",
        ] {
            assert_eq!(frame_address(page), None, "{page}");
        }
    }
}
