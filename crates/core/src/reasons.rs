//! Every decision says why: one sentence, the same wherever it is shown.

/// Makes an enum of reasons, each with its sentence.
macro_rules! reasons {
    (
        $(#[$about:meta])*
        pub enum $reason:ident {
            $($(#[$doc:meta])* $name:ident => $sentence:literal,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $reason {
            $($(#[$doc])* $name,)*
        }

        impl $reason {
            /// Every reason there is.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The sentence.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $sentence,)*
                }
            }
        }

        impl std::fmt::Display for $reason {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $reason {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

pub(crate) use reasons;
