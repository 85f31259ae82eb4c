// Code pages and byte orders of a batch's messages, against mappings or in their place.
#pragma once

#include <string>
#include <vector>

#include "bridge/core/source_attributes.h"
#include "codecs/mapping/mapping.h"

namespace copybridge::bridge {

/// A queue whose messages say another code page or byte order than the mapping that reads them.
struct FormDifference {
  const mapping::Mapping* mapping = nullptr;
  std::string queue;
  std::string text;
};

/// Of one batch, whose neighbouring messages mostly say the same.
class FormReader {
 public:
  using Reading = mapping::MessageReadings::Reading;

  /// What reads the record by a mapping that takes its code page from messages. Stands until the
  /// next call.
  const Reading& reading(const mapping::Mapping& mapping, const SourceAttributes& source);
  /// Adds what is to be told of a record's message.
  void note(const mapping::Mapping& mapping, const SourceAttributes& source,
            std::vector<FormDifference>& differences);

 private:
  struct Known {
    const mapping::Mapping* mapping;
    std::string ccsid;
    std::string encoding;
    Reading reading;
  };

  /// What the last message said that was read by it; whether this one says the same.
  bool finds(const mapping::Mapping& mapping, const SourceAttributes& source, Known*& known);

  std::vector<Known> known_;  ///< one per mapping
};

}  // namespace copybridge::bridge
