// Looking ahead, and going back to where the records that are handed out end.
#include "codecs/framing/trailer_framer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace copybridge::framing {

TrailerFramer::TrailerFramer(std::unique_ptr<Framer> records, const FramingOptions& options)
    : records_(std::move(records)), trailers_(options.trailer_records) {}

Result<Framed> TrailerFramer::next(ByteView piece, bool end_of_stream, std::size_t records_max,
                                   std::vector<RecordSpan>& records) {
  const std::size_t first = records.size();
  const State before = records_->state();
  const std::size_t in_sight_max =
      records_max + std::min(trailers_, std::numeric_limits<std::size_t>::max() - records_max);
  Result<Framed> framed = records_->next(piece, end_of_stream, in_sight_max, records);
  const std::size_t found = records.size() - first;
  const bool is_end = framed && end_of_stream && framed->consumed == piece.size();
  const std::size_t known = is_end ? found : found - std::min(found, trailers_);
  const std::size_t count = std::min(known, records_max);
  if (!framed && found > count)
    framed.error().message +=
        fmt::format(" (the {} records before it may be trailers)", found - count);
  if (count < found) {
    records.resize(first);
    records_->restore(before);
    Result<Framed> again = Framed{0};
    if (count > 0) again = records_->next(piece, end_of_stream, count, records);
    if (framed) framed = again;
  }
  if (!is_end) return framed;
  for (std::size_t i = found - std::min(found, trailers_); i < count; ++i) {
    RecordPlace& place = records[first + i].place;
    if (place == RecordPlace::detail) place = RecordPlace::trailer;
  }
  return framed;
}

}  // namespace copybridge::framing
