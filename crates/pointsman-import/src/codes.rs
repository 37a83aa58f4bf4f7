//! The codes of the findings.

use pointsman_types::Code;

/// A field that is needed is not there.
pub const MISSING: Code = Code::from_static("PI0001");
/// A field is of another kind than it should be.
pub const WRONG_TYPE: Code = Code::from_static("PI0002");
/// A value that the field does not allow.
pub const BAD_VALUE: Code = Code::from_static("PI0003");
/// None, or more than one, of what stands for exactly one.
pub const NOT_ONE: Code = Code::from_static("PI0004");
/// It works only where a route shares the traffic.
pub const NEEDS_ROUTE: Code = Code::from_static("PI0005");
/// The plan as a whole is not possible.
pub const INVALID_PLAN: Code = Code::from_static("PI0006");
/// A plan cannot say it: it is lost.
pub const NOT_CARRIED: Code = Code::from_static("PI0101");
/// It is not a matter of the plan but of manifests, or of the caller.
pub const ELSEWHERE: Code = Code::from_static("PI0102");
/// It is carried over, and behaves differently.
pub const DIFFERS: Code = Code::from_static("PI0103");
/// Nobody knows the field.
pub const UNKNOWN_FIELD: Code = Code::from_static("PI0104");
/// The object that is named is not among those given.
pub const UNKNOWN_OBJECT: Code = Code::from_static("PI0105");
/// The other tool cannot say it.
pub const NOT_EXPRESSIBLE: Code = Code::from_static("PI0201");
/// A name had to be chosen.
pub const CHOSEN_NAME: Code = Code::from_static("PI0202");
