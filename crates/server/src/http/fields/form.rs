//! Forms and queries as pairs of texts. Does not know what the pairs mean.

/// The pairs of an `application/x-www-form-urlencoded` text, a query among them.
pub fn form_pairs(text: &[u8]) -> Vec<(String, String)> {
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let mut half = || form_decoded(halves.next().unwrap_or_default());
            (half(), half())
        })
        .collect()
}

fn form_decoded(half: &[u8]) -> String {
    let spaced: Vec<u8> = half
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    percent_encoding::percent_decode(&spaced)
        .decode_utf8_lossy()
        .into_owned()
}
