// A mapping file, compiled: which records it is for, how they become JSON, and what the event
// around the JSON says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/config.h"
#include "bridge/core/diagnostics.h"
#include "bridge/core/source_attributes.h"
#include "codecs/condition/condition.h"
#include "codecs/mapping/hierarchy.h"
#include "codecs/mapping/message_readings.h"
#include "codecs/mapping/source_match.h"
#include "codecs/plan/plan.h"
#include "codecs/plan/text_template.h"

namespace copybridge::mapping {

/// One entry of `examples:`: a record and the event it must become.
struct Example {
  ByteBuffer record;
  /// The expected body as JSON text, members in the order written; scalars that YAML would take
  /// for numbers or true/false/null unquoted stand as such, quoted ones are strings.
  std::string body;
  std::string key;      ///< expected key, where the example names one
  std::string subject;  ///< likewise
  /// Expected attributes beside those, where the example names them.
  std::vector<std::pair<std::string, std::string>> attributes;
  /// What the source says of the record.
  std::vector<std::pair<std::string, std::string>> source;
  bool has_key = false;
  bool has_subject = false;
  bool is_filtered = false;  ///< `event: filtered`: only_if must not hold
  Where where;
};

/// A further attribute of the event: a CloudEvents extension.
struct EventAttribute {
  std::string name;
  std::unique_ptr<const plan::TextTemplate> value;
};

/// Compiled once, immutable, used from any number of threads.
struct Mapping {
  std::string name;
  std::filesystem::path file;
  std::filesystem::path copybook_file;
  std::string mapping_hash;   ///< XXH3-128 of the mapping file, hexadecimal
  std::string copybook_hash;  ///< of the copybook with its COPY members

  std::shared_ptr<const copybook::Layout> layout;
  plan::PlanOptions options;
  framing::RecordPlace place = framing::RecordPlace::detail;  ///< of the records it is for
  condition::Condition match;                                 ///< empty: every record
  SourceMatch match_source;
  condition::Condition only_if;  ///< empty: every matching record is published
  std::shared_ptr<const plan::Plan> plan;
  /// Which alternative of a REDEFINES is decoded when, as compiled into the plan.
  std::vector<plan::Alternative> alternatives;
  /// Documents of a record of this type and those that belong to it; null: single records. All
  /// else above is about the root then.
  std::shared_ptr<const Hierarchy> hierarchy;
  /// What messages say of their code page, against this or in its place: with `codepage:
  /// from-message` a record is read by what of() gives for it, and never by this.
  std::shared_ptr<const MessageReadings> readings;
  std::string event_type;
  std::unique_ptr<const plan::TextTemplate> subject;  ///< null: none
  std::unique_ptr<const plan::TextTemplate> key;      ///< null: none
  std::vector<EventAttribute> attributes;             ///< left out where their text is empty
  std::vector<Example> examples;

  /// Whether a record (a document, where there is a hierarchy) that stands there is of this type.
  /// Without a source match_source does not count: a file is looked at by hand.
  [[nodiscard]] condition::Truth matches(ByteView record, framing::RecordPlace where) const;
  [[nodiscard]] condition::Truth matches(ByteView record, framing::RecordPlace where,
                                         const SourceAttributes& source) const;
  /// Why it cannot be told, after a misfit.
  [[nodiscard]] std::string explain_match(ByteView record) const;
  /// The record that only_if, subject and key are about: a document's first.
  [[nodiscard]] ByteView subject_record(ByteView record) const;
  /// As plan::Plan, of the whole document.
  [[nodiscard]] bool decode(ByteView record, TextBuffer& out,
                            plan::Plan::Counts* counts = nullptr) const;
  [[nodiscard]] plan::BadField explain(ByteView record) const;
};

/// Loads a mapping file and everything it names. Every mistake of the mapping and of its copybook
/// is reported with file:line:column; null where there are errors.
[[nodiscard]] std::unique_ptr<const Mapping> load(const std::filesystem::path& path,
                                                  Diagnostics& diagnostics);

/// Reports a mapping that takes its code page from messages, where there are none.
void refuse_by_message(const Mapping* mapping, Diagnostics& diagnostics);

/// The JSON text of a configuration node, by the rule of Example::body.
[[nodiscard]] std::string to_json(const ConfigNode& node);

}  // namespace copybridge::mapping
