//! Each message of the API is declared once; these macros make the struct, its reading and its writing from that.

/// Declares a message: `field / with_field: Type = "wireName"`, and `oneof field / with_field: Type` for one-of groups.
macro_rules! message {
    (
        $(#[$meta:meta])*
        $name:ident {
            $( $(#[$fmeta:meta])* $field:ident / $with:ident : $type:ty = $wire:literal ),* $(,)?
            $( ; $( $(#[$ometa:meta])* oneof $ofield:ident / $owith:ident : $otype:ty ),* $(,)? )?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default)]
        #[non_exhaustive]
        pub struct $name {
            $( $(#[$fmeta])* pub $field: $type, )*
            $($( $(#[$ometa])* pub $ofield: Option<$otype>, )*)?
        }

        impl $name {
            /// Nothing set.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            $(
                #[doc = concat!("Sets `", $wire, "`.")]
                #[must_use]
                pub fn $with(mut self, value: impl Into<$type>) -> Self {
                    self.$field = value.into();
                    self
                }
            )*
            $($(
                #[doc = concat!("Sets the member of `", stringify!($otype), "`.")]
                #[must_use]
                pub fn $owith(mut self, value: impl Into<$otype>) -> Self {
                    self.$ofield = Some(value.into());
                    self
                }
            )*)?

            /// Reads one field; answers whether there is one of that name.
            #[allow(unused_variables, clippy::ptr_arg, reason = "a message may have no fields")]
            fn decode_field<'v>(
                &mut self,
                name: &str,
                value: &'v pointsman_manifest::Value,
                decoder: &mut $crate::decode::Decoder<'v>,
            ) -> bool {
                match name {
                    $( $wire => {
                        $crate::message::report_twice(!$crate::field::Field::is_unset(&self.$field), name, decoder);
                        self.$field = $crate::field::Field::decode(value, decoder);
                    } )*
                    _ => {
                        $($(
                            if <$otype as $crate::field::OneOf>::NAMES.contains(&name) {
                                let member = <$otype as $crate::field::OneOf>::decode_member(name, value, decoder);
                                $crate::message::report_one_of(self.$ofield.is_some(), <$otype as $crate::field::OneOf>::NAMES, decoder);
                                self.$ofield = member;
                                return true;
                            }
                        )*)?
                        return false;
                    }
                }
                #[allow(unreachable_code, reason = "a message may have no plain fields")]
                true
            }
        }

        impl $crate::field::Field for $name {
            fn decode<'v>(value: &'v pointsman_manifest::Value, decoder: &mut $crate::decode::Decoder<'v>) -> Self {
                let mut message = Self::default();
                $crate::message::decode_fields(value, decoder, &<Self as $crate::field::Message>::field_names, |name, value, decoder| {
                    message.decode_field(name, value, decoder)
                });
                message
            }

            fn to_value(&self) -> pointsman_manifest::Value {
                #[allow(unused_mut, reason = "a message may have no fields")]
                let mut fields = pointsman_manifest::Map::new();
                $(
                    if !$crate::field::Field::is_unset(&self.$field) {
                        fields.insert($wire, $crate::field::Field::to_value(&self.$field));
                    }
                )*
                $($(
                    if let Some(member) = &self.$ofield {
                        let (name, value) = $crate::field::OneOf::to_member(member);
                        fields.insert(name, value);
                    }
                )*)?
                pointsman_manifest::Value::Map(fields)
            }

            fn is_unset(&self) -> bool {
                *self == Self::default()
            }
        }

        impl $crate::field::Message for $name {
            fn field_names() -> Vec<&'static str> {
                #[allow(unused_mut, reason = "a message may have no one-of group")]
                let mut names = vec![$($wire),*];
                $($( names.extend_from_slice(<$otype as $crate::field::OneOf>::NAMES); )*)?
                names
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::field::Field::to_value(self).serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::message::deserialize(deserializer)
            }
        }
    };
}

/// Declares a group of fields of which at most one may be set: `Variant(Type) = "wireName"`.
macro_rules! one_of {
    (
        $(#[$meta:meta])*
        $name:ident { $( $(#[$vmeta:meta])* $variant:ident($type:ty) = $wire:literal ),* $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$vmeta])* $variant($type), )*
        }

        impl $crate::field::OneOf for $name {
            const NAMES: &'static [&'static str] = &[$($wire),*];

            fn decode_member<'v>(
                name: &str,
                value: &'v pointsman_manifest::Value,
                decoder: &mut $crate::decode::Decoder<'v>,
            ) -> Option<Self> {
                match name {
                    $( $wire => Some(Self::$variant($crate::field::Field::decode(value, decoder))), )*
                    _ => None,
                }
            }

            fn to_member(&self) -> (&'static str, pointsman_manifest::Value) {
                match self {
                    $( Self::$variant(value) => ($wire, $crate::field::Field::to_value(value)), )*
                }
            }
        }
    };
}

/// Declares an enumeration: `Variant = "WIRE_NAME" = number`, the default first.
macro_rules! wire_enum {
    (
        $(#[$meta:meta])*
        $name:ident {
            $(#[$dmeta:meta])* $default:ident = $dwire:literal = $dnumber:literal
            $(, $(#[$vmeta:meta])* $variant:ident = $wire:literal = $number:literal )* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[non_exhaustive]
        pub enum $name {
            $(#[$dmeta])*
            #[default]
            $default,
            $( $(#[$vmeta])* $variant, )*
            /// A number that the API has no name for.
            Other(i32),
        }

        impl $name {
            /// All names as written.
            pub const NAMES: &'static [&'static str] = &[$dwire $(, $wire)*];

            /// The value of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $dwire => Some(Self::$default),
                    $( $wire => Some(Self::$variant), )*
                    _ => None,
                }
            }

            /// The value of that number.
            #[must_use]
            pub const fn from_number(number: i32) -> Self {
                match number {
                    $dnumber => Self::$default,
                    $( $number => Self::$variant, )*
                    other => Self::Other(other),
                }
            }

            /// The name as written; empty for a number that has none.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    Self::$default => $dwire,
                    $( Self::$variant => $wire, )*
                    Self::Other(_) => "",
                }
            }
        }

        impl $crate::field::Field for $name {
            fn decode<'v>(value: &'v pointsman_manifest::Value, decoder: &mut $crate::decode::Decoder<'v>) -> Self {
                $crate::message::decode_enum(value, decoder, Self::NAMES, Self::from_name, Self::from_number)
            }

            fn to_value(&self) -> pointsman_manifest::Value {
                match self {
                    Self::Other(number) => (*number).into(),
                    named => named.as_str().into(),
                }
            }

            fn is_unset(&self) -> bool {
                *self == Self::default()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    Self::Other(number) => write!(f, "{number}"),
                    named => f.write_str(named.as_str()),
                }
            }
        }
    };
}

/// Declares which messages are kinds of a group: `GROUP; Type: VERSIONS, …`.
macro_rules! kinds {
    ($group:expr; $($type:ident: $versions:expr),* $(,)?) => {$(
        impl $crate::object::Kind for $type {
            const GROUP: &'static str = $group;
            const VERSIONS: &'static [&'static str] = $versions;
            const KIND: &'static str = stringify!($type);
        }
    )*};
}

pub(crate) use {kinds, message, one_of, wire_enum};
