use std::io::{self, Write};

use portal_core::text::inert;

use super::Refused;

/// The refused rows as a CSV file: line, reference, column, why. It can be opened in a spreadsheet: no value in
/// it is a formula, whatever somebody wrote into the file that it reports on.
#[derive(Debug)]
pub struct Report<W: Write>(csv::Writer<W>);

impl<W: Write> Report<W> {
    /// Begins a report.
    pub fn new(file: W) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(["line", "reference", "column", "why"])?;
        Ok(Self(writer))
    }

    /// One more refused row, a line for each thing that is wrong with it.
    pub fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        let line = refused.line.to_string();
        for refusal in &refused.refusals {
            let column = refusal.column.as_deref().unwrap_or_default();
            let cells = [&*line, &*refused.reference, column, &*refusal.why];
            self.0.write_record(cells.map(|cell| inert(cell).into_owned()))?;
        }
        Ok(())
    }

    /// Writes out what is still held back.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use portal_core::import::Refusal;

    use super::*;

    #[test]
    fn a_report_holds_no_formula() {
        let mut file = Vec::new();
        let mut report = Report::new(&mut file).unwrap();
        report
            .refused(&Refused {
                line: 7,
                reference: "=HYPERLINK(\"http://evil.example\",\"C-1\")".into(),
                refusals: vec![
                    Refusal {
                        column: Some("attribute:@SUM(A1)".into()),
                        why: "One, two\nand \"three\".".into(),
                    },
                    Refusal {
                        column: None,
                        why: " +1".into(),
                    },
                ],
            })
            .unwrap();
        report.finish().unwrap();
        let mut reader = csv::Reader::from_reader(file.as_slice());
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(&rows[0][1], "'=HYPERLINK(\"http://evil.example\",\"C-1\")");
        assert_eq!(&rows[0][3], "One, two\nand \"three\".");
        assert_eq!(&rows[1][3], "' +1");
        for row in &rows {
            assert!(row.iter().all(|cell| inert(cell) == cell), "{row:?}");
        }
    }
}
