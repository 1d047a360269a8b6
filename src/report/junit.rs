//! A verdict as JUnit XML, which CI systems show: a test case an output.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::verdict;
use crate::shown::shown;
use crate::verify::Verdict;

/// Writes `verdict` on the clip named `clip` to `output`.
///
/// # Errors
/// Whatever `output` says.
pub fn write(verdict: &Verdict, clip: &str, output: &mut dyn Write) -> io::Result<()> {
    let mut suite = TestSuite::new(&*shown(clip));
    for check in &verdict.checks {
        let status = if check.passed {
            TestCaseStatus::success()
        } else {
            let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let mut details = Vec::new();
            verdict::details(check, &mut details)?;
            let hints = verdict.hints.iter().map(|hint| format!("hint: {hint}\n")).collect::<String>();
            failure.set_message(verdict::outcome(check));
            failure.set_description(String::from_utf8_lossy(&details).into_owned() + &hints);
            failure
        };
        let mut case = TestCase::new(check.output.clone(), status);
        case.set_classname("movinet-tf verify");
        suite.add_test_case(case);
    }
    let mut report = Report::new("movinet-tf verify");
    report.add_test_suite(suite);
    report.serialize(&mut *output).map_err(io::Error::other)?;
    writeln!(output)
}
