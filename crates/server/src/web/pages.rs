//! A long list in pages: which of its rows are shown, and the links to those before and after.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::words::Markup;

/// One page of a list. Its looks are in `pages.html`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// Counted from one.
    pub page: u64,
    /// How many rows there are.
    pub total: u64,
    /// How many rows a page has.
    pub size: u64,
    /// The address without its page, up to where `page=2` can be put.
    pub address: String,
}

impl Pages {
    /// The page that was asked for, as far as there is one.
    pub fn new(asked: u64, total: u64, size: u64, path: &str, query: &[(&str, &str)]) -> Self {
        let mut address = format!("{path}?");
        for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
            let value = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
            address.extend([*name, "=", value.as_str(), "&"]);
        }
        let pages = total.div_ceil(size).max(1);
        Self {
            page: asked.clamp(1, pages),
            total,
            size,
            address,
        }
    }

    /// How many pages there are.
    pub fn count(&self) -> u64 {
        self.total.div_ceil(self.size).max(1)
    }

    /// How many rows come before.
    pub fn offset(&self) -> u64 {
        (self.page - 1) * self.size
    }

    /// The number of the first row.
    pub fn first(&self) -> u64 {
        self.total.min(self.offset() + 1)
    }

    /// The number of the last row.
    pub fn last(&self) -> u64 {
        self.total.min(self.offset() + self.size)
    }

    /// Where the page before is.
    pub fn before(&self) -> Option<Markup> {
        (self.page > 1).then(|| self.link(self.page - 1))
    }

    /// Where the next page is.
    pub fn after(&self) -> Option<Markup> {
        (self.page < self.count()).then(|| self.link(self.page + 1))
    }

    fn link(&self, page: u64) -> Markup {
        // What was put in is percent-encoded.
        let address = self.address.replace('&', "&amp;");
        Markup::new(format!("{address}page={page}"), "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_on_exactly_one_page() {
        for total in [0, 1, 23, 24, 25, 48, 412] {
            let mut rows = 0;
            let mut pages = Pages::new(1, total, 24, "/library", &[]);
            loop {
                assert_eq!(pages.first(), if total == 0 { 0 } else { rows + 1 });
                rows = pages.last();
                if pages.after().is_none() {
                    break;
                }
                pages = Pages::new(pages.page + 1, total, 24, "/library", &[]);
            }
            assert_eq!((rows, pages.page), (total, pages.count()));
        }
        for asked in [0, 99, u64::MAX] {
            assert_eq!(
                Pages::new(asked, 30, 24, "/x", &[]).page,
                if asked == 0 { 1 } else { 2 }
            );
        }
    }

    #[test]
    fn links_keep_what_was_asked_for() {
        let query = [("q", "a&b=\"<"), ("platform", "")];
        let pages = Pages::new(1, 100, 24, "/library", &query);
        let next = pages.after().unwrap().to_string();
        assert_eq!(next, "/library?q=a%26b%3D%22%3C&amp;page=2");
        assert!(pages.before().is_none());
    }
}
