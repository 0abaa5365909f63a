use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::ByteRecord;
use portal_core::import::{Header, Refusal, Row, Sheet};

use super::ImportError;

/// The most bytes of one row. A quote that is never closed would otherwise make one row of the rest of the file.
const MOST_ROW_BYTES: u64 = 1 << 20;

/// One row of the file.
pub(super) struct Line {
    /// The line that it begins on, from 1.
    pub(super) number: u64,
    /// What it says, or why that cannot be told.
    pub(super) row: Result<Row, Vec<Refusal>>,
}

/// The rows of a CSV file (RFC 4180), one after the other.
pub(super) struct Lines<R> {
    reader: csv::Reader<Metered<R>>,
    meter: Arc<Meter>,
    delimiter: u8,
    record: ByteRecord,
}

impl<R: Read> Lines<R> {
    /// Looks at the first bytes: past a byte-order mark, and no further for what is not text.
    pub(super) fn open(mut file: R, delimiter: u8) -> Result<Lines<impl Read>, ImportError> {
        const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
        let mut start = Vec::with_capacity(4);
        file.by_ref().take(4).read_to_end(&mut start)?;
        let refuse = |why: &str| Err(ImportError::File(why.into()));
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
            return refuse("The file is UTF-16 text. Save it as \"CSV UTF-8\".");
        }
        if start.starts_with(b"PK\x03\x04") || start.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return refuse("The file is a spreadsheet, not CSV. Save it as \"CSV UTF-8\".");
        }
        if start.starts_with(BYTE_ORDER_MARK) {
            start.drain(..BYTE_ORDER_MARK.len());
        }
        let meter = Arc::new(Meter::default());
        let metered = Metered {
            // The last line may lack its end; with one, every row ends where the next line begins.
            inner: io::Cursor::new(start).chain(file).chain(&b"\n"[..]),
            meter: Arc::clone(&meter),
        };
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            // Of the two signs that may end a line the reader is only told of the last: it counts lines by it.
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(metered);
        Ok(Lines {
            reader,
            meter,
            delimiter,
            record: ByteRecord::new(),
        })
    }

    /// The names of the columns.
    pub(super) fn header(&mut self, sheet: Sheet) -> Result<Header, ImportError> {
        if !self.read()? {
            return Err(ImportError::File("The file is empty.".into()));
        }
        let names: Vec<String> = self
            .values()
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect();
        if names.iter().any(|name| name.contains('\r')) {
            return Err(ImportError::File(
                "The file's lines end as on an old Macintosh. Save it as \"CSV UTF-8\".".into(),
            ));
        }
        if let [only] = names.as_slice()
            && let Some(other) = [';', '\t', ','].into_iter().find(|c| only.contains(*c))
            && u8::try_from(other).ok() != Some(self.delimiter)
        {
            let name = if other == '\t' {
                "tab".into()
            } else {
                format!("'{other}'")
            };
            return Err(ImportError::File(format!(
                "The first line is one column. Its values seem to be separated by {other:?}: use --delimiter {name}."
            )));
        }
        Ok(Header::read(sheet, &names)?)
    }

    /// The next row; rows without any value are passed over, as spreadsheets write them below the last.
    pub(super) fn next(&mut self, header: &Header) -> Result<Option<Line>, ImportError> {
        while self.read()? {
            if self.record.iter().all(|value| value.trim_ascii().is_empty()) {
                continue;
            }
            let number = self.line();
            let values = self
                .record
                .iter()
                .map(|value| str::from_utf8(value).ok().map(str::to_owned))
                .collect();
            return Ok(Some(Line {
                number,
                row: header.row(values),
            }));
        }
        Ok(None)
    }

    /// The line that the row began on. The reader's own answer is the line of the blank ones before it.
    fn line(&self) -> u64 {
        let lines = self.record.as_slice().split(|byte| *byte == b'\n').count();
        let next = self.reader.position().line();
        next.saturating_sub(u64::try_from(lines).unwrap_or(u64::MAX))
    }

    /// The values of the row that was read, without what belongs to the end of its line.
    fn values(&self) -> impl Iterator<Item = &[u8]> {
        let last = self.record.len().saturating_sub(1);
        self.record.iter().enumerate().map(move |(index, value)| {
            if index == last {
                value.strip_suffix(b"\r").unwrap_or(value)
            } else {
                value
            }
        })
    }

    /// How much of the file was read.
    pub(super) fn bytes(&self) -> u64 {
        self.reader.position().byte()
    }

    fn read(&mut self) -> Result<bool, ImportError> {
        self.meter.start_row();
        let line = self.reader.position().line();
        self.reader.read_byte_record(&mut self.record).map_err(|error| {
            if self.meter.is_over() {
                ImportError::File(format!(
                    "The row that begins at line {line} is longer than 1 MiB. Perhaps a value begins with a quote \
                     that never ends. Rows before it are imported."
                ))
            } else {
                ImportError::Io(error.into())
            }
        })
    }
}

/// Counts the bytes of a row.
#[derive(Default)]
struct Meter {
    row: AtomicU64,
}

impl Meter {
    fn start_row(&self) {
        self.row.store(0, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        self.row.load(Ordering::Relaxed) > MOST_ROW_BYTES
    }
}

/// A reader that gives up within a row that has no end.
struct Metered<R> {
    inner: R,
    meter: Arc<Meter>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.meter.is_over() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let count = self.inner.read(buffer)?;
        let count_u64 = u64::try_from(count).unwrap_or(u64::MAX);
        self.meter.row.fetch_add(count_u64, Ordering::Relaxed);
        Ok(count)
    }
}
