#![doc = include_str!("../README.md")]

mod block;
pub mod gutenberg;
mod href;
mod markup;
mod portable_text;
pub mod render;
pub mod wxr;

pub use block::{
    Align, Block, Break, Button, Buttons, Code, Columns, Cover, Embed, File, Gallery, Image, Inline, Link,
    ListItem, Pullquote, RawHtml, Span, Style, Table, TableCell, TextBlock,
};
pub use href::safe_href;
pub use portable_text::{Issue, PortableText, validate};
