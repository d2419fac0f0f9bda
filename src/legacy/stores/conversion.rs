//! The conversion of fields to columns, one after the other, by the table of their store.

use serde_json::value::RawValue;

use super::draft::{Draft, object, text_of};
use super::fields::{FieldContent, Parts, StoreField};
use super::shots;
use crate::job::status::mode_of_type;
use crate::job::{Column, Value};
use crate::text::json;

impl Draft<'_> {
    /// Takes the members with the names of these fields into columns. A value that its column does not take stays.
    pub(super) fn take(&mut self, fields: &[StoreField]) -> Result<(), String> {
        fields.iter().try_for_each(|field| self.take_one(field))
    }

    fn take_one(&mut self, field: &StoreField) -> Result<(), String> {
        let name = field.name;
        match field.holds {
            // Read before all others, with the key of the record.
            FieldContent::Id => Ok(()),
            FieldContent::Type => {
                let word = self.text(name)?;
                let word = word.ok_or_else(|| format!("it has no {name}"))?;
                self.job.set(Column::Mode, mode_of_type(&word));
                self.job.set(Column::JobType, word);
                Ok(())
            }
            FieldContent::TypeOrMode => self.text_into(name, Column::JobType),
            FieldContent::Status(words) => self.status(words),
            FieldContent::Request(parts) => {
                if let Some(raw) = self.members.peek(name) {
                    self.request(name, raw, parts)?;
                }
                self.json_into(name, Column::RequestData)
            }
            FieldContent::Text(column) => self.text_into(name, column),
            FieldContent::Foremost(column) => {
                if let Some(text) = self.text(name)? {
                    self.job.set(column, text);
                }
                Ok(())
            }
            FieldContent::Time(column) => self.time_into(name, column),
            FieldContent::Percent(column) => {
                self.value_into(name, column, |raw| json::real(name, raw, 100.0))
            }
            FieldContent::Fraction(column) => self.value_into(name, column, |raw| {
                // 0.29 * 100 is 28.999999999999996; the fraction had no such digits.
                let part = json::real(name, raw, 1.0)?;
                Ok(part.map(|part| (part * 1e8).round() / 1e6))
            }),
            FieldContent::Whole(column) => {
                self.value_into(name, column, |raw| json::integer(name, raw))
            }
            FieldContent::Json(column) => self.json_into(name, column),
            FieldContent::StoredJson(column) => self.stored_json_into(name, column),
            FieldContent::Shots => {
                // The list itself has no column and is kept with the leftovers.
                if let Some(raw) = self.members.peek(name) {
                    let (total, completed) = shots::count(raw)?;
                    self.job.set(Column::TotalShots, total);
                    self.job.set(Column::CompletedShots, completed);
                }
                Ok(())
            }
            FieldContent::OfResult => {
                if let Some(raw) = self.members.peek(name) {
                    let text = json::text(name, raw)?;
                    if text.is_none_or(|text| self.add_to_result(name, &text)) {
                        self.members.take(name);
                    }
                }
                Ok(())
            }
            FieldContent::ErrorDetails => self.error_details(name),
        }
    }

    fn value_into<V: Into<Value>>(
        &mut self,
        name: &str,
        column: Column,
        read: impl FnOnce(&RawValue) -> Result<V, String>,
    ) -> Result<(), String> {
        if let Some(raw) = self.members.take(name) {
            self.job.set(column, read(raw)?);
        }
        Ok(())
    }

    fn request(&mut self, name: &str, raw: &RawValue, parts: Parts) -> Result<(), String> {
        let request = object(name, raw)?;
        for (column, names) in parts {
            self.job.set(*column, text_of(&request, names)?);
        }
        Ok(())
    }

    fn error_details(&mut self, name: &str) -> Result<(), String> {
        let Some(raw) = self.members.peek(name) else {
            return Ok(());
        };
        if json::is_null(raw) {
            self.members.take(name);
        } else if self.job.get(Column::Error).is_null() {
            // The details themselves stay under context.legacy.
            let details: serde_json::Value = serde_json::from_str(raw.get())
                .map_err(|error| format!("\"{name}\" is not sound: {error}"))?;
            let said = ["message", "error", "reason"]
                .iter()
                .find_map(|name| details.get(name)?.as_str());
            let text = match said.or(details.as_str()) {
                Some(text) => text.to_owned(),
                None => details.to_string(),
            };
            self.job.set(Column::Error, text);
        }
        Ok(())
    }
}
