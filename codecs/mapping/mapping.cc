// What a mapping makes of one record or document.
#include "codecs/mapping/mapping.h"

namespace copybridge::mapping {

condition::Truth Mapping::matches(ByteView record, framing::RecordPlace where,
                                  const SourceAttributes& source) const {
  return match_source.holds(source) ? matches(record, where) : condition::Truth::no;
}

condition::Truth Mapping::matches(ByteView record, framing::RecordPlace where) const {
  if (where != place) return condition::Truth::no;
  return hierarchy == nullptr ? match.evaluate(record) : hierarchy->matches(record);
}

std::string Mapping::explain_match(ByteView record) const {
  return match.explain(subject_record(record));
}

ByteView Mapping::subject_record(ByteView record) const {
  return hierarchy == nullptr ? record : Hierarchy::first_record(record);
}

bool Mapping::decode(ByteView record, TextBuffer& out, plan::Plan::Counts* counts) const {
  return hierarchy == nullptr ? plan->decode(record, out, counts)
                              : hierarchy->decode(record, out, counts);
}

plan::BadField Mapping::explain(ByteView record) const {
  return hierarchy == nullptr ? plan->explain(record) : hierarchy->explain(record);
}

void refuse_by_message(const Mapping* mapping, Diagnostics& diagnostics) {
  if (mapping == nullptr || mapping->readings == nullptr || !mapping->readings->is_by_message())
    return;
  diagnostics.error({mapping->file.string(), 0, 0},
                    "'codepage: from-message' is for records that come in messages of IBM MQ",
                    "name a code page");
}

}  // namespace copybridge::mapping
