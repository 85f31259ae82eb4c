// One message's code page is asked for only where it is not the last one's.
#include "bridge/form_reader.h"

#include <algorithm>
#include <utility>

namespace copybridge::bridge {

bool FormReader::finds(const mapping::Mapping& mapping, const SourceAttributes& source,
                       Known*& known) {
  const std::string_view ccsid = source.find("mq-ccsid");
  const std::string_view encoding = source.find("mq-encoding");
  const auto found = std::ranges::find(known_, &mapping, &Known::mapping);
  if (found != known_.end()) {
    known = &*found;
    if (known->ccsid == ccsid && known->encoding == encoding) return true;
    known->ccsid = ccsid;
    known->encoding = encoding;
    return false;
  }
  known_.push_back({&mapping, std::string(ccsid), std::string(encoding), nullptr});
  known = &known_.back();
  return false;
}

const FormReader::Reading& FormReader::reading(const mapping::Mapping& mapping,
                                               const SourceAttributes& source) {
  Known* known = nullptr;
  if (!finds(mapping, source, known)) known->reading = mapping.readings->of(source);
  return known->reading;
}

void FormReader::note(const mapping::Mapping& mapping, const SourceAttributes& source,
                      std::vector<FormDifference>& differences) {
  if (mapping.readings->is_by_message() || source.find("mq-ccsid").empty()) return;
  Known* known = nullptr;
  if (finds(mapping, source, known)) return;
  std::string text = mapping.readings->new_difference(mapping, source);
  if (text.empty()) return;
  differences.push_back({&mapping, std::string(source.find("mq-queue")), std::move(text)});
}

}  // namespace copybridge::bridge
