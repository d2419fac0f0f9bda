//! The kinds of values that a strict table refuses or alters, by the names under which they are counted.

/// A kind of value that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Misfit {
    TooLong,
    Nul,
    NotUtf8,
    NotJson,
    OutOfRange,
    NotWhole,
    BadTime,
    NoParent,
    NotFinite,
    /// A time that is spelled otherwise and reads the same: it fits, and is told.
    Respelled,
    /// A value that its column keeps less exactly, or with its JSON in another order: it fits, and is told.
    Adapted,
}

impl Misfit {
    pub const ALL: [Misfit; 11] = [
        Misfit::TooLong,
        Misfit::Nul,
        Misfit::NotUtf8,
        Misfit::NotJson,
        Misfit::OutOfRange,
        Misfit::NotWhole,
        Misfit::BadTime,
        Misfit::NoParent,
        Misfit::NotFinite,
        Misfit::Respelled,
        Misfit::Adapted,
    ];

    /// Whether the value is taken all the same, and its original is not kept.
    pub fn fits(self) -> bool {
        matches!(self, Misfit::Respelled | Misfit::Adapted)
    }

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Misfit::TooLong => "too_long",
            Misfit::Nul => "nul",
            Misfit::NotUtf8 => "not_utf8",
            Misfit::NotJson => "not_json",
            Misfit::OutOfRange => "out_of_range",
            Misfit::NotWhole => "not_whole",
            Misfit::BadTime => "bad_time",
            Misfit::NoParent => "no_parent",
            Misfit::NotFinite => "not_finite",
            Misfit::Respelled => "respelled",
            Misfit::Adapted => "adapted",
        }
    }

    /// What such a job has, and what becomes of it: to be read behind a number of jobs.
    pub fn told(self) -> &'static str {
        match self {
            Misfit::TooLong => "with a text longer than its column: cut",
            Misfit::Nul => "with a NUL character: replaced by U+FFFD",
            Misfit::NotUtf8 => "with a text that is not UTF-8: what is none replaced by U+FFFD",
            Misfit::NotJson => "with no JSON where JSON belongs: left empty",
            Misfit::OutOfRange => {
                "with a number that its column does not hold, or with none: left empty"
            }
            Misfit::NotWhole => "with a count that is not whole: left empty",
            Misfit::BadTime => "with a time that cannot be read: left empty",
            Misfit::NoParent => "of an episode or series that is not there: left empty",
            Misfit::NotFinite => "with a number that is not finite: left empty",
            Misfit::Respelled => "with a time that is spelled otherwise and reads the same",
            Misfit::Adapted => {
                "with a value that its column keeps otherwise: rounded, without blanks at its end, or JSON with its keys in another order"
            }
        }
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Misfits(u16);

impl Misfits {
    pub fn add(&mut self, misfit: Misfit) {
        self.0 |= 1 << misfit as u16;
    }

    pub fn add_all(&mut self, misfits: Misfits) {
        self.0 |= misfits.0;
    }

    pub fn has(self, misfit: Misfit) -> bool {
        self.0 & 1 << misfit as u16 != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Misfit> {
        Misfit::ALL
            .into_iter()
            .filter(move |misfit| self.has(*misfit))
    }

    pub(super) fn into_fitting(self) -> impl Iterator<Item = Misfit> {
        Misfit::ALL
            .into_iter()
            .filter(move |misfit| misfit.fits() && self.has(*misfit))
    }

    /// The first kind for which a table refuses or alters the value; None where it takes it, if otherwise.
    pub fn worst(self) -> Option<Misfit> {
        self.iter().find(|misfit| !misfit.fits())
    }
}

impl From<Misfit> for Misfits {
    fn from(misfit: Misfit) -> Misfits {
        let mut misfits = Misfits::default();
        misfits.add(misfit);
        misfits
    }
}
