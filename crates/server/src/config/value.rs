//! How a setting's value is written, read and shown.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use ipnet::IpNet;

/// A password: never shown, not even in a debug print.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            fn read(text: &str) -> Option<Self> {
                [$(($text, Self::$variant)),*]
                    .into_iter()
                    .find_map(|(name, value)| name.eq_ignore_ascii_case(text).then_some(value))
            }

            /// The name that the operator writes.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

choices! {
    /// How log lines look.
    LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
}

choices! {
    /// The least important lines that are logged.
    LogLevel {
        /// What failed.
        Error = "error",
        /// What needs a look.
        Warn = "warn",
        /// What happened to the server.
        Info = "info",
        /// Every request.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

choices! {
    /// Who may read the metrics.
    MetricsReaders {
        /// Whoever may read the server's logs.
        Admin = "admin",
        /// Also programs on this machine.
        Loopback = "loopback",
        /// Whoever can reach the server.
        Anyone = "anyone",
    }
}

/// One way of writing values: what is expected, how it is read, how it is shown.
pub struct Kind<T> {
    pub expected: &'static str,
    pub read: fn(&str) -> Option<T>,
    pub show: fn(&T) -> String,
}

pub const ADDRESS: Kind<SocketAddr> = Kind {
    expected: "an address with a port, such as 0.0.0.0:8080 or [::]:8080",
    read: parse,
    show: display,
};

pub const PATH: Kind<PathBuf> = Kind {
    expected: "a path",
    read: |text| Some(PathBuf::from(text)),
    show: |path| path.display().to_string(),
};

pub const TEXT: Kind<String> = Kind {
    expected: "a text",
    read: |text| Some(text.to_owned()),
    show: String::clone,
};

pub const OPTIONAL_TEXT: Kind<Option<String>> = Kind {
    expected: "a text",
    read: |text| Some(Some(text.to_owned())),
    show: |text| text.clone().unwrap_or_default(),
};

pub const SECRET: Kind<Option<Secret>> = Kind {
    expected: "a text",
    read: |text| Some(Some(Secret(text.to_owned()))),
    show: |_| String::new(),
};

pub const YES_OR_NO: Kind<bool> = Kind {
    expected: "true or false",
    read: |text| match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    },
    show: bool::to_string,
};

pub const BYTES: Kind<u64> = Kind {
    expected: "a number of bytes above 0, such as 536870912 or 512MiB",
    read: |text| {
        let (digits, unit) = text.split_at(
            text.find(|c: char| !c.is_ascii_digit())
                .unwrap_or(text.len()),
        );
        let unit: u64 = match unit.trim() {
            "" | "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return None,
        };
        digits
            .parse::<u64>()
            .ok()?
            .checked_mul(unit)
            .filter(|bytes| *bytes > 0)
    },
    show: display,
};

pub const SECONDS: Kind<i64> = Kind {
    expected: "a number of seconds, 1 or more",
    // No session outlives a person, and sums of times stay far from the end of the calendar.
    read: |text| parse(text).filter(|seconds| (1..=100 * 366 * 24 * 60 * 60).contains(seconds)),
    show: display,
};

pub const WAIT: Kind<u64> = Kind {
    expected: "a number of seconds, from 0 to 86400",
    read: |text| parse(text).filter(|seconds| *seconds <= 24 * 60 * 60),
    show: display,
};

pub const ROWS: Kind<i64> = Kind {
    expected: "a number, 1 or more",
    read: |text| parse(text).filter(|rows| *rows >= 1),
    show: display,
};

pub const COUNT: Kind<u32> = Kind {
    expected: "a number, 0 or more",
    read: parse,
    show: display,
};

pub const NETWORKS: Kind<Vec<IpNet>> = Kind {
    expected: "addresses or networks separated by commas, such as 127.0.0.1, 10.0.0.0/8",
    read: |text| {
        let networks = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        networks
            .map(|part| parse(part).or_else(|| parse(part).map(IpAddr::into)))
            .collect()
    },
    show: |networks| {
        let texts: Vec<String> = networks.iter().map(ToString::to_string).collect();
        texts.join(", ")
    },
};

pub const LOG_FORMAT: Kind<LogFormat> = Kind {
    expected: "text or json",
    read: LogFormat::read,
    show: |format| format.as_str().to_owned(),
};

pub const LOG_LEVEL: Kind<LogLevel> = Kind {
    expected: "error, warn, info, debug or trace",
    read: LogLevel::read,
    show: |level| level.as_str().to_owned(),
};

pub const METRICS_READERS: Kind<MetricsReaders> = Kind {
    expected: "admin, loopback or anyone",
    read: MetricsReaders::read,
    show: |readers| readers.as_str().to_owned(),
};

fn parse<T: FromStr>(text: &str) -> Option<T> {
    text.trim().parse().ok()
}

fn display<T: Display>(value: &T) -> String {
    value.to_string()
}
