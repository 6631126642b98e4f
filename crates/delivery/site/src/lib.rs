#![doc = include_str!("../README.md")]

mod context;
mod head;
mod pages;
mod renderer;
mod request;
mod response;
mod route;
mod theme;
mod xml;

pub use head::{
    ArticleMeta, Breadcrumb, ContentReference, Contribution, NoMetadata, PageKind, PageMetadata, PageSeo,
    PublicPageContext,
};
pub use renderer::{SiteOptions, SiteRenderer};
pub use request::{PreviewTarget, SiteRequest};
pub use response::{CacheTags, SiteResponse};
